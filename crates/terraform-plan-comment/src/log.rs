//! The whole plan for the log: what a comment or a summary may have to leave out is always here.

use actions_core::{LogLines, Session};

use crate::diagnostic::Log;
use crate::markdown::{action, diff_lines, diff_text};
use crate::parallel;
use crate::review::{Resource, Review};
use crate::warnings::{reasons, warnings};

/// Writes what the plan's log says.
pub(crate) fn diagnostics(log: &Log, session: &Session) {
    for diagnostic in &log.diagnostics {
        let title = format!("{}: {}{}", diagnostic.severity.word(), diagnostic.summary, diagnostic.often());
        session.log.group(&title, &diagnostic.lines());
    }
}

/// Writes everything that is known of the plan to the log.
pub(crate) fn review(review: &Review, session: &Session) {
    let group = |title: &str, lines: &[String]| session.log.group(title, lines);
    diagnostics(&review.log, session);
    for warning in warnings(review) {
        let words = [warning.headline.as_str(), warning.text.as_str()];
        let words: Vec<&str> = words.into_iter().filter(|words| !words.is_empty()).collect();
        let title = format!("{}: {}", warning.kind.word().to_ascii_lowercase(), words.join(" "));
        group(&title, &warning.items);
    }
    let add = |lines: &mut LogLines, resource| session.log.add_group(&title(resource), &text(resource), lines);
    parallel::written(&review.resources, add).for_each(|lines| session.log.write(&lines));
    if !review.outputs.is_empty() {
        let nodes: Vec<_> = review.outputs.iter().filter_map(|output| output.value.clone()).collect();
        let silent = review.outputs.iter().filter(|output| output.value.is_none());
        let silent = silent.map(|output| format!("{} changes without a new value", output.name));
        group("outputs", &diff_lines(&nodes).into_iter().chain(silent).collect::<Vec<_>>());
    }
    for entry in &review.deferred {
        let reason = format!("deferred: {}", entry.reason);
        let text = text(&entry.resource);
        let lines: Vec<&str> = std::iter::once(reason.as_str()).chain(text.lines()).collect();
        session.log.group(&format!("deferred to a later plan: {}", title(&entry.resource)), &lines);
    }
    for run in &review.invocations {
        group(&format!("action to run: {} {}", run.address, run.when), &diff_lines(&run.attributes));
    }
    if !review.opened.is_empty() {
        group("ephemeral resources: opened while it is applied, kept nowhere", &review.opened);
    }
    for resource in &review.drift {
        group(&format!("changed outside of Terraform: {}", title(resource)), &diff_lines(&resource.attributes));
    }
    for check in &review.checks {
        group(&format!("check {}: {}", check.address, check.status), &check.problems);
    }
}

fn title(resource: &Resource) -> String {
    let deposed = resource.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed {key})"));
    format!("{}: {}{deposed}", action(resource), resource.address)
}

/// Why it changes, and what of it.
fn text(resource: &Resource) -> String {
    let mut text = String::new();
    for reason in reasons(resource) {
        text.extend([&reason, "\n"]);
    }
    text + &diff_text(&resource.attributes)
}
