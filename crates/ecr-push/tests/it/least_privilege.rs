//! The printed policy is the least one: every scenario passes with it, and none of its parts can be left out.

use serde_json::json;
use testkit::FakeRegistry;
use testkit::fault::Fault;
use testkit::iam::{Definitions, Place, Policy, Role, Scenario, prove};
use testkit::runner::{FakeRunner, RunOutput};

use crate::creation::POLICY;
use crate::promote::{DEVELOP, Two, image, promote};
use crate::world::{HOST, MANIFEST, World, repository, run, run_with, write_image, write_index};

const ACCOUNT: &str = "--allowed-account-ids=123456789012";

fn printed(flags: &[&str]) -> String {
    let step =
        FakeRunner::plain_shell().input("source", "oci:image").input("repository", "shop").input("tags", "1.0.0");
    let mut arguments = vec!["--print-iam-policy", "--aws-region=eu-west-1"];
    arguments.extend(flags);
    let out = run_with(&step, &arguments);
    out.assert_code(0);
    let policy = Policy::parse(&out.stdout);
    assert_eq!(Definitions::locate().unwrap().problems(&policy), Vec::<String>::new());
    out.stdout
}

fn place() -> Place {
    Place::new("eu-west-1", "123456789012")
}

fn with_image(step: FakeRunner) -> FakeRunner {
    write_image(step.workspace(), "layer");
    step
}

/// A push through the role's guards.
fn push(world: &World, role: &Role, tags: &str, prepare: fn(FakeRunner) -> FakeRunner) -> RunOutput {
    let aws = role.guard(&world.aws.url()).unwrap();
    let registry = role.guard(&world.registry.url()).unwrap();
    let step = world.step(tags).env("AWS_ENDPOINT_URL", aws.url()).env("SLIPWAY_REGISTRY_ENDPOINT", registry.url());
    run(&prepare(step))
}

fn with_index(step: FakeRunner) -> FakeRunner {
    write_index(step.workspace());
    step
}

fn missing_repository() -> World {
    let world = World::with(FakeRegistry::builder().repository("shop"));
    world.aws.on("DescribeRepositories").error(400, "RepositoryNotFoundException", "no such repository");
    world
}

#[test]
fn the_policy_of_a_push_is_the_least_one() {
    let scenarios = [
        Scenario::new("several tags", |role| push(&World::new(), role, "1.0.0\nlatest", with_image)),
        Scenario::new("an index", |role| push(&World::new(), role, "1.0.0", with_index)),
        Scenario::new("the same again", |role| {
            let world = World::new();
            run(&with_image(world.step("1.0.0"))).assert_code(0);
            push(&world, role, "1.0.0", with_image)
        }),
        Scenario::new("a missing repository", |role| push(&missing_repository(), role, "1.0.0", with_image))
            .ends_with(2)
            .with_courtesies(&["ecr:DescribeRepositories"]),
    ];
    prove(&place(), &printed(&[ACCOUNT, "--tags=1.0.0\nlatest"]), &scenarios, &[]);
}

#[test]
fn the_policy_of_a_push_that_may_create_the_repository_is_the_least_one() {
    let creates = |role: &Role| {
        let world = missing_repository();
        world.aws.on("CreateRepository").reply(json!({"repository": repository("shop", "IMMUTABLE")}));
        push(&world, role, "1.0.0", |step| with_image(step).input("create-repository", "true"))
    };
    let exists =
        |role: &Role| push(&World::new(), role, "1.0.0", |step| with_image(step).input("create-repository", "true"));
    let scenarios = [Scenario::new("creates", creates), Scenario::new("exists", exists)];
    prove(&place(), &printed(&[ACCOUNT, "--create-repository"]), &scenarios, &[]);
}

#[test]
fn the_policy_of_a_push_with_layers_of_another_repository_is_the_least_one() {
    let mounts = |role: &Role| {
        let world = World::with(FakeRegistry::builder().repository("shop").repository("base"));
        world.aws.on("DescribeRepositories").reply(json!({"repositories": [repository("shop", "MUTABLE")]}));
        world.registry.put_blob("base", "layer");
        push(&world, role, "1.0.0", |step| with_image(step).input("mount-from", "base"))
    };
    let scenarios = [Scenario::new("mounts", mounts)];
    let notices = [
        ("ecr:BatchCheckLayerAvailability", "`base` does not tell which layers it has"),
        ("ecr:GetDownloadUrlForLayer", "1 blob of `base` had to be uploaded: it needs ecr:GetDownloadUrlForLayer"),
    ];
    prove(&place(), &printed(&[ACCOUNT, "--mount-from=base"]), &scenarios, &notices);
}

#[test]
fn the_policy_of_a_dry_run_only_reads() {
    let dry =
        |role: &Role| push(&World::new(), role, "1.0.0\nlatest", |step| with_image(step).input("dry-run", "true"));
    let policy = printed(&[ACCOUNT, "--dry-run", "--create-repository", "--tags=1.0.0\nlatest"]);
    assert!(!policy.contains("PutImage") && !policy.contains("CreateRepository"), "{policy}");
    prove(&place(), &policy, &[Scenario::new("a dry run", dry)], &[]);
}

#[test]
fn an_unknown_account_or_region_is_bad_input_and_another_registry_is_named() {
    let step =
        FakeRunner::plain_shell().input("source", "oci:image").input("repository", "shop").input("tags", "1.0.0");
    let out = run_with(&step, &["--print-iam-policy"]);
    out.assert_code(2);
    assert!(out.stderr.contains("`aws-region`") && out.stderr.contains("`allowed-account-ids`"), "{}", out.stderr);
    let policy = run_with(&step, &["--print-iam-policy", "--aws-region=cn-north-1", "--registry-id=111122223333"]);
    policy.assert_code(0);
    assert!(policy.stdout.contains("arn:aws-cn:ecr:cn-north-1:111122223333:repository/shop"), "{}", policy.stdout);
}

#[test]
fn the_policy_of_a_promotion_is_the_least_one() {
    let develop = Place::new("eu-west-1", "210987654321");
    let promotes = |role: &Role| {
        let two = Two::new();
        let aws = role.guard(&two.production.aws.url()).unwrap();
        let production = role.guard(&two.production.registry.url()).unwrap();
        let source = role.at(&develop).guard(&two.develop.url()).unwrap();
        let step = two
            .step(&format!("{DEVELOP}/shop:1.0.0"), "1.0.0")
            .env("AWS_ENDPOINT_URL", aws.url())
            .env("SLIPWAY_REGISTRY_ENDPOINT", production.url())
            .env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", source.url());
        promote(&step)
    };
    let policy = printed_promotion(&[&format!("--image={DEVELOP}/shop:1.0.0")]);
    prove(&place(), &policy, &[Scenario::new("another account", promotes)], &[]);
}

#[test]
fn the_policy_of_further_tags_writes_nothing_but_tags() {
    let tags = |role: &Role| {
        let two = Two::new();
        two.production.registry.put_manifest("shop", "1.0.0-rc", MANIFEST, image_of_nothing(&two));
        let aws = role.guard(&two.production.aws.url()).unwrap();
        let registry = role.guard(&two.production.registry.url()).unwrap();
        let step = two
            .step(&format!("{HOST}/shop:1.0.0-rc"), "1.0.0")
            .env("AWS_ENDPOINT_URL", aws.url())
            .env("SLIPWAY_REGISTRY_ENDPOINT", registry.url())
            .env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", "");
        promote(&step)
    };
    let policy = printed_promotion(&[&format!("--image={HOST}/shop:1.0.0-rc")]);
    assert!(!policy.contains("UploadLayerPart") && !policy.contains("GetDownloadUrlForLayer"), "{policy}");
    prove(&place(), &policy, &[Scenario::new("further tags", tags)], &[]);
}

#[test]
fn the_policy_of_a_promotion_inside_of_a_registry_is_the_least_one() {
    let inside = |role: &Role, is_mounted: bool| {
        let world = World::with(FakeRegistry::builder().repository("shop").repository("develop/shop"));
        world.aws.on("DescribeRepositories").reply(json!({"repositories": [repository("shop", "MUTABLE")]}));
        if !is_mounted {
            let refused = Fault::status(405).matching(|request| request.query_value("mount").is_some());
            world.registry.faults().add(refused.always());
        }
        let image = image(&world.registry, "develop/shop", "layer", "abc");
        let aws = role.guard(&world.aws.url()).unwrap();
        let registry = role.guard(&world.registry.url()).unwrap();
        let step = FakeRunner::new()
            .envs(world.aws.env())
            .env("AWS_ENDPOINT_URL", aws.url())
            .env("SLIPWAY_REGISTRY_ENDPOINT", registry.url())
            .input("image", &format!("{HOST}/develop/shop@{}", image["digest"].as_str().unwrap()))
            .input("repository", "shop")
            .input("tags", "1.0.0");
        promote(&step)
    };
    let policy = printed_promotion(&[&format!("--image={HOST}/develop/shop:1.0.0"), "--repository=shop"]);
    let notices = [("ecr:BatchCheckLayerAvailability", "`develop/shop` does not tell which layers it has")];
    let scenarios =
        [Scenario::new("mounts", |role| inside(role, true)), Scenario::new("copies", |role| inside(role, false))];
    prove(&place(), &policy, &scenarios, &notices);
}

fn printed_promotion(flags: &[&str]) -> String {
    let mut arguments = vec!["promote", "--print-iam-policy", "--aws-region=eu-west-1", ACCOUNT, "--tags=1.0.0"];
    arguments.extend(flags);
    let out = run_with(&FakeRunner::plain_shell(), &arguments);
    out.assert_code(0);
    out.stdout
}

/// A manifest whose blobs the repository of production has.
fn image_of_nothing(two: &Two) -> String {
    let config = two.production.registry.put_blob("shop", "{}");
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 2}})
    .to_string()
}

#[test]
fn the_policy_of_a_repository_with_everything_is_the_least_one() {
    let key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let with_settings = move |step: FakeRunner| {
        with_image(step)
            .input("create-repository", "true")
            .input("repository-kms-key", key)
            .input("repository-tags", "team=shop")
            .input("repository-lifecycle-policy", POLICY)
    };
    let creates = |role: &Role| {
        let world = missing_repository();
        world.aws.on("CreateRepository").reply(json!({"repository": repository("shop", "IMMUTABLE")}));
        world.aws.on("PutLifecyclePolicy").reply(json!({}));
        guarded(&world, role, with_settings(world.step("1.0.0")))
    };
    let exists = |role: &Role| {
        let world = World::new();
        world.aws.on("GetLifecyclePolicy").error(400, "LifecyclePolicyNotFoundException", "none");
        world.aws.on("ListTagsForResource").reply(json!({"tags": []}));
        guarded(&world, role, with_settings(world.step("1.0.0")))
    };
    let policy_flag = format!("--repository-lifecycle-policy={POLICY}");
    let key_flag = format!("--repository-kms-key={key}");
    let flags = [ACCOUNT, "--create-repository", &key_flag, "--repository-tags=team=shop", &policy_flag];
    let scenarios = [Scenario::new("creates", creates), Scenario::new("exists", exists)];
    prove(&place(), &printed(&flags), &scenarios, &[]);
}

fn guarded(world: &World, role: &Role, step: FakeRunner) -> RunOutput {
    let aws = role.guard(&world.aws.url()).unwrap();
    let registry = role.guard(&world.registry.url()).unwrap();
    run(&step.env("AWS_ENDPOINT_URL", aws.url()).env("SLIPWAY_REGISTRY_ENDPOINT", registry.url()))
}
