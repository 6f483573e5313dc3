use std::time::UNIX_EPOCH;

use proptest::prelude::*;

use super::step::NOT_BEGUN;
use super::*;

fn finding(id: &str, severity: Severity, has_fix: Option<bool>) -> Finding {
    let fixed = (has_fix == Some(true)).then(|| "1.2".to_owned());
    let (package, version) = ("openssl".to_owned(), "1.1".to_owned());
    Finding { severity, id: id.to_owned(), package, version, fixed, has_fix, uri: String::new() }
}

fn look(status: &str, completed: bool, findings: &[Finding]) -> Look {
    let (status, reason) = (status.to_owned(), String::new());
    let completed = completed.then_some(Scanned { at: 1_790_000_000 });
    Look::Status { status, reason, completed, findings: findings.to_vec() }
}

const SOON: Duration = Duration::from_secs(5);

#[test]
fn every_status_has_its_end() {
    let found = [finding("CVE-1", Severity::High, None)];
    let done = || Next::Done(found.to_vec());
    for (look, early, late) in [
        (Look::NotBegun, Next::Wait, Next::Never("ECR knows of no scan of it".to_owned())),
        (look("IN_PROGRESS", false, &[]), Next::Wait, Next::Wait),
        (look("PENDING", false, &[]), Next::Wait, Next::Wait),
        (look("COMPLETE", true, &found), done(), done()),
        (look("ACTIVE", false, &found), Next::Wait, Next::Wait),
        (look("FAILED", false, &[]), Next::Never("FAILED".to_owned()), Next::Never("FAILED".to_owned())),
    ] {
        assert_eq!(scan_step(None, &look, SOON), early, "{look:?}");
        assert_eq!(scan_step(None, &look, NOT_BEGUN), late, "{look:?}");
    }
    for status in [
        "UNSUPPORTED_IMAGE",
        "SCAN_ELIGIBILITY_EXPIRED",
        "FINDINGS_UNAVAILABLE",
        "LIMIT_EXCEEDED",
        "IMAGE_ARCHIVED",
        "SOMETHING_OF_THE_FUTURE",
    ] {
        let seen = look(status, false, &[]);
        assert_eq!(scan_step(None, &seen, SOON), Next::Never(status.to_owned()));
    }
}

#[test]
fn an_empty_result_is_believed_on_the_second_look() {
    for (status, completed) in [("COMPLETE", true), ("ACTIVE", true)] {
        let empty = look(status, completed, &[]);
        assert_eq!(scan_step(None, &empty, SOON), Next::Wait);
        assert_eq!(scan_step(Some(&look("IN_PROGRESS", false, &[])), &empty, SOON), Next::Wait);
        assert_eq!(scan_step(Some(&empty), &empty, SOON), Next::Done(Vec::new()));
    }
    // Continuous scanning is active before its first scan is over.
    let begun = look("ACTIVE", false, &[]);
    assert_eq!(scan_step(Some(&begun), &begun, SOON), Next::Wait);
    assert_eq!(scan_step(Some(&begun), &begun, NOT_BEGUN), Next::Wait);
}

#[test]
fn findings_of_a_continuous_scan_count_once_two_looks_agree() {
    let (low, critical) = (finding("CVE-1", Severity::Low, None), finding("CVE-2", Severity::Critical, None));
    let first = look("ACTIVE", false, std::slice::from_ref(&low));
    let all = look("ACTIVE", false, &[low.clone(), critical.clone()]);
    assert_eq!(scan_step(None, &first, SOON), Next::Wait);
    assert_eq!(scan_step(Some(&first), &all, SOON), Next::Wait);
    assert_eq!(scan_step(Some(&all), &all, SOON), Next::Done(vec![low, critical]));
}

#[test]
fn every_signature_has_to_be_done() {
    let of = |statuses: &[&str]| -> Vec<Signature> {
        let signature = |status: &&str| Signature {
            profile: "profile".to_owned(),
            status: (*status).to_owned(),
            reason: "no right".to_owned(),
        };
        statuses.iter().map(signature).collect()
    };
    assert_eq!(signature_step(&of(&[]), SOON), Next::Wait);
    assert!(matches!(signature_step(&of(&[]), NOT_BEGUN), Next::Never(_)));
    assert_eq!(signature_step(&of(&["COMPLETE", "IN_PROGRESS"]), SOON), Next::Wait);
    assert_eq!(signature_step(&of(&["COMPLETE", "COMPLETE"]), SOON), Next::Done(Ok(())));
    let failed = signature_step(&of(&["IN_PROGRESS", "FAILED"]), SOON);
    assert_eq!(failed, Next::Done(Err("profile: no right".to_owned())));
}

#[test]
fn what_is_ignored_or_has_no_fix_does_not_count_where_that_is_said() {
    let rules = |ignored: &[&str], ignore_unfixed| ScanRules {
        fail_on: FailOn::High,
        ignored: ignored.iter().map(ToString::to_string).collect(),
        ignore_unfixed,
        start: false,
    };
    let unfixed = finding("CVE-1", Severity::Critical, Some(false));
    assert!(rules(&[], false).counts(&unfixed) && !rules(&[], true).counts(&unfixed));
    assert!(!rules(&["CVE-1"], false).counts(&unfixed));
    // Basic scanning does not tell whether there is a fix.
    assert!(rules(&[], true).counts(&finding("CVE-1", Severity::High, None)));
    assert!(!rules(&[], false).counts(&finding("CVE-1", Severity::Medium, Some(true))));
    assert_eq!(rules(&["CVE-1", "CVE-2"], false).unused(&BTreeSet::from(["CVE-1"])), ["CVE-2"]);
}

#[test]
fn what_nobody_has_judged_is_counted_apart() {
    let rules = |fail_on| ScanRules {
        fail_on,
        ignored: BTreeSet::from(["CVE-9".to_owned()]),
        ignore_unfixed: true,
        start: false,
    };
    let found = [
        finding("CVE-1", Severity::named("UNTRIAGED"), None),
        finding("CVE-2", Severity::named("A_WORD_OF_THE_FUTURE"), Some(true)),
        finding("CVE-3", Severity::Undefined, Some(false)),
        finding("CVE-9", Severity::Undefined, None),
        finding("CVE-4", Severity::Low, None),
    ];
    assert_eq!(rules(FailOn::High).unjudged(&found), 2);
    assert_eq!((rules(FailOn::Any).unjudged(&found), rules(FailOn::None).unjudged(&found)), (0, 0));
}

#[test]
fn a_scan_that_is_over_has_an_age() {
    let scanned = Scanned { at: 1_790_000_000 };
    let after = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_790_000_000 + seconds);
    let day = 24 * 60 * 60;
    assert!(!scanned.is_old(after(day - 1)) && scanned.is_old(after(day)));
    assert_eq!(scanned.age(after(59 * 60)), "less than an hour ago");
    assert_eq!(scanned.age(after(60 * 60)), "1 hour ago");
    assert_eq!(scanned.age(after(day - 1)), "23 hours ago");
    assert_eq!(scanned.age(after(245 * day)), "245 days ago");
    // The clock of the machine is behind.
    assert_eq!(scanned.age(UNIX_EPOCH), "less than an hour ago");
    assert_eq!(look("COMPLETE", true, &[]).scanned(), Some(scanned));
    assert_eq!(look("ACTIVE", true, &[]).scanned(), None);
}

proptest! {
    /// Whatever ECR says, there is an end: nothing waits for ever on a status that stays.
    #[test]
    fn a_status_that_stays_comes_to_an_end_unless_the_scan_is_under_way(status in "[A-Z_]{1,20}", completed: bool) {
        let seen = look(&status, completed, &[]);
        let next = scan_step(Some(&seen), &seen, NOT_BEGUN);
        prop_assert!(next != Next::Wait || ["IN_PROGRESS", "PENDING"].contains(&status.as_str()));
    }
}
