//! A task definition as JSON from end to end: fields we do not know stay as they are.
//!
//! It deliberately has no typed model: every model of a task definition loses the fields that are newer than itself.

mod canonical;
mod diff;
mod echo;
mod edit;
mod file;
mod model;
mod registration;
mod secret_lint;

pub(crate) use diff::Change;
pub(crate) use edit::{ContainerEdits, EditError, Edits, Pair, TaskEdits, absent};
pub(crate) use file::{File, Misspelling};
pub(crate) use model::{
    CAPACITY_PROVIDER_STRATEGY_ITEM, CONTAINER_OVERRIDE, Kind, MANAGED_VOLUME, Spot, TAG, mistakes,
};
pub(crate) use secret_lint::PlainSecret;

use serde_json::{Map, Value};

/// What `DescribeTaskDefinition` tells and `RegisterTaskDefinition` does not take
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html>).
const DESCRIBE_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "deregisteredAt",
    "deleteRequestedAt",
    "registeredBy",
];

/// A task definition in the form in which it is registered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TaskDefinition(Map<String, Value>);

/// A container's name and image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Container<'a> {
    pub(crate) name: &'a str,
    pub(crate) image: &'a str,
}

/// Why JSON is no task definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotATaskDefinition {
    #[error("the document is {0}, not an object")]
    NotAnObject(&'static str),
    #[error("it has no `family`")]
    NoFamily,
    #[error("it has no `containerDefinitions` with at least one container")]
    NoContainers,
    #[error("container {0} has no `name`")]
    NamelessContainer(usize),
    #[error("two containers are named `{0}`")]
    SameName(String),
    #[error("`{0}` stands beside `taskDefinition` and belongs to nothing")]
    Beside(String),
    #[error("`tags` stand both in `taskDefinition` and beside it")]
    TagsTwice,
}

/// What the AWS CLI and SDKs print beside `taskDefinition` and `tags`, and what says nothing of the task definition.
const OF_THE_ANSWER: [&str; 2] = ["ResponseMetadata", "failures"];

impl TaskDefinition {
    /// Takes a document as a file holds it or as `describe-task-definition` prints it (`{"taskDefinition": .., "tags": ..}`).
    pub(crate) fn from_document(document: Value) -> Result<Self, NotATaskDefinition> {
        Self::of_fields(unwrapped(document)?)
    }

    /// Takes an answer of ECS: its `taskDefinition`, with the `tags` beside it. What else stands there may be newer than this program.
    pub(crate) fn from_answer(answer: &Value) -> Result<Self, NotATaskDefinition> {
        let mut fields = answer["taskDefinition"].as_object().cloned().unwrap_or_default();
        if let Some(tags) = answer.get("tags").filter(|tags| tags.is_array()) {
            fields.insert("tags".to_owned(), tags.clone());
        }
        Self::of_fields(fields)
    }

    fn of_fields(fields: Map<String, Value>) -> Result<Self, NotATaskDefinition> {
        let definition = Self(registration::of(fields));
        definition.check()?;
        Ok(definition)
    }

    fn check(&self) -> Result<(), NotATaskDefinition> {
        if self.family().is_empty() {
            return Err(NotATaskDefinition::NoFamily);
        }
        let containers = self.0.get("containerDefinitions").and_then(Value::as_array);
        let containers = containers.filter(|list| !list.is_empty()).ok_or(NotATaskDefinition::NoContainers)?;
        let mut names = Vec::new();
        for (index, container) in containers.iter().enumerate() {
            let name = text(container, "name");
            if name.is_empty() {
                return Err(NotATaskDefinition::NamelessContainer(index + 1));
            }
            if names.contains(&name) {
                return Err(NotATaskDefinition::SameName(name.to_owned()));
            }
            names.push(name);
        }
        Ok(())
    }

    /// The family.
    pub(crate) fn family(&self) -> &str {
        self.0.get("family").and_then(Value::as_str).unwrap_or_default()
    }

    /// The roles that its tasks get: names or ARNs.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &str> {
        ["taskRoleArn", "executionRoleArn"]
            .into_iter()
            .filter_map(|field| self.0.get(field).and_then(Value::as_str))
            .filter(|role| !role.is_empty())
    }

    /// Whether it is registered with tags.
    pub(crate) fn has_tags(&self) -> bool {
        self.0.get("tags").and_then(Value::as_array).is_some_and(|tags| !tags.is_empty())
    }

    /// The containers, in order.
    pub(crate) fn containers(&self) -> Vec<Container<'_>> {
        let list = self.0.get("containerDefinitions").and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .map(|container| Container { name: text(container, "name"), image: text(container, "image") })
            .collect()
    }

    /// The image of the container `name`.
    pub(crate) fn image(&self, name: &str) -> Option<&str> {
        self.containers().into_iter().find(|container| container.name == name).map(|container| container.image)
    }

    /// Gives the container `name` another image; false when there is no such container.
    pub(crate) fn set_image(&mut self, name: &str, image: &str) -> bool {
        let Some(fields) = self.container_mut(name) else { return false };
        fields.insert("image".to_owned(), Value::from(image));
        true
    }

    /// The body of `RegisterTaskDefinition`.
    pub(crate) fn body(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// Whether ECS would make the same tasks of both.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        canonical::canonical(&self.0) == canonical::canonical(&other.0)
    }

    /// What changes from `before` to this one: names of fields, and values that cannot be secrets.
    pub(crate) fn changes_from(&self, before: &Self) -> Vec<Change> {
        diff::diff(&canonical::canonical(&before.0), &canonical::canonical(&self.0))
    }

    /// The fields of this one which are missing in the answer of `RegisterTaskDefinition`.
    pub(crate) fn lost_in(&self, answer: &Value) -> Lost {
        let echoed = Self::from_answer(answer).map_or_else(|_| Map::new(), |echoed| echoed.0);
        let lost = echo::lost(&canonical::canonical(&self.0), &canonical::canonical(&echoed));
        let strangers = model::deviations(&self.body()).strangers;
        let is_strange = |path: &String| strangers.iter().any(|stranger| stranger.spot.holds(path));
        let (unknown, known) = lost.into_iter().partition(is_strange);
        let spots = strangers.into_iter().map(|stranger| stranger.spot).collect();
        Lost { unknown, known, spots }
    }

    /// The variables of its containers that look like secrets and are written in the clear.
    pub(crate) fn plain_secrets(&self) -> Vec<PlainSecret> {
        secret_lint::plain_secrets(&self.0)
    }

    /// The fields of the container `name`.
    fn container_mut(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        let list = self.0.get_mut("containerDefinitions").and_then(Value::as_array_mut);
        let container = list.into_iter().flatten().find(|container| text(container, "name") == name);
        container.and_then(Value::as_object_mut)
    }
}

/// Fields that were sent, held something, and did not come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Fields that AWS's model does not know: ECS does not either.
    pub(crate) unknown: Vec<String>,
    /// Fields that AWS's model knows, and ECS in this place did not keep.
    pub(crate) known: Vec<String>,
    /// Where the fields are that the model does not know.
    pub(crate) spots: Vec<Spot>,
}

/// The task definition in a document: the document itself, or what is in its `taskDefinition`, with the `tags` beside it.
fn unwrapped(document: Value) -> Result<Map<String, Value>, NotATaskDefinition> {
    let Value::Object(mut fields) = document else { return Err(NotATaskDefinition::NotAnObject(kind(&document))) };
    if !is_wrapper(&fields) {
        return Ok(fields);
    }
    let inner = fields.shift_remove("taskDefinition");
    let tags = fields.shift_remove("tags");
    if let Some(name) = fields.keys().find(|name| !OF_THE_ANSWER.contains(&name.as_str())) {
        return Err(NotATaskDefinition::Beside(name.clone()));
    }
    let Some(Value::Object(mut inner)) = inner else { return Ok(Map::new()) };
    let Some(tags) = tags else { return Ok(inner) };
    // The AWS CLI prints an empty list beside a task definition without tags.
    let are_given = |tags: &Value| !matches!(tags, Value::Null) && tags.as_array().is_none_or(|tags| !tags.is_empty());
    match inner.get("tags") {
        Some(own) if are_given(own) && are_given(&tags) => return Err(NotATaskDefinition::TagsTwice),
        Some(own) if are_given(own) => {}
        _ => {
            inner.insert("tags".to_owned(), tags);
        }
    }
    Ok(inner)
}

/// Whether a document is what `describe-task-definition` prints.
fn is_wrapper(fields: &Map<String, Value>) -> bool {
    fields.get("taskDefinition").is_some_and(Value::is_object)
}

/// The text of a member, or nothing.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
pub(crate) mod tests;
