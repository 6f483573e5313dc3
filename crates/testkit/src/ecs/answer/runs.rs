//! `RunTask` and `StopTask`.

use serde_json::{Value, json};

use super::super::role::{cluster_arn, last, revision_arn, run_arn};
use super::super::run::TaskMoment;
use super::super::state::{Run, State};
use super::{Answer, in_cluster, tasks, without_nulls};

/// How long after `StopTask` a task is stopped.
const GRACE: u64 = 5;

pub(super) fn run(state: &mut State, body: &Value) -> Answer {
    in_cluster(body)?;
    let name = body["taskDefinition"].as_str().unwrap_or_default();
    if let Some(known) = with_token(state, body) {
        return known;
    }
    // Seen as https://github.com/DefangLabs/defang/pull/775 has it; `UpdateService` has another code.
    let number = state.launched(name, "InvalidParameterException")?;
    if body["networkConfiguration"]["awsvpcConfiguration"]["subnets"].as_array().is_none_or(Vec::is_empty) {
        let words = "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
        return Err(("InvalidParameterException", words.to_owned()));
    }
    state.clock.start();
    let first = state.runs.len();
    let count = body["count"].as_u64().unwrap_or(1);
    for _ in 0..count {
        let (started, revision) = (state.now(), revision_arn(number));
        let request = body.clone();
        state.runs.push(Run { started, revision, started_by: body["startedBy"].clone(), stopped: None, request });
    }
    Ok(told(state, first..state.runs.len()))
}

fn told(state: &State, which: impl IntoIterator<Item = usize>) -> Value {
    let tasks: Vec<Value> = which.into_iter().filter_map(|index| task(state, index)).collect();
    json!({"tasks": tasks, "failures": []})
}

/// The tasks of a request with the same token: the same request starts no others, and another one is refused
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html>).
fn with_token(state: &State, body: &Value) -> Option<Answer> {
    let token = body["clientToken"].as_str()?;
    let known: Vec<usize> =
        (0..state.runs.len()).filter(|at| state.runs[*at].request["clientToken"] == token).collect();
    let first = known.first()?;
    if state.runs[*first].request == *body {
        return Some(Ok(told(state, known)));
    }
    let words = "The provided clientToken is already in use with a different RunTask request.";
    Some(Err(("ConflictException", words.to_owned())))
}

pub(super) fn stop(state: &mut State, body: &Value) -> Answer {
    in_cluster(body)?;
    let name = body["task"].as_str().unwrap_or_default();
    let index = (0..state.runs.len()).find(|index| last(&run_arn(*index)) == last(name));
    let index = index.ok_or(("InvalidParameterException", "The referenced task was not found.".to_owned()))?;
    let now = state.now();
    let words = body["reason"].as_str().unwrap_or("Task stopped by user").to_owned();
    state.runs[index].stopped.get_or_insert((now, words));
    Ok(json!({"task": task(state, index)}))
}

/// The nth task as it is now.
pub(super) fn task(state: &State, index: usize) -> Option<Value> {
    let run = state.runs.get(index)?;
    let moment = moment(state, run);
    let stop = match &run.stopped {
        Some((_, words)) => Some(("UserInitiated", words.as_str())),
        None => moment.stop,
    };
    let status = match run.stopped {
        Some((at, _)) if state.now() >= at + GRACE => "STOPPED",
        Some(_) if moment.status != "STOPPED" => "DEACTIVATING",
        _ => moment.status,
    };
    let ends = stop.is_some() || !moment.ended.is_empty();
    let ended = |name: &str| moment.ended.iter().find(|ended| ended.name == name);
    let containers: Vec<Value> = ["app", "side"]
        .iter()
        .map(|name| match ended(name) {
            Some(ended) => tasks::container(ended),
            None if run.stopped.is_some() && status == "STOPPED" => {
                json!({"name": name, "lastStatus": "STOPPED", "exitCode": 143})
            }
            None => json!({"name": name, "lastStatus": if status == "RUNNING" { "RUNNING" } else { "PENDING" }}),
        })
        .collect();
    Some(without_nulls(json!({
        "taskArn": run_arn(index), "clusterArn": cluster_arn(), "taskDefinitionArn": run.revision,
        "startedBy": run.started_by, "group": "family:shop", "launchType": "FARGATE", "cpu": "256", "memory": "512",
        "version": 1, "createdAt": state.time(run.started), "lastStatus": status,
        "desiredStatus": if ends { "STOPPED" } else { "RUNNING" }, "containers": containers,
        "stopCode": stop.map(|(code, _)| code), "stoppedReason": stop.map(|(_, words)| words),
        "stoppedAt": (status == "STOPPED").then(|| state.time(state.now())), "overrides": {"containerOverrides": []},
        "attachments": [], "attributes": [], "tags": [], "platformVersion": "1.4.0", "platformFamily": "Linux"
    })))
}

/// What a container of a task on its own wrote so far, the first line when it runs, the others when it ends.
pub(super) fn log(state: &State, task: &str, container: &str) -> Option<Vec<(u64, &'static str)>> {
    let run = state.runs.iter().enumerate().find(|(index, _)| last(&run_arn(*index)) == task)?.1;
    let passed = state.now().saturating_sub(run.started);
    let runs = state.scenario.task.iter().find(|moment| moment.status == "RUNNING").map(|moment| moment.at)?;
    let mut endings =
        state.scenario.task.iter().flat_map(|moment| moment.ended.iter().map(move |ended| (moment.at, ended)));
    let (at, ended) = endings.find(|(_, ended)| ended.name == container)?;
    let lines = ended.log.iter().enumerate().map(|(index, line)| (if index == 0 { runs } else { at }, *line));
    (passed >= runs).then(|| lines.filter(|(at, _)| *at <= passed).map(|(at, line)| (run.started + at, line)).collect())
}

fn moment<'a>(state: &'a State, run: &Run) -> &'a TaskMoment {
    let end = run.stopped.as_ref().map_or_else(|| state.now(), |(at, _)| *at);
    let passed = end.saturating_sub(run.started);
    let moments = &state.scenario.task;
    moments.iter().rev().find(|moment| moment.at <= passed).unwrap_or(&moments[0])
}
