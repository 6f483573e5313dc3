//! Binary plans, which terraform has to read.

use std::path::Path;
use std::process::Command;

use testkit::FakeRunner;

use super::run;

fn terraform(folder: &Path, arguments: &[&str]) -> Option<bool> {
    let mut command = Command::new("terraform");
    command.args(arguments).current_dir(folder).env("CHECKPOINT_DISABLE", "1");
    Some(command.output().ok()?.status.success())
}

fn search_path() -> String {
    std::env::var("PATH").unwrap_or_default()
}

#[test]
fn a_binary_plan_is_read_by_terraform() {
    let runner = FakeRunner::new()
        .env("PATH", search_path())
        .file("root/main.tf", "resource \"terraform_data\" \"a\" { input = 1 }\n");
    let root = runner.workspace().join("root");
    let steps: [&[&str]; 2] = [&["init", "-no-color"], &["plan", "-no-color", "-out=tfplan"]];
    for step in steps {
        match terraform(&root, step) {
            None => {
                eprintln!("SKIPPED a_binary_plan_is_read_by_terraform: there is no terraform in PATH");
                return;
            }
            Some(succeeded) => assert!(succeeded, "terraform {step:?}"),
        }
    }
    let out = run(&runner, &["--plan", "tfplan", "--working-directory", "root", "--target", "none"]);
    out.assert_code(0);
    assert!(out.summary.contains("`terraform_data.a`") && out.outputs["add"] == "1", "{}", out.summary);
}

#[test]
fn without_terraform_the_help_says_what_to_do() {
    let runner = FakeRunner::new().env("PATH", "/nonexistent").file("tfplan", b"PK\x03\x04rest");
    let out = run(&runner, &["--plan", "tfplan", "--target", "none"]);
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/terraform-missing"), "{}", out.stderr);
    assert!(out.stderr.contains("`terraform` or `tofu` is not there to read it"), "{}", out.stderr);
    assert!(out.stderr.contains("terraform show -json tfplan"), "{}", out.stderr);
    let stdin = FakeRunner::plain_shell().stdin(&b"PK\x03\x04rest"[..]);
    let out = run(&stdin, &["--plan", "-"]);
    assert!(out.stderr.contains("terraform-plan-comment/binary-on-stdin"), "{}", out.stderr);
}

#[cfg(unix)]
mod with_a_script {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn runner(script: &str) -> FakeRunner {
        let runner = FakeRunner::new().env("PATH", search_path()).file("tf", script).file("tfplan", b"PK\x03\x04rest");
        let tf = runner.workspace().join("tf");
        std::fs::set_permissions(tf, std::fs::Permissions::from_mode(0o755)).unwrap();
        runner
    }

    #[test]
    fn a_failing_terraform_shows_its_message_without_secrets() {
        let runner = runner(
            "#!/bin/sh\necho \"│ Error: plan of another version, $GITHUB_TOKEN $INPUT_GITHUB_TOKEN\" >&2\nexit 1\n",
        )
        .env("GITHUB_TOKEN", "ghs_very_secret")
        .input("github-token", "ghs_input_secret");
        let out = run(&runner, &["--plan", "tfplan", "--terraform", "./tf", "--target", "none"]);
        out.assert_code(1);
        assert!(out.stderr.contains("terraform-plan-comment/terraform-failed"), "{}", out.stderr);
        assert!(out.stderr.contains("Error: plan of another version, ***"), "{}", out.stderr);
        assert!(!out.stderr.contains("ghs_"), "{}", out.stderr);
    }

    #[test]
    fn a_terraform_that_cannot_be_executed_is_told() {
        let runner = runner("\u{7f}ELF is cut off here");
        let out = run(&runner, &["--plan", "tfplan", "--terraform", "./tf", "--target", "none"]);
        out.assert_code(1);
        assert!(out.stderr.contains("terraform-plan-comment/terraform-not-started"), "{}", out.stderr);
    }

    #[test]
    fn a_terraform_that_never_stops_printing_is_ended() {
        let runner = runner("#!/bin/sh\nexec cat /dev/zero\n");
        let out = run(&runner, &["--plan", "tfplan", "--terraform", "./tf", "--target", "none"]);
        out.assert_code(2);
        assert!(out.stderr.contains("terraform shows more than 262144 KiB of it"), "{}", out.stderr);
    }

    #[test]
    fn a_hanging_terraform_is_ended() {
        let runner = runner("#!/bin/sh\nexec sleep 60\n");
        let arguments = ["--plan", "tfplan", "--terraform", "./tf", "--terraform-timeout", "1s", "--target", "none"];
        let out = run(&runner, &arguments);
        out.assert_code(4);
        assert!(out.stderr.contains("terraform-plan-comment/terraform-timed-out"), "{}", out.stderr);
    }

    #[test]
    fn a_provider_does_not_outlive_its_terraform() {
        let runner = runner("#!/bin/sh\n(sleep 60; echo alive) > provider &\nwait\n");
        let provider = runner.workspace().join("provider");
        assert!(std::process::Command::new("mkfifo").arg(&provider).status().unwrap().success());
        // A pipe ends when the last process that holds it does.
        let words = std::thread::spawn(move || std::fs::read_to_string(provider).unwrap());
        let arguments = ["--plan", "tfplan", "--terraform", "./tf", "--terraform-timeout", "1s", "--target", "none"];
        run(&runner, &arguments).assert_code(4);
        assert_eq!(words.join().unwrap(), "");
    }
}
