//! A release under every fault at every call, and killed at two hundred places.

use testkit::FakeGitHub;
use testkit::matrix::{self, Class, Facts, Failure, Kind, Named, Scenario, Stage};
use testkit::runner::SHA;

use crate::release::{put_draft, server, step};
use crate::{BINARY, REPOSITORY};

/// A version that is released and starts a workflow.
struct Releasing;

struct Place {
    server: FakeGitHub,
    stage: Stage,
}

impl Scenario for Releasing {
    type World = Place;

    fn action(&self) -> &'static str {
        "version-release"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn arguments(&self) -> Vec<String> {
        vec!["release".to_owned()]
    }

    fn world(&self, _: usize) -> Place {
        let server = server();
        let runner = step(&server).input("dispatch", "deploy.yml");
        let stage = Stage::new(runner, [server.faults().clone()], matrix::github).secret("the token", server.token());
        Place { server, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "POST /graphql" => Class::Read,
            "POST /repos/{owner}/{repo}/git/refs" | "POST /repos/{owner}/{repo}/releases" => Class::IdempotentWrite,
            "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches" => Class::AmbiguousWrite,
            "PATCH /repos/{owner}/{repo}/releases/{release_id}" => Class::Tidy,
            operation if operation.starts_with("GET ") => Class::Read,
            _ => return None,
        })
    }

    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        if class == Class::AmbiguousWrite && !kind.is_cancelled() {
            return Failure { code: "version-release/not-started".to_owned(), ..failure };
        }
        failure
    }
}

/// A draft that is published: its tag is made, an annotated one, and a workflow started.
struct Publishing;

impl Scenario for Publishing {
    type World = Place;

    fn action(&self) -> &'static str {
        "version-release"
    }

    fn name(&self) -> &'static str {
        "version-release-draft"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn arguments(&self) -> Vec<String> {
        vec!["release".to_owned()]
    }

    fn world(&self, _: usize) -> Place {
        let server = server();
        put_draft(&server, SHA, "by hand");
        let runner = step(&server).input("publish-draft", "true").input("tag-message", "Release {version}");
        let runner = runner.input("dispatch", "deploy.yml");
        let stage = Stage::new(runner, [server.faults().clone()], matrix::github).secret("the token", server.token());
        Place { server, stage }
    }

    fn class(&self, call: &Named, nth: usize) -> Option<Class> {
        Some(match (call.operation.as_str(), nth) {
            // The note of what is to be started, the publication; then the note is taken off.
            ("PATCH /repos/{owner}/{repo}/releases/{release_id}", 1 | 2)
            | ("POST /repos/{owner}/{repo}/git/tags", _) => Class::IdempotentWrite,
            _ => return Releasing.class(call, nth),
        })
    }

    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        Releasing.told(class, kind, failure)
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Where the first answer was lost, the run finds the release there and cannot say who was first.
    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["created", "notes", "started", "release-id"]
    }

    /// Whatever is started may be started twice when an answer is lost, and is never started not at all.
    fn facts(&self) -> Facts {
        let mut facts = self.server.refs(REPOSITORY);
        for release in self.server.releases(REPOSITORY) {
            let tag = release["tag_name"].as_str().unwrap_or_default();
            facts.insert(format!("release {tag}"), release["name"].to_string());
            let is_noted = release["body"].as_str().is_some_and(|body| body.contains("to be started"));
            facts.insert("a note of what is to be started".to_owned(), is_noted.to_string());
        }
        for event in self.server.dispatches(REPOSITORY) {
            facts.insert(format!("started {}", event["workflow"]), event["ref"].to_string());
        }
        facts
    }

    fn erase(&self, text: &str) -> String {
        text.replace(&self.server.url(), "<server>")
    }

    fn can_wait(&self, name: &str) -> bool {
        name == "a note of what is to be started"
    }

    fn is_transient(&self, name: &str, value: &str) -> bool {
        name == "a note of what is to be started" && value == "true"
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&Releasing);
    matrix::every_fault(&Publishing);
}

#[test]
fn every_kill_point_leaves_a_state_that_converges() {
    matrix::every_kill(&Releasing);
    matrix::every_kill(&Publishing);
}
