//! The statements of a policy.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::on_one_line;
use crate::sealed::Sealed;

use super::super::tree::{entry, items, text};
use super::pattern::covers;

/// Every principal, signed in or not.
pub(super) const EVERYBODY: &str = "AWS:*";

/// The most grants that a statement is taken apart into.
const MOST_GRANTS: usize = 4096;

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) effect: Effect,
    /// `KIND:NAME`; none in a policy that belongs to who may.
    pub(super) principals: Vec<String>,
    pub(super) excluded_principals: Option<Vec<String>>,
    pub(super) actions: Vec<String>,
    pub(super) excluded_actions: Option<Vec<String>>,
    /// None where the policy belongs to the resource, as in trust policies.
    pub(super) resources: Vec<String>,
    pub(super) excluded_resources: Option<Vec<String>>,
    /// The values by operator and key.
    pub(super) conditions: BTreeMap<(String, String), BTreeSet<String>>,
}

/// The statements of a text that is a policy.
pub(super) fn statements(policy: &str) -> Option<Vec<Statement>> {
    if !policy.contains("\"Statement\"") {
        return None;
    }
    let policy = Sealed::from_json_text(policy)?;
    let statements = entry(Some(&policy), "Statement")?;
    Some(items(Some(statements)).iter().filter_map(Statement::read).collect())
}

impl Statement {
    fn read(statement: &Sealed) -> Option<Self> {
        let of = |name: &str| entry(Some(statement), name);
        let effect = match text(of("Effect"))? {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            _ => return None,
        };
        Some(Self {
            effect,
            principals: principals(of("Principal")),
            excluded_principals: of("NotPrincipal").map(|excluded| principals(Some(excluded))),
            actions: texts(of("Action")),
            excluded_actions: of("NotAction").map(|excluded| texts(Some(excluded))),
            resources: texts(of("Resource")),
            excluded_resources: of("NotResource").map(|excluded| texts(Some(excluded))),
            conditions: conditions(of("Condition")),
        })
    }

    /// The same as statements of one principal, one action and one resource each; where they would be too many, the statement itself.
    pub(super) fn grants(&self) -> Vec<Self> {
        let count = |list: &[String]| list.len().max(1);
        if count(&self.principals).saturating_mul(count(&self.actions)).saturating_mul(count(&self.resources))
            > MOST_GRANTS
        {
            return vec![self.clone()];
        }
        let one = |list: &[String]| -> Vec<Vec<String>> {
            if list.is_empty() { vec![Vec::new()] } else { list.iter().map(|item| vec![item.clone()]).collect() }
        };
        let mut grants = Vec::new();
        for principals in one(&self.principals) {
            for actions in one(&self.actions) {
                for resources in one(&self.resources) {
                    let (principals, actions) = (principals.clone(), actions.clone());
                    grants.push(Self { principals, actions, resources, ..self.clone() });
                }
            }
        }
        grants
    }

    /// Whether it says all that `grant` says, whenever `grant` says it.
    pub(super) fn covers(&self, grant: &Self) -> bool {
        let principal =
            |known: &str, wanted: &str| known == wanted || (known == EVERYBODY && wanted.starts_with("AWS:"));
        // IAM tells no actions apart by case.
        let action = |known: &str, wanted: &str| covers(&known.to_lowercase(), &wanted.to_lowercase());
        covers_all(
            &self.principals,
            self.excluded_principals.as_ref(),
            &grant.principals,
            grant.excluded_principals.as_ref(),
            principal,
        ) && covers_all(
            &self.actions,
            self.excluded_actions.as_ref(),
            &grant.actions,
            grant.excluded_actions.as_ref(),
            action,
        ) && covers_all(
            &self.resources,
            self.excluded_resources.as_ref(),
            &grant.resources,
            grant.excluded_resources.as_ref(),
            covers,
        ) && self
            .conditions
            .iter()
            .all(|(of, values)| grant.conditions.get(of).is_some_and(|wanted| is_stricter(&of.0, wanted, values)))
    }

    /// What it says, in words.
    pub(super) fn words(&self) -> String {
        let list = |texts: &[String], excluded: Option<&Vec<String>>, nothing: &str| match excluded {
            Some(excluded) => format!("all but {}", named(excluded)),
            None if texts.is_empty() => nothing.to_owned(),
            None => named(texts),
        };
        let mut words = list(&self.actions, self.excluded_actions.as_ref(), "nothing");
        if !self.resources.is_empty() || self.excluded_resources.is_some() {
            words.push_str(&format!(" on {}", list(&self.resources, self.excluded_resources.as_ref(), "")));
        }
        if !self.principals.is_empty() || self.excluded_principals.is_some() {
            words.push_str(&format!(" to {}", list(&self.principals, self.excluded_principals.as_ref(), "")));
        }
        if !self.conditions.is_empty() {
            words.push_str(" under a condition");
        }
        words
    }
}

/// Whether each wanted item is among the known ones; of both, what is excluded is all but these.
fn covers_all(
    known: &[String],
    known_excluded: Option<&Vec<String>>,
    wanted: &[String],
    wanted_excluded: Option<&Vec<String>>,
    is_in: impl Fn(&str, &str) -> bool,
) -> bool {
    let has = |list: &[String], item: &str| list.iter().any(|one| is_in(one, item));
    match (known_excluded, wanted_excluded) {
        // Nothing at all is what a policy says that belongs to who may, or to the resource.
        (None, None) if known.is_empty() || wanted.is_empty() => known.is_empty() && wanted.is_empty(),
        (None, None) => wanted.iter().all(|item| has(known, item)),
        (Some(known), Some(wanted)) => known.iter().all(|item| has(wanted, item)),
        (None, Some(_)) => known.iter().any(|item| item == "*" || item == EVERYBODY),
        (Some(_), None) => false,
    }
}

/// Whether the condition with the values `wanted` holds only where that with `known` does.
fn is_stricter(operator: &str, wanted: &BTreeSet<String>, known: &BTreeSet<String>) -> bool {
    // An operator that negates holds for fewer the more values it has.
    if operator.contains("Not") { wanted.is_superset(known) } else { wanted.is_subset(known) }
}

fn texts(value: Option<&Sealed>) -> Vec<String> {
    let word = |item: &Sealed| match item {
        Sealed::Text(text) => text.clone(),
        Sealed::Bool(value) => value.to_string(),
        Sealed::Number(number) => number.clone(),
        other => format!("{other:?}"),
    };
    items(value).iter().map(word).collect()
}

fn principals(value: Option<&Sealed>) -> Vec<String> {
    match value {
        Some(Sealed::Map(kinds)) => kinds
            .iter()
            .flat_map(|(kind, names)| texts(Some(names)).into_iter().map(move |name| format!("{kind}:{name}")))
            .collect(),
        // One star is everybody, which AWS does not tell from `{"AWS": "*"}` where it allows.
        other => texts(other).into_iter().map(|name| format!("AWS:{name}")).collect(),
    }
}

fn conditions(value: Option<&Sealed>) -> BTreeMap<(String, String), BTreeSet<String>> {
    let Some(Sealed::Map(operators)) = value else { return BTreeMap::new() };
    let mut conditions = BTreeMap::new();
    for (operator, keys) in operators {
        let Sealed::Map(keys) = keys else { continue };
        for (key, values) in keys {
            conditions.insert((operator.clone(), key.to_lowercase()), texts(Some(values)).into_iter().collect());
        }
    }
    conditions
}

/// The first of some names, in backticks.
fn named(names: &[String]) -> String {
    const MOST: usize = 3;
    let more = names.len().saturating_sub(MOST);
    let mut words: Vec<String> =
        names.iter().take(MOST).map(|name| format!("`{}`", on_one_line(name).replace('`', "'"))).collect();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}
