//! The answers.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::scenario::Moment;
use super::state::{Deployment, State};
use crate::aws::{Call, FakeAws};
use crate::ecs::{cluster_arn, service_arn};
use crate::http::Reply;

/// An answer: a body, or an error's code and words.
type Answer = Result<Value, (&'static str, String)>;

/// An operation's name and what answers it.
type Operation = (&'static str, fn(&mut State, &Value) -> Answer);

const OPERATIONS: [Operation; 11] = [
    ("BatchGetDeployments", batch),
    ("ContinueDeployment", go_on),
    ("CreateDeployment", create),
    ("DescribeServices", services),
    ("GetApplicationRevision", revision),
    ("GetDeployment", get),
    ("GetDeploymentGroup", group),
    ("GetDeploymentTarget", target),
    ("ListDeployments", list),
    ("StopDeployment", stop),
    ("UpdateService", update),
];

/// How many ids `ListDeployments` gives at a time.
const PAGE: usize = 2;

/// Has `aws` answer all operations from `state`.
pub(super) fn script(aws: &FakeAws, state: &Arc<Mutex<State>>) {
    for (name, answer) in OPERATIONS {
        let state = Arc::clone(state);
        aws.on(name).answer(move |call: &Call| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let (status, body) = match answer(&mut state, &call.body) {
                Ok(body) => (200, body),
                Err((code, message)) => (400, json!({"__type": code, "message": message})),
            };
            Reply::new(status).with_header("content-type", "application/x-amz-json-1.1").with_body(body.to_string())
        });
    }
}

#[expect(clippy::unnecessary_wraps, reason = "all operations have one form")]
fn services(state: &mut State, _: &Value) -> Answer {
    Ok(json!({"services": [service(state)], "failures": []}))
}

fn update(state: &mut State, body: &Value) -> Answer {
    let refused = ["taskDefinition", "forceNewDeployment", "networkConfiguration", "platformVersion", "loadBalancers"];
    if let Some(field) = refused.iter().find(|field| !body[**field].is_null()) {
        let words = format!("Unable to update {field} on services with a CODE_DEPLOY deployment controller.");
        return Err(("InvalidParameterException", words));
    }
    state.desired = body["desiredCount"].as_i64().unwrap_or(state.desired);
    Ok(json!({"service": service(state)}))
}

fn service(state: &State) -> Value {
    json!({
        "serviceArn": service_arn(), "serviceName": crate::ecs::SERVICE, "clusterArn": cluster_arn(), "status": "ACTIVE",
        "taskDefinition": super::before(), "desiredCount": state.desired, "runningCount": state.desired, "pendingCount": 0,
        "schedulingStrategy": "REPLICA", "deploymentController": {"type": "CODE_DEPLOY"}, "propagateTags": "NONE",
        "deployments": [], "events": events(state),
        "taskSets": [{
            "id": "ecs-svc/1000000000000000007", "status": "PRIMARY", "taskDefinition": state.primary, "launchType": "FARGATE",
            "runningCount": state.desired, "stabilityStatus": "STEADY_STATE"
        }]
    })
}

/// What ECS tells of new tasks that failed.
fn events(state: &State) -> Vec<Value> {
    let failed = state.deployments.iter().find(|own| own.id == super::OURS && own.moment(state.second).error.is_some());
    let words = "(service web, taskSet ecs-svc/1000000000000000008) (port 8080) is unhealthy in (target-group green) due to (reason Health checks failed).";
    let event = |second| json!({"id": "e-green", "createdAt": state.time(second), "message": words});
    failed.map(|own| event(own.end(state.second).unwrap_or(state.second))).into_iter().collect()
}

fn has_application(body: &Value) -> Result<(), (&'static str, String)> {
    let is_there = body["applicationName"] == "AppECS-prod-web";
    is_there
        .then_some(())
        .ok_or_else(|| ("ApplicationDoesNotExistException", "No application found for name.".to_owned()))
}

fn group(state: &mut State, body: &Value) -> Answer {
    has_application(body)?;
    let ready = if state.scenario.continues {
        json!({"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0})
    } else {
        json!({"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60})
    };
    Ok(json!({"deploymentGroupInfo": {
        "applicationName": body["applicationName"], "deploymentGroupName": body["deploymentGroupName"], "computePlatform": "ECS",
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_STOP_ON_ALARM"]},
        "blueGreenDeploymentConfiguration": {
            "deploymentReadyOption": ready,
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5}
        }
    }}))
}

fn list(state: &mut State, body: &Value) -> Answer {
    has_application(body)?;
    if body["nextToken"].is_null() {
        state.listed();
    }
    let statuses = body["includeOnlyStatuses"].as_array();
    let start = body["createTimeRange"]["start"].as_f64();
    let is_asked_for = |own: &&Deployment| {
        let status = own.moment(state.second).status;
        let made = state.time(own.since).as_f64();
        let fits = statuses.is_none_or(|wanted| wanted.iter().any(|wanted| wanted == status));
        fits && start.is_none_or(|start| made.is_some_and(|made| made >= start))
    };
    let ids: Vec<&str> = state.deployments.iter().filter(is_asked_for).map(|own| own.id.as_str()).collect();
    let page: usize = body["nextToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or_default();
    let mut answer = json!({"deployments": ids.iter().skip(page * PAGE).take(PAGE).collect::<Vec<_>>()});
    if ids.len() > (page + 1) * PAGE {
        answer["nextToken"] = json!((page + 1).to_string());
    }
    Ok(answer)
}

fn create(state: &mut State, body: &Value) -> Answer {
    if state.throttled > 0 {
        state.throttled -= 1;
        return Err(("ThrottlingException", "Rate exceeded".to_owned()));
    }
    let spec = &body["revision"]["appSpecContent"];
    let hash = spec["sha256"].as_str();
    if hash.is_some_and(|given| given != super::state::hash(spec["content"].as_str().unwrap_or_default())) {
        return Err(("InvalidRevisionException", "The SHA256 of the content is another one.".to_owned()));
    }
    if let Some(other) = state.deployments.iter().find(|own| !own.has_ended(state.second)) {
        let words = format!("The Deployment Group already has an active Deployment '{}'", other.id);
        return Err(("DeploymentLimitExceededException", words));
    }
    Ok(json!({"deploymentId": state.create(body)}))
}

fn get(state: &mut State, body: &Value) -> Answer {
    state.look();
    let id = found(state, body)?.id.clone();
    Ok(json!({"deploymentInfo": info(state, &id)}))
}

#[expect(clippy::unnecessary_wraps, reason = "all operations have one form")]
fn batch(state: &mut State, body: &Value) -> Answer {
    state.look();
    let ids = body["deploymentIds"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let known: Vec<Value> = ids.map(|id| info(state, id)).filter(|info| !info.is_null()).collect();
    Ok(json!({"deploymentsInfo": known}))
}

/// A deployment as it is told: its content never is.
fn info(state: &State, id: &str) -> Value {
    let second = state.second;
    let Some(own) = state.deployments.iter().find(|own| own.id == id) else { return Value::Null };
    let moment = own.moment(second);
    let mut info = json!({
        "applicationName": "AppECS-prod-web", "deploymentGroupName": "DgpECS-prod-web", "deploymentId": own.id,
        "status": moment.status, "createTime": state.time(own.since), "computePlatform": "ECS",
        "creator": if own.undoes.is_some() { "codeDeployRollback" } else { "user" },
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": own.hash()}},
        "autoRollbackConfiguration": {"enabled": moment.rolls_back, "events": ["DEPLOYMENT_FAILURE"]}
    });
    if let Some(end) = own.end(second) {
        info["completeTime"] = state.time(end);
    }
    if let Some((code, message)) = moment.error {
        info["errorInformation"] = json!({"code": code, "message": message});
    }
    match (&own.undone_by, &own.undoes) {
        (Some(id), _) => info["rollbackInfo"] = json!({"rollbackDeploymentId": id}),
        (None, Some(id)) => info["rollbackInfo"] = json!({"rollbackTriggeringDeploymentId": id}),
        (None, None) => {}
    }
    info
}

/// The content of a revision, which its hash names.
fn revision(state: &mut State, body: &Value) -> Answer {
    let hash = body["revision"]["appSpecContent"]["sha256"].as_str().unwrap_or_default();
    let own = state.deployments.iter().find(|own| own.has_hash(hash));
    let own = own.ok_or_else(|| ("RevisionDoesNotExistException", "The revision does not exist.".to_owned()))?;
    let content = json!({"sha256": hash, "content": own.content});
    Ok(json!({
        "applicationName": body["applicationName"], "revisionInfo": {"registerTime": state.time(own.since)},
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": content}
    }))
}

fn target(state: &mut State, body: &Value) -> Answer {
    let second = state.second;
    let own = found(state, body)?;
    let (id, moment) = (own.id.clone(), own.moment(second));
    if moment.status == "Created" {
        return Err(("DeploymentNotStartedException", "The deployment has not started.".to_owned()));
    }
    let events: Vec<Value> = moment.events.iter().map(lifecycle).collect();
    Ok(json!({"deploymentTarget": {"deploymentTargetType": "ECSTarget", "ecsTarget": {
        "deploymentId": id, "targetId": body["targetId"], "targetArn": service_arn(), "lifecycleEvents": events,
        "taskSetsInfo": [
            {"identifer": "ecs-svc/1000000000000000007", "status": "PRIMARY", "trafficWeight": 100.0 - moment.weight, "taskSetLabel": "Blue"},
            {"identifer": "ecs-svc/2000000000000000007", "status": "ACTIVE", "trafficWeight": moment.weight, "taskSetLabel": "Green"}
        ]
    }}}))
}

fn lifecycle((name, status, words): &(&str, &str, &str)) -> Value {
    let mut event = json!({"lifecycleEventName": name, "status": status});
    if !words.is_empty() {
        event["diagnostics"] = json!({"errorCode": "ScriptFailed", "message": words});
    }
    event
}

fn stop(state: &mut State, body: &Value) -> Answer {
    let second = state.second;
    let own = found(state, body)?;
    if own.has_ended(second) {
        return Err(("DeploymentAlreadyCompletedException", "The deployment is already completed.".to_owned()));
    }
    let id = own.id.clone();
    let stopped = |at| Moment::at(at, "Stopped").error("MANUAL_STOP", "The deployment was stopped by a user.");
    let mut story = vec![stopped(0)];
    // What undoes it is there a little later, and the group's own configuration does not tell it.
    if body["autoRollbackEnabled"].as_bool().unwrap_or_default() {
        story.push(stopped(10).rolls_back());
    }
    state.go_on(&id, &story);
    Ok(json!({"status": "Pending", "statusMessage": "Stopping deployment."}))
}

fn go_on(state: &mut State, body: &Value) -> Answer {
    let second = state.second;
    let own = found(state, body)?;
    if own.moment(second).status != "Ready" {
        return Err(("DeploymentIsNotInReadyStateException", "The deployment is not ready.".to_owned()));
    }
    let (id, continued) = (own.id.clone(), state.scenario.continued.clone());
    state.go_on(&id, &continued);
    Ok(json!({}))
}

fn found<'a>(state: &'a mut State, body: &Value) -> Result<&'a mut Deployment, (&'static str, String)> {
    let id = body["deploymentId"].as_str().unwrap_or_default();
    state
        .deployment(id)
        .ok_or_else(|| ("DeploymentDoesNotExistException", format!("The deployment {id} could not be found")))
}
