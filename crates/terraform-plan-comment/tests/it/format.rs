//! `--format` prints one rendering and touches nothing.

use serde_json::json;
use testkit::{FakeRunner, RunOutput};

use crate::{comments, github, plan, plans, run, runner};

/// A plan that destroys an object of the type `t` of the provider `p`.
fn destruction() -> String {
    let change = json!({ "actions": ["delete"], "before": { "a": "x" }, "after": null,
                         "before_sensitive": {}, "after_sensitive": false });
    json!({ "format_version": "1.2", "resource_changes": [{ "address": "t.n", "mode": "managed", "type": "t", "name": "n",
            "provider_name": "p", "change": change }] })
    .to_string()
}

#[track_caller]
fn nothing_is_left(out: &RunOutput) {
    assert!(out.outputs.is_empty() && out.summary.is_empty(), "{:?} {}", out.outputs, out.summary);
}

#[test]
fn a_rendering_is_printed_and_nothing_else_is_done() {
    let github = github("Text.");
    let runner = runner(&github);
    let told = [("text", "must be replaced"), ("markdown", "| Action | Resource |"), ("json", "\"has-changes\": true")];
    for (format, told) in told {
        let out = run(&runner, &["--plan", &plan("mixed"), "--format", format]);
        out.assert_code(0);
        nothing_is_left(&out);
        assert!(out.stdout.contains(told), "{format}: {}", out.stdout);
        let is_command = out.stdout.lines().any(|line| line.starts_with("::"));
        assert!(!is_command && out.stdout.ends_with('\n'), "{format}: {}", out.stdout);
    }
    assert!(comments(&github).is_empty() && github.requests().is_empty());
}

#[test]
fn the_text_is_what_terraform_prints() {
    let out = run(&FakeRunner::plain_shell(), &["--plan", &plan("type_change"), "--format", "text"]);
    assert_eq!(out.stdout, std::fs::read_to_string(plans().join("type_change.show.txt")).unwrap());
}

#[test]
fn markdown_is_what_the_summary_shows() {
    let out = run(&FakeRunner::plain_shell(), &["--plan", &plan("mixed"), "--format", "markdown"]);
    let whole = run(&FakeRunner::new(), &["--plan", &plan("mixed"), "--target", "none"]);
    let (heading, page) = out.stdout.trim().split_once("\n\n").unwrap();
    assert!(heading.starts_with("### 🔴 Terraform plan: 2 to add, 3 to change, 2 to destroy"), "{heading}");
    let (page, footer) = page.rsplit_once("<sub>").unwrap();
    assert!(whole.summary.contains(page), "{}\n{}", whole.summary, out.stdout);
    assert!(footer.starts_with("Terraform 1.11.4 · digest `"), "{footer}");
    assert!(footer.ends_with("`</sub>") && !footer.contains("run"), "a text is of no run: {footer}");
}

#[test]
fn a_rendering_needs_no_event() {
    let runner = FakeRunner::new().env("GITHUB_EVENT_PATH", "/nowhere/event.json");
    for format in ["text", "markdown", "json"] {
        run(&runner, &["--plan", &plan("deposed"), "--format", format]).assert_code(0);
    }
}

#[test]
fn a_rendering_fails_for_what_is_protected() {
    let runner = FakeRunner::new().file("p.json", destruction());
    for (format, told) in
        [("text", "t.n will be destroyed"), ("markdown", "protected"), ("json", "\"protected\": true")]
    {
        let arguments = ["--plan", "p.json", "--format", format, "--fail-on-destroy"];
        let out = run(&runner, &[&arguments[..], &["t"]].concat());
        out.assert_code(1);
        nothing_is_left(&out);
        assert!(out.stdout.contains(told), "{format}: {}", out.stdout);
        assert!(out.stderr.contains("terraform-plan-comment/protected-destroy"), "{}", out.stderr);
        run(&runner, &[&arguments[..], &["other"]].concat()).assert_code(0);
    }
}

#[test]
fn json_is_the_review() {
    let out = run(&FakeRunner::new(), &["--plan", &plan("deposed"), "--format", "json"]);
    let review: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(review["counts"]["destroy"], 1);
    assert_eq!(review["resources"][0]["address"], "terraform_data.a");
}

#[test]
fn the_format_is_no_input() {
    let out = run(&FakeRunner::new().input("format", "text"), &["--plan", &plan("deposed"), "--target", "none"]);
    out.assert_code(0);
    assert_eq!(out.outputs["destroy"], "1");
    let out = run(&FakeRunner::new(), &["--plan", &plan("deposed"), "--format", "pdf"]);
    out.assert_code(2);
    assert!(["text", "markdown", "html", "json"].iter().all(|format| out.stderr.contains(format)), "{}", out.stderr);
}

#[test]
fn a_plan_that_cannot_be_read_has_no_rendering() {
    let out = run(&FakeRunner::new(), &["--plan", "nowhere.json", "--format", "text"]);
    out.assert_code(2);
    nothing_is_left(&out);
    assert!(out.stderr.contains("terraform-plan-comment/plan-unreadable"), "{}", out.stderr);
}

#[test]
fn schemas_are_read_for_the_text_alone() {
    let nowhere = ["--plan", &plan("deposed"), "--provider-schemas", "nowhere.json"];
    for more in [["--format", "markdown"], ["--format", "json"], ["--target", "none"]] {
        let out = run(&FakeRunner::new(), &[&nowhere[..], &more].concat());
        out.assert_code(0);
        let told = format!("{}{}", out.stdout, out.stderr);
        assert!(told.contains("`provider-schemas` is not read"), "{told}");
    }
    let out = run(
        &FakeRunner::new().input("provider-schemas", "nowhere.json"),
        &["--plan", &plan("deposed"), "--format", "text"],
    );
    out.assert_code(0);
}

#[test]
fn types_that_the_schemas_do_not_describe_are_named() {
    let runner = |kind: &str| {
        let schemas = json!({ "format_version": "1.0", "provider_schemas": { "p": { "resource_schemas": { kind: {
            "block": { "attributes": { "a": { "type": "string" } } } } } } } });
        FakeRunner::new().file("p.json", destruction()).file("schemas.json", schemas.to_string())
    };
    let arguments = ["--plan", "p.json", "--provider-schemas", "schemas.json", "--format", "text"];
    let out = run(&runner("other"), &arguments);
    out.assert_code(0);
    assert!(out.stderr.contains("`provider-schemas` does not describe 1 type of the plan"), "{}", out.stderr);
    assert!(out.stderr.contains("`t`"), "{}", out.stderr);
    let out = run(&runner("t"), &arguments);
    assert!(!out.stderr.contains("does not describe"), "{}", out.stderr);
}

#[test]
fn schemas_that_are_none_are_refused() {
    let with = |runner: FakeRunner| {
        run(&runner, &["--plan", &plan("deposed"), "--provider-schemas", "schemas.json", "--format", "text"])
    };
    let out = with(FakeRunner::new());
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/schemas-unreadable"), "{}", out.stderr);
    for content in ["{", "{\"format_version\":\"2.0\"}", "{\"format_version\":\"1.0\",\"provider_schemas\":[]}"] {
        let out = with(FakeRunner::new().file("schemas.json", content));
        out.assert_code(2);
        assert!(out.stderr.contains("terraform-plan-comment/not-schemas"), "{}", out.stderr);
        assert!(out.stderr.contains("terraform providers schema -json"), "{}", out.stderr);
    }
    let out = with(FakeRunner::new().file("schemas.json", "{\"format_version\":\"1.0\"}"));
    out.assert_code(0);
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    let out = run(&FakeRunner::new(), &["--plan", &plan("adversarial_markdown"), "--format", "html"]);
    out.assert_code(0);
    let page = &out.stdout;
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"), "{page}");
    assert!(page.contains("default-src 'none'"), "{page}");
    for tag in ["<img", "<link", "<iframe", "<a "] {
        assert!(!page.contains(tag), "{tag}: {page}");
    }
    assert_eq!(page.matches("<script").count(), 1, "{page}");
}

/// A plan with something of everything that is no change of a resource.
fn everything() -> serde_json::Value {
    let change = |address: &str, before: &str, after: &str| {
        json!({ "address": address, "mode": "managed", "type": "t", "name": "n", "change": { "actions": ["update"],
            "before": { "v": before }, "after": { "v": after }, "before_sensitive": {}, "after_sensitive": {} } })
    };
    let run = |address: &str, message: &str| json!({ "address": address, "type": "notify", "name": "n", "config_values": { "message": message } });
    json!({ "format_version": "1.2", "complete": false, "resource_changes": [change("t.now", "a", "b")],
        "resource_drift": [change("t.now", "drift-old", "drift-new")],
        "relevant_attributes": [{ "resource": "t.now", "attribute": ["v"] }],
        "deferred_changes": [{ "reason": "provider_config_unknown", "resource_change": change("t.later", "later-old", "later-new") }],
        "action_invocations": [run("action.notify.a", "action-message")],
        "deferred_action_invocations": [{ "reason": "r", "action_invocation": run("action.notify.b", "later-message") }],
        "output_changes": {
            "said": { "actions": ["create"], "before": null, "after": "output-value", "before_sensitive": false, "after_sensitive": false },
            "silent": { "actions": ["update"], "before": null, "after": null, "before_sensitive": false, "after_sensitive": false } },
        "checks": [{ "address": { "to_display": "t.now" }, "status": "fail", "instances": [
            { "address": { "to_display": "t.now[7]" }, "status": "fail", "problems": [{ "message": "too small" }] }] }] })
}

#[test]
fn log_page_and_comment_leave_nothing_out() {
    let runner = FakeRunner::new();
    std::fs::write(runner.workspace().join("plan.json"), everything().to_string()).unwrap();
    let out = run(&runner, &["--plan", "plan.json", "--target", "none"]);
    out.assert_code(0);
    let html = run(&runner, &["--plan", "plan.json", "--format", "html"]);
    html.assert_code(0);
    for (place, text) in [("log", &out.stderr), ("summary", &out.summary), ("page", &html.stdout)] {
        for part in [
            "later-new",
            "provider config unknown",
            "action-message",
            "later-message",
            "deferred to a later plan",
            "output-value",
            "silent",
            "changes without a new value",
            "drift-new",
            "t.now[7]",
            "too small",
            "This plan is partial",
        ] {
            let is_there = text.contains(part) || text.replace('\\', "").contains(part);
            assert!(is_there, "the {place} leaves out {part}: {text}");
        }
    }
}
