//! IAM policies: what a role must be allowed, as the JSON that IAM takes. One source for `--print-iam-policy`, for the
//! documentation and for the statement that an access-denied error tells to paste.
//!
//! It deliberately knows no service: an action names its own calls.

mod place;

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

pub use place::{Needs, Place};

/// A policy: statements in the order they were added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy(Vec<Statement>);

impl Policy {
    /// A policy that allows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement; one without an action or without a resource allows nothing and is left out.
    #[must_use]
    pub fn allow(mut self, statement: Statement) -> Self {
        if !statement.actions.is_empty() && !statement.resources.is_empty() {
            self.0.push(statement);
        }
        self
    }

    /// The policy as indented JSON, always the same for the same statements.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("Version", "2012-10-17")?;
        map.serialize_entry("Statement", &self.0)?;
        map.end()
    }
}

/// A statement that allows actions on resources.
///
/// A `Sid` that starts with `Optional` marks what an action can do without: it then says in one line what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    #[serde(skip_serializing_if = "str::is_empty")]
    sid: &'static str,
    effect: &'static str,
    #[serde(rename = "Action", serialize_with = "one_or_more")]
    actions: BTreeSet<String>,
    #[serde(rename = "Resource", serialize_with = "one_or_more")]
    resources: BTreeSet<String>,
    #[serde(rename = "Condition", skip_serializing_if = "BTreeMap::is_empty")]
    conditions: BTreeMap<&'static str, BTreeMap<&'static str, String>>,
}

impl Statement {
    /// Allows `actions` on what [`Statement::on`] names.
    pub fn new<A: Into<String>>(sid: &'static str, actions: impl IntoIterator<Item = A>) -> Self {
        Self {
            sid,
            effect: "Allow",
            actions: actions.into_iter().map(Into::into).collect(),
            resources: BTreeSet::new(),
            conditions: BTreeMap::new(),
        }
    }

    /// Adds a resource: an ARN, or `*` for an action that knows none.
    #[must_use]
    pub fn on(mut self, resource: impl Into<String>) -> Self {
        self.resources.insert(resource.into());
        self
    }

    /// Adds resources.
    #[must_use]
    pub fn on_all(mut self, resources: impl IntoIterator<Item = String>) -> Self {
        self.resources.extend(resources);
        self
    }

    /// Adds an action, when `needed`.
    #[must_use]
    pub fn and(mut self, action: &str, needed: bool) -> Self {
        if needed {
            self.actions.insert(action.to_owned());
        }
        self
    }

    /// Adds a condition: `operator`, `key` and the value.
    #[must_use]
    pub fn when(mut self, operator: &'static str, key: &'static str, value: impl Into<String>) -> Self {
        self.conditions.entry(operator).or_default().insert(key, value.into());
        self
    }

    /// Passing roles to the tasks of ECS, and to nothing else
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>).
    pub fn pass_roles_to_tasks(roles: impl IntoIterator<Item = String>) -> Self {
        Self::new("PassTheTasksRoles", ["iam:PassRole"]).on_all(roles).when(
            "StringEquals",
            "iam:PassedToService",
            "ecs-tasks.amazonaws.com",
        )
    }

    /// The statement without its name, on one line, for a message.
    pub(crate) fn line(&self) -> String {
        let parts = [("Action", &self.actions), ("Resource", &self.resources)]
            .map(|(name, values)| format!(", \"{name}\": {}", json(&OneOrMore(values))));
        let condition = if self.conditions.is_empty() {
            String::new()
        } else {
            format!(", \"Condition\": {}", json(&self.conditions))
        };
        format!("{{\"Effect\": \"Allow\"{}{condition}}}", parts.concat())
    }
}

/// A text as a policy's resource takes it literally: `*`, `?` and `$` have a meaning there
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).
pub fn literal(text: &str) -> String {
    text.replace('$', "${$}").replace('*', "${*}").replace('?', "${?}")
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn one_or_more<S: Serializer>(values: &BTreeSet<String>, serializer: S) -> Result<S::Ok, S::Error> {
    OneOrMore(values).serialize(serializer)
}

/// One value stands for itself, several are a list.
struct OneOrMore<'a>(&'a BTreeSet<String>);

impl Serialize for OneOrMore<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.first().filter(|_| self.0.len() == 1) {
            Some(only) => serializer.serialize_str(only),
            None => self.0.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests;
