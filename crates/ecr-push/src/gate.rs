//! What an image has to show before any tag points at it: what a scan found, and a signature. Pure.
//!
//! ECR scans and signs by digest, so an image can be judged before it has a tag.

mod age;
mod step;
mod verdict;

use std::collections::BTreeSet;
use std::time::Duration;

use actions_core::{InputErrors, duration, lines_or_commas};
use serde::Serialize;

use crate::args::GateArgs;

pub use age::Scanned;
pub(crate) use step::{Look, Next, Signature, scan_step, signature_step};
pub use verdict::{Judgment, ScanVerdict, SignatureVerdict};

/// How bad a vulnerability is; the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Default)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Nobody has judged it (`UNDEFINED`, and `UNTRIAGED` of enhanced scanning).
    #[default]
    Undefined,
    /// Good to know.
    Informational,
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// The worst.
    Critical,
}

impl Severity {
    /// A severity by ECR's name for it.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "CRITICAL" => Self::Critical,
            "HIGH" => Self::High,
            "MEDIUM" => Self::Medium,
            "LOW" => Self::Low,
            "INFORMATIONAL" => Self::Informational,
            // `UNTRIAGED` of enhanced scanning, and words of the future.
            _ => Self::Undefined,
        }
    }

    /// ECR's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "CRITICAL",
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
            Self::Informational => "INFORMATIONAL",
            Self::Undefined => "UNDEFINED",
        }
    }
}

/// From which severity on a vulnerability keeps tags back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Critical.
    Critical,
    /// High and worse.
    #[default]
    High,
    /// Medium and worse.
    Medium,
    /// Low and worse.
    Low,
    /// Every one.
    Any,
    /// None: the findings are only told.
    None,
}

impl FailOn {
    fn least(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Any => Some(Severity::Undefined),
            Self::None => None,
        }
    }
}

/// How long scan and signature are waited for where nothing is said.
pub(crate) const TIMEOUT: &str = "10m";

/// What an image has to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// What its scan may find; `None` where no scan is waited for.
    pub scan: Option<ScanRules>,
    /// Whether it has to be signed.
    pub signature: bool,
    /// How long scan and signature are waited for.
    pub timeout: Duration,
}

/// What a scan may find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScanRules {
    /// From which severity on a vulnerability keeps tags back.
    pub fail_on: FailOn,
    /// Vulnerabilities that do not count.
    pub ignored: BTreeSet<String>,
    /// Whether those without a fix do not count.
    pub ignore_unfixed: bool,
    /// Whether a scan is asked for where there is none.
    pub start: bool,
}

impl Gate {
    /// What was typed; `None` where nothing is waited for.
    pub(crate) fn parse(args: &GateArgs, bad: &mut InputErrors) -> Option<Self> {
        let text = if args.scan_timeout.is_empty() { TIMEOUT } else { &args.scan_timeout };
        let timeout = bad.required("scan-timeout", Some(text), duration);
        let ignored: BTreeSet<String> = lines_or_commas(&args.ignore_vulnerabilities).into_iter().collect();
        // Who sets one of these believes that there is a gate.
        let of_scans = [
            ("ignore-vulnerabilities", !ignored.is_empty()),
            ("start-scan", args.start_scan),
            ("fail-on-severity", args.fail_on_severity != FailOn::default()),
            ("ignore-unfixed", args.ignore_unfixed),
            ("scan-timeout", !args.wait_for_signature && text != TIMEOUT),
        ];
        for (name, _) in of_scans.into_iter().filter(|(_, is_given)| *is_given && !args.wait_for_scan) {
            bad.add(name, "is given, and no scan is waited for", Some("set `wait-for-scan: true`".to_owned()));
        }
        let rules = ScanRules {
            fail_on: args.fail_on_severity,
            ignored,
            ignore_unfixed: args.ignore_unfixed,
            start: args.start_scan,
        };
        let scan = args.wait_for_scan.then_some(rules);
        let gate = Self { scan, signature: args.wait_for_signature, timeout: timeout? };
        (gate.scan.is_some() || gate.signature).then_some(gate)
    }
}

/// A vulnerability of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Its name, such as `CVE-2026-1234`.
    pub id: String,
    /// The package; empty where the scan does not tell.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// The version that has the fix, where the scan tells it.
    pub fixed: Option<String>,
    /// Whether there is a fix, where the scan tells it: basic scanning does not.
    pub has_fix: Option<bool>,
    /// Where more is told.
    pub uri: String,
}

impl Finding {
    /// `CRITICAL CVE-2026-1: openssl 3.0.1, fixed in 3.0.2`.
    pub(crate) fn line(&self) -> String {
        let package = format!("{} {}", self.package, self.version);
        format!("{} {}: {}, {}", self.severity.name(), self.id, package.trim(), self.fix())
    }

    /// What is known of a fix.
    pub(crate) fn fix(&self) -> String {
        match (&self.fixed, self.has_fix) {
            (Some(version), _) => format!("fixed in {version}"),
            (None, Some(true)) => "there is a fix".to_owned(),
            (None, Some(false)) => "no fix yet".to_owned(),
            (None, None) => "whether there is a fix is not told".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
