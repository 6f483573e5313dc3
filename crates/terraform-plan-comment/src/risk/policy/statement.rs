//! The statements of a policy.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::on_one_line;
use crate::entries::Entries;
use crate::sealed::Sealed;

use super::super::catalog::{BINDINGS, ESCALATIONS, PUBLIC_ISSUERS};
use super::super::networks::is_anywhere;
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

/// The statements of a policy; `None` where one of them cannot be read.
pub(super) fn statements(policy: &str) -> Option<Vec<Statement>> {
    let policy = Sealed::from_json_text(policy)?;
    let statements = entry(Some(&policy), "Statement")?;
    items(Some(statements)).iter().map(Statement::read).collect()
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
            conditions: conditions(of("Condition"))?,
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
        // IAM tells no actions apart by case.
        let action = |known: &str, wanted: &str| covers(&known.to_lowercase(), &wanted.to_lowercase());
        covers_all(
            &self.principals,
            self.excluded_principals.as_ref(),
            &grant.principals,
            grant.excluded_principals.as_ref(),
            is_among,
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
        ) && self.conditions.iter().all(|((operator, key), values)| grant.holds_only_where(operator, key, values))
    }

    /// Whether a condition of its own is as strict as this one. One that holds without the key too (`...IfExists`) is looser.
    fn holds_only_where(&self, operator: &str, key: &str, values: &BTreeSet<String>) -> bool {
        let operators = [Some(operator), operator.strip_suffix("IfExists")];
        operators.into_iter().flatten().any(|operator| {
            let wanted = self.conditions.get(&(operator.to_owned(), key.to_owned()));
            wanted.is_some_and(|wanted| is_stricter(operator, wanted, values))
        })
    }

    /// Whether it is for somebody: a principal that conditions bind, or one that is not everybody.
    pub(super) fn is_for_everybody(&self) -> bool {
        let is_public = |principal: &String| {
            let issuer = principal.strip_prefix("Federated:");
            principal == EVERYBODY
                || issuer.is_some_and(|issuer| PUBLIC_ISSUERS.iter().any(|public| issuer.ends_with(public)))
        };
        let is_open = self.excluded_principals.is_some() || self.principals.iter().any(is_public);
        let is_bound = || self.conditions.iter().any(|((operator, key), values)| binds(operator, key, values));
        is_open && !is_bound()
    }

    /// Whether it is about all resources, or about all of a kind in every account.
    pub(super) fn is_about_everything(&self) -> bool {
        self.excluded_resources.is_some() || self.resources.iter().any(|resource| is_everything(resource))
    }

    /// Whether it allows everything of a service, or what leads to everything.
    pub(super) fn does_everything(&self) -> bool {
        let does = |action: &String| {
            let action = action.to_lowercase();
            let (_, name) = action.split_once(':').unwrap_or(("", &action));
            is_wild(name) || ESCALATIONS.iter().any(|escalation| covers(&action, escalation))
        };
        self.excluded_actions.is_some() || self.actions.iter().any(does)
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
        // Nothing of what is wanted may be among what is left out. What a star stands for may be.
        (Some(known), None) => !wanted.is_empty() && !wanted.iter().any(|item| item.contains('*') || has(known, item)),
    }
}

/// Whether a principal is one of those that another one stands for: an account stands for everybody in it
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts>).
fn is_among(known: &str, wanted: &str) -> bool {
    let is_of_account = || {
        let (id, wanted) = (account(known)?, wanted.strip_prefix("AWS:arn:")?);
        let parts: Vec<&str> = wanted.splitn(5, ':').collect();
        matches!(parts[..], [_, "iam" | "sts", "", of, _] if of == id).then_some(())
    };
    known == wanted
        || (known == EVERYBODY && wanted.starts_with("AWS:"))
        || (account(known).is_some() && account(known) == account(wanted))
        || is_of_account().is_some()
}

/// The account that a principal is, written as its number or as the ARN of its root.
fn account(principal: &str) -> Option<&str> {
    let name = principal.strip_prefix("AWS:")?;
    let is_id = |text: &&str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let of_root = || name.strip_prefix("arn:")?.split_once(":iam::")?.1.strip_suffix(":root");
    Some(name).filter(is_id).or_else(|| of_root().filter(is_id))
}

/// Whether a pattern is stars and question marks alone, with a star.
fn is_wild(pattern: &str) -> bool {
    pattern.contains('*') && pattern.chars().all(|character| matches!(character, '*' | '?'))
}

/// Whether a resource is every one, or every one of a kind in every account.
fn is_everything(resource: &str) -> bool {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [_, _, _, _, account, name] = parts[..] else { return resource.ends_with('*') };
    let of_kind = name.split_once(['/', ':']).is_some_and(|(_, name)| is_wild(name));
    name.starts_with('*') || (of_kind && is_wild(account))
}

/// Whether a condition keeps everybody but some out.
fn binds(operator: &str, key: &str, values: &BTreeSet<String>) -> bool {
    let is_positive = !operator.contains("Not")
        && !operator.ends_with("IfExists")
        && !operator.starts_with("ForAllValues:")
        && operator != "Null";
    let is_binding = BINDINGS.contains(&key) || key.ends_with(":sub");
    is_positive && is_binding && !values.iter().any(|value| is_anybody(value))
}

/// Whether a condition's value is that of everybody, or of most.
fn is_anybody(value: &str) -> bool {
    let Some(place) = value.find(['*', '?']) else { return is_anywhere(value) };
    if value.starts_with("arn:") {
        let parts: Vec<&str> = value.splitn(6, ':').collect();
        let [_, _, _, _, account, name] = parts[..] else { return true };
        return is_wild(account) || (account.is_empty() && name.starts_with(['*', '?']));
    }
    // `repo:*` and `o-*` are anybody, `repo:acme/*` is not.
    let known = &value[..place];
    known.split_once(':').map_or(known.len() <= 2, |(_, rest)| rest.is_empty())
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
        _ => "(not a text)".to_owned(),
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

/// The conditions; `None` where they cannot be read.
fn conditions(value: Option<&Sealed>) -> Option<BTreeMap<(String, String), BTreeSet<String>>> {
    let mut conditions = BTreeMap::new();
    let Some(value) = value else { return Some(conditions) };
    for (operator, keys) in map(value)? {
        for (key, values) in map(keys)? {
            conditions
                .insert((operator.to_string(), key.as_str().to_lowercase()), texts(Some(values)).into_iter().collect());
        }
    }
    Some(conditions)
}

fn map(value: &Sealed) -> Option<&Entries<Sealed>> {
    match value {
        Sealed::Map(entries) => Some(entries),
        _ => None,
    }
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
