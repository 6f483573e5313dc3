//! Every fault at every call, and two hundred places to be killed at.

mod by_codedeploy;
mod common;
mod continued;
mod failing;
mod looking;
mod moved;
mod pruned;
mod rollback;
mod tasks;
mod undone;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Iam, Kind, Named, Scenario, Stage};

use crate::emulator::{ecs, required, task_definition, with_service};

/// A service that is given another image.
struct Deployment;

struct Place {
    cluster: String,
    stage: Stage,
}

impl Scenario for Deployment {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecs-deploy"
    }

    fn program(&self) -> &'static str {
        common::PROGRAM
    }

    fn world(&self, _: usize) -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // Of one length: the emulator takes the family that is listed for a prefix.
        let cluster = format!("faults-{:05}", NUMBER.fetch_add(1, Ordering::Relaxed));
        with_service(required(), &cluster);
        let stage = Stage::aws(&required().endpoint(), required().env()).with(|runner| {
            runner
                .file("td.json", task_definition(&cluster, "shop:0").to_string())
                .input("cluster", &cluster)
                .input("service", "web")
                .input("task-definition", "td.json")
                .input("wait-timeout", "2m")
                .input("images", "shop:2")
        });
        Place { cluster, stage }
    }

    fn class(&self, call: &Named, nth: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecs:DescribeServices" if nth > 1 => Class::Poll,
            "ecs:DescribeServices" | "ecs:DescribeTaskDefinition" => Class::Read,
            "ecs:ListTasks" | "ecs:DescribeTasks" | "ecs:ListServiceDeployments" => Class::Hint,
            "ecs:RegisterTaskDefinition" | "ecs:UpdateService" => Class::IdempotentWrite,
            _ => return None,
        })
    }

    fn iam(&self) -> Option<Iam> {
        Some(Iam::emulated())
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

    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        common::goes_on(class, kind, failure)
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        let describe = |arn: &str| ecs(required(), "DescribeTaskDefinition", &json!({"taskDefinition": arn}));
        let image = |arn: &str| {
            describe(arn)["taskDefinition"]["containerDefinitions"][0]["image"].as_str().unwrap_or_default().to_owned()
        };
        let services = ecs(required(), "DescribeServices", &json!({"cluster": self.cluster, "services": ["web"]}));
        let service = &services["services"][0];
        let revisions = ecs(required(), "ListTaskDefinitions", &json!({"familyPrefix": self.cluster}));
        let revisions = revisions["taskDefinitionArns"].as_array().cloned().unwrap_or_default();
        // A revision whose registration was told to nobody is registered once more: both are the same.
        let known: BTreeSet<String> = revisions.iter().filter_map(|arn| Some(image(arn.as_str()?))).collect();
        let primary =
            service["deployments"].as_array().and_then(|all| all.iter().find(|one| one["status"] == "PRIMARY"));
        Facts::from([
            ("service".to_owned(), image(service["taskDefinition"].as_str().unwrap_or_default())),
            (
                "primary".to_owned(),
                primary.map(|one| image(one["taskDefinition"].as_str().unwrap_or_default())).unwrap_or_default(),
            ),
            ("revisions".to_owned(), known.into_iter().collect::<Vec<_>>().join(" ")),
            ("desired".to_owned(), service["desiredCount"].to_string()),
        ])
    }

    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let agree = now["service"] == now["primary"];
        if agree { Vec::new() } else { vec!["the service and its primary deployment differ".to_owned()] }
    }

    fn erase(&self, text: &str) -> String {
        text.replace(&self.cluster, "CLUSTER")
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["deployment-id", "duration-seconds", "revision", "services-json", "task-definition", "task-definition-arn"]
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&Deployment);
}

#[test]
fn every_kill_point_leaves_a_state_that_converges() {
    matrix::every_kill(&Deployment);
}
