use actions_core::ActionError as _;

use super::*;
use crate::apply::Sent;
use crate::error::Error;
use crate::plan::plan;
use crate::plan::tests::{inputs, snapshot};

fn outcome(plan: &Plan) -> Outcome {
    Outcome {
        uploaded: plan.uploads.len(),
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
            ("paths-invalidated", "/\n/a.css\n/index.html\n/old.js"),
            ("invalidation-ids", "I1"),
            ("estimated-cost", "0.020"),
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
fn a_long_list_is_capped() {
    let names: Vec<String> = (0..150).map(|n| format!("{n}.css")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let plan = plan(&inputs(), &snapshot(&files, &[])).unwrap();
    let report = report(&inputs(), &plan, None);
    assert!(report.summary.contains("and 50 more") && report.summary.len() < 64 * 1024);
    assert_eq!(report.outputs.get("paths-invalidated"), Some("/*"));
}

/// The code and the exit code of an error.
fn check_code(error: &Error, code: &str, exit: u8) {
    assert_eq!(miette::Diagnostic::code(error).unwrap().to_string(), code);
    assert_eq!(error.exit_code().number(), exit, "{code}");
}

#[test]
fn errors_that_reach_people_within_another_one_have_codes_of_their_own() {
    let names = || vec!["a".to_owned()];
    let unreadable = || Error::Unreadable { path: "a".to_owned(), source: std::io::Error::other("gone") };
    check_code(&Error::FileChanged { path: "a".to_owned() }, "s3-sync-invalidate/file-changed", 1);
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
