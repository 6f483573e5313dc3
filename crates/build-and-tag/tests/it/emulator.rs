//! The same binary against ministack: ECR's API and its registry on one port.

use serde_json::{Value, json};
use testkit::aws::ContractProxy;
use testkit::http;
use testkit::ministack::Ministack;
use testkit::registry::digest;
use testkit::runner::{FakeRunner, SHA};
use testkit::tools::Tools;

use crate::ecr::run;
use crate::support::runner;

const HOST: &str = "000000000000.dkr.ecr.eu-west-1.amazonaws.com";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn step(ministack: &Ministack, proxy: &ContractProxy, repository: &str) -> FakeRunner {
    runner("FROM scratch\nCOPY a /\n")
        .file("a", "1")
        .envs(ministack.env())
        .env("AWS_ENDPOINT_URL", proxy.url())
        .env("SLIPWAY_REGISTRY_ENDPOINT", ministack.endpoint())
        .input("repository-uri", &format!("{HOST}/{repository}"))
}

/// Makes a repository whose tags never move, but for those of `filters`.
fn create(ministack: &Ministack, name: &str, filters: &[&str]) {
    let filters: Vec<Value> =
        filters.iter().map(|filter| json!({"filterType": "WILDCARD", "filter": filter})).collect();
    let mut body = json!({"repositoryName": name, "imageTagMutability": "IMMUTABLE"});
    if !filters.is_empty() {
        body["imageTagMutability"] = json!("IMMUTABLE_WITH_EXCLUSION");
        body["imageTagMutabilityExclusionFilters"] = json!(filters);
    }
    let scope = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/ecr/aws4_request, SignedHeaders=host, Signature=0";
    let headers = [
        ("x-amz-target", "AmazonEC2ContainerRegistry_V20150921.CreateRepository"),
        ("content-type", "application/x-amz-json-1.1"),
        ("authorization", scope),
    ];
    let answer = http::send("POST", &format!("{}/", ministack.endpoint()), &headers, body.to_string().as_bytes());
    assert_eq!(answer.unwrap().status, 200);
}

/// Puts an image of `revision` under `tag`, as another client would.
fn push(ministack: &Ministack, repository: &str, tag: &str, revision: &str) {
    let labels = json!({"org.opencontainers.image.revision": revision});
    let config = json!({"os": "linux", "architecture": "amd64", "config": {"Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": []}});
    let config = config.to_string();
    let base = format!("{}/v2/{repository}", ministack.endpoint());
    let begun = http::send("POST", &format!("{base}/blobs/uploads/"), &[], b"").unwrap();
    let location = begun.header("location").unwrap_or_default().to_owned();
    let location = if location.starts_with('/') { format!("{}{location}", ministack.endpoint()) } else { location };
    let with = if location.contains('?') { '&' } else { '?' };
    let name = digest(config.as_bytes());
    let sent = http::send("PUT", &format!("{location}{with}digest={name}"), &[], config.as_bytes()).unwrap();
    assert_eq!(sent.status, 201);
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": name, "size": config.len()}});
    let url = format!("{base}/manifests/{tag}");
    let sent = http::send("PUT", &url, &[("content-type", MANIFEST)], manifest.to_string().as_bytes()).unwrap();
    assert_eq!(sent.status, 201);
}

#[test]
fn the_emulator_is_asked_before_the_build() {
    let ministack = Tools::locate()
        .map_err(|error| error.to_string())
        .and_then(|tools| Ministack::start(&tools).map_err(|error| error.to_string()));
    let ministack = match ministack {
        Ok(ministack) => ministack,
        Err(reason) => {
            eprintln!("SKIPPED build-and-tag against ministack: {reason}");
            return;
        }
    };
    let proxy = ContractProxy::start(&ministack.endpoint()).unwrap();
    let missing = run(&step(&ministack, &proxy, "team/missing"));
    missing.assert_code(0);
    assert!(missing.stdout.contains("does not exist"), "{}", missing.stdout);

    create(&ministack, "team/shop", &[]);
    run(&step(&ministack, &proxy, "team/shop")).assert_code(0);
    push(&ministack, "team/shop", "1.0.0", SHA);
    let again = run(&step(&ministack, &proxy, "team/shop"));
    again.assert_code(0);
    assert_eq!(again.outputs["skipped"], "true");
    push(&ministack, "team/shop", "develop", "beef");
    let snapshot = |repository: &str| {
        let step = step(&ministack, &proxy, repository).input("version", "1.1.0-SNAPSHOT");
        run(&step.github("push", "refs/heads/develop", SHA, "acme/shop"))
    };
    let held = snapshot("team/shop");
    held.assert_code(1);
    assert!(held.stdout.contains("::error title=build-and-tag/repository-immutable::"), "{}", held.stdout);

    create(&ministack, "team/moving", &["develop", "latest", "*-SNAPSHOT"]);
    push(&ministack, "team/moving", "develop", "beef");
    let moves = snapshot("team/moving");
    moves.assert_code(0);
    assert_eq!(moves.outputs["skipped"], "false");
}
