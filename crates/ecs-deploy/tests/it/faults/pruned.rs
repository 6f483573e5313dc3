//! Every fault at what is looked at before old revisions are deregistered: nothing that is used is ever lost.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use testkit::FakeAws;
use testkit::http::Reply;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Iam, Kind, Named, Scenario, Stage};

use super::common::{PROGRAM, Willing, iam, stage};
use crate::prune::{revision, step};

/// A family whose revision 1 nothing uses, and all others something does.
struct Pruning;

struct Place {
    stage: Stage,
    service: Willing,
    active: Arc<Mutex<BTreeSet<u64>>>,
    _aws: FakeAws,
}

/// The revisions of the family: what the service runs, and older ones.
const ALL: std::ops::RangeInclusive<u64> = 1..=8;

impl Place {
    fn new() -> Self {
        let aws = crate::prune::world();
        let service = Willing::script(&aws, |service| service);
        let active = Arc::new(Mutex::new(ALL.collect::<BTreeSet<u64>>()));
        let (listed, gone) = (Arc::clone(&active), Arc::clone(&active));
        aws.on("ListTaskDefinitions").answer(move |call| {
            let active = listed.lock().unwrap_or_else(PoisonError::into_inner);
            let half = |wanted: fn(&u64) -> bool| {
                active.iter().rev().copied().filter(wanted).map(revision).collect::<Vec<_>>()
            };
            let page = match call.body["nextToken"].as_str() {
                Some(_) => json!({"taskDefinitionArns": half(|number| *number < 5)}),
                None => json!({"taskDefinitionArns": half(|number| *number >= 5), "nextToken": "2"}),
            };
            Reply::json(200, &page)
        });
        aws.on("DeregisterTaskDefinition").answer(move |call| {
            let mut active = gone.lock().unwrap_or_else(PoisonError::into_inner);
            active.retain(|number| call.body["taskDefinition"] != revision(*number));
            Reply::json(200, &json!({"taskDefinition": {"status": "INACTIVE"}}))
        });
        // Young ones have a test of their own.
        aws.on("ListTasks").reply(json!({"taskArns": ["arn:aws:ecs:eu-west-1:123456789012:task/prod/1"]}));
        let task =
            |number: u64| json!({"taskArn": format!("arn:task/{number}"), "taskDefinitionArn": revision(number)});
        aws.on("DescribeTasks").reply(json!({"tasks": [task(7), task(5), task(2)], "failures": []}));
        let step = step(&aws).input("wait-timeout", "2m");
        Self { stage: stage(&aws, step), service, active, _aws: aws }
    }
}

impl Scenario for Pruning {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecs-deploy"
    }

    fn name(&self) -> &'static str {
        "ecs-deploy-keep-revisions"
    }

    fn program(&self) -> &str {
        PROGRAM
    }

    fn world(&self, _: usize) -> Place {
        Place::new()
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecs:RegisterTaskDefinition" | "ecs:UpdateService" => Class::IdempotentWrite,
            "ecs:DeregisterTaskDefinition" => Class::Tidy,
            // What only this looks at, and what the deployment does too, which has a table of its own.
            _ => Class::Hint,
        })
    }

    fn covers(&self, call: &Named, nth: usize, class: Class) -> bool {
        match call.operation.as_str() {
            // The deployment asks them first.
            "ecs:DescribeServices" | "ecs:DescribeTaskDefinition" | "ecs:ListServiceDeployments" => false,
            "ecs:DescribeServiceDeployments" | "ecs:DescribeServiceRevisions" => nth == 2,
            _ => class != Class::IdempotentWrite && nth == 1,
        }
    }

    fn exceptions(&self) -> Vec<Exception> {
        vec![Exception {
            operation: "*",
            target: "*",
            nth: 0,
            kinds: &[Kind::Cancelled, Kind::Abandoned],
            expected: Expected::Unnoticed,
            reason: "the deployment is complete, which is told; what could be tidied up stays",
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
        let active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        let active: Vec<String> = active.iter().map(ToString::to_string).collect();
        Facts::from([
            ("service".to_owned(), self.service.revision().to_owned()),
            ("active".to_owned(), active.join(" ")),
        ])
    }

    fn can_wait(&self, name: &str) -> bool {
        name == "active"
    }

    /// What is used stays.
    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let active: BTreeSet<u64> = now["active"].split(' ').filter_map(|number| number.parse().ok()).collect();
        let lost = ALL.filter(|number| *number > 1 && !active.contains(number));
        lost.map(|number| format!("revision {number} is deregistered, and something uses it")).collect()
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["deployment-id", "duration-seconds", "service-deployment-arn", "services-json"]
    }
}

#[test]
fn every_fault_of_a_look_for_what_is_used_keeps_it() {
    matrix::every_fault(&Pruning);
}
