//! Each way to fail has its code, in the annotation and in the log.

use testkit::runner::FakeRunner;

use crate::support::{BINARY, out, run, runner};

/// Runs and expects this exit code and this error.
#[track_caller]
fn check(runner: &FakeRunner, exit: i32, code: &str) {
    let output = run(runner);
    output.assert_code(exit);
    assert!(output.stdout.contains(&format!("::error title={code}")), "{}", output.stdout);
    assert!(output.stderr.contains(&format!("{code}: ")), "{}", output.stderr);
    assert!(!out(runner).join("index.json").exists(), "nothing is written");
}

#[test]
fn dockerfiles_that_cannot_be_read_or_carried_out() {
    let nowhere = FakeRunner::new().input("image", "a").input("tags", "1");
    check(&nowhere, 2, "build-and-tag/dockerfile-unreadable");
    let elsewhere = nowhere.file("backend/Dockerfile", "FROM scratch\n").run(BINARY, [] as [&str; 0]);
    assert!(elsewhere.stderr.contains("`backend` has one"), "{}", elsewhere.stderr);
    check(&runner("FROM scratch\nNONSENSE x\n"), 2, "build-and-tag/dockerfile");
    let run_needs_more = runner("FROM scratch\nRUN make\n").env("PATH", "/nonexistent");
    check(&run_needs_more, 2, "build-and-tag/no-builder");
    check(&runner("FROM scratch\nCOPY dist /\n"), 2, "build-and-tag/source-missing");
    check(&runner("FROM scratch\nCOPY ../../etc/passwd /\n"), 2, "build-and-tag/source-outside");
}

#[test]
fn contexts_that_cannot_be_used() {
    check(&runner("FROM scratch\n").file(".dockerignore", "a\n!\n"), 2, "build-and-tag/dockerignore");
    let elsewhere = runner("FROM scratch\nCOPY a /\n").input("context", "nowhere").input("file", "Dockerfile");
    check(&elsewhere, 2, "build-and-tag/context");
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf_8() {
    use std::os::unix::ffi::OsStrExt as _;
    let runner = runner("FROM scratch\nCOPY . /\n");
    std::fs::write(runner.workspace().join(std::ffi::OsStr::from_bytes(b"a\xff")), "x").unwrap();
    check(&runner, 2, "build-and-tag/not-utf8");
}

#[test]
fn archives_base_images_and_dates_that_are_none() {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(2000);
    archive.append_data(&mut header, "a", [b'x'; 2000].as_slice()).unwrap();
    let cut_off = runner("FROM scratch\nADD a.tar /\n").file("a.tar", &archive.get_ref()[..1024]);
    check(&cut_off, 1, "build-and-tag/unpack");
    let base = runner("FROM runtime\n").file("base/index.json", "{}").input("build-contexts", "runtime=oci:base");
    check(&base, 2, "build-and-tag/base-image");
    check(&runner("FROM scratch\n").input("source-date-epoch", "999999999999"), 2, "build-and-tag/date");
}

#[cfg(unix)]
#[test]
fn builders_that_fail_or_do_not_start() {
    let docker =
        |build: &str| crate::builders::with_fake_docker(runner("FROM scratch\n"), build).input("builder", "docker");
    check(&docker("echo no such luck >&2; exit 3"), 1, "build-and-tag/command-failed");
    let gone = docker("true");
    let program = gone.workspace().join("bin/docker");
    // It answers once, and is gone when it is to build.
    std::fs::write(&program, "#!/bin/sh\n/bin/rm -f \"$0\"\necho 1\n").unwrap();
    let only = gone.workspace().join("bin").display().to_string();
    let gone = gone.env("PATH", only);
    check(&gone, 1, "build-and-tag/command-not-started");
}

#[cfg(unix)]
#[test]
fn build_arguments_that_would_change_the_builder() {
    let docker = |lines: &str| {
        crate::builders::with_fake_docker(runner("FROM scratch\n"), "env > told")
            .input("builder", "docker")
            .input("build-args", lines)
    };
    for line in [
        "PATH=/opt/app/bin",
        "HOME=/app",
        "DOCKER_HOST=tcp://elsewhere:2375",
        "LD_PRELOAD=/x.so",
        "https_proxy=http://p",
    ] {
        let step = docker(line);
        check(&step, 2, "build-and-tag/build-arg-reserved");
        assert!(!step.workspace().join("told").exists(), "{line}");
    }
    let secret = runner("FROM scratch\n")
        .env("TOKEN", "of-mine")
        .input("secret-envs", "id=TOKEN")
        .input("build-args", "TOKEN=x");
    check(&secret.env("PATH", "/nonexistent").input("builder", "buildah"), 2, "build-and-tag/build-arg-reserved");
    // The builder has it already, or nothing is started that could look at it.
    let proxied = docker("HTTP_PROXY=http://p\nWHO=me").env("HTTP_PROXY", "http://p");
    run(&proxied).assert_code(0);
    let told = std::fs::read_to_string(proxied.workspace().join("told")).unwrap();
    assert!(told.contains("WHO=me") && told.contains("BUILDX_NO_DEFAULT_ATTESTATIONS=1"), "{told}");
    let embedded = runner("FROM scratch\nARG PATH\nENV P=$PATH\n").input("build-args", "PATH=/opt/app/bin");
    run(&embedded).assert_code(0);
}

#[cfg(unix)]
#[test]
fn a_builder_that_does_not_do_what_it_was_told() {
    let docker =
        |build: &str| crate::builders::with_fake_docker(runner("FROM scratch\n"), build).input("builder", "docker");
    for (build, why) in [
        ("rm $HOME/labels; echo '\"a\":\"b\",' > $HOME/labels", "is missing"),
        ("sed -i s/1.0.0/0.9.0/ $HOME/labels", "is `0.9.0`"),
        ("for file in ../temp/.slipway*/image-id; do echo nonsense > $file; done", "no id of an image"),
    ] {
        let output = run(&docker(build));
        output.assert_code(1);
        assert!(output.stderr.contains("build-and-tag/builder-result"), "{}", output.stderr);
        assert!(output.stderr.contains(why), "{why}: {}", output.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_build_that_is_cancelled() {
    let runner = crate::builders::with_fake_docker(runner("FROM scratch\n"), "echo building; exec tail -f /dev/null")
        .input("builder", "docker");
    let mut running = runner.spawn(BINARY, [] as [&str; 0]);
    running.wait_for_output("building");
    running.interrupt();
    let output = running.finish();
    output.assert_code(130);
    assert!(output.stderr.contains("build-and-tag/cancelled"), "{}", output.stderr);
}

#[test]
fn a_disk_that_cannot_be_written() {
    let runner = runner("FROM scratch\n").file("taken", "x").input("output-folder", "taken/out");
    check(&runner, 1, "build-and-tag/unwritable");
}
