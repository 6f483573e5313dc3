//! Every fault at every call of what `CodeDeploy` does with a service: a deployment, the word that its traffic moves, the way back.

use testkit::FakeCodeDeploy;
use testkit::codedeploy::{Moment, Scenario as Story, THEIRS, named};
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Iam, Kind, Named, Scenario, Stage};

use super::common::{PROGRAM, goes_on, iam};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The service is given another image.
    Deploying,
    /// A deployment that waits goes on.
    Continuing,
    /// The revision of before is deployed again.
    GoingBack,
    /// A deployment under way is stopped, which brings the revision of before back.
    Stopping,
}

struct Place {
    stand_in: FakeCodeDeploy,
    stage: Stage,
    by: By,
}

impl By {
    fn story(self) -> Story {
        // The first look sees the end: the time of a story moves on with each look, told or lost.
        let end = || vec![Moment::at(0, "Created"), Moment::at(5, "Succeeded").weight(100.0)];
        let story = Story {
            past: vec![(6, 72, "Succeeded"), (7, 48, "Succeeded")],
            rollout: end(),
            continued: end(),
            ..named("succeeds")
        };
        match self {
            Self::Deploying => story,
            Self::GoingBack => Story { past: vec![(7, 48, "Succeeded"), (8, 24, "Succeeded")], ..story },
            Self::Stopping => {
                Story { past: vec![(5, 48, "Succeeded")], theirs: vec![Moment::at(0, "InProgress")], ..story }
            }
            Self::Continuing => {
                Story { theirs: vec![Moment::at(0, "Ready").event("Install", "Succeeded", "")], ..story }
            }
        }
    }
}

impl Scenario for By {
    type World = Place;

    fn action(&self) -> &'static str {
        match self {
            Self::Deploying => "ecs-deploy",
            Self::Continuing => "ecs-continue",
            Self::GoingBack | Self::Stopping => "ecs-rollback",
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Deploying => "ecs-deploy-by-codedeploy",
            Self::Continuing => "ecs-continue-by-codedeploy",
            Self::GoingBack => "ecs-rollback-by-codedeploy",
            Self::Stopping => "ecs-rollback-by-codedeploy-stopped",
        }
    }

    fn program(&self) -> &'static str {
        PROGRAM
    }

    fn arguments(&self) -> Vec<String> {
        match self {
            Self::Deploying => Vec::new(),
            Self::Continuing => vec!["continue".to_owned()],
            Self::GoingBack | Self::Stopping => vec!["rollback".to_owned()],
        }
    }

    fn world(&self, _: usize) -> Place {
        let stand_in = FakeCodeDeploy::start(self.story());
        let step = match self {
            Self::Deploying => stand_in.runner().input("preflight", "off"),
            Self::Continuing => stand_in.step().input("hook-id", THEIRS).input("action", "continue"),
            Self::GoingBack | Self::Stopping => stand_in.step().input("confirm", "ROLLBACK").input("preflight", "off"),
        };
        // A stalled answer costs minutes of it.
        let wait = if *self == Self::Stopping { "15m" } else { "5m" };
        let stage = Stage::new(step.input("wait-timeout", wait), [stand_in.aws().faults().clone()], matrix::aws)
            .secret("a value of the task definition", testkit::ecs::definition::SECRET)
            .inputs(&["td.json"]);
        Place { stand_in, stage, by: *self }
    }

    fn class(&self, call: &Named, nth: usize) -> Option<Class> {
        Some(match (self, call.operation.as_str()) {
            // Whose deployment it is, before anything is done.
            (Self::Continuing, "codedeploy:GetDeployment" | "codedeploy:GetDeploymentTarget") if nth == 1 => {
                Class::Read
            }
            (Self::Stopping, "codedeploy:GetDeployment") if nth == 1 => Class::Read,
            (Self::GoingBack | Self::Stopping, "ecs:DescribeTaskDefinition") if nth > 1 => Class::Hint,
            (
                _,
                "ecs:DescribeServices"
                | "ecs:DescribeTaskDefinition"
                | "codedeploy:BatchGetDeployments"
                | "codedeploy:GetApplicationRevision"
                | "codedeploy:GetDeploymentGroup"
                | "codedeploy:ListDeployments",
            ) => Class::Read,
            (_, "codedeploy:GetDeployment") => Class::Poll,
            (_, "codedeploy:GetDeploymentTarget" | "ecs:ListTasks" | "ecs:DescribeTasks") => Class::Hint,
            (
                _,
                "ecs:RegisterTaskDefinition"
                | "codedeploy:ContinueDeployment"
                | "codedeploy:CreateDeployment"
                | "codedeploy:StopDeployment",
            ) => Class::IdempotentWrite,
            _ => return None,
        })
    }

    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        goes_on(class, kind, failure)
    }

    fn iam(&self) -> Option<Iam> {
        let mut iam = iam();
        match self {
            Self::Deploying => iam.flags.push("--codedeploy-appspec=appspec.yaml".to_owned()),
            Self::Continuing => {}
            Self::GoingBack | Self::Stopping => {
                iam.flags.push("--codedeploy-deployment-group=DgpECS-prod-web".to_owned());
            }
        }
        Some(iam)
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
        let optional = |operation| unnoticed(operation, &[Kind::Denied], "the right is not required");
        let heard = &[Kind::AnswerLost, Kind::TimedOutOnce, Kind::Truncated, Kind::Stalled, Kind::TimedOutAlways];
        let create = unnoticed(
            "codedeploy:CreateDeployment",
            heard,
            "no second deployment is made: the group tells that the first one was heard",
        );
        match self {
            Self::Deploying => {
                vec![create, optional("codedeploy:GetDeploymentGroup"), optional("ecs:DescribeTaskDefinition")]
            }
            Self::Continuing => vec![
                unnoticed("codedeploy:ContinueDeployment", heard, "the deployment tells that it was heard"),
                optional("codedeploy:GetApplicationRevision"),
                optional("ecs:DescribeTaskDefinition"),
            ],
            Self::GoingBack => vec![create, optional("codedeploy:GetDeploymentGroup")],
            Self::Stopping => vec![
                optional("codedeploy:GetDeploymentGroup"),
                Exception {
                    nth: 2,
                    ..unnoticed(
                        "codedeploy:GetDeployment",
                        &[Kind::AnswerLost, Kind::TimedOutOnce, Kind::Truncated, Kind::Stalled],
                        "by the second try what undoes it is there, so that it is looked at once less",
                    )
                },
            ],
        }
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// A revision whose registration was told to nobody is registered once more, so its number says nothing.
    fn facts(&self) -> Facts {
        let primary = self.stand_in.primary();
        let primary = match primary.rsplit(':').next() {
            Some("6") => "theirs",
            Some("5" | "7") => "the one before",
            _ => "the new one",
        };
        Facts::from([
            ("primary".to_owned(), primary.to_owned()),
            ("deployments".to_owned(), self.stand_in.made().join(" ")),
        ])
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        match self.by {
            By::Deploying | By::Continuing => {
                &["duration-seconds", "revision", "services-json", "task-definition", "task-definition-arn", "verdict"]
            }
            By::GoingBack | By::Stopping => {
                &["deployment-id", "duration-seconds", "previous-task-definition-arn", "services-json", "verdict"]
            }
        }
    }
}

#[test]
fn every_fault_of_a_deployment_by_codedeploy_has_its_promised_end() {
    matrix::every_fault(&By::Deploying);
}

#[test]
fn every_fault_of_a_word_to_codedeploy_has_its_promised_end() {
    matrix::every_fault(&By::Continuing);
}

#[test]
fn every_fault_of_a_rollback_by_codedeploy_has_its_promised_end() {
    matrix::every_fault(&By::GoingBack);
}

#[test]
fn every_fault_of_a_rollback_that_stops_a_deployment_of_codedeploy_has_its_promised_end() {
    matrix::every_fault(&By::Stopping);
}
