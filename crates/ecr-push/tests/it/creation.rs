//! What a repository that is created gets, and what one that exists keeps.

use serde_json::json;
use testkit::registry::FakeRegistry;
use testkit::runner::FakeRunner;

use crate::world::{World, repository, run, write_image};

/// Untagged images go, but for one.
pub(crate) const POLICY: &str = r#"{"rules":[{"action":{"type":"expire"},"rulePriority":1,"selection":{"countNumber":1,"countType":"imageCountMoreThan","tagStatus":"untagged"}}]}"#;

fn missing() -> World {
    let world = World::with(FakeRegistry::builder().repository("shop"));
    world.aws.on("DescribeRepositories").error(400, "RepositoryNotFoundException", "no such repository");
    world.aws.on("CreateRepository").reply(json!({"repository": repository("shop", "IMMUTABLE_WITH_EXCLUSION")}));
    world.aws.on("PutLifecyclePolicy").reply(json!({}));
    world
}

fn step(world: &World) -> FakeRunner {
    let step = world.step("1.0.0").input("create-repository", "true").input("repository-lifecycle-policy", POLICY);
    write_image(step.workspace(), "layer");
    step
}

#[test]
fn a_repository_is_created_with_everything_that_was_asked_for() {
    let world = missing();
    let key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let step = step(&world)
        .input("repository-scan-on-push", "false")
        .input("repository-kms-key", key)
        .input("repository-tags", "team=shop\ncost-center=42");
    run(&step).assert_code(0);
    let body = &world.aws.calls_to("CreateRepository")[0].body;
    assert_ne!(body["imageScanningConfiguration"]["scanOnPush"], true);
    assert_eq!(body["encryptionConfiguration"], json!({"encryptionType": "KMS", "kmsKey": key}));
    let tags: Vec<&str> = body["tags"].as_array().unwrap().iter().map(|tag| tag["Key"].as_str().unwrap()).collect();
    assert_eq!(tags, ["cost-center", "team", "slipway:lifecycle-policy"]);
    let put = &world.aws.calls_to("PutLifecyclePolicy")[0].body;
    assert_eq!((put["repositoryName"].as_str(), put["lifecyclePolicyText"].as_str()), (Some("shop"), Some(POLICY)));
}

#[test]
fn without_settings_a_repository_is_created_as_the_registry_says() {
    let world = missing();
    let step = world.step("1.0.0").input("create-repository", "true");
    write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    let body = &world.aws.calls_to("CreateRepository")[0].body;
    assert!(body["encryptionConfiguration"].is_null() && body["tags"].is_null());
    assert_eq!(body["imageScanningConfiguration"]["scanOnPush"], true);
    assert!(world.aws.calls_to("PutLifecyclePolicy").is_empty() && world.aws.calls_to("GetLifecyclePolicy").is_empty());
}

/// A run was killed between both calls: the next one finds its mark.
#[test]
fn a_policy_that_a_stopped_run_did_not_write_is_written_by_the_next() {
    let world = missing();
    run(&step(&world)).assert_code(0);
    let mark = world.aws.calls_to("CreateRepository")[0].body["tags"].clone();
    let next = World::new();
    next.aws.on("GetLifecyclePolicy").error(400, "LifecyclePolicyNotFoundException", "none");
    next.aws.on("ListTagsForResource").reply(json!({"tags": mark}));
    next.aws.on("PutLifecyclePolicy").reply(json!({}));
    run(&step(&next)).assert_code(0);
    assert_eq!(next.aws.calls_to("PutLifecyclePolicy").len(), 1);
}

#[test]
fn the_policy_of_anybody_elses_repository_is_left_alone() {
    let with_one = World::new();
    with_one.aws.on("GetLifecyclePolicy").reply(json!({"lifecyclePolicyText": POLICY}));
    run(&step(&with_one)).assert_code(0);
    let without = World::new();
    without.aws.on("GetLifecyclePolicy").error(400, "LifecyclePolicyNotFoundException", "none");
    without.aws.on("ListTagsForResource").reply(json!({"tags": [{"Key": "team", "Value": "shop"}]}));
    run(&step(&without)).assert_code(0);
    for world in [with_one, without] {
        assert!(world.aws.calls_to("PutLifecyclePolicy").is_empty());
    }
}

#[test]
fn settings_of_a_repository_that_is_not_created_are_bad_input() {
    let world = World::new();
    let step = step(&world).input("create-repository", "false");
    let out = run(&step);
    out.assert_code(2);
    assert!(
        out.stderr.contains("repository-lifecycle-policy") && out.stderr.contains("no repository is created"),
        "{}",
        out.stderr
    );
}
