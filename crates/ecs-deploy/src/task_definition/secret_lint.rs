//! Secrets in plain `environment`: everybody who may describe a task definition reads them.
//!
//! A guess from names and from the shapes of values, so it warns and errs towards silence: references, paths, switches, numbers
//! and short words are no secrets, whatever their names are.

mod name;
mod value;

use std::fmt;

use serde_json::{Map, Value};

use super::model::Spot;
use super::text;
use crate::document::Step;

/// A variable that looks like a secret and is written in the clear.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainSecret {
    pub(crate) container: String,
    pub(crate) variable: String,
    /// What gives it away: `its name`, `a private key`.
    pub(crate) because: &'static str,
    /// Where it stands.
    pub(crate) spot: Spot,
    /// Its value, never to be shown.
    pub(crate) value: String,
}

impl fmt::Debug for PlainSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainSecret")
            .field("container", &self.container)
            .field("variable", &self.variable)
            .field("because", &self.because)
            .finish_non_exhaustive()
    }
}

impl PlainSecret {
    /// What to mask in everything that is written: a value that no other text holds by chance. A weak password may be the name
    /// of a service too, and an ARN without it is of no use.
    pub(crate) fn to_mask(&self) -> Option<&str> {
        let is_unique = value::telling_shape(&self.value).is_some() || value::is_random(&self.value);
        is_unique.then_some(self.value.as_str())
    }

    /// What is wrong.
    pub(crate) fn problem(&self) -> String {
        format!(
            "variable `{}` of container `{}` is written in the clear and looks like a secret ({})",
            shown(&self.variable),
            shown(&self.container),
            self.because
        )
    }

    /// What to write in place of it.
    pub(crate) fn remedy(&self) -> String {
        let variable = shown(&self.variable);
        format!(
            "store it in Secrets Manager or the Parameter Store, and write it under `secrets`: \
             {{\"name\": \"{variable}\", \"valueFrom\": \"arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME\"}}"
        )
    }
}

/// A name from outside, without what would end a quotation of it.
fn shown(name: &str) -> String {
    name.chars().take(80).map(|c| if c.is_control() || matches!(c, '`' | '"' | '\\') { '?' } else { c }).collect()
}

/// The variables of all containers that look like secrets.
pub(super) fn plain_secrets(definition: &Map<String, Value>) -> Vec<PlainSecret> {
    let mut found = Vec::new();
    for (index, container) in items(definition.get("containerDefinitions")).enumerate() {
        for (place, variable) in items(container.get("environment")).enumerate() {
            let (name, value) = (text(variable, "name"), text(variable, "value"));
            let Some(because) = because(name, value) else { continue };
            let steps = [("containerDefinitions", index), ("environment", place)];
            found.push(PlainSecret {
                container: text(container, "name").to_owned(),
                variable: name.to_owned(),
                because,
                spot: Spot {
                    steps: steps
                        .iter()
                        .flat_map(|(list, item)| [Step::Member((*list).to_owned()), Step::Item(*item)])
                        .collect(),
                    shown: format!("containerDefinitions.{}.environment.{name}", text(container, "name")),
                },
                value: value.to_owned(),
            });
        }
    }
    found
}

fn items(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

/// Why a variable looks like a secret.
fn because(name: &str, value: &str) -> Option<&'static str> {
    if let Some(shape) = value::telling_shape(value) {
        return Some(shape);
    }
    if value::is_harmless(value) {
        return None;
    }
    match name::tells(name) {
        name::Telling::Whole => Some("its name"),
        name::Telling::Part if value::is_random(value) => Some("its name, and a value that looks random"),
        name::Telling::Part | name::Telling::Nothing => None,
    }
}

#[cfg(test)]
mod tests;
