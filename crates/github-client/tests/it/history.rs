//! Commits between two points, and the pull requests they came in by.

use github_client::GitHubError;
use serde_json::json;
use testkit::github::{Commit, Pull, REPOSITORY};
use testkit::http::Reply;
use testkit::{FakeGitHub, Fault};

use crate::{OTHER, client, lines};

fn sha(number: usize) -> String {
    format!("{number:040x}")
}

/// A line of commits `0..count`, of which every second changes `api`, on `main`.
fn line(server: &FakeGitHub, count: usize) {
    for number in 0..count {
        server.add_history(
            REPOSITORY,
            Commit {
                sha: sha(number),
                message: format!("feat: {number}"),
                login: Some("mona".into()),
                parents: number.checked_sub(1).map(sha).into_iter().collect(),
                paths: vec![if number % 2 == 0 { "api/x".into() } else { "apis".into() }],
                ..Commit::default()
            },
        );
    }
    server.add_ref(REPOSITORY, "refs/heads/main", &sha(count - 1));
}

#[tokio::test]
async fn all_pages_between_two_commits_are_read() {
    let server = FakeGitHub::start().unwrap();
    line(&server, 231);
    server.add_tag(REPOSITORY, "v1.0.0", &sha(0));
    let found = client(&server).compare("v1.0.0", "main", 1000).await.unwrap().unwrap();
    assert_eq!((found.status.as_str(), found.total, found.commits.len()), ("ahead", 230, 230));
    assert_eq!((found.commits[0].message.as_str(), found.commits[0].parents), ("feat: 1", 1));
    assert_eq!(found.commits[0].login.as_deref(), Some("mona"));
    assert_eq!(lines(&server).len(), 3);
    let some = client(&server).compare("v1.0.0", "main", 150).await.unwrap().unwrap();
    assert_eq!((some.total, some.commits.len()), (230, 150));
    assert_eq!((some.commits[0].message.as_str(), some.commits[149].message.as_str()), ("feat: 81", "feat: 230"));
    let last = client(&server).compare("v1.0.0", "main", 20).await.unwrap().unwrap();
    assert_eq!((last.commits.len(), last.commits[0].message.as_str()), (20, "feat: 211"));
    let none = client(&server).compare(&sha(230), "main", 1000).await.unwrap().unwrap();
    assert_eq!((none.status.as_str(), none.commits.len()), ("identical", 0));
    assert_eq!(client(&server).compare("v9", "main", 1000).await.unwrap(), None);
}

#[tokio::test]
async fn the_commits_of_a_folder_are_those_that_touch_it() {
    let server = FakeGitHub::start().unwrap();
    line(&server, 301);
    let all = client(&server).commits("main", None, None, 250).await.unwrap();
    assert_eq!((all.len(), all[0].message.as_str()), (250, "feat: 300"));
    let api = client(&server).commits("main", Some("api"), Some("2020-01-01T00:00:00Z"), 1000).await.unwrap();
    assert_eq!((api.len(), api[0].message.as_str()), (151, "feat: 300"));
}

#[tokio::test]
async fn fifty_commits_are_asked_for_their_pull_requests_at_once() {
    let server = FakeGitHub::start().unwrap();
    line(&server, 60);
    let merged =
        Pull { number: 7, title: "Add".into(), login: "mona".into(), merged: vec![sha(3), sha(55)], ..Pull::default() };
    server.add_pull(REPOSITORY, merged);
    server.add_pull(REPOSITORY, Pull { number: 8, head_sha: sha(3), ..Pull::default() });
    server.add_label(REPOSITORY, 7, "enhancement");
    let shas: Vec<String> = (0..60).map(sha).chain([OTHER.to_owned()]).collect();
    let shas: Vec<&str> = shas.iter().map(String::as_str).collect();
    let found = client(&server).pulls_of_commits(&shas).await.unwrap();
    assert_eq!(lines(&server).len(), 2);
    let pulls = &found[&sha(3)];
    assert_eq!((pulls.len(), pulls[0].number, pulls[0].login.as_str()), (1, 7, "mona"));
    assert_eq!((pulls[0].labels.as_slice(), pulls[0].base.as_str()), (["enhancement".to_owned()].as_slice(), "main"));
    assert_eq!((found[&sha(55)][0].number, found[&sha(4)].len(), found[OTHER].len()), (7, 0, 0));
}

#[tokio::test]
async fn pull_requests_of_another_repository_do_not_count_and_an_app_is_no_person() {
    let server = FakeGitHub::start().unwrap();
    line(&server, 3);
    let pull = |number: u64, login: &str, upstream: Option<&str>| Pull {
        number,
        login: login.into(),
        merged: vec![sha(1)],
        upstream: upstream.map(str::to_owned),
        ..Pull::default()
    };
    server.add_pull(REPOSITORY, pull(7, "renovate[bot]", None));
    server.add_pull(REPOSITORY, pull(8, "mona", Some("upstream/shop")));
    server.add_pull(REPOSITORY, pull(9, "hubot", Some(&REPOSITORY.to_uppercase())));
    let found = client(&server).pulls_of_commits(&[&sha(1)]).await.unwrap();
    let found: Vec<(u64, &str)> = found[&sha(1)].iter().map(|pull| (pull.number, pull.login.as_str())).collect();
    assert_eq!(found, [(7, "renovate[bot]"), (9, "hubot")]);
}

#[tokio::test]
async fn a_refusal_about_one_commit_is_no_refusal_of_all() {
    let server = FakeGitHub::start().unwrap();
    line(&server, 3);
    let pull = json!({
        "number": 7, "title": "Add", "merged": true, "baseRefName": "main", "repository": {"nameWithOwner": REPOSITORY},
        "author": null, "labels": {"nodes": [null]},
    });
    let forbidden =
        json!({"type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": ["repository", "c1"]});
    let answer = |one: &serde_json::Value, two: &serde_json::Value| {
        let objects = json!({"c0": {"associatedPullRequests": one}, "c1": {"associatedPullRequests": two}});
        Reply::json(200, &json!({"data": {"repository": objects}, "errors": [forbidden]}))
    };
    let seen = json!({"nodes": [pull, null]});
    server.faults().add(Fault::reply(answer(&seen, &json!(null))).on("POST", "/graphql"));
    let found = client(&server).pulls_of_commits(&[&sha(1), &sha(2)]).await.unwrap();
    assert_eq!((found[&sha(1)][0].number, found[&sha(2)].len()), (7, 0));
    server.faults().add(Fault::reply(answer(&json!(null), &json!(null))).on("POST", "/graphql"));
    let error = client(&server).pulls_of_commits(&[&sha(1), &sha(2)]).await.unwrap_err();
    assert!(
        matches!(&error, GitHubError::Forbidden { permission, .. } if permission == "pull-requests: read"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_question_about_an_unknown_repository_is_refused() {
    let server = FakeGitHub::start().unwrap();
    let error = client(&server).of_repository("acme/other").unwrap().pulls_of_commits(&[OTHER]).await.unwrap_err();
    assert!(matches!(error, GitHubError::Invalid { .. }), "{error:?}");
}
