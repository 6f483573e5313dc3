use std::collections::BTreeSet;

use super::gate::Judged;
use super::*;
use crate::gate::{FailOn, Finding, Judgment, ScanRules, ScanVerdict, Severity, SignatureVerdict};

#[tokio::test]
async fn a_task_that_ends_early_is_a_bug() {
    let task = tokio::spawn(std::future::pending::<()>());
    task.abort();
    let error = Error::Stopped { what: "reading the archive", source: task.await.unwrap_err() };
    assert_eq!(miette::Diagnostic::code(&error).unwrap().to_string(), "ecr-push/stopped");
    assert_eq!(error.exit_code(), ExitCode::Internal);
}

#[test]
fn only_a_write_that_was_never_answered_leaves_open_whether_it_was_done() {
    let stalled = |writes| {
        let after = std::time::Duration::from_mins(2);
        Error::Registry(oci_registry::Error::Stalled { registry: "registry".to_owned(), after, writes })
    };
    assert_eq!(stalled(true).exit_code(), ExitCode::TimedOut);
    assert_eq!(stalled(false).exit_code(), ExitCode::Failed);
}

fn vulnerable(count: usize) -> Judgment {
    let finding = |n: usize| Finding {
        severity: Severity::High,
        id: format!("CVE-{n}"),
        package: "openssl".to_owned(),
        version: "1.1".to_owned(),
        fixed: Some("1.2".to_owned()),
        has_fix: Some(true),
        uri: String::new(),
    };
    let scan = Some(ScanVerdict::Vulnerable { count });
    Judgment { scan, scanned: None, findings: (0..count).map(finding).collect(), signature: None }
}

fn told(images: &[(&Judgment, &[&'static str])]) -> actions_core::Failure {
    let rules = ScanRules { fail_on: FailOn::Any, ignored: BTreeSet::new(), ignore_unfixed: false, start: false };
    let judged = images.iter().enumerate().map(|(n, (judgment, tags))| Judged {
        name: format!("shop{n}"),
        judgment,
        rules: Some(&rules),
        tags: tags.to_vec(),
    });
    gate::failure(judged).unwrap()
}

#[test]
fn a_failure_names_the_worst_with_their_fixes() {
    let failure = told(&[(&vulnerable(12), &[])]);
    assert_eq!(failure.message, "12 vulnerabilities keep the tags of `shop0` back");
    let why = failure.why.unwrap();
    assert!(why.contains("openssl 1.1, fixed in 1.2") && why.contains("and 2 more"), "{why}");
    assert!(why.contains("in the repository by its digest"), "{why}");
}

#[test]
fn tags_that_are_there_since_an_earlier_run_are_named() {
    let why = told(&[(&vulnerable(1), &["1.0.0", "latest"])]).why.unwrap();
    assert!(why.contains("since an earlier run it has `1.0.0`, `latest`, which stay"), "{why}");
}

#[test]
fn every_failure_is_told_and_what_time_heals_comes_last() {
    let late = Judgment {
        scanned: None,
        scan: Some(ScanVerdict::TimedOut),
        findings: Vec::new(),
        signature: Some(SignatureVerdict::NotSigned { reason: "no rule".to_owned() }),
    };
    let failure = told(&[(&late, &[]), (&vulnerable(1), &[])]);
    assert_eq!((failure.code.as_str(), failure.exit_code), ("ecr-push/not-signed", ExitCode::Failed));
    let why = failure.why.unwrap();
    assert!(why.contains("also ecr-push/scan-timeout: the scan of `shop0` did not end in time"), "{why}");
    assert!(why.contains("also ecr-push/vulnerable: 1 vulnerability keeps the tags of `shop1` back"), "{why}");
    let alone = told(&[(&Judgment { signature: None, ..late }, &[])]);
    assert_eq!(alone.exit_code, ExitCode::TimedOut);
}
