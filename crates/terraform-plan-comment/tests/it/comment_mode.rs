//! `comment-mode: hide-and-recreate`.

use testkit::http::Reply;
use testkit::{FakeGitHub, FakeRunner, Fault};

use super::{REPOSITORY, comments, github, plan, run, runner, writes};

fn recreating(github: &FakeGitHub, run_id: &str) -> FakeRunner {
    runner(github).env("GITHUB_RUN_ID", run_id).input("comment-mode", "hide-and-recreate")
}

/// Of each comment, whether it is hidden as outdated.
fn hidden(github: &FakeGitHub) -> Vec<bool> {
    let is_hidden = |id: u64| github.hidden(id).is_some_and(|classifier| classifier == "OUTDATED");
    github.comments(REPOSITORY, 7).iter().map(|comment| is_hidden(comment["id"].as_u64().unwrap())).collect()
}

#[test]
fn what_changed_is_told_in_a_new_comment_and_the_old_one_is_hidden() {
    let github = github("");
    run(&recreating(&github, "1000"), &["--plan", &plan("mixed")]).assert_code(0);
    github.add_comment(REPOSITORY, 7, "octocat", "Looks dangerous.");
    let first = comments(&github).remove(0);

    github.clear_requests();
    run(&recreating(&github, "1001"), &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!(writes(&github), [""; 0], "the same plan is told once");

    let out = run(&recreating(&github, "1002"), &["--plan", &plan("json_policy")]);
    out.assert_code(0);
    let now = comments(&github);
    assert_eq!((now.len(), hidden(&github)), (3, vec![true, false, false]));
    let rest = first.split_once('\n').unwrap().1;
    assert!(now[0].starts_with("<!-- slipway:terraform-plan-comment:outdated name=\"\" -->"), "{}", now[0]);
    assert!(now[0].contains("This plan is outdated") && now[0].ends_with(rest.trim_start()), "{}", now[0]);
    assert!(now[2].contains("1 to change") && !now[2].contains("outdated"), "{}", now[2]);
    let newest = github.comments(REPOSITORY, 7)[2]["id"].to_string();
    assert_eq!(out.outputs["comment-id"], newest);
    assert!(out.summary.contains("comment created, the one before hidden"), "{}", out.summary);

    run(&recreating(&github, "1003"), &["--plan", &plan("mixed")]).assert_code(0);
    assert_eq!(hidden(&github), [true, false, true, false]);
    // Whoever goes back to one comment goes on with the newest.
    run(&runner(&github).env("GITHUB_RUN_ID", "1004"), &["--plan", &plan("json_policy")]).assert_code(0);
    assert_eq!(comments(&github).len(), 4);
    assert!(comments(&github)[3].contains("/runs/1004"));
}

#[test]
fn the_graphql_api_of_an_enterprise_server_is_beside_that_of_rest() {
    let github = FakeGitHub::builder().ghes().start().unwrap();
    let pull =
        testkit::github::Pull { number: 7, head_sha: super::HEAD.to_owned(), ..testkit::github::Pull::default() };
    github.add_pull(REPOSITORY, pull);
    run(&recreating(&github, "1000"), &["--plan", &plan("mixed")]).assert_code(0);
    run(&recreating(&github, "1001"), &["--plan", &plan("json_policy")]).assert_code(0);
    assert_eq!(hidden(&github), [true, false]);
    assert!(writes(&github).iter().any(|line| line.contains("POST /api/graphql")), "{:?}", writes(&github));
}

#[test]
fn a_comment_that_cannot_be_hidden_says_itself_that_it_is_outdated() {
    let refused = serde_json::json!({ "data": null, "errors": [{ "type": "FORBIDDEN", "path": ["minimizeComment"],
        "message": "Resource not accessible by personal access token" }] });
    let limited = serde_json::json!({ "errors": [{ "type": "RATE_LIMITED", "message": "API rate limit exceeded" }] });
    let faults = [
        (Fault::reply(Reply::json(200, &refused)), "hide comment"),
        (Fault::reply(Reply::json(200, &limited)), "rate limit"),
        (Fault::status(403), "hide comment"),
        (Fault::status(404), "hide comment"),
        (Fault::status(400), "hide comment"),
    ];
    for (fault, words) in faults {
        let github = github("");
        run(&recreating(&github, "1000"), &["--plan", &plan("mixed")]).assert_code(0);
        github.faults().add(fault.on("POST", "/graphql").always());
        let out = run(&recreating(&github, "1001"), &["--plan", &plan("json_policy")]);
        out.assert_code(0);
        assert_eq!((comments(&github).len(), hidden(&github)), (2, vec![false, false]));
        assert!(out.stdout.contains("::warning::") && out.stdout.contains(words), "{words}: {}", out.stdout);
        assert!(out.stdout.contains("it says itself that it is outdated"), "{}", out.stdout);
        assert!(comments(&github)[0].contains("This plan is outdated"));
    }
}

#[test]
fn a_broken_connection_while_hiding_is_tried_again() {
    let github = github("");
    run(&recreating(&github, "1000"), &["--plan", &plan("mixed")]).assert_code(0);
    github.faults().add(Fault::status(502).on("POST", "/graphql").times(1));
    run(&recreating(&github, "1001"), &["--plan", &plan("json_policy")]).assert_code(0);
    assert_eq!(hidden(&github), [true, false]);
}

#[test]
fn what_stopped_in_the_middle_is_completed_by_the_next_run() {
    let github = github("");
    run(&recreating(&github, "1000"), &["--plan", &plan("mixed")]).assert_code(0);
    github.faults().add(Fault::status(502).on("POST", "/repos/acme/shop/issues/7/comments").times(1));
    run(&recreating(&github, "1001"), &["--plan", &plan("json_policy")]).assert_code(1);
    assert_eq!(comments(&github).len(), 1);
    assert!(comments(&github)[0].contains("This plan is outdated"));
    run(&recreating(&github, "1002"), &["--plan", &plan("json_policy")]).assert_code(0);
    assert_eq!(comments(&github).len(), 2);
    assert!(comments(&github)[1].contains("1 to change"));
}

#[test]
fn a_comment_that_is_gone_or_changed_meanwhile_is_not_hidden() {
    let github = github("");
    run(&recreating(&github, "1000"), &["--plan", &plan("mixed")]).assert_code(0);
    github.faults().add(Fault::status(404).on("PATCH", "/repos/*/issues/comments/*").times(1));
    let gone = Reply::json(200, &serde_json::json!([]));
    github.faults().add(Fault::reply(gone).on("GET", "/repos/acme/shop/issues/7/comments").nth(2));
    github.clear_requests();
    run(&recreating(&github, "1001"), &["--plan", &plan("json_policy")]).assert_code(0);
    assert!(!writes(&github).iter().any(|line| line.contains("graphql")), "{:?}", writes(&github));

    let mut changed = github.comments(REPOSITORY, 7).remove(0);
    changed["body"] = serde_json::json!("Other text.");
    let reply = Reply::json(200, &changed);
    github.faults().add(Fault::reply(reply).on("GET", "/repos/acme/shop/issues/comments/*").always());
    github.clear_requests();
    let out = run(&recreating(&github, "1002"), &["--plan", &plan("empty")]);
    assert!(out.stderr.contains("terraform-plan-comment/comment-changed"), "{}", out.stderr);
    assert_eq!(writes(&github), [""; 0]);
}
