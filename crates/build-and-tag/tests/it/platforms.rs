//! `FROM --platform=`, and other words that change what a Dockerfile means.

use testkit::runner::FakeRunner;

use crate::support::{built, out, run, runner};

/// An image for two platforms, each with a file that says for which; and where its layout is.
fn both() -> (FakeRunner, String) {
    let base = runner("FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /arch\n")
        .file("amd64", "amd64")
        .file("arm64", "arm64")
        .input("platforms", "linux/amd64,linux/arm64");
    run(&base).assert_code(0);
    let folder = out(&base).display().to_string();
    (base, folder)
}

/// What is built of `dockerfile` on the image for two platforms.
fn on_both(dockerfile: &str, folder: &str) -> FakeRunner {
    runner(dockerfile).input("build-contexts", &format!("base=oci:{folder}"))
}

#[test]
fn a_stage_of_another_platform_has_the_files_of_that_platform() {
    let (_base, folder) = both();
    for (from, expect) in [
        ("FROM --platform=linux/arm64 base AS tools", "arm64"),
        ("FROM --platform=linux/aarch64 base AS tools", "arm64"),
        ("ARG P=arm64\nFROM --platform=linux/${P} base AS tools", "arm64"),
        ("FROM --platform=$BUILDPLATFORM base AS tools", "amd64"),
        ("FROM --platform=linux/amd64 base AS tools", "amd64"),
        ("FROM base AS tools", "amd64"),
    ] {
        let step = on_both(
            &format!("{from}\nFROM scratch\nCOPY --from=tools /arch /arch\nCOPY --from=base /arch /own\n"),
            &folder,
        );
        let (output, seen) = built(&step);
        assert_eq!(output.outputs["builder"], "embedded");
        let Some(seen) = seen else { return };
        let files = [format!("f /arch 644 0:0 1700000000 {expect}"), "f /own 644 0:0 1700000000 amd64".to_owned()];
        assert_eq!(seen.entries(), files, "{from}");
        assert_eq!(seen.config["architecture"], "amd64");
    }
}

#[test]
fn an_image_of_another_platform_than_is_built_is_refused_with_its_line() {
    let (_base, folder) = both();
    for (dockerfile, line) in [
        ("FROM --platform=linux/arm64 base\n", 1),
        ("# a\nFROM --platform=linux/arm64 base AS one\nFROM one\n", 2),
        ("FROM base AS one\nFROM --platform=linux/arm64 one AS two\nFROM scratch\nCOPY --from=two /arch /\n", 2),
        ("FROM --platform=windows base\n", 1),
    ] {
        let output = run(&on_both(dockerfile, &folder).input("builder", "embedded"));
        output.assert_code(2);
        assert!(output.stdout.contains(&format!("line={line}::")), "{dockerfile}: {}", output.stdout);
        assert!(output.stderr.contains("--platform"), "{}", output.stderr);
    }
    let output = run(&on_both("FROM --platform=$NONE base\n", &folder));
    output.assert_code(2);
    assert!(output.stderr.contains("names no platform"), "{}", output.stderr);
}

#[test]
fn a_platform_that_a_base_image_lacks_is_named_beside_those_it_has() {
    let (_base, folder) = both();
    let dockerfile = "FROM --platform=linux/s390x base AS tools\nFROM scratch\nCOPY --from=tools /arch /\n";
    let output = run(&on_both(dockerfile, &folder));
    output.assert_code(2);
    assert!(output.stderr.contains("oci-image/no-such-platform"), "{}", output.stderr);
    assert!(output.stderr.contains("linux/s390x"), "{}", output.stderr);
}

#[test]
fn a_file_for_another_frontend_is_none_that_the_embedded_builder_builds() {
    for (step, line) in [
        (runner("# syntax=example.com/other/frontend:1\nFROM scratch\n"), 1),
        (runner("# escape=`\n# syntax=me/it\nFROM scratch\n"), 2),
        (runner("FROM scratch\n").input("build-args", "BUILDKIT_SYNTAX=me/it"), 1),
    ] {
        let output = run(&step.env("PATH", "/nonexistent"));
        output.assert_code(2);
        assert!(output.stderr.contains("names a frontend"), "{}", output.stderr);
        assert!(output.stdout.contains(&format!("line={line}::")), "{}", output.stdout);
    }
    let buildah =
        crate::builders::with_fake("buildah", runner("# syntax=me/it\nFROM scratch\n"), "echo buildah version 1.28");
    let output = run(&buildah.input("builder", "buildah"));
    output.assert_code(2);
    assert!(output.stderr.contains("buildah has one of its own"), "{}", output.stderr);
    let own = runner("# syntax=docker/dockerfile:1.7\nFROM scratch\nCOPY Dockerfile /\n").env("PATH", "/nonexistent");
    assert_eq!(run(&own).outputs["builder"], "embedded");
}
