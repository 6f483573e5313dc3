//! The page of a plan in a real browser.
#![allow(clippy::print_stderr, reason = "says what it could not check")]

use std::path::Path;

use serde_json::{Value, json};
use testkit::FakeRunner;
use testkit::browser::Browser;

use super::run;

fn change(address: &str, actions: &[&str], value: &str) -> Value {
    json!({ "address": address, "mode": "managed", "type": "aws_instance", "name": "a", "change": {
        "actions": actions, "before": { "text": "old" }, "after": { "text": value }, "before_sensitive": {}, "after_sensitive": {} } })
}

/// The page of a plan, looked at with what a link's end says; `None` without a browser.
fn seen(runner: &FakeRunner, changes: &[Value], hash: &str) -> Option<String> {
    let Some(browser) = Browser::find() else {
        eprintln!("SKIPPED a browser reads a plan: Chromium is not installed");
        return None;
    };
    let folder = runner.workspace();
    let plan = json!({ "format_version": "1.2", "resource_changes": changes, "applyable": true, "complete": true, "errored": false });
    std::fs::write(folder.join("plan.json"), plan.to_string()).unwrap();
    let out = run(runner, &["--plan", "plan.json", "--format", "html"]);
    out.assert_code(0);
    let page = folder.join("plan.html");
    std::fs::write(&page, &out.stdout).unwrap();
    Some(browser.load(folder, &format!("file://{}{hash}", absolute(&page))))
}

fn absolute(path: &Path) -> String {
    path.canonicalize().unwrap().display().to_string()
}

/// How many changes of a page are shown.
fn shown(page: &str) -> usize {
    let opening = page.split("<details class=\"change").skip(1).filter_map(|rest| rest.split('>').next());
    opening.filter(|attributes| !attributes.contains("hidden")).count()
}

#[test]
fn five_thousand_resources_are_searched_and_filtered() {
    let actions: [&[&str]; 4] = [&["create"], &["update"], &["delete"], &["delete", "create"]];
    let one = |n: usize| change(&format!("module.m{}.aws_instance.i[{n}]", n % 50), actions[n % 4], "new");
    let changes: Vec<Value> = (0..5000).map(one).collect();
    let runner = FakeRunner::new();
    let Some(page) = seen(&runner, &changes, "") else { return };
    assert!(page.contains(">5000 of 5000 shown</output>"), "the script ran");
    assert!(!page.contains("role=\"search\" hidden"), "the filters are there");
    assert_eq!(shown(&page), 5000);
    let Some(page) = seen(&runner, &changes, "#q=module.m2.%20aws&action=destroy&open=all") else { return };
    // Of the hundred of each module fifty are destroyed in every second one.
    assert_eq!(shown(&page), 50);
    assert!(page.contains(">50 of 5000 shown</output>"), "{}", &page[..3000]);
    assert!(page.contains("data-action=\"destroy\" data-risk=\"downtime\" open"), "{}", &page[..3000]);
}

#[test]
fn a_hostile_plan_is_only_text() {
    let owned = "<img src=x onerror=\"document.title='owned'\">";
    let script = "</pre></details><script>document.title='owned'</script>";
    let changes = [
        change(&format!("a.b[\"{owned}\"]"), &["update"], owned),
        change(script, &["delete"], "x"),
        change("a.c", &["<svg onload=alert(1)>"], script),
    ];
    let runner = FakeRunner::new();
    let Some(page) = seen(&runner, &changes, "#q=%3Cscript%3E&open=all") else { return };
    assert!(page.contains("<title>Terraform plan") && !page.contains("<title>owned"), "{page}");
    for tag in ["<img", "<svg", "<iframe"] {
        assert!(!page.contains(tag), "{tag}: {page}");
    }
    assert_eq!((page.matches("<script").count(), shown(&page)), (1, 2), "{page}");
}

#[test]
fn a_page_is_kept_beside_the_comment() {
    let github = super::github("");
    let runner = super::runner(&github).input("html-file", "out/plan.html");
    run(&runner, &["--plan", &super::plan("mixed")]).assert_code(0);
    let page = std::fs::read_to_string(runner.workspace().join("out/plan.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("/actions/runs/1000\">run</a>"), "{page}");
    let runner = super::runner(&github).input("html-file", "dry.html").input("dry-run", "true");
    run(&runner, &["--plan", &super::plan("mixed")]).assert_code(0);
    assert!(!runner.workspace().join("dry.html").exists());
}

#[test]
fn a_page_that_cannot_be_written_is_an_error_before_the_comment() {
    let github = super::github("");
    let runner = super::runner(&github).input("html-file", ".");
    let out = run(&runner, &["--plan", &super::plan("mixed")]);
    out.assert_code(1);
    assert!(out.stderr.contains("terraform-plan-comment/page-not-written"), "{}", out.stderr);
    assert_eq!(super::writes(&github), [""; 0]);
}
