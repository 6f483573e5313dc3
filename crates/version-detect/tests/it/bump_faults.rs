//! A bump under every fault at every call, and killed at two hundred places.

use testkit::FakeGitHub;
use testkit::matrix::{self, Class, Facts, Named, Scenario, Stage};

use crate::bump::{server, step};
use crate::{BINARY, REPOSITORY};

/// A version that is raised in two files.
struct Bumping;

struct Place {
    server: FakeGitHub,
    stage: Stage,
}

impl Scenario for Bumping {
    type World = Place;

    fn action(&self) -> &'static str {
        "version-bump"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn arguments(&self) -> Vec<String> {
        vec!["bump".to_owned()]
    }

    fn world(&self, _: usize) -> Place {
        let server = server(&[("VERSION", "1.1.0-SNAPSHOT\n")]);
        let stage =
            Stage::new(step(&server), [server.faults().clone()], matrix::github).secret("the token", server.token());
        Place { server, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "POST /repos/{owner}/{repo}/git/trees"
            | "POST /repos/{owner}/{repo}/git/commits"
            | "POST /repos/{owner}/{repo}/git/refs"
            | "POST /repos/{owner}/{repo}/pulls" => Class::IdempotentWrite,
            operation if operation.starts_with("GET ") => Class::Read,
            _ => return None,
        })
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Commits have a time, so their hashes differ: what counts is what is in them.
    fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        for name in self.server.refs(REPOSITORY).into_keys() {
            let branch = name.trim_start_matches("refs/heads/");
            facts.insert(format!("files of {branch}"), format!("{:?}", self.server.files(REPOSITORY, branch)));
        }
        for pull in self.server.pulls(REPOSITORY) {
            facts.insert(format!("pull request {}", pull["number"]), pull["title"].to_string());
        }
        facts
    }

    fn erase(&self, text: &str) -> String {
        text.replace(&self.server.url(), "<server>")
    }

    /// Where the first answer was lost, the run finds the pull request there and cannot say who was first.
    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["changed"]
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&Bumping);
}

#[test]
fn every_kill_point_leaves_a_state_that_converges() {
    matrix::every_kill(&Bumping);
}
