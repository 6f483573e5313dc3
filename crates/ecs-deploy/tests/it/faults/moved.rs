//! Every fault at the rules and schedules that are moved to the new revision.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use testkit::FakeAws;
use testkit::http::Reply;
use testkit::matrix::{self, Class, Facts, Failure, Iam, Kind, Named, Scenario, Stage};

use super::common::{PROGRAM, Willing, goes_on, iam, stage};
use crate::scene::OLD;
use crate::targets::{schedule, target};

/// A rule with two pages of targets, and a schedule.
struct Moving;

struct Place {
    stage: Stage,
    service: Willing,
    targets: Arc<Mutex<Vec<Value>>>,
    schedule: Arc<Mutex<Value>>,
    _aws: FakeAws,
}

fn revision(of: &Value) -> String {
    let arn = of["EcsParameters"]["TaskDefinitionArn"].as_str().unwrap_or_default();
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

impl Place {
    fn new() -> Self {
        let aws = crate::targets::world();
        let service = Willing::script(&aws, |service| service);
        let targets = Arc::new(Mutex::new(vec![target("1", OLD), target("2", OLD)]));
        let schedule = Arc::new(Mutex::new(schedule(OLD)));
        let (read, put) = (Arc::clone(&targets), Arc::clone(&targets));
        aws.on("ListTargetsByRule").answer(move |call| {
            let targets = read.lock().unwrap_or_else(PoisonError::into_inner);
            let page = if call.body["NextToken"] == "2" {
                json!({"Targets": [targets[1]]})
            } else {
                json!({"Targets": [targets[0]], "NextToken": "2"})
            };
            Reply::json(200, &page)
        });
        aws.on("PutTargets").answer(move |call| {
            let mut targets = put.lock().unwrap_or_else(PoisonError::into_inner);
            for new in call.body["Targets"].as_array().into_iter().flatten() {
                targets.iter_mut().filter(|own| own["Id"] == new["Id"]).for_each(|own| own.clone_from(new));
            }
            Reply::json(200, &json!({"FailedEntryCount": 0, "FailedEntries": []}))
        });
        let (read, put) = (Arc::clone(&schedule), Arc::clone(&schedule));
        aws.on_rest("GET", "/schedules/*")
            .answer(move |_| Reply::json(200, &read.lock().unwrap_or_else(PoisonError::into_inner)));
        aws.on_rest("PUT", "/schedules/*").answer(move |call| {
            put.lock().unwrap_or_else(PoisonError::into_inner)["Target"] = call.body["Target"].clone();
            let arn = "arn:aws:scheduler:eu-west-1:123456789012:schedule/billing/nightly";
            Reply::json(200, &json!({"ScheduleArn": arn}))
        });
        let step = crate::targets::step(&aws).input("preflight", "off").input("wait-timeout", "2m");
        Self { stage: stage(&aws, step), service, targets, schedule, _aws: aws }
    }
}

impl Scenario for Moving {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecs-deploy"
    }

    fn name(&self) -> &'static str {
        "ecs-deploy-targets"
    }

    fn program(&self) -> &str {
        PROGRAM
    }

    fn world(&self, _: usize) -> Place {
        Place::new()
    }

    fn class(&self, call: &Named, nth: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecs:DescribeServices" if nth > 1 => Class::Poll,
            "ecs:DescribeServices"
            | "ecs:DescribeTaskDefinition"
            | "events:DescribeRule"
            | "events:ListTargetsByRule"
            | "scheduler:GetSchedule" => Class::Read,
            "ecs:ListServiceDeployments" => Class::Hint,
            "ecs:RegisterTaskDefinition" | "ecs:UpdateService" | "events:PutTargets" | "scheduler:UpdateSchedule" => {
                Class::IdempotentWrite
            }
            _ => return None,
        })
    }

    /// The deployment itself has a table of its own.
    fn covers(&self, call: &Named, _: usize, _: Class) -> bool {
        !call.operation.starts_with("ecs:")
    }

    /// Everything is deployed by then, which is told beside what could not be moved.
    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        let failure = goes_on(class, kind, failure);
        if kind.is_cancelled() {
            return failure;
        }
        Failure { code: "ecs-deploy/targets-not-moved".to_owned(), exit: 1, ..failure }
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
        let targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        let targets: Vec<String> = targets.iter().map(revision).collect();
        let schedule = revision(&self.schedule.lock().unwrap_or_else(PoisonError::into_inner)["Target"]);
        let service = self.service.revision().to_owned();
        let facts = [("service", service), ("targets", targets.join(" ")), ("schedule", schedule)];
        facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Nothing is started from a revision that the service does not run.
    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let is_early = now["service"] != "shop:8" && (now["targets"].contains(":8") || now["schedule"] == "shop:8");
        is_early.then(|| "moved before it was deployed".to_owned()).into_iter().collect()
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["duration-seconds", "services-json"]
    }
}

#[test]
fn every_fault_of_a_move_has_its_promised_end() {
    matrix::every_fault(&Moving);
}
