//! `verify`: a plan is applied only where it does what was reviewed.

mod counted;
#[cfg(unix)]
mod example;
mod files;

use serde_json::{Value, json};
use testkit::{FakeRunner, RunOutput};

use super::{HEAD, comments, github, plan, run, runner};

/// The tip of the branch that the pull request goes to.
const BASE: &str = "ba5e00000000000000000000000000000000ba5e";

/// A plan that updates one object, with a secret.
fn document(size: &str, secret: &str) -> Value {
    json!({ "format_version": "1.2", "resource_changes": [{
        "address": "aws_instance.web", "mode": "managed", "type": "aws_instance", "name": "web", "provider_name": "aws",
        "change": { "actions": ["update"],
            "before": { "id": "i-1", "size": "small", "password": "hunter2-old", "state": "running" },
            "after": { "id": "i-1", "size": size, "password": secret, "state": "running" },
            "before_sensitive": { "password": true }, "after_sensitive": { "password": true }, "after_unknown": {} } }] })
}

/// A runner with the review of `reviewed` in `review.json` and the plan `now` in `now.json`.
fn after_review(reviewed: &Value, now: &Value, arguments: &[&str]) -> FakeRunner {
    let runner = FakeRunner::new().file("plan.json", reviewed.to_string()).file("now.json", now.to_string());
    let review = ["--plan", "plan.json", "--target", "none", "--review-file", "review.json"];
    let out = run(&runner, &[&review[..], arguments].concat());
    assert!(out.code == 0 || out.stderr.contains("/plan-errored"), "{}", out.stderr);
    runner
}

fn verify(runner: &FakeRunner, arguments: &[&str]) -> RunOutput {
    run(runner, &[&["verify", "--plan", "now.json"][..], arguments].concat())
}

const REVIEWED: [&str; 2] = ["--reviewed", "review.json"];

#[track_caller]
fn refused(out: &RunOutput, code: i32, error: &str) {
    out.assert_code(code);
    assert!(out.stderr.contains(&format!("{error}: ")), "{}", out.stderr);
}

/// The review in `review.json`, edited.
fn edited(runner: FakeRunner, edit: impl FnOnce(&mut Value)) -> FakeRunner {
    let path = runner.workspace().join("review.json");
    let mut review: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    edit(&mut review);
    runner.file("review.json", review.to_string())
}

#[test]
fn a_plan_that_does_what_was_reviewed_passes() {
    let reviewed = document("large", "hunter3-new");
    let mut now = reviewed.clone();
    now["resource_changes"][0]["change"]["before"]["state"] = json!("stopped");
    now["resource_changes"][0]["change"]["after"]["state"] = json!("stopped");
    now["timestamp"] = json!("2026-11-22T10:00:00Z");
    let runner = after_review(&reviewed, &now, &[]);
    let out = verify(&runner, &REVIEWED);
    out.assert_code(0);
    assert_eq!((out.outputs["matches"].as_str(), out.outputs["differences"].as_str()), ("true", "0"));
    assert_eq!(out.outputs["digest"], out.outputs["reviewed-digest"]);
    assert!(out.summary.contains("the plan does what was reviewed"), "{}", out.summary);
    let digest = out.outputs["digest"].clone();
    let alone = verify(&runner, &["--digest", &digest]);
    alone.assert_code(0);
    assert_eq!(alone.outputs["matches"], "true");
    verify(&runner, &["--digest", &format!("sha256:{digest}"), "--reviewed", "review.json"]).assert_code(0);
}

#[test]
fn a_plan_that_does_something_else_is_refused_and_told_apart() {
    let mut now = document("huge", "hunter3-new");
    now["resource_changes"].as_array_mut().unwrap().push(json!({
        "address": "aws_db_instance.orders", "mode": "managed", "type": "aws_db_instance", "change": {
            "actions": ["delete"], "before": { "id": "db-7" }, "after": null, "before_sensitive": {}, "after_sensitive": false } }));
    let runner = after_review(&document("large", "hunter3-new"), &now, &[]);
    for more in [&[][..], &["--dry-run"]] {
        let out = verify(&runner, &[&REVIEWED[..], more].concat());
        refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
        assert_eq!((out.outputs["matches"].as_str(), out.outputs["differences"].as_str()), ("false", "2"));
        for line in [
            "not reviewed: aws_db_instance.orders: destroy",
            "+ object: id = \"db-7\"",
            "differs: aws_instance.web: update in place",
            "- size = \"small\" -> \"large\"",
            "+ size = \"small\" -> \"huge\"",
        ] {
            assert!(out.stderr.contains(line), "{line}: {}", out.stderr);
            assert!(
                format!("{}{}", out.stdout, out.stderr).matches(line).count() > 1,
                "{line} in the log: {}",
                out.stdout
            );
        }
        assert!(out.summary.contains("**not reviewed:** `aws_db_instance.orders: destroy`"), "{}", out.summary);
        assert!(out.summary.contains("+ size = \"small\" -> \"huge\""), "{}", out.summary);
    }
    let out = verify(&runner, &["--digest", &"0".repeat(64)]);
    refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
    assert!(out.stderr.contains("as `reviewed` to see what differs"), "{}", out.stderr);
    let vanished = after_review(&now, &document("huge", "hunter3-new"), &[]);
    let out = verify(&vanished, &REVIEWED);
    refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
    assert!(out.stderr.contains("reviewed and not done any more: aws_db_instance.orders: destroy"), "{}", out.stderr);
}

#[test]
fn a_secret_is_nowhere_and_counts_by_whether_it_changes() {
    let reviewed = document("large", "hunter3-new");
    let another = after_review(&reviewed, &document("large", "hunter4-newer"), &[]);
    let out = verify(&another, &REVIEWED);
    out.assert_code(0);
    let told = "1 value is hidden, and whether it is the reviewed one was not compared: aws_instance.web: password;";
    assert!(out.stdout.contains(&format!("::warning::{told}")), "{}", out.stdout);
    let unchanged = after_review(&reviewed, &document("large", "hunter2-old"), &[]);
    let out = verify(&unchanged, &REVIEWED);
    refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
    assert!(out.stderr.contains("- password = (sensitive value)  # what is hidden changes"), "{}", out.stderr);
    let review = std::fs::read_to_string(unchanged.workspace().join("review.json")).unwrap();
    for text in [review, out.stdout, out.stderr, out.summary] {
        assert!(!text.contains("hunter"), "{text}");
    }
}

#[test]
fn a_review_that_was_altered_is_refused() {
    let plan = document("large", "hunter3-new");
    let runner = edited(after_review(&plan, &document("huge", "hunter3-new"), &[]), |review| {
        review["changes"]["objects"][0]["attributes"][1]["after"]["text"] = json!("huge");
    });
    refused(&verify(&runner, &REVIEWED), 2, "terraform-plan-verify/review-altered");
    let runner = edited(after_review(&plan, &plan, &[]), |review| review["digest"] = json!("0".repeat(64)));
    refused(&verify(&runner, &REVIEWED), 2, "terraform-plan-verify/review-altered");
}

#[test]
fn what_is_no_review_is_named() {
    let plan = document("large", "hunter3-new");
    let runner = || FakeRunner::new().file("now.json", plan.to_string());
    refused(&verify(&runner(), &REVIEWED), 2, "terraform-plan-verify/review-unreadable");
    for content in ["", "{}", "[]", "<html>", "\u{feff}", &plan.to_string()] {
        let out = verify(&runner().file("review.json", content), &REVIEWED);
        refused(&out, 2, "terraform-plan-verify/not-a-review");
    }
    let whole = after_review(&plan, &plan, &[]);
    let text = std::fs::read_to_string(whole.workspace().join("review.json")).unwrap();
    let cut = whole.file("review.json", &text[..text.len() / 2]);
    refused(&verify(&cut, &REVIEWED), 2, "terraform-plan-verify/not-a-review");
    let newer = edited(after_review(&plan, &plan, &[]), |review| review["version"] = json!(3));
    let out = verify(&newer, &REVIEWED);
    refused(&out, 2, "terraform-plan-verify/unknown-review-version");
    assert!(out.stderr.contains("has the version 3"), "{}", out.stderr);
}

#[test]
fn the_review_of_another_plan_is_refused() {
    let plan = document("large", "hunter3-new");
    let runner = after_review(&plan, &plan, &["--name", "network"]);
    verify(&runner, &[&REVIEWED[..], &["--name", "network"]].concat()).assert_code(0);
    for (more, told) in [
        (&["--name", "storage"][..], "of another plan: `network`, not `storage`"),
        (&[], "of another plan: `network`, not none"),
        (&["--name", "network", "--digest", &"0".repeat(64)], "of another digest: "),
        (&["--name", "network", "--head-sha", BASE], "of another commit: "),
    ] {
        let out = verify(&runner, &[&REVIEWED[..], more].concat());
        refused(&out, 2, "terraform-plan-verify/other-review");
        assert!(out.stderr.contains(told), "{told}: {}", out.stderr);
    }
}

#[test]
fn the_commits_are_in_the_comment_and_in_the_review() {
    let github = github("");
    let event = json!({ "pull_request": { "number": 7, "head": { "sha": HEAD, "repo": { "full_name": super::REPOSITORY } },
                                          "base": { "sha": BASE, "repo": { "full_name": super::REPOSITORY } } } });
    let runner = runner(&github).event(event).file("now.json", document("large", "hunter3-new").to_string());
    let out = run(&runner, &["--plan", "now.json", "--review-file", "reviews/a/review.json"]);
    out.assert_code(0);
    let comment = &comments(&github)[0];
    let digest = &out.outputs["digest"];
    assert!(
        comment.contains(&format!("digest `{}` · base `ba5e0000` · commit `beef0000`", &digest[..12])),
        "{comment}"
    );
    assert!(out.outputs["summary-json"].contains(digest), "{}", out.outputs["summary-json"]);
    let out = verify(&runner, &["--reviewed", "reviews/a/review.json", "--head-sha", HEAD]);
    out.assert_code(0);
    assert_eq!((&out.outputs["digest"], out.outputs["reviewed-head"].as_str()), (digest, HEAD));
    assert!(out.summary.contains("reviewed commit `beef0000` · base `ba5e0000`"), "{}", out.summary);
    let folder = std::fs::read_dir(runner.workspace().join("reviews/a")).unwrap();
    assert_eq!(folder.count(), 1, "nothing is left beside the review");
}

#[test]
fn a_dry_run_keeps_no_review() {
    let runner = FakeRunner::new();
    run(&runner, &["--plan", &plan("mixed"), "--target", "none", "--review-file", "review.json", "--dry-run"])
        .assert_code(0);
    assert!(!runner.workspace().join("review.json").exists());
}

#[test]
fn bad_inputs_are_all_named_at_once() {
    let runner = FakeRunner::new().file("now.json", "{}");
    let out =
        verify(&runner, &["--head-sha", "beef", "--same-file", "--name", "a\n-->", "--terraform-timeout", "soon"]);
    refused(&out, 2, "terraform-plan-verify/invalid-input");
    for name in ["`reviewed`", "`head-sha`", "`same-file`", "`name`", "`terraform-timeout`"] {
        assert!(out.stderr.contains(name), "{name}: {}", out.stderr);
    }
    let out = verify(&runner, &["--digest", "beef"]);
    out.assert_code(2);
    assert!(out.stderr.contains("64 hexadecimal digits"), "{}", out.stderr);
    let out = run(&runner, &["verify", "--plan", "nowhere.json", "--digest", &"0".repeat(64)]);
    refused(&out, 2, "terraform-plan-comment/plan-unreadable");
}

#[test]
fn a_hostile_plan_stays_text_also_where_it_differs() {
    let hostile = "\n::error::boom\u{1b}[31m\u{202e}`|<script>```\n##[error]x";
    let with = |value: &str| {
        let mut plan = document(value, "hunter3-new");
        plan["resource_changes"][0]["address"] = json!(format!("a.b[\"{hostile}\"]"));
        plan["resource_changes"][0]["change"]["after"][hostile] = json!(hostile);
        plan
    };
    let long = format!("{hostile}{}", "x".repeat(5_000));
    for (reviewed, now) in [("one", hostile), (hostile, long.as_str())] {
        let runner = after_review(&with(reviewed), &with(now), &[]);
        let out = verify(&runner, &REVIEWED);
        refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
        for text in [&out.stdout, &out.stderr, &out.summary] {
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
            // Our own annotation is one command, and nothing in it is another.
            let inert = |line: &str| !line.trim_start().starts_with("::error::") && !line.contains("##[");
            let is_inert = text.lines().all(|line| line.starts_with("::error title=") || inert(line));
            assert!(is_inert || *text == out.summary, "{text}");
        }
        let page = testkit::page::Page::parse(&out.summary);
        assert!(page.fences_are_closed && !page.html.iter().any(|html| html.contains("script")), "{}", out.summary);
    }
}

#[test]
fn thousands_of_differences_fit() {
    let with = |value: u64| {
        let changes: Vec<Value> = (0..3_000)
            .map(|number| json!({ "address": format!("a.b[{number}]"), "type": "a", "change": { "actions": ["create"],
                "before": null, "after": { "n": value, "text": "x".repeat(300) }, "before_sensitive": false, "after_sensitive": {} } }))
            .collect();
        json!({ "format_version": "1.2", "resource_changes": changes })
    };
    let runner = after_review(&with(1), &with(2), &[]);
    let out = verify(&runner, &REVIEWED);
    refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
    assert!(out.stderr.contains("3000 differences") && out.stderr.contains("and 2990 more differences"));
    assert!(
        out.summary.len() <= 65_536 && out.summary.contains("more differences are in the log"),
        "{}",
        out.summary.len()
    );
    assert_eq!(out.outputs["differences"], "3000");
}

mod with_terraform {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    fn terraform(folder: &Path, arguments: &[&str]) -> Option<bool> {
        let mut command = Command::new("terraform");
        command.args(arguments).current_dir(folder).env("CHECKPOINT_DISABLE", "1");
        let output = command.output().ok()?;
        Some(output.status.success())
    }

    fn configuration(size: u64, secret: &str) -> String {
        format!(
            "variable \"secret\" {{\n  sensitive = true\n  default   = \"{secret}\"\n}}\n\
             resource \"terraform_data\" \"a\" {{\n  input = {{ size = {size}, secret = var.secret, at = \"${{plantimestamp()}} {size}\" }}\n}}\n\
             resource \"terraform_data\" \"b\" {{\n  input = terraform_data.a.id\n}}\n\
             output \"size\" {{\n  value = {size}\n}}\n"
        )
    }

    #[test]
    fn a_plan_that_is_made_again_does_the_same_and_one_of_another_value_does_not() {
        let runner = FakeRunner::new()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .file("root/main.tf", configuration(1, "hunter2-first"));
        let root = runner.workspace().join("root");
        let Some(is_ready) = terraform(&root, &["init", "-no-color"]) else {
            eprintln!(
                "SKIPPED a_plan_that_is_made_again_does_the_same_and_one_of_another_value_does_not: there is no terraform in PATH"
            );
            return;
        };
        assert!(is_ready, "terraform init");
        let make =
            |file: &str| assert_eq!(terraform(&root, &["plan", "-no-color", &format!("-out={file}")]), Some(true));
        assert_eq!(terraform(&root, &["apply", "-no-color", "-auto-approve"]), Some(true));
        std::fs::write(root.join("main.tf"), configuration(2, "hunter2-second")).unwrap();
        make("reviewed");
        let of_root = ["--working-directory", "root"];
        let review = ["--plan", "reviewed", "--target", "none", "--review-file", "review.json"];
        let out = run(&runner, &[&review[..], &of_root].concat());
        out.assert_code(0);
        let sum = out.outputs["plan-sha256"].clone();
        assert_eq!(sum.len(), 64);
        let verify = |file: &str, more: &[&str]| {
            let arguments = ["verify", "--plan", file, "--reviewed", "review.json"];
            run(&runner, &[&arguments[..], &of_root, more].concat())
        };
        make("again");
        verify("again", &[]).assert_code(0);
        verify("reviewed", &["--same-file"]).assert_code(0);
        std::fs::write(root.join("main.tf"), configuration(3, "hunter2-second")).unwrap();
        make("third");
        let out = verify("third", &[]);
        refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
        for line in ["- input.size = 1 -> 2", "+ input.size = 1 -> 3", "- value = 1 -> 2", "+ value = 1 -> 3"] {
            assert!(out.stderr.contains(line), "{line}: {}", out.stderr);
        }
        assert_eq!(out.outputs["differences"], "2", "{}", out.stderr);
        assert!(!out.stderr.contains("hunter2") && !out.stdout.contains("hunter2"), "{}", out.stderr);
    }
}
