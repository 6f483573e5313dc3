//! Why the gate kept tags back.

use actions_core::{ExitCode, Failure};

use crate::gate::{Finding, Judgment, ScanRules, ScanVerdict, SignatureVerdict};

/// How many findings are named in an error.
const MOST_NAMED: usize = 10;

/// How many other failures are named behind the first one.
const MOST_OTHERS: usize = 20;

/// Vulnerabilities of `fail-on-severity` or worse were found. Exit code 1; no tag was written.
///
/// The scan of the image found vulnerabilities that are neither in `ignore-vulnerabilities` nor, with `ignore-unfixed`, without a fix.
/// The image is in the repository by its digest. Tags that an earlier run gave it stay, and are named.
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

/// An image that was judged.
pub(crate) struct Judged<'a> {
    /// Its repository and digest, for people.
    pub(crate) name: String,
    pub(crate) judgment: &'a Judgment,
    /// What its scan may find.
    pub(crate) rules: Option<&'a ScanRules>,
    /// The tags that point at it all the same, since an earlier run.
    pub(crate) tags: Vec<&'a str>,
}

/// The failure of the run: the first that time does not heal, and what else keeps tags back.
pub(crate) fn failure<'a>(images: impl Iterator<Item = Judged<'a>>) -> Option<Failure> {
    let mut failures: Vec<Failure> = images.flat_map(|image| image.failures()).collect();
    let at = failures.iter().position(|failure| failure.exit_code != ExitCode::TimedOut).unwrap_or(0);
    if failures.is_empty() {
        return None;
    }
    let mut first = failures.remove(at);
    let others = failures.iter().take(MOST_OTHERS).map(|other| format!("also {}: {}", other.code, other.message));
    let more = failures.len().saturating_sub(MOST_OTHERS);
    let more = (more > 0).then(|| format!("and {more} more, in the summary"));
    let why: Vec<String> = first.why.take().into_iter().chain(others).chain(more).collect();
    Some(first.why(why.join("\n")))
}

impl Judged<'_> {
    fn failures(&self) -> Vec<Failure> {
        let (scan, signature) = (self.judgment.scan.as_ref(), self.judgment.signature.as_ref());
        let scan = scan.and_then(|verdict| self.of_scan(verdict));
        scan.into_iter().chain(signature.and_then(|verdict| self.of_signature(verdict))).collect()
    }

    fn of_scan(&self, verdict: &ScanVerdict) -> Option<Failure> {
        let Self { name, .. } = self;
        match verdict {
            ScanVerdict::Vulnerable { count } => {
                let what = if *count == 1 { "vulnerability keeps" } else { "vulnerabilities keep" };
                let help = "take a newer base image, or update the packages to the versions that have the fix, and build again; \
                            what is accepted goes into `ignore-vulnerabilities`";
                let message = format!("{count} {what} the tags of `{name}` back");
                Some(self.failed(VULNERABLE, message, &self.counted().join("\n"), help))
            }
            ScanVerdict::NotScanned { reason } => {
                let help = "switch on scan on push for the repository or enhanced scanning for the registry, set `start-scan: true`, or leave \
                            `wait-for-scan` away";
                Some(self.failed(NOT_SCANNED, format!("`{name}` was not scanned"), reason, help))
            }
            ScanVerdict::TimedOut => {
                Some(self.timed_out(SCAN_TIMEOUT, format!("the scan of `{name}` did not end in time")))
            }
            ScanVerdict::Passed => None,
        }
    }

    fn of_signature(&self, verdict: &SignatureVerdict) -> Option<Failure> {
        let Self { name, .. } = self;
        match verdict {
            SignatureVerdict::NotSigned { reason } => {
                let help = "give the registry a signing rule for the repository, and the role `signer:SignPayload` on the profile";
                Some(self.failed(NOT_SIGNED, format!("`{name}` was not signed"), reason, help))
            }
            SignatureVerdict::Failed { reason } => {
                let help = "let the role that pushes have `signer:SignPayload` on the signing profile, and push again";
                Some(self.failed(SIGNING_FAILED, format!("signing `{name}` failed"), reason, help))
            }
            SignatureVerdict::TimedOut => {
                Some(self.timed_out(SIGNING_TIMEOUT, format!("the signature of `{name}` did not come in time")))
            }
            SignatureVerdict::Signed => None,
        }
    }

    fn failed(&self, code: &str, message: String, reason: &str, help: &str) -> Failure {
        Failure::new(code, message, ExitCode::Failed).why(format!("{reason}\n{}", self.kept())).help(help)
    }

    fn timed_out(&self, code: &str, message: String) -> Failure {
        let help = "run the step again, or raise `scan-timeout`";
        Failure::new(code, message, ExitCode::TimedOut).why(self.kept()).help(help)
    }

    /// What becomes of the image's tags.
    fn kept(&self) -> String {
        let tags: Vec<String> = self.tags.iter().map(|tag| format!("`{tag}`")).collect();
        match tags.as_slice() {
            [] => "no tag was written; the image is in the repository by its digest".to_owned(),
            tags => format!("no tag was written; since an earlier run it has {}, which stay", tags.join(", ")),
        }
    }

    /// The findings that count, the worst first.
    fn counted(&self) -> Vec<String> {
        let counts = |finding: &&Finding| self.rules.is_some_and(|rules| rules.counts(finding));
        let mut lines: Vec<String> = self.judgment.findings.iter().filter(counts).map(Finding::line).collect();
        if lines.len() > MOST_NAMED {
            let more = lines.len() - MOST_NAMED;
            lines.truncate(MOST_NAMED);
            lines.push(format!("and {more} more, in the summary"));
        }
        lines
    }
}
