//! Puts the parts of many roots together: pure.
//!
//! The order of the parts does not matter, and a part that is there twice counts once. What a part says of its run and commit decides
//! only which of several is shown: one that is not of the planned commit is never shown as a plan.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::marker::{Name, Writer};
use crate::part::Contribution;
use crate::review::{Counts, PlanState, Review};
use crate::risk::Grade;

/// A file that was found among the parts.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Its path, as an artifact names it.
    pub(crate) file: String,
    /// The part, or why it is none.
    pub(crate) part: Result<Contribution, String>,
}

/// All roots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Merged {
    /// What needs attention first.
    pub(crate) roots: Vec<Root>,
    /// The files of which nothing can be shown.
    pub(crate) refused: Vec<Refused>,
}

/// A root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Root {
    pub(crate) name: String,
    pub(crate) state: State,
    /// Whether it may be there: names were expected, and its is none of them.
    pub(crate) is_unexpected: bool,
}

/// A file of which nothing can be shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Refused {
    pub(crate) file: String,
    pub(crate) reason: String,
}

/// What is known of a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// Its plan, which may be one that failed.
    Planned(Box<Review>),
    /// Its parts are of other commits.
    Stale { commit: Option<String> },
    /// It was expected, and no part came.
    Missing,
    /// The newest parts say different things.
    Contradictory,
}

/// Why a root does not pass; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Problem {
    Missing,
    Failed,
    Contradictory,
    Stale,
    Unexpected,
    Protected(usize),
    Refused(usize),
}

impl Root {
    /// Its plan.
    pub(crate) fn review(&self) -> Option<&Review> {
        match &self.state {
            State::Planned(review) => Some(review),
            State::Stale { .. } | State::Missing | State::Contradictory => None,
        }
    }

    /// Why it does not pass, if it does not.
    pub(crate) fn problem(&self) -> Option<Problem> {
        let review = match &self.state {
            State::Missing => return Some(Problem::Missing),
            State::Stale { .. } => return Some(Problem::Stale),
            State::Contradictory => return Some(Problem::Contradictory),
            State::Planned(review) => review,
        };
        if matches!(review.state, PlanState::Unplanned | PlanState::Errored) {
            return Some(Problem::Failed);
        }
        if self.is_unexpected {
            return Some(Problem::Unexpected);
        }
        let refused = review.refused().count() + review.refused_actions().count();
        let refused = if review.overridden_by.is_some() { 0 } else { refused };
        match (review.protected().count(), refused) {
            (0, 0) => None,
            (0, refused) => Some(Problem::Refused(refused)),
            (protected, _) => Some(Problem::Protected(protected)),
        }
    }

    /// The worst grade of its changes; `None` where it changes no resource.
    pub(crate) fn grade(&self) -> Option<Grade> {
        self.review().filter(|review| !review.resources.is_empty()).map(Review::grade)
    }

    /// What needs attention first.
    fn urgency(&self) -> impl Ord + '_ {
        let problem = self.problem();
        let destroyed = self.review().map_or(0, |review| review.counts.destroy);
        let changes = self.review().is_some_and(|review| review.has_changes);
        let grade = self.grade();
        let loses = grade != Some(Grade::DataLoss);
        (problem.is_none(), problem, loses, std::cmp::Reverse(destroyed), grade.is_none(), grade, !changes, &self.name)
    }
}

impl Problem {
    /// In plain words; what stands in backticks is a name.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Missing => "no part of it came".to_owned(),
            Self::Failed => "its plan failed".to_owned(),
            Self::Contradictory => "its parts contradict each other".to_owned(),
            Self::Stale => "its part is of another commit".to_owned(),
            Self::Unexpected => "`expect` does not name it".to_owned(),
            Self::Protected(count) => format!("it destroys what `fail-on-destroy` names ({count})"),
            Self::Refused(count) => format!("`fail-on` refuses some of its changes ({count})"),
        }
    }

    /// Whether there is no whole plan of the root.
    pub(crate) fn is_lack(self) -> bool {
        match self {
            Self::Missing | Self::Failed | Self::Contradictory | Self::Stale => true,
            Self::Unexpected | Self::Protected(_) | Self::Refused(_) => false,
        }
    }
}

impl Merged {
    /// The plans that can be shown, whole or not.
    pub(crate) fn reviews(&self) -> impl Iterator<Item = &Review> {
        self.roots.iter().filter_map(Root::review).filter(|review| review.unplanned.is_none())
    }

    /// Terraform's counts over all roots.
    pub(crate) fn counts(&self) -> Counts {
        self.reviews().map(|review| review.counts).fold(Counts::default(), Counts::plus)
    }

    /// The worst grade over all roots; `None` where no resource changes.
    pub(crate) fn grade(&self) -> Option<Grade> {
        self.roots.iter().filter_map(Root::grade).min()
    }

    /// Whether applying all of them would do anything.
    pub(crate) fn has_changes(&self) -> bool {
        self.reviews().any(|review| review.has_changes)
    }

    /// Whether a root has no plan that could be shown whole, or a file none at all.
    pub(crate) fn lacks_a_plan(&self) -> bool {
        !self.refused.is_empty() || self.roots.iter().filter_map(Root::problem).any(Problem::is_lack)
    }

    /// Whether every root was planned whole, and nothing is refused.
    pub(crate) fn passes(&self) -> bool {
        self.refused.is_empty() && self.roots.iter().all(|root| root.problem().is_none())
    }
}

/// Puts the parts together, for a run that `writer` describes. Of several parts of a root those of the run's commit count, and of these
/// the newest attempt's. `overridden_by` lets pass what `fail-on` refused in any of them.
pub(crate) fn merge(found: &[Found], expected: &[Name], writer: &Writer, overridden_by: Option<&str>) -> Merged {
    let mut roots: BTreeMap<String, Vec<&Contribution>> = BTreeMap::new();
    for name in expected {
        roots.entry(name.as_str().to_owned()).or_default();
    }
    let mut refused = Vec::new();
    for Found { file, part } in found {
        match part.as_ref().map_err(Clone::clone).and_then(|part| not_from_later(part, writer)) {
            Ok(part) => roots.entry(part.root.as_str().to_owned()).or_default().push(part),
            Err(reason) => refused.push(Refused { file: file.clone(), reason }),
        }
    }
    refused.sort();
    let root = |(name, parts): (String, Vec<&Contribution>)| {
        let is_unexpected = !expected.is_empty() && !expected.iter().any(|one| one.as_str() == name);
        Root { name, state: State::of(parts, writer, overridden_by), is_unexpected }
    };
    let mut roots: Vec<Root> = roots.into_iter().map(root).collect();
    roots.sort_by(|one, other| one.urgency().cmp(&other.urgency()));
    Merged { roots, refused }
}

/// A part that says a later run or attempt wrote it is forged: it would win over every other.
fn not_from_later<'a>(part: &'a Contribution, writer: &Writer) -> Result<&'a Contribution, String> {
    if part.writer.is_newer_than(writer) {
        return Err("it says that a later run wrote it".to_owned());
    }
    Ok(part)
}

impl State {
    fn of(parts: Vec<&Contribution>, writer: &Writer, overridden_by: Option<&str>) -> Self {
        let is_ours = |part: &&Contribution| writer.commit.is_none() || part.writer.commit == writer.commit;
        let (ours, others): (Vec<&Contribution>, Vec<&Contribution>) = parts.into_iter().partition(is_ours);
        if ours.is_empty() {
            let commit = newest(others).into_iter().map(|part| part.writer.commit.clone()).max();
            return commit.map_or(Self::Missing, |commit| Self::Stale { commit });
        }
        match newest(ours).as_slice() {
            [] => Self::Missing,
            [first, others @ ..] if others.iter().all(|other| other == first) => {
                let overridden_by = overridden_by.map(str::to_owned);
                Self::Planned(Box::new(Review { overridden_by, ..first.review.clone() }))
            }
            [..] => Self::Contradictory,
        }
    }
}

/// The parts of the last attempt.
fn newest(parts: Vec<&Contribution>) -> Vec<&Contribution> {
    let last = parts.iter().map(|part| part.writer.run).max();
    parts.into_iter().filter(|part| Some(part.writer.run) == last).collect()
}

#[cfg(test)]
pub(crate) mod tests;
