//! Which commit a run is about, and whose rules that one has.

use serde_json::json;
use testkit::FakeGitHub;
use testkit::runner::SHA;

use crate::origin::Origin;
use crate::{REPOSITORY, annotations, on_pull, package, run, runner};

/// Two commits of `main`, of which the run is about the first and has the second checked out.
fn elsewhere(event: &str, git_ref: &str) -> (FakeGitHub, testkit::FakeRunner, String, String) {
    let origin = Origin::new();
    let first = origin.commit(&[("package.json", Some(&package("2.0.0")))]);
    let second = origin.commit(&[("package.json", Some(&package("3.0.0")))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    let step = runner(&server).github(event, git_ref, &first, REPOSITORY).event(json!({}));
    origin.check_out(&step, &second);
    (server, step, first, second)
}

#[test]
fn another_commit_than_the_run_s_has_the_rules_of_no_branch() {
    for (event, git_ref) in
        [("push", "refs/heads/main"), ("workflow_run", "refs/heads/main"), ("push", "refs/tags/v3.0.0")]
    {
        let (server, step, first, second) = elsewhere(event, git_ref);
        let output = run(&step);
        output.assert_code(0);
        let shown = ["version", "publish", "commit", "image-tags"].map(|name| output.outputs[name].as_str());
        assert_eq!(shown, ["3.0.0", "false", second.as_str(), ""], "{event} {git_ref}");
        let told = format!("Commit {second} is checked out, and the run is about {first}");
        assert!(annotations(&output)[0].contains(&told), "{}", output.stdout);
        let tagging = run(&step.input("create-tag", "true"));
        tagging.assert_code(2);
        let told = format!("version-detect/other-commit: commit {second} is checked out, and the run is about {first}");
        assert!(tagging.stderr.contains(&told), "{}", tagging.stderr);
        assert_eq!(server.tag(REPOSITORY, "v3.0.0"), None);
    }
}

#[test]
fn whoever_names_the_branch_tags_the_commit_that_is_checked_out() {
    let (server, step, _, second) = elsewhere("workflow_dispatch", "refs/heads/main");
    let output = run(&step.input("branch", "main").input("create-tag", "true"));
    output.assert_code(0);
    assert_eq!(server.tag(REPOSITORY, "v3.0.0").as_deref(), Some(second.as_str()));
    assert_eq!((output.outputs["publish"].as_str(), output.outputs["commit"].as_str()), ("true", second.as_str()));
}

#[test]
fn the_run_of_a_pushed_tag_may_name_the_tag_s_own_object() {
    let (server, step, _, second) = elsewhere("push", "refs/tags/v3.0.0");
    crate::git(step.workspace(), &["tag", "v3.0.0", &second]);
    server.add_annotated_tag(REPOSITORY, "v3.0.0", &second);
    let output = run(&step);
    output.assert_code(0);
    assert_eq!((output.outputs["publish"].as_str(), output.outputs["image-tags"].as_str()), ("true", "3.0.0"));
}

#[test]
fn a_pull_request_with_a_branch_is_held_to_its_rules_and_publishes_nothing() {
    let server = FakeGitHub::start().unwrap();
    let with = |version: &str| on_pull(&server, "feature/a", "main").input("branch", "main").file("VERSION", version);
    let output = run(&with("3.0.0"));
    output.assert_code(0);
    assert_eq!(output.outputs["publish"], "false");
    let tags = &output.outputs["image-tags"];
    assert!(tags.starts_with("3.0.0-feature-a-") && tags.ends_with("-SNAPSHOT") && tags.lines().count() == 1, "{tags}");
    assert!(output.summary.contains("held to the rules of `main`"), "{}", output.summary);
    let refused = run(&with("3.0.0-SNAPSHOT"));
    refused.assert_code(2);
    assert!(refused.stderr.contains("version-detect/wrong-version"), "{}", refused.stderr);
    let tagging = run(&with("3.0.0").input("create-tag", "true"));
    tagging.assert_code(2);
    assert!(tagging.stderr.contains("version-detect/create-tag-on-pull-request"), "{}", tagging.stderr);
    // A merge queue is one, too.
    let queue = runner(&server)
        .github("merge_group", "refs/heads/gh-readonly-queue/main/pr-7-abc", SHA, REPOSITORY)
        .input("branch", "main")
        .file("VERSION", "3.0.0");
    assert_eq!(run(&queue).outputs["publish"], "false");
}

#[test]
fn a_pushed_tag_does_not_lead_around_what_a_release_needs() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v1.0.0", SHA);
    let tagged = || runner(&server).github("push", "refs/tags/v1.0.0", SHA, REPOSITORY);
    let pom = "<project><version>1.0.0</version><dependencies><dependency><groupId>x</groupId><artifactId>y</artifactId>\n<version>2.0-SNAPSHOT</version></dependency></dependencies></project>";
    let output = run(&tagged().file("pom.xml", pom));
    output.assert_code(2);
    let told = "version-detect/snapshot-dependency: the release `1.0.0` has the dependency `x:y` `2.0-SNAPSHOT`";
    assert!(output.stderr.contains(told), "{}", output.stderr);
    assert!(output.stdout.contains("file=pom.xml,line=2"), "{}", output.stdout);
    let project = "<Project Sdk=\"Microsoft.NET.Sdk\"></Project>";
    let unwritten = run(&tagged().file("a.csproj", project));
    unwritten.assert_code(2);
    assert!(unwritten.stderr.contains("version-detect/no-version"), "{}", unwritten.stderr);
}

#[test]
fn a_tag_has_one_v_however_the_version_is_written() {
    let server = FakeGitHub::start().unwrap();
    let step = crate::on_branch(&server, "feature/a").file("package.json", package("v1.2.3"));
    assert_eq!(run(&step).outputs["tag"], "v1.2.3");
}

#[test]
fn inputs_that_have_no_effect_are_refused() {
    let server = FakeGitHub::start().unwrap();
    let step = || runner(&server).file("VERSION", "1.0.0");
    for (name, value, told) in [
        ("tag-message", "Release", "`tag-message`"),
        ("version-command-env", "NPM_TOKEN", "`version-command-env`"),
        ("maintenance-branch", "ma*", "`maintenance-branch`"),
        ("maintenance-branch", "!x", "`maintenance-branch`"),
        ("base", "main", "`base`"),
    ] {
        let output = run(&step().input(name, value));
        output.assert_code(2);
        assert!(output.stderr.contains(told), "{}", output.stderr);
    }
    // An expression may say that nothing is tagged here.
    run(&step().input("tag-message", "Release").input("create-tag", "false")).assert_code(0);
}
