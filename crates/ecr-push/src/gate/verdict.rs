//! What scan and signature came to.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{FailOn, Finding, ScanRules, Severity};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgment {
    /// The scan's verdict; `None` where no scan was waited for.
    pub scan: Option<ScanVerdict>,
    /// How long ago the oldest of the scans was made, as `245 days ago`, where scans come to an end.
    pub scanned: Option<String>,
    /// What the scan found, the worst first.
    pub findings: Vec<Finding>,
    /// The signature's verdict; `None` where none was waited for.
    pub signature: Option<SignatureVerdict>,
}

/// What a scan came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum ScanVerdict {
    /// Nothing that counts was found.
    Passed,
    /// So many were found.
    Vulnerable {
        /// How many count.
        count: usize,
    },
    /// It was not scanned.
    NotScanned {
        /// ECR's words.
        reason: String,
    },
    /// It was still under way.
    TimedOut,
}

/// What came of signing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum SignatureVerdict {
    /// It is signed.
    Signed,
    /// Nobody signs it.
    NotSigned {
        /// Why.
        reason: String,
    },
    /// Signing failed.
    Failed {
        /// ECR's words.
        reason: String,
    },
    /// It was still under way.
    TimedOut,
}

impl ScanVerdict {
    /// The word of the output `scan-status`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Vulnerable { .. } => "vulnerable",
            Self::NotScanned { .. } => "not-scanned",
            Self::TimedOut => "timed-out",
        }
    }
}

impl ScanRules {
    /// Whether a finding keeps tags back.
    pub(crate) fn counts(&self, finding: &Finding) -> bool {
        let is_bad = self.fail_on.least().is_some_and(|least| finding.severity >= least);
        let is_unfixed = self.ignore_unfixed && finding.has_fix == Some(false);
        is_bad && !is_unfixed && !self.ignored.contains(&finding.id)
    }

    /// The verdict over what was found.
    pub(crate) fn judge(&self, findings: &[Finding]) -> ScanVerdict {
        match findings.iter().filter(|finding| self.counts(finding)).count() {
            0 => ScanVerdict::Passed,
            count => ScanVerdict::Vulnerable { count },
        }
    }

    /// How many of the findings do not count only because nobody has said how bad they are.
    pub(crate) fn unjudged(&self, findings: &[Finding]) -> usize {
        let strict = Self { fail_on: FailOn::Any, ..self.clone() };
        let is_unjudged = |finding: &&Finding| finding.severity == Severity::Undefined;
        let would_count =
            |finding: &&Finding| self.fail_on != FailOn::None && !self.counts(finding) && strict.counts(finding);
        findings.iter().filter(is_unjudged).filter(would_count).count()
    }

    /// Ignored vulnerabilities that nobody found: they can go.
    pub(crate) fn unused(&self, found: &BTreeSet<&str>) -> Vec<&str> {
        self.ignored.iter().map(String::as_str).filter(|id| !found.contains(id)).collect()
    }
}

impl Judgment {
    /// Whether tags may be written.
    pub fn passes(&self) -> bool {
        matches!(self.scan, None | Some(ScanVerdict::Passed))
            && matches!(self.signature, None | Some(SignatureVerdict::Signed))
    }
}
