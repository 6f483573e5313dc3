//! Docker and buildah, really run where they answer.

use std::process::Command;

use crate::support::{out, read, run, runner};

fn answers(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

const DOCKERFILE: &str = "FROM scratch\nARG WHO\nLABEL who=$WHO\nCOPY a /a\n";

#[test]
fn buildah_builds_a_layout_with_all_tags() {
    if !answers("buildah", &["--storage-driver", "vfs", "images"]) {
        eprintln!("SKIPPED buildah builds: buildah is not installed or cannot work here");
        return;
    }
    let runner = runner(DOCKERFILE)
        .file("a", "1")
        .input("builder", "buildah")
        .input("tags", "1.0.0\nlatest")
        .input("build-args", "WHO=me");
    let output = run(&runner);
    output.assert_code(0);
    assert_eq!(output.outputs["builder"], "buildah");
    assert!(!output.stderr.contains("WHO=me"), "the value is in no command line");
    let Some(seen) = read(&out(&runner)) else { return };
    assert_eq!(seen.tags, ["1.0.0", "latest"]);
    assert_eq!(seen.config["config"]["Labels"]["who"], "me");
    assert_eq!(seen.config["config"]["Labels"]["org.opencontainers.image.version"], "1.0.0");
}

#[test]
fn docker_builds_when_its_daemon_answers() {
    if !answers("docker", &["version", "--format", "{{.Server.Version}}"]) {
        eprintln!("SKIPPED docker builds: no Docker daemon answers");
        let output = run(&runner(DOCKERFILE).file("a", "1").input("builder", "docker"));
        output.assert_code(2);
        assert!(output.stderr.contains("build-and-tag/builder-unusable"), "{}", output.stderr);
        return;
    }
    let runner = runner(DOCKERFILE).file("a", "1").input("builder", "docker").input("build-args", "WHO=me");
    let output = run(&runner);
    output.assert_code(0);
    assert_eq!(output.outputs["source"], "docker-daemon:shop/backend:1.0.0");
    assert!(output.outputs["image-id"].starts_with("sha256:"));
    assert!(!output.stderr.contains("WHO=me"), "the value is in no command line");
}

#[test]
fn embedded_needs_no_program_at_all() {
    let runner = runner(DOCKERFILE).file("a", "1").env("PATH", "/nonexistent");
    assert_eq!(run(&runner).outputs["builder"], "embedded");
    assert!(out(&runner).join("index.json").is_file());
}
