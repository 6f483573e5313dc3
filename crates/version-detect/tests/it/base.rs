//! A push that is compared with the last run that succeeded.

use serde_json::{Value, json};
use testkit::{FakeGitHub, FakeRunner, RunOutput};

use crate::origin::Origin;
use crate::{REPOSITORY, annotations, run, runner};

const WORKFLOW: u64 = 70;

const CONFIG: &str = "[discover]\nfolders = [\"services/*\"]\n";

/// A repository of three services, and its server.
fn origin() -> (Origin, FakeGitHub, String) {
    let origin = Origin::new();
    let first = origin.commit(&[
        ("slipway.toml", Some(CONFIG)),
        ("services/events/VERSION", Some("1.1.0-SNAPSHOT")),
        ("services/orders/VERSION", Some("1.1.0-SNAPSHOT")),
        ("services/web/VERSION", Some("1.1.0-SNAPSHOT")),
    ]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    (origin, server, first)
}

/// The run `id` of a push from `before` to `after`.
fn push(server: &FakeGitHub, origin: &Origin, [before, after]: [&str; 2], id: u64) -> FakeRunner {
    let step = runner(server)
        .github("push", "refs/heads/develop", after, REPOSITORY)
        .env("GITHUB_RUN_ID", id.to_string())
        .event(json!({"before": before, "repository": {"default_branch": "main"}}))
        .input("base", "last-success");
    origin.check_out(&step, after);
    step
}

fn built(output: &RunOutput) -> String {
    output.assert_code(0);
    let names: Vec<String> = serde_json::from_str(&output.outputs["changed-components"]).unwrap();
    names.join(" ")
}

#[test]
fn what_a_failed_or_cancelled_run_left_out_is_built_by_the_next_one() {
    let (origin, server, first) = origin();
    let second = origin.commit(&[("services/orders/a", Some("x"))]);
    let third = origin.commit(&[("services/events/a", Some("x"))]);
    server.add_ended_run(REPOSITORY, [1, WORKFLOW], &first, "develop", "success");
    server.add_ended_run(REPOSITORY, [2, WORKFLOW], &second, "develop", "failure");
    server.add_run(REPOSITORY, 3, 1, WORKFLOW, &third);
    let step = push(&server, &origin, [&second, &third], 3);
    assert_eq!(built(&run(&step)), "events orders");
    let asked: Vec<String> = server.requests().iter().map(testkit::http::Request::line).collect();
    assert!(asked.iter().any(|line| line.contains(&format!("/actions/workflows/{WORKFLOW}/runs"))), "{asked:?}");
    // Compared with its own event, `orders` is lost.
    assert_eq!(built(&run(&push(&server, &origin, [&second, &third], 3).input("base", ""))), "events");
    // A run that was cancelled is none that succeeded, nor is one of another branch or workflow.
    server.add_ended_run(REPOSITORY, [4, WORKFLOW], &third, "develop", "cancelled");
    server.add_ended_run(REPOSITORY, [5, WORKFLOW], &third, "main", "success");
    server.add_ended_run(REPOSITORY, [6, WORKFLOW + 1], &third, "develop", "success");
    server.add_run(REPOSITORY, 7, 1, WORKFLOW, &third);
    assert_eq!(built(&run(&push(&server, &origin, [&third, &third], 7))), "events orders");
    server.add_ended_run(REPOSITORY, [8, WORKFLOW], &third, "develop", "success");
    server.add_run(REPOSITORY, 9, 1, WORKFLOW, &third);
    assert_eq!(built(&run(&push(&server, &origin, [&third, &third], 9))), "");
}

#[test]
fn a_run_again_is_compared_with_what_came_before_it() {
    let (origin, server, first) = origin();
    let second = origin.commit(&[("services/orders/a", Some("x"))]);
    let third = origin.commit(&[("services/events/a", Some("x"))]);
    server.add_ended_run(REPOSITORY, [1, WORKFLOW], &first, "develop", "success");
    server.add_run(REPOSITORY, 2, 2, WORKFLOW, &second);
    server.add_ended_run(REPOSITORY, [3, WORKFLOW], &third, "develop", "success");
    assert_eq!(built(&run(&push(&server, &origin, [&first, &second], 2))), "orders");
}

#[test]
fn where_nothing_succeeded_everything_is_built_and_said_why() {
    let (origin, server, first) = origin();
    let second = origin.commit(&[("services/orders/a", Some("x"))]);
    let why = |output: &RunOutput| {
        let all: Vec<Value> = serde_json::from_str(&output.outputs["components-json"]).unwrap();
        all[0]["because"].as_str().unwrap().to_owned()
    };
    let unknown = run(&push(&server, &origin, [&first, &second], 2));
    assert_eq!(
        (built(&unknown).as_str(), why(&unknown).as_str()),
        ("events orders web", "what changed is not known: GitHub does not know this run")
    );
    server.add_run(REPOSITORY, 2, 1, WORKFLOW, &second);
    let none = run(&push(&server, &origin, [&first, &second], 2));
    assert_eq!(
        (built(&none).as_str(), why(&none).as_str()),
        ("events orders web", "what changed is not known: no run of this workflow has succeeded on the branch")
    );
    let without = run(&push(&server, &origin, [&first, &second], 2).without("INPUT_GITHUB_TOKEN"));
    assert_eq!(built(&without), "events orders web");
}

#[test]
fn a_commit_can_be_named_and_a_pull_request_stays_what_it_is() {
    let (origin, server, first) = origin();
    let second = origin.commit(&[("services/orders/a", Some("x"))]);
    let third = origin.commit(&[("services/events/a", Some("x"))]);
    let named = push(&server, &origin, [&second, &third], 2).input("base", &first);
    assert_eq!(built(&run(&named)), "events orders");
    let pull = runner(&server)
        .github("pull_request", "refs/pull/7/merge", &third, REPOSITORY)
        .env("GITHUB_HEAD_REF", "feature/a")
        .env("GITHUB_BASE_REF", "develop")
        .event(json!({}))
        .input("base", "last-success");
    origin.check_out(&pull, &third);
    assert_eq!(built(&run(&pull)), "events");
    assert!(!server.requests().iter().any(|request| request.path.contains("/actions/")));
}

#[test]
fn without_the_permission_to_read_runs_the_step_says_which_line_is_missing() {
    let (origin, server, first) = origin();
    let refusal = testkit::http::Reply::json(403, &json!({"message": "Resource not accessible by integration"}));
    server.faults().add(testkit::Fault::reply(refusal).on("GET", "*/actions/runs/*").always());
    let output = run(&push(&server, &origin, [&first, &first], 2));
    output.assert_code(1);
    assert!(output.stderr.contains("github/forbidden") && output.stderr.contains("actions: read"), "{}", output.stderr);
}

#[test]
fn of_two_pushes_that_find_a_version_untagged_one_publishes_it() {
    let (origin, server, _) = origin();
    let version = |version: &'static str| ("services/orders/VERSION", Some(version));
    let others = [("services/events/VERSION", Some("1.1.0")), ("services/web/VERSION", Some("1.1.0"))];
    let first = origin.commit(&[version("1.2.0"), others[0], others[1]]);
    let second = origin.commit(&[("services/orders/a", Some("x"))]);
    origin.show(&server);
    let on_main = |commit: &str, before: &str, id: u64| {
        push(&server, &origin, [before, commit], id).env("GITHUB_REF", "refs/heads/main").input("base", "")
    };
    // Both see it before either is done.
    for (commit, before, id) in [(&first, "", 1), (&second, first.as_str(), 2)] {
        let output = run(&on_main(commit, before, id));
        output.assert_code(0);
        let all: Vec<Value> = serde_json::from_str(&output.outputs["components-json"]).unwrap();
        assert_eq!((&all[1]["name"], &all[1]["publish"]), (&"orders".into(), &true.into()));
    }
    let own = |commit: &str, before: &str, id: u64| on_main(commit, before, id).input("component", "orders");
    let tagged = run(&own(&first, "", 1).input("create-tag", "true"));
    tagged.assert_code(0);
    assert_eq!((tagged.outputs["publish"].as_str(), tagged.outputs["tag-created"].as_str()), ("true", "true"));
    // The job of the other one looks again when it is its turn.
    let later = run(&own(&second, &first, 2));
    assert_eq!((later.outputs["publish"].as_str(), later.outputs["is-release"].as_str()), ("false", "true"));
}

#[test]
fn what_a_failed_run_released_is_no_version_that_the_next_push_brings_back() {
    let (origin, server, _) = origin();
    let version = |name: &'static str, version: &'static str| (name, Some(version));
    let (orders, events, web) = ("services/orders/VERSION", "services/events/VERSION", "services/web/VERSION");
    let start = origin.commit(&[version(orders, "1.1.0"), version(events, "1.1.0"), version(web, "1.1.0")]);
    let raised = origin.commit(&[version(orders, "1.2.0"), ("services/web/a", Some("broken"))]);
    let mended = origin.commit(&[("services/web/a", Some("mended"))]);
    origin.show(&server);
    for (tag, commit) in [("orders-v1.1.0", &start), ("events-v1.1.0", &start), ("web-v1.1.0", &start)] {
        server.add_tag(REPOSITORY, tag, commit);
    }
    // `orders` was released by the run of `raised`, which failed for `web`.
    server.add_tag(REPOSITORY, "orders-v1.2.0", &raised);
    server.add_ended_run(REPOSITORY, [1, WORKFLOW], &start, "main", "success");
    server.add_ended_run(REPOSITORY, [2, WORKFLOW], &raised, "main", "failure");
    server.add_run(REPOSITORY, 3, 1, WORKFLOW, &mended);
    let on_main = |before: &str| push(&server, &origin, [before, &mended], 3).env("GITHUB_REF", "refs/heads/main");
    assert_eq!(built(&run(&on_main(&raised))), "orders web");
    // Nor is it one where the push has that release among its own commits.
    assert_eq!(built(&run(&on_main(&start))), "orders web");
}

fn because(output: &RunOutput) -> String {
    let all: Vec<Value> = serde_json::from_str(&output.outputs["components-json"]).unwrap();
    all[0]["because"].as_str().unwrap().to_owned()
}

/// A commit that nobody has.
const GONE: &str = "badc0de0badc0de0badc0de0badc0de0badc0de0";

#[test]
fn for_the_last_success_no_other_commit_stands() {
    let (origin, server, _) = origin();
    let second = origin.commit(&[("services/orders/a", Some("x"))]);
    let third = origin.commit(&[("services/events/a", Some("x"))]);
    origin.show(&server);
    server.add_ended_run(REPOSITORY, [1, WORKFLOW], GONE, "develop", "success");
    server.add_run(REPOSITORY, 2, 1, WORKFLOW, &third);
    let refusal = testkit::http::Reply::json(404, &json!({"message": "Not Found"}));
    server.faults().add(testkit::Fault::reply(refusal).on("GET", &format!("*/git/trees/{GONE}*")).always());
    let output = run(&push(&server, &origin, [&second, &third], 2));
    assert_eq!(built(&output), "events orders web");
    let why = format!("commit {GONE} of the last run that succeeded is gone");
    assert_eq!(because(&output), format!("what changed is not known: {why}"));
    let told = format!("All components are built, because what changed is not known: {why}.");
    assert_eq!(annotations(&output)[0], format!("::warning title=version-detect::{told}"));
    assert!(output.summary.contains("what changed is not known"), "{}", output.summary);
    // The event's own commit may be gone, and its parent stands for it.
    let forced = run(&push(&server, &origin, [GONE, &third], 2).input("base", ""));
    assert_eq!(built(&forced), "events");
}

#[test]
fn a_commit_that_nobody_has_is_an_error_and_one_that_nobody_can_be_asked_for_a_warning() {
    let (origin, server, _) = origin();
    let second = origin.commit(&[("services/orders/a", Some("x"))]);
    origin.show(&server);
    let step = push(&server, &origin, [&second, &second], 2).input("base", GONE);
    let output = run(&step);
    output.assert_code(2);
    let told = format!("version-detect/base-unknown: the repository has no commit {GONE}, which `base` names");
    assert!(output.stderr.contains(&told), "{}", output.stderr);
    assert!(output.stderr.contains("leave `base` out to compare with the branch before the push"), "{}", output.stderr);
    let alone = run(&step.without("INPUT_GITHUB_TOKEN"));
    assert_eq!(built(&alone), "events orders web");
    assert!(annotations(&alone)[0].contains("there is no token to ask GitHub with"), "{}", alone.stdout);
}

#[test]
fn a_base_that_nothing_is_compared_with_is_told() {
    let (origin, server, first) = origin();
    let second = origin.commit(&[("services/orders/a", Some("x"))]);
    origin.show(&server);
    let pull = |base: &str| {
        let step = runner(&server)
            .github("pull_request", "refs/pull/7/merge", &second, REPOSITORY)
            .env("GITHUB_HEAD_REF", "feature/a")
            .env("GITHUB_BASE_REF", "develop")
            .event(json!({}))
            .input("base", base);
        origin.check_out(&step, &second);
        run(&step)
    };
    let told = |output: &RunOutput| {
        let is_ours = |line: &&str| line.contains("The input base says nothing of");
        annotations(output).into_iter().find(is_ours).map(str::to_owned)
    };
    let named = pull(&first);
    assert_eq!(built(&named), "orders");
    assert!(told(&named).unwrap().contains("which is compared with its target; leave it out"), "{}", named.stdout);
    // A workflow of pushes and pull requests says this to both.
    let both = pull("last-success");
    assert_eq!((built(&both).as_str(), told(&both)), ("orders", None));
    assert!(
        both.stdout.contains("last-success is about pushes") || both.stderr.contains("last-success is about pushes")
    );
    // One component is no question of what changed, and no run is asked for.
    let asked = |output: &RunOutput| {
        output.assert_code(0);
        server.requests().iter().filter(|request| request.path.contains("/actions/")).count()
    };
    let one = run(&push(&server, &origin, [&first, &second], 2).input("component", "orders"));
    assert_eq!(asked(&one), 0);
    assert!(
        told(&one).unwrap().contains("one project: it tells which of several components changed"),
        "{}",
        one.stdout
    );
    let tag = runner(&server)
        .github("push", "refs/tags/nightly", &second, REPOSITORY)
        .event(json!({"before": "0".repeat(40)}))
        .input("base", &first);
    origin.check_out(&tag, &second);
    assert!(told(&run(&tag)).unwrap().contains("tag nightly, which builds the component whose it is"));
}
