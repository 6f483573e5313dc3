//! Waiting for scans and signatures, and judging them.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use actions_core::Session;
use aws_client::api_error;
use aws_sdk_ecr::operation::describe_image_scan_findings::{
    DescribeImageScanFindingsError, DescribeImageScanFindingsOutput,
};
use aws_sdk_ecr::operation::start_image_scan::StartImageScanError;
use aws_sdk_ecr::types::{EnhancedImageScanFinding, ImageIdentifier, ImageScanFinding};
use image_ref::Digest;
use tokio::time::Instant;

use super::Push;
use crate::clients::Clients;
use crate::error::Error;
use crate::gate::{
    Finding, Gate, Judgment, Look, Next, ScanVerdict, Scanned, Severity, Signature, SignatureVerdict, scan_step,
    signature_step,
};
use crate::plan::Plan;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_secs(5);

/// How many findings a page has, at most.
const PAGE: i32 = 1000;

/// How many pages are read.
const MOST_PAGES: usize = 50;

/// Where an enhanced finding tells that there is no version with a fix.
const NO_VERSION: &str = "NotAvailable";

/// Waits for what the gate wants of one image, and judges it. The images of a run have `start` and the deadline in common.
pub(super) async fn judge(
    plan: &Plan,
    gate: &Gate,
    push: &Push<'_>,
    clients: &Clients,
    start: Instant,
) -> Result<Judgment, Error> {
    let waiting = Waiting { plan, gate, push, clients, start };
    let (scan, scanned, findings) = match &gate.scan {
        None => (None, None, Vec::new()),
        Some(rules) => {
            let scans = push.bundle.scannable.iter().map(async |digest| waiting.scan(digest).await);
            let scans: Vec<Result<Scan, ScanVerdict>> = futures::future::try_join_all(scans).await?;
            let findings: BTreeSet<Finding> = scans.iter().flatten().flat_map(|scan| &scan.findings).cloned().collect();
            let oldest = scans.iter().flatten().filter_map(|scan| scan.scanned).min();
            let scanned = oldest.map(|scanned| scanned.age(SystemTime::now()));
            let findings: Vec<Finding> = findings.into_iter().rev().collect();
            let missing = scans.into_iter().find_map(Result::err);
            // Nothing that was looked at is nothing that passed.
            let nothing = push.bundle.scannable.is_empty().then(|| "there is no image in it".to_owned());
            let missing = missing.or(nothing.map(|reason| ScanVerdict::NotScanned { reason }));
            (Some(missing.unwrap_or_else(|| rules.judge(&findings))), scanned, findings)
        }
    };
    let signature = if gate.signature { Some(waiting.signature(&push.bundle.root.digest).await?) } else { None };
    Ok(Judgment { scan, scanned, findings, signature })
}

/// The scan of one image.
struct Scan {
    findings: Vec<Finding>,
    scanned: Option<Scanned>,
}

struct Waiting<'a> {
    plan: &'a Plan,
    gate: &'a Gate,
    push: &'a Push<'a>,
    clients: &'a Clients,
    start: Instant,
}

impl Waiting<'_> {
    /// What the scan of one image found, or why there is no result.
    async fn scan(&self, digest: &Digest) -> Result<Result<Scan, ScanVerdict>, Error> {
        self.session().log.line(format!("waiting for the scan of {}", digest.short()));
        let (mut before, mut is_started) = (None, !self.gate.scan.as_ref().is_some_and(|rules| rules.start));
        // A scan that another one follows.
        let mut replaced = None;
        loop {
            let now = self.look(digest).await?;
            let old = now.scanned().filter(|scanned| scanned.is_old(SystemTime::now()));
            if (now == Look::NotBegun || old.is_some()) && !is_started {
                match self.start_scan(digest).await? {
                    Next::Done(begun) => {
                        is_started = true;
                        replaced = old.filter(|_| begun);
                    }
                    Next::Never(reason) => return Ok(Err(ScanVerdict::NotScanned { reason })),
                    Next::Wait => {}
                }
            }
            let next = match now.scanned() {
                scanned @ Some(_) if scanned == replaced => Next::Wait,
                _ => scan_step(before.as_ref(), &now, self.waited()),
            };
            match next {
                Next::Done(findings) => {
                    let scanned = now.scanned();
                    if let Some(scanned) = scanned {
                        let age = scanned.age(SystemTime::now());
                        self.session().log.line(format!("the scan of {} was made {age}", digest.short()));
                    }
                    return Ok(Ok(Scan { findings, scanned }));
                }
                Next::Never(reason) => return Ok(Err(ScanVerdict::NotScanned { reason })),
                Next::Wait if self.is_over() => return Ok(Err(ScanVerdict::TimedOut)),
                Next::Wait => self.pause().await?,
            }
            before = Some(now);
        }
    }

    async fn signature(&self, digest: &Digest) -> Result<SignatureVerdict, Error> {
        self.session().log.line(format!("waiting for the signature of {}", digest.short()));
        loop {
            match signature_step(&self.signatures(digest).await?, self.waited()) {
                Next::Done(Ok(())) => return Ok(SignatureVerdict::Signed),
                Next::Done(Err(reason)) => return Ok(SignatureVerdict::Failed { reason }),
                Next::Never(reason) => return Ok(SignatureVerdict::NotSigned { reason }),
                Next::Wait if self.is_over() => return Ok(SignatureVerdict::TimedOut),
                Next::Wait => self.pause().await?,
            }
        }
    }

    fn session(&self) -> &Session {
        self.push.session
    }

    fn waited(&self) -> Duration {
        self.clients.pace().passed(self.start.elapsed())
    }

    fn is_over(&self) -> bool {
        self.waited() + PAUSE > self.gate.timeout
    }

    async fn pause(&self) -> Result<(), Error> {
        tokio::select! {
            () = tokio::time::sleep(self.clients.pace().of(PAUSE)) => Ok(()),
            () = self.session().cancel.cancelled() => {
                Err(Error::Cancelled { at: "while waiting for the scan, before any tag was written".to_owned() })
            }
        }
    }

    /// Asks for a scan of an image that has none, or an old one; whether it begins.
    async fn start_scan(&self, digest: &Digest) -> Result<Next<bool>, Error> {
        const OPERATION: &str = "StartImageScan";
        let _turn = self.push.turn().await;
        let call = self.clients.ecr().start_image_scan().repository_name(self.push.name().as_str());
        let call = call.set_registry_id(self.plan.registry_id.clone()).image_id(identifier(digest));
        let Err(error) = call.send().await else { return Ok(Next::Done(true)) };
        let refusal = error.as_service_error();
        let words = refusal.and_then(|refusal| refusal.meta().message()).unwrap_or_default();
        match refusal {
            // It was put a moment ago.
            Some(StartImageScanError::ImageNotFoundException(_)) => Ok(Next::Wait),
            // A scan on push was faster: an image is scanned once in 24 hours.
            Some(StartImageScanError::LimitExceededException(_)) => Ok(Next::Done(false)),
            // Enhanced scanning is not started by anybody: there will be a scan, or there will be none.
            Some(StartImageScanError::ValidationException(_)) => {
                self.session().log.line(format!("ECR starts no scan of {}: {words}", digest.short()));
                Ok(Next::Done(false))
            }
            Some(
                StartImageScanError::UnsupportedImageTypeException(_) | StartImageScanError::ImageArchivedException(_),
            ) => Ok(Next::Never(words.to_owned())),
            _ => Err(api_error("ecr", OPERATION, self.push.repository.arn.clone(), &error).into()),
        }
    }

    /// What ECR says of the scan of one image, with all findings.
    async fn look(&self, digest: &Digest) -> Result<Look, Error> {
        const OPERATION: &str = "DescribeImageScanFindings";
        let _turn = self.push.turn().await;
        let (mut findings, mut token) = (Vec::new(), None);
        let mut state = None;
        for _ in 0..MOST_PAGES {
            let call = self.clients.ecr().describe_image_scan_findings().repository_name(self.push.name().as_str());
            let call = call.set_registry_id(self.plan.registry_id.clone()).image_id(identifier(digest));
            let answer = match call.max_results(PAGE).set_next_token(token).send().await {
                Ok(answer) => answer,
                Err(error) if error.as_service_error().is_some_and(is_not_begun) => return Ok(Look::NotBegun),
                Err(error) => return Err(api_error("ecr", OPERATION, self.push.repository.arn.clone(), &error).into()),
            };
            findings.extend(of_page(&answer));
            token = answer.next_token().map(str::to_owned);
            state = Some(answer);
            if token.is_none() {
                break;
            }
        }
        if token.is_some() {
            // What is beyond is not known, so nothing is said of the part.
            return Err(Error::IncompleteAnswer {
                service: "ecr",
                operation: OPERATION,
                missing: "the end of the list of findings",
            });
        }
        let status = state.as_ref().and_then(|answer| answer.image_scan_status());
        let Some(name) = status.and_then(|status| status.status()) else {
            return Err(Error::IncompleteAnswer {
                service: "ecr",
                operation: OPERATION,
                missing: "the status of the scan",
            });
        };
        let completed = state.as_ref().and_then(|answer| answer.image_scan_findings()?.image_scan_completed_at());
        let reason = status.and_then(|status| status.description()).unwrap_or_default();
        let (status, reason) = (name.as_str().to_owned(), reason.to_owned());
        let completed = completed.map(|at| Scanned { at: u64::try_from(at.secs()).unwrap_or_default() });
        Ok(Look::Status { status, reason, completed, findings })
    }

    async fn signatures(&self, digest: &Digest) -> Result<Vec<Signature>, Error> {
        let _turn = self.push.turn().await;
        let call = self.clients.ecr().describe_image_signing_status().repository_name(self.push.name().as_str());
        let call = call.set_registry_id(self.plan.registry_id.clone()).image_id(identifier(digest));
        let arn = self.push.repository.arn.clone();
        let answer = call.send().await.map_err(|error| api_error("ecr", "DescribeImageSigningStatus", arn, &error))?;
        let signature = |status: &aws_sdk_ecr::types::ImageSigningStatus| Signature {
            profile: status.signing_profile_arn().unwrap_or_default().to_owned(),
            status: status.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            reason: [status.failure_code(), status.failure_reason()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(": "),
        };
        Ok(answer.signing_statuses().iter().map(signature).collect())
    }
}

fn identifier(digest: &Digest) -> ImageIdentifier {
    ImageIdentifier::builder().image_digest(digest.as_str()).build()
}

fn is_not_begun(error: &DescribeImageScanFindingsError) -> bool {
    error.is_scan_not_found_exception() || error.is_image_not_found_exception()
}

fn of_page(answer: &DescribeImageScanFindingsOutput) -> Vec<Finding> {
    let Some(page) = answer.image_scan_findings() else { return Vec::new() };
    let basic = page.findings().iter().map(basic);
    // What somebody suppressed in Inspector, or what is gone, is no finding.
    let is_active = |finding: &&EnhancedImageScanFinding| finding.status().is_none_or(|status| status == "ACTIVE");
    basic.chain(page.enhanced_findings().iter().filter(is_active).flat_map(enhanced)).collect()
}

fn basic(finding: &ImageScanFinding) -> Finding {
    let attribute = |name: &str| {
        let found = finding.attributes().iter().find(|attribute| attribute.key() == name);
        found.and_then(|attribute| attribute.value()).unwrap_or_default().to_owned()
    };
    Finding {
        severity: finding.severity().map(|severity| Severity::named(severity.as_str())).unwrap_or_default(),
        id: finding.name().unwrap_or_default().to_owned(),
        package: attribute("package_name"),
        version: attribute("package_version"),
        fixed: None,
        has_fix: None,
        uri: finding.uri().unwrap_or_default().to_owned(),
    }
}

/// One finding for each package; one without package details still counts.
fn enhanced(finding: &EnhancedImageScanFinding) -> Vec<Finding> {
    let details = finding.package_vulnerability_details();
    let id = details.and_then(|details| details.vulnerability_id()).or(finding.title()).unwrap_or_default();
    let bare = Finding {
        severity: Severity::named(finding.severity().unwrap_or_default()),
        id: id.to_owned(),
        package: String::new(),
        version: String::new(),
        fixed: None,
        has_fix: finding.fix_available().map(|fix| fix != "NO"),
        uri: details.and_then(|details| details.source_url()).unwrap_or_default().to_owned(),
    };
    let packages =
        details.map(aws_sdk_ecr::types::PackageVulnerabilityDetails::vulnerable_packages).unwrap_or_default();
    if packages.is_empty() {
        return vec![bare];
    }
    let of = |package: &aws_sdk_ecr::types::VulnerablePackage| {
        let fixed = package.fixed_in_version().filter(|version| *version != NO_VERSION).map(str::to_owned);
        // With a fix for some packages only, each tells for itself.
        let has_fix = match finding.fix_available() {
            Some("PARTIAL") => Some(fixed.is_some()),
            _ => bare.has_fix,
        };
        let (package, version) =
            (package.name().unwrap_or_default().to_owned(), package.version().unwrap_or_default().to_owned());
        Finding { package, version, fixed, has_fix, ..bare.clone() }
    };
    packages.iter().map(of).collect()
}
