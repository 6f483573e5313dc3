//! The registry is asked before anything is built.

use serde_json::{Value, json};
use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::registry::{FakeRegistry, digest};
use testkit::runner::{FakeRunner, SHA};

use crate::support::{out, run, runner};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Puts an image of `revision` under `tag`, as a registry would have it after a push.
pub(crate) fn push(registry: &FakeRegistry, tag: &str, revision: &str) -> String {
    push_into(registry, "shop/backend", tag, revision)
}

/// The same in another repository.
pub(crate) fn push_into(registry: &FakeRegistry, repository: &str, tag: &str, revision: &str) -> String {
    let labels = json!({"org.opencontainers.image.revision": revision});
    put(registry, repository, tag, &json!({"os": "linux", "architecture": "amd64", "config": {"Labels": labels}}))
}

/// Puts an image with this configuration under `tag`.
fn put(registry: &FakeRegistry, repository: &str, tag: &str, config: &Value) -> String {
    let mut config = config.clone();
    config["rootfs"] = json!({"type": "layers", "diff_ids": []});
    let config = config.to_string();
    let (name, size) = (digest(config.as_bytes()), config.len());
    registry.put_blob(repository, config);
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": name, "size": size}});
    registry.put_manifest(repository, tag, MANIFEST, manifest.to_string())
}

/// A step whose build would fail if it came to it.
fn step(registry: &FakeRegistry) -> FakeRunner {
    let uri = format!("{}/shop/backend", registry.host());
    runner("FROM scratch\nCOPY not-there /\n").input("repository-uri", &uri)
}

fn registry() -> FakeRegistry {
    FakeRegistry::builder().repository("shop/backend").start().unwrap()
}

#[test]
fn an_image_of_this_commit_is_not_built_again() {
    let registry = registry();
    let digest = push(&registry, "1.0.0", SHA);
    let step = step(&registry);
    let output = run(&step);
    output.assert_code(0);
    assert_eq!(output.outputs["skipped"], "true");
    assert_eq!(output.outputs["builder"], "none");
    assert_eq!(output.outputs["digest"], digest);
    assert_eq!(output.outputs["source"], format!("docker://{}/shop/backend@{digest}", registry.host()));
    assert!(output.summary.contains("already pushed from this commit"), "{}", output.summary);
    assert!(!out(&step).exists());
    assert!(registry.requests().iter().all(|request| request.method == "GET"), "it only looks");
}

#[test]
fn a_tag_of_another_commit_ends_the_run_before_the_build() {
    let registry = registry();
    push(&registry, "1.0.0", "beefbeefbeefbeefbeefbeefbeefbeefbeefbeef");
    let output = run(&step(&registry));
    output.assert_code(1);
    assert!(output.stdout.contains("::error title=build-and-tag/tag-taken::"), "{}", output.stdout);
    assert!(output.stderr.contains("it is of commit beef") && output.stderr.contains(SHA), "{}", output.stderr);
    let fails = run(&step(&registry).input("if-exists", "fail"));
    assert!(fails.stdout.contains("::error title=build-and-tag/tag-taken::"), "{}", fails.stdout);
}

/// An image of this commit as a build of version `version` labels it.
fn put_version(registry: &FakeRegistry, tag: &str, version: &str) -> String {
    let labels = json!({"org.opencontainers.image.revision": SHA, "org.opencontainers.image.version": version});
    put(registry, "shop/backend", tag, &json!({"os": "linux", "architecture": "amd64", "config": {"Labels": labels}}))
}

#[test]
fn a_missing_tag_goes_to_the_image_of_the_first_one_unless_it_says_another_version() {
    let registry = registry();
    let step = |dockerfile: &str, build_args: &str| {
        let uri = format!("{}/shop/backend", registry.host());
        let step = runner(&format!("FROM scratch\n{dockerfile}COPY not-there /\n")).input("repository-uri", &uri);
        step.input("tags", "sha-c0ffee1\n1.0.0\nlatest").input("build-args", build_args)
    };
    let digest = put_version(&registry, "sha-c0ffee1", "1.0.0");
    let completed = run(&step("", ""));
    completed.assert_code(0);
    assert_eq!((completed.outputs["skipped"].as_str(), &completed.outputs["digest"]), ("true", &digest));
    assert_eq!(completed.outputs["tags"], "sha-c0ffee1\n1.0.0\nlatest");
    let other = run(&step("", "").input("tags", "worker-1.0.0\nsha-c0ffee1"));
    other.assert_code(1);
    assert!(other.stdout.contains("::error title=build-and-tag/other-image::"), "{}", other.stdout);
    assert!(other.stderr.contains("`worker-1.0.0`, which is pushed first, is not there"), "{}", other.stderr);

    put_version(&registry, "sha-c0ffee1", "1.0.0-SNAPSHOT");
    let own = "ARG VERSION\nLABEL org.opencontainers.image.version=$VERSION\n";
    for step in
        [step("", ""), step(own, "VERSION=1.0.0"), step("LABEL org.opencontainers.image.version=\"1.0.0\"\n", "")]
    {
        let refused = run(&step);
        refused.assert_code(1);
        assert!(refused.stdout.contains("::error title=build-and-tag/other-image::"), "{}", refused.stdout);
        assert!(refused.stderr.contains("of version `1.0.0-SNAPSHOT`"), "{}", refused.stderr);
        assert!(refused.stderr.contains("ecr-promote"), "{}", refused.stderr);
    }
    for step in [
        step(own, "VERSION=1.0.0-SNAPSHOT"),
        step(own, ""),
        step("", "").input("labels", "org.opencontainers.image.version=1.0.0-SNAPSHOT"),
    ] {
        let completed = run(&step);
        completed.assert_code(0);
        assert_eq!(completed.outputs["skipped"], "true");
    }
}

#[test]
fn an_image_for_another_variant_of_the_processor_is_not_taken() {
    let registry = registry();
    let labels = json!({"org.opencontainers.image.revision": SHA});
    let config = json!({"os": "linux", "architecture": "arm", "variant": "v6", "config": {"Labels": labels}});
    put(&registry, "shop/backend", "1.0.0", &config);
    let of = |platform: &str| run(&step(&registry).input("platforms", platform));
    of("linux/arm/v6").assert_code(0);
    of("linux/arm").assert_code(0);
    let other = of("linux/arm/v7");
    other.assert_code(1);
    assert!(other.stderr.contains("not an image for each of the platforms"), "{}", other.stderr);
}

#[test]
fn the_images_of_an_index_may_lie_in_an_index_below() {
    let registry = registry();
    push(&registry, "arm", SHA);
    let arm = registry.manifest("shop/backend", "arm").unwrap();
    let entry = |kind: &str, bytes: &[u8]| json!({"mediaType": kind, "digest": digest(bytes), "size": bytes.len()});
    let mut image = entry(MANIFEST, &arm.body);
    image["platform"] = json!({"os": "linux", "architecture": "amd64"});
    let lower = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [image]}).to_string();
    registry.put_manifest("shop/backend", "lower", INDEX, lower.clone());
    let upper = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry(INDEX, lower.as_bytes())]});
    registry.put_manifest("shop/backend", "1.0.0", INDEX, upper.to_string());
    let output = run(&step(&registry));
    output.assert_code(0);
    assert_eq!(output.outputs["skipped"], "true");
    let other = run(&step(&registry).input("platforms", "linux/arm64"));
    other.assert_code(1);
    assert!(other.stderr.contains("not an image for each of the platforms"), "{}", other.stderr);
}

/// Each index is as long as a registry takes it, and what they list would be held at once.
#[test]
fn indexes_of_more_than_memory_bears_are_refused() {
    let registry = registry();
    push(&registry, "image", SHA);
    let image = registry.manifest("shop/backend", "image").unwrap();
    let entry = |kind: &str, bytes: &[u8]| json!({"mediaType": kind, "digest": digest(bytes), "size": bytes.len()});
    let pad = "x".repeat(4 * 1024 * 1024 - 1024);
    let lower = |n: u32| {
        let mut image = entry(MANIFEST, &image.body);
        image["annotations"] = json!({"n": n.to_string(), "x": pad});
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [image]}).to_string();
        registry.put_manifest("shop/backend", &format!("lower-{n}"), INDEX, index.clone());
        entry(INDEX, index.as_bytes())
    };
    let lower: Vec<Value> = (0..9).map(lower).collect();
    let upper = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": lower}).to_string();
    let upper = registry.put_manifest("shop/backend", "1.0.0", INDEX, upper);
    let output = run(&runner(&format!("FROM {}/shop/backend@{upper}\n", registry.host())));
    assert!(output.stdout.contains("::error title=build-and-tag/base-image"), "{}", output.stdout);
    assert!(output.stderr.contains("more than 32 MiB"), "{}", output.stderr);
}

#[test]
fn what_is_not_there_or_may_move_is_built() {
    let registry = registry();
    let files = |step: FakeRunner| step.file("not-there", "it is");
    let first = run(&files(step(&registry)));
    first.assert_code(0);
    assert_eq!(first.outputs["skipped"], "false");
    push(&registry, "1.0.0", "beef");
    run(&files(step(&registry)).input("if-exists", "build")).assert_code(0);
    run(&files(step(&registry)).input("mutable-tags", "1.*")).assert_code(0);
    let unknown = FakeRegistry::builder().repository("other").start().unwrap();
    run(&files(step(&unknown))).assert_code(0);
}

#[test]
fn a_registry_that_refuses_is_an_error_and_not_an_empty_repository() {
    let registry = FakeRegistry::builder().repository("shop/backend").basic_auth("me", "pass-0f-mine").start().unwrap();
    let output = run(&step(&registry));
    output.assert_code(1);
    assert!(output.stdout.contains("::error title=build-and-tag/registry-look::"), "{}", output.stdout);
    assert!(output.stderr.contains("oci-registry/unauthorized"), "{}", output.stderr);
}

#[test]
fn a_repository_without_its_registry_is_bad_input() {
    for uri in ["shop/backend", "registry.example.com/shop:1"] {
        let output = run(&runner("FROM scratch\n").input("repository-uri", uri));
        output.assert_code(2);
        assert!(output.stderr.contains("`repository-uri`"), "{}", output.stderr);
    }
}

#[test]
fn a_list_of_tags_without_an_end_names_the_way_out() {
    let registry = registry();
    let reply = Reply::json(200, &json!({"name": "shop/backend", "tags": ["1.0.0-a"]}))
        .with_header("link", "</v2/shop/backend/tags/list?n=1000&last=1.0.0-a>; rel=\"next\"");
    registry.faults().add(Fault::reply(reply).on("GET", "*/tags/list").always());
    let output = run(&step(&registry).input("latest", "stable"));
    output.assert_code(1);
    assert!(output.stdout.contains("::error title=build-and-tag/versions-unknown::"), "{}", output.stdout);
    assert!(output.stderr.contains("`latest: none`"), "{}", output.stderr);
}

#[test]
fn latest_moves_only_to_the_highest_version_that_git_or_the_registry_knows() {
    let registry = registry();
    let step = || {
        runner("FROM scratch\n")
            .input("latest", "stable")
            .input("repository-uri", &format!("{}/shop/backend", registry.host()))
    };
    let unknown = run(&step());
    unknown.assert_code(0);
    assert_eq!(unknown.outputs["tags"], "1.0.0");
    assert!(unknown.stdout.contains("no stable version is known"), "{}", unknown.stdout);
    push(&registry, "0.9.9", SHA);
    let highest = run(&step());
    assert_eq!(highest.outputs["tags"], "1.0.0\nlatest");
    assert!(!highest.stdout.contains("no stable version is known"), "{}", highest.stdout);
    push(&registry, "1.0.1-rc.1", SHA);
    assert_eq!(run(&step()).outputs["tags"], "1.0.0\nlatest", "a prerelease is not stable");
    push(&registry, "1.0.1", SHA);
    assert_eq!(run(&step()).outputs["tags"], "1.0.0");
    assert_eq!(
        run(&step().input("if-exists", "build")).outputs["tags"],
        "1.0.0",
        "it is not asked, and nothing is known"
    );
}

#[test]
fn given_tags_become_tags_and_say_so() {
    let step = |tags| run(&runner("FROM scratch\n").input("tags", tags));
    let output = step("1.0.0+5\nfeature/a\nlatest");
    output.assert_code(0);
    let tags: Vec<&str> = output.outputs["tags"].lines().collect();
    assert_eq!((tags[0], tags[2]), ("1.0.0_5", "latest"));
    assert!(tags[1].starts_with("feature-a-") && tags[1].len() == "feature-a-".len() + 8, "{tags:?}");
    assert!(output.stdout.contains("the tag `1.0.0+5` is written `1.0.0_5`"), "{}", output.stdout);
    let output = step("shop/backend:1.0.0");
    output.assert_code(2);
    assert!(output.stderr.contains("is the name of an image"), "{}", output.stderr);
}
