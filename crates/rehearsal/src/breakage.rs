//! Making a deployment fail: a refused call, or a container that crashes on an emulator that runs no containers.

use std::sync::Mutex;

use serde_json::{Value, json};
use testkit::http::{Reply, Request};
use testkit::{Fault, FaultProxy};

use crate::config::Breakage;
use crate::error::Error;
use crate::stack::Stack;

/// Starts a proxy in front of the emulator that records the requests and breaks what `breakage` says; nothing when the edits
/// alone break it.
pub(crate) fn proxy(breakage: Option<&Breakage>, stack: &Stack) -> Result<FaultProxy, Error> {
    let proxy = FaultProxy::start(&stack.emulator.endpoint())
        .map_err(|error| Error::Server { what: "the fault proxy", reason: error.to_string() })?;
    let Some(breakage) = breakage else { return Ok(proxy) };
    if let Some(denial) = &breakage.deny {
        proxy.faults().add(Fault::reply(denied()).on(&denial.method, &denial.path).always());
    }
    if breakage.crashes && stack.docker.is_none() {
        let breaker = Mutex::new(CircuitBreaker::default());
        proxy.faults().add(
            Fault::rewrite(move |request, reply| {
                let mut breaker = breaker.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                breaker.answer(request, reply)
            })
            .matching(|request| target(request).is_some())
            .always(),
        );
    }
    Ok(proxy)
}

/// What S3 answers to a caller without the permission.
fn denied() -> Reply {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    Reply::xml(403, body)
}

/// The ECS operation a request asks for.
fn target(request: &Request) -> Option<&str> {
    request.header("x-amz-target")?.strip_prefix("AmazonEC2ContainerServiceV20141113.")
}

/// Answers as ECS does when every task of a new deployment crashes and the circuit breaker rolls it back
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>). Nobody has recorded
/// these answers from AWS; they are made from its documentation.
#[derive(Debug, Default)]
struct CircuitBreaker {
    /// The task definition that ran before, and the deployment that failed.
    failed: Option<(String, Value)>,
    /// The task definition the service ran when it was first seen.
    before: Option<String>,
    /// The container that crashes: the first essential one of what was registered last.
    container: Option<String>,
}

impl CircuitBreaker {
    fn answer(&mut self, request: &Request, reply: Reply) -> Reply {
        match target(request) {
            Some("RegisterTaskDefinition" | "DescribeTaskDefinition") if self.failed.is_none() => {
                self.note_container(&reply);
            }
            Some("UpdateService") => self.note_update(&reply),
            Some("DescribeServices") => return self.describe(reply),
            Some("ListTasks") if self.failed.is_some() => {
                return Reply { body: task_list().to_string().into(), ..reply };
            }
            Some("DescribeTasks") if self.failed.is_some() => return self.describe_tasks(reply),
            _ => {}
        }
        reply
    }

    fn note_container(&mut self, reply: &Reply) {
        let answer = reply.to_json();
        let containers = answer.pointer("/taskDefinition/containerDefinitions").and_then(Value::as_array);
        let mut containers = containers.into_iter().flatten();
        let essential = containers.find(|container| container["essential"] != false);
        if let Some(name) = essential.and_then(|container| container["name"].as_str()) {
            self.container = Some(name.to_owned());
        }
    }

    fn note_update(&mut self, reply: &Reply) {
        let answer = reply.to_json();
        let deployments = answer["service"]["deployments"].as_array().cloned().unwrap_or_default();
        let primary = deployments.into_iter().find(|deployment| deployment["status"] == "PRIMARY");
        if let (Some(before), Some(primary)) = (self.before.clone(), primary) {
            self.failed = Some((before, primary));
        }
    }

    fn describe(&mut self, reply: Reply) -> Reply {
        let mut answer = reply.to_json();
        let Some(service) = answer.pointer_mut("/services/0") else { return reply };
        let running = service["taskDefinition"].as_str().unwrap_or_default().to_owned();
        let Some((before, failed)) = &self.failed else {
            self.before.get_or_insert(running);
            return reply;
        };
        let id = failed["id"].as_str().unwrap_or_default();
        let mut ours = failed.clone();
        set(
            &mut ours,
            &[
                ("status", json!("INACTIVE")),
                ("rolloutState", json!("FAILED")),
                ("rolloutStateReason", json!("ECS deployment circuit breaker: tasks failed to start.")),
                ("failedTasks", json!(3)),
                ("runningCount", json!(0)),
            ],
        );
        let mut back = failed.clone();
        let reason = format!("ECS deployment circuit breaker: rolling back to deploymentId {id}-rollback.");
        set(
            &mut back,
            &[
                ("id", json!(format!("{id}-rollback"))),
                ("status", json!("PRIMARY")),
                ("taskDefinition", json!(before)),
                ("rolloutState", json!("COMPLETED")),
                ("rolloutStateReason", json!(reason)),
                ("runningCount", json!(1)),
            ],
        );
        let events = json!([{
            "id": "00000000-0000-4000-8000-000000000001",
            "createdAt": failed["createdAt"],
            "message": format!("(service {}) (deployment {id}) deployment failed: tasks failed to start.", service["serviceName"].as_str().unwrap_or_default()),
        }]);
        set(service, &[("deployments", json!([back, ours])), ("taskDefinition", json!(before)), ("events", events)]);
        Reply { body: answer.to_string().into(), ..reply }
    }

    fn describe_tasks(&self, reply: Reply) -> Reply {
        let Some((_, failed)) = &self.failed else { return reply };
        let body = json!({ "failures": [], "tasks": [{
            "taskArn": TASK, "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "startedBy": failed["id"],
            "taskDefinitionArn": failed["taskDefinition"], "createdAt": failed["createdAt"], "stoppedAt": failed["createdAt"],
            "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
            "containers": [{ "name": self.container, "lastStatus": "STOPPED", "exitCode": 1 }],
        }]});
        Reply { status: 200, body: body.to_string().into(), ..reply }
    }
}

const TASK: &str = "arn:aws:ecs:eu-west-1:000000000000:task/slipway/00000000000000000000000000000001";

fn task_list() -> Value {
    json!({ "taskArns": [TASK] })
}

fn set(object: &mut Value, fields: &[(&str, Value)]) {
    for (name, value) in fields {
        object[*name] = value.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(operation: &str) -> Request {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-amz-target", format!("AmazonEC2ContainerServiceV20141113.{operation}").parse().unwrap());
        Request { method: "POST".into(), path: "/".into(), query: None, headers, body: Vec::new().into() }
    }

    #[test]
    fn a_deployment_that_crashes_is_rolled_back_to_what_ran_before() {
        let mut breaker = CircuitBreaker::default();
        let before = json!({ "services": [{ "serviceName": "web", "taskDefinition": "td:1", "deployments": [] }] });
        breaker.answer(&request("DescribeServices"), Reply::json(200, &before));
        let container = |name: &str, essential: bool| json!({ "name": name, "essential": essential });
        let registered =
            json!({ "taskDefinition": { "containerDefinitions": [container("side", false), container("api", true)] } });
        breaker.answer(&request("RegisterTaskDefinition"), Reply::json(200, &registered));
        let update = json!({ "service": { "deployments": [{ "id": "ecs-svc/2", "status": "PRIMARY", "taskDefinition": "td:2" }] } });
        breaker.answer(&request("UpdateService"), Reply::json(200, &update));
        let after = json!({ "services": [{ "serviceName": "web", "taskDefinition": "td:2", "deployments": [] }] });
        let seen = breaker.answer(&request("DescribeServices"), Reply::json(200, &after)).to_json();
        assert_eq!(seen["services"][0]["taskDefinition"], "td:1");
        assert_eq!(seen["services"][0]["deployments"][1]["rolloutState"], "FAILED");
        let tasks = breaker.answer(&request("DescribeTasks"), Reply::json(200, &json!({ "tasks": [] }))).to_json();
        assert_eq!(tasks["tasks"][0]["startedBy"], "ecs-svc/2");
        assert_eq!(tasks["tasks"][0]["containers"][0]["name"], "api");
    }
}
