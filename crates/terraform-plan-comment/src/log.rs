//! The whole plan for the log: what a comment or a summary may have to leave out is always here.

use actions_core::Session;

use crate::markdown::{action, diff_lines};
use crate::review::Review;
use crate::warnings::reasons;

/// Writes every change, check and drift to the log.
pub(crate) fn review(review: &Review, session: &Session) {
    for resource in &review.resources {
        let lines: Vec<String> = reasons(resource).into_iter().chain(diff_lines(&resource.attributes)).collect();
        session.log.group(&format!("{}: {}", action(resource), resource.address), &lines);
    }
    let outputs: Vec<_> = review.outputs.iter().filter_map(|output| output.value.clone()).collect();
    if !outputs.is_empty() {
        session.log.group("outputs", &diff_lines(&outputs));
    }
    if !review.opened.is_empty() {
        session.log.group("ephemeral resources: opened while it is applied, kept nowhere", &review.opened);
    }
    for resource in &review.drift {
        session
            .log
            .group(&format!("changed outside of Terraform: {}", resource.address), &diff_lines(&resource.attributes));
    }
    for check in &review.checks {
        session.log.group(&format!("check {}: {}", check.address, check.status), &check.problems);
    }
}
