use actions_core::ActionError as _;

use super::*;
use crate::apply::{Sent, Took};
use crate::error::Error;
use crate::plan::plan;
use crate::plan::tests::{inputs, snapshot};
use crate::source::SourceError;

fn outcome(plan: &Plan) -> Outcome {
    Outcome {
        uploaded: plan.uploads.len(),
        deleted: plan.deletes.len(),
        took: vec![
            Took { step: "other assets".to_owned(), milliseconds: 1234 },
            Took { step: "HTML and entry points".to_owned(), milliseconds: 98_765 },
            Took { step: "invalidations".to_owned(), milliseconds: 50 },
        ],
        invalidations: plan
            .invalidations
            .iter()
            .map(|invalidation| Sent {
                distribution: invalidation.distribution.clone(),
                id: "I1".into(),
                completed: false,
            })
            .collect(),
        ..Outcome::default()
    }
}

#[test]
fn a_publication_says_what_changed() {
    let plan =
        plan(&inputs(), &snapshot(&[("index.html", "<html>"), ("a.css", "x")], &[("site/old.js", "x")])).unwrap();
    let report = report(&inputs(), &plan, Some(&outcome(&plan)));
    assert_eq!(
        report.verdict,
        "published to s3://shop-site/site: 2 files uploaded (7 B), 1 deleted, 0 unchanged, 4 paths invalidated"
    );
    let outputs: Vec<(&str, &str)> = report.outputs.iter().collect();
    assert_eq!(
        outputs,
        [
            ("uploaded", "2"),
            ("deleted", "1"),
            ("unchanged", "0"),
            ("bytes-uploaded", "7"),
            ("changed-paths", "a.css\nindex.html\nold.js"),
            ("paths-invalidated", "/\n/a.css\n/index.html\n/old.js"),
            ("invalidation-ids", "I1"),
            ("estimated-cost", "0.020"),
            ("release-id", ""),
            ("changed", "true"),
        ]
    );
    insta::assert_snapshot!(report.summary);
}

#[test]
fn nothing_to_do_is_said_as_such() {
    let plan = plan(&inputs(), &snapshot(&[("index.html", "x")], &[("site/index.html", "x")])).unwrap();
    let report = report(&inputs(), &plan, Some(&Outcome::default()));
    assert_eq!(report.verdict, "already done: s3://shop-site/site holds the site (1 file)");
    assert_eq!(report.outputs.get("changed"), Some("false"));
    assert_eq!(report.outputs.get("invalidation-ids"), Some(""));
    assert!(report.summary.contains("check-headers"), "{}", report.summary);
}

#[test]
fn a_dry_run_says_that_it_would() {
    let plan = plan(&inputs(), &snapshot(&[("index.html", "x")], &[])).unwrap();
    assert!(
        report(&inputs(), &plan, None)
            .verdict
            .starts_with("dry run, would publish to s3://shop-site/site: 1 file uploaded")
    );
}

#[test]
fn a_hostile_name_stays_text() {
    let name = "a|b`</details>@all.html";
    let plan = plan(&inputs(), &snapshot(&[(name, "x")], &[("site/c|</details>`", "x")])).unwrap();
    let summary = report(&inputs(), &plan, Some(&outcome(&plan))).summary;
    let opened = summary.matches("<details>").count();
    let lone = summary.lines().filter(|line| line.trim() == "</details>").count();
    assert_eq!((opened, lone), (3, 3), "{summary}");
    assert!(summary.contains(r"``a\|b`</details>@all.html``"), "{summary}");
}

#[test]
fn what_else_a_file_is_published_with_is_told_where_there_is_something() {
    let summary = |redirects: &[(&str, &str)]| {
        let redirects = redirects.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        let inputs = Inputs { rules: crate::rules::Rules { redirects, ..Default::default() }, ..inputs() };
        let plan = plan(&inputs, &snapshot(&[("index.html", "<html>"), ("old.html", "")], &[])).unwrap();
        report(&inputs, &plan, None).summary
    };
    assert!(!summary(&[]).contains("Other headers"));
    let told = summary(&[("old.html", "/new|er.html")]);
    assert!(told.contains("| Cache-Control | Other headers |"), "{told}");
    assert!(told.contains(r"| `no-cache` | `x-amz-website-redirect-location: /new\|er.html` |"), "{told}");
    assert!(told.contains("| `no-cache` |  |"), "{told}");
}

#[test]
fn a_long_list_is_capped() {
    let names: Vec<String> = (0..150).map(|n| format!("{n}.css")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let plan = plan(&inputs(), &snapshot(&files, &[])).unwrap();
    let report = report(&inputs(), &plan, None);
    assert!(report.summary.contains("and 50 more") && report.summary.len() < 64 * 1024);
    assert_eq!(report.outputs.get("paths-invalidated"), Some("/*"));
}

#[test]
fn the_largest_growth_is_named() {
    let long = "x".repeat(3000);
    let files = [("a.html", "1234"), ("b.html", "12"), ("c.html", "<p>"), ("app.45d844a759a9e983.js", long.as_str())];
    let objects = [
        ("site/a.html", "1"),
        ("site/b.html", "123"),
        ("site/app.1234567890abcdef.js", "0123456789"),
        ("site/other.1234567890abcdef.js", "0123456789"),
    ];
    let plan = plan(&inputs(), &snapshot(&files, &objects)).unwrap();
    insta::assert_snapshot!(growth::growth(&plan));
}

#[test]
fn changed_paths_are_cut_where_they_are_too_many() {
    let names: Vec<String> = (0..9).map(|n| format!("{n}.css")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let plan = plan(&inputs(), &snapshot(&files, &[])).unwrap();
    assert_eq!(changed_paths(&plan, None, 54).lines().count(), 9);
    let cut = changed_paths(&plan, None, 53);
    assert_eq!(cut, "0.css\n1.css\n2.css\n3.css\n4.css\n... and 4 more");
    assert!(cut.len() <= 53);
}

#[test]
fn what_stayed_did_not_change() {
    let plan = plan(&inputs(), &snapshot(&[("index.html", "x")], &[("site/old.js", "x")])).unwrap();
    let outcome = Outcome { kept: vec!["site/old.js".to_owned()], ..outcome(&plan) };
    let report = report(&inputs(), &plan, Some(&outcome));
    assert_eq!(report.outputs.get("changed-paths"), Some("index.html"));
}

/// The code and the exit code of an error.
fn check_code(error: &Error, code: &str, exit: u8) {
    assert_eq!(miette::Diagnostic::code(error).unwrap().to_string(), code);
    assert_eq!(error.exit_code().number(), exit, "{code}");
}

#[test]
fn errors_that_reach_people_within_another_one_have_codes_of_their_own() {
    let names = || vec!["a".to_owned()];
    let unreadable =
        || Error::from(SourceError::Unreadable { path: "a".to_owned(), source: std::io::Error::other("gone") });
    check_code(&SourceError::Changed { path: "a".to_owned() }.into(), "s3-sync-invalidate/file-changed", 1);
    check_code(&Error::NotDeleted { names: names() }, "s3-sync-invalidate/not-deleted", 1);
    check_code(&unreadable(), "s3-sync-invalidate/unreadable", 1);
    let stopped = |cause: Option<Box<Error>>| Error::Incomplete {
        at: "uploads".to_owned(),
        progress: "done: nothing".to_owned(),
        cause,
        more: 0,
    };
    check_code(&stopped(Some(Box::new(unreadable()))), "s3-sync-invalidate/incomplete", 1);
    check_code(&stopped(None), "s3-sync-invalidate/incomplete", 130);
    let why = stopped(Some(Box::new(unreadable()))).why().unwrap();
    assert_eq!(why, "s3-sync-invalidate/unreadable: `a` cannot be read\ngone\ndone: nothing");
}
