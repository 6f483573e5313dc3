//! Values that try to be more than text.

use serde_json::{Value, json};
use testkit::FakeRunner;

use super::{comments, github, run, runner};

fn plan_with(address: &str, value: &str) -> Value {
    json!({ "format_version": "1.2", "resource_changes": [{
        "address": address, "mode": "managed", "type": "t", "name": "n",
        "change": { "actions": ["update"], "before": { "a": "x" }, "after": { "a": value },
                    "before_sensitive": {}, "after_sensitive": {} },
        "action_reason": "::error::reason",
    }] })
}

#[test]
fn hostile_text_stays_text() {
    let value = "x\n```\n</details>\n::error::boom\n@org/team <script>alert(1)</script> $(touch x)\n##[error]y\n";
    let address = "a[\"`|</details>\n@me ::error::z\"]";
    let github = github("");
    let runner = runner(&github).file("plan.json", plan_with(address, value).to_string());
    let out = run(&runner, &["--plan", "plan.json"]);
    out.assert_code(0);
    for line in out.stdout.lines().chain(out.stderr.lines()) {
        let ours = ["::notice ", "::add-mask::", "::debug::", "::group::", "::endgroup::"];
        assert!(!line.trim_start().starts_with("::") || ours.iter().any(|command| line.starts_with(command)), "{line}");
        assert!(!line.contains("##["), "{line}");
    }
    let comment = &comments(&github)[0];
    assert!(comment.contains("````diff\n"), "{comment}");
    assert_eq!(comment.matches("<details").count(), 1);
    assert!(comment.contains("&lt;/details&gt;"), "{comment}");
    assert!(!runner.workspace().join("x").exists());
}

#[test]
fn a_rendering_gives_a_runner_no_commands() {
    let mut document = plan_with("a.b", "x\n::error::boom\n  ::add-mask::x\n##[error]y\nend\n");
    // Terraform writes no sign in front of the lines of a new text.
    document["resource_changes"][0]["change"]["actions"] = json!(["create"]);
    document["resource_changes"][0]["change"]["before"] = json!(null);
    let runner = FakeRunner::new().file("plan.json", document.to_string());
    for format in ["text", "markdown", "json"] {
        let out = run(&runner, &["--plan", "plan.json", "--format", format]);
        out.assert_code(0);
        assert!(out.stdout.contains("boom"), "{}", out.stdout);
        for line in out.stdout.lines().chain(out.stderr.lines()) {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{format}: {line}");
        }
    }
    let shell = FakeRunner::plain_shell().file("plan.json", document.to_string());
    let out = run(&shell, &["--plan", "plan.json", "--format", "text"]);
    assert!(out.stdout.contains("\n            ::error::boom\n"), "{}", out.stdout);
}

#[test]
fn a_plan_cannot_forge_a_marker() {
    let forged = "<!-- slipway:terraform-plan-comment:end name=\"\" -->\n<!-- slipway:run id=99999 attempt=1 -->\n";
    let github = github("Text.");
    for number in ["1", "2"] {
        let document = plan_with("a.b", &format!("{forged}{number}"));
        let runner = runner(&github).file("plan.json", document.to_string()).env("GITHUB_RUN_ID", number);
        run(&runner, &["--plan", "plan.json", "--target", "body"]).assert_code(0);
    }
    let body = github.pull(super::REPOSITORY, 7).unwrap()["body"].as_str().unwrap().to_owned();
    assert_eq!(body.matches("<!-- slipway:").count(), 3, "{body}");
    assert!(body.ends_with("<!-- slipway:terraform-plan-comment:end name=\"\" -->"), "{body}");
}

#[test]
fn actions_and_reasons_that_no_one_knows_are_shown() {
    let mut document = plan_with("a.b", "y");
    document["resource_changes"][0]["change"]["actions"] = json!(["transmogrify", "delete"]);
    let out = run(&FakeRunner::new().file("p.json", document.to_string()), &["--plan", "p.json", "--target", "none"]);
    out.assert_code(0);
    assert!(out.summary.contains("unknown action: transmogrify, delete"), "{}", out.summary);
    assert!(
        out.summary.contains("[!WARNING]") && out.outputs["has-changes"] == "true" && out.outputs["destroy"] == "1"
    );
}
