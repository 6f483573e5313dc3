//! Policies that allow more than before, compared statement by statement.
//!
//! A policy is any text that is a JSON object with `Statement`, whatever attribute holds it
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>). An `Allow` of the new policy is nothing new where
//! one of the old policy covers it: every principal, action and resource, under no more conditions. A `Deny` of the old policy is
//! missed unless one of the new policy covers it. What cannot be compared counts as more: a wrong alarm costs a look, a missed one an account.

mod pattern;
mod statement;

use std::collections::BTreeMap;

use crate::diff::on_one_line;
use crate::sealed::Sealed;

use super::tree::walk;
use super::{Grade, Risk};
use pattern::covers;
use statement::{EVERYBODY, Effect, Statement, statements};

/// At most this many grants are named in one reason.
const MOST_NAMED: usize = 3;

/// The statements of each attribute that holds a policy, by its path.
type Policies = BTreeMap<String, Vec<Statement>>;

/// The risks of exposure by policies.
pub(super) fn risks(before: Option<&Sealed>, after: Option<&Sealed>) -> Vec<Risk> {
    let (old, new) = (policies(before), policies(after));
    let mut risks = Vec::new();
    for (path, new) in &new {
        let exposed = |reason: String| Risk::new(Grade::Exposure, format!("{reason} (`{}`)", on_one_line(path)));
        match old.get(path) {
            Some(old) => {
                risks.extend(widened(old, new).map(exposed));
                risks.extend(missed(old, new).map(exposed));
            }
            None => risks.extend(new.iter().filter_map(broad).map(exposed)),
        }
    }
    risks.extend(unseen(&old, after));
    risks
}

/// The policies below a value.
fn policies(side: Option<&Sealed>) -> Policies {
    let mut policies = Policies::new();
    walk(side, &mut |names, value, _| {
        if let Sealed::Text(text) = value
            && let Some(statements) = statements(text)
        {
            policies.entry(names.join(".")).or_default().extend(statements);
        }
    });
    policies
}

/// What the new statements allow and none of the old ones did, in words.
fn widened(old: &[Statement], new: &[Statement]) -> Option<String> {
    let mut grants = Vec::new();
    for statement in new.iter().filter(|statement| statement.effect == Effect::Allow) {
        grants.extend(
            statement
                .grants()
                .into_iter()
                .filter(|grant| !old.iter().any(|known| known.effect == Effect::Allow && known.covers(grant))),
        );
    }
    let mut named: Vec<String> = grants.iter().map(Statement::words).collect();
    named.sort();
    named.dedup();
    let more = named.len().saturating_sub(MOST_NAMED);
    named.truncate(MOST_NAMED);
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| format!("allows more than before: {}{rest}", named.join("; ")))
}

/// What the old statements denied and none of the new ones does, in words.
fn missed(old: &[Statement], new: &[Statement]) -> Option<String> {
    let denies = |statements: &'_ [Statement]| -> Vec<Statement> {
        statements.iter().filter(|statement| statement.effect == Effect::Deny).cloned().collect()
    };
    let (old, new) = (denies(old), denies(new));
    let missed = old.iter().flat_map(Statement::grants).find(|grant| !new.iter().any(|deny| deny.covers(grant)))?;
    Some(format!("does not deny any more: {}", missed.words()))
}

/// Why a new policy's statement is one to look at, in words: nobody widened it, but it is wide.
fn broad(statement: &Statement) -> Option<String> {
    if statement.effect != Effect::Allow {
        return None;
    }
    let everybody = statement.principals.iter().any(|principal| principal == EVERYBODY);
    if everybody && statement.conditions.is_empty() {
        return Some(format!("allows everybody: {}", statement.words()));
    }
    let all = |patterns: &[String]| patterns.iter().any(|pattern| pattern == "*");
    let is_identity = statement.principals.is_empty() && statement.excluded_principals.is_none();
    let on_all = all(&statement.resources) || statement.excluded_resources.is_some();
    let whole =
        |action: &String| action == "*" || action.ends_with(":*") || covers(&action.to_lowercase(), "iam:passrole");
    let does_all = statement.actions.iter().any(whole) || statement.excluded_actions.is_some();
    (is_identity && on_all && does_all).then(|| format!("allows {}", statement.words()))
}

/// A policy that could be read before and cannot be now.
fn unseen(old: &Policies, after: Option<&Sealed>) -> Vec<Risk> {
    let mut risks = Vec::new();
    walk(after, &mut |names, value, _| {
        let why = match value {
            Sealed::Unknown { .. } => "only known after apply",
            Sealed::Secret(_) => "hidden",
            _ => return,
        };
        let path = names.join(".");
        // Other texts may have looked like one.
        if names.last().is_some_and(|name| name.contains("polic")) && old.contains_key(&path) {
            let reason =
                format!("its new policy is {why}, so that nobody sees here what it allows (`{}`)", on_one_line(&path));
            risks.push(Risk::new(Grade::Routine, reason));
        }
    });
    risks
}
