//! The log of `terraform plan -json` beside the plan, and in its place where planning failed.

use std::path::Path;

use serde_json::{Value, json};
use testkit::FakeRunner;

use crate::{comments, github, plan, run, runner};

/// A log that Terraform wrote.
fn recorded(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs");
    std::fs::read_to_string(folder.join(format!("{name}.ndjson"))).unwrap()
}

fn message(severity: &str, summary: &str, detail: &str, place: (&str, u64)) -> String {
    json!({ "@level": "error", "@message": "Error", "@module": "terraform.ui", "type": "diagnostic", "diagnostic": {
        "severity": severity, "summary": summary, "detail": detail,
        "range": { "filename": place.0, "start": { "line": place.1, "column": 1, "byte": 0 } } } })
    .to_string()
}

#[test]
fn the_error_of_a_plan_that_stopped_is_shown_with_it() {
    let github = github("");
    let runner = runner(&github).file("plan.ndjson", recorded("precondition_fail")).file("main.tf", "");
    let arguments = ["--plan", &plan("precondition_fail"), "--plan-log", "plan.ndjson", "--html-file", "plan.html"];
    let out = run(&runner, &arguments);
    out.assert_code(1);
    assert!(out.stderr.contains("terraform-plan-comment/plan-errored"), "{}", out.stderr);
    let page = std::fs::read_to_string(runner.workspace().join("plan.html")).unwrap();
    let comment = comments(&github).remove(0);
    let caution = "> [!CAUTION]\n> **Planning failed with 1 error.**";
    assert!(
        comment.contains(caution) && comment.contains("> - `main.tf:8`: Resource precondition failed"),
        "{comment}"
    );
    let places =
        ["[!CAUTION]", "| Action |", "#### Errors and warnings", "#### Changes"].map(|part| comment.find(part));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {comment}");
    let fold = "<details open><summary>❌ Error: Resource precondition failed <code>main.tf:8</code></summary>";
    assert!(comment.contains(fold), "{comment}");
    assert!(!comment.contains("is in the log of the step"), "{comment}");
    for (text, told) in [
        (&out.summary, "❌ Error: Resource precondition failed"),
        (&page, "<summary><b>Error</b> Resource precondition failed</summary>"),
        (&out.stderr, "Error: Resource precondition failed"),
        (
            &out.stdout,
            "::error title=Terraform%3A error,file=main.tf,line=8::Resource precondition failed%0Aboom ``` @octocat",
        ),
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[test]
fn without_a_plan_the_comment_says_that_planning_failed_and_why() {
    let truncated = "{\"format_version\":\"1.2\",\"resource_ch";
    for content in [None, Some(""), Some(truncated)] {
        let github = github("");
        let runner = runner(&github).file("plan.ndjson", recorded("syntax_error"));
        let runner = if let Some(content) = content { runner.file("plan.json", content) } else { runner };
        let arguments =
            ["--plan", "plan.json", "--plan-log", "plan.ndjson", "--name", "root", "--part-file", "part.json"];
        let out = run(&runner, &arguments);
        out.assert_code(1);
        assert!(out.stderr.contains("terraform-plan-comment/planning-failed"), "{}", out.stderr);
        assert!(
            out.stderr.contains("planning failed with 1 error: Reference to undeclared resource"),
            "{}",
            out.stderr
        );
        assert!(out.stdout.contains("file=main.tf,line=2::Reference to undeclared resource"), "{}", out.stdout);
        let comment = comments(&github).remove(0);
        assert!(comment.contains("the plan failed with 1 error"), "{comment}");
        let caution = "> **Planning failed with 1 error, and there is no plan to show.**";
        assert!(
            comment.contains(caution) && comment.contains("`main.tf:2`: Reference to undeclared resource"),
            "{comment}"
        );
        assert!(
            comment.contains("has not been declared in the root module") && !comment.contains("No changes"),
            "{comment}"
        );
        // The part says it too, and what is made of parts.
        let part = std::fs::read_to_string(runner.workspace().join("part.json")).unwrap();
        let reducer = crate::runner(&github).file("parts/part.json", &part);
        let out = run(&reducer, &["reduce", "--parts", "parts", "--target", "none"]);
        out.assert_code(1);
        assert!(out.summary.contains("Planning failed with 1 error"), "{}", out.summary);
        assert!(out.summary.contains("❌ Error: Reference to undeclared resource"), "{}", out.summary);
    }
}

#[test]
fn in_a_shell_and_in_each_rendering_it_is_said_too() {
    let shell = || FakeRunner::plain_shell().file("plan.ndjson", recorded("syntax_error"));
    let out = run(&shell(), &["--plan", "plan.json", "--plan-log", "plan.ndjson"]);
    out.assert_code(1);
    assert!(out.stderr.contains("Error: Reference to undeclared resource"), "{}", out.stderr);
    for (format, told) in
        [("markdown", "❌ Error: Reference"), ("html", "<b>Error</b> Reference"), ("json", "\"severity\": \"error\"")]
    {
        let out = run(&shell(), &["--plan", "plan.json", "--plan-log", "plan.ndjson", "--format", format]);
        assert!(out.code == 1 && out.stdout.contains(told), "{format} {}: {}{}", out.code, out.stdout, out.stderr);
    }
    let out = run(&shell(), &["--plan", "plan.json", "--plan-log", "plan.ndjson", "--format", "text"]);
    assert!(out.stderr.contains("terraform-plan-comment/planning-failed") && out.stdout.is_empty(), "{}", out.stderr);
    let log = recorded("check_block_fail");
    let runner = FakeRunner::plain_shell().file("plan.ndjson", &log);
    let out = run(&runner, &["--plan", &plan("check_block_fail"), "--plan-log", "plan.ndjson", "--format", "json"]);
    out.assert_code(0);
    let review: Value = serde_json::from_str(&out.stdout).unwrap();
    let told = &review["diagnostics"][0];
    assert_eq!((&told["severity"], &told["file"], &told["line"]), (&json!("warning"), &json!("main.tf"), &json!(6)));
    assert_eq!(review["state"], "complete", "a warning is no failure");
}

#[test]
fn a_log_is_looked_up_like_the_plan_and_annotations_find_the_files_of_its_folder() {
    let log = [
        message("warning", "Old", "Use the new one.", ("../modules/a/main.tf", 3)),
        message("error", "Bad", "one\n  two", ("main.tf", 0)),
    ];
    let runner = FakeRunner::new().file("envs/prod/plan.ndjson", log.join("\n")).file("envs/prod/main.tf", "");
    let arguments =
        ["--plan", "no.json", "--plan-log", "plan.ndjson", "--working-directory", "envs/prod", "--target", "none"];
    let out = run(&runner, &arguments);
    out.assert_code(1);
    assert!(
        out.stdout.contains("::error title=Terraform%3A error,file=envs/prod/main.tf::Bad%0Aone%0A  two"),
        "{}",
        out.stdout
    );
    assert!(
        out.stdout.contains("::warning title=Terraform%3A warning,file=envs/modules/a/main.tf,line=3::Old"),
        "{}",
        out.stdout
    );
}

#[test]
fn many_errors_are_annotated_within_what_a_runner_shows_and_fit_the_page() {
    let log: Vec<String> =
        (0..2_000).map(|n| message("error", &format!("E{n}"), &"x ".repeat(2_000), ("a.tf", n + 1))).collect();
    let github = github("");
    let runner = runner(&github).file("plan.ndjson", log.join("\n"));
    let out = run(&runner, &["--plan", &plan("mixed"), "--plan-log", "plan.ndjson"]);
    out.assert_code(1);
    assert!(out.stdout.matches("::error ").count() <= 10, "{}", out.stdout.matches("::error ").count());
    let comment = comments(&github).remove(0);
    assert!(comment.chars().count() <= 65_536 && comment.contains("× error"), "{}", comment.chars().count());
    assert!(comment.contains("Planning failed with 2000 errors") && comment.contains("and 1995 more"), "{comment}");
    assert!(out.stderr.contains("Error: E1999"), "the log has all of them");
}

#[test]
fn a_file_that_is_no_log_and_one_that_is_not_there_are_named() {
    let refused = |content: Option<&str>, code: &str, what: &str| {
        let runner = FakeRunner::new();
        let runner = if let Some(content) = content { runner.file("log", content) } else { runner };
        let out = run(&runner, &["--plan", &plan("mixed"), "--plan-log", "log", "--target", "none"]);
        out.assert_code(2);
        assert!(out.stderr.contains(code) && out.stderr.contains(what), "{}", out.stderr);
        assert!(out.stderr.contains("terraform plan -json -out=tfplan"), "{}", out.stderr);
    };
    refused(None, "terraform-plan-comment/plan-log-unreadable", "the log `log` cannot be read");
    refused(Some(""), "terraform-plan-comment/not-a-plan-log", "it is empty");
    refused(Some("Terraform used the selected providers"), "terraform-plan-comment/not-a-plan-log", "text for people");
    refused(
        Some("{\"format_version\":\"1.2\",\"errored\":false}"),
        "terraform-plan-comment/not-a-plan-log",
        "belongs in `plan`",
    );
    // Where both are missing, the plan is what matters.
    let out = run(&FakeRunner::new(), &["--plan", "no.json", "--plan-log", "no.ndjson", "--target", "none"]);
    assert!(out.code == 2 && out.stderr.contains("terraform-plan-comment/plan-unreadable"), "{}", out.stderr);
    // A log without errors does not say why there is no plan.
    let runner = FakeRunner::new().file("log", recorded("check_block_fail"));
    let out = run(&runner, &["--plan", "no.json", "--plan-log", "log", "--target", "none"]);
    assert!(out.code == 2 && out.stderr.contains("terraform-plan-comment/plan-unreadable"), "{}", out.stderr);
}

#[test]
fn a_log_as_the_plan_and_one_beside_a_change_set_are_refused() {
    let runner = FakeRunner::new().file("plan.ndjson", recorded("prevent_destroy"));
    let out = run(&runner, &["--plan", "plan.ndjson", "--target", "none"]);
    out.assert_code(2);
    assert!(
        out.stderr.contains("terraform-plan-comment/not-a-plan") && out.stderr.contains("`plan-log`"),
        "{}",
        out.stderr
    );
    let out = run(&runner, &["--change-set", "c", "--stack", "s", "--plan-log", "plan.ndjson"]);
    assert!(
        out.code == 2 && out.stderr.contains("`plan-log`") && out.stderr.contains("belongs to `plan`"),
        "{}",
        out.stderr
    );
}

#[test]
fn a_version_that_nobody_knows_is_told_and_opentofu_is_called_by_its_name() {
    let version = json!({ "@level": "info", "type": "version", "tofu": "1.8.0", "ui": "3.1" }).to_string();
    let runner = FakeRunner::plain_shell().file("plan.ndjson", version);
    let shown = |log: bool| {
        let plan = plan("mixed");
        let arguments = ["--plan", &plan, "--format", "markdown", "--plan-log", "plan.ndjson"];
        let out = run(&runner, if log { &arguments } else { &arguments[..4] });
        out.assert_code(0);
        out.stdout
    };
    let with_log = shown(true);
    assert!(with_log.contains("The log of the plan is of version `3.1`"), "{with_log}");
    assert!(with_log.contains("<sub>OpenTofu 1.") && shown(false).contains("<sub>Terraform 1."), "{with_log}");
    let mut of_opentofu: Value = serde_json::from_str(&std::fs::read_to_string(plan("mixed")).unwrap()).unwrap();
    of_opentofu["resource_changes"][0]["provider_name"] = json!("registry.opentofu.org/hashicorp/null");
    for (format, told) in [("markdown", "<sub>OpenTofu 1."), ("html", "<footer>OpenTofu 1.")] {
        let runner = FakeRunner::plain_shell().stdin(of_opentofu.to_string());
        let out = run(&runner, &["--plan", "-", "--format", format]);
        assert!(out.stdout.contains(told), "{format}: {}", out.stdout);
    }
}
