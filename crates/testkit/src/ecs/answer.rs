//! The answers, one module for each kind of thing.

#[expect(clippy::unnecessary_wraps, reason = "all operations have one form")]
mod definitions;
mod logs;
mod runs;
#[expect(clippy::unnecessary_wraps, reason = "all operations have one form")]
mod service_deployments;
#[expect(clippy::unnecessary_wraps, reason = "all operations have one form")]
mod services;
mod tasks;

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::role::CLUSTER;
use super::state::State;
use crate::aws::{Call, FakeAws};
use crate::http::Reply;

/// An answer: a body, or an error's code and words.
pub(super) type Answer = Result<Value, (&'static str, String)>;

/// An operation's name and what answers it.
type Operation = (&'static str, fn(&mut State, &Value) -> Answer);

const OPERATIONS: [Operation; 19] = [
    ("ContinueServiceDeployment", service_deployments::go_on),
    ("DeregisterTaskDefinition", definitions::deregister),
    ("DescribeServiceDeployments", service_deployments::describe),
    ("DescribeServiceRevisions", service_deployments::describe_revisions),
    ("DescribeServices", services::describe),
    ("DescribeTaskDefinition", definitions::describe),
    ("DescribeTasks", tasks::describe),
    ("GetLogEvents", logs::get),
    ("ListClusters", services::list_clusters),
    ("ListServiceDeployments", service_deployments::list),
    ("ListServices", services::list),
    ("ListTaskDefinitions", definitions::list),
    ("ListTasks", tasks::list),
    ("RegisterTaskDefinition", definitions::register),
    ("RunTask", runs::run),
    ("StopServiceDeployment", service_deployments::stop),
    ("StopTask", runs::stop),
    ("UpdateService", services::update),
    ("DescribeClusters", services::describe_clusters),
];

/// Has `aws` answer all operations from `state`.
pub(super) fn script(aws: &FakeAws, state: &Arc<Mutex<State>>) {
    let declare = Arc::new(aws.declarations());
    for (name, answer) in OPERATIONS {
        let (state, declare) = (Arc::clone(state), Arc::clone(&declare));
        aws.on(name).answer(move |call: &Call| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let reply = reply(&mut state, name, &call.body, answer);
            let State { unknown, scenario, .. } = &mut *state;
            unknown.declare(name, &scenario.unknown, (&call.body, &reply.to_json()), &*declare);
            reply
        });
    }
}

fn reply(state: &mut State, name: &str, body: &Value, answer: fn(&mut State, &Value) -> Answer) -> Reply {
    let now = state.has_started().then(|| state.now());
    if let Some(refusal) = state.troubles.of(name, now) {
        return error(refusal.code(), &refusal.words(name));
    }
    match answer(state, body) {
        Ok(body) => {
            Reply::new(200).with_header("content-type", "application/x-amz-json-1.1").with_body(body.to_string())
        }
        Err((code, words)) => error(code, &words),
    }
}

fn error(code: &str, words: &str) -> Reply {
    Reply::new(400)
        .with_header("content-type", "application/x-amz-json-1.1")
        .with_header("x-amzn-errortype", code)
        .with_body(json!({"__type": code, "message": words}).to_string())
}

/// Refuses a cluster that is not there.
fn in_cluster(body: &Value) -> Result<(), (&'static str, String)> {
    let cluster = body["cluster"].as_str().unwrap_or("default");
    if super::role::last(cluster) == CLUSTER {
        return Ok(());
    }
    Err(("ClusterNotFoundException", "Cluster not found.".to_owned()))
}

/// The texts of a list.
fn texts<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    body[name].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// A value without the members that are null: AWS leaves those out.
fn without_nulls(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}
