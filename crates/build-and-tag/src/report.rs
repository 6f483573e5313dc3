//! Saying what was built.

use std::collections::BTreeMap;

use actions_core::amount::bytes;
use actions_core::markdown::{Cell, details, table};
use actions_core::{Annotation, Outputs, Report};
use ecr::Wildcard;

use crate::apply::{Outcome, PlatformOutcome};
use crate::embedded::program::Program;
use crate::features::Builder;
use crate::inputs::{Inputs, Tagging};
use crate::plan::{Build, DateSource, Plan};
use crate::published;

mod metadata;

/// So much is shown of a text that was given for a tag.
const SHOWN: usize = 60;

/// So many files are named.
const MOST_FILES: usize = 5;

/// So many digits of a commit's hash are shown.
const SHORT_COMMIT: usize = 7;

/// So many images in the context are named.
const MOST_LAYOUTS: usize = 5;

pub(crate) use metadata::bake;

/// The report of a run, or of a dry run.
pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    Report {
        verdict: verdict(plan, outcome),
        outputs: outputs(inputs, plan, outcome),
        summary: summary(plan, outcome),
        annotations: warnings(inputs, plan, outcome),
        ..Report::default()
    }
    .with_warnings_told()
}

fn verdict(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let image = plan.naming.references.first().cloned().unwrap_or_default();
    let builder = plan.build.name();
    if let Build::None(existing) = &plan.build {
        return format!("{} is already pushed from this commit: nothing is built", existing.reference);
    }
    match outcome {
        None => format!("would build {image} with the {builder} builder"),
        Some(outcome) if outcome.unchanged => format!("{image} was already built ({})", outcome.digest),
        Some(outcome) if outcome.digest.is_empty() => format!("built {image} with {builder} (id {})", outcome.image_id),
        Some(outcome) => format!("built {image} ({}, {})", outcome.digest, bytes(outcome.size)),
    }
}

fn outputs(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Outputs {
    let of = |text: fn(&Outcome) -> &String| outcome.map(text).cloned().unwrap_or_default();
    let told = outcome.map(|outcome| metadata::metadata(plan, outcome).to_string()).unwrap_or_default();
    Outputs::new()
        .with("image", plan.naming.references.first().cloned().unwrap_or_default())
        .with("tags", plan.naming.tags.join("\n"))
        .with("tag-names", plan.naming.tags.join("\n"))
        .with("mutable-tags", mutable(inputs))
        .with("json", metadata::json(plan, outcome).to_string())
        .with("metadata", told)
        .with("bake-file", of(|outcome| &outcome.bake_file))
        .with("digest", of(|outcome| &outcome.digest))
        .with("image-id", of(|outcome| &outcome.image_id))
        .with("imageid", of(|outcome| &outcome.image_id))
        .with("source", of(|outcome| &outcome.source))
        .with("builder", plan.build.name())
        .with("skipped", matches!(plan.build, Build::None(_)).to_string())
        .with("created", plan.naming.created.clone())
}

/// The tags that may move, as ecr-push takes them.
fn mutable(inputs: &Inputs) -> String {
    let patterns: Vec<&str> = inputs.mutable.iter().map(Wildcard::as_str).collect();
    if patterns.is_empty() { "none".to_owned() } else { patterns.join("\n") }
}

fn summary(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut rows = vec![
        vec![
            Cell::text("Tags"),
            Cell::Markdown(
                plan.naming
                    .references
                    .iter()
                    .map(|name| actions_core::markdown::code(name))
                    .collect::<Vec<_>>()
                    .join("<br>"),
            ),
        ],
        vec![Cell::text("Builder"), Cell::Markdown(actions_core::markdown::prose(&plan.builder()))],
        vec![Cell::text("Created"), Cell::code(&plan.naming.created)],
    ];
    if let Some(outcome) = outcome {
        if !outcome.digest.is_empty() {
            rows.push(vec![Cell::text("Digest"), Cell::code(&outcome.digest)]);
        }
        if !outcome.layers.is_empty() {
            rows.push(vec![
                Cell::text("Size"),
                Cell::text(format!("{} in {} layers", bytes(outcome.size), outcome.layers.len())),
            ]);
        } else if outcome.platforms.len() > 1 {
            let size = format!("{} in {} images", bytes(outcome.size), outcome.platforms.len());
            rows.push(vec![Cell::text("Size"), Cell::text(size)]);
        }
        if !outcome.image_id.is_empty() {
            rows.push(vec![Cell::text("Image id"), Cell::code(&outcome.image_id)]);
        }
        rows.push(vec![Cell::text("Source"), Cell::code(&outcome.source)]);
    }
    let mut text = table(&["", ""], &rows);
    if let Some(outcome) = outcome {
        text.push_str(&layers(outcome));
        text.push_str(&platforms(outcome));
        text.push_str(&labels(&outcome.labels));
    }
    text
}

fn layers(outcome: &Outcome) -> String {
    if outcome.layers.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<Cell>> = outcome
        .layers
        .iter()
        .map(|layer| vec![Cell::code(&layer.created_by), Cell::text(bytes(layer.size)), Cell::code(&layer.digest)])
        .collect();
    details("Layers", &table(&["Made by", "Size", "Digest"], &rows))
}

fn platforms(outcome: &Outcome) -> String {
    if outcome.platforms.len() < 2 {
        return String::new();
    }
    let row =
        |own: &PlatformOutcome| vec![Cell::code(&own.platform), Cell::text(bytes(own.size)), Cell::code(&own.digest)];
    let rows: Vec<Vec<Cell>> = outcome.platforms.iter().map(row).collect();
    details("Platforms", &table(&["Platform", "Size", "Digest"], &rows))
}

fn labels(labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<Cell>> = labels.iter().map(|(name, value)| vec![Cell::code(name), Cell::text(value)]).collect();
    details("Labels", &table(&["Label", "Value"], &rows))
}

/// Tags that are not what was written, or not there.
fn tags(inputs: &Inputs, plan: &Plan, notes: &mut Vec<Annotation>) {
    match &inputs.tagging {
        Tagging::Given(tags) => {
            for given in tags.iter().filter(|given| given.tag.as_str() != given.written) {
                let mut written: String = given.written.chars().take(SHOWN).collect();
                written.push_str(if written.len() < given.written.len() { "..." } else { "" });
                notes.push(Annotation::notice(format!("the tag `{written}` is written `{}`", given.tag)));
            }
        }
        Tagging::Rules { .. } if plan.naming.releases_unknown => {
            let text = "no stable version is known, neither by a Git tag nor in the registry, so `latest` stays where it is; \
                check the repository out with `fetch-depth: 0`";
            notes.push(Annotation::warning(text));
        }
        Tagging::Rules { .. } => {}
    }
    if let Some(higher) = &plan.naming.latest_held_by {
        let text =
            format!("`latest` stays where it is: {higher}, by a Git tag or a tag of the registry, is a higher version");
        notes.push(Annotation::notice(text));
    }
}

/// What was asked for and is without effect.
fn options(inputs: &Inputs, plan: &Plan, warnings: &mut Vec<Annotation>) {
    let options = &inputs.options;
    if matches!(plan.build, Build::Embedded(_)) {
        let mut unneeded = Builder::Embedded.unneeded(inputs);
        // No cache and fresh images are what it always does.
        unneeded.retain(|input| !["no-cache", "no-cache-filters", "pull"].contains(input));
        unneeded.dedup();
        if !unneeded.is_empty() {
            let names = unneeded.join("`, `");
            warnings.push(Annotation::warning(format!("nothing is run in this build, so `{names}` is without effect")));
        }
    } else if options.cache.lacks_token {
        let text = "the cache of GitHub is not used: a step that runs a program does not get the token for it; expose \
            ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL before (crazy-max/ghaction-github-runtime), or use `registry:IMAGE`";
        warnings.push(Annotation::warning(text));
    }
    if !options.empty_secrets.is_empty() {
        let ids = options.empty_secrets.join("`, `");
        warnings.push(Annotation::warning(format!("the secret `{ids}` is empty and is not given to the build")));
    }
    if options.attestations_dropped {
        let text = "AWS Lambda takes no image with attestations, so there are none";
        warnings.push(Annotation::warning(text));
    }
}

/// An image that says to be of another commit than was built.
fn revision(plan: &Plan, outcome: &Outcome) -> Option<Annotation> {
    let built = plan.naming.revision()?;
    let said = outcome.labels.get(published::REVISION).filter(|said| *said != built)?;
    Some(Annotation::warning(format!(
        "the Dockerfile says by the label `{}` that the image is of `{}`, and it was built from `{built}`: whoever looks for the image \
         of this commit (`repository-uri`, ecr-promote's `require-label`) does not take it for that; take the LABEL out",
        published::REVISION,
        said.chars().take(SHOWN).collect::<String>(),
    )))
}

/// Files that the commit does not have like this, though the image says to be of it.
fn uncommitted(plan: &Plan) -> Option<Annotation> {
    let commit = plan.naming.revision().filter(|_| !plan.uncommitted.is_empty())?;
    let named: Vec<&str> = plan.uncommitted.iter().map(String::as_str).take(MOST_FILES).collect();
    let more = plan.uncommitted.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let what = match plan.build {
        Build::None(_) => "what is changed is not in the image that is there",
        _ => "the image names it, and cannot be built from it again",
    };
    Some(Annotation::warning(format!(
        "tracked files of the context are not as in commit {}: `{}`{more}; {what}: commit them, or put them back (`git restore`)",
        commit.get(..SHORT_COMMIT).unwrap_or(commit),
        named.join("`, `"),
    )))
}

/// What the user can act on.
fn warnings(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Vec<Annotation> {
    let mut warnings: Vec<Annotation> = outcome.and_then(|outcome| revision(plan, outcome)).into_iter().collect();
    warnings.extend(uncommitted(plan));
    if plan.naming.dated_by == DateSource::Fallback {
        let text = "git does not know the commit's date, so the image is dated 1970-01-01; set `source-date-epoch`, or run \
            where `git log` works";
        warnings.push(Annotation::warning(text));
    }
    let unsearched = outcome.map_or(0, |outcome| outcome.unsearched);
    if unsearched > 0 && !inputs.options.secrets.is_empty() {
        let text = format!("attestations of more than 8 MiB are not searched for secrets: {unsearched} of this image");
        warnings.push(Annotation::warning(text));
    }
    tags(inputs, plan, &mut warnings);
    options(inputs, plan, &mut warnings);
    if let Build::Embedded(programs) = &plan.build {
        let unused = programs.first().map(|program| program.unused_args.join(", ")).unwrap_or_default();
        if !unused.is_empty() {
            warnings.push(Annotation::warning(format!(
                "no ARG of {} declares the build arguments: {unused}",
                inputs.file_shown
            )));
        }
        let layouts: Vec<&str> =
            programs.first().map(Program::copied_layouts).into_iter().flatten().take(MOST_LAYOUTS).collect();
        if !layouts.is_empty() {
            warnings.push(Annotation::warning(format!(
                "the image holds another one: `{}` in the context is an OCI layout, as this action writes them, and the next build differs; \
                 leave it out with .dockerignore, or set `output-folder` to a folder outside of the context",
                layouts.join("`, `")
            )));
        }
        if programs.iter().any(|program| program.copies(".git")) {
            let text =
                "the folder .git is copied into the image; leave it out with .dockerignore, or no two builds are alike";
            warnings.push(Annotation::warning(text));
        }
    }
    warnings
}
