//! Every fault on the way of a service back to a revision that is named.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use testkit::FakeAws;
use testkit::http::Reply;
use testkit::matrix::{self, Class, Facts, Failure, Iam, Kind, Named, Scenario, Stage};

use super::common::{PROGRAM, goes_on, iam, stage};
use crate::scene::{self, NEW, OLD, deployment, described, ours, service};

/// A service that runs the eighth revision and goes back to the seventh.
struct Rollback;

struct Place {
    stage: Stage,
    /// Whether the service was given the older revision.
    is_back: Arc<AtomicBool>,
    _aws: FakeAws,
}

fn now(is_back: &AtomicBool) -> serde_json::Value {
    if is_back.load(Ordering::SeqCst) {
        service(&[deployment("ecs-svc/3", "PRIMARY", OLD, "COMPLETED")])
    } else {
        service(&[ours("COMPLETED")])
    }
}

impl Scenario for Rollback {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecs-rollback"
    }

    fn program(&self) -> &'static str {
        PROGRAM
    }

    fn arguments(&self) -> Vec<String> {
        vec!["rollback".to_owned()]
    }

    fn world(&self, _: usize) -> Place {
        let (aws, is_back) = (scene::scene([]), Arc::new(AtomicBool::new(false)));
        let (seen, update) = (Arc::clone(&is_back), Arc::clone(&is_back));
        aws.on("DescribeServices").answer(move |_| Reply::json(200, &described(now(&seen))));
        aws.on("UpdateService").answer(move |_| {
            update.store(true, Ordering::SeqCst);
            Reply::json(200, &json!({"service": now(&update)}))
        });
        aws.on("DescribeTaskDefinition").answer(|call| {
            let mut found = scene::running();
            if call.body["taskDefinition"] == NEW {
                (found["taskDefinition"]["taskDefinitionArn"], found["taskDefinition"]["revision"]) =
                    (json!(NEW), json!(8));
            }
            Reply::json(200, &found)
        });
        let runner = testkit::FakeRunner::new()
            .envs(aws.env())
            .input("cluster", "prod")
            .input("service", "web")
            .input("to", "7")
            .input("confirm", "ROLLBACK")
            .input("wait-timeout", "2m");
        let stage = stage(&aws, runner);
        Place { stage, is_back, _aws: aws }
    }

    fn class(&self, call: &Named, nth: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecs:DescribeServices" if nth > 2 => Class::Poll,
            // What runs is only compared with.
            "ecs:DescribeTaskDefinition" if nth > 1 => Class::Hint,
            "ecs:DescribeServices" | "ecs:DescribeTaskDefinition" => Class::Read,
            "ecs:ListTasks" | "ecs:DescribeTasks" | "ecs:ListServiceDeployments" => Class::Hint,
            "ecs:UpdateService" => Class::IdempotentWrite,
            _ => return None,
        })
    }

    /// A rollback goes on by itself, as a deployment does.
    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        goes_on(class, kind, failure)
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
        Facts::from([("is back".to_owned(), self.is_back.load(Ordering::SeqCst).to_string())])
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["deployment-id", "duration-seconds", "previous-task-definition-arn", "services-json", "verdict"]
    }
}

#[test]
fn every_fault_of_a_rollback_has_its_promised_end() {
    matrix::every_fault(&Rollback);
}
