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
mod tree;

use serde::Serialize;

use crate::document::Change;
use crate::verb::Verb;

/// How bad a change can be; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Grade {
    /// Data is destroyed, or kept for a shorter time.
    DataLoss,
    /// More people can reach or do something, or a protection is taken away.
    Exposure,
    /// What serves others is away for a while, or for good.
    Downtime,
    /// None of these.
    Routine,
}

impl Grade {
    /// All grades, the worst first.
    pub(crate) const ALL: [Self; 4] = [Self::DataLoss, Self::Exposure, Self::Downtime, Self::Routine];

    /// As inputs and pages name it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::DataLoss => "data-loss",
            Self::Exposure => "exposure",
            Self::Downtime => "downtime",
            Self::Routine => "routine",
        }
    }

    /// As people read it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::DataLoss => "data loss",
            Self::Exposure => "exposure",
            Self::Downtime => "downtime",
            Self::Routine => "routine",
        }
    }
}

/// Why a change has a grade.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

/// The risks of a change, the worst first; none for a routine change.
pub(crate) fn risks(change: &Change, verb: &Verb) -> Vec<Risk> {
    if change.mode != "managed" || matches!(verb, Verb::Nothing | Verb::Read | Verb::Forget) {
        return Vec::new();
    }
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let mut risks = loss::risks(&change.kind, verb, before, after);
    risks.extend(downtime::risks(&change.kind, verb));
    // What a deposed object opened is open in the one that took its place.
    if change.deposed.is_none() {
        risks.extend(flags::risks(&change.kind, verb, before, after));
        risks.extend(networks::risks(&change.kind, before, after));
        risks.extend(policy::risks(before, after));
    }
    risks.sort();
    risks.dedup();
    risks
}

#[cfg(test)]
mod tests;
