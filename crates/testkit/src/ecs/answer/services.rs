//! `DescribeServices`, `UpdateService`, and lists of names.

use serde_json::{Value, json};

use super::super::moment::{Moment, REPLACED};
use super::super::parts::{Deployment, ServiceDeployment};
use super::super::role::{ACCOUNT, CLUSTER, Role, SERVICE, cluster_arn, last, service_arn};
use super::super::scenario::Act;
use super::super::state::{State, Update};
use super::{Answer, in_cluster, texts, without_nulls};

pub(super) fn describe(state: &mut State, body: &Value) -> Answer {
    in_cluster(body)?;
    if state.scenario.act == Act::Deploy {
        state.clock.look();
    }
    let (found, missing): (Vec<&str>, Vec<&str>) = texts(body, "services").partition(|name| last(name) == SERVICE);
    let is_stale = state.stale_looks > 0;
    state.stale_looks = state.stale_looks.saturating_sub(1);
    let seen = if is_stale { state.first() } else { state.seen() };
    let services: Vec<Value> = found.iter().map(|_| service(state, seen)).collect();
    let arn = |name: &str| format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:service/{CLUSTER}/{}", last(name));
    let failures: Vec<Value> = missing.iter().map(|name| json!({"arn": arn(name), "reason": "MISSING"})).collect();
    Ok(json!({"services": services, "failures": failures}))
}

pub(super) fn update(state: &mut State, body: &Value) -> Answer {
    in_cluster(body)?;
    if body["service"].as_str().is_none_or(|name| last(name) != SERVICE) {
        return Err(("ServiceNotFoundException", "Service not found.".to_owned()));
    }
    let current = state.revision(state.moment().deployments[0].role);
    let asked = match body["taskDefinition"].as_str() {
        Some(name) => super::super::role::revision_arn(state.launched(name, "ClientException")?),
        None => current.clone(),
    };
    if let Some(desired) = body["desiredCount"].as_i64() {
        state.scenario.desired = desired;
    }
    let forced = body["forceNewDeployment"].as_bool().unwrap_or_default();
    if asked != current || forced {
        begin(state, asked);
    }
    Ok(json!({"service": service(state, state.moment())}))
}

/// The first update tells the scenario's story; a later one goes elsewhere and is complete after 15 s.
fn begin(state: &mut State, asked: String) {
    let before = state.revision(Role::Before);
    if let Some(update) = &mut state.update {
        update.rollback = asked;
        let ended = state.moment().service_deployments.iter().find(|own| own.role == Role::Ours && own.has_ended());
        let (status, reason) = ended.map_or(("STOPPED", REPLACED), |ours| (ours.status, ""));
        let mut back = state.anew().replaced();
        back.service_deployments.insert(0, ServiceDeployment::new(Role::Rollback, "IN_PROGRESS"));
        let done = back.at(15).alone().status(status, reason).completed_by(Role::Rollback);
        state.go_on(vec![back, done]);
        return;
    }
    state.update = Some(Update { ours: asked, rollback: before });
    state.stale_looks = state.scenario.stale_looks;
    let rollout = state.scenario.rollout.clone();
    state.go_on(rollout);
}

pub(super) fn list(_: &mut State, body: &Value) -> Answer {
    in_cluster(body)?;
    Ok(json!({"serviceArns": [service_arn()]}))
}

pub(super) fn list_clusters(_: &mut State, _: &Value) -> Answer {
    Ok(json!({"clusterArns": [cluster_arn()]}))
}

pub(super) fn describe_clusters(_: &mut State, _: &Value) -> Answer {
    Ok(json!({"clusters": [{"clusterArn": cluster_arn(), "clusterName": CLUSTER, "status": "ACTIVE"}], "failures": []}))
}

fn service(state: &State, moment: &Moment) -> Value {
    let sum = |count: fn(&Deployment) -> i64| moment.deployments.iter().map(count).sum::<i64>();
    let current =
        moment.service_deployments.iter().find(|own| !own.has_ended()).map(|own| own.role.service_deployment());
    let told = if std::ptr::eq(moment, state.first()) { state.events_before() } else { state.events() };
    let event = |(index, (second, text)): (usize, &(u64, &str))| json!({"id": format!("event-{index:04}"), "createdAt": state.time(*second), "message": text});
    let events: Vec<Value> = told.iter().enumerate().rev().map(event).collect();
    let revisions: Vec<Value> = moment
        .deployments
        .iter()
        .map(|entry| {
            json!({
                "arn": entry.role.service_revision(), "requestedTaskCount": entry.desired,
                "runningTaskCount": entry.running, "pendingTaskCount": entry.pending
            })
        })
        .collect();
    without_nulls(json!({
        "serviceArn": service_arn(), "serviceName": SERVICE, "clusterArn": cluster_arn(), "status": "ACTIVE",
        "desiredCount": state.scenario.desired, "runningCount": sum(|entry| entry.running),
        "pendingCount": sum(|entry| entry.pending), "launchType": "FARGATE", "platformVersion": "LATEST",
        "taskDefinition": state.revision(moment.deployments[0].role),
        "deploymentConfiguration": state.scenario.configuration,
        "deployments": moment.deployments.iter().map(|entry| deployment(state, entry)).collect::<Vec<_>>(),
        "events": events, "createdAt": state.time(0), "currentServiceDeployment": current,
        "currentServiceRevisions": revisions, "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"}, "networkConfiguration": network(), "propagateTags": "NONE",
        "enableECSManagedTags": true, "enableExecuteCommand": false, "loadBalancers": [], "serviceRegistries": []
    }))
}

/// The service's subnets and security groups.
pub(super) fn network() -> Value {
    json!({"awsvpcConfiguration": {
        "subnets": ["subnet-0a", "subnet-0b"], "securityGroups": ["sg-0a"], "assignPublicIp": "DISABLED"
    }})
}

fn deployment(state: &State, entry: &Deployment) -> Value {
    // ECS tells a rollout state of rolling deployments only.
    let is_rolling = state.scenario.configuration["strategy"] == "ROLLING";
    without_nulls(json!({
        "id": entry.role.deployment(), "status": entry.status, "taskDefinition": state.revision(entry.role),
        "desiredCount": entry.desired, "runningCount": entry.running, "pendingCount": entry.pending,
        "failedTasks": entry.failed, "createdAt": state.time(state.created(entry.role)),
        "updatedAt": state.time(state.now()), "launchType": "FARGATE", "platformVersion": "1.4.0",
        "platformFamily": "Linux", "rolloutState": is_rolling.then_some(entry.rollout),
        "rolloutStateReason": is_rolling.then_some(&entry.reason)
    }))
}
