//! Grades what a change puts at risk, and says why.
//!
//! A change has as many risks as there are reasons; its grade is the worst of them. Everything is read from the sealed plan, so that no
//! reason can tell a secret: a value that is hidden, or only known after apply, is not judged, and where that matters a reason says so.
//!
//! What the rules know of the providers' types stands in [`catalog`], as data.

mod catalog;
mod downtime;
mod flags;
mod loss;
mod networks;
mod policy;
mod rules;
mod tree;

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::document::Change;
use crate::rules::Rules;
use crate::sealed::Sealed;
use crate::verb::Verb;
use tree::Tree;

/// How bad a change can be; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Grade {
    /// Data is destroyed, or kept for a shorter time.
    DataLoss,
    /// More people can reach or do something, or a protection is taken away.
    Exposure,
    /// What serves others is away for a while, or for good.
    Downtime,
    /// Something is left behind that a rule of one's own does not want.
    Rules,
    /// None of these.
    Routine,
}

impl Grade {
    /// All grades, the worst first.
    pub(crate) const ALL: [Self; 5] = [Self::DataLoss, Self::Exposure, Self::Downtime, Self::Rules, Self::Routine];

    /// As inputs and pages name it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::DataLoss => "data-loss",
            Self::Exposure => "exposure",
            Self::Downtime => "downtime",
            Self::Rules => "rules",
            Self::Routine => "routine",
        }
    }

    /// As people read it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::DataLoss => "data loss",
            Self::Exposure => "exposure",
            Self::Downtime => "downtime",
            Self::Rules => "against a rule",
            Self::Routine => "routine",
        }
    }
}

/// Why a change has a grade.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Risk {
    pub(crate) grade: Grade,
    /// In plain words, without secrets and without invisible characters; not escaped for Markdown.
    pub(crate) reason: String,
}

impl Risk {
    fn new(grade: Grade, reason: impl Into<String>) -> Self {
        Self { grade, reason: reason.into() }
    }
}

/// The type `kind`, where something is known of it.
pub(crate) fn known_kind(kind: &str) -> Option<&'static str> {
    KINDS.get(kind).copied()
}

/// Whether nobody knows what objects of this type hold: it is of a provider of which nothing is known. A type that is hidden is one.
pub(crate) fn is_strange(kind: &str) -> bool {
    !catalog::KNOWN_PROVIDERS.iter().any(|start| kind.starts_with(start))
}

/// Whether rules are about attributes of this name.
pub(crate) fn is_known_name(name: &str) -> bool {
    NAMES.contains(name)
}

/// The types that something is known of.
static KINDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| catalog::kinds().collect());

/// The names of the attributes that something is known of, and of the blocks they are in.
static NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| catalog::names().flat_map(|name| name.split('.')).collect());

/// What names the objects that a plan takes away: what protected them is not missed.
#[derive(Debug, Default)]
pub(crate) struct Doomed<'a> {
    /// Those that are destroyed without a replacement, by the attribute with which a guardian names them.
    destroyed: HashSet<(&'static str, &'a str)>,
    /// Those whose replacement has another name.
    renamed: HashSet<(&'static str, &'a str)>,
}

impl<'a> Doomed<'a> {
    /// Those of all changes of a plan.
    pub(crate) fn of(changes: &'a [Change]) -> Self {
        let mut doomed = Self::default();
        for change in changes.iter().filter(|change| change.deposed.is_none() && change.mode == "managed") {
            let verb = Verb::of(&change.actions);
            let names = match verb {
                Verb::Delete => &mut doomed.destroyed,
                _ if verb.replaces() => &mut doomed.renamed,
                _ => continue,
            };
            let kind = change.known_kind.unwrap_or_default();
            for ward in catalog::WARDS.iter().filter(|ward| ward.kinds.is_empty() || ward.kinds.contains(&kind)) {
                let text = |side: &'a Option<Sealed>, name: &'static str| tree::text(tree::entry(side.as_ref(), name));
                let is_gone = |name: &&'static str| {
                    let new = text(&change.after, name);
                    verb == Verb::Delete || (new.is_some() && new != text(&change.before, name))
                };
                names.extend(
                    ward.is
                        .iter()
                        .copied()
                        .filter(is_gone)
                        .filter_map(|is| Some((ward.name, text(&change.before, is)?))),
                );
            }
        }
        doomed
    }

    /// Whether the object that a guardian protects goes without a replacement.
    fn is_ward(&self, guardian: &Tree<'_>) -> bool {
        Self::has(&self.destroyed, guardian)
    }

    /// Whether nobody has the name any more of what a guardian protected.
    fn has_left(&self, guardian: &Tree<'_>) -> bool {
        Self::has(&self.destroyed, guardian) || Self::has(&self.renamed, guardian)
    }

    fn has(names: &HashSet<(&'static str, &'a str)>, guardian: &Tree<'_>) -> bool {
        let mut wards =
            catalog::WARDS.iter().filter_map(|ward| Some((ward.name, tree::text(guardian.entry(ward.name))?)));
        wards.any(|ward| names.contains(&ward))
    }
}

/// What a change is judged by besides itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting<'a> {
    /// What else the plan destroys.
    pub(crate) doomed: &'a Doomed<'a>,
    pub(crate) rules: &'a Rules,
}

/// The risks of a change, the worst first; none for a routine change.
pub(crate) fn risks(change: &Change, verb: &Verb, setting: Setting<'_>) -> Vec<Risk> {
    let Setting { doomed, rules } = setting;
    if change.mode != "managed" || matches!(verb, Verb::Nothing | Verb::Read | Verb::Open | Verb::Forget) {
        return Vec::new();
    }
    let (before, after) = (Tree::of(change.before.as_ref()), Tree::of(change.after.as_ref()));
    let kind = change.known_kind.unwrap_or_default();
    let mut risks = loss::risks(kind, verb, &before, &after);
    // What a deposed object serves or opens, the one that took its place does.
    if change.deposed.is_none() {
        let nothing = Tree::of(None);
        risks.extend(downtime::risks(kind, verb));
        // A replacement is judged against what it replaces.
        if *verb != Verb::Delete || !doomed.is_ward(&before) {
            risks.extend(flags::risks(kind, verb, &before, &after));
            risks.extend(policy::gone(kind, verb, &before, &after));
        }
        risks.extend(networks::risks(kind, &before, &after));
        risks.extend(policy::widened(kind, &before, &after));
        // What it gives to somebody else, nobody had before; what it denied there, it does not any more.
        if verb.replaces() && is_another_target(kind, &before, &after) {
            risks.extend(flags::risks(kind, verb, &nothing, &after));
            risks.extend(networks::risks(kind, &nothing, &after));
            risks.extend(policy::widened(kind, &nothing, &after));
            if !doomed.has_left(&before) {
                risks.extend(policy::gone(kind, verb, &before, &nothing));
            }
        }
        risks.extend(rules::risks(rules, change, verb, &after));
    }
    risks.sort();
    risks.dedup();
    risks
}

/// What a change leaves behind against the rules of one's own.
pub(crate) fn against(rules: &Rules, change: &Change, verb: &Verb) -> Vec<Risk> {
    rules::risks(rules, change, verb, &Tree::of(change.after.as_ref()))
}

/// Whether a grant or a rule belongs to something else than before. What is only known after apply may be the same again: an object
/// that is replaced has a new id, and so has all that names it.
fn is_another_target(kind: &str, before: &Tree<'_>, after: &Tree<'_>) -> bool {
    let is_known = |value: &&Sealed| matches!(value, Sealed::Text(_) | Sealed::Secret(_));
    let known = |side: &Tree<'_>, name| side.entry(name).filter(is_known).cloned();
    let counts = catalog::TARGETS.iter().filter(|target| target.counts_in(kind));
    counts.map(|target| (known(before, target.name), known(after, target.name))).any(|sides| match sides {
        (Some(old), Some(new)) => !tree::is_same(&old, &new),
        _ => false,
    })
}

#[cfg(test)]
pub(crate) mod tests;
