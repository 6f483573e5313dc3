//! The workflows of a pull request under every fault at every call.

use testkit::FakeGitHub;
use testkit::matrix::{self, Class, Facts, Named, Scenario, Stage};

use crate::changed_workflows::{origin, pull, with_pull};
use crate::origin::Origin;
use crate::{BINARY, REPOSITORY, runner};

/// A pull request in a clone of one commit: what it has in common with its target, and both commits' files.
struct Asking;

struct Place {
    server: FakeGitHub,
    stage: Stage,
    /// What the server shows.
    _origin: Origin,
}

impl Scenario for Asking {
    type World = Place;

    fn action(&self) -> &'static str {
        "changed-workflows"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn arguments(&self) -> Vec<String> {
        vec!["paths".to_owned()]
    }

    fn world(&self, _: usize) -> Place {
        let (origin, _) = origin();
        let [base, head, merge] = with_pull(&origin);
        let server = FakeGitHub::start().unwrap();
        origin.show(&server);
        let runner = runner(&server)
            .github("pull_request", "refs/pull/7/merge", &merge, REPOSITORY)
            .env("GITHUB_HEAD_REF", "feature/x")
            .env("GITHUB_BASE_REF", "main")
            .event(pull(&base, &head, "opened"));
        origin.check_out(&runner, &merge);
        let stage = Stage::new(runner, [server.faults().clone()], matrix::github).secret("the token", server.token());
        Place { server, stage, _origin: origin }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        match call.operation.as_str() {
            "GET /repos/{owner}/{repo}/compare/{basehead}" | "GET /repos/{owner}/{repo}/git/trees/{tree_sha}" => {
                Some(Class::Read)
            }
            _ => None,
        }
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        self.server.refs(REPOSITORY)
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&Asking);
}
