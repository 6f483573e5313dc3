//! Service deployments and service revisions, and what can be done to a deployment under way.

use serde_json::{Value, json};

use super::super::moment::Moment;
use super::super::parts::ServiceDeployment;
use super::super::role::{Role, SERVICE, cluster_arn, last, service_arn};
use super::super::state::State;
use super::{Answer, in_cluster, texts, without_nulls};

const ROLES: [Role; 4] = [Role::Before, Role::Ours, Role::Rollback, Role::Theirs];

pub(super) fn list(state: &mut State, body: &Value) -> Answer {
    in_cluster(body)?;
    if body["service"].as_str().is_none_or(|name| last(name) != SERVICE) {
        return Err(("ServiceNotFoundException", "Service not found.".to_owned()));
    }
    let statuses: Vec<&str> = texts(body, "status").collect();
    let (after, before) = (body["createdAt"]["after"].as_f64(), body["createdAt"]["before"].as_f64());
    let is_asked_for = |brief: &Value| {
        let created = brief["createdAt"].as_f64().unwrap_or_default();
        let status = brief["status"].as_str().unwrap_or_default();
        after.is_none_or(|after| created > after)
            && before.is_none_or(|before| created < before)
            && (statuses.is_empty() || statuses.contains(&status))
    };
    let briefs = state.seen().service_deployments.iter().map(|own| brief(state, own)).filter(is_asked_for);
    Ok(json!({"serviceDeployments": briefs.collect::<Vec<_>>()}))
}

pub(super) fn describe(state: &mut State, body: &Value) -> Answer {
    let moment = state.seen();
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in texts(body, "serviceDeploymentArns") {
        match moment.service_deployments.iter().find(|own| own.role.service_deployment() == arn) {
            Some(own) => found.push(whole(state, moment, own)),
            None => failures.push(json!({"arn": arn, "reason": "MISSING"})),
        }
    }
    Ok(json!({"serviceDeployments": found, "failures": failures}))
}

pub(super) fn describe_revisions(state: &mut State, body: &Value) -> Answer {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in texts(body, "serviceRevisionArns") {
        match ROLES.into_iter().find(|role| role.service_revision() == arn) {
            Some(role) => found.push(json!({
                "serviceRevisionArn": arn, "serviceArn": service_arn(), "clusterArn": cluster_arn(),
                "taskDefinition": state.revision(role), "launchType": "FARGATE", "platformVersion": "1.4.0",
                "createdAt": state.time(state.created(role))
            })),
            None => failures.push(json!({"arn": arn, "reason": "MISSING"})),
        }
    }
    Ok(json!({"serviceRevisions": found, "failures": failures}))
}

/// Rolls our deployment back: requested at once, under way after 5 s, done after 20.
pub(super) fn stop(state: &mut State, body: &Value) -> Answer {
    let arn = running(state, body)?;
    let why = "Service deployment rolled back by user request.";
    let requested = state.anew().status("ROLLBACK_REQUESTED", why);
    let going = requested.at(5).roll_back(why, &format!("rolling back to deploymentId {}.", Role::Before.deployment()));
    let gone = going.at(20).rolled_back();
    state.go_on(vec![requested, going, gone]);
    Ok(json!({"serviceDeploymentArn": arn}))
}

/// Continues behind a hook, or rolls back.
pub(super) fn go_on(state: &mut State, body: &Value) -> Answer {
    let arn = running(state, body)?;
    let waits = state.moment().service_deployments.iter().filter_map(|own| own.hook.as_ref());
    let is_awaited = waits.clone().any(|hook| hook.status == "AWAITING_ACTION" && body["hookId"] == hook.id);
    if !is_awaited {
        return Err(("InvalidParameterException", "The hook is not awaiting an action.".to_owned()));
    }
    if body["action"] == "ROLLBACK" {
        return stop(state, body);
    }
    state.acted += 1;
    let continued = state.scenario.continued.clone();
    state.go_on(continued);
    Ok(json!({"serviceDeploymentArn": arn}))
}

/// The ARN in the request, when it is of our deployment and that is under way.
fn running(state: &State, body: &Value) -> Result<String, (&'static str, String)> {
    let arn = body["serviceDeploymentArn"].as_str().unwrap_or_default();
    let own = state.moment().service_deployments.iter().find(|own| own.role.service_deployment() == arn);
    match own {
        None => Err(("ServiceDeploymentNotFoundException", "Service deployment not found.".to_owned())),
        Some(own) if own.has_ended() => {
            Err(("ClientException", format!("The service deployment is {} and cannot be changed.", own.status)))
        }
        Some(_) => Ok(arn.to_owned()),
    }
}

fn brief(state: &State, own: &ServiceDeployment) -> Value {
    let created = created(state, own.role);
    without_nulls(json!({
        "serviceDeploymentArn": own.role.service_deployment(), "serviceArn": service_arn(), "clusterArn": cluster_arn(),
        "createdAt": created, "startedAt": created, "finishedAt": finished(state, own.role),
        "targetServiceRevisionArn": own.role.service_revision(), "status": own.status, "statusReason": reason(own)
    }))
}

fn whole(state: &State, moment: &Moment, own: &ServiceDeployment) -> Value {
    let created = created(state, own.role);
    let revision = |role: Role| {
        let entry = moment.deployments.iter().find(|entry| entry.role == role);
        let weights =
            own.weights.filter(|_| role == own.role).or(own.weights.map(|(production, _)| (100.0 - production, 0.0)));
        without_nulls(json!({
            "arn": role.service_revision(), "requestedTaskCount": entry.map_or(0, |entry| entry.desired),
            "runningTaskCount": entry.map_or(0, |entry| entry.running), "pendingTaskCount": entry.map_or(0, |entry| entry.pending),
            "requestedProductionTrafficWeight": weights.map(|weights| weights.0), "requestedTestTrafficWeight": weights.map(|weights| weights.1)
        }))
    };
    let failures = moment.deployments.iter().find(|entry| entry.role == own.role).map_or(0, |entry| entry.failed);
    let hooks = own.hook.as_ref().map(|hook| {
        let target =
            (hook.kind == "AWS_LAMBDA").then(|| format!("arn:aws:lambda:eu-west-1:123456789012:function:{}", hook.id));
        vec![without_nulls(json!({
            "hookId": hook.id, "targetType": hook.kind, "targetArn": target, "status": hook.status,
            "expiresAt": state.time(state.since() + 86_400), "timeoutAction": "ROLLBACK"
        }))]
    });
    without_nulls(json!({
        "serviceDeploymentArn": own.role.service_deployment(), "serviceArn": service_arn(), "clusterArn": cluster_arn(),
        "createdAt": created, "startedAt": created, "updatedAt": state.time(state.now()),
        "finishedAt": finished(state, own.role), "sourceServiceRevisions": [revision(source(own.role))],
        "targetServiceRevision": revision(own.role), "status": own.status, "statusReason": reason(own),
        "lifecycleStage": own.stage, "lifecycleHookDetails": hooks, "deploymentConfiguration": state.scenario.configuration,
        "rollback": own.rollback.as_ref().map(|why| json!({
            "reason": why, "startedAt": state.time(state.went_back()), "serviceRevisionArn": Role::Before.service_revision()
        })),
        "deploymentCircuitBreaker": own.breaker.map(|(status, threshold)| json!({
            "status": status, "failureCount": failures, "threshold": threshold
        })),
        "alarms": own.alarms.as_ref().map(|(status, triggered)| json!({
            "status": status, "alarmNames": state.scenario.configuration["alarms"]["alarmNames"], "triggeredAlarmNames": triggered
        }))
    }))
}

/// Who ran before a role.
fn source(role: Role) -> Role {
    match role {
        Role::Before | Role::Ours => Role::Before,
        Role::Rollback | Role::Theirs => Role::Ours,
    }
}

fn reason(own: &ServiceDeployment) -> Option<&str> {
    Some(own.reason.as_str()).filter(|reason| !reason.is_empty())
}

/// The deployment from before is a day old.
fn created(state: &State, role: Role) -> Value {
    match role {
        Role::Before => json!(state.epoch - 86_400),
        Role::Ours | Role::Rollback | Role::Theirs => state.time(state.created(role)),
    }
}

fn finished(state: &State, role: Role) -> Option<Value> {
    match role {
        Role::Before => Some(json!(state.epoch - 86_000)),
        Role::Ours | Role::Rollback | Role::Theirs => state.ended(role).map(|second| state.time(second)),
    }
}
