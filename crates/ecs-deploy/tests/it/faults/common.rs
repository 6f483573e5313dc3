//! What the scenarios with scripted answers share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use testkit::http::Reply;
use testkit::iam;
use testkit::matrix::{self, Class, Failure, Iam, Kind, Stage};
use testkit::{FakeAws, FakeRunner};

use crate::scene::{self, NEW, described, old, ours, service};

pub(super) const PROGRAM: &str = env!("CARGO_BIN_EXE_ecs-deploy");

/// The policy in the account of the scripted answers.
pub(super) fn iam() -> Iam {
    let flags = ["--aws-region=eu-west-1", "--allowed-account-ids=123456789012"].map(str::to_owned).into();
    Iam { place: iam::Place::new("eu-west-1", "123456789012"), flags, courtesies: &[] }
}

/// A step whose task definition holds a value that may be told nowhere.
pub(super) fn stage(aws: &FakeAws, step: FakeRunner) -> Stage {
    Stage::new(step, [aws.faults().clone()], matrix::aws)
        .secret("a value of the task definition", scene::SECRET)
        .inputs(&["td.json"])
}

/// A deployment goes on by itself: while it cannot be seen it is looked at again until the time is up, and where that
/// cannot help its end is not known.
pub(super) fn goes_on(class: Class, kind: Kind, failure: Failure) -> Failure {
    let code = match (class, kind) {
        (Class::Poll, Kind::Expired | Kind::Denied) => "ecs-deploy/lost-sight",
        (Class::Poll, kind) if kind.is_cancelled() => return failure,
        (Class::Poll, _) => "ecs-deploy/timed-out",
        _ => return failure,
    };
    Failure { code: code.to_owned(), exit: 4, ..failure }
}

/// A service that runs what it is given at once.
#[derive(Clone, Default)]
pub(super) struct Willing(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_updated: bool,
    registered: Option<Value>,
}

impl Willing {
    /// Answers for it; `dress` adds to the service what a scenario is about.
    pub(super) fn script(aws: &FakeAws, dress: fn(Value) -> Value) -> Self {
        let willing = Self::default();
        let (seen, updated, known, kept) = (willing.clone(), willing.clone(), willing.clone(), willing.clone());
        aws.on("DescribeServices").answer(move |_| Reply::json(200, &described(dress(seen.service()))));
        aws.on("UpdateService").answer(move |_| {
            updated.lock().is_updated = true;
            Reply::json(200, &json!({"service": dress(updated.service())}))
        });
        aws.on("DescribeTaskDefinition").answer(move |call| {
            Reply::json(200, &known.described(call.body["taskDefinition"].as_str().unwrap_or_default()))
        });
        aws.on("RegisterTaskDefinition").answer(move |call| {
            let mut definition = call.body.clone();
            let tags = definition.as_object_mut().and_then(|fields| fields.remove("tags")).unwrap_or_else(|| json!([]));
            (definition["taskDefinitionArn"], definition["revision"]) = (json!(NEW), json!(8));
            let answer = json!({"taskDefinition": definition, "tags": tags});
            kept.lock().registered = Some(answer.clone());
            Reply::json(200, &answer)
        });
        willing
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn service(&self) -> Value {
        service(&[if self.lock().is_updated { ours("COMPLETED") } else { old("PRIMARY") }])
    }

    fn described(&self, name: &str) -> Value {
        let known = self.lock().registered.clone().filter(|_| name == NEW);
        let mut answer = known.unwrap_or_else(scene::running);
        answer["taskDefinition"]["status"] = json!("ACTIVE");
        answer["taskDefinition"]["registeredAt"] = json!(1_700_000_000.0);
        answer
    }

    /// What the service runs.
    pub(super) fn revision(&self) -> &'static str {
        if self.lock().is_updated { "shop:8" } else { "shop:7" }
    }
}
