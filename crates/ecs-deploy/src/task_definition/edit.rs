//! Edits: what a deployment changes in a task definition, in one step. Each is idempotent, and touches nothing but what it names.

mod logging;
mod variables;

pub(crate) use variables::absent;

use std::fmt;

use serde_json::{Map, Value, json};

use super::TaskDefinition;

/// A name and its value, which may be secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair").field("name", &self.name).finish_non_exhaustive()
    }
}

/// All edits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edits {
    /// The containers that are edited; none means the only one.
    pub(crate) containers: Vec<String>,
    pub(crate) container: ContainerEdits,
    pub(crate) task: TaskEdits,
}

/// What is changed in a container.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct ContainerEdits {
    pub(crate) environment: Vec<Pair>,
    pub(crate) remove_environment: Vec<String>,
    pub(crate) secrets: Vec<Pair>,
    pub(crate) remove_secrets: Vec<String>,
    /// ARNs of objects in S3; they take the place of those that are there.
    pub(crate) env_files: Vec<String>,
    pub(crate) labels: Vec<Pair>,
    pub(crate) log_driver: Option<String>,
    pub(crate) log_options: Vec<Pair>,
    /// An empty one means the image's own.
    pub(crate) command: Option<Vec<String>>,
}

/// What is changed in the whole task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TaskEdits {
    pub(crate) cpu: Option<String>,
    pub(crate) memory: Option<String>,
    pub(crate) task_role: Option<String>,
    pub(crate) execution_role: Option<String>,
}

/// The command may hold a secret.
impl fmt::Debug for ContainerEdits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContainerEdits").field("inputs", &self.inputs()).finish_non_exhaustive()
    }
}

/// Why an edit cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EditError {
    /// There is no such container.
    UnknownContainer { container: String },
    /// It is not said which of several containers is meant.
    Ambiguous { input: &'static str },
    /// Options without a driver.
    NoLogDriver { container: String },
    /// What is there is of another type than what ECS takes, so that nothing can be put into it.
    Unusable { path: String, wanted: &'static str },
}

impl Edits {
    /// Whether nothing is edited.
    pub(crate) fn is_empty(&self) -> bool {
        self.container.inputs().is_empty() && self.task == TaskEdits::default()
    }
}

impl TaskEdits {
    fn fields(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let all = [
            ("cpu", &self.cpu),
            ("memory", &self.memory),
            ("taskRoleArn", &self.task_role),
            ("executionRoleArn", &self.execution_role),
        ];
        all.into_iter().filter_map(|(field, value)| Some((field, value.as_ref()?)))
    }
}

impl ContainerEdits {
    /// The names of the inputs that edit something.
    pub(crate) fn inputs(&self) -> Vec<&'static str> {
        let all = [
            ("environment-variables", !self.environment.is_empty()),
            ("remove-environment-variables", !self.remove_environment.is_empty()),
            ("secrets", !self.secrets.is_empty()),
            ("remove-secrets", !self.remove_secrets.is_empty()),
            ("env-files", !self.env_files.is_empty()),
            ("docker-labels", !self.labels.is_empty()),
            ("log-configuration-log-driver", self.log_driver.is_some()),
            ("log-configuration-options", !self.log_options.is_empty()),
            ("command", self.command.is_some()),
        ];
        all.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }

    fn apply(&self, name: &str, fields: &mut Map<String, Value>) -> Result<(), EditError> {
        let mut container = Editable { name, fields };
        variables::apply(self, &mut container)?;
        logging::apply(self, &mut container)?;
        if !self.env_files.is_empty() {
            let files: Vec<Value> = self.env_files.iter().map(|arn| json!({ "value": arn, "type": "s3" })).collect();
            container.fields.insert("environmentFiles".to_owned(), files.into());
        }
        let labels = container.map("dockerLabels", !self.labels.is_empty())?;
        if let Some(labels) = labels {
            put(labels, &self.labels);
        }
        if let Some(command) = &self.command {
            container.fields.insert("command".to_owned(), command.clone().into());
        }
        Ok(())
    }
}

impl TaskDefinition {
    /// Makes the edits.
    pub(crate) fn edit(&mut self, edits: &Edits) -> Result<(), EditError> {
        for (field, value) in edits.task.fields() {
            self.0.insert(field.to_owned(), Value::from(value.as_str()));
        }
        let Some(input) = edits.container.inputs().first().copied() else { return Ok(()) };
        for name in self.addressed(&edits.containers, input)? {
            let Some(fields) = self.container_mut(&name) else {
                return Err(EditError::UnknownContainer { container: name });
            };
            edits.container.apply(&name, fields)?;
        }
        Ok(())
    }

    fn addressed(&self, containers: &[String], input: &'static str) -> Result<Vec<String>, EditError> {
        match (containers, self.containers().as_slice()) {
            ([], [only]) => Ok(vec![only.name.to_owned()]),
            ([], _) => Err(EditError::Ambiguous { input }),
            (named, _) => Ok(named.to_vec()),
        }
    }
}

/// A container that is edited.
struct Editable<'a> {
    name: &'a str,
    fields: &'a mut Map<String, Value>,
}

impl Editable<'_> {
    /// The list `name`; where it is missing it is made if it is `needed`.
    fn list(&mut self, name: &str, needed: bool) -> Result<Option<&mut Vec<Value>>, EditError> {
        let path = self.path(name);
        match self.member(name, needed, || json!([])) {
            None => Ok(None),
            Some(value) => value.as_array_mut().map(Some).ok_or(EditError::Unusable { path, wanted: "a list" }),
        }
    }

    /// The map `name`; where it is missing it is made if it is `needed`.
    fn map(&mut self, name: &str, needed: bool) -> Result<Option<&mut Map<String, Value>>, EditError> {
        let path = self.path(name);
        match self.member(name, needed, || json!({})) {
            None => Ok(None),
            Some(value) => value.as_object_mut().map(Some).ok_or(EditError::Unusable { path, wanted: "an object" }),
        }
    }

    fn member(&mut self, name: &str, needed: bool, make: fn() -> Value) -> Option<&mut Value> {
        if needed {
            return Some(self.fields.entry(name).or_insert_with(make));
        }
        self.fields.get_mut(name)
    }

    fn path(&self, name: &str) -> String {
        format!("containerDefinitions.{}.{name}", self.name)
    }
}

fn put(map: &mut Map<String, Value>, pairs: &[Pair]) {
    for pair in pairs {
        map.insert(pair.name.clone(), Value::from(pair.value.as_str()));
    }
}

#[cfg(test)]
mod tests;
