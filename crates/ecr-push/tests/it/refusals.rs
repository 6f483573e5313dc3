//! What ends a push, and what was not done then.

use serde_json::json;
use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::registry::FakeRegistry;

use super::*;
use crate::world::{MANIFEST, repository, run};

#[test]
fn a_stable_tag_with_another_image_ends_the_run_before_any_upload() {
    let world = World::new();
    let theirs = world.registry.put_manifest("shop", "1.0.0", MANIFEST, "{}");
    let step = world.step("1.0.0\nlatest");
    let ours = write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    for text in ["ecr-push/tag-conflict", &theirs, &ours, "raise the version"] {
        assert!(out.stderr.contains(text), "{text}: {}", out.stderr);
    }
    assert_eq!(world.uploads(), 0);
    assert!(world.written().is_empty());
    assert!(out.summary.contains("tag-conflict"), "{}", out.summary);
}

#[test]
fn the_image_in_the_way_is_told_by_what_it_says_of_itself() {
    let labels =
        json!({"org.opencontainers.image.version": "1.0.0", "org.opencontainers.image.revision": "c0ffee1\u{1b}[31m"});
    let config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []},
        "config": {"Labels": labels}});
    let config = config.to_string();
    let world = World::new();
    let digest = world.registry.put_blob("shop", config.clone());
    let config =
        json!({"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": config.len()});
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []});
    world.registry.put_manifest("shop", "1.0.0", MANIFEST, manifest.to_string());
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    let told = "the image there says that it is version 1.0.0, commit c0ffee1[31m\n";
    assert!(out.stderr.contains(told), "{}", out.stderr);
    assert!(out.summary.contains(told), "{}", out.summary);
}

#[test]
fn a_missing_repository_names_similar_ones() {
    let world = World::with(FakeRegistry::builder().repository("other"));
    let others = json!({"repositories": [repository("shops", "MUTABLE"), repository("zebra", "MUTABLE")]});
    world.aws.on("DescribeRepositories").answer(move |call| {
        if call.body["repositoryNames"].is_array() {
            let body = json!({"__type": "RepositoryNotFoundException", "message": "no"});
            Reply::json(400, &body).with_header("x-amzn-errortype", "RepositoryNotFoundException")
        } else {
            Reply::json(200, &others)
        }
    });
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(2);
    for text in ["ecr-push/repository-missing", "`shop` in eu-west-1", "did you mean `shops`?", "create-repository"] {
        assert!(out.stderr.contains(text), "{text}: {}", out.stderr);
    }
    assert!(!out.stderr.contains("zebra"));
    assert!(world.registry.requests().is_empty());
}

#[test]
fn access_denied_by_the_api_names_action_and_resource() {
    let world = World::with(FakeRegistry::builder());
    world.aws.on("DescribeRepositories").error(400, "AccessDeniedException", "User is not authorized");
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("ecr:DescribeRepositories"), "{}", out.stderr);
    assert!(out.stderr.contains("arn:aws:ecr:eu-west-1:*:repository/shop"), "{}", out.stderr);
}

#[test]
fn access_denied_by_the_registry_names_action_and_resource() {
    let world = World::new();
    let arn = "arn:aws:ecr:eu-west-1:123456789012:repository/shop";
    let message = format!("User: x is not authorized to perform: ecr:InitiateLayerUpload on resource: {arn} because");
    let denied = json!({"errors": [{"code": "DENIED", "message": message}]});
    world.registry.faults().add(Fault::reply(Reply::json(403, &denied)).on("POST", "*").always());
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("aws/access-denied"), "{}", out.stderr);
    assert!(out.stderr.contains(r#""Action": "ecr:InitiateLayerUpload""#), "{}", out.stderr);
    assert!(out.stderr.contains(arn), "{}", out.stderr);
}

#[test]
fn a_moving_tag_in_an_immutable_repository_is_refused_before_any_upload() {
    let world = World::with(FakeRegistry::builder().repository("shop").immutable_tags());
    world.aws.on("DescribeRepositories").reply(json!({"repositories": [repository("shop", "IMMUTABLE")]}));
    world.registry.put_manifest("shop", "latest", MANIFEST, "{}");
    let step = world.step("1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("ecr-push/repository-immutable"), "{}", out.stderr);
    assert_eq!(world.uploads(), 0);
}

#[test]
fn no_credentials_are_an_error_of_their_own() {
    let world = World::with(FakeRegistry::builder());
    let step = world.step("1.0.0").without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(2);
    assert!(out.stderr.contains("aws/no-credentials"), "{}", out.stderr);
    assert!(world.aws.calls().is_empty());
}

#[test]
fn the_wrong_account_is_refused_before_anything_is_read() {
    let world = World::with(FakeRegistry::builder());
    let identity = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>210987654321</Account>\
                    </GetCallerIdentityResult></GetCallerIdentityResponse>";
    world.aws.on("GetCallerIdentity").raw(Reply::xml(200, identity));
    let step = world.step("1.0.0").input("allowed-account-ids", "123456789012");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(2);
    assert!(out.stderr.contains("aws/wrong-account") && out.stderr.contains("210987654321"), "{}", out.stderr);
    assert_eq!(world.aws.operations(), ["GetCallerIdentity"]);
}

#[test]
fn a_registry_that_does_not_answer_is_unreachable() {
    let world = World::new();
    let gone = FakeRegistry::start().unwrap().url();
    let step = world.step("1.0.0").env("SLIPWAY_REGISTRY_ENDPOINT", gone);
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("oci-registry/unreachable"), "{}", out.stderr);
}

#[test]
fn the_password_goes_to_no_host_but_ecrs() {
    let world = World::with(FakeRegistry::builder());
    let mut foreign = repository("shop", "MUTABLE");
    foreign["repositoryUri"] = json!("registry.evil.example/shop");
    world.aws.on("DescribeRepositories").reply(json!({"repositories": [foreign]}));
    let step = world.step("1.0.0").without("SLIPWAY_REGISTRY_ENDPOINT");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("ecr-push/foreign-registry"), "{}", out.stderr);
    // It was asked for beside the repository, and is shown to nobody.
    assert!(world.registry.requests().is_empty());
}

#[test]
fn an_answer_without_a_password_is_told() {
    let world = World::new();
    world.aws.on("GetAuthorizationToken").reply(json!({"authorizationData": []}));
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("ecr-push/incomplete-answer"), "{}", out.stderr);
    assert_eq!(world.uploads(), 0);
}

#[test]
fn a_list_of_tags_without_an_end_names_the_way_out() {
    let world = World::new();
    let step = world.step("1.0.0\nlatest");
    let reply = Reply::json(200, &json!({"name": "shop", "tags": ["1.0.0-a"]}))
        .with_header("link", "</v2/shop/tags/list?n=1000&last=1.0.0-a>; rel=\"next\"");
    world.registry.faults().add(Fault::reply(reply).on("GET", "*/tags/list").always());
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    for text in ["ecr-push/versions-unknown", "`moving-tags: any`", "the tags of `shop` cannot be listed"] {
        assert!(out.stderr.contains(text), "{text}: {}", out.stderr);
    }
    assert_eq!(world.uploads(), 0);
    run(&step.input("moving-tags", "any")).assert_code(0);
}

#[test]
fn a_tag_that_moves_at_the_same_time_again_and_again_ends_the_run() {
    let world = World::new();
    let immutable = json!({"errors": [{"code": "TAG_INVALID", "message": "The image tag '1.0.0' already exists and is immutable"}]});
    world.registry.faults().add(Fault::reply(Reply::json(400, &immutable)).on("PUT", "*/manifests/1.0.0").always());
    let theirs = format!("sha256:{}", "b".repeat(64));
    let head = Reply::new(200).with_header("docker-content-digest", &theirs).with_header("content-type", MANIFEST);
    // The plan sees no such tag, the write and the look behind it do.
    for number in [2, 4] {
        world.registry.faults().add(Fault::reply(head.clone()).on("HEAD", "*/manifests/1.0.0").nth(number));
    }
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("ecr-push/changed-meanwhile"), "{}", out.stderr);
}

#[test]
fn a_folder_for_saved_images_that_is_not_there_is_named() {
    let world = World::new();
    let step = world.step("1.0.0").input("source", "docker-archive:image.tar").env("RUNNER_TEMP", "/nonexistent");
    let step = step.file("image.tar", "x");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("ecr-push/work-folder"), "{}", out.stderr);
}

/// A push whose requests with this method are never answered; the two minutes are a fifth of a second.
fn unanswered(method: &str) -> testkit::RunOutput {
    let world = World::new();
    world.registry.faults().add(Fault::hang().on(method, "/v2/*").always());
    let step = world.step("1.0.0").env("SLIPWAY_TIME_DIVISOR", "600");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    assert!(out.stderr.contains("oci-registry/stalled"), "{}", out.stderr);
    out
}

#[test]
fn a_write_that_is_never_answered_ends_with_exit_code_4() {
    unanswered("POST").assert_code(4);
    unanswered("PUT").assert_code(4);
}

#[test]
fn a_read_that_is_never_answered_ends_with_exit_code_1() {
    unanswered("HEAD").assert_code(1);
}
