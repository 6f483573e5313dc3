//! The label and the check run, where they are asked for.

use serde_json::Value;
use testkit::FakeGitHub;

use super::{HEAD, REPOSITORY, comments, github, plan, run, runner, writes};

fn check_runs(github: &FakeGitHub) -> Vec<Value> {
    github.check_runs(REPOSITORY)
}

#[test]
fn one_label_names_the_worst_grade_and_follows_the_plan() {
    let github = github("");
    github.add_label(REPOSITORY, 7, "bug");
    github.add_label(REPOSITORY, 7, "terraform/no-changes");
    let labels = || github.labels(REPOSITORY, 7);
    let step = |id: &str| runner(&github).env("GITHUB_RUN_ID", id).input("label", "true");
    let out = run(&step("1000"), &["--plan", &plan("mixed")]);
    out.assert_code(0);
    assert_eq!(labels(), ["bug", "terraform/exposure"]);
    assert!(out.summary.contains("label terraform/exposure set"), "{}", out.summary);
    github.clear_requests();
    run(&step("1001"), &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!(writes(&github), [""; 0]);
    run(&step("1002"), &["--plan", "nowhere.json"]).assert_code(2);
    assert_eq!(labels(), ["bug", "terraform/failed"]);
    run(&step("1003"), &["--plan", &plan("empty")]).assert_code(0);
    assert_eq!(labels(), ["bug", "terraform/no-changes"]);
    run(&step("999"), &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!(labels(), ["bug", "terraform/no-changes"], "an older run labels nothing");
}

#[test]
fn a_check_run_fails_where_the_step_does_and_is_written_once() {
    let github = github("");
    github.add_commit(REPOSITORY, HEAD, "Change things");
    let step = |id: &str| runner(&github).env("GITHUB_RUN_ID", id).input("check-run", "plan").input("target", "none");
    run(&step("1000"), &["--plan", &plan("mixed")]).assert_code(0);
    let first = check_runs(&github);
    assert_eq!((first.len(), &first[0]["conclusion"], &first[0]["head_sha"]), (1, &"success".into(), &HEAD.into()));
    assert!(first[0]["output"]["summary"].as_str().unwrap().contains("terraform_data.database"), "{first:?}");
    assert!(first[0]["details_url"].as_str().unwrap().ends_with("/actions/runs/1000"), "{first:?}");
    github.clear_requests();
    run(&step("1001"), &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!((writes(&github), comments(&github)), (Vec::new(), Vec::new()));
    run(&step("1002").input("fail-on", "any"), &["--plan", &plan("mixed")]).assert_code(1);
    let second = check_runs(&github);
    assert_eq!((second.len(), &second[0]["conclusion"]), (1, &"failure".into()));
    let long = run(&step("1003"), &["--plan", &plan("many_resources")]);
    long.assert_code(0);
    assert!(check_runs(&github)[0]["output"]["summary"].as_str().unwrap().len() <= 65_535);
}

#[test]
fn each_root_has_a_check_run_of_its_own() {
    let github = github("");
    github.add_commit(REPOSITORY, HEAD, "Change things");
    let step = |id: &str, name: &str, fail_on: &str| {
        let runner = runner(&github).env("GITHUB_RUN_ID", id).input("name", name).input("fail-on", fail_on);
        run(&runner.input("check-run", "plan").input("target", "none"), &["--plan", &plan("mixed")])
    };
    let conclusions = || {
        let text = |run: &Value, field: &str| run[field].as_str().unwrap().to_owned();
        check_runs(&github).iter().map(|run| (text(run, "name"), text(run, "conclusion"))).collect::<Vec<_>>()
    };
    step("1000", "a", "any").assert_code(1);
    step("1001", "b", "none").assert_code(0);
    let both = [("plan (a)", "failure"), ("plan (b)", "success")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(conclusions(), both);
    github.clear_requests();
    step("1002", "a", "any").assert_code(1);
    assert_eq!((writes(&github), conclusions()), (Vec::new(), both.to_vec()));
}

#[test]
fn a_check_run_without_the_permission_names_its_line_and_the_comment_is_written() {
    let github = github("");
    github.add_commit(REPOSITORY, HEAD, "Change things");
    github.deny("POST", "*/check-runs");
    let out = run(&runner(&github).input("check-run", "plan"), &["--plan", &plan("mixed")]);
    out.assert_code(1);
    assert!(out.stderr.contains("github/forbidden") && out.stderr.contains("checks: write"), "{}", out.stderr);
    assert_eq!(comments(&github).len(), 1);
}

#[test]
fn a_push_has_a_check_run_and_no_comment() {
    let github = github("");
    let push = testkit::FakeRunner::new()
        .github("push", "refs/heads/main", testkit::runner::SHA, REPOSITORY)
        .api_url(github.api_url())
        .input("github-token", github.token())
        .env("GITHUB_RUN_ID", "1000")
        .input("check-run", "plan");
    run(&push, &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!((check_runs(&github).len(), comments(&github).len()), (1, 0));
    assert_eq!(check_runs(&github)[0]["head_sha"], testkit::runner::SHA);
}
