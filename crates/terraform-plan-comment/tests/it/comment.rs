//! The sticky comment.

use testkit::Fault;

use super::{REPOSITORY, all_plans, comments, github, plan, run, runner, writes};

#[test]
fn one_comment_is_created_then_kept_then_updated() {
    let github = github("");
    let first = run(&runner(&github), &["--plan", &plan("json_policy")]);
    first.assert_code(0);
    assert_eq!(comments(&github).len(), 1);
    assert!(comments(&github)[0].contains("### 📝 Terraform plan: 0 to add, 1 to change, 0 to destroy"));
    assert!(!first.outputs["comment-id"].is_empty() && first.outputs["comment-url"].starts_with("http"));
    assert!(first.summary.contains("comment created"), "{}", first.summary);

    github.clear_requests();
    let again = run(&runner(&github).env("GITHUB_RUN_ID", "1001"), &["--plan", &plan("json_policy")]);
    assert_eq!(writes(&github), [""; 0]);
    assert_eq!(again.outputs["comment-id"], first.outputs["comment-id"]);
    assert!(again.summary.contains("says so already"), "{}", again.summary);

    let changed = run(&runner(&github).env("GITHUB_RUN_ID", "1002"), &["--plan", &plan("mixed")]);
    changed.assert_code(0);
    assert_eq!(comments(&github).len(), 1);
    assert!(comments(&github)[0].contains("terraform_data.database") && comments(&github)[0].contains("/runs/1002"));
}

#[test]
fn a_comment_that_someone_edited_is_written_again() {
    let github = github("");
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    let tampered = comments(&github)[0].replace("terraform_data.queue", "nothing");
    let other = super::github("");
    other.add_comment(REPOSITORY, 7, "github-actions[bot]", &tampered);
    run(&runner(&other), &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!(comments(&other), comments(&github));
}

#[test]
fn our_comment_is_found_behind_a_hundred_others_and_no_one_elses_is_touched() {
    let github = github("");
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    let ours = comments(&github)[0].clone();
    let crowded = super::github("");
    crowded.add_comment(REPOSITORY, 7, "mallory", &ours);
    (0..120).for_each(|number| {
        crowded.add_comment(REPOSITORY, 7, "octocat", &format!("comment {number}"));
    });
    crowded.add_comment(REPOSITORY, 7, "github-actions[bot]", &ours);
    run(&runner(&crowded).env("GITHUB_RUN_ID", "1001"), &["--plan", &plan("json_policy")]).assert_code(0);
    let after = comments(&crowded);
    assert_eq!((after.len(), &after[0]), (122, &ours));
    assert!(after[121].contains("1 to change"));
}

#[test]
fn each_name_has_a_comment_of_its_own() {
    let github = github("");
    for name in ["network", "network/eu", ""] {
        run(&runner(&github).input("name", name), &["--plan", &plan("mixed")]).assert_code(0);
        run(&runner(&github).input("name", name), &["--plan", &plan("mixed")]).assert_code(0);
    }
    assert_eq!(comments(&github).len(), 3);
    assert!(comments(&github)[1].contains("### 🔴 Terraform plan `network/eu`: "));
}

#[test]
fn an_older_run_does_not_overwrite_a_newer_one() {
    let github = github("");
    run(&runner(&github).env("GITHUB_RUN_ID", "2000"), &["--plan", &plan("mixed")]).assert_code(0);
    let newer = comments(&github);
    let late = run(&runner(&github).env("GITHUB_RUN_ID", "1999"), &["--plan", &plan("json_policy")]);
    late.assert_code(0);
    assert_eq!(comments(&github), newer);
    assert!(late.stdout.contains("::warning::run 2000 is newer than this one"), "{}", late.stdout);
    let second_attempt = runner(&github).env("GITHUB_RUN_ID", "2000").env("GITHUB_RUN_ATTEMPT", "2");
    run(&second_attempt, &["--plan", &plan("json_policy")]).assert_code(0);
    assert_ne!(comments(&github), newer);
}

#[test]
fn a_comment_deleted_in_between_is_written_anew() {
    let github = github("");
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    github.faults().add(Fault::status(404).on("PATCH", "/repos/*/issues/comments/*").times(1));
    run(&runner(&github).env("GITHUB_RUN_ID", "1001"), &["--plan", &plan("json_policy")]).assert_code(0);
    assert_eq!(comments(&github).len(), 1, "the one that is there after all is the one that is kept");
    assert!(comments(&github)[0].contains("1 to change"), "{}", comments(&github)[0]);
    github.faults().clear();
    let gone = Fault::status(404).on("PATCH", "/repos/*/issues/comments/*");
    let deleted = serde_json::json!([]);
    let list = testkit::http::Reply::json(200, &deleted);
    github.faults().add(gone.times(1));
    github.faults().add(Fault::reply(list).on("GET", "/repos/acme/shop/issues/7/comments").nth(2));
    run(&runner(&github).env("GITHUB_RUN_ID", "1002"), &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!(comments(&github).len(), 2, "one that is gone is written anew");
}

/// A run that comes after all that a test starts.
const LATER: &str = "9000";

#[test]
fn what_a_later_run_writes_in_between_is_kept() {
    let github = github("");
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    let first = comments(&github).remove(0);
    let later = super::github("");
    run(&runner(&later).env("GITHUB_RUN_ID", LATER), &["--plan", &plan("empty")]).assert_code(0);
    let newer = comments(&later).remove(0);
    // What the first look sees is the earlier text; the second run has written by then.
    let id = github.comments(REPOSITORY, 7)[0]["id"].as_u64().unwrap();
    let mut seen = github.comments(REPOSITORY, 7);
    seen[0]["body"] = serde_json::json!(first);
    let list = testkit::http::Reply::json(200, &serde_json::Value::from(seen));
    github.faults().add(Fault::reply(list).on("GET", "/repos/acme/shop/issues/7/comments").times(1));
    github.edit_comment(REPOSITORY, id, &newer);
    let plan = std::fs::read_to_string(plan("json_policy")).unwrap();
    let late = run(&runner(&github).env("GITHUB_RUN_ID", "1001").stdin(plan), &["--plan", "-"]);
    late.assert_code(0);
    assert!(late.stderr.contains("was changed by another run at the same time; looking again"), "{}", late.stderr);
    assert_eq!(comments(&github), [newer]);
}

#[test]
fn two_runs_that_start_the_comment_at_once_leave_one() {
    let github = github("");
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    let none = testkit::http::Reply::json(200, &serde_json::json!([]));
    github.faults().add(Fault::reply(none).on("GET", "/repos/acme/shop/issues/7/comments").times(1));
    let out = run(&runner(&github).env("GITHUB_RUN_ID", "1001"), &["--plan", &plan("json_policy")]);
    out.assert_code(0);
    let left = comments(&github);
    assert!(left.len() == 1 && left[0].contains("/runs/1001") && left[0].contains("1 to change"), "{left:?}");
}

#[test]
fn a_comment_that_changes_again_and_again_is_left_alone() {
    let github = github("");
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    let before = comments(&github);
    let mut changed = github.comments(REPOSITORY, 7).remove(0);
    changed["body"] = serde_json::json!("Other text.");
    let reply = testkit::http::Reply::json(200, &changed);
    github.faults().add(Fault::reply(reply).on("GET", "/repos/acme/shop/issues/comments/*").always());
    let out = run(&runner(&github).env("GITHUB_RUN_ID", "1001"), &["--plan", &plan("json_policy")]);
    out.assert_code(1);
    assert!(out.stderr.contains("terraform-plan-comment/comment-changed"), "{}", out.stderr);
    assert_eq!(comments(&github), before);
}

#[test]
fn a_comment_of_a_bot_that_quotes_ours_is_not_taken_over() {
    let github = github("");
    let quoted = "Somebody wrote:\n\n<!-- slipway:terraform-plan-comment name=\"\" -->\n";
    github.add_comment(REPOSITORY, 7, "github-actions[bot]", quoted);
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!((comments(&github).len(), comments(&github)[0].as_str()), (2, quoted));
}

#[test]
fn a_plan_too_long_for_a_comment_keeps_its_dangers_and_says_what_is_left_out() {
    let github = github("");
    let out = run(&runner(&github), &["--plan", &plan("many_resources")]);
    out.assert_code(0);
    let comment = &comments(&github)[0];
    assert!(comment.chars().count() <= 65_536, "{}", comment.chars().count());
    assert!(out.summary.len() <= 64 * 1024 && !out.summary.contains("The summary is cut here"));
    assert_eq!(comment.matches("</code> destroy</summary>").count(), 20);
    assert!(
        comment.contains("**Too long to show everything.** Left out here: ") && comment.contains("/actions/runs/1000)")
    );
    assert!(out.stderr.contains("create: terraform_data.b[119]"), "the log has everything");
}

#[test]
fn every_comment_fits_and_all_fences_are_closed() {
    for name in all_plans() {
        let github = github("");
        let out = run(&runner(&github), &["--plan", &plan(&name)]);
        assert!(out.code == 0 || out.stderr.contains("/plan-errored"), "{name}: {}", out.stderr);
        let comment = &comments(&github)[0];
        assert!(comment.chars().count() <= 65_536, "{name}");
        let (opened, closed) = (comment.matches("<details").count(), comment.matches("\n</details>\n").count());
        assert!(opened >= closed && closed > 0 || opened == 0 || name == "adversarial_markdown", "{name}");
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    let github = github("");
    let out = run(&runner(&github), &["--plan", &plan("mixed"), "--dry-run", "--output", "json"]);
    out.assert_code(0);
    assert_eq!(writes(&github), [""; 0]);
    let json: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(json["writes"][0]["kind"], "create-comment");
    assert_eq!(json["review"]["counts"]["destroy"], 2);
    assert!(out.summary.contains("would comment on pull request \\#<!-- -->7"), "{}", out.summary);
}

/// A refusal of every body that `is_too_long` names, in GitHub's words.
fn too_long(method: &str, path: &str, is_too_long: impl Fn(&str) -> bool + Send + Sync + 'static) -> Fault {
    let refusal = serde_json::json!({ "message": "Validation Failed",
        "errors": [{ "code": "custom", "field": "body", "message": "body is too long (maximum is 65536 characters)" }] });
    Fault::reply(testkit::http::Reply::json(422, &refusal)).on(method, path).always().matching(move |request| {
        let json: serde_json::Value = serde_json::from_str(&request.text()).unwrap_or_default();
        json["body"].as_str().is_some_and(&is_too_long)
    })
}

#[test]
fn a_server_that_counts_otherwise_gets_a_shorter_text_once_and_keeps_it() {
    let github = github("");
    github.faults().add(too_long("*", "*/comments*", |body| body.len() > 40_000));
    let out = run(&runner(&github), &["--plan", &plan("many_resources")]);
    out.assert_code(0);
    assert_eq!(writes(&github).len(), 2);
    assert!(out.stderr.contains("sending a shorter one"), "{}", out.stderr);
    let comment = comments(&github).remove(0);
    assert!(comment.len() <= 32_768 && comment.contains("Left out here"), "{}", comment.len());
    assert_eq!(comment.matches("| 🔴 **destroy** |").count(), 20);
    github.clear_requests();
    run(&runner(&github).env("GITHUB_RUN_ID", "1001"), &["--plan", &plan("many_resources")]).assert_code(0);
    assert_eq!(writes(&github), [""; 0]);
    run(&runner(&github).env("GITHUB_RUN_ID", "1002"), &["--plan", &plan("mixed")]).assert_code(0);
    run(&runner(&github).env("GITHUB_RUN_ID", "1003"), &["--plan", &plan("many_resources")]).assert_code(0);
    assert!(comments(&github)[0].len() <= 32_768 && comments(&github)[0].contains("/runs/1003"));
}

#[test]
fn a_server_that_takes_no_text_is_asked_twice_and_fails() {
    let github = github("");
    github.faults().add(too_long("POST", "*/comments", |_| true));
    let out = run(&runner(&github), &["--plan", &plan("mixed")]);
    out.assert_code(1);
    assert_eq!(writes(&github).len(), 2);
    assert!(out.stderr.contains("github/invalid") && out.stderr.contains("body is too long"), "{}", out.stderr);
    assert!(out.summary.contains("terraform_data.database"), "the summary has the plan");
}

#[test]
fn a_region_is_shortened_as_well() {
    let github = github("Text.");
    github.faults().add(too_long("PATCH", "*/pulls/7", |body| body.len() > 40_000));
    run(&runner(&github), &["--plan", &plan("many_resources"), "--target", "body"]).assert_code(0);
    let body = github.pull(REPOSITORY, 7).unwrap()["body"].as_str().unwrap().to_owned();
    assert!(body.starts_with("Text.\n\n<!-- slipway") && body.len() <= 33_000, "{}", body.len());
}
