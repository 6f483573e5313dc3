//! An ECS that answers at once and knows when the first call came: as little work as possible beside the measured program.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

use crate::listener::{self, Head};

const SERVICE: &str = "arn:aws:ecs:eu-west-1:123456789012:service/shop/web";
const OLD: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:7";
const NEW: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:8";

const REVISION: &str = "arn:aws:ecs:eu-west-1:123456789012:service-revision/shop/web/2";
const DEPLOYMENT: &str = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/shop/web/2";

/// The calls of one run, in order, each with its time, and whether the service was updated in it.
#[derive(Debug, Default)]
struct Run {
    calls: Mutex<Vec<(String, Instant)>>,
    is_updated: AtomicBool,
}

/// The running stand-in; it ends with this process.
#[derive(Debug)]
pub(crate) struct StandIn {
    port: u16,
    run: Arc<Run>,
}

impl StandIn {
    /// Starts it.
    pub(crate) fn start() -> Result<Self, String> {
        let run = Arc::<Run>::default();
        let shared = Arc::clone(&run);
        let port = listener::listen(move |stream| serve(stream, &shared))?;
        Ok(Self { port, run })
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The calls since the last time; the service is as it was before them.
    pub(crate) fn calls(&self) -> Vec<(String, Instant)> {
        self.run.is_updated.store(false, Ordering::Release);
        std::mem::take(&mut *self.run.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn serve(stream: &TcpStream, run: &Run) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(head) = Head::read(&mut reader)? {
        let arrived = Instant::now();
        let operation = head.header("x-amz-target").rsplit('.').next().unwrap_or_default();
        let length = head.header("content-length").parse().unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
        run.calls.lock().unwrap_or_else(PoisonError::into_inner).push((operation.to_owned(), arrived));
        if operation == "UpdateService" {
            run.is_updated.store(true, Ordering::Release);
        }
        respond(stream, answer(operation, sent, run.is_updated.load(Ordering::Acquire)))?;
    }
    Ok(())
}

fn respond(mut stream: &TcpStream, answer: Option<Value>) -> std::io::Result<()> {
    let (status, body) = match answer {
        Some(answer) => ("200 OK", answer.to_string()),
        None => {
            ("400 Bad Request", json!({ "__type": "ClientException", "message": "not part of the bench" }).to_string())
        }
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\nx-amzn-requestid: bench\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What ECS answers in a deployment that is complete when it is first looked at.
fn answer(operation: &str, sent: Value, is_updated: bool) -> Option<Value> {
    match operation {
        "DescribeServices" => {
            let seen = service(if is_updated { NEW } else { OLD }, "COMPLETED");
            Some(json!({ "services": [seen], "failures": [] }))
        }
        "DescribeTaskDefinition" => {
            Some(json!({ "taskDefinition": registered(task_definition("shop:1"), OLD, 7), "tags": [] }))
        }
        "RegisterTaskDefinition" => Some(json!({ "taskDefinition": registered(sent, NEW, 8), "tags": [] })),
        "UpdateService" => Some(json!({ "service": service(NEW, "IN_PROGRESS") })),
        "ListServiceDeployments" => {
            Some(json!({ "serviceDeployments": [deployment("targetServiceRevisionArn", json!(REVISION))] }))
        }
        "DescribeServiceDeployments" => {
            let found = deployment("targetServiceRevision", json!({ "arn": REVISION, "runningTaskCount": 1 }));
            Some(json!({ "serviceDeployments": [found], "failures": [] }))
        }
        "DescribeServiceRevisions" => Some(
            json!({ "serviceRevisions": [{ "serviceRevisionArn": REVISION, "taskDefinition": NEW }], "failures": [] }),
        ),
        _ => None,
    }
}

/// The task definition that is deployed.
pub(crate) fn task_definition(image: &str) -> Value {
    json!({
        "family": "shop", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{
            "name": "app", "image": image, "essential": true, "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
            "environment": [{ "name": "LOG", "value": "info" }]
        }]
    })
}

fn registered(mut definition: Value, arn: &str, revision: u64) -> Value {
    for (name, value) in [("taskDefinitionArn", json!(arn)), ("revision", json!(revision)), ("status", json!("ACTIVE"))]
    {
        definition[name] = value;
    }
    definition
}

/// Our service deployment, with its target revision as one of the two operations tells it.
fn deployment(target: &str, revision: Value) -> Value {
    let mut deployment = json!({
        "serviceDeploymentArn": DEPLOYMENT, "serviceArn": SERVICE, "status": "SUCCESSFUL", "createdAt": 1_700_000_000
    });
    deployment[target] = revision;
    deployment
}

fn service(task_definition: &str, rollout: &str) -> Value {
    let deployment = json!({
        "id": if task_definition == OLD { "ecs-svc/1" } else { "ecs-svc/2" }, "status": "PRIMARY",
        "taskDefinition": task_definition, "rolloutState": rollout, "desiredCount": 1, "runningCount": 1,
        "pendingCount": 0, "failedTasks": 0, "createdAt": 1_700_000_000
    });
    json!({
        "serviceArn": SERVICE, "serviceName": "web", "status": "ACTIVE", "taskDefinition": task_definition,
        "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
        "desiredCount": 1, "runningCount": 1, "pendingCount": 0, "schedulingStrategy": "REPLICA",
        "deploymentController": { "type": "ECS" }, "deployments": [deployment], "events": []
    })
}
