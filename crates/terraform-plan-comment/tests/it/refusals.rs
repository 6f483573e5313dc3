//! What cannot be done, and what is said then.

use testkit::FakeRunner;

use super::{HEAD, REPOSITORY, comments, event, github, plan, run, runner, writes};

#[track_caller]
fn refused(content: &[u8], code: &str, help: &str) {
    let runner = FakeRunner::new().file("plan.json", content);
    let out = run(&runner, &["--plan", "plan.json", "--target", "none"]);
    out.assert_code(2);
    assert!(out.stderr.contains(&format!("{code}: ")), "{}", out.stderr);
    assert!(out.stderr.contains(help), "{}", out.stderr);
}

#[test]
fn what_is_no_plan_is_named() {
    refused(b"", "terraform-plan-comment/not-a-plan", "terraform show -json");
    refused(b"Terraform will perform the following actions:\n", "terraform-plan-comment/not-a-plan", "use -json");
    refused(
        b"{\"@level\":\"info\",\"@message\":\"Terraform 1.11\"}\n{\"@level\":\"info\"}\n",
        "terraform-plan-comment/not-a-plan",
        "-out=tfplan",
    );
    refused(
        b"{\"format_version\":\"1.0\",\"values\":{}}",
        "terraform-plan-comment/not-a-plan",
        "without a file name Terraform shows the state",
    );
    refused(
        b"{\"version\":4,\"lineage\":\"x\",\"serial\":1}",
        "terraform-plan-comment/not-a-plan",
        "name the plan's file",
    );
    refused(b"{}", "terraform-plan-comment/not-a-plan", "terraform show -json");
    refused(b"null", "terraform-plan-comment/not-a-plan", "terraform show -json");
    refused(
        b"{\"format_version\":\"2.0\",\"configuration\":{}}",
        "terraform-plan-comment/unknown-format",
        "update this action",
    );
    refused(
        b"{\"format_version\":\"1.2\",\"resource_changes\":[{\"change\":{}}]}",
        "terraform-plan-comment/plan-incomplete",
        "terraform show -json",
    );
    refused(b"<!DOCTYPE html>\n<title>Sign in</title>", "terraform-plan-comment/not-a-plan", "sign in");
    refused(b"Error: no such plan\n", "terraform-plan-comment/not-a-plan", "its error went into the file");
    refused(b"region: eu-1\n", "terraform-plan-comment/not-a-plan", "names the right file");
    refused(b"[{\"@level\":\"info\"}]", "terraform-plan-comment/not-a-plan", "-out=tfplan");
    refused(
        b"{\"format_version\":\"1.0\",\"provider_schemas\":{}}",
        "terraform-plan-comment/not-a-plan",
        "`provider-schemas`",
    );
    refused(
        b"{\"format_version\":\"1.0\",\"valid\":true,\"diagnostics\":[]}",
        "terraform-plan-comment/not-a-plan",
        "terraform plan -out=tfplan",
    );
    refused(b"{\"resource_changes\":[]}", "terraform-plan-comment/not-a-plan", "whole and unfiltered");
    refused(b"{\"format_version\":\"1.2\",\"resource_ch", "terraform-plan-comment/plan-not-json", "cut off inside");
    refused(b"\xC3\x28", "terraform-plan-comment/not-a-plan", "-out=tfplan");
}

#[test]
fn broken_json_is_annotated_where_it_breaks() {
    let runner = FakeRunner::new().file("plan.json", "{\n  \"format_version\": \"1.2\",\n  \"errored\": maybe\n}");
    let out = run(&runner, &["--plan", "plan.json", "--target", "none"]);
    out.assert_code(2);
    let place = "::error title=terraform-plan-comment/plan-not-json,file=plan.json,line=3,col=";
    assert!(out.stdout.contains(place), "{}", out.stdout);
}

#[test]
fn a_plan_that_stopped_with_an_error_is_shown_and_fails() {
    let github = super::github("");
    let mut errored: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(plan("mixed")).unwrap()).unwrap();
    errored["errored"] = serde_json::json!(true);
    let runner = super::runner(&github).file("plan.json", errored.to_string());
    let out = run(&runner, &["--plan", "plan.json"]);
    out.assert_code(1);
    assert!(out.stderr.contains("terraform-plan-comment/plan-errored"), "{}", out.stderr);
    let comment = super::comments(&github).remove(0);
    assert!(comment.contains("**Planning failed.**") && comment.contains("terraform_data.database"), "{comment}");
}

#[test]
fn bad_inputs_are_all_named_at_once() {
    let out = run(&FakeRunner::new().input("name", "a\n-->").input("pull-request", "x").input("target", "coment"), &[]);
    out.assert_code(2);
    for name in ["`plan`", "`name`", "`pull-request`", "`target`"] {
        assert!(out.stderr.contains(name), "{name}: {}", out.stderr);
    }
    assert!(out.stderr.contains("`coment`: not `comment`, `body`, `summary` or `none`"), "{}", out.stderr);
}

#[test]
fn a_missing_file_and_a_missing_folder_are_named() {
    let out = run(&FakeRunner::new(), &["--plan", "nowhere.json", "--target", "none"]);
    assert!(out.stderr.contains("terraform-plan-comment/plan-unreadable"), "{}", out.stderr);
    let out = run(&FakeRunner::new(), &["--plan", &plan("mixed"), "--working-directory", "nowhere"]);
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/no-working-directory"), "{}", out.stderr);
}

#[test]
fn standard_input_wrapper_noise_and_utf_16_are_read() {
    let json = std::fs::read_to_string(plan("json_policy")).unwrap();
    let noisy = format!("[command]/usr/bin/terraform show -json\n{}\n::debug::done\n", json.trim());
    let utf_16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(json.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = [b"\xEF\xBB\xBF", json.as_bytes()].concat();
    for bytes in [json.clone().into_bytes(), noisy.into_bytes(), utf_16, marked] {
        let out = run(&FakeRunner::plain_shell().stdin(bytes), &["--plan", "-"]);
        out.assert_code(0);
        assert!(out.stdout.contains("change=1\n"), "{}", out.stdout);
    }
}

#[test]
fn without_a_pull_request_the_summary_has_the_plan() {
    let out = run(&FakeRunner::new(), &["--plan", &plan("mixed")]);
    out.assert_code(0);
    assert!(out.summary.contains("terraform_data.database"));
    assert!(out.stdout.contains("::notice::this run is not about a pull request"), "{}", out.stdout);
}

#[test]
fn a_fork_may_only_read_and_that_is_no_failure() {
    let github = github("");
    github.deny("POST", "*/comments");
    let runner = runner(&github).event(event("mallory/shop"));
    let out = run(&runner, &["--plan", &plan("mixed")]);
    out.assert_code(0);
    assert!(out.stdout.contains("::warning::") && out.stdout.contains("fork"), "{}", out.stdout);
    assert!(out.summary.contains("terraform_data.database"));
    assert_eq!(
        (comments(&github).len(), out.outputs["comment-id"].as_str(), out.outputs["destroy"].as_str()),
        (0, "", "2")
    );
}

#[test]
fn a_missing_permission_fails_and_names_its_line() {
    let github = github("");
    github.deny("POST", "*/comments");
    let out = run(&runner(&github), &["--plan", &plan("mixed")]);
    out.assert_code(1);
    assert!(out.stderr.contains("github/forbidden") && out.stderr.contains("pull-requests: write"), "{}", out.stderr);
    assert!(out.summary.contains("terraform_data.database"), "the plan is still shown");
}

#[test]
fn no_token_and_no_such_pull_request_are_errors_of_their_own() {
    let github = github("");
    let out = run(&runner(&github).without("INPUT_GITHUB_TOKEN"), &["--plan", &plan("mixed")]);
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/no-token"), "{}", out.stderr);
    let out = run(&runner(&github).input("pull-request", "99"), &["--plan", &plan("mixed")]);
    out.assert_code(1);
    assert!(out.stderr.contains("terraform-plan-comment/pull-request-not-found"), "{}", out.stderr);
    assert_eq!(writes(&github), [""; 0]);
}

#[test]
fn a_pull_request_can_be_named_outside_of_one() {
    let github = github("");
    let runner = FakeRunner::plain_shell()
        .env("GITHUB_REPOSITORY", REPOSITORY)
        .env("GITHUB_TOKEN", github.token())
        .env("GITHUB_SHA", HEAD)
        .api_url(github.api_url());
    let out = run(&runner, &["--plan", &plan("mixed"), "--pull-request", "7"]);
    out.assert_code(0);
    assert!(comments(&github)[0].contains("commit `beef0000`"), "{}", comments(&github)[0]);
}

#[test]
fn an_event_that_cannot_be_read_is_named() {
    for (path, code) in [("nowhere.json", "context/event-unreadable"), ("event.json", "context/event-not-json")] {
        let github = github("");
        let runner = runner(&github).file("event.json", "{").env("GITHUB_EVENT_PATH", path);
        let out = run(&runner, &["--plan", &plan("mixed")]);
        assert!(out.code == 2 && out.stderr.contains(&format!("{code}: ")), "{} {}", out.code, out.stderr);
    }
}

#[test]
fn a_run_of_no_repository_has_nothing_to_comment_on() {
    let github = github("");
    let out = run(&runner(&github).without("GITHUB_REPOSITORY"), &["--plan", &plan("mixed")]);
    assert!(out.code == 2 && out.stderr.contains("github/no-repository: "), "{} {}", out.code, out.stderr);
}
