//! What the sample is deployed to: the AWS emulator and the stand-in of GitHub, on loopback.

use std::path::Path;

use serde_json::{Value, json};
use testkit::github::Pull;
use testkit::{FakeGitHub, Ministack, Tools};

use super::sample::{NAME, PULL_REQUEST, REPOSITORY, task_definition};

/// The running stack; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Stack {
    emulator: Ministack,
    github: FakeGitHub,
}

impl Stack {
    /// Starts it, with a service that runs, an empty bucket and an open pull request.
    pub(crate) fn start(tools: &Tools, log: &Path, head: &str) -> Result<Self, String> {
        let emulator = Ministack::builder(tools).log_file(log).start().map_err(|error| error.to_string())?;
        let github = FakeGitHub::builder().repository(REPOSITORY).start().map_err(|error| error.to_string())?;
        github.add_ref(REPOSITORY, "refs/heads/main", head);
        let pull =
            Pull { number: PULL_REQUEST, head_sha: head.to_owned(), base_sha: head.to_owned(), ..Pull::default() };
        github.add_pull(REPOSITORY, pull);
        let stack = Self { emulator, github };
        stack.ecs("CreateCluster", &json!({ "clusterName": NAME }))?;
        stack.ecs("RegisterTaskDefinition", &task_definition())?;
        let service = json!({ "cluster": NAME, "serviceName": NAME, "taskDefinition": NAME, "desiredCount": 1 });
        stack.ecs("CreateService", &service)?;
        stack.http("PUT", &format!("/{NAME}"), &[], "")?;
        Ok(stack)
    }

    /// What the workflow sees of it.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        let own = [
            ("SLIPWAY_REGISTRY_ENDPOINT", self.emulator.endpoint()),
            ("GITHUB_API_URL", self.github.api_url()),
            ("GITHUB_GRAPHQL_URL", self.github.graphql_url()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        self.emulator.env().into_iter().chain(own).collect()
    }

    /// The token of the stand-in.
    pub(crate) fn token(&self) -> String {
        self.github.token().to_owned()
    }

    /// What is there after the workflow, read with a plain client: the image's tag, the service's image, the page, the comment.
    pub(crate) fn evidence(&self) -> Result<Vec<String>, String> {
        let accept = [("accept", "application/vnd.oci.image.manifest.v1+json")];
        self.http("GET", &format!("/v2/{NAME}/manifests/1.4.0"), &accept, "")?;
        let services = self.ecs("DescribeServices", &json!({ "cluster": NAME, "services": [NAME] }))?;
        let revision = text(&services, "/services/0/taskDefinition")?;
        let definition = self.ecs("DescribeTaskDefinition", &json!({ "taskDefinition": revision }))?;
        let image = text(&definition, "/taskDefinition/containerDefinitions/0/image")?;
        if !image.contains("@sha256:") {
            return Err(format!("the service runs `{image}`, not what was pushed"));
        }
        let page = self.http("GET", &format!("/{NAME}/index.html"), &[], "")?;
        if !page.contains("<title>Shop</title>") {
            return Err("the bucket has another page".to_owned());
        }
        let comments = self.github.comments(REPOSITORY, PULL_REQUEST);
        let [comment] = &comments[..] else {
            return Err(format!("{} comments on the pull request, not one", comments.len()));
        };
        if !comment["body"].as_str().is_some_and(|body| body.contains("terraform_data.shop")) {
            return Err("the comment shows another plan".to_owned());
        }
        Ok(vec![
            format!("the registry has `{NAME}:1.4.0`"),
            format!("the service runs `{image}`"),
            "the bucket has the page".to_owned(),
            "the pull request has one comment with the plan".to_owned(),
        ])
    }

    fn ecs(&self, operation: &str, body: &Value) -> Result<Value, String> {
        let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let answer = self.http("POST", "/", &headers, &body.to_string())?;
        serde_json::from_str(&answer).map_err(|error| format!("{operation}: {error}"))
    }

    fn http(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Result<String, String> {
        let url = format!("{}{path}", self.emulator.endpoint());
        let reply = testkit::http::send(method, &url, headers, body.as_bytes()).map_err(|error| error.to_string())?;
        let text = reply.to_text();
        if reply.is_success() { Ok(text) } else { Err(format!("{method} {path}: {}: {text}", reply.status)) }
    }
}

fn text(value: &Value, pointer: &str) -> Result<String, String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("the emulator's answer has no {pointer}"))
}
