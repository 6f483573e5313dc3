//! Every fault at every call, and two hundred places to be killed at.

use testkit::matrix::{self, Class, Facts, Named, Scenario, Stage};
use testkit::runner::SHA;
use testkit::{FakeGitHub, FakeRunner};

use crate::origin::Origin;
use crate::{BINARY, OTHER, REPOSITORY, runner};

/// A commit that gets its tag.
struct Tagging;

/// A commit that gets an annotated tag.
struct Annotating;

/// A commit that has its tag already, an annotated one.
struct Tagged;

/// A push to a repository of two components, which changed since the last run that succeeded and have annotated tags. One was released by a
/// later run.
struct Comparing;

struct Monorepo {
    place: Place,
    /// What the server shows.
    _origin: Origin,
}

struct Place {
    server: FakeGitHub,
    stage: Stage,
}

impl Place {
    fn new() -> Self {
        Self::with(|runner| runner)
    }

    fn with(changed: impl FnOnce(FakeRunner) -> FakeRunner) -> Self {
        let server = FakeGitHub::start().unwrap();
        server.add_tag(REPOSITORY, "v0.9.0", OTHER);
        let runner = runner(&server).file("VERSION", "1.0.0\n").input("create-tag", "true");
        let stage =
            Stage::new(changed(runner), [server.faults().clone()], matrix::github).secret("the token", server.token());
        Self { server, stage }
    }
}

fn class(call: &Named) -> Option<Class> {
    Some(match call.operation.as_str() {
        "GET /repos/{owner}/{repo}/git/matching-refs/{ref}"
        | "GET /repos/{owner}/{repo}/git/ref/{ref}"
        | "GET /repos/{owner}/{repo}/git/tags/{tag_sha}" => Class::Read,
        "POST /repos/{owner}/{repo}/git/refs" | "POST /repos/{owner}/{repo}/git/tags" => Class::IdempotentWrite,
        _ => return None,
    })
}

impl Scenario for Tagging {
    type World = Place;

    fn action(&self) -> &'static str {
        "version-detect"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn world(&self, _: usize) -> Place {
        Place::new()
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        class(call)
    }

    fn least_states(&self) -> usize {
        2
    }
}

impl Scenario for Annotating {
    type World = Place;

    fn action(&self) -> &'static str {
        "version-detect"
    }

    fn name(&self) -> &'static str {
        "version-detect-annotated"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn world(&self, _: usize) -> Place {
        Place::with(|runner| runner.input("tag-message", "Release {version}"))
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        class(call)
    }

    fn least_states(&self) -> usize {
        2
    }
}

impl Scenario for Tagged {
    type World = Place;

    fn action(&self) -> &'static str {
        "version-detect"
    }

    fn name(&self) -> &'static str {
        "version-detect-again"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn world(&self, _: usize) -> Place {
        let place = Place::new();
        place.server.add_annotated_tag(REPOSITORY, "v1.0.0", SHA);
        place
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        class(call)
    }
}

impl Scenario for Comparing {
    type World = Monorepo;

    fn action(&self) -> &'static str {
        "version-detect"
    }

    fn name(&self) -> &'static str {
        "version-detect-components"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn world(&self, _: usize) -> Monorepo {
        let origin = Origin::new();
        let config = "[[component]]\nname = \"a\"\npath = \"a\"\n[[component]]\nname = \"b\"\npath = \"b\"\n";
        let before = origin.commit(&[
            ("slipway.toml", Some(config)),
            ("a/VERSION", Some("1.0.0\n")),
            ("b/VERSION", Some("1.0.0\n")),
        ]);
        let after = origin.commit(&[("a/VERSION", Some("1.1.0\n")), ("b/x", Some("x"))]);
        let later = origin.commit(&[("a/x", Some("x"))]);
        let place = Place::with(|runner| {
            let event = serde_json::json!({"before": before, "repository": {"default_branch": "main"}});
            let runner = runner.github("push", "refs/heads/main", &after, REPOSITORY).input("create-tag", "false");
            let runner = runner.event(event).env("GITHUB_RUN_ID", "2").input("base", "last-success");
            origin.check_out(&runner, &after);
            runner
        });
        origin.show(&place.server);
        place.server.add_ended_run(REPOSITORY, [1, 70], &before, "main", "success");
        place.server.add_run(REPOSITORY, 2, 1, 70, &after);
        for (tag, commit) in [("a-v1.0.0", &before), ("b-v1.0.0", &before), ("a-v1.1.0", &later)] {
            place.server.add_annotated_tag(REPOSITORY, tag, commit);
        }
        Monorepo { place, _origin: origin }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        match call.operation.as_str() {
            "POST /graphql"
            | "GET /repos/{owner}/{repo}/git/trees/{tree_sha}"
            | "GET /repos/{owner}/{repo}/compare/{basehead}"
            | "GET /repos/{owner}/{repo}/actions/runs/{run_id}"
            | "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs" => Some(Class::Read),
            _ => class(call),
        }
    }
}

impl matrix::World for Monorepo {
    fn stage(&self) -> &Stage {
        &self.place.stage
    }

    fn facts(&self) -> Facts {
        self.place.facts()
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Where the first answer was lost, the run finds the tag there and cannot say who was first.
    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["tag-created"]
    }

    fn facts(&self) -> Facts {
        self.server.refs(REPOSITORY)
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&Tagging);
    matrix::every_fault(&Annotating);
    matrix::every_fault(&Tagged);
    matrix::every_fault(&Comparing);
}

#[test]
fn every_kill_point_leaves_a_state_that_converges() {
    matrix::every_kill(&Tagging);
    matrix::every_kill(&Annotating);
}
