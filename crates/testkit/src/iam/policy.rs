//! A policy document, and whether it allows something: the part of IAM's logic that such policies use.
//!
//! What is not understood here (`Deny`, `NotAction`, an action with a wildcard, an unknown operator) allows nothing.

use serde_json::Value;

use super::need::Need;
use super::pattern::{covers, unescape};

/// A policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy(Vec<Statement>);

#[derive(Debug, Clone, PartialEq)]
struct Statement {
    sid: String,
    parts: Vec<(String, String)>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Condition {
    operator: String,
    key: String,
    values: Vec<String>,
}

/// One action on one resource of one statement: the smallest thing a policy can lack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The action.
    pub action: String,
    /// The resource's pattern.
    pub resource: String,
    /// The conditions, as `operator key = values`.
    pub conditions: Vec<String>,
}

impl Policy {
    /// Reads a policy document.
    ///
    /// # Panics
    ///
    /// When it is none.
    pub fn parse(json: &str) -> Self {
        let document: Value =
            serde_json::from_str(json).unwrap_or_else(|error| panic!("not a policy: {error}\n{json}"));
        assert_eq!(document["Version"], "2012-10-17", "a policy without its version: {json}");
        Self(list(&document["Statement"]).into_iter().map(statement).collect())
    }

    /// Whether a statement allows it.
    pub fn allows(&self, need: &Need) -> bool {
        self.0.iter().any(|statement| statement.allows(need))
    }

    /// Its smallest parts, with the names of their statements.
    pub fn parts(&self) -> Vec<(String, Part)> {
        let of = |statement: &Statement| {
            let conditions: Vec<String> = statement.conditions.iter().map(Condition::shown).collect();
            let named = |(action, resource): &(String, String)| {
                let (action, resource) = (action.clone(), resource.clone());
                (statement.sid.clone(), Part { action, resource, conditions: conditions.clone() })
            };
            statement.parts.iter().map(named).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of).collect()
    }

    /// The policy without its part at `index`, as [`Policy::parts`] counts.
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let mut counted = 0;
        let mut left = self.clone();
        for statement in &mut left.0 {
            statement.parts.retain(|_| {
                counted += 1;
                counted != index + 1
            });
        }
        left
    }
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

fn texts(value: &Value) -> Vec<String> {
    list(value).into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn statement(value: &Value) -> Statement {
    let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
    let fields = value.as_object().map(|fields| fields.keys().map(String::as_str).collect::<Vec<_>>());
    let understood = fields.is_some_and(|fields| fields.iter().all(|field| known.contains(field)));
    let resources = texts(&value["Resource"]);
    let parts = texts(&value["Action"]).into_iter().flat_map(|action| {
        let pairs: Vec<_> = resources.iter().map(|resource| (action.clone(), resource.clone())).collect();
        pairs
    });
    let allows = understood && value["Effect"] == "Allow";
    Statement {
        sid: value["Sid"].as_str().unwrap_or_default().to_owned(),
        parts: parts.filter(|_| allows).collect(),
        conditions: conditions(&value["Condition"]),
    }
}

fn conditions(value: &Value) -> Vec<Condition> {
    let operators = value.as_object().into_iter().flatten();
    let mut all: Vec<Condition> = operators
        .flat_map(|(operator, keys)| {
            keys.as_object().into_iter().flatten().map(move |(key, values)| Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: texts(values),
            })
        })
        .collect();
    all.sort();
    all
}

impl Statement {
    fn allows(&self, need: &Need) -> bool {
        let is_needed =
            |(action, resource): &(String, String)| *action == need.action && covers(resource, &need.resource);
        self.parts.iter().any(is_needed) && self.conditions.iter().all(|condition| condition.holds(need))
    }
}

impl Condition {
    fn holds(&self, need: &Need) -> bool {
        let holds = |value: &String, given: &str| match self.operator.as_str() {
            "StringEquals" | "ArnEquals" => unescape(value) == given,
            "ArnLike" | "StringLike" => covers(value, given),
            _ => false,
        };
        let given = need.context.get(self.key.as_str());
        given.is_some_and(|given| self.values.iter().any(|value| holds(value, given)))
    }

    fn shown(&self) -> String {
        format!("{} {} = {}", self.operator, self.key, self.values.join(", "))
    }
}
