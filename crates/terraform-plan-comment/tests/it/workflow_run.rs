//! A run on `workflow_run`, which speaks for a run that had no right to write: the pull request and the commit come from GitHub.

use serde_json::{Value, json};
use testkit::github::Pull;
use testkit::{FakeGitHub, FakeRunner};

use super::{HEAD, REPOSITORY, comments, github, plan, run};

/// The fork that the pull request comes from.
const FORK: &str = "mallory/shop";

fn pull(number: u64, base: &str) -> Pull {
    Pull {
        number,
        fork: Some(FORK.to_owned()),
        head_ref: "feature".to_owned(),
        head_sha: HEAD.to_owned(),
        base_ref: base.to_owned(),
        ..Pull::default()
    }
}

fn event() -> Value {
    json!({ "action": "completed", "workflow_run": {
        "id": 500, "run_attempt": 3, "head_branch": "feature", "head_sha": HEAD, "event": "pull_request",
        "head_repository": { "full_name": FORK }, "pull_requests": [],
    } })
}

pub(crate) fn runner(github: &FakeGitHub) -> FakeRunner {
    FakeRunner::new()
        .github("workflow_run", "refs/heads/main", testkit::runner::SHA, REPOSITORY)
        .event(event())
        .api_url(github.api_url())
        .input("github-token", github.token())
        .env("GITHUB_RUN_ID", "9000")
}

#[test]
fn the_pull_request_of_a_fork_is_found_by_its_branch() {
    let github = github("");
    github.add_pull(REPOSITORY, Pull { head_ref: "feature".to_owned(), ..pull(6, "main") });
    github.add_pull(REPOSITORY, Pull { fork: Some("mallory/other".to_owned()), ..pull(5, "main") });
    run(&runner(&github), &["--plan", &plan("mixed")]).assert_code(0);
    let comment = github.comments(REPOSITORY, 6).remove(0)["body"].as_str().unwrap().to_owned();
    assert!(comment.contains(&format!("<!-- slipway:run id=500 attempt=3 commit={HEAD} -->")), "{comment}");
    assert!(comment.contains("/actions/runs/500)") && !comment.contains("Stale"), "{comment}");
    assert_eq!((comments(&github).len(), github.comments(REPOSITORY, 5).len()), (0, 0));
}

#[test]
fn a_part_does_not_choose_its_pull_request_or_its_commit() {
    let github = github("");
    github.add_pull(REPOSITORY, pull(6, "main"));
    let step = runner(&github).input("name", "apps").input("part-file", "parts/a.json").input("target", "none");
    run(&step, &["--plan", &plan("mixed")]).assert_code(0);
    let written = std::fs::read_to_string(step.workspace().join("parts/a.json")).unwrap();
    let mut part: Value = serde_json::from_str(&written).unwrap();
    for word in ["pull-request", "number", "repository", "head"] {
        assert!(part.get(word).is_none(), "a part has no {word}: {part}");
    }
    let reducer = runner(&github).file("parts/a.json", part.to_string());
    run(&reducer, &["reduce", "--parts", "parts"]).assert_code(0);
    assert_eq!((comments(&github).len(), github.comments(REPOSITORY, 6).len()), (0, 1));
    part["commit"] = json!(testkit::runner::SHA);
    let reducer = runner(&github).file("parts/a.json", part.to_string());
    let out = run(&reducer, &["reduce", "--parts", "parts"]);
    out.assert_code(1);
    assert!(out.stderr.contains("its part is of another commit"), "{}", out.stderr);
}

#[test]
fn a_branch_without_an_open_pull_request_is_no_failure_and_one_with_two_is() {
    let github = github("");
    github.add_pull(REPOSITORY, Pull { state: "closed".to_owned(), ..pull(6, "main") });
    let out = run(&runner(&github), &["--plan", &plan("mixed")]);
    out.assert_code(0);
    assert!(out.stdout.contains("::notice::there is no open pull request of this run's branch"), "{}", out.stdout);
    github.add_pull(REPOSITORY, pull(8, "main"));
    github.add_pull(REPOSITORY, pull(9, "next"));
    let out = run(&runner(&github), &["--plan", &plan("mixed")]);
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/several-pull-requests: "), "{}", out.stderr);
    assert!(out.stderr.contains("`feature`: #9, #8") && comments(&github).is_empty(), "{}", out.stderr);
}
