//! Every fault at every call of a run that acts on the hook a deployment of ECS is paused at.

use testkit::FakeEcs;
use testkit::ecs::named;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Iam, Kind, Left, Named, Scenario, Stage};

use super::common::{PROGRAM, goes_on, iam};

/// A deployment that is paused, and goes on.
struct Continuing;

struct Place {
    ecs: FakeEcs,
    stage: Stage,
}

impl Scenario for Continuing {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecs-continue"
    }

    fn program(&self) -> &'static str {
        PROGRAM
    }

    fn arguments(&self) -> Vec<String> {
        vec!["continue".to_owned()]
    }

    fn world(&self, _: usize) -> Place {
        let mut story = named("pause-hook-awaited");
        // The first look sees the end: the time of a story moves on with each look, told or lost.
        let end = story.continued.pop();
        story.continued = end.map(|end| end.at(0)).into_iter().collect();
        let ecs = FakeEcs::start(story);
        let before = ecs.runner().input("preflight", "off").run(PROGRAM, Vec::<String>::new());
        assert_eq!(before.assert_code(0).outputs["verdict"], "paused");
        let step = testkit::FakeRunner::new().envs(ecs.env()).input("cluster", "prod").input("service", "web");
        let step = step.input("hook-id", "approve").input("action", "continue").input("wait-timeout", "5m");
        let stage = Stage::new(step, [ecs.aws().faults().clone()], matrix::aws)
            .secret("a value of the task definition", testkit::ecs::definition::SECRET);
        Place { ecs, stage }
    }

    fn class(&self, call: &Named, nth: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecs:DescribeServiceDeployments" if nth > 1 => Class::Poll,
            // The service deployment alone tells the end.
            "ecs:DescribeServices" | "ecs:DescribeServiceRevisions" if nth > 1 => Class::Hint,
            "ecs:DescribeServices"
            | "ecs:DescribeServiceDeployments"
            | "ecs:DescribeServiceRevisions"
            | "ecs:DescribeTaskDefinition"
            | "ecs:ListServiceDeployments" => Class::Read,
            "ecs:ListTasks" | "ecs:DescribeTasks" => Class::Hint,
            "ecs:ContinueServiceDeployment" => Class::IdempotentWrite,
            _ => return None,
        })
    }

    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        goes_on(class, kind, failure)
    }

    fn iam(&self) -> Option<Iam> {
        Some(iam())
    }

    fn exceptions(&self) -> Vec<Exception> {
        let unnoticed = |operation, kinds, reason| Exception {
            operation,
            target: "*",
            nth: 0,
            kinds,
            expected: Expected::Unnoticed,
            reason,
        };
        let heard = &[Kind::AnswerLost, Kind::TimedOutOnce, Kind::Truncated, Kind::Stalled, Kind::TimedOutAlways];
        let optional = "the right is not required";
        vec![
            unnoticed("ecs:ContinueServiceDeployment", heard, "the hook tells that it was heard"),
            unnoticed("ecs:ListServiceDeployments", &[Kind::Denied], optional),
            unnoticed("ecs:DescribeTaskDefinition", &[Kind::Denied], optional),
            Exception {
                operation: "ecs:DescribeServices",
                target: "*",
                nth: 2,
                kinds: &[Kind::Expired, Kind::Denied],
                expected: Expected::fails("ecs-deploy/lost-sight", 4, Left::Partly),
                reason: "both are looked at, and what may not be seen any more is told",
            },
            Exception {
                operation: "ecs:DescribeServiceDeployments",
                target: "*",
                nth: 2,
                kinds: &[Kind::Expired, Kind::Denied],
                expected: Expected::fails("ecs-deploy/timed-out", 4, Left::Partly),
                reason: "the service alone is looked at then, which does not tell the end of a blue/green deployment",
            },
        ]
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// How often ECS took the word, and what that led to.
    fn facts(&self) -> Facts {
        Facts::from([
            ("acted on".to_owned(), self.ecs.continued().to_string()),
            ("revisions".to_owned(), self.ecs.active_revisions().len().to_string()),
        ])
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["duration-seconds", "verdict"]
    }
}

#[test]
fn every_fault_of_a_word_to_ecs_has_its_promised_end() {
    matrix::every_fault(&Continuing);
}
