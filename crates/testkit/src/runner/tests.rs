use serde_json::json;

use super::output::parse_named;
use super::{FakeRunner, SHA, is_scrubbed};

fn sh(runner: &FakeRunner, script: &str) -> super::RunOutput {
    runner.run("sh", ["-c", script])
}

#[test]
fn gives_inputs_context_and_event_to_the_program() {
    let runner = FakeRunner::new()
        .input("task-definition", "td.json")
        .input("AWS region", "eu-west-1")
        .github("push", "refs/tags/v1.0.0", SHA, "acme/api")
        .event(json!({"ref": "refs/tags/v1.0.0"}))
        .file("sub/td.json", "{}");
    let output = sh(
        &runner,
        r#"echo "$INPUT_TASK_DEFINITION $INPUT_AWS_REGION $GITHUB_REF_NAME $GITHUB_REF_TYPE $GITHUB_REPOSITORY_OWNER"
           cat "$GITHUB_EVENT_PATH" sub/td.json; test "$PWD" -ef "$GITHUB_WORKSPACE""#,
    );
    assert_eq!(output.assert_code(0).stdout, "td.json eu-west-1 v1.0.0 tag acme\n{\"ref\":\"refs/tags/v1.0.0\"}{}");
}

#[test]
fn reads_the_command_files_as_the_runner_does() {
    let output = sh(
        &FakeRunner::new(),
        r#"printf 'a=1\nb<<X\nline =1\n\nX\n' >> "$GITHUB_OUTPUT"; echo '# Hi' >> "$GITHUB_STEP_SUMMARY"
           echo E=2 >> "$GITHUB_ENV"; echo /opt/bin >> "$GITHUB_PATH"; echo s=3 >> "$GITHUB_STATE"; echo oops >&2; exit 4"#,
    );
    assert_eq!(output.code, 4);
    assert_eq!((output.outputs["a"].as_str(), output.outputs["b"].as_str()), ("1", "line =1\n"));
    assert_eq!((output.summary.as_str(), output.stderr.as_str()), ("# Hi\n", "oops\n"));
    assert_eq!((output.env["E"].as_str(), output.state["s"].as_str()), ("2", "3"));
    assert_eq!(output.path, ["/opt/bin"]);
}

#[test]
fn a_second_run_starts_with_empty_files() {
    let runner = FakeRunner::new();
    sh(&runner, "echo a=1 >> $GITHUB_OUTPUT");
    assert!(sh(&runner, "true").outputs.is_empty());
}

#[test]
fn a_plain_shell_has_no_trace_of_a_runner() {
    let output = sh(&FakeRunner::plain_shell(), "env | grep -E '^(CI|GITHUB_|RUNNER_|AWS_|INPUT_|ACTIONS_)'");
    assert_eq!(output.stdout, "");
}

#[test]
fn keeps_credentials_and_proxies_of_the_parent_away() {
    for name in
        ["AWS_PROFILE", "GITHUB_TOKEN", "INPUT_X", "CI", "https_proxy", "NO_PROXY", "SLIPWAY_BIN_DIR", "NO_COLOR"]
    {
        assert!(is_scrubbed(name), "{name}");
    }
    for name in ["PATH", "HOME", "LANG", "CIRCLE"] {
        assert!(!is_scrubbed(name), "{name}");
    }
}

#[test]
fn passes_standard_input() {
    assert_eq!(FakeRunner::new().stdin("plan").run("cat", ["-"]).stdout, "plan");
}

#[test]
fn a_signal_reaches_the_program() {
    let runner = FakeRunner::new();
    let mut running = runner.spawn("bash", ["-c", "trap 'echo bye; exit 130' INT; echo ready; while :; do :; done"]);
    running.wait_for_output("ready");
    running.interrupt();
    let output = running.finish();
    assert_eq!((output.code, output.stdout.as_str()), (130, "ready\nbye\n"));
    let mut running = runner.spawn("bash", ["-c", "echo ready; while :; do :; done"]);
    running.wait_for_output("ready");
    running.terminate();
    assert_eq!(running.finish().code, 128 + 15);
}

#[test]
#[should_panic(expected = "the program never printed `ready`")]
fn waiting_ends_with_the_program() {
    FakeRunner::new().spawn("sh", ["-c", "echo other"]).wait_for_output("ready");
}

#[test]
#[should_panic(expected = "no closing delimiter `X`")]
fn an_open_block_is_an_error() {
    parse_named("a<<X\nvalue\n", "GITHUB_OUTPUT");
}

#[test]
#[should_panic(expected = "invalid format")]
fn a_line_without_a_name_is_an_error() {
    parse_named("nonsense\n", "GITHUB_OUTPUT");
}

#[test]
fn a_value_may_hold_the_marker_of_a_block() {
    assert_eq!(parse_named("a=b<<c\n", "GITHUB_OUTPUT")["a"], "b<<c");
}
