//! The plans of many roots as one page for a browser.
#![allow(clippy::print_stderr, reason = "says what it could not check")]

use serde_json::json;
use testkit::browser::Browser;

use super::roots::{part, reduce, reducer, three};
use super::{github, writes};

/// What can be seen of roots and of their changes.
const SEEN: &str = "[...document.querySelectorAll('section.root > h2 > code, details.change > summary > code')]\
     .filter((one) => one.checkVisibility()).map((one) => one.textContent)";

#[test]
fn all_roots_are_on_one_page_and_searched_as_one() {
    let Some(browser) = Browser::find() else {
        eprintln!("SKIPPED a browser reads many roots: Chromium is not installed");
        return;
    };
    let github = github("");
    let mut parts = three();
    parts.push(("plan-d/part.json", part("broken", None, "1")));
    parts.push(("plan-e/part.json", "<script>no part</script>".to_owned()));
    let runner = reducer(&github, &parts).input("html-file", "out/roots.html");
    let out = reduce(&runner, &["--expect", "[\"apps\", \"data\", \"idle\", \"broken\", \"lost\"]"]);
    out.assert_code(1);
    let page = runner.workspace().join("out/roots.html").canonicalize().unwrap();
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(
        text.contains("<code>lost</code>: no part of it came") && text.contains("/actions/runs/1000\">run</a>"),
        "{text}"
    );
    assert_eq!(text.matches("<script").count(), 1, "{text}");

    let mut tab = browser.open(runner.workspace(), &format!("file://{}", page.display()));
    let rows = tab.value("[...document.querySelectorAll('tbody th')].map((one) => one.textContent).sort()");
    assert_eq!(rows, json!(["apps", "broken", "data", "idle", "lost"]));
    let all = tab.value(SEEN);
    let names = all.as_array().unwrap();
    assert!(names.contains(&json!("idle")) && names.contains(&json!("terraform_data.database")), "{all}");

    tab.press("/");
    "database".chars().for_each(|key| tab.press(&key.to_string()));
    tab.wait("document.querySelectorAll('section.root[hidden]').length > 0");
    assert_eq!(tab.value(SEEN), json!(["data", "terraform_data.database"]), "roots without a match are out of the way");
    tab.press("Escape");
    assert_eq!(tab.value(SEEN), all);
    tab.value("document.querySelector('tbody a').click()");
    tab.wait("document.querySelector('section.root:target') !== null");
}

#[test]
fn a_dry_run_writes_no_page_and_a_page_that_cannot_be_written_is_an_error_before_the_comment() {
    let github = github("");
    let runner = reducer(&github, &three()).input("html-file", "dry.html").input("dry-run", "true");
    reduce(&runner, &[]).assert_code(0);
    assert!(!runner.workspace().join("dry.html").exists());
    let out = reduce(&reducer(&github, &three()).input("html-file", "."), &[]);
    out.assert_code(1);
    assert!(out.stderr.contains("terraform-plan-comment/page-not-written"), "{}", out.stderr);
    assert_eq!(writes(&github), [""; 0]);
}
