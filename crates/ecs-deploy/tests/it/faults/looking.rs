//! Every fault at the calls that look before anything is changed: what cannot be seen keeps nothing from being done.

use testkit::FakeAws;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Iam, Kind, Named, Scenario, Stage};

use super::common::{PROGRAM, iam, stage};
use crate::preflight;
use crate::scene::{described, old};

/// A dry run of a task definition that names one of each.
struct Looking;

struct Place {
    stage: Stage,
    _aws: FakeAws,
}

impl Scenario for Looking {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecs-deploy"
    }

    fn name(&self) -> &'static str {
        "ecs-deploy-preflight"
    }

    fn program(&self) -> &'static str {
        PROGRAM
    }

    fn world(&self, _: usize) -> Place {
        let aws = preflight::world();
        preflight::single(&aws, "amd64");
        // Nothing is updated, so the service stays as it is.
        aws.on("DescribeServices").reply(described(preflight::wired(old("PRIMARY"))));
        let step = preflight::step(&aws, &preflight::file());
        let step = step.input("dry-run", "true").input("wait-for-service-stability", "false");
        Place { stage: stage(&aws, step), _aws: aws }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecs:DescribeServices" | "ecs:DescribeTaskDefinition" => Class::Read,
            "ecr:BatchGetImage"
            | "ecr:GetDownloadUrlForLayer"
            | "secretsmanager:DescribeSecret"
            | "ssm:DescribeParameters"
            | "iam:GetRole"
            | "logs:DescribeLogGroups"
            | "elasticloadbalancing:DescribeTargetGroups" => Class::Hint,
            _ => return None,
        })
    }

    fn exceptions(&self) -> Vec<Exception> {
        vec![Exception {
            operation: "ecs:DescribeTaskDefinition",
            target: "*",
            nth: 0,
            kinds: &[Kind::Denied],
            expected: Expected::Unnoticed,
            reason: "the right is not required: without it nothing is compared, and the revision is registered",
        }]
    }

    fn iam(&self) -> Option<Iam> {
        Some(iam())
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        Facts::new()
    }
}

#[test]
fn every_fault_of_a_look_leaves_the_plan() {
    matrix::every_fault(&Looking);
}
