//! The plans of many roots in one place.

use std::path::Path;

use serde_json::{Value, json};
use testkit::{FakeGitHub, FakeRunner, RunOutput};

use super::{REPOSITORY, comments, github, plan, run, runner, writes};

/// The part that a job of the matrix writes for `root`; without a plan one that fails.
pub(crate) fn part(root: &str, plan_name: Option<&str>, attempt: &str) -> String {
    let none = github("");
    let runner = runner(&none)
        .env("GITHUB_RUN_ATTEMPT", attempt)
        .input("name", root)
        .input("part-file", "part.json")
        .input("target", "none");
    let path = plan_name.map_or_else(|| "nowhere.json".to_owned(), plan);
    let out = run(&runner, &["--plan", &path]);
    out.assert_code(if plan_name.is_some() { 0 } else { 2 });
    std::fs::read_to_string(runner.workspace().join("part.json")).unwrap()
}

/// The step that puts `parts` together: files in artifacts' folders.
pub(crate) fn reducer(github: &FakeGitHub, parts: &[(&str, String)]) -> FakeRunner {
    parts.iter().fold(runner(github), |runner, (file, part)| runner.file(&format!("parts/{file}"), part))
}

pub(crate) fn reduce(runner: &FakeRunner, arguments: &[&str]) -> RunOutput {
    let arguments: Vec<&str> = ["reduce", "--parts", "parts"].iter().chain(arguments).copied().collect();
    run(runner, &arguments)
}

pub(crate) fn three() -> Vec<(&'static str, String)> {
    vec![
        ("plan-a/part.json", part("apps", Some("json_policy"), "1")),
        ("plan-b/part.json", part("data", Some("mixed"), "1")),
        ("plan-c/part.json", part("idle", Some("empty"), "1")),
    ]
}

#[test]
fn three_roots_share_one_comment_that_is_written_once() {
    let github = github("");
    let parts = three();
    let first = reduce(&reducer(&github, &parts), &["--expect", "apps,data,idle"]);
    first.assert_code(0);
    let comment = comments(&github).remove(0);
    let rows: Vec<&str> = comment.lines().filter(|line| line.starts_with("| ") && line.contains("` |")).collect();
    let order: Vec<usize> = ["`data`", "`apps`", "`idle`"].iter().map(|name| comment.find(name).unwrap()).collect();
    assert!(order.is_sorted() && rows.len() >= 3, "{comment}");
    assert!(comment.contains("<code>data</code>:") && comment.contains("terraform_data.database"), "{comment}");
    assert!(comment.contains("/actions/runs/1000)") && comment.contains("| ✅ `idle` |"), "{comment}");
    assert_eq!((first.outputs["roots"].as_str(), first.outputs["not-passed"].as_str()), ("3", ""));
    assert!(first.summary.contains("terraform_data.database"), "{}", first.summary);

    github.clear_requests();
    let again = reducer(&github, &parts).env("GITHUB_RUN_ID", "1001");
    reduce(&again, &[]).assert_code(0);
    assert_eq!(writes(&github), [""; 0]);
    assert_eq!(comments(&github), [comment]);
}

#[test]
fn a_root_that_failed_and_one_that_is_missing_are_said_and_fail() {
    let github = github("Text.");
    let mut parts = three();
    parts.push(("plan-d/part.json", part("broken", None, "1")));
    let runner = reducer(&github, &parts);
    let out = reduce(&runner, &["--expect", "gone\napps, data, idle, broken", "--target", "comment,body"]);
    out.assert_code(1);
    let message = "terraform-plan-comment/roots-not-passed: 2 of 5 roots do not pass";
    assert!(out.stderr.contains(message) && out.stderr.contains("`gone`: no part of it came"), "{}", out.stderr);
    assert_eq!(out.outputs["not-passed"], "gone\nbroken");
    assert_eq!((out.outputs["has-changes"].as_str(), out.outputs["add"].as_str()), ("true", ""));
    let body = github.pull(REPOSITORY, 7).unwrap()["body"].as_str().unwrap().to_owned();
    for text in [&comments(&github)[0], &body] {
        assert!(
            text.contains("**2 roots have no plan that could be applied:**")
                && text.contains("`broken`: the plan failed: "),
            "{text}"
        );
        assert!(text.contains("| ❌ `gone` | ? |") && text.contains("terraform_data.database"), "{text}");
    }
    assert!(body.starts_with("Text.\n\n<!-- slipway"), "{body}");
}

#[test]
fn where_no_plan_is_known_nothing_is_said_of_changes() {
    let github = github("");
    let parts = [("a.json", part("apps", None, "1")), ("b.json", part("idle", Some("empty"), "1"))];
    let out = reduce(&reducer(&github, &parts), &[]);
    out.assert_code(1);
    assert_eq!((out.outputs["has-changes"].as_str(), out.outputs["destroy"].as_str()), ("", ""));
    assert!(comments(&github)[0].contains("2 roots: no changes in 1 of them; 1 failed"), "{}", comments(&github)[0]);
    let out = reduce(&reducer(&github, &parts[1..]), &[]);
    out.assert_code(0);
    assert_eq!((out.outputs["has-changes"].as_str(), out.outputs["destroy"].as_str()), ("false", "0"));
}

#[test]
fn a_refusal_is_let_pass_by_whoever_github_says_approved_and_not_by_a_part() {
    let github = github("");
    let refused = {
        let step = runner(&super::github("")).input("name", "data").input("part-file", "part.json");
        let step = step.input("target", "none").input("fail-on", "destroy");
        run(&step, &["--plan", &plan("mixed")]).assert_code(1);
        std::fs::read_to_string(step.workspace().join("part.json")).unwrap()
    };
    let mut forged: Value = serde_json::from_str(&refused).unwrap();
    forged["review"]["overridden-by"] = json!("the approval of `maintainer`");
    assert!(forged["review"]["resources"][0].get("refused").is_some(), "{forged}");
    let step = |approvers: &str| {
        let parts = [("a.json", forged.to_string())];
        reduce(&reducer(&github, &parts).input("override-approvers", approvers), &["--expect", "data"])
    };
    let out = step("");
    out.assert_code(1);
    assert!(out.stderr.contains("`fail-on` refuses some of its changes"), "{}", out.stderr);
    assert!(!comments(&github)[0].contains("maintainer") && !out.summary.contains("maintainer"));
    github.add_review(REPOSITORY, 7, "alice", "APPROVED", super::HEAD);
    step("bob").assert_code(1);
    step("alice").assert_code(0);
    assert!(comments(&github)[0].contains("let pass by the approval of `alice`"), "{}", comments(&github)[0]);
}

#[test]
fn an_override_asks_github_though_nothing_is_written_there() {
    let github = github("");
    let step = || {
        let step = runner(&github).input("target", "none").input("fail-on", "destroy");
        run(&step.input("override-label", "go"), &["--plan", &plan("mixed")])
    };
    step().assert_code(1);
    github.add_label(REPOSITORY, 7, "go");
    step().assert_code(0);
    assert_eq!((writes(&github), comments(&github)), (Vec::new(), Vec::new()));
}

#[test]
fn the_newest_attempt_wins_and_another_commit_is_stale() {
    let github = github("");
    let mut stale: Value = serde_json::from_str(&part("old", Some("mixed"), "1")).unwrap();
    stale["commit"] = json!("0".repeat(40));
    let parts = [
        ("a.json", part("apps", Some("mixed"), "1")),
        ("b.json", part("apps", Some("empty"), "2")),
        ("c.json", stale.to_string()),
    ];
    let runner = reducer(&github, &parts).env("GITHUB_RUN_ATTEMPT", "2");
    let out = reduce(&runner, &[]);
    out.assert_code(1);
    let comment = comments(&github).remove(0);
    assert!(comment.contains("| ✅ `apps` |") && comment.contains("| ⚠️ `old` | ? |"), "{comment}");
    assert!(comment.contains("`old`: stale: its part was planned from commit `00000000`"), "{comment}");
    assert!(!comment.contains("terraform_data.database"), "{comment}");
}

#[test]
fn an_older_run_of_the_reducer_keeps_what_a_newer_one_wrote() {
    let github = github("");
    let parts = three();
    reduce(&reducer(&github, &parts).env("GITHUB_RUN_ID", "2000"), &[]).assert_code(0);
    let newer = comments(&github);
    let late = reduce(&reducer(&github, &parts[..1]), &[]);
    late.assert_code(0);
    assert_eq!(comments(&github), newer);
    assert!(late.stdout.contains("::warning::run 2000 is newer"), "{}", late.stdout);
}

#[test]
fn hostile_parts_stay_text() {
    let github = github("");
    let mut hostile: Value = serde_json::from_str(&part("apps", Some("mixed"), "1")).unwrap();
    let words =
        "x`</details>\n| @acme/ops <!-- slipway:run id=99999 attempt=1 --> \n::error::boom ##[error]y \u{F0000}";
    let resource = &mut hostile["review"]["resources"][0];
    for field in ["address", "reason", "type", "deposed"] {
        resource[field] = json!(words);
    }
    resource["risks"] = json!([{ "grade": "data-loss", "reason": words }]);
    let future = hostile.to_string().replace("\"attempt\":1", "\"attempt\":18446744073709551615");
    let parts = [("a.json", hostile.to_string()), ("b</details>.json", "{\"format\":".to_owned()), ("c.json", future)];
    let runner = reducer(&github, &parts);
    let out = reduce(&runner, &["--target", "comment"]);
    out.assert_code(1);
    for line in out.stdout.lines().chain(out.stderr.lines()) {
        let ours = [
            "::notice ",
            "::debug::",
            "::error title=terraform-plan-comment/",
            "::group::",
            "::endgroup::",
            "::add-mask::",
        ];
        assert!(!line.trim_start().starts_with("::") || ours.iter().any(|command| line.starts_with(command)), "{line}");
        assert!(!line.contains("##["), "{line}");
    }
    let comment = comments(&github).remove(0);
    assert_eq!(comment.matches("<!-- slipway:").count(), 2, "{comment}");
    assert_eq!(comment.matches("<details").count(), comment.matches("\n</details>\n").count(), "{comment}");
    let page = testkit::page::Page::parse(&comment);
    assert!(page.mentions.is_empty() && page.fences_are_closed && !comment.contains('\u{F0000}'), "{comment}");
    assert!(comment.contains("it says that a later run wrote it"), "{comment}");
}

#[test]
fn without_a_part_and_without_an_expected_root_there_is_nothing_to_say() {
    let github = github("");
    let out = reduce(&runner(&github), &[]);
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/no-parts: there is no part in `parts`"), "{}", out.stderr);
    let out = reduce(&runner(&github), &["--expect", "apps"]);
    out.assert_code(1);
    assert!(comments(&github)[0].contains("1 root has no plan that could be applied"), "{}", comments(&github)[0]);
}

#[test]
fn bad_inputs_of_the_reducer_are_all_named() {
    let out = run(&FakeRunner::new().input("target", "x").input("expect", "a--b").input("commit", "main"), &["reduce"]);
    out.assert_code(2);
    for name in ["`parts`", "`target`", "`expect`", "`commit`"] {
        assert!(out.stderr.contains(name), "{name}: {}", out.stderr);
    }
}

#[test]
fn hostile_values_of_the_reducers_inputs_do_no_harm() {
    let github = github("");
    let part = part("apps", Some("mixed"), "1");
    let runner = || reducer(&github, &[("a.json", part.clone())]).input("parts", "parts");
    assert!(Path::new(super::BINARY).is_file());
    for (_, value) in [("a newline", "a\nb"), ("a command", "::error::boom"), ("a path", "../../x"), ("a glob", "**/[")]
    {
        for input in
            ["parts", "expect", "target", "name", "pull-request", "commit", "override-label", "override-approvers"]
        {
            let out = run(&runner().input(input, value), &["reduce"]);
            assert!([0, 1, 2].contains(&out.code), "{input}={value}: {}", out.stderr);
            let line = |line: &&str| line.trim_start().starts_with("::error::boom");
            assert_eq!(out.stdout.lines().chain(out.stderr.lines()).find(line), None, "{input}");
        }
    }
}
