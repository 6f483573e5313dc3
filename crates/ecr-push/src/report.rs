//! The verdict, the outputs and the summary. Pure.

use actions_core::amount;
use actions_core::markdown::{self, Cell};
use actions_core::{Annotation, Outputs, Report};
use image_ref::Digest;

use crate::outcome::{Outcome, TagOutcome, TagResult};
use crate::plan::{Plan, PlannedTag, TagAction};
use crate::repository::Repository;

pub(crate) fn report(plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let registry = registry(plan, outcome);
    Report {
        verdict: verdict(plan, outcome),
        outputs: outputs(plan, outcome, &registry),
        summary: summary(plan, outcome, &registry),
        annotations: stuck(plan).into_iter().chain(overtaken(plan, outcome)).collect(),
        ..Report::default()
    }
}

/// Tags that are meant to move and are new in a repository that will not let them: the next push would be refused.
fn stuck(plan: &Plan) -> Option<Annotation> {
    let mutability = &plan.existing.as_ref()?.mutability;
    let is_stuck = |tag: &&PlannedTag| tag.may_move && !mutability.allows_move(&tag.tag);
    let tags: Vec<String> = plan.tags.iter().filter(is_stuck).map(|tag| format!("`{}`", tag.tag)).collect();
    (!tags.is_empty()).then(|| {
        Annotation::warning(format!(
            "repository `{}` is {}, so the next push of another image cannot move {}; give it the setting IMMUTABLE_WITH_EXCLUSION with \
             filters for them",
            plan.repository,
            mutability.name(),
            tags.join(", ")
        ))
    })
}

/// Tags that another run moved to its image right after this one had written them.
fn overtaken(plan: &Plan, outcome: Option<&Outcome>) -> Option<Annotation> {
    let is_overtaken = |tag: &&TagOutcome| matches!(tag.result, TagResult::Overtaken { .. });
    let tags: Vec<String> = outcome?.tags.iter().filter(is_overtaken).map(|tag| format!("`{}`", tag.tag)).collect();
    (!tags.is_empty()).then(|| {
        Annotation::warning(format!(
            "another run pushed to repository `{}` at the same time, and {} points at its image now; give the jobs one `concurrency` group",
            plan.repository,
            tags.join(", ")
        ))
    })
}

/// The registry's host name; empty on a dry run that would create the repository.
fn registry(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let planned = plan.existing.as_ref().map(Repository::registry).unwrap_or_default();
    outcome.map_or(planned, |outcome| outcome.registry.as_str()).to_owned()
}

fn verdict(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let (repository, digest) = (&plan.repository, plan.image.digest.short());
    let tags: Vec<String> = plan.tags.iter().map(|tag| tag.tag.to_string()).collect();
    let tags = tags.join(", ");
    match outcome {
        _ if plan.is_done() => format!("{repository} has this image already: {tags} ({digest})"),
        None => format!("would push {repository}: {tags} ({digest})"),
        Some(outcome) if !outcome.pushed() => format!("{repository} has this image already: {tags} ({digest})"),
        Some(_) => format!("pushed {repository}: {tags} ({digest})"),
    }
}

fn outputs(plan: &Plan, outcome: Option<&Outcome>, registry: &str) -> Outputs {
    let name = |suffix: String| {
        if registry.is_empty() { String::new() } else { format!("{registry}/{}{suffix}", plan.repository) }
    };
    let is_overtaken = |tag: &PlannedTag| {
        let done = outcome.and_then(|outcome| outcome.tags.iter().find(|done| done.tag == tag.tag));
        done.is_some_and(|done| matches!(done.result, TagResult::Overtaken { .. }))
    };
    let pointing = plan.tags.iter().filter(|tag| !is_overtaken(tag));
    let mut tags: Vec<&str> = pointing.map(|tag| tag.tag.as_str()).collect();
    // The first tag that was named is the version's own; the others follow in the order of writing.
    tags.sort_by_key(|tag| *tag != plan.first_tag.as_str());
    Outputs::new()
        .with("image", name(format!(":{}", plan.first_tag)))
        .with("image-uri", name(format!("@{}", plan.image.digest)))
        .with("digest", plan.image.digest.as_str())
        .with("registry", registry)
        .with("repository", plan.repository.as_str())
        .with("tags", tags.join("\n"))
        .with("pushed", outcome.is_some_and(Outcome::pushed).to_string())
}

fn summary(plan: &Plan, outcome: Option<&Outcome>, registry: &str) -> String {
    let rows: Vec<Vec<Cell>> = match outcome {
        Some(outcome) => outcome
            .tags
            .iter()
            .map(|tag| vec![Cell::code(tag.tag.as_str()), Cell::text(result_text(&tag.result))])
            .collect(),
        None => plan
            .tags
            .iter()
            .map(|tag| vec![Cell::code(tag.tag.as_str()), Cell::text(action_text(&tag.action))])
            .collect(),
    };
    let mut summary = markdown::table(&["Tag", "Result"], &rows);
    summary.push('\n');
    summary.push_str(&markdown::table(&["What", "Value"], &facts(plan, outcome)));
    if outcome.is_some() {
        let pull = format!("docker pull {registry}/{}@{}", plan.repository, plan.image.digest);
        summary.push('\n');
        summary.push_str(&markdown::fence("sh", &pull));
    }
    summary
}

fn facts(plan: &Plan, outcome: Option<&Outcome>) -> Vec<Vec<Cell>> {
    let image = &plan.image;
    let mut rows = vec![vec![Cell::text("Digest"), Cell::code(image.digest.as_str())]];
    if image.images > 1 {
        rows.push(vec![Cell::text("Images in the index"), Cell::text(image.images.to_string())]);
    }
    rows.push(vec![Cell::text("Content"), Cell::text(blobs(image.blobs, image.bytes))]);
    if plan.existing.is_none() {
        let word = if outcome.is_some() { "created" } else { "would be created" };
        rows.push(vec![Cell::text("Repository"), Cell::text(word)]);
    }
    if let Some(outcome) = outcome {
        rows.extend(transfer(outcome));
    }
    rows
}

fn transfer(outcome: &Outcome) -> Vec<Vec<Cell>> {
    let sent = outcome.transfer;
    let row = |name: &str, text: String| vec![Cell::text(name), Cell::text(text)];
    let mut rows = vec![
        row("Uploaded", blobs(sent.blobs_uploaded, sent.bytes_uploaded)),
        row("Reused", blobs(sent.blobs_reused, sent.bytes_reused)),
        row("Requests", outcome.requests.to_string()),
        row("Time", format!("{}.{} s", outcome.milliseconds / 1000, outcome.milliseconds % 1000 / 100)),
    ];
    if outcome.retries > 0 {
        rows.push(row("Tried again", outcome.retries.to_string()));
    }
    rows
}

fn result_text(result: &TagResult) -> String {
    match result {
        TagResult::Pushed => "pushed".to_owned(),
        TagResult::Moved { from } => moved("moved", from),
        TagResult::Overtaken { by } => format!("written, and moved on to {} by another run", by.short()),
        TagResult::AlreadyDone => "already done".to_owned(),
    }
}

fn action_text(action: &TagAction) -> String {
    match action {
        TagAction::Push => "would be pushed".to_owned(),
        TagAction::Move { from } => moved("would be moved", from),
        TagAction::AlreadyDone => "already done".to_owned(),
    }
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
