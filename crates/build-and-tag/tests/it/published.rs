//! The registry is asked before anything is built.

use serde_json::json;
use testkit::registry::{FakeRegistry, digest};
use testkit::runner::{FakeRunner, SHA};

use crate::support::{out, run, runner};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Puts an image of `revision` under `tag`, as a registry would have it after a push.
fn push(registry: &FakeRegistry, tag: &str, revision: &str) -> String {
    let labels = json!({"org.opencontainers.image.revision": revision});
    let config = json!({"os": "linux", "architecture": "amd64", "config": {"Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": []}});
    let config = config.to_string();
    let (name, size) = (digest(config.as_bytes()), config.len());
    registry.put_blob("shop/backend", config);
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": name, "size": size}});
    registry.put_manifest("shop/backend", tag, MANIFEST, manifest.to_string())
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
