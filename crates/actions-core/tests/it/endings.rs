//! Panics and pipes that nobody reads.

use std::process::{Command, Stdio};

use testkit::FakeRunner;

use crate::SAMPLE;

#[test]
fn a_panic_is_reported_without_the_secrets_it_names() {
    let runner = FakeRunner::new().input("github-token", "ghs_verysecret").input("work", "panic").input("words", "x");
    let output = runner.run(SAMPLE, [] as [&str; 0]);
    output.assert_code(70);
    let title = "::error title=slipway/internal-error::internal error at crates/actions-core/src/bin/core-sample.rs:";
    assert!(output.stdout.contains(title), "{}", output.stdout);
    assert!(output.summary.contains("slipway/internal-error"), "{}", output.summary);
    assert!(output.stdout.contains("::add-mask::ghs_verysecret"), "{}", output.stdout);
    let mut log = output.stdout.lines().chain(output.stderr.lines());
    assert!(!log.any(|line| line.starts_with("::error::")), "{output:?}");
    let unmasked = output.stdout.replace("::add-mask::ghs_verysecret", "");
    for text in [unmasked.as_str(), &output.stderr, &output.summary] {
        assert!(text.contains("***") && !text.contains("ghs_verysecret"), "{text}");
    }
}

#[test]
fn pipes_that_are_closed_are_no_failure() {
    for args in [&[] as &[&str], &["--dry-run"], &["--output", "json"], &["--help"], &["--describe"]] {
        let mut child = Command::new(SAMPLE)
            .args(args)
            .env_clear()
            .env("RUNNER_DEBUG", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Both ends are closed before or while the program writes; either way it meets a broken pipe at the latest at its end.
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}");
    }
}

#[test]
fn a_secret_is_masked_before_bad_input_is_reported() {
    let runner = FakeRunner::new().input("github-token", "ghs_verysecret");
    let output = runner.run(SAMPLE, ["--work=ghs_verysecret", "--unknown"]);
    output.assert_code(2);
    assert!(output.stdout.starts_with("::add-mask::ghs_verysecret\n"), "{}", output.stdout);
    assert!(output.stdout.contains("::error title=core-sample/invalid-input::"), "{}", output.stdout);
    assert!(!output.stderr.contains("ghs_verysecret") && !output.summary.contains("ghs_verysecret"), "{output:?}");
}

#[test]
fn says_which_binary_it_is_whatever_its_inputs_are() {
    let runner = FakeRunner::new().input("work", "nonsense").input("binary-version", "true");
    let output = runner.run(SAMPLE, ["--binary-version"]);
    let wanted = format!("core-sample {}", env!("CARGO_PKG_VERSION"));
    assert!(output.assert_code(0).stdout.starts_with(&wanted), "{}", output.stdout);
    assert_eq!(output.stdout.lines().count(), 1, "{}", output.stdout);
    assert!(output.summary.is_empty() && output.outputs.is_empty());
    // It is no input.
    assert!(!runner.run(SAMPLE, [""; 0]).stdout.contains(&wanted));
}

#[test]
fn a_process_without_file_handles_says_that_it_cannot_start() {
    // The loader needs one besides the three that each process has, the runtime needs more.
    let output = FakeRunner::new().run("bash", ["-c", "ulimit -n 4; exec \"$0\"", SAMPLE]);
    output.assert_code(70);
    assert!(output.stderr.contains("slipway/no-runtime: "), "{}", output.stderr);
}
