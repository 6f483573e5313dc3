//! How whole a plan is.

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::intent::Intent;

/// How whole the plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PlanState {
    Complete,
    /// It leaves something out: `-target`, or deferred changes.
    Partial,
    /// It only records in the state what changed outside of Terraform.
    RefreshOnly,
    /// Planning failed on the way.
    Errored,
    /// There is no plan to show.
    Unplanned,
}

impl PlanState {
    pub(super) fn of(document: &Document, changes: bool) -> Self {
        if document.errored || document.log.has_errors() {
            Self::Errored
        } else if document.complete == Some(false) || !document.deferred.is_empty() {
            Self::Partial
        } else if Self::records_something(document) && (document.intent == Intent::RefreshOnly || !changes) {
            Self::RefreshOnly
        } else {
            Self::Complete
        }
    }

    /// Whether applying the plan changes the state. Terraform before 1.8 does not say so.
    fn records_something(document: &Document) -> bool {
        document.applyable.unwrap_or(document.intent == Intent::RefreshOnly && !document.drift.is_empty())
    }
}
