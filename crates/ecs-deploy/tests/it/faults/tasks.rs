//! Every fault at a task that is run once: before a deployment, and on its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use testkit::FakeAws;
use testkit::http::Reply;
use testkit::matrix::{self, Class, Facts, Failure, Iam, Kind, Named, Scenario, Stage};

use super::common::{PROGRAM, Willing, goes_on, iam, stage};
use crate::scene;
use crate::tasks::{placed, step, tasks};

/// Where the task is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Running {
    /// Before the service is updated.
    Gate,
    /// On its own.
    Alone,
}

/// The cluster's tasks.
#[derive(Clone, Default)]
struct Cluster(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// The task of each token.
    by_token: BTreeMap<String, usize>,
    /// How often each was looked at; `None` once it was told to stop.
    looks: Vec<Option<u32>>,
    /// What was answered to a look, which is retried under one id.
    seen: BTreeMap<String, bool>,
    /// Those that were there before this run.
    earlier: usize,
}

struct Place {
    stage: Stage,
    service: Willing,
    cluster: Cluster,
    _aws: FakeAws,
}

fn arn(number: usize) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:task/prod/{number:016}")
}

impl Cluster {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn script(&self, aws: &FakeAws) {
        let (run, seen, stop) = (self.clone(), self.clone(), self.clone());
        aws.on("RunTask").answer(move |call| {
            let mut state = run.lock();
            let token = call.body["clientToken"].as_str().unwrap_or_default().to_owned();
            let next = state.looks.len();
            let number = *state.by_token.entry(token).or_insert(next);
            if number == next {
                state.looks.push(Some(0));
            }
            Reply::json(200, &tasks(&[task(number, "PROVISIONING")]))
        });
        aws.on("DescribeTasks").answer(move |call| {
            let mut state = seen.lock();
            let asked = call.body["tasks"][0].as_str().unwrap_or_default();
            let number = (0..state.looks.len()).find(|number| arn(*number) == asked);
            let id = call.request.header("amz-sdk-invocation-id").unwrap_or_default().to_owned();
            let known = number.map(|number| {
                let again = state.seen.get(&id).copied();
                let has_stopped = again.unwrap_or_else(|| state.look(number));
                state.seen.insert(id, has_stopped);
                task(number, if has_stopped { "STOPPED" } else { "RUNNING" })
            });
            Reply::json(200, &tasks(&known.into_iter().collect::<Vec<_>>()))
        });
        aws.on("StopTask").answer(move |call| {
            let mut state = stop.lock();
            let asked = call.body["task"].as_str().unwrap_or_default().to_owned();
            let number = (0..state.looks.len()).find(|number| arn(*number) == asked).unwrap_or_default();
            state.looks[number] = None;
            Reply::json(200, &json!({"task": task(number, "RUNNING")}))
        });
        aws.on("GetLogEvents").answer(|call| {
            let is_new = call.body["nextToken"].is_null();
            let events =
                if is_new { json!([{"timestamp": 1, "ingestionTime": 1, "message": "migrating"}]) } else { json!([]) };
            Reply::json(200, &json!({"events": events, "nextForwardToken": "f/1"}))
        });
    }
}

impl State {
    /// Whether a task has stopped, which the third look sees.
    fn look(&mut self, number: usize) -> bool {
        let looks = self.looks[number].unwrap_or(2);
        self.looks[number] = Some(looks + 1);
        looks >= 2
    }
}

fn task(number: usize, status: &str) -> Value {
    let mut task = crate::tasks::task(status, (status == "STOPPED").then_some(0));
    task["taskArn"] = json!(arn(number));
    task
}

impl Scenario for Running {
    type World = Place;

    fn action(&self) -> &'static str {
        match self {
            Self::Gate => "ecs-deploy",
            Self::Alone => "ecs-run-task",
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Gate => "ecs-deploy-run-task",
            Self::Alone => "ecs-run-task",
        }
    }

    fn program(&self) -> &str {
        PROGRAM
    }

    fn arguments(&self) -> Vec<String> {
        match self {
            Self::Gate => Vec::new(),
            Self::Alone => vec!["run-task".to_owned()],
        }
    }

    fn world(&self, _: usize) -> Place {
        let aws = scene::scene([]);
        let service = Willing::script(&aws, placed);
        let cluster = Cluster::default();
        cluster.script(&aws);
        let step =
            step(&aws).file("td.json", crate::tasks::logging()).input("preflight", "off").input("wait-timeout", "8m");
        Place { stage: stage(&aws, step), service, cluster, _aws: aws }
    }

    fn class(&self, call: &Named, nth: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecs:DescribeServices" if nth > 2 => Class::Poll,
            "ecs:DescribeServices" | "ecs:DescribeTaskDefinition" => Class::Read,
            "ecs:ListServiceDeployments" | "logs:GetLogEvents" => Class::Hint,
            "ecs:DescribeTasks" => Class::Poll,
            "ecs:RegisterTaskDefinition" | "ecs:RunTask" | "ecs:StopTask" | "ecs:UpdateService" => {
                Class::IdempotentWrite
            }
            _ => return None,
        })
    }

    /// Each run on its own runs the task: that is what it is for.
    fn repeats(&self) -> bool {
        *self == Self::Alone
    }

    fn covers(&self, call: &Named, nth: usize, _: Class) -> bool {
        match call.operation.as_str() {
            "ecs:RunTask" | "ecs:DescribeTasks" | "logs:GetLogEvents" => nth == 1,
            // The look between the task and the update.
            "ecs:DescribeServices" => *self == Self::Gate && nth == 2,
            _ => false,
        }
    }

    /// A task that is not seen is looked for until the time is up; one that cannot be seen any more is told to stop.
    fn told_of(&self, call: &Named, _: usize, class: Class, kind: Kind, failure: Failure) -> Failure {
        let (code, exit) = match (call.operation.as_str(), kind) {
            ("ecs:RunTask" | "ecs:DescribeTasks" | "logs:GetLogEvents", kind) if kind.is_cancelled() => {
                ("ecs-run-task/cancelled", 130)
            }
            // Whether it was started nobody can say.
            ("ecs:RunTask", Kind::ErrorAlways | Kind::ResetAlways | Kind::TimedOutAlways) => {
                ("ecs-run-task/unanswered", 4)
            }
            ("ecs:DescribeTasks", Kind::Expired | Kind::Denied) => ("ecs-run-task/lost-sight", 4),
            ("ecs:DescribeTasks", _) => ("ecs-run-task/timed-out", 4),
            _ => return goes_on(class, kind, failure),
        };
        Failure { code: code.to_owned(), exit, ..failure }
    }

    fn iam(&self) -> Option<Iam> {
        Some(iam())
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// How often this run ran the task, and what the service runs.
    fn facts(&self) -> Facts {
        let state = self.cluster.lock();
        let count = state.looks.len() - state.earlier;
        Facts::from([
            ("tasks".to_owned(), count.to_string()),
            ("service".to_owned(), self.service.revision().to_owned()),
        ])
    }

    fn meanwhile(&self) {
        let mut state = self.cluster.lock();
        state.earlier = state.looks.len();
        // The gate has nothing to guard once the service runs the revision.
        if self.service.revision() == "shop:8" {
            state.earlier = state.earlier.saturating_sub(1);
        }
    }

    /// The service never runs a revision whose task did not end.
    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let state = self.cluster.lock();
        let has_ended = state.looks.iter().any(|looks| looks.is_some_and(|looks| looks > 2));
        let is_early = now["service"] == "shop:8" && !has_ended;
        is_early.then(|| "updated before the task had ended".to_owned()).into_iter().collect()
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["diagnosis-json", "duration-seconds", "services-json"]
    }
}

#[test]
fn every_fault_of_a_gate_has_its_promised_end() {
    matrix::every_fault(&Running::Gate);
}

#[test]
fn every_fault_of_a_task_on_its_own_has_its_promised_end() {
    matrix::every_fault(&Running::Alone);
}
