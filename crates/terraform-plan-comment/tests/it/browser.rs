//! The page of a plan in a real browser.
#![allow(clippy::print_stderr, reason = "says what it could not check")]

use std::path::Path;

use serde_json::{Value, json};
use testkit::FakeRunner;
use testkit::browser::{Browser, Tab};

use super::run;

fn change(address: &str, actions: &[&str], value: &str) -> Value {
    json!({ "address": address, "mode": "managed", "type": "aws_instance", "name": "a", "change": {
        "actions": actions, "before": { "text": "old" }, "after": { "text": value }, "before_sensitive": {}, "after_sensitive": {} } })
}

/// The address of a page of a plan; `None` without a browser.
fn page(runner: &FakeRunner, plan: &Value) -> Option<(Browser, String)> {
    let Some(browser) = Browser::find() else {
        eprintln!("SKIPPED a browser reads a plan: Chromium is not installed");
        return None;
    };
    let folder = runner.workspace();
    std::fs::write(folder.join("plan.json"), plan.to_string()).unwrap();
    let out = run(runner, &["--plan", "plan.json", "--format", "html"]);
    out.assert_code(0);
    let page = folder.join("plan.html");
    std::fs::write(&page, &out.stdout).unwrap();
    Some((browser, format!("file://{}", absolute(&page))))
}

fn plan_of(changes: &[Value]) -> Value {
    json!({ "format_version": "1.2", "resource_changes": changes, "applyable": true, "complete": true, "errored": false })
}

/// The page of a plan, looked at with what a link's end says; `None` without a browser.
fn seen(runner: &FakeRunner, changes: &[Value], hash: &str) -> Option<String> {
    let (browser, url) = page(runner, &plan_of(changes))?;
    Some(browser.load(runner.workspace(), &format!("{url}{hash}")))
}

/// A page in use, of three changes and of one of everything else; `None` without a browser.
fn used(runner: &FakeRunner) -> Option<Tab> {
    let mut plan = plan_of(&[
        change("aws_instance.gone", &["delete"], "x"),
        change("aws_instance.changed", &["update"], "needle"),
        change("aws_instance.new", &["create"], "x"),
    ]);
    let other = |address: &str, value: &str| change(address, &["update"], value);
    plan["deferred_changes"] =
        json!([{ "reason": "instance_count_unknown", "resource_change": other("aws_instance.later", "deferred") }]);
    plan["resource_drift"] = json!([other("aws_instance.drifted", "moved-by-hand")]);
    plan["relevant_attributes"] = json!([{ "resource": "aws_instance.drifted", "attribute": ["text"] }]);
    plan["output_changes"] = json!({ "url": { "actions": ["create"], "before": null, "after": "https://found", "before_sensitive": false,
        "after_sensitive": false } });
    let (browser, url) = page(runner, &plan)?;
    Some(browser.open(runner.workspace(), &url))
}

/// What is focused: the address of a change, or the id of something else.
const FOCUS: &str = "document.activeElement.querySelector('code')?.textContent ?? document.activeElement.id";

/// What is open.
const OPEN: &str = "[...document.querySelectorAll('details')].filter((one) => one.open).length";

/// What can be seen of changes, and of everything else.
const SEEN: &str = "[...document.querySelectorAll('.change, main .other')].filter((one) => one.checkVisibility())\
     .map((one) => (one.querySelector('code') ?? one).textContent.trim())";

#[test]
fn a_page_is_used_with_keys_alone() {
    let runner = FakeRunner::new();
    let Some(mut tab) = used(&runner) else { return };
    for (key, focus) in [
        ("j", "aws_instance.gone"),
        ("j", "aws_instance.changed"),
        ("j", "aws_instance.new"),
        ("j", "aws_instance.later"),
        ("k", "aws_instance.new"),
        ("k", "aws_instance.changed"),
    ] {
        tab.press(key);
        assert_eq!(tab.value(FOCUS), focus, "{key}");
    }
    let changed = "document.querySelectorAll('details.change')[1].open";
    assert_eq!(tab.value(changed), false);
    tab.press("Enter");
    tab.wait(changed);
    tab.press("e");
    assert_eq!(tab.value(OPEN), 5);
    tab.press("c");
    assert_eq!(tab.value(OPEN), 0);
    tab.press("/");
    assert_eq!(tab.value(FOCUS), "query");
    "needle".chars().for_each(|key| tab.press(&key.to_string()));
    tab.wait("document.getElementById('shown').textContent === '1 of 3 shown, and 0 of 3 others'");
    assert_eq!(tab.value(SEEN), json!(["aws_instance.changed"]));
    tab.press("Escape");
    assert_eq!(tab.value("document.getElementById('query').value"), "");
    assert_eq!(tab.value("document.getElementById('shown').textContent"), "3 of 3 shown, and 3 of 3 others");
    // Who needs the keys for something else switches them off.
    tab.click("#keys");
    tab.press("e");
    assert_eq!(tab.value(OPEN), 0);
}

#[test]
fn a_page_is_searched_as_a_whole() {
    let runner = FakeRunner::new();
    let Some(mut tab) = used(&runner) else { return };
    for (word, found) in
        [("deferred", "aws_instance.later"), ("moved-by-hand", "aws_instance.drifted"), ("found", "url")]
    {
        tab.press("/");
        word.chars().for_each(|key| tab.press(&key.to_string()));
        tab.wait("document.getElementById('shown').textContent === '0 of 3 shown, and 1 of 3 others'");
        let seen = tab.value(SEEN);
        assert!(seen.as_array().unwrap().len() == 1 && seen[0].as_str().unwrap().contains(found), "{word}: {seen}");
        tab.press("Escape");
    }
}

#[test]
fn filters_and_buttons_are_clicked() {
    let runner = FakeRunner::new();
    let Some(mut tab) = used(&runner) else { return };
    assert_eq!(tab.value("document.getElementById('shown').textContent"), "3 of 3 shown, and 3 of 3 others");
    tab.click("input[name=action][value=destroy]");
    tab.wait("document.getElementById('shown').textContent.startsWith('2 of 3 shown')");
    tab.click("input[name=risk][value=routine]");
    tab.wait("document.getElementById('shown').textContent.startsWith('0 of 3 shown')");
    tab.click("input[name=action][value=destroy]");
    tab.wait("document.getElementById('shown').textContent.startsWith('1 of 3 shown')");
    assert_eq!(tab.value(SEEN)[0], "aws_instance.gone");
    tab.click("#expand");
    // What is filtered out is left as it is.
    assert_eq!(tab.value(OPEN), 3);
    tab.click("#collapse");
    assert_eq!(tab.value(OPEN), 0);
    tab.click("details.change summary");
    assert_eq!(tab.value("document.querySelector('details.change').open"), true);
}

#[test]
fn a_page_is_dark_where_all_is_dark_and_whole_on_paper() {
    let runner = FakeRunner::new();
    let Some(mut tab) = used(&runner) else { return };
    let colors =
        "(() => { const body = getComputedStyle(document.body); return [body.backgroundColor, body.color]; })()";
    let media = |tab: &mut Tab, media: &str, scheme: &str| {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        tab.call("Emulation.setEmulatedMedia", json!({ "media": media, "features": features }));
    };
    media(&mut tab, "screen", "light");
    assert_eq!(tab.value(colors), json!(["rgb(255, 255, 255)", "rgb(31, 35, 40)"]));
    media(&mut tab, "screen", "dark");
    assert_eq!(tab.value(colors), json!(["rgb(13, 17, 23)", "rgb(230, 237, 243)"]));
    let form = "document.getElementById('filters').checkVisibility()";
    assert_eq!(tab.value(form), true);
    media(&mut tab, "print", "light");
    assert_eq!(tab.value(form), false);
    // Printing opens everything, and closes it again.
    tab.press("c");
    tab.value("window.printed = 0; addEventListener('beforeprint', () => { window.printed = [...document.querySelectorAll('details')].filter((one) => one.open).length; })");
    let paper = tab.call("Page.printToPDF", json!({}));
    assert!(paper["data"].as_str().unwrap().starts_with("JVBER"), "it is a PDF");
    assert_eq!(tab.value("window.printed"), 5);
    assert_eq!(tab.value(OPEN), 0);
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
    assert!(page.contains("data-action=\"destroy\" data-risk=\"data-loss downtime\" open"), "{}", &page[..3000]);
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
