//! What an image has to show before any tag points at it: what a scan found, and a signature. Pure.
//!
//! ECR scans and signs by digest, so an image can be judged before it has a tag.

use std::collections::BTreeSet;
use std::time::Duration;

use actions_core::{ExitCode, Failure, InputErrors, duration, lines_or_commas};
use serde::Serialize;

use crate::args::GateArgs;

/// How long a scan or a signature may take to begin.
const NOT_BEGUN: Duration = Duration::from_mins(2);

/// How many findings are named in an error.
const MOST_NAMED: usize = 10;

/// Vulnerabilities of `fail-on-severity` or worse were found. Exit code 1; no tag was written.
///
/// The scan of the image found vulnerabilities that are neither in `ignore-vulnerabilities` nor, with `ignore-unfixed`, without a fix.
/// The image is in the repository by its digest, and no tag points at it.
///
/// Take a newer base image, update the packages that are named with the versions that have the fix, and build again. What is known and
/// accepted goes into `ignore-vulnerabilities`.
const VULNERABLE: &str = "ecr-push/vulnerable";

/// The image was not scanned. Exit code 1; no tag was written.
///
/// ECR does not scan the image: scanning is switched off, the kind of image is not supported, a limit of scans is reached, or the scan
/// failed; ECR's own words are printed under `why`.
///
/// Switch on scan on push for the repository, or enhanced scanning for the registry; for an image without packages, which no scanner
/// knows, leave `wait-for-scan` away.
const NOT_SCANNED: &str = "ecr-push/not-scanned";

/// The scan did not end in time. Exit code 4; no tag was written.
///
/// The scan was still under way after `scan-timeout`.
///
/// Run the step again: the image is there, and the scan goes on by itself. If it stays so, raise `scan-timeout`.
const SCAN_TIMEOUT: &str = "ecr-push/scan-timeout";

/// The image was not signed. Exit code 1; no tag was written.
///
/// ECR has no signature for the image and makes none: no rule of the registry's signing configuration matches the repository, or who
/// pushed it may not sign.
///
/// Give the registry a signing rule for the repository, and let the role that pushes have `signer:SignPayload` on the signing profile.
const NOT_SIGNED: &str = "ecr-push/not-signed";

/// Signing the image failed. Exit code 1; no tag was written.
///
/// ECR tried to sign the image with the profile that is named, and could not; its reason is printed under `why`.
///
/// Mostly the role that pushes lacks `signer:SignPayload` on the profile, or the profile is cancelled. Mend it and push again.
const SIGNING_FAILED: &str = "ecr-push/signing-failed";

/// The signature did not come in time. Exit code 4; no tag was written.
///
/// Signing was still under way after `scan-timeout`.
///
/// Run the step again: the image is there, and signing goes on by itself.
const SIGNING_TIMEOUT: &str = "ecr-push/signing-timeout";

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
    /// Whether those without a fix count.
    pub ignore_unfixed: bool,
}

impl Gate {
    /// What was typed; `None` where nothing is waited for.
    pub(crate) fn parse(args: &GateArgs, bad: &mut InputErrors) -> Option<Self> {
        let text = if args.scan_timeout.is_empty() { "10m" } else { &args.scan_timeout };
        let timeout = bad.required("scan-timeout", Some(text), duration);
        let ignored: BTreeSet<String> = lines_or_commas(&args.ignore_vulnerabilities).into_iter().collect();
        if !args.wait_for_scan && !ignored.is_empty() {
            let help = "set `wait-for-scan: true`".to_owned();
            bad.add("ignore-vulnerabilities", "is given, and no scan is waited for", Some(help));
        }
        let rules = ScanRules { fail_on: args.fail_on_severity, ignored, ignore_unfixed: args.ignore_unfixed };
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

/// What ECR says of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    /// It knows of none.
    NotBegun,
    /// It has a status.
    Status {
        status: String,
        reason: String,
        /// Whether a scan has come to an end since the image is there.
        completed: bool,
        findings: Vec<Finding>,
    },
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
        "ACTIVE" if before == Some(now) && (*completed || !findings.is_empty()) => Next::Done(findings.clone()),
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

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgment {
    /// The scan's verdict; `None` where no scan was waited for.
    pub scan: Option<ScanVerdict>,
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

    /// The failure of `image`, where tags were kept back.
    pub(crate) fn failure(&self, image: &str, rules: Option<&ScanRules>) -> Option<Failure> {
        let kept = "no tag was written; the image is in the repository by its digest";
        let failed = |code, message: String, exit| Failure::new(code, message, exit).why(kept);
        match &self.scan {
            Some(ScanVerdict::Vulnerable { count }) => {
                let message =
                    format!("{} of `{image}` keep its tags back", actions_core::amount::count(*count, "vulnerability"));
                let message = message.replace("vulnerabilitys", "vulnerabilities");
                let counted = self.findings.iter().filter(|finding| rules.is_some_and(|rules| rules.counts(finding)));
                let mut lines: Vec<String> = counted.map(Finding::line).collect();
                if lines.len() > MOST_NAMED {
                    let more = lines.len() - MOST_NAMED;
                    lines.truncate(MOST_NAMED);
                    lines.push(format!("and {more} more, in the summary"));
                }
                lines.push(kept.to_owned());
                let help = "take a newer base image, or update the packages to the versions that have the fix, and build again; \
                            what is accepted goes into `ignore-vulnerabilities`";
                return Some(Failure::new(VULNERABLE, message, ExitCode::Failed).why(lines.join("\n")).help(help));
            }
            Some(ScanVerdict::NotScanned { reason }) => {
                let help = "switch on scan on push for the repository or enhanced scanning for the registry, or leave `wait-for-scan` away";
                let failure = Failure::new(NOT_SCANNED, format!("`{image}` was not scanned"), ExitCode::Failed);
                return Some(failure.why(format!("{reason}; {kept}")).help(help));
            }
            Some(ScanVerdict::TimedOut) => {
                let message = format!("the scan of `{image}` did not end in time");
                return Some(
                    failed(SCAN_TIMEOUT, message, ExitCode::TimedOut)
                        .help("run the step again, or raise `scan-timeout`"),
                );
            }
            Some(ScanVerdict::Passed) | None => {}
        }
        match &self.signature {
            Some(SignatureVerdict::NotSigned { reason }) => {
                let help = "give the registry a signing rule for the repository, and the role `signer:SignPayload` on the profile";
                let failure = Failure::new(NOT_SIGNED, format!("`{image}` was not signed"), ExitCode::Failed);
                Some(failure.why(format!("{reason}; {kept}")).help(help))
            }
            Some(SignatureVerdict::Failed { reason }) => {
                let help = "let the role that pushes have `signer:SignPayload` on the signing profile, and push again";
                let failure = Failure::new(SIGNING_FAILED, format!("signing `{image}` failed"), ExitCode::Failed);
                Some(failure.why(format!("{reason}; {kept}")).help(help))
            }
            Some(SignatureVerdict::TimedOut) => {
                let message = format!("the signature of `{image}` did not come in time");
                Some(
                    failed(SIGNING_TIMEOUT, message, ExitCode::TimedOut)
                        .help("run the step again, or raise `scan-timeout`"),
                )
            }
            Some(SignatureVerdict::Signed) | None => None,
        }
    }
}

impl Finding {
    /// `CRITICAL CVE-2026-1: openssl 3.0.1, fixed in 3.0.2`.
    fn line(&self) -> String {
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
