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
use crate::sealed::{Sealed, is_token};
use crate::verb::Verb;

use super::catalog::{POLICIES, POLICY_NAMES};
use super::tree::{Tree, items};
use super::{Grade, Risk};
use statement::{Effect, Statement, statements};

/// At most this many grants are named in one reason.
const MOST_NAMED: usize = 3;

/// Longer policies are not compared: AWS takes none of this length, and comparing takes the square of it.
const MOST_BYTES: usize = 128 << 10;

/// What an attribute that holds a policy says; several texts at one path are one policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Policy {
    /// What it was read from: hidden texts are told apart by it.
    sources: Vec<Sealed>,
    statements: Vec<Statement>,
    /// Why there is more in it than the statements say.
    unseen: Option<&'static str>,
    /// Whether that is known after apply only; else it is hidden or broken.
    is_later: bool,
}

/// The policies of a side by their paths.
type Policies = BTreeMap<String, Policy>;

/// The risks of exposure by what policies allow, and do not deny any more.
pub(super) fn widened(kind: &str, before: &Tree<'_>, after: &Tree<'_>) -> Vec<Risk> {
    let (old, new) = (policies(kind, before), policies(kind, after));
    let mut risks = Vec::new();
    for (path, new) in &new {
        let because = |reason: &str| format!("{reason} (`{}`)", on_one_line(path));
        let exposed = |reason: String| Risk::new(Grade::Exposure, because(&reason));
        let old = old.get(path).or_else(|| block(&old, path));
        match old {
            Some(old) if old.sources == new.sources => {}
            Some(old) if new.unseen.is_none() => {
                risks.extend(added(&old.statements, &new.statements).map(exposed));
                risks.extend(missed(&old.statements, &new.statements).map(exposed));
            }
            Some(_) => {}
            None => risks.extend(new.statements.iter().filter_map(broad).map(exposed)),
        }
        // What nobody could see before either is not worse than it was.
        if let Some(why) = new.unseen.filter(|_| old.is_none_or(|old| old.sources != new.sources)) {
            let is_noted = new.is_later && old.is_none();
            let grade = if is_noted { Grade::Routine } else { Grade::Exposure };
            risks.push(Risk::new(
                grade,
                because(&format!("its new policy {why}, so that nobody sees here what it allows")),
            ));
        }
    }
    risks
}

/// What is not denied any more because its policy goes. A policy that goes with what it belongs to is no loss.
pub(super) fn gone(kind: &str, verb: &Verb, before: &Tree<'_>, after: &Tree<'_>) -> Vec<Risk> {
    let is_policy = POLICIES.iter().any(|(known, name)| *known == kind && *name != "assume_role_policy");
    if *verb == Verb::Create || (verb.destroys() && !is_policy) {
        return Vec::new();
    }
    let (old, new) = (policies(kind, before), policies(kind, after));
    let lost = old.iter().filter(|(path, _)| !new.contains_key(*path) && block(&new, path).is_none());
    let missed = lost.filter_map(|(path, old)| Some((path, missed(&old.statements, &[])?)));
    missed.map(|(path, reason)| Risk::new(Grade::Exposure, format!("{reason} (`{}`)", on_one_line(path)))).collect()
}

/// The policy of a block that is only known as a whole on one of the sides.
fn block<'a>(policies: &'a Policies, path: &str) -> Option<&'a Policy> {
    let is_below = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'));
    policies.iter().find(|(known, _)| is_below(known, path) || is_below(path, known)).map(|(_, policy)| policy)
}

/// The policies below a value.
fn policies(kind: &str, side: &Tree<'_>) -> Policies {
    let mut policies = Policies::new();
    for place in side.all() {
        let name = place.name;
        let is_required = POLICIES.contains(&(kind, name));
        let is_named = is_required || POLICY_NAMES.contains(&name);
        for value in items(Some(place.value)) {
            let (statements, unseen, is_later) = match value {
                Sealed::Text(text) => match read(text, is_named) {
                    Read::Statements(statements) => (statements, None, false),
                    Read::Unreadable(why) => (Vec::new(), Some(why), false),
                    Read::Something => continue,
                },
                Sealed::Secret(_) if is_named => (Vec::new(), Some("is hidden"), false),
                // What may be given and is not is known after apply too.
                Sealed::Unknown { .. } if is_required => (Vec::new(), Some("is only known after apply"), true),
                Sealed::Unknown { .. } if is_named => (Vec::new(), None, true),
                _ => continue,
            };
            let policy = policies.entry(place.path()).or_default();
            policy.sources.push(value.clone());
            policy.statements.extend(statements);
            policy.unseen = policy.unseen.or(unseen);
            policy.is_later |= is_later;
        }
    }
    policies
}

/// What a text is.
enum Read {
    Statements(Vec<Statement>),
    /// A policy that is not to be read, and why.
    Unreadable(&'static str),
    Something,
}

fn read(text: &str, is_named: bool) -> Read {
    let is_policy = text.contains("\"Statement\"");
    let is_hidden = is_named && text.trim_start().starts_with(['{', '[']) && text.contains(is_token);
    if !is_policy && !is_hidden {
        return Read::Something;
    }
    if text.len() > MOST_BYTES {
        return Read::Unreadable("is too long to compare");
    }
    match statements(text) {
        Some(statements) => Read::Statements(statements),
        None if text.contains(is_token) => Read::Unreadable("is hidden in part"),
        // Some texts only look like one.
        None if Sealed::from_json_text(text).is_none() => Read::Something,
        None => Read::Unreadable("cannot be read"),
    }
}

/// What the new statements allow and none of the old ones did, in words.
fn added(old: &[Statement], new: &[Statement]) -> Option<String> {
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
    if statement.is_for_everybody() {
        return Some(format!("allows everybody: {}", statement.words()));
    }
    let is_identity = statement.principals.is_empty() && statement.excluded_principals.is_none();
    let is_wide = is_identity && statement.is_about_everything() && statement.does_everything();
    is_wide.then(|| format!("allows {}", statement.words()))
}

#[cfg(test)]
mod tests;
