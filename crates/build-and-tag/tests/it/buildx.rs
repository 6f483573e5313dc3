//! Builds by buildx: a plugin of our own that records what it is told, and the real one where it answers.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use testkit::runner::{FakeRunner, RunOutput};

use crate::support::{MADE, out, read, run, runner};

/// A Dockerfile that the embedded builder cannot build.
pub(crate) const WITH_RUN: &str = "FROM scratch\nCOPY a /a\nRUN [\"/a\"]\n";

/// A `docker` whose `buildx build` writes the layout `prepared`, and in `told` what it was told.
const DOCKER: &str = r#"
case "$1 $2" in
"buildx version") [ -n "$VERSION" ] && echo "github.com/docker/buildx $VERSION abc" ;;
"buildx inspect") printf 'Name: default\nDriver: %s\n' "$DRIVER" ;;
"info --format") echo "$STATUS" ;;
"version --format") echo 28.0.0 ;;
"image inspect") labels ;;
"buildx build")
    printf '%s\n' "$@" > told
    env > environment
    while [ $# -gt 0 ]; do
        case "$1" in
        --output) dest=$(printf '%s' "$2" | sed 's/.*"dest=\([^"]*\)".*/\1/') ;;
        --metadata-file) metadata=$2 ;;
        esac
        shift
    done
    cp -r prepared "$dest"
    digest=${DIGEST:-$(sed 's/.*"digest":"\([^"]*\)".*/\1/' prepared/index.json)}
    printf '{"containerimage.digest":"%s","buildx.build.ref":"default/default/x"}' "$digest" > "$metadata" ;;
build*) made "$@"; printf '%s\n' "$@" > told ;;
*) exit 1 ;;
esac
"#;

/// A runner with that `docker`, whose instance has the driver `driver`, and with an image that it "builds".
pub(crate) fn with_buildx(dockerfile: &str, driver: &str) -> FakeRunner {
    let runner = runner(dockerfile)
        .file("a", "1")
        .file("bin/docker", format!("#!/bin/sh\n{MADE}{DOCKER}"))
        .file("small/Dockerfile", "FROM scratch\nCOPY b /b\n");
    let bin = runner.workspace().join("bin");
    std::fs::set_permissions(bin.join("docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let runner = runner.file("small/b", "2").env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    prepare(&runner, "small", &[]);
    runner.env("VERSION", "v0.17.1").env("DRIVER", driver)
}

/// Makes the image that `buildx build` gives.
fn prepare(runner: &FakeRunner, context: &str, flags: &[&str]) {
    let fixed = ["--builder=embedded", "--tags=x", "--output-folder=prepared"];
    let context = format!("--context={context}");
    let flags: Vec<&str> = fixed.into_iter().chain([context.as_str()]).chain(flags.iter().copied()).collect();
    runner.run(crate::support::BINARY, flags).assert_code(0);
}

pub(crate) fn told(runner: &FakeRunner) -> String {
    std::fs::read_to_string(runner.workspace().join("told")).unwrap_or_default().replace('\n', " ")
}

#[track_caller]
fn refused(runner: &FakeRunner, exit: i32, code: &str) -> RunOutput {
    let output = run(runner);
    output.assert_code(exit);
    assert!(output.stderr.contains(&format!("{code}: ")), "{}", output.stderr);
    assert!(!out(runner).exists(), "nothing is written");
    output
}

#[test]
fn buildx_builds_a_layout_with_all_tags_and_gets_secrets_by_its_environment() {
    let runner = with_buildx(WITH_RUN, "docker-container")
        .input("tags", "1.0.0\nlatest")
        .input("secrets", "token=a-secret-value\n\"key=line one\nline \"\"two\"\"\"")
        .input("build-args", "WHO=me-and-only-me");
    let output = run(&runner);
    output.assert_code(0);
    assert_eq!(output.outputs["builder"], "buildx");
    let Some(seen) = read(&out(&runner)) else { return };
    assert_eq!(seen.tags, ["1.0.0", "latest"]);
    assert!(seen.entries()[0].starts_with("f /b"), "{:?}", seen.entries());
    let told = told(&runner);
    assert!(told.contains("--secret id=token,env=SLIPWAY_SECRET_0 --secret id=key,env=SLIPWAY_SECRET_1"), "{told}");
    assert!(told.contains("--build-arg WHO") && !told.contains("me-and-only-me") && !told.contains("secret-value"));
    let environment = std::fs::read_to_string(runner.workspace().join("environment")).unwrap();
    assert!(environment.contains("SLIPWAY_SECRET_0=a-secret-value") && environment.contains("line \"two\""));
    assert!(environment.contains("WHO=me-and-only-me") && environment.contains("SOURCE_DATE_EPOCH=1700000000"));
    for text in [&output.stderr, &output.summary] {
        assert!(!text.contains("a-secret-value") && !text.contains("line one"), "{text}");
    }
}

#[test]
fn auto_takes_buildx_where_it_can_write_a_layout_else_docker() {
    let builder = |runner: FakeRunner| run(&runner).outputs["builder"].clone();
    assert_eq!(builder(with_buildx(WITH_RUN, "docker-container")), "buildx");
    assert_eq!(builder(with_buildx(WITH_RUN, "docker")), "docker");
    let containerd =
        with_buildx(WITH_RUN, "docker").env("STATUS", r#"[["driver-type","io.containerd.snapshotter.v1"]]"#);
    assert_eq!(builder(containerd), "buildx");
    assert_eq!(builder(with_buildx(WITH_RUN, "docker-container").env("VERSION", "v0.9.1")), "docker");
    assert_eq!(builder(with_buildx("FROM scratch\nCOPY a /a\n", "docker-container")), "embedded");
    let attested = with_buildx("FROM scratch\nCOPY a /a\n", "docker-container").input("provenance", "true");
    assert_eq!(builder(attested), "buildx", "the embedded builder attests nothing");
}

#[test]
fn what_a_builder_cannot_do_is_refused_by_the_name_of_the_input() {
    let cases = [
        ("docker", "platforms", "linux/amd64,linux/arm64", "embedded, buildx"),
        ("docker", "compression", "zstd", "embedded, buildx"),
        ("docker", "secret-files", "a=Dockerfile", "buildx, buildah"),
        ("docker", "annotations", "a=b", "embedded, buildx, buildah"),
        ("docker", "build-contexts", "a=oci:prepared", "embedded, buildx"),
        ("docker", "ssh", "default", "buildx, buildah"),
        ("buildah", "cache", "gha", "buildx"),
        ("buildah", "cache-to", "type=local,dest=x", "buildx"),
        ("buildah", "annotations", "manifest-descriptor:a=b", "embedded, buildx"),
        ("buildah", "allow", "network.host", "buildx"),
        ("buildah", "buildx-builder", "mine", "buildx"),
        ("embedded", "provenance", "mode=max", "buildx"),
        ("embedded", "sbom", "true", "buildx"),
        ("embedded", "attests", "type=x", "buildx"),
    ];
    for (builder, input, value, others) in cases {
        let runner = with_buildx("FROM scratch\nCOPY a /a\n", "docker").input("builder", builder).input(input, value);
        let output = refused(&runner, 2, "build-and-tag/builder-cannot");
        let words = format!("the builder `{builder}` cannot do what `{input}` asks for");
        assert!(output.stderr.contains(&words) && output.stderr.contains(&format!("({others})")), "{}", output.stderr);
    }
    // With `auto` the one that answers is named.
    let runner = with_buildx(WITH_RUN, "docker").env("VERSION", "").input("cache", "gha");
    let output = refused(&runner, 2, "build-and-tag/builder-cannot");
    assert!(output.stderr.contains("`docker` cannot do what `cache`"), "{}", output.stderr);
}

#[test]
fn an_instance_or_a_result_that_cannot_be_used() {
    let runner = with_buildx(WITH_RUN, "docker").input("builder", "buildx");
    let output = refused(&runner, 2, "build-and-tag/buildx-driver");
    assert!(output.stderr.contains("docker buildx create --use"), "{}", output.stderr);
    // Only buildx can, and its instance cannot.
    refused(&with_buildx(WITH_RUN, "docker").input("provenance", "true"), 2, "build-and-tag/buildx-driver");
    let old = with_buildx(WITH_RUN, "docker-container").env("VERSION", "v0.11.2").input("annotations", "a=b");
    let output = refused(&old.input("builder", "buildx"), 2, "build-and-tag/builder-unusable");
    assert!(
        output.stderr.contains("it is version 0.11.2, and the input `annotations` needs 0.12.0"),
        "{}",
        output.stderr
    );
    let other = format!("sha256:{}", "0a".repeat(32));
    let liar = with_buildx(WITH_RUN, "docker-container").env("DIGEST", other);
    refused(&liar, 1, "build-and-tag/builder-result");
}

#[test]
fn a_secret_that_got_into_the_image_is_never_written() {
    let label = "by-a-s3cret-value";
    let dockerfile = format!("FROM scratch\nLABEL made={label}\nCOPY b /b\n");
    let runner = with_buildx(WITH_RUN, "docker-container").file("leaky/Dockerfile", dockerfile).file("leaky/b", "2");
    prepare(&runner, "leaky", &[]);
    let runner = runner.input("secrets", "token=a-s3cret-value");
    let output = refused(&runner, 1, "build-and-tag/secret-in-image");
    assert!(output.stderr.contains("the secret `token` is in the configuration"), "{}", output.stderr);
    assert!(!output.stderr.contains("a-s3cret-value") && !output.summary.contains("a-s3cret-value"));
    assert!(!output.stderr.contains("delete it"), "{}", output.stderr);
    let cached = refused(&runner.input("cache", "local:cache"), 1, "build-and-tag/secret-in-image");
    assert!(cached.stderr.contains("has written its cache"), "{}", cached.stderr);
    // The embedded builder is no better: what is in a file is sought too.
    let own = crate::support::runner("FROM scratch\nARG T\nENV T=$T\n")
        .file("token", "a-s3cret-value\n")
        .input("secret-files", "token=token")
        .input("build-args", "T=a-s3cret-value");
    refused(&own, 1, "build-and-tag/secret-in-image");
}

#[test]
fn secrets_that_are_none() {
    let missing = runner("FROM scratch\n").input("secret-files", "token=nowhere");
    refused(&missing, 2, "build-and-tag/secret-unreadable");
    let folder = runner("FROM scratch\n").input("secret-files", "token=.");
    refused(&folder, 2, "build-and-tag/secret-unreadable");
    let bad = runner("FROM scratch\n").input("secrets", "just-a-value-of-mine").input("secret-envs", "a=b-c");
    let output = refused(&bad, 2, "build-and-tag/invalid-input");
    assert!(output.stderr.contains("has no `id=value` in its entry 1"), "{}", output.stderr);
    assert!(!output.stderr.contains("just-a-value-of-mine"), "{}", output.stderr);
    let twice = runner("FROM scratch\n").input("secrets", "a=value-one\na=value-two");
    assert!(refused(&twice, 2, "build-and-tag/invalid-input").stderr.contains("the id `a` twice"));
    // A pull request of a fork has no secrets, and is built all the same.
    let fork = runner("FROM scratch\n").input("secrets", "a=").input("secret-envs", "b=NOT_SET");
    let output = run(&fork);
    output.assert_code(0);
    assert!(output.stdout.contains("the secret `a`, `b` is empty"), "{}", output.stdout);
}

#[test]
fn an_image_for_lambda_is_one_manifest() {
    let several = runner("FROM scratch\n").input("lambda", "true").input("platforms", "linux/amd64,linux/arm64");
    assert!(refused(&several, 2, "build-and-tag/invalid-input").stderr.contains("takes an image of one"));
    let zstd = runner("FROM scratch\n").input("lambda", "true").input("compression", "zstd");
    assert!(refused(&zstd, 2, "build-and-tag/invalid-input").stderr.contains("AWS Lambda does not take"));
    // Even a plugin that makes an index all the same.
    let runner = with_buildx(WITH_RUN, "docker-container");
    prepare(&runner, "small", &["--platforms=linux/amd64,linux/arm64"]);
    let runner = runner.input("lambda", "true").input("provenance", "true");
    let output = run(&runner);
    output.assert_code(0);
    assert!(output.stdout.contains("takes no image with attestations"), "{}", output.stdout);
    assert!(told(&runner).contains("--provenance=false --sbom=false"), "{}", told(&runner));
    let content = oci_image::Layout::open(out(&runner)).unwrap().content(None).unwrap();
    assert!(matches!(content, oci_image::Content::Image(_)));
}

/// Whether a real buildx answers whose instance can write a layout, with no network and no base image.
fn real_buildx() -> bool {
    let asked = |args: &[&str]| Command::new("docker").args(args).output().ok().filter(|told| told.status.success());
    let Some(instance) = asked(&["buildx", "inspect"]) else { return false };
    let driver = String::from_utf8_lossy(&instance.stdout).into_owned();
    let status = asked(&["info", "--format", "{{json .DriverStatus}}"]).map(|told| told.stdout).unwrap_or_default();
    let is_containerd = String::from_utf8_lossy(&status).contains("io.containerd.snapshotter");
    driver.lines().any(|line| line.starts_with("Driver:") && !line.ends_with(" docker")) || is_containerd
}

#[test]
fn the_real_buildx_builds_what_the_embedded_builder_builds() {
    if !real_buildx() {
        eprintln!("SKIPPED the real buildx: no instance answers that can write an OCI layout");
        return;
    }
    let real = |runner: FakeRunner| {
        ["DOCKER_HOST", "DOCKER_CONFIG", "HOME"].into_iter().fold(runner, |runner, name| match std::env::var(name) {
            Ok(value) => runner.env(name, value),
            Err(_) => runner,
        })
    };
    let dockerfile = "FROM scratch\nARG TARGETARCH\nLABEL arch=$TARGETARCH\nCOPY a /b/\nUSER 7\n";
    let step = |builder| {
        real(runner(dockerfile)).file("a", "1").input("builder", builder).input("platforms", "linux/amd64,linux/arm64")
    };
    let entries = |builder: &'static str, flags: &[(&str, &str)]| {
        let step = flags.iter().fold(step(builder), |step, (name, value)| step.input(name, value));
        let output = run(&step);
        output.assert_code(0);
        let content = oci_image::Layout::open(out(&step)).unwrap().content(Some("1.0.0")).unwrap();
        let mut seen = Vec::new();
        for image in content.images().iter().filter(|image| !image.platform().unwrap().is_unknown()) {
            let config = image.config().unwrap().config.unwrap();
            seen.push(format!("{} {} {:?}", image.platform().unwrap(), config.user, config.labels));
        }
        (seen, output.outputs["digest"].clone())
    };
    let (ours, _) = entries("embedded", &[]);
    let (theirs, digest) = entries("buildx", &[("secrets", "token=never-in-the-image")]);
    assert_eq!(theirs, ours);
    assert_eq!(entries("buildx", &[]).1, digest, "again the same");
    assert_eq!(entries("buildx", &[("provenance", "mode=max"), ("annotations", "index:a=b")]).0, ours);
}
