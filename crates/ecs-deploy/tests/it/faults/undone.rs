//! Every fault on the way of a deployment that is rolled back because it does not end well.

use testkit::FakeAws;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Iam, Kind, Left, Named, Scenario, Stage};

use super::common::{iam, stage};
use crate::reluctant::{BACK, COMING, DECIDING, Service, Way};
use crate::scene;

pub(crate) struct Place {
    stage: Stage,
    service: Service,
    _aws: FakeAws,
}

impl Scenario for Way {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecs-deploy"
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Failure => "ecs-deploy-on-failure",
            Self::GivenUp => "ecs-deploy-on-failure-given-up",
            Self::TimeOut => "ecs-deploy-on-timeout",
            Self::Cancel => "ecs-deploy-on-cancel",
        }
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_ecs-deploy")
    }

    fn world(&self, _: usize) -> Place {
        let aws = scene::scene([]);
        let service = Service::new(*self, &aws);
        let names = service.clone();
        let step = scene::runner(&aws).input("preflight", "off");
        let step = match self {
            Self::Failure => step.input("on-failure", "rollback").input("wait-timeout", "1m"),
            // Longer than a service deployment is searched for.
            Self::GivenUp => step.input("on-failure", "rollback").input("wait-timeout", "5m"),
            Self::TimeOut => step.input("on-timeout", "rollback").input("wait-timeout", "0s"),
            Self::Cancel => step.input("on-cancel", "rollback"),
        };
        let stage = stage(&aws, step).naming(move |request| names.name(request));
        let stage = if *self == Self::Cancel { stage.cancelled_at(cancelling()) } else { stage };
        Place { stage, service, _aws: aws }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match (call.operation.as_str(), call.target.as_str()) {
            // Which one is its own was not known yet.
            ("ecs:DescribeServiceRevisions", DECIDING) if *self == Self::Cancel => Class::Read,
            ("ecs:DescribeServiceDeployments", BACK) if *self == Self::GivenUp => Class::Hint,
            ("ecs:DescribeServices" | "ecs:DescribeServiceDeployments", BACK) => Class::Poll,
            ("ecs:DescribeServices" | "ecs:DescribeServiceDeployments" | "ecs:DescribeTaskDefinition", _) => {
                Class::Read
            }
            (
                "ecs:ListServiceDeployments" | "ecs:DescribeServiceRevisions" | "ecs:DescribeTasks" | "ecs:ListTasks",
                _,
            ) => Class::Hint,
            ("ecs:RegisterTaskDefinition" | "ecs:UpdateService" | "ecs:StopServiceDeployment", _) => {
                Class::IdempotentWrite
            }
            _ => return None,
        })
    }

    /// Until it has ended it is a deployment as any other, and so are the hints about it.
    fn covers(&self, call: &Named, _: usize, _: Class) -> bool {
        let is_hint =
            matches!(call.operation.as_str(), "ecs:ListTasks" | "ecs:DescribeTasks" | "ecs:DescribeTaskDefinition");
        [DECIDING, BACK].contains(&call.target.as_str()) && !is_hint
    }

    /// What cannot be asked for leaves the deployment as it ended; what was asked for goes on by itself.
    fn told_of(&self, call: &Named, _: usize, _: Class, kind: Kind, failure: Failure) -> Failure {
        let (code, exit) = match self {
            _ if kind.is_cancelled() => return failure,
            Self::Cancel => ("ecs-deploy/cancelled", 130),
            Self::TimeOut => ("ecs-deploy/timed-out", 4),
            Self::Failure | Self::GivenUp if call.target == BACK => ("ecs-deploy/timed-out", 4),
            Self::Failure | Self::GivenUp => ("ecs-deploy/failed", 1),
        };
        Failure { code: code.to_owned(), exit, ..failure }
    }

    fn verdict_when_cancelled(&self, _: &Named) -> Option<&'static str> {
        Some("cancelled")
    }

    fn exceptions(&self) -> Vec<Exception> {
        let unnoticed = |operation, target, kinds, reason| Exception {
            operation,
            target,
            nth: 0,
            kinds,
            expected: Expected::Unnoticed,
            reason,
        };
        let executed = "the request was executed, which the next look shows";
        if *self == Self::Cancel {
            return vec![Exception {
                operation: "*",
                target: DECIDING,
                nth: 0,
                kinds: &[Kind::TimedOutOnce, Kind::Stalled],
                expected: self.fails().map_or(Expected::Unnoticed, Expected::Fails),
                reason: "a cancelled run has no time to wait for a time-out: it says that the rollback was not asked for, or that it may \
                         not have been received",
            }];
        }
        let mut all = vec![unnoticed(
            "ecs:DescribeServiceDeployments",
            DECIDING,
            &[Kind::Denied],
            "the service alone can be looked at, and be given the revision from before",
        )];
        if *self == Self::GivenUp {
            all.push(unnoticed("ecs:UpdateService", DECIDING, &[Kind::TimedOutAlways], executed));
            return all;
        }
        all.extend([
            unnoticed("ecs:StopServiceDeployment", DECIDING, &[Kind::TimedOutAlways], executed),
            unnoticed(
                "ecs:StopServiceDeployment",
                DECIDING,
                &[Kind::Denied],
                "the service is given the revision from before in place of that",
            ),
            unnoticed(
                "ecs:DescribeServices",
                BACK,
                &[Kind::ThrottledAlways, Kind::ErrorAlways, Kind::ResetAlways, Kind::TimedOutAlways],
                "the service deployment tells the end by itself",
            ),
        ]);
        // One look, which is all that is left after the time is up, proves nothing.
        if *self == Self::Failure {
            all.push(unnoticed(
                "ecs:DescribeServiceDeployments",
                BACK,
                &[Kind::Expired, Kind::Denied],
                "the service shows that the revision from before is back",
            ));
        }
        all
    }

    fn fails(&self) -> Option<Failure> {
        let (code, exit) = match self {
            Self::Cancel => ("ecs-deploy/cancelled", 130),
            Self::Failure | Self::GivenUp | Self::TimeOut => ("ecs-deploy/rolled-back", 3),
        };
        Some(Failure { code: code.to_owned(), exit, left: Left::Partly })
    }

    fn iam(&self) -> Option<Iam> {
        Some(iam())
    }
}

/// The request by which a run of `on-cancel` is cancelled.
fn cancelling() -> Named {
    let operation = "ecs:DescribeServiceRevisions".to_owned();
    Named { service: matrix::Service::AwsJson, operation, target: COMING.to_owned() }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        Facts::from(self.service.facts().map(|(name, value)| (name.to_owned(), value)))
    }

    fn meanwhile(&self) {
        self.service.go_on();
    }

    /// On the way the service runs the new revision.
    fn is_transient(&self, name: &str, _: &str) -> bool {
        name == "runs"
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        // Whether the rollback was asked for or is under way: it may be seen before it was answered.
        &["deployment-id", "diagnosis-json", "duration-seconds", "reason", "service-deployment-arn", "services-json"]
    }
}

#[test]
fn every_fault_on_the_way_back_from_a_failure_has_its_promised_end() {
    matrix::every_fault(&Way::Failure);
}

#[test]
fn every_fault_on_the_way_back_from_what_was_given_up_has_its_promised_end() {
    matrix::every_fault(&Way::GivenUp);
}

#[test]
fn every_fault_on_the_way_back_from_a_time_out_has_its_promised_end() {
    matrix::every_fault(&Way::TimeOut);
}

#[test]
fn every_fault_on_the_way_back_of_a_cancelled_run_has_its_promised_end() {
    matrix::every_fault(&Way::Cancel);
}
