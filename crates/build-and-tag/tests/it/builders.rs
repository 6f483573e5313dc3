//! Docker and buildah, really run where they answer.

use std::path::Path;
use std::process::Command;

use oci_image::{ArchiveOptions, Compression, open_docker_archive};

use testkit::runner::FakeRunner;

use crate::support::{MADE, MADE_ID, out, read, run, runner};

fn answers(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

/// The runner, talking to the Docker daemon this process talks to.
pub(crate) fn with_docker(runner: FakeRunner) -> FakeRunner {
    match std::env::var("DOCKER_HOST") {
        Ok(host) => runner.env("DOCKER_HOST", host),
        Err(_) => runner,
    }
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
    let runner =
        with_docker(runner(DOCKERFILE)).file("a", "1").input("builder", "docker").input("build-args", "WHO=me");
    let output = run(&runner);
    output.assert_code(0);
    assert!(output.outputs["image-id"].starts_with("sha256:"));
    assert_eq!(output.outputs["source"], format!("docker-daemon:{}", output.outputs["image-id"]));
    assert!(!output.stderr.contains("WHO=me"), "the value is in no command line");
}

/// A program `name` on the PATH that is this shell script.
#[cfg(unix)]
pub(crate) fn with_fake(name: &str, runner: FakeRunner, script: &str) -> FakeRunner {
    use std::os::unix::fs::PermissionsExt as _;
    let runner = runner.file(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    let program = runner.workspace().join("bin").join(name);
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", runner.workspace().join("bin").display());
    runner.env("PATH", path)
}

/// A `docker` on the PATH whose `build` is the shell script `build`.
#[cfg(unix)]
pub(crate) fn with_fake_docker(runner: FakeRunner, build: &str) -> FakeRunner {
    let script =
        format!("{MADE}case \"$1\" in\nversion) echo 1 ;;\nbuild) made \"$@\"; {build} ;;\nimage) labels ;;\nesac");
    with_fake("docker", runner, &script)
}

#[cfg(unix)]
#[test]
fn output_that_is_not_utf8_does_not_end_a_build() {
    let build =
        "printf 'a\\377b\\n'; i=0; while [ $i -lt 2000 ]; do echo \"line $i\" || exit 1; i=$((i+1)); done; echo last";
    let runner = with_fake_docker(runner(DOCKERFILE), build).input("builder", "docker");
    let output = run(&runner);
    output.assert_code(0);
    assert!(output.stderr.contains("a\u{FFFD}b") && output.stderr.contains("last"), "{}", output.stderr);
    assert_eq!(output.outputs["image-id"], MADE_ID);
    assert_eq!(output.outputs["source"], format!("docker-daemon:{MADE_ID}"));
}

#[test]
fn embedded_needs_no_program_at_all() {
    let runner = runner(DOCKERFILE).file("a", "1").env("PATH", "/nonexistent");
    assert_eq!(run(&runner).outputs["builder"], "embedded");
    assert!(out(&runner).join("index.json").is_file());
}

/// Opens a docker archive, checks every byte, and gives the uncompressed layers' digests.
fn opened(path: &Path, compression: Compression) -> Vec<String> {
    let work = path.with_extension("work");
    let options = ArchiveOptions { work: &work, compression, reference: None, platform: None };
    std::fs::create_dir_all(&work).unwrap();
    let archive = open_docker_archive(path, &options).unwrap();
    archive.content().images()[0].blobs().for_each(|blob| blob.verify().unwrap());
    archive.content().images()[0].config().unwrap().rootfs.diff_ids.iter().map(ToString::to_string).collect()
}

#[test]
fn what_docker_saves_can_be_read() {
    if !answers("docker", &["version", "--format", "{{.Server.Version}}"]) {
        eprintln!("SKIPPED reading what docker saves: no Docker daemon answers");
        return;
    }
    let runner = with_docker(runner("FROM scratch\nCOPY a /a\nCOPY b /b\n"))
        .file("a", "1")
        .file("b", "2")
        .input("image", "slipway-test/saved")
        .input("builder", "docker");
    run(&runner).assert_code(0);
    let path = runner.workspace().join("saved.tar");
    let saved = Command::new("docker").arg("save").arg("--output").arg(&path).arg("slipway-test/saved:1.0.0").output();
    assert!(saved.unwrap().status.success());
    assert_eq!(opened(&path, Compression::Keep).len(), 2);
    assert_eq!(opened(&path, Compression::Gzip), opened(&path, Compression::Keep));
}

#[test]
fn skopeo_makes_archives_of_the_image_that_can_be_read_back() {
    let runner = runner("FROM scratch\nCOPY a /a\nCOPY b /b\n").file("a", "1").file("b", "2");
    run(&runner).assert_code(0);
    let source = format!("oci:{}:1.0.0", out(&runner).display());
    let layout = oci_image::Layout::open(out(&runner)).unwrap().image(None, None).unwrap();
    let expected: Vec<String> = layout.config().unwrap().rootfs.diff_ids.iter().map(ToString::to_string).collect();
    for kind in ["docker-archive", "oci-archive"] {
        let path = runner.workspace().join(format!("{kind}.tar"));
        let target = format!("{kind}:{}:shop/backend:1.0.0", path.display());
        let Ok(copied) = Command::new("skopeo").args(["--insecure-policy", "copy", &source, &target]).output() else {
            eprintln!("SKIPPED reading skopeo's archives: skopeo is not installed");
            return;
        };
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        assert_eq!(opened(&path, Compression::Keep), expected, "{kind}");
        assert_eq!(opened(&path, Compression::Gzip), expected, "{kind}");
    }
}

#[test]
fn zstd_layers_are_read_by_skopeo_and_built_upon() {
    let base = runner("FROM scratch\nCOPY data /data\n").file("data", "x".repeat(3 << 20)).input("compression", "zstd");
    let output = run(&base);
    output.assert_code(0);
    let image = oci_image::Layout::open(out(&base)).unwrap().image(None, None).unwrap();
    assert!(image.manifest().layers.iter().all(|layer| layer.media_type.ends_with("+zstd")));
    let expected: Vec<String> = image.config().unwrap().rootfs.diff_ids.iter().map(ToString::to_string).collect();
    let layout = format!("runtime=oci:{}", out(&base).display());
    let on_it = runner("FROM runtime\nCOPY --from=runtime /data /copy\nADD data.tar.zst /\n")
        .file("data.tar.zst", std::fs::read(image.layers()[0].path()).unwrap())
        .input("build-contexts", &layout);
    run(&on_it).assert_code(0);
    let source = format!("oci:{}:1.0.0", out(&base).display());
    let plain = base.workspace().join("plain");
    let target = format!("dir:{}", plain.display());
    let copy = ["--insecure-policy", "copy", "--dest-decompress", &source, &target];
    let Ok(copied) = Command::new("skopeo").args(copy).output() else {
        eprintln!("SKIPPED reading zstd layers: skopeo is not installed");
        return;
    };
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    for diff_id in expected {
        assert!(plain.join(diff_id.trim_start_matches("sha256:")).is_file(), "{diff_id}");
    }
}
