//! What a run says of itself: which builder was taken and why, warnings, how a builder failed.

use crate::builders::{with_fake, with_fake_docker};
use crate::support::{run, runner};

#[test]
fn the_summary_says_why_it_warns() {
    let runner = runner("FROM scratch\nCOPY a /\n").file("a", "x").input("build-args", "UNKNOWN=1");
    let output = run(&runner);
    output.assert_code(0);
    assert!(output.summary.starts_with("### ⚠️ build-and-tag: built"), "{}", output.summary);
    assert!(
        output.summary.contains("\n⚠️ No ARG of Dockerfile declares the build arguments: UNKNOWN.\n"),
        "{}",
        output.summary
    );
}

#[test]
fn the_builder_that_auto_takes_is_named_with_the_reason() {
    let said = |output: &testkit::runner::RunOutput, log: &str, row: &str| {
        output.assert_code(0);
        assert!(output.stderr.contains(log), "{}", output.stderr);
        assert!(output.summary.contains(row), "{}", output.summary);
    };
    let embedded = run(&runner("FROM scratch\nCOPY a /\n").file("a", "x"));
    let because = "builder: embedded, because the Dockerfile needs no RUN and names its images by digest";
    said(&embedded, because, "| Builder | embedded, because the Dockerfile needs no RUN");
    let docker = run(&with_fake_docker(runner("FROM node:20\nCOPY a /\n").file("a", "x"), ":"));
    let log = "builder: docker, because in Dockerfile, line 1, `FROM node:20` is not pinned by a digest";
    said(&docker, log, "| Builder | docker, because in Dockerfile, line 1, `FROM node:20` is not pinned by a digest");
    let named = run(&runner("FROM scratch\nCOPY a /\n").file("a", "x").input("builder", "embedded"));
    said(&named, "builder: embedded\n", "| Builder | embedded |");
}

#[test]
fn a_builder_that_fails_is_told_with_the_step_it_was_at() {
    let script = "echo 'Step 1/2 : FROM node:20'; echo 'lookup registry: no such host' >&2; exit 125";
    let runner = with_fake_docker(runner("FROM node:20\nRUN x\n").input("labels", "secret-looking=label"), script);
    let output = run(&runner);
    output.assert_code(1);
    let headline = "build-and-tag/command-failed: docker failed (exit status: 125) at Step 1/2 : FROM node:20\n";
    assert!(output.stderr.contains(headline), "{}", output.stderr);
    assert!(output.summary.contains("lookup registry: no such host"), "{}", output.summary);
    assert!(!output.summary.contains("--label"), "{}", output.summary);
}

#[test]
fn a_failed_step_of_buildkit_is_told() {
    let script = "printf ' > [2/2] RUN make all:\\n2: boom\\n' >&2; exit 1";
    let output = run(&with_fake_docker(runner("FROM scratch\nRUN make all\n").input("builder", "docker"), script));
    output.assert_code(1);
    assert!(output.stderr.contains("docker failed (exit status: 1) at [2/2] RUN make all\n"), "{}", output.stderr);
}

#[test]
fn an_image_of_an_earlier_run_in_the_context_is_a_warning() {
    let runner = runner("FROM scratch\nCOPY . /\n").file("a", "x");
    let first = run(&runner);
    assert!(!first.stdout.contains("::warning"), "{}", first.stdout);
    let second = run(&runner.input("output-folder", ".slipway/image"));
    second.assert_code(0);
    assert!(second.summary.contains("⚠️ The image holds another one: `out` in the context"), "{}", second.summary);
    assert_ne!(first.outputs["digest"], second.outputs["digest"]);
}

#[test]
fn a_folder_that_cannot_be_replaced_is_refused_before_a_builder_runs() {
    let script = "case $1 in --version) echo buildah version 1.28 ;; *) echo ran >&2; exit 9 ;; esac";
    let runner = with_fake("buildah", runner("FROM node:20\n").file("out/thesis.txt", "precious"), script);
    let output = run(&runner.input("builder", "buildah"));
    output.assert_code(2);
    assert!(output.stdout.contains("title=oci-image/occupied::"), "{}", output.stdout);
    assert!(!output.stderr.contains("\nran\n"), "{}", output.stderr);
}

#[test]
fn files_that_are_not_as_in_the_commit_that_the_image_names_are_a_warning() {
    let runner = runner("FROM scratch\nCOPY . /\n")
        .file("a", "x")
        .file("ignored", "x")
        .file("new", "x")
        .file(".dockerignore", "ignored\n.git\n");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(runner.workspace()).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
        command.args(arguments).status().is_ok_and(|status| status.success())
    };
    if !(git(&["init", "-q"]) && git(&["add", "a", "ignored", "Dockerfile"]) && git(&["commit", "-qm", "x"])) {
        eprintln!("SKIPPED files that are not as in the commit: git is not installed");
        return;
    }
    std::fs::write(runner.workspace().join("ignored"), "other").unwrap();
    let clean = run(&runner);
    assert!(!clean.stdout.contains("::warning"), "{}", clean.stdout);
    std::fs::write(runner.workspace().join("a"), "other").unwrap();
    let output = run(&runner);
    output.assert_code(0);
    assert!(output.summary.contains("⚠️ Tracked files of the context are not as in commit"), "{}", output.summary);
    assert!(output.summary.contains("`a`; the image names it"), "{}", output.summary);
    let labeled = run(&runner.input("labels", "org.opencontainers.image.revision=work-in-progress"));
    assert!(!labeled.stdout.contains("::warning"), "{}", labeled.stdout);
}
