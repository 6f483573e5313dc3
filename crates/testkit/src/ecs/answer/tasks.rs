//! `ListTasks` and `DescribeTasks`: the service's tasks, and those of `RunTask`.

use serde_json::{Value, json};

use super::super::death::{Death, Ended};
use super::super::parts::{Deployment, Stopped};
use super::super::role::{Role, SERVICE, cluster_arn, last};
use super::super::scenario::Act;
use super::super::state::State;
use super::{Answer, in_cluster, runs, texts, without_nulls};

/// Where the numbers of stopped tasks begin.
const STOPPED: usize = 0x100;

pub(super) fn list(state: &mut State, body: &Value) -> Answer {
    in_cluster(body)?;
    let wanted = body["desiredStatus"].as_str().unwrap_or("RUNNING");
    let all = if body["serviceName"].is_string() { of_service(state) } else { all(state) };
    let is_asked_for = |task: &&Value| {
        let family = body["family"].as_str();
        task["desiredStatus"] == wanted
            && body["serviceName"].as_str().is_none_or(|name| last(name) == SERVICE)
            && (body["startedBy"].is_null() || task["startedBy"] == body["startedBy"])
            && family.is_none_or(|family| {
                task["taskDefinitionArn"].as_str().is_some_and(|arn| last(arn).starts_with(&format!("{family}:")))
            })
    };
    let arns: Vec<Value> = all.iter().filter(is_asked_for).map(|task| task["taskArn"].clone()).collect();
    Ok(json!({"taskArns": arns}))
}

pub(super) fn describe(state: &mut State, body: &Value) -> Answer {
    in_cluster(body)?;
    if state.scenario.act == Act::RunTask {
        state.clock.look();
    }
    let all = all(state);
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in texts(body, "tasks") {
        let is_named = |task: &&Value| task["taskArn"].as_str().is_some_and(|arn| last(arn) == last(name));
        match all.iter().find(is_named) {
            Some(task) => found.push(task.clone()),
            None => failures.push(json!({"arn": name, "reason": "MISSING"})),
        }
    }
    Ok(json!({"tasks": found, "failures": failures}))
}

/// What a container of a task wrote; `None` where there is no such task.
pub(super) fn log(state: &State, task: &str, container: &str) -> Option<Vec<(u64, &'static str)>> {
    if let Some(lines) = runs::log(state, task, container) {
        return Some(lines);
    }
    let stopped = state.moment().stopped.iter().enumerate();
    for (index, stopped) in stopped {
        if last(&stopped.role.task(STOPPED + index)) == task {
            let ended =
                stopped.death.containers.iter().find(|ended| ended.name == container && ended.exit_code.is_some())?;
            return Some(
                ended.log.iter().map(|line| (state.since().saturating_add_signed(stopped.at), *line)).collect(),
            );
        }
    }
    let running =
        of_service(state).into_iter().any(|found| found["taskArn"].as_str().is_some_and(|arn| last(arn) == task));
    running.then(|| vec![(0, "listening on port 8080")])
}

fn all(state: &State) -> Vec<Value> {
    let mut tasks = of_service(state);
    tasks.extend((0..state.runs.len()).filter_map(|index| runs::task(state, index)));
    tasks
}

fn of_service(state: &State) -> Vec<Value> {
    let moment = state.moment();
    let living = moment.deployments.iter().flat_map(|entry| {
        let running = usize::try_from(entry.running).unwrap_or_default();
        let pending = usize::try_from(entry.pending).unwrap_or_default();
        (0..running + pending).map(move |index| living(state, entry, index, index < running))
    });
    let stopped = moment.stopped.iter().enumerate().map(|(index, stopped)| dead(state, index, stopped));
    living.chain(stopped).collect()
}

fn living(state: &State, entry: &Deployment, index: usize, runs: bool) -> Value {
    let status = if runs { "RUNNING" } else { "PENDING" };
    let health = if runs { entry.health } else { "UNKNOWN" };
    let container = |name: &str| json!({"name": name, "lastStatus": status, "healthStatus": health});
    let mut task = base(state, entry.role, &entry.role.task(index), state.created(entry.role));
    for (name, value) in [
        ("lastStatus", json!(status)),
        ("desiredStatus", json!("RUNNING")),
        ("healthStatus", json!(health)),
        ("containers", json!([container("app"), container("side")])),
    ] {
        task[name] = value;
    }
    if runs {
        task["startedAt"] = task["createdAt"].clone();
    }
    task
}

fn dead(state: &State, index: usize, stopped: &Stopped) -> Value {
    let Stopped { role, at, death } = stopped;
    let at = state.since().saturating_add_signed(*at);
    let mut task = base(state, *role, &role.task(STOPPED + index), at.saturating_sub(5));
    for (name, value) in [
        ("lastStatus", json!("STOPPED")),
        ("desiredStatus", json!("STOPPED")),
        ("healthStatus", json!("UNKNOWN")),
        ("stopCode", json!(death.stop_code)),
        ("stoppedReason", json!(reason(death))),
        ("stoppingAt", state.time(at)),
        ("stoppedAt", state.time(at)),
        ("containers", json!(death.containers.iter().map(container).collect::<Vec<_>>())),
    ] {
        task[name] = value;
    }
    if death.containers.iter().any(|ended| ended.exit_code.is_some()) {
        task["startedAt"] = task["createdAt"].clone();
    }
    task
}

fn reason(death: &Death) -> String {
    match death.reason {
        "" => format!("Scaling activity initiated by (deployment {})", Role::Ours.deployment()),
        words => words.to_owned(),
    }
}

/// A container that ended.
pub(super) fn container(ended: &Ended) -> Value {
    without_nulls(json!({
        "name": ended.name, "lastStatus": "STOPPED", "exitCode": ended.exit_code, "healthStatus": "UNKNOWN",
        "reason": Some(ended.reason).filter(|reason| !reason.is_empty())
    }))
}

fn base(state: &State, role: Role, arn: &str, created: u64) -> Value {
    json!({
        "taskArn": arn, "clusterArn": cluster_arn(), "taskDefinitionArn": state.revision(role),
        "startedBy": role.deployment(), "group": format!("service:{SERVICE}"), "launchType": "FARGATE",
        "cpu": "256", "memory": "512", "version": 1, "availabilityZone": "eu-west-1a", "platformVersion": "1.4.0",
        "connectivity": "CONNECTED", "createdAt": state.time(created), "attributes": [], "tags": [],
        "overrides": {"containerOverrides": []}, "attachments": [], "enableExecuteCommand": false,
        "platformFamily": "Linux"
    })
}
