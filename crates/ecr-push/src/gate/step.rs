//! What follows from a look at a scan or at signatures.

use std::time::Duration;

use super::{Finding, Scanned};

/// How long a scan or a signature may take to begin.
pub(super) const NOT_BEGUN: Duration = Duration::from_mins(2);

/// What ECR says of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    /// It knows of none.
    NotBegun,
    /// It has a status.
    Status {
        status: String,
        reason: String,
        /// When the last scan came to an end, where one has since the image is there.
        completed: Option<Scanned>,
        findings: Vec<Finding>,
    },
}

impl Look {
    /// When a scan that is over was made; continuous scanning is never over.
    pub(crate) fn scanned(&self) -> Option<Scanned> {
        match self {
            Self::Status { status, completed, .. } if status == "COMPLETE" => *completed,
            Self::Status { .. } | Self::NotBegun => None,
        }
    }
}

/// What follows from a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next<T> {
    /// Another look, a moment later.
    Wait,
    /// The end.
    Done(T),
    /// There will be no result, and why.
    Never(String),
}

/// What follows from this look at a scan and the one before, so long after the first one
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html>).
pub(crate) fn scan_step(before: Option<&Look>, now: &Look, waited: Duration) -> Next<Vec<Finding>> {
    let Look::Status { status, reason, completed, findings } = now else {
        return if waited < NOT_BEGUN { Next::Wait } else { Next::Never("ECR knows of no scan of it".to_owned()) };
    };
    // An empty list right after the end has been seen to fill a moment later.
    let is_settled = !findings.is_empty() || before == Some(now);
    match status.as_str() {
        "COMPLETE" if is_settled => Next::Done(findings.clone()),
        // Continuous scanning never completes, and its list fills while it runs: it counts once two looks agree, and an empty one
        // only when a first scan is over.
        "ACTIVE" if before == Some(now) && (completed.is_some() || !findings.is_empty()) => {
            Next::Done(findings.clone())
        }
        "IN_PROGRESS" | "PENDING" | "COMPLETE" | "ACTIVE" => Next::Wait,
        other if reason.is_empty() => Next::Never(other.to_owned()),
        other => Next::Never(format!("{other}: {reason}")),
    }
}

/// The signature of one profile, as ECR tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) profile: String,
    pub(crate) status: String,
    pub(crate) reason: String,
}

/// What follows from a look at the signatures: every profile that signs has to be done.
pub(crate) fn signature_step(signatures: &[Signature], waited: Duration) -> Next<Result<(), String>> {
    if let Some(failed) = signatures.iter().find(|signature| signature.status == "FAILED") {
        return Next::Done(Err(format!("{}: {}", failed.profile, failed.reason)));
    }
    let all_done = signatures.iter().all(|signature| signature.status == "COMPLETE");
    match signatures {
        [] if waited < NOT_BEGUN => Next::Wait,
        [] => Next::Never("no rule of the registry signs images of this repository".to_owned()),
        _ if all_done => Next::Done(Ok(())),
        _ => Next::Wait,
    }
}
