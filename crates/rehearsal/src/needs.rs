//! What the tasks of a deployment need beside their images: roles, log groups, secrets and parameters.
//!
//! Read from task definitions alone. Nobody outside of the repository's cloud account knows the values, so they are made up; what is
//! of another account than the emulator's is left alone, as tasks could not have it there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::stack::ACCOUNT;

/// The value of secrets and parameters.
const VALUE: &str = "made-up";

/// One thing that tasks need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// A role, with the path that its ARN has in front of the name.
    Role { name: String, path: String },
    /// A log group; no region is the rehearsal's.
    LogGroup { name: String, region: Option<String> },
    /// A secret, by its name as the ARN has it.
    Secret { name: String, region: Option<String> },
    /// A parameter.
    Parameter { name: String, region: Option<String> },
}

/// Everything that the tasks of some task definitions need.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The things, with the keys that are read from a secret.
    things: BTreeMap<Need, BTreeSet<String>>,
    /// What is of another account, in words.
    foreign: BTreeSet<String>,
}

/// Whether a name is a template's: only the workflow knows what it becomes.
fn is_template(name: &str) -> bool {
    ["${", "{{", "<"].iter().any(|sign| name.contains(sign))
}

impl Need {
    /// The words for people.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Role { name, .. } => format!("role {name}"),
            Self::LogGroup { name, .. } => format!("log group {name}"),
            Self::Secret { name, .. } => format!("secret {name}"),
            Self::Parameter { name, .. } => format!("parameter {name}"),
        }
    }

    /// The arguments of the AWS command line that make it; `keys` are read from a secret.
    fn arguments(&self, keys: &BTreeSet<String>) -> Vec<String> {
        let (words, region): (Vec<&str>, _) = match self {
            Self::Role { name, path } => (vec!["iam", "create-role", "--role-name", name, "--path", path], &None),
            Self::LogGroup { name, region } => (vec!["logs", "create-log-group", "--log-group-name", name], region),
            Self::Secret { name, region } => (vec!["secretsmanager", "create-secret", "--name", name], region),
            Self::Parameter { name, region } => {
                (vec!["ssm", "put-parameter", "--type", "String", "--value", VALUE, "--name", name], region)
            }
        };
        let mut arguments: Vec<String> = words.into_iter().map(str::to_owned).collect();
        match self {
            Self::Role { .. } => arguments.extend(["--assume-role-policy-document".to_owned(), tasks_trust()]),
            Self::Secret { .. } => arguments.extend(["--secret-string".to_owned(), secret(keys)]),
            Self::LogGroup { .. } | Self::Parameter { .. } => {}
        }
        // The last one counts.
        arguments.extend(region.iter().flat_map(|region| ["--region".to_owned(), region.clone()]));
        arguments
    }
}

/// Whom a role of tasks trusts
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#create_task_iam_policy_and_role>).
fn tasks_trust() -> String {
    let statement = json!({
        "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole",
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn secret(keys: &BTreeSet<String>) -> String {
    if keys.is_empty() {
        return VALUE.to_owned();
    }
    Value::Object(keys.iter().map(|key| (key.clone(), json!(VALUE))).collect::<Map<_, _>>()).to_string()
}

impl Needs {
    /// Adds what a task definition needs: bare, or as `aws ecs describe-task-definition` prints it.
    pub(crate) fn add(&mut self, definition: &Value) {
        let definition = definition.get("taskDefinition").unwrap_or(definition);
        for field in ["taskRoleArn", "executionRoleArn"] {
            self.add_role(text(definition, field));
        }
        for container in list(definition, "containerDefinitions") {
            let logs = &container["logConfiguration"];
            self.add_log_group(logs);
            for variable in list(container, "secrets").chain(list(logs, "secretOptions")) {
                self.add_source(text(variable, "valueFrom"));
            }
            self.add_source(text(&container["repositoryCredentials"], "credentialsParameter"));
        }
    }

    /// Leaves out the roles of these names, which are made for the workflows.
    pub(crate) fn without_roles(mut self, names: &BTreeSet<&str>) -> Self {
        self.things.retain(|need, _| !matches!(need, Need::Role { name, .. } if names.contains(name.as_str())));
        self
    }

    /// What the AWS command line makes each thing with.
    pub(crate) fn commands(&self) -> impl Iterator<Item = Vec<String>> {
        self.things.iter().map(|(need, keys)| need.arguments(keys))
    }

    /// What is made, and what is not, in words; empty where tasks need nothing.
    pub(crate) fn words(&self) -> String {
        let made: Vec<String> = self.things.keys().map(Need::words).collect();
        let foreign: Vec<&str> = self.foreign.iter().map(String::as_str).collect();
        let mut words = String::new();
        if !made.is_empty() {
            words.push_str(&format!(", and for the tasks {}", made.join(", ")));
        }
        if !foreign.is_empty() {
            words.push_str(&format!("; not of the account {ACCOUNT}, so not made: {}", foreign.join(", ")));
        }
        words
    }

    fn add_role(&mut self, role: &str) {
        if role.is_empty() || is_template(role) {
            return;
        }
        let parts: Vec<&str> = role.splitn(6, ':').collect();
        let (account, resource) = match parts.as_slice() {
            ["arn", _, "iam", _, account, resource] => (Some(*account), resource.strip_prefix("role/")),
            _ => (None, Some(role)),
        };
        let Some(resource) = resource else { return };
        let (path, name) =
            resource.rsplit_once('/').map_or(("/".to_owned(), resource), |(path, name)| (format!("/{path}/"), name));
        self.insert(Need::Role { name: name.to_owned(), path }, account, None);
    }

    fn add_log_group(&mut self, logs: &Value) {
        let options = &logs["options"];
        let (name, region) = (text(options, "awslogs-group"), text(options, "awslogs-region"));
        let is_made = text(options, "awslogs-create-group").eq_ignore_ascii_case("true");
        if text(logs, "logDriver") != "awslogs" || name.is_empty() || is_made || is_template(region) {
            return;
        }
        let region = Some(region.to_owned()).filter(|region| !region.is_empty());
        self.insert(Need::LogGroup { name: name.to_owned(), region }, None, None);
    }

    /// Reads `valueFrom`: the ARN of a secret, with or without `:json-key:stage:version`, or the ARN or the name of a parameter
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html>).
    fn add_source(&mut self, from: &str) {
        if from.is_empty() || is_template(from) {
            return;
        }
        match from.split(':').collect::<Vec<_>>().as_slice() {
            ["arn", _, "secretsmanager", region, account, "secret", name, behind @ ..] => {
                let need = Need::Secret { name: (*name).to_owned(), region: Some((*region).to_owned()) };
                self.insert(need, Some(account), behind.first().copied().filter(|key| !key.is_empty()));
            }
            ["arn", _, "ssm", region, account, resource] => {
                let Some(path) = resource.strip_prefix("parameter/") else { return };
                let name = if path.contains('/') { format!("/{path}") } else { path.to_owned() };
                self.insert(Need::Parameter { name, region: Some((*region).to_owned()) }, Some(account), None);
            }
            ["arn", ..] | [] => {}
            [name, ..] => self.insert(Need::Parameter { name: (*name).to_owned(), region: None }, None, None),
        }
    }

    fn insert(&mut self, need: Need, account: Option<&str>, key: Option<&str>) {
        match account {
            Some(account) if account != ACCOUNT => {
                self.foreign.insert(format!("{} ({account})", need.words()));
            }
            _ if is_template(&need.words()) => {}
            _ => self.things.entry(need).or_default().extend(key.map(str::to_owned)),
        }
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value[field].as_array().into_iter().flatten()
}

/// The files that steps of a workflow name as `task-definition`, as they are written there.
pub(crate) fn task_definitions(workflow: &str) -> BTreeSet<String> {
    let document: Value = yaml_serde::from_str(workflow).unwrap_or_default();
    let jobs = document["jobs"].as_object().into_iter().flat_map(Map::values);
    let steps = jobs.flat_map(|job| list(job, "steps"));
    steps
        .map(|step| text(&step["with"], "task-definition"))
        .filter(|file| !file.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
