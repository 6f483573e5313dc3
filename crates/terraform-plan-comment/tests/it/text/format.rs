//! `--format` prints one rendering and touches nothing.

use testkit::FakeRunner;

use crate::{comments, github, plan, run, runner};

#[test]
fn a_rendering_is_printed_and_nothing_else_is_done() {
    let github = github("Text.");
    let runner = runner(&github);
    for format in ["text", "markdown", "json"] {
        let out = run(&runner, &["--plan", &plan("mixed"), "--format", format]);
        out.assert_code(0);
        assert!(out.outputs.is_empty() && out.summary.is_empty(), "{format}: {:?} {}", out.outputs, out.summary);
        let is_command = out.stdout.lines().any(|line| line.starts_with("::"));
        assert!(!is_command && out.stdout.ends_with('\n'), "{format}: {}", out.stdout);
    }
    assert!(comments(&github).is_empty() && github.requests().is_empty());
}

#[test]
fn markdown_is_what_the_summary_shows() {
    let out = run(&FakeRunner::new(), &["--plan", &plan("mixed"), "--format", "markdown"]);
    let whole = run(&FakeRunner::new(), &["--plan", &plan("mixed"), "--target", "none"]);
    assert!(whole.summary.contains(out.stdout.trim()), "{}\n{}", whole.summary, out.stdout);
}

#[test]
fn json_is_the_review() {
    let out = run(&FakeRunner::new(), &["--plan", &plan("deposed"), "--format", "json"]);
    let review: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(review["counts"]["destroy"], 1);
    assert_eq!(review["resources"][0]["address"], "terraform_data.a");
}

#[test]
fn the_format_is_no_input() {
    let out = run(&FakeRunner::new().input("format", "text"), &["--plan", &plan("deposed"), "--target", "none"]);
    out.assert_code(0);
    assert_eq!(out.outputs["destroy"], "1");
    let out = run(&FakeRunner::new(), &["--plan", &plan("deposed"), "--format", "html"]);
    out.assert_code(2);
    assert!(
        out.stderr.contains("text") && out.stderr.contains("markdown") && out.stderr.contains("json"),
        "{}",
        out.stderr
    );
}

#[test]
fn a_plan_that_cannot_be_read_has_no_rendering() {
    let out = run(&FakeRunner::new(), &["--plan", "nowhere.json", "--format", "text"]);
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/plan-unreadable"), "{}", out.stderr);
}

#[test]
fn schemas_that_are_none_are_refused() {
    let with = |runner: FakeRunner| {
        run(&runner, &["--plan", &plan("deposed"), "--provider-schemas", "schemas.json", "--format", "text"])
    };
    let out = with(FakeRunner::new());
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/schemas-unreadable"), "{}", out.stderr);
    for content in ["{", "{\"format_version\":\"2.0\"}", "{\"format_version\":\"1.0\",\"provider_schemas\":[]}"] {
        let out = with(FakeRunner::new().file("schemas.json", content));
        out.assert_code(2);
        assert!(out.stderr.contains("terraform-plan-comment/not-schemas"), "{}", out.stderr);
        assert!(out.stderr.contains("terraform providers schema -json"), "{}", out.stderr);
    }
    let out = with(FakeRunner::new().file("schemas.json", "{\"format_version\":\"1.0\"}"));
    out.assert_code(0);
}
