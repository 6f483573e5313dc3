//! Several places at once, and what is said in them where the plan is not the newest, or none.

use serde_json::Value;
use testkit::FakeGitHub;
use testkit::github::Pull;

use super::{HEAD, REPOSITORY, comments, github, plan, run, runner, writes};

fn body(github: &FakeGitHub) -> String {
    github.pull(REPOSITORY, 7).unwrap()["body"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_comment_a_region_and_the_whole_summary_are_written_once() {
    let github = github("Text.");
    let arguments = ["--plan", &plan("mixed"), "--target", "comment, body\nsummary"];
    let first = run(&runner(&github), &arguments);
    first.assert_code(0);
    assert!(
        comments(&github)[0].contains("terraform_data.database") && body(&github).contains("terraform_data.database")
    );
    assert!(first.summary.contains("comment created; body updated"), "{}", first.summary);
    assert!(first.outputs["comment-url"].contains("#issuecomment-"), "{}", first.outputs["comment-url"]);
    github.clear_requests();
    let again = run(&runner(&github).env("GITHUB_RUN_ID", "1001"), &arguments);
    assert_eq!(writes(&github), [""; 0]);
    assert!(again.summary.contains("the comment says so already; the body says so already"), "{}", again.summary);
}

#[test]
fn the_whole_summary_has_what_the_comment_leaves_out() {
    let github = github("");
    let short = run(&runner(&github), &["--plan", &plan("many_resources"), "--target", "comment"]);
    assert!(short.summary.len() <= 64 * 1024 && short.summary.contains("Left out here"));
    let whole = run(&runner(&github), &["--plan", &plan("many_resources"), "--target", "comment,summary"]);
    whole.assert_code(0);
    assert!(whole.summary.len() > 64 * 1024 && !whole.summary.contains("Left out here"), "{}", whole.summary.len());
    assert!(comments(&github)[0].contains("and what fits into 1 MiB in its step summary"), "{}", comments(&github)[0]);
}

#[test]
fn one_place_that_is_refused_does_not_keep_the_other_from_being_written() {
    let github = github("Text.");
    github.deny("POST", "*/comments");
    let out = run(&runner(&github), &["--plan", &plan("mixed"), "--target", "comment,body"]);
    out.assert_code(1);
    assert!(
        out.stderr.contains("github/forbidden") && body(&github).contains("terraform_data.database"),
        "{}",
        out.stderr
    );
    assert_eq!(comments(&github).len(), 0);
}

#[test]
fn a_plan_of_a_commit_that_is_not_the_head_says_so_and_replaces_nothing_newer() {
    let github = github("");
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    let moved = "d00d".repeat(10);
    github.add_pull(REPOSITORY, Pull { number: 7, head_sha: moved.clone(), ..Pull::default() });
    let late = runner(&github).env("GITHUB_RUN_ID", "1001").input("html-file", "plan.html");
    run(&late, &["--plan", &plan("mixed")]).assert_code(0);
    let stale = comments(&github).remove(0);
    assert!(stale.contains("**Stale: the head moved.**") && stale.contains("`d00dd00d` now"), "{stale}");
    let page = std::fs::read_to_string(late.workspace().join("plan.html")).unwrap();
    assert!(
        page.contains("<strong>Stale: the head moved.</strong>") && page.contains("<code>d00dd00d</code> now"),
        "{page}"
    );
    let at_head = runner(&github).env("GITHUB_RUN_ID", "1002").input("commit", &moved);
    run(&at_head, &["--plan", &plan("mixed")]).assert_code(0);
    let fresh = comments(&github).remove(0);
    assert!(!fresh.contains("Stale") && fresh.contains("commit `d00dd00d`"), "{fresh}");
    let late = run(&runner(&github).env("GITHUB_RUN_ID", "1003"), &["--plan", &plan("json_policy")]);
    late.assert_code(0);
    assert_eq!(comments(&github), [fresh]);
    assert!(late.stdout.contains("::warning::what is there was planned from d00dd00d"), "{}", late.stdout);
}

#[test]
fn a_plan_that_cannot_be_read_is_said_where_the_old_one_stood() {
    let github = github("");
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    let broken =
        runner(&github).file("plan.json", "<!doctype html><title>Sign in</title>").env("GITHUB_RUN_ID", "1001");
    let out = run(&broken, &["--plan", "plan.json"]);
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/not-a-plan: "), "{}", out.stderr);
    let comment = comments(&github).remove(0);
    assert!(comment.contains("### ❌ Terraform plan: the plan failed") && !comment.contains("database"), "{comment}");
    assert!(comment.contains("terraform show -json") && comment.contains("/runs/1001"), "{comment}");
    github.clear_requests();
    run(&broken, &["--plan", "plan.json"]).assert_code(2);
    assert_eq!(writes(&github), [""; 0]);
}

/// What may lie where the plan should be: the pull request says so, what it was and what to do, and keeps nothing old.
#[test]
fn every_bad_file_is_said_where_the_old_plan_stood() {
    let whole = std::fs::read(plan("json_policy")).unwrap();
    let files: [(&str, &[u8], &str, &str); 8] = [
        ("nothing", b"", "empty", "succeeded"),
        ("a page", b"<html><body>502 Bad Gateway</body></html>", "an HTML page", "proxy"),
        ("a part", &whole[..whole.len() / 2], "cut off", "succeeded"),
        (
            "a state",
            b"{\"version\":4,\"serial\":1,\"lineage\":\"x\",\"resources\":[]}",
            "a state",
            "name the plan's file",
        ),
        ("a shown state", b"{\"format_version\":\"1.0\",\"values\":{}}", "a state", "without a file name"),
        (
            "a later format",
            b"{\"format_version\":\"9.0\",\"resource_changes\":[]}",
            "format version `9.0`",
            "update this action",
        ),
        ("a failure", b"Error: No plan file\n", "an error message", "read the file"),
        ("a log", b"{\"@level\":\"info\",\"@message\":\"x\",\"type\":\"version\"}\n", "the log stream", "-out=tfplan"),
    ];
    for (name, content, found, help) in files {
        let github = github("");
        run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
        let out =
            run(&runner(&github).file("plan.json", content).env("GITHUB_RUN_ID", "1001"), &["--plan", "plan.json"]);
        out.assert_code(2);
        let comment = comments(&github).remove(0);
        assert!(comment.contains("the plan failed") && !comment.contains("terraform_data"), "{name}: {comment}");
        let place = comment.replace("\\_", "_");
        for words in [found, help, "terraform show -json"] {
            assert!(out.stderr.contains(words), "{name}: {words}: {}", out.stderr);
            assert!(place.contains(words), "{name}: {words}: {comment}");
        }
    }
}

#[test]
fn a_part_is_written_and_a_dry_run_writes_none() {
    let github = github("");
    let named = || runner(&github).input("name", "envs/prod").input("part-file", "parts/prod.json");
    let dry = named();
    run(&dry, &["--plan", &plan("mixed"), "--dry-run"]).assert_code(0);
    assert!(!dry.workspace().join("parts").exists());
    let runner = named();
    run(&runner, &["--plan", &plan("mixed"), "--target", "none"]).assert_code(0);
    let part: Value =
        serde_json::from_slice(&std::fs::read(runner.workspace().join("parts/prod.json")).unwrap()).unwrap();
    assert_eq!((&part["root"], &part["commit"], &part["run"]["id"]), (&"envs/prod".into(), &HEAD.into(), &1000.into()));
    assert_eq!(
        (part["format"].as_str(), part["review"]["counts"]["destroy"].as_u64()),
        (Some("slipway/terraform-plan-part"), Some(2))
    );
    let folder = named().file("parts/prod.json/x", "");
    let out = run(&folder, &["--plan", &plan("mixed"), "--target", "none"]);
    out.assert_code(1);
    assert!(out.stderr.contains("terraform-plan-comment/part-not-written: "), "{}", out.stderr);
}
