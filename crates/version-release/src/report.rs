//! What the run tells the world. Pure.

use actions_core::markdown::{self, Cell};
use actions_core::{Annotation, OutputSpec, Outputs, Report};

use crate::apply::Outcome;
use crate::dispatch::Target;
use crate::inputs::Inputs;
use crate::plan::{Plan, Step};

const fn output(name: &'static str, help: &'static str) -> OutputSpec {
    OutputSpec { name, help }
}

/// The outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    output("tag", "The release's tag, for example `v1.0.0`."),
    output("version", "The version that is released."),
    output("created", "`true` when this run created or published the release, else `false`."),
    output("release-id", "The release's number in GitHub's API; empty on a dry run that would create it."),
    output("release-url", "The release's web page; empty on a dry run that would create it."),
    output("draft", "`true` when the release is a draft, else `false`."),
    output("prerelease", "`true` when the release is marked as not ready for production, else `false`."),
    output("previous-tag", "The tag of the release before; empty for the first."),
    output("notes", "The notes that this run wrote, or on a dry run would write; empty where the release is there."),
    output("started", "What was started behind the release, one per line, as `dispatch` has it."),
];

/// Reports a run, or on a dry run what it would do.
pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    Report {
        verdict: verdict(plan, outcome),
        outputs: outputs(plan, outcome),
        summary: summary(inputs, plan, outcome),
        annotations: annotations(outcome),
        ..Report::default()
    }
}

fn verdict(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let (version, tag) = (&plan.version, &plan.release.tag);
    let commit = short(&plan.release.commit);
    let done = outcome.is_some();
    let started = if plan.start.is_empty() || outcome.is_some_and(|outcome| outcome.started.is_empty()) {
        String::new()
    } else {
        format!("; {} {}", if done { "started" } else { "would start" }, names(&plan.start).join(", "))
    };
    let is_draft = plan.release.draft;
    let already = || format!("already done: {tag} is released from commit {commit}{started}");
    match &plan.step {
        Step::AlreadyDone { release } if release.draft => {
            format!("already there: the draft of {tag} waits to be published")
        }
        Step::AlreadyDone { .. } => already(),
        _ if outcome.is_some_and(|outcome| !outcome.created) => already(),
        Step::Create { .. } if is_draft && done => format!("made a draft of {tag} from commit {commit}"),
        Step::Create { .. } if is_draft => format!("would make a draft of {tag} from commit {commit}"),
        Step::Create { .. } | Step::Publish { .. } if done => {
            format!("released {version} as {tag} from commit {commit}{started}")
        }
        Step::Create { .. } | Step::Publish { .. } => {
            format!("would release {version} as {tag} from commit {commit}{started}")
        }
    }
}

fn outputs(plan: &Plan, outcome: Option<&Outcome>) -> Outputs {
    let there = match (&plan.step, outcome) {
        (_, Some(outcome)) => Some(&outcome.release),
        (Step::AlreadyDone { release }, None) => Some(release),
        (Step::Create { .. } | Step::Publish { .. }, None) => None,
    };
    let created = outcome.is_some_and(|outcome| outcome.created);
    let writes = matches!(plan.step, Step::Create { .. }) && (created || outcome.is_none());
    let flag = |of: fn(&github_client::Release) -> bool, new: bool| there.map_or(new, of).to_string();
    Outputs::new()
        .with("tag", &plan.release.tag)
        .with("version", &plan.version)
        .with("created", created.to_string())
        .with("release-id", there.map(|release| release.id.to_string()).unwrap_or_default())
        .with("release-url", there.map(|release| release.url.clone()).unwrap_or_default())
        .with("draft", flag(|release| release.draft, plan.release.draft))
        .with("prerelease", flag(|release| release.prerelease, plan.release.prerelease))
        .with("previous-tag", plan.previous.clone().unwrap_or_default())
        .with("notes", if writes { plan.release.body.clone() } else { String::new() })
        .with("started", outcome.map(|outcome| names(&outcome.started).join("\n")).unwrap_or_default())
}

fn summary(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut rows = vec![
        row("Version", markdown::code(&plan.version)),
        row(
            "Git tag",
            format!("{} at {}", markdown::code(&plan.release.tag), markdown::code(short(&plan.release.commit))),
        ),
        row("Release before", plan.previous.as_ref().map_or("none".to_owned(), |tag| markdown::code(tag))),
    ];
    if let Some(outcome) = outcome {
        rows.push(row("Release", format!("<{}>", outcome.release.url)));
        let started: Vec<String> = names(&outcome.started).iter().map(|name| markdown::code(name)).collect();
        rows.push(row("Started", if started.is_empty() { "nothing".to_owned() } else { started.join(" ") }));
    }
    let mut summary = markdown::table(&["", ""], &rows);
    if outcome.is_none() {
        let calls = calls(plan);
        summary.push_str(if calls.is_empty() {
            "\nNothing would be sent: it is all there.\n"
        } else {
            "\nWould be sent:\n\n"
        });
        for call in calls {
            summary.push_str(&format!("- {}\n", markdown::code(&call)));
        }
    }
    if outcome.is_some_and(|outcome| outcome.created) && !plan.release.draft && inputs.dispatch.is_empty() {
        summary.push_str(
            "\nNeither a tag nor a release that a job's own token makes starts a workflow; what `dispatch` names is started.\n",
        );
    }
    if let Some(why) = outcome.and_then(|outcome| outcome.note_left.as_ref()) {
        summary.push_str(&format!("\n⚠️ {}\n", markdown::escape(&note_left(why))));
    }
    if matches!(plan.step, Step::Create { .. }) {
        summary.push_str(&format!("\n<details><summary>Notes</summary>\n\n{}\n</details>\n", plan.release.body));
    }
    summary
}

/// The calls that would change something, in their order.
fn calls(plan: &Plan) -> Vec<String> {
    let release = &plan.release;
    let tag = |with_tag: &bool| {
        let object = plan.tag_message.as_ref().map(|_| format!("POST /git/tags {} {}", release.tag, release.commit));
        let reference = format!("POST /git/refs refs/tags/{} {}", release.tag, release.commit);
        with_tag.then_some(object.into_iter().chain([reference])).into_iter().flatten()
    };
    let mut calls: Vec<String> = match &plan.step {
        Step::AlreadyDone { .. } => Vec::new(),
        Step::Create { with_tag } => {
            let flags =
                format!("draft={} prerelease={} make_latest={}", release.draft, release.prerelease, release.latest);
            tag(with_tag).chain([format!("POST /releases {} {flags}", release.tag)]).collect()
        }
        Step::Publish { draft, body, with_tag } => {
            let noted = (*body != draft.body).then(|| format!("PATCH /releases/{} body", draft.id));
            let flags = format!("draft=false prerelease={} make_latest={}", release.prerelease, release.latest);
            tag(with_tag).chain(noted).chain([format!("PATCH /releases/{} {flags}", draft.id)]).collect()
        }
    };
    calls.extend(plan.start.iter().map(|target| match target {
        Target::Workflow { file, git_ref } => {
            format!("POST /actions/workflows/{file}/dispatches {}", git_ref.as_deref().unwrap_or(&release.tag))
        }
        Target::Event { repository, event } => format!("POST /repos/{repository}/dispatches {event}"),
    }));
    calls
}

fn annotations(outcome: Option<&Outcome>) -> Vec<Annotation> {
    let why = outcome.and_then(|outcome| outcome.note_left.as_ref());
    why.map(|why| Annotation::warning(note_left(why)).title("version-release")).into_iter().collect()
}

fn note_left(why: &str) -> String {
    format!(
        "The release's text still says that something is to be started, so another run would start it again: {why}."
    )
}

fn names(targets: &[Target]) -> Vec<String> {
    targets.iter().map(Target::to_string).collect()
}

fn row(name: &str, value: String) -> Vec<Cell> {
    vec![Cell::text(name), Cell::Markdown(value)]
}

/// The beginning of a commit's hash.
fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}
