//! What the run tells the world. Pure.

use actions_core::markdown::{self, Cell};
use actions_core::{Annotation, OutputSpec, Outputs, Report};

use super::apply::BumpOutcome;
use super::plan::{BumpPlan, Commit, Pull};

const fn output(name: &'static str, help: &'static str) -> OutputSpec {
    OutputSpec { name, help }
}

/// The outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    output(
        "version",
        "The next version, for example `1.1.0-SNAPSHOT`; what the snapshot branch has where that is as high.",
    ),
    output("branch", "The branch of the proposal; empty where none is needed."),
    output(
        "pull-request",
        "The pull request's number; empty where none is needed, and on a dry run that would open it.",
    ),
    output("pull-request-url", "The pull request's web page; empty likewise."),
    output("files", "The files that change, one per line, relative to the repository's root."),
    output("changed", "`true` when this run wrote the branch or opened the pull request, else `false`."),
];

/// Reports a run, or on a dry run what it would do.
pub(crate) fn report(plan: &BumpPlan, outcome: Option<&BumpOutcome>) -> Report {
    let (number, url) = match (&plan.pull, outcome) {
        (_, Some(outcome)) => (outcome.number, outcome.url.clone()),
        (Pull::AlreadyDone { number, url }, None) => (Some(*number), url.clone()),
        (Pull::NotNeeded | Pull::Open { .. }, None) => (None, String::new()),
    };
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    Report {
        verdict: verdict(plan, outcome, &number),
        outputs: Outputs::new()
            .with("version", &plan.next)
            .with("branch", &plan.branch)
            .with("pull-request", &number)
            .with("pull-request-url", &url)
            .with("files", plan.files.join("\n"))
            .with("changed", outcome.is_some_and(|outcome| outcome.changed).to_string()),
        summary: summary(plan, &url),
        annotations: plan.warning.iter().map(|text| Annotation::warning(text).title("version-bump")).collect(),
        ..Report::default()
    }
}

fn verdict(plan: &BumpPlan, outcome: Option<&BumpOutcome>, number: &str) -> String {
    let (version, next, branch) = (&plan.version, &plan.next, &plan.branch);
    match (&plan.commit, &plan.pull, outcome) {
        (Commit::NotNeeded, ..) => format!("already done: the snapshot branch has {version}"),
        (Commit::AlreadyDone, Pull::AlreadyDone { .. }, _) => {
            format!("already done: pull request #{number} proposes {next}")
        }
        (_, _, Some(_)) => format!("pull request #{number} proposes {next} after {version}"),
        (_, _, None) => format!("would propose {next} after {version} on the branch {branch}"),
    }
}

fn summary(plan: &BumpPlan, url: &str) -> String {
    let row = |name: &str, value: String| vec![Cell::text(name), Cell::Markdown(value)];
    let mut rows = vec![row("Version", markdown::code(&plan.version)), row("Next version", markdown::code(&plan.next))];
    if !plan.branch.is_empty() {
        rows.push(row("Branch", markdown::code(&plan.branch)));
    }
    if !url.is_empty() {
        rows.push(row("Pull request", format!("<{url}>")));
    }
    let files: Vec<String> = plan.files.iter().take(20).map(|file| markdown::code(file)).collect();
    if !files.is_empty() {
        let more = plan.files.len().saturating_sub(files.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        rows.push(row("Files", format!("{}{more}", files.join(" "))));
    }
    markdown::table(&["", ""], &rows)
}
