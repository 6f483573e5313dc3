//! The region of the pull request's body.

use super::{HEAD, REPOSITORY, comments, github, plan, run, runner, writes};

fn body(github: &testkit::FakeGitHub) -> String {
    github.pull(REPOSITORY, 7).unwrap()["body"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_region_is_appended_kept_and_replaced_and_the_rest_stays() {
    let text = "Closes #1\r\n\r\n- [ ] `box` <!-- note -->\r\n";
    let github = github(text);
    let first = run(&runner(&github), &["--plan", &plan("json_policy"), "--target", "body"]);
    first.assert_code(0);
    assert!(body(&github).starts_with(text) && body(&github).contains("1 to change"));
    assert_eq!((first.outputs["comment-id"].as_str(), comments(&github).len()), ("", 0));
    assert!(first.outputs["comment-url"].contains("/pull/7"));

    github.clear_requests();
    run(&runner(&github).env("GITHUB_RUN_ID", "1001"), &["--plan", &plan("json_policy"), "--target", "body"])
        .assert_code(0);
    assert_eq!(writes(&github), [""; 0]);

    run(&runner(&github).env("GITHUB_RUN_ID", "1002"), &["--plan", &plan("mixed"), "--target", "body"]).assert_code(0);
    assert!(body(&github).starts_with(text) && body(&github).contains("2 to destroy"));
    assert!(
        !body(&github)
            .contains("jsonencode({\n    Statement = [\n      {\n        Action   = [\n          \"s3:GetObject\",\n-")
    );
    assert_eq!(body(&github).matches("terraform-plan-comment:start").count(), 1);
}

#[test]
fn two_names_share_a_body() {
    let github = github("Text.");
    for name in ["a", "b", "a"] {
        let runner = runner(&github).input("name", name);
        run(&runner, &["--plan", &plan("mixed"), "--target", "body"]).assert_code(0);
    }
    assert_eq!(body(&github).matches(":start name=\"").count(), 2);
    assert!(body(&github).starts_with("Text.\n\n<!-- slipway:terraform-plan-comment:start name=\"a\" -->"));
}

#[test]
fn a_plan_takes_only_the_room_that_the_body_leaves() {
    let text = "long text ".repeat(5000);
    let github = github(&text);
    run(&runner(&github), &["--plan", &plan("many_resources"), "--target", "body"]).assert_code(0);
    let written = body(&github);
    assert!(written.starts_with(&text) && written.chars().count() <= 65_536, "{}", written.chars().count());
    assert!(written.contains("Too long to show everything"));
}

#[test]
fn a_body_that_changes_in_between_is_read_again() {
    let github = github("Text.");
    let mut changed = github.pull(REPOSITORY, 7).unwrap();
    changed["body"] = serde_json::json!("Other text.");
    let reply = testkit::http::Reply::json(200, &changed);
    github.faults().add(testkit::Fault::reply(reply).on("GET", "/repos/acme/shop/pulls/7").nth(2));
    let plan = std::fs::read_to_string(plan("mixed")).unwrap();
    let out = run(&runner(&github).stdin(plan), &["--plan", "-", "--target", "body"]);
    out.assert_code(0);
    assert!(out.stderr.contains("was changed by someone else at the same time; looking again"), "{}", out.stderr);
    assert!(body(&github).starts_with("Text.\n\n<!-- slipway") && body(&github).contains("2 to destroy"));
}

#[test]
fn a_body_that_changes_again_and_again_is_left_alone() {
    let github = github("Text.");
    let mut changed = github.pull(REPOSITORY, 7).unwrap();
    changed["body"] = serde_json::json!("Other text.");
    let reply = testkit::http::Reply::json(200, &changed);
    for number in [2, 4] {
        let fault = testkit::Fault::reply(reply.clone()).on("GET", "/repos/acme/shop/pulls/7").nth(number);
        github.faults().add(fault);
    }
    let plan = std::fs::read_to_string(plan("mixed")).unwrap();
    let out = run(&runner(&github).stdin(plan), &["--plan", "-", "--target", "body"]);
    out.assert_code(1);
    assert!(out.stderr.contains("terraform-plan-comment/body-changed"), "{}", out.stderr);
    assert_eq!(body(&github), "Text.");
}

/// The region as a run wrote it, with another run and attempt in its place.
fn claimed(text: &str, id: &str, attempt: &str) -> String {
    let from = "<!-- slipway:run id=1000 attempt=1 ";
    assert!(text.contains(from), "{text}");
    text.replace(from, &format!("<!-- slipway:run id={id} attempt={attempt} "))
}

#[test]
fn nobody_keeps_the_plan_out_of_a_body_by_claiming_a_later_run() {
    let first = github("Text.");
    run(&runner(&first), &["--plan", &plan("empty"), "--target", "body"]).assert_code(0);
    let text = body(&first);
    // The author's own text, a run that is not there, one of another workflow, of another commit, and an attempt that was not made.
    for (id, attempt) in [("18446744073709551615", "1"), ("5000", "1"), ("5001", "1"), ("1000", "2")] {
        let forged = claimed(&text, id, attempt);
        let github = github(&forged);
        github.add_run(REPOSITORY, 1000, 1, 1, HEAD);
        github.add_run(REPOSITORY, 5000, 1, 2, HEAD);
        github.add_run(REPOSITORY, 5001, 1, 1, testkit::runner::SHA);
        let out = run(&runner(&github).input("label", "true"), &["--plan", &plan("mixed"), "--target", "body"]);
        out.assert_code(0);
        assert!(body(&github).contains("2 to destroy"), "{id}: {}", body(&github));
        assert!(out.stderr.contains("GitHub does not confirm that"), "{id}: {}", out.stderr);
        assert_eq!(github.labels(REPOSITORY, 7), ["terraform/exposure"], "{id}");
    }
}

#[test]
fn a_later_run_that_github_knows_keeps_its_region() {
    let first = github("Text.");
    run(&runner(&first), &["--plan", &plan("empty"), "--target", "body"]).assert_code(0);
    for (id, attempt) in [("5000", 1), ("1000", 2)] {
        let newer = claimed(&body(&first), id, &attempt.to_string());
        let github = github(&newer);
        github.add_run(REPOSITORY, 1000, attempt, 1, HEAD);
        github.add_run(REPOSITORY, 5000, 1, 1, HEAD);
        let out = run(&runner(&github), &["--plan", &plan("mixed"), "--target", "body"]);
        out.assert_code(0);
        assert_eq!(body(&github), newer);
        assert!(out.stdout.contains(&format!("run {id} is newer")), "{}", out.stdout);
        github.deny("GET", "*/actions/runs/*");
        run(&runner(&github), &["--plan", &plan("mixed"), "--target", "body"]).assert_code(0);
        assert!(body(&github).contains("2 to destroy"), "without `actions: read` nothing is confirmed");
    }
}
