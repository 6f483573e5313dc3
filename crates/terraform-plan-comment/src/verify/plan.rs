//! Compares: pure.

use serde::Serialize;

use super::args::Hidden;
use super::difference::{Difference, between};
use super::error::VerifyError;
use super::hidden::hidden;
use super::inputs::VerifyInputs;
use super::observe::VerifySnapshot;
use crate::marker::Name;
use crate::provenance::short;
use crate::reviewed::Reviewed;

/// What came of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VerifyPlan {
    pub(super) verdict: Verdict,
    pub(super) digest: String,
    pub(super) reviewed_digest: String,
    pub(super) plan_sha256: Option<String>,
    /// The sum of the file that was reviewed, where it is known.
    pub(super) reviewed_sha256: Option<String>,
    /// The commit that was reviewed, and the one it was compared with.
    pub(super) head: Option<String>,
    pub(super) base: Option<String>,
    /// The values that are hidden and were therefore not compared; none where it is the very file that was reviewed.
    pub(super) hidden: Vec<String>,
    /// Whether it is this plan that failed on the way.
    pub(super) is_errored: bool,
    /// What differs; empty where only a digest was given.
    pub(super) differences: Vec<Difference>,
}

/// Whether the plan may be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    /// It does what was reviewed.
    Reviewed,
    /// It does something else.
    Different,
    /// Planning failed on the way, this time or when it was reviewed: it cannot be applied, and is only a part of what was wanted.
    Errored,
    /// It does the same, and is another file than the one that must be applied.
    AnotherFile,
    /// It does the same as far as it can be seen, and that is not far enough.
    Hidden,
}

/// Compares the plan with what was reviewed.
pub(super) fn plan(inputs: &VerifyInputs, snapshot: &VerifySnapshot) -> Result<VerifyPlan, VerifyError> {
    let VerifySnapshot { plan, provenance, reviewed, .. } = snapshot;
    if let Some(reviewed) = reviewed {
        check(inputs, reviewed, &snapshot.review_file)?;
    }
    let from_file = reviewed.as_ref().map(|reviewed| &reviewed.digest);
    let reviewed_digest = inputs.digest.as_ref().or(from_file).cloned().unwrap_or_default();
    let reviewed_sha256 = reviewed.as_ref().and_then(|reviewed| reviewed.plan_sha256.clone());
    if inputs.same_file {
        known("that of the reviewed plan", reviewed_sha256.as_ref())?;
        known("that of this plan", provenance.plan_sha256.as_ref())?;
    }
    let is_same_file = reviewed_sha256.is_some() && provenance.plan_sha256 == reviewed_sha256;
    let hidden = if is_same_file { Vec::new() } else { hidden(plan) };
    let is_errored = plan.errored || reviewed.as_ref().is_some_and(|reviewed| reviewed.changes.errored);
    let verdict = if is_errored {
        Verdict::Errored
    } else if provenance.digest != reviewed_digest {
        Verdict::Different
    } else if inputs.same_file && !is_same_file {
        Verdict::AnotherFile
    } else if inputs.hidden == Hidden::Refuse && !hidden.is_empty() {
        Verdict::Hidden
    } else {
        Verdict::Reviewed
    };
    Ok(VerifyPlan {
        verdict,
        hidden,
        is_errored: plan.errored,
        digest: provenance.digest.clone(),
        reviewed_digest,
        plan_sha256: provenance.plan_sha256.clone(),
        reviewed_sha256,
        head: reviewed.as_ref().and_then(|reviewed| reviewed.head.clone()),
        base: reviewed.as_ref().and_then(|reviewed| reviewed.base.clone()),
        differences: reviewed.as_ref().map(|reviewed| between(&reviewed.changes, plan)).unwrap_or_default(),
    })
}

fn known(missing: &'static str, sum: Option<&String>) -> Result<(), VerifyError> {
    if sum.is_some() { Ok(()) } else { Err(VerifyError::SumMissing { missing }) }
}

/// Refuses the review of something else than the inputs ask for.
fn check(inputs: &VerifyInputs, reviewed: &Reviewed, path: &str) -> Result<(), VerifyError> {
    let other = |what: &'static str, found: Option<&str>, wanted: Option<&str>| {
        let words = |text: Option<&str>| text.map_or_else(|| "none".to_owned(), |text| format!("`{text}`"));
        Err(VerifyError::OtherReview { path: path.to_owned(), what, found: words(found), wanted: words(wanted) })
    };
    let name = inputs.plan.destinations.name.as_ref().map(Name::as_str);
    if reviewed.name.as_deref() != name {
        return other("plan", reviewed.name.as_deref(), name);
    }
    if let Some(digest) = inputs.digest.as_ref().filter(|digest| **digest != reviewed.digest) {
        return other("digest", Some(short(&reviewed.digest, 12)), Some(short(digest, 12)));
    }
    match &inputs.head_sha {
        Some(head) if reviewed.head.as_ref() != Some(head) => other("commit", reviewed.head.as_deref(), Some(head)),
        _ => Ok(()),
    }
}
