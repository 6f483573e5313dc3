//! The verdict, the outputs and the summary. Pure.

mod findings;

use actions_core::amount;
use actions_core::markdown::{self, Cell};
use actions_core::{Annotation, Outputs, Report};
use ecr::Repository;
use image_ref::{Digest, ImageTag};

use crate::error;
use crate::error::gate::Judged;
use crate::gate::Judgment;
use crate::newest;
use crate::outcome::{ImageOutcome, Outcome, TagOutcome, TagResult};
use crate::plan::{ImagePlan, Plan, PlannedTag, TagAction};

/// How many images a verdict names.
const MOST_NAMED: usize = 5;

pub(crate) fn report(plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let registry = registry(plan, outcome);
    let images: Vec<Image<'_>> = images(plan, outcome, &registry).collect();
    Report {
        verdict: verdict(&images, outcome),
        outputs: outputs(&images, outcome, &registry),
        summary: summary(&images, outcome),
        failure: error::gate::failure(images.iter().filter_map(|image| image.judged(plan))),
        annotations: findings::annotations(plan, &images)
            .chain(images.iter().flat_map(|image| {
                image
                    .stuck()
                    .into_iter()
                    .chain(image.overtaken())
                    .chain(image.left())
                    .chain(image.astray())
                    .chain(image.once())
            }))
            .collect(),
        ..Report::default()
    }
    .with_warnings_told()
}

/// One image with what was done with it.
struct Image<'a> {
    plan: &'a ImagePlan,
    outcome: Option<&'a ImageOutcome>,
    registry: &'a str,
}

fn images<'a>(plan: &'a Plan, outcome: Option<&'a Outcome>, registry: &'a str) -> impl Iterator<Item = Image<'a>> {
    let outcomes = outcome.map(|outcome| outcome.images.iter());
    let outcomes = outcomes.into_iter().flatten().map(Some).chain(std::iter::repeat(None));
    plan.images.iter().zip(outcomes).map(move |(plan, outcome)| Image { plan, outcome, registry })
}

impl Image<'_> {
    /// Tags that are meant to move and are new in a repository that will not let them: the next push would be refused.
    fn stuck(&self) -> Option<Annotation> {
        let mutability = &self.plan.existing.as_ref()?.mutability;
        let is_stuck = |tag: &&PlannedTag| tag.may_move && !mutability.allows_move(&tag.tag);
        let tags: Vec<String> = self.plan.tags.iter().filter(is_stuck).map(|tag| format!("`{}`", tag.tag)).collect();
        (!tags.is_empty()).then(|| {
            Annotation::warning(format!(
                "repository `{}` is {}, so the next push of another image cannot move {}; set the repository to \
                 IMMUTABLE_WITH_EXCLUSION with a filter for each of these tags",
                self.plan.repository,
                mutability.name(),
                tags.join(", ")
            ))
        })
    }

    /// Tags such as `1.0` that are moved to an image of another line, or to a snapshot, as a tag does that a workflow has as a constant.
    fn astray(&self) -> Option<Annotation> {
        let own = || self.plan.tags.iter().map(|tag| &tag.tag);
        let is_astray = |tag: &&PlannedTag| tag.may_move && tag.action.writes() && newest::is_astray(&tag.tag, own());
        let tags: Vec<String> = self.plan.tags.iter().filter(is_astray).map(|tag| format!("`{}`", tag.tag)).collect();
        let versions: Vec<String> =
            own().filter(|tag| image_ref::tag_version(tag.as_str()).is_some()).map(|tag| format!("`{tag}`")).collect();
        (!tags.is_empty()).then(|| {
            Annotation::warning(format!(
                "{} of repository `{}` goes to the image of {}, which is no release of that line; name such a tag only beside a version of its own",
                tags.join(", "),
                self.plan.repository,
                versions.join(", ")
            ))
        })
    }

    /// Tags such as `1.0` beside `1.0.1` that are written for the first time and cannot move: the next release would be refused.
    fn once(&self) -> Option<Annotation> {
        let is_part = |tag: &str| {
            let is_number =
                tag.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
            let longer =
                |other: &PlannedTag| other.tag.as_str().strip_prefix(tag).is_some_and(|rest| rest.starts_with('.'));
            is_number && self.plan.tags.iter().any(longer)
        };
        let is_once = |tag: &&PlannedTag| !tag.may_move && tag.action == TagAction::Push && is_part(tag.tag.as_str());
        let tags: Vec<String> = self.plan.tags.iter().filter(is_once).map(|tag| format!("`{}`", tag.tag)).collect();
        (!tags.is_empty()).then(|| {
            Annotation::notice(format!(
                "{} of repository `{}` is written once and stays with this image; name it in `mutable-tags` if it is to follow the next release",
                tags.join(", "),
                self.plan.repository
            ))
        })
    }

    /// Tags that another run moved to its image right after this one had written them.
    fn overtaken(&self) -> Option<Annotation> {
        let is_overtaken = |tag: &&TagOutcome| matches!(tag.result, TagResult::Overtaken { .. });
        let tags = self.outcome?.tags.iter().filter(is_overtaken);
        let tags: Vec<String> = tags.map(|tag| format!("`{}`", tag.tag)).collect();
        (!tags.is_empty()).then(|| {
            Annotation::warning(format!(
                "another run pushed to repository `{}` at the same time, and {} points at its image now; give the jobs one `concurrency` group",
                self.plan.repository,
                tags.join(", ")
            ))
        })
    }

    /// Tags that stay with a higher version.
    fn left(&self) -> Option<Annotation> {
        let planned = self.plan.tags.iter().filter_map(|tag| match &tag.action {
            TagAction::Leave { higher } => Some((&tag.tag, higher)),
            TagAction::Push | TagAction::Move { .. } | TagAction::AlreadyDone => None,
        });
        let done = self.outcome.map(|outcome| outcome.tags.iter()).into_iter().flatten();
        let done = done.filter_map(|tag| match &tag.result {
            TagResult::Left { higher } => Some((&tag.tag, higher)),
            _ => None,
        });
        let left: Vec<_> = if self.outcome.is_some() { done.collect() } else { planned.collect() };
        let release = self.plan.release.as_ref().filter(|_| !left.is_empty())?;
        let tags: Vec<String> = left.iter().map(|(tag, higher)| format!("`{tag}` (there is `{higher}`)")).collect();
        Some(Annotation::warning(format!(
            "repository `{}` has a higher version than `{release}`, so these tags stay where they are: {}; `moving-tags: any` moves them back",
            self.plan.repository,
            tags.join(", ")
        )))
    }

    /// `registry/repository` with a suffix; empty where the registry is not known yet.
    fn name(&self, suffix: &str) -> String {
        if self.registry.is_empty() {
            return String::new();
        }
        format!("{}/{}{suffix}", self.registry, self.plan.repository)
    }

    /// By the first tag that points at it, else by its digest.
    fn by_tag(&self) -> String {
        self.tags().first().map_or_else(|| self.by_digest(), |tag| self.name(&format!(":{tag}")))
    }

    fn by_digest(&self) -> String {
        self.name(&format!("@{}", self.plan.image.digest))
    }

    /// The tags that point at the image, or would: the one that was named first, then the others in the order of writing.
    fn tags(&self) -> Vec<&str> {
        let points_here = |tag: &&PlannedTag| {
            let done = self.outcome.and_then(|outcome| outcome.tags.iter().find(|done| done.tag == tag.tag));
            done.map_or(!matches!(tag.action, TagAction::Leave { .. }), |done| done.result.points_here())
        };
        let mut tags: Vec<&str> = self.plan.tags.iter().filter(points_here).map(|tag| tag.tag.as_str()).collect();
        tags.sort_by_key(|tag| *tag != self.plan.first_tag.as_str());
        tags
    }

    /// The tags that point at the image, in the order of writing; all of them where none does.
    fn named_tags(&self) -> String {
        let pointing = self.tags();
        let is_named = |tag: &&PlannedTag| pointing.is_empty() || pointing.contains(&tag.tag.as_str());
        self.plan.tags.iter().filter(is_named).map(|tag| tag.tag.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// `shop: 1.0.0, latest (4c55a8552a2c)`.
    fn line(&self) -> String {
        format!("{}: {} ({})", self.plan.repository, self.named_tags(), self.plan.image.digest.short())
    }

    fn judgment(&self) -> Option<&Judgment> {
        self.outcome?.judgment.as_ref()
    }

    /// Whether the gate kept its tags back.
    fn is_refused(&self) -> bool {
        self.judgment().is_some_and(|judgment| !judgment.passes())
    }

    /// What the gate said of it, with what becomes of its tags.
    fn judged<'a>(&'a self, plan: &'a Plan) -> Option<Judged<'a>> {
        let name = format!("{}@{}", self.plan.repository, self.plan.image.digest.short());
        let rules = plan.gate.as_ref().and_then(|gate| gate.scan.as_ref());
        Some(Judged { name, judgment: self.judgment()?, rules, tags: self.tags() })
    }

    fn pushed(&self) -> bool {
        self.outcome.is_some_and(ImageOutcome::pushed)
    }
}

/// The registry's host name; empty on a dry run that would create every repository.
fn registry(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let planned = plan.images.iter().find_map(|image| image.existing.as_ref());
    let planned = planned.map(Repository::registry).unwrap_or_default();
    outcome.map_or(planned, |outcome| outcome.registry.as_str()).to_owned()
}

fn verdict(images: &[Image<'_>], outcome: Option<&Outcome>) -> String {
    if let [image] = images {
        let (repository, rest) =
            (&image.plan.repository, format!("{} ({})", image.named_tags(), image.plan.image.digest.short()));
        return match outcome {
            _ if image.plan.is_done() => format!("{repository} has this image already: {rest}"),
            None => format!("would push {repository}: {rest}"),
            Some(_) if image.is_refused() => {
                format!("{repository}: no tag was written: {rest}")
            }
            Some(_) if !image.pushed() => format!("{repository} has this image already: {rest}"),
            Some(_) => format!("pushed {repository}: {rest}"),
        };
    }
    if images.iter().any(Image::is_refused) {
        let refused = images.iter().filter(|image| image.is_refused()).count();
        return format!("no tag of {} images was written: {refused} did not pass", images.len());
    }
    let is_new = |image: &&Image<'_>| if outcome.is_some() { image.pushed() } else { !image.plan.is_done() };
    let new: Vec<String> = images.iter().filter(is_new).map(Image::line).collect();
    let word = if outcome.is_some() { "pushed" } else { "would push" };
    let named = new.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join("; ");
    let more = if new.len() > MOST_NAMED { format!("; and {} more", new.len() - MOST_NAMED) } else { String::new() };
    match new.len() {
        0 => format!("all {} images are there already", images.len()),
        count => format!("{word} {count} of {} images: {named}{more}", images.len()),
    }
}

/// The outputs; those of one image are the first one's.
fn outputs(images: &[Image<'_>], outcome: Option<&Outcome>, registry: &str) -> Outputs {
    let first = images.first();
    Outputs::new()
        .with("image", first.map(Image::by_tag).unwrap_or_default())
        .with("image-uri", first.map(Image::by_digest).unwrap_or_default())
        .with("digest", first.map_or("", |image| image.plan.image.digest.as_str()))
        .with("registry", registry)
        .with("repository", first.map_or("", |image| image.plan.repository.as_str()))
        .with("tags", first.map(|image| image.tags().join("\n")).unwrap_or_default())
        .with("images-json", images_json(images))
        .with("scan-status", findings::status(images))
        .with("findings-json", findings::json(images).0)
        .with("pushed", outcome.is_some_and(Outcome::pushed).to_string())
}

/// Every image with where it is.
fn images_json(images: &[Image<'_>]) -> String {
    let image = |image: &Image<'_>| {
        serde_json::json!({
            "repository": image.plan.repository,
            "image": image.by_tag(),
            "image-uri": image.by_digest(),
            "digest": image.plan.image.digest,
            "tags": image.tags(),
            "pushed": image.pushed(),
        })
    };
    serde_json::Value::Array(images.iter().map(image).collect()).to_string()
}

fn summary(images: &[Image<'_>], outcome: Option<&Outcome>) -> String {
    let mut summary = String::new();
    for image in images {
        if images.len() > 1 {
            summary.push_str(&format!("### {}\n\n", markdown::code(image.plan.repository.as_str())));
        }
        summary.push_str(&image_summary(image, outcome.filter(|_| images.len() == 1)));
        summary.push('\n');
    }
    if images.len() > 1
        && let Some(outcome) = outcome
    {
        summary.push_str(&markdown::table(&["All images", "Value"], &totals(outcome)));
    }
    summary.truncate(summary.trim_end().len());
    summary.push('\n');
    summary
}

fn image_summary(image: &Image<'_>, whole: Option<&Outcome>) -> String {
    let rows: Vec<Vec<Cell>> = match image.outcome {
        Some(outcome) => outcome
            .tags
            .iter()
            .map(|tag| vec![Cell::code(tag.tag.as_str()), Cell::text(result_text(&tag.result))])
            .collect(),
        None => image
            .plan
            .tags
            .iter()
            .map(|tag| vec![Cell::code(tag.tag.as_str()), Cell::text(action_text(&tag.action))])
            .collect(),
    };
    let mut summary = markdown::table(&["Tag", "Result"], &rows);
    summary.push('\n');
    let mut facts = facts(image);
    facts.extend(whole.map(totals_of_one).unwrap_or_default());
    summary.push_str(&markdown::table(&["What", "Value"], &facts));
    if let Some(judgment) = image.judgment().filter(|judgment| !judgment.findings.is_empty()) {
        summary.push('\n');
        summary.push_str(&findings::table(judgment));
    }
    if image.outcome.is_some() {
        summary.push('\n');
        summary.push_str(&markdown::fence("sh", &format!("docker pull {}", image.by_digest())));
    }
    summary
}

fn row(name: &str, text: impl Into<String>) -> Vec<Cell> {
    vec![Cell::text(name), Cell::text(text.into())]
}

fn facts(image: &Image<'_>) -> Vec<Vec<Cell>> {
    let (plan, content) = (image.plan, &image.plan.image);
    let mut rows = vec![vec![Cell::text("Digest"), Cell::code(content.digest.as_str())]];
    if let Some(origin) = &plan.origin {
        rows.push(vec![Cell::text("From"), Cell::code(origin.to_string())]);
    }
    if content.images > 1 {
        rows.push(row("Images in the index", content.images.to_string()));
    }
    rows.push(row("Content", blobs(content.blobs, content.bytes)));
    if let Some(referrers) = plan.referrers.as_ref().filter(|referrers| referrers.count > 0) {
        rows.push(row("Signatures and attestations", referrers.count.to_string()));
    }
    if plan.existing.is_none() {
        rows.push(row("Repository", if image.outcome.is_some() { "created" } else { "would be created" }));
    }
    if let Some(verdict) = image.judgment().and_then(|judgment| judgment.scan.as_ref()) {
        let scanned = image.judgment().and_then(|judgment| judgment.scanned.as_ref());
        let age = scanned.map(|age| format!(", scanned {age}")).unwrap_or_default();
        rows.push(row("Scan", format!("{}{age}", verdict.word())));
    }
    if let Some(outcome) = image.outcome {
        rows.push(row("Uploaded", blobs(outcome.transfer.blobs_uploaded, outcome.transfer.bytes_uploaded)));
        rows.push(row("Reused", blobs(outcome.transfer.blobs_reused, outcome.transfer.bytes_reused)));
    }
    rows
}

fn totals_of_one(outcome: &Outcome) -> Vec<Vec<Cell>> {
    let mut rows = vec![
        row("Requests", outcome.requests.to_string()),
        row("Time", format!("{}.{} s", outcome.milliseconds / 1000, outcome.milliseconds % 1000 / 100)),
    ];
    if outcome.retries > 0 {
        rows.push(row("Tried again", outcome.retries.to_string()));
    }
    rows
}

fn totals(outcome: &Outcome) -> Vec<Vec<Cell>> {
    let sent = outcome.transfer;
    let mut rows = vec![
        row("Uploaded", blobs(sent.blobs_uploaded, sent.bytes_uploaded)),
        row("Reused", blobs(sent.blobs_reused, sent.bytes_reused)),
    ];
    rows.extend(totals_of_one(outcome));
    rows
}

fn result_text(result: &TagResult) -> String {
    match result {
        TagResult::Pushed => "pushed".to_owned(),
        TagResult::Moved { from } => moved("moved", from),
        TagResult::Overtaken { by } => format!("written, and moved on to {} by another run", by.short()),
        TagResult::Withheld => "kept back".to_owned(),
        TagResult::Left { higher } => left("stays", higher),
        TagResult::AlreadyDone => "already done".to_owned(),
    }
}

fn action_text(action: &TagAction) -> String {
    match action {
        TagAction::Push => "would be pushed".to_owned(),
        TagAction::Move { from } => moved("would be moved", from),
        TagAction::AlreadyDone => "already done".to_owned(),
        TagAction::Leave { higher } => left("would stay", higher),
    }
}

fn left(word: &str, higher: &ImageTag) -> String {
    format!("{word}: {higher} is higher")
}

fn moved(word: &str, from: &Digest) -> String {
    format!("{word} from {}", from.short())
}

/// `2 blobs, 1.5 KiB`.
pub(crate) fn blobs(count: usize, bytes: u64) -> String {
    format!("{}, {}", amount::count(count, "blob"), amount::bytes(bytes))
}

#[cfg(test)]
mod tests;
