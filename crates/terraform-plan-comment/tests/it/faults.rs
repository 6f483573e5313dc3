//! Every fault at every call, and two hundred places to be killed at.

use testkit::FakeGitHub;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Kind, Named, Scenario, Stage};

use crate::{BINARY, REPOSITORY, github, plan, run, runner};

/// Where the plan is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// In a comment that is not there yet.
    NewComment,
    /// In the comment that showed another plan.
    OldComment,
    /// In the body of the pull request.
    Body,
}

struct Place {
    github: FakeGitHub,
    stage: Stage,
}

impl Scenario for Shown {
    type World = Place;

    fn action(&self) -> &'static str {
        "terraform-plan-comment"
    }

    fn name(&self) -> &'static str {
        match self {
            Self::NewComment => "terraform-plan-comment",
            Self::OldComment => "terraform-plan-comment-again",
            Self::Body => "terraform-plan-comment-body",
        }
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn arguments(&self) -> Vec<String> {
        let target = if *self == Self::Body { "body" } else { "comment" };
        vec!["--plan".to_owned(), plan("mixed"), "--target".to_owned(), target.to_owned()]
    }

    fn world(&self, _: usize) -> Place {
        let github = github("Written by people.\n");
        github.add_comment(REPOSITORY, 7, "octocat", "looks good");
        if *self == Self::OldComment {
            run(&runner(&github), &["--plan", &plan("json_policy")]).assert_code(0);
        }
        let runner = runner(&github).env("GITHUB_RUN_ID", "1001");
        let stage = Stage::new(runner, [github.faults().clone()], matrix::github).secret("the token", github.token());
        Place { github, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "GET /repos/{owner}/{repo}/issues/{issue_number}/comments"
            | "GET /repos/{owner}/{repo}/issues/comments/{comment_id}"
            | "GET /repos/{owner}/{repo}/pulls/{pull_number}" => Class::Read,
            "POST /repos/{owner}/{repo}/issues/{issue_number}/comments" => Class::AmbiguousWrite,
            "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}"
            | "PATCH /repos/{owner}/{repo}/pulls/{pull_number}" => Class::IdempotentWrite,
            _ => return None,
        })
    }

    fn exceptions(&self) -> Vec<Exception> {
        let unnoticed = |operation, nth, reason| Exception {
            operation,
            target: "*",
            nth,
            kinds: &[Kind::Cancelled],
            expected: Expected::Unnoticed,
            reason,
        };
        let before = "it is the look just before the write: the two are one step, which is finished";
        let after = "the write and the look whether another run wrote first are one step, which is finished";
        match self {
            Self::NewComment => vec![
                unnoticed("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", 1, after),
                unnoticed("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", 2, after),
            ],
            Self::OldComment => {
                vec![unnoticed("GET /repos/{owner}/{repo}/issues/comments/{comment_id}", 1, before)]
            }
            Self::Body => vec![unnoticed("GET /repos/{owner}/{repo}/pulls/{pull_number}", 2, before)],
        }
    }

    fn least_states(&self) -> usize {
        2
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        for (number, comment) in self.github.comments(REPOSITORY, 7).iter().enumerate() {
            facts.insert(format!("comment {number}"), comment["body"].to_string());
        }
        let body = self.github.pull(REPOSITORY, 7).map(|pull| pull["body"].to_string()).unwrap_or_default();
        facts.insert("body".to_owned(), body);
        facts
    }

    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let mut broken = Vec::new();
        if now.len() > 3 {
            broken.push("there are two comments of ours".to_owned());
        }
        if !now["body"].contains("Written by people.") || !now["comment 0"].contains("looks good") {
            broken.push("what people wrote is gone".to_owned());
        }
        broken
    }

    fn erase(&self, text: &str) -> String {
        text.replace(&self.github.url(), "SERVER")
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    [Shown::NewComment, Shown::OldComment, Shown::Body].iter().for_each(matrix::every_fault);
}

#[test]
fn every_kill_point_leaves_a_state_that_converges() {
    matrix::every_kill(&Shown::NewComment);
}
