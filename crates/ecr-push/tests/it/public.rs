//! ECR's public registry: as the destination, and as what is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use testkit::aws::FakeAws;
use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::iam::{Place, Role, Scenario, prove};
use testkit::registry::{FakeRegistry, FakeRegistryBuilder};
use testkit::runner::{FakeRunner, RunOutput};

use crate::promote::{DEVELOP, Two, image, promote};
use crate::world::{HOST, MANIFEST, PASSWORD, World, run, run_with, write_image, write_index};

const ACCOUNT: &str = "--allowed-account-ids=123456789012";

/// A repository as the public registry's API tells it.
fn public(alias: &str, name: &str) -> Value {
    json!({
        "repositoryArn": format!("arn:aws:ecr-public::123456789012:repository/{name}"),
        "registryId": "123456789012",
        "repositoryName": name,
        "repositoryUri": format!("public.ecr.aws/{alias}/{name}"),
    })
}

fn of_public(operation: &str) -> String {
    format!("SpencerFrontendService.{operation}")
}

/// The account's registry under the alias `acme`, with `shop`.
pub(crate) fn world() -> World {
    let world = with(FakeRegistry::builder().repository("acme/shop"));
    world.aws.on(&of_public("DescribeRepositories")).reply(json!({"repositories": [public("acme", "shop")]}));
    world
}

fn with(builder: FakeRegistryBuilder) -> World {
    let registry = builder.public_ecr_auth("AWS", PASSWORD).ecr_quirks().start().unwrap();
    let aws = FakeAws::start().unwrap();
    log_in(&aws);
    registry.tell_public_layers(&aws, "acme");
    World { aws, registry }
}

fn log_in(aws: &FakeAws) {
    let token = "QVdTOnJlZ2lzdHJ5LXBhc3N3b3JkLW9mLXR3ZWx2ZS1ob3Vycw==";
    aws.on(&of_public("GetAuthorizationToken")).reply(json!({"authorizationData": {"authorizationToken": token}}));
}

/// A repository that is not there yet, in a registry with this alias.
fn missing(alias: &str) -> World {
    let world = with(FakeRegistry::builder().repository("acme/shop"));
    let refusal =
        |code: &str| Reply::json(400, &json!({"__type": code, "message": "no"})).with_header("x-amzn-errortype", code);
    let created = Arc::new(AtomicBool::new(false));
    let is_there = Arc::clone(&created);
    world.aws.on(&of_public("DescribeRepositories")).answer(move |_| {
        if is_there.load(Ordering::Relaxed) {
            Reply::json(200, &json!({"repositories": [public("acme", "shop")]}))
        } else {
            refusal("RepositoryNotFoundException")
        }
    });
    world.aws.on(&of_public("CreateRepository")).answer(move |_| {
        if created.swap(true, Ordering::Relaxed) {
            refusal("RepositoryAlreadyExistsException")
        } else {
            Reply::json(200, &json!({"repository": public("acme", "shop")}))
        }
    });
    world.aws.on(&of_public("DescribeRegistries")).reply(json!({"registries": [{
        "registryId": "123456789012",
        "registryArn": "arn:aws:ecr-public::123456789012:registry/123456789012",
        "registryUri": "",
        "verified": false,
        "aliases": [
            {"name": "x1y2z3", "status": "ACTIVE", "primaryRegistryAlias": false, "defaultRegistryAlias": true},
            {"name": alias, "status": "ACTIVE", "primaryRegistryAlias": true, "defaultRegistryAlias": false},
        ],
    }]}));
    world
}

pub(crate) fn step(world: &World, tags: &str) -> FakeRunner {
    world.step(tags).input("repository", "public.ecr.aws/acme/shop")
}

#[test]
fn a_first_push_writes_the_version_then_the_moving_tags() {
    let world = world();
    let step = step(&world, "latest\n1.0.0");
    let digest = write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(world.written(), ["1.0.0", "latest"]);
    let tags = world.registry.tags("acme/shop");
    assert_eq!((&tags["1.0.0"], &tags["latest"]), (&digest, &digest));
    assert_eq!(out.outputs["image-uri"], format!("public.ecr.aws/acme/shop@{digest}"));
    assert_eq!((out.outputs["registry"].as_str(), out.outputs["repository"].as_str()), ("public.ecr.aws", "acme/shop"));
    assert!(out.summary.contains(&format!("docker pull public.ecr.aws/acme/shop@{digest}")), "{}", out.summary);
    // The API is in its own region, whatever the job's is.
    for call in world.aws.calls() {
        let signed = call.request.header("authorization").unwrap_or_default();
        assert!(signed.contains("/us-east-1/ecr-public/"), "{signed}");
    }
    let mut operations = world.aws.operations();
    operations.sort();
    assert_eq!(operations, ["BatchCheckLayerAvailability", "DescribeRepositories", "GetAuthorizationToken"]);
}

#[test]
fn pushing_again_is_already_done_and_writes_nothing() {
    let world = world();
    let step = step(&world, "1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    world.registry.clear_requests();
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(out.outputs["pushed"], "false");
    assert!(world.registry.requests().iter().all(|request| matches!(request.method.as_str(), "HEAD" | "GET")));
}

/// The registry would take it: no repository there keeps its tags.
#[test]
fn a_stable_tag_with_another_image_ends_the_run_before_any_upload() {
    let world = world();
    let theirs = world.registry.put_manifest("acme/shop", "1.0.0", MANIFEST, "{}");
    let step = step(&world, "1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("ecr-push/tag-conflict") && out.stderr.contains(&theirs), "{}", out.stderr);
    assert_eq!((world.uploads(), world.written()), (0, Vec::new()));
    assert_eq!(world.registry.tags("acme/shop")["1.0.0"], theirs);
}

#[test]
fn a_version_that_another_run_overwrote_takes_no_moving_tag_along() {
    let world = world();
    let theirs = Reply::new(200).with_header("docker-content-digest", testkit::registry::digest(b"theirs"));
    let step = step(&world, "1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    // The first look is asked for a token and comes again; then come those of the plan, before the write and behind it.
    world.registry.faults().add(Fault::reply(theirs).on("HEAD", "*/manifests/1.0.0").nth(4));
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("ecr-push/tag-raced"), "{}", out.stderr);
    assert_eq!(world.written(), ["1.0.0"]);
}

#[test]
fn an_index_goes_up_with_its_images_by_digest() {
    let world = world();
    let step = step(&world, "1.0.0");
    let digest = write_index(step.workspace());
    run(&step).assert_code(0);
    assert_eq!(world.written().len(), 3);
    assert_eq!(world.registry.tags("acme/shop")["1.0.0"], digest);
}

#[test]
fn layers_of_another_repository_of_the_alias_are_used_again() {
    let world = with(FakeRegistry::builder().repository("acme/shop").repository("acme/base"));
    world.aws.on(&of_public("DescribeRepositories")).reply(json!({"repositories": [public("acme", "shop")]}));
    world.registry.put_blob("acme/base", "layer");
    let step = step(&world, "1.0.0").input("mount-from", "public.ecr.aws/acme/base");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    assert!(
        out.summary.contains("| Uploaded | 1 blob,") && out.summary.contains("| Reused | 1 blob,"),
        "{}",
        out.summary
    );
    let asked: Vec<Value> =
        world.aws.calls_to("BatchCheckLayerAvailability").into_iter().map(|call| call.body).collect();
    assert!(asked.iter().any(|body| body["repositoryName"] == "base"), "{asked:?}");
}

#[test]
fn several_images_go_up_together() {
    let world = with(FakeRegistry::builder().repository("acme/shop").repository("acme/worker"));
    let found = [public("acme", "shop"), public("acme", "worker")];
    world.aws.on(&of_public("DescribeRepositories")).reply(json!({"repositories": found}));
    let images = ["shop", "worker"].map(
        |name| json!({"source": "oci:image", "repository": format!("public.ecr.aws/acme/{name}"), "tags": ["1.0.0"]}),
    );
    let step = world.step("").input("source", "").input("repository", "").input("images", &json!(images).to_string());
    let digest = write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    for name in ["acme/shop", "acme/worker"] {
        assert_eq!(world.registry.tags(name)["1.0.0"], digest);
    }
    assert_eq!(world.aws.calls_to("DescribeRepositories").len(), 1);
}

#[test]
fn the_alias_of_another_account_is_no_place_to_push_to() {
    let world = with(FakeRegistry::builder().repository("acme/shop"));
    world.aws.on(&of_public("DescribeRepositories")).reply(json!({"repositories": [public("other", "shop")]}));
    let step = step(&world, "1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(2);
    for text in ["ecr-push/repository-missing", "`acme/shop` in public.ecr.aws", "did you mean `other/shop`?"] {
        assert!(out.stderr.contains(text), "{text}: {}", out.stderr);
    }
    assert!(world.registry.requests().is_empty());
}

#[test]
fn a_missing_repository_names_similar_ones() {
    let world = with(FakeRegistry::builder().repository("acme/shops"));
    world.aws.on(&of_public("DescribeRepositories")).answer(|call| {
        if call.body["repositoryNames"].is_array() {
            let body = json!({"__type": "RepositoryNotFoundException", "message": "no"});
            Reply::json(400, &body).with_header("x-amzn-errortype", "RepositoryNotFoundException")
        } else {
            Reply::json(200, &json!({"repositories": [public("acme", "shops")]}))
        }
    });
    let step = step(&world, "1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(2);
    assert!(out.stderr.contains("did you mean `acme/shops`?"), "{}", out.stderr);
}

#[test]
fn a_missing_repository_is_created_with_its_tags_alone() {
    let world = missing("acme");
    let step = step(&world, "1.0.0").input("create-repository", "true").input("repository-tags", "team=shop");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    let body = &world.aws.calls_to("CreateRepository")[0].body;
    assert_eq!(*body, json!({"repositoryName": "shop", "tags": [{"Key": "team", "Value": "shop"}]}));
    assert!(out.summary.contains("| Repository | created |"), "{}", out.summary);
}

#[test]
fn no_repository_is_created_under_another_alias_than_was_meant() {
    let world = missing("other");
    let step = step(&world, "1.0.0").input("create-repository", "true");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(2);
    assert!(out.stderr.contains("did you mean `other/shop`?"), "{}", out.stderr);
    assert!(world.aws.calls_to("CreateRepository").is_empty());
}

#[test]
fn what_the_public_registry_does_not_have_is_bad_input() {
    let world = world();
    let policy = crate::creation::POLICY;
    let settings = [
        ("wait-for-scan", "true"),
        ("wait-for-signature", "true"),
        ("repository-kms-key", "aws/ecr"),
        ("repository-lifecycle-policy", policy),
        ("registry-id", "123456789012"),
        ("mount-from", "base"),
    ];
    let all = settings.iter().fold(step(&world, "1.0.0"), |step, (name, value)| step.input(name, value));
    let step = all.input("create-repository", "true");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(2);
    for (name, _) in settings {
        assert!(out.stderr.contains(&format!("`{name}`")), "{name}: {}", out.stderr);
    }
    assert!(world.aws.calls().is_empty() && world.registry.requests().is_empty());
}

#[test]
fn one_run_pushes_to_one_registry() {
    let world = world();
    let images = ["public.ecr.aws/acme/shop", "shop"]
        .map(|name| json!({"source": "oci:image", "repository": name, "tags": ["1.0.0"]}));
    let step = world.step("").input("source", "").input("repository", "").input("images", &json!(images).to_string());
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(2);
    assert!(out.stderr.contains("push them in two steps"), "{}", out.stderr);
}

#[test]
fn what_is_denied_names_the_action_of_the_public_registry() {
    let world = world();
    let denied = json!({"errors": [{"code": "DENIED", "message": "not authorized"}]});
    world.registry.faults().add(Fault::reply(Reply::json(403, &denied)).on("PUT", "*/manifests/*").always());
    let step = step(&world, "1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    let arn = "arn:aws:ecr-public::123456789012:repository/shop";
    for text in ["aws/access-denied", r#""Action": "ecr-public:PutImage""#, arn] {
        assert!(out.stderr.contains(text), "{text}: {}", out.stderr);
    }
    let world = self::world();
    world.aws.on(&of_public("GetAuthorizationToken")).error(
        400,
        "AccessDeniedException",
        "User: x is not authorized to perform: sts:GetServiceBearerToken on resource: * because no identity-based policy allows it",
    );
    let step = self::step(&world, "1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains(r#""Action": "sts:GetServiceBearerToken""#), "{}", out.stderr);
}

/// What was tested in a private registry becomes public.
fn publish(private: &FakeRegistry, world: &World) -> FakeRunner {
    let image = image(private, "shop", "layer", "abc");
    let token = "QVdTOnJlZ2lzdHJ5LXBhc3N3b3JkLW9mLXR3ZWx2ZS1ob3Vycw==";
    let private_token = json!({"authorizationData": [{"authorizationToken": token}]});
    world.aws.on("AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken").reply(private_token);
    FakeRunner::new()
        .envs(world.aws.env())
        .env("SLIPWAY_REGISTRY_ENDPOINT", world.registry.url())
        .env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", private.url())
        .input("image", &format!("{DEVELOP}/shop@{}", image["digest"].as_str().unwrap()))
        .input("repository", "public.ecr.aws/acme/shop")
        .input("tags", "1.0.0\nlatest")
}

fn private_registry() -> FakeRegistry {
    FakeRegistry::builder().repository("shop").basic_auth("AWS", PASSWORD).ecr_quirks().start().unwrap()
}

#[test]
fn an_image_of_a_private_registry_is_promoted_to_the_public_one() {
    let (private, world) = (private_registry(), world());
    let out = promote(&publish(&private, &world));
    out.assert_code(0);
    let digest = &out.outputs["digest"];
    assert_eq!(world.registry.tags("acme/shop")["1.0.0"], *digest);
    assert_eq!(out.outputs["image-uri"], format!("public.ecr.aws/acme/shop@{digest}"));
    assert_eq!(world.registry.manifest("acme/shop", digest), private.manifest("shop", digest));
    assert!(private.requests().iter().all(|request| matches!(request.method.as_str(), "GET" | "HEAD")));
}

/// Nobody has to log in to read what is public.
#[test]
fn an_image_of_the_public_registry_is_promoted_to_a_private_one() {
    let two = Two::new();
    let public = FakeRegistry::builder().repository("acme/shop").start().unwrap();
    let image = image(&public, "acme/shop", "layer", "abc");
    let digest = image["digest"].as_str().unwrap();
    let step = two
        .step(&format!("public.ecr.aws/acme/shop@{digest}"), "1.0.0")
        .env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", public.url())
        .input("repository", "shop");
    let out = promote(&step);
    out.assert_code(0);
    assert_eq!(two.production.registry.tags("shop")["1.0.0"], digest);
    assert_eq!(out.outputs["image-uri"], format!("{HOST}/shop@{digest}"));
    assert!(public.requests().iter().all(|request| request.header("authorization").is_none()));
    let with_login = step.input("source-username", "robot").env("SOURCE_PASSWORD", "password-of-another-registry");
    let refused = promote(&with_login);
    refused.assert_code(2);
    for told in ["no image comes from a registry that it could be for", "`public.ecr.aws` by anybody"] {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
}

#[test]
fn the_public_registry_does_not_see_the_login_for_another_one() {
    let public = FakeRegistry::builder().repository("acme/shop").repository("other/shop").start().unwrap();
    let world = World::new();
    let sources = ["public.ecr.aws/acme", "mirror.example/other"].map(|prefix| {
        let repository = prefix.split_once('/').map(|(_, name)| format!("{name}/shop")).unwrap();
        let image = image(&public, &repository, "layer", "abc");
        format!("docker://{prefix}/shop@{}", image["digest"].as_str().unwrap())
    });
    let images = sources.map(|source| json!({"source": source, "repository": "shop", "tags": [source[9..15]]}));
    let step = world.step("").input("source", "").input("repository", "").input("images", &json!(images).to_string());
    let step = step.input("source-username", "robot").env("SOURCE_PASSWORD", "password-of-another-registry");
    let out = run(&step.env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", public.url()));
    out.assert_code(0);
    let shown = |repository: &str| {
        let of = |path: &str| path.starts_with(&format!("/v2/{repository}/"));
        let requests = public.requests().into_iter().filter(|request| of(&request.path));
        requests.filter(|request| request.header("authorization").is_some()).count()
    };
    assert_eq!(shown("acme/shop"), 0);
    assert!(shown("other/shop") > 0);
}

#[test]
fn an_image_that_is_public_gets_further_tags_and_goes_to_another_repository() {
    let world = with(FakeRegistry::builder().repository("acme/shop").repository("acme/beta"));
    world.aws.on(&of_public("DescribeRepositories")).reply(json!({"repositories": [public("acme", "shop")]}));
    let digest = |image: Value| image["digest"].as_str().unwrap().to_owned();
    let own = digest(image(&world.registry, "acme/shop", "layer", "abc"));
    let beta = digest(image(&world.registry, "acme/beta", "other", "abc"));
    let step = |name: &str, digest: &str, tags: &str| {
        FakeRunner::new()
            .envs(world.aws.env())
            .env("SLIPWAY_REGISTRY_ENDPOINT", world.registry.url())
            .input("image", &format!("public.ecr.aws/acme/{name}@{digest}"))
            .input("repository", "public.ecr.aws/acme/shop")
            .input("tags", tags)
    };
    promote(&step("shop", &own, "1.0.0")).assert_code(0);
    assert_eq!((world.uploads(), world.registry.tags("acme/shop")["1.0.0"].as_str()), (0, own.as_str()));
    promote(&step("beta", &beta, "1.1.0")).assert_code(0);
    let mounted = world.registry.requests().iter().filter(|request| request.query_value("mount").is_some()).count();
    assert_eq!((mounted, world.registry.tags("acme/shop")["1.1.0"].as_str()), (2, beta.as_str()));
}

fn place() -> Place {
    Place::public("123456789012", "acme")
}

fn printed(arguments: &[&str]) -> String {
    let out = run_with(&FakeRunner::plain_shell(), arguments);
    out.assert_code(0);
    out.stdout
}

fn printed_push(flags: &[&str]) -> String {
    let repository = "--repository=public.ecr.aws/acme/shop";
    let own = ["--print-iam-policy", "--aws-region=eu-west-1", ACCOUNT, "--source=oci:image", repository];
    printed(&own.iter().chain(flags).copied().collect::<Vec<_>>())
}

fn guarded(world: &World, role: &Role, step: FakeRunner, run: fn(&FakeRunner) -> RunOutput) -> RunOutput {
    let (aws, registry) = (role.guard(&world.aws.url()).unwrap(), role.guard(&world.registry.url()).unwrap());
    run(&step.env("AWS_ENDPOINT_URL", aws.url()).env("SLIPWAY_REGISTRY_ENDPOINT", registry.url()))
}

fn push(world: &World, role: &Role, step: FakeRunner) -> RunOutput {
    write_image(step.workspace(), "layer");
    guarded(world, role, step, run)
}

#[test]
fn the_policy_of_a_push_is_the_least_one() {
    let first = |role: &Role| {
        let world = world();
        push(&world, role, step(&world, "1.0.0\nlatest"))
    };
    let gone = |role: &Role| {
        let world = missing("acme");
        push(&world, role, step(&world, "1.0.0"))
    };
    let scenarios = [
        Scenario::new("several tags", first),
        Scenario::new("a missing repository", gone).ends_with(2).with_courtesies(&["ecr-public:DescribeRepositories"]),
    ];
    prove(&place(), &printed_push(&["--tags=1.0.0\nlatest"]), &scenarios, &[]);
}

#[test]
fn the_policy_of_a_push_that_may_create_the_repository_is_the_least_one() {
    let creates = |role: &Role| {
        let world = missing("acme");
        let step = step(&world, "1.0.0").input("create-repository", "true").input("repository-tags", "team=shop");
        push(&world, role, step)
    };
    let flags = ["--tags=1.0.0", "--create-repository", "--repository-tags=team=shop"];
    let exists = |role: &Role| {
        let world = world();
        push(&world, role, step(&world, "1.0.0").input("create-repository", "true"))
    };
    let scenarios = [Scenario::new("creates", creates), Scenario::new("exists", exists)];
    prove(&place(), &printed_push(&flags), &scenarios, &[]);
    let dry = |role: &Role| {
        let world = missing("acme");
        let step = step(&world, "1.0.0").input("create-repository", "true").input("dry-run", "true");
        push(&world, role, step)
    };
    let policy = printed_push(&["--tags=1.0.0", "--create-repository", "--dry-run"]);
    assert!(!policy.contains("PutImage") && !policy.contains("CreateRepository"), "{policy}");
    prove(&place(), &policy, &[Scenario::new("a dry run", dry)], &[]);
}

#[test]
fn the_policy_of_layers_of_another_repository_is_the_least_one() {
    let mounts = |role: &Role| {
        let world = with(FakeRegistry::builder().repository("acme/shop").repository("acme/base"));
        world.aws.on(&of_public("DescribeRepositories")).reply(json!({"repositories": [public("acme", "shop")]}));
        world.registry.put_blob("acme/base", "layer");
        push(&world, role, step(&world, "1.0.0").input("mount-from", "public.ecr.aws/acme/base"))
    };
    let notices = [("ecr-public:BatchCheckLayerAvailability", "`acme/base` does not tell which layers it has")];
    let policy = printed_push(&["--tags=1.0.0", "--mount-from=public.ecr.aws/acme/base"]);
    prove(&place(), &policy, &[Scenario::new("mounts", mounts)], &notices);
}

#[test]
fn the_policy_of_a_promotion_from_a_private_registry_is_the_least_one() {
    let develop = Place::new("eu-west-1", "210987654321");
    let promotes = |role: &Role| {
        let (private, world) = (private_registry(), world());
        let source = role.at(&develop).guard(&private.url()).unwrap();
        let step = publish(&private, &world).env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", source.url());
        guarded(&world, role, step, promote)
    };
    let policy = printed(&[
        "promote",
        "--print-iam-policy",
        "--aws-region=eu-west-1",
        ACCOUNT,
        "--repository=public.ecr.aws/acme/shop",
        "--tags=1.0.0\nlatest",
        &format!("--image={DEVELOP}/shop:1.0.0"),
    ]);
    prove(&place(), &policy, &[Scenario::new("publishes", promotes)], &[]);
}

#[test]
fn the_policy_of_further_tags_writes_nothing_but_tags() {
    let policy = printed(&[
        "promote",
        "--print-iam-policy",
        "--aws-region=eu-west-1",
        ACCOUNT,
        "--repository=public.ecr.aws/acme/shop",
        "--tags=1.0.0",
        "--image=public.ecr.aws/acme/shop:1.0.0-rc",
    ]);
    let tags = |role: &Role| {
        let world = world();
        let digest = image(&world.registry, "acme/shop", "layer", "abc")["digest"].as_str().unwrap().to_owned();
        let step = FakeRunner::new()
            .envs(world.aws.env())
            .input("image", &format!("public.ecr.aws/acme/shop@{digest}"))
            .input("repository", "public.ecr.aws/acme/shop")
            .input("tags", "1.0.0");
        guarded(&world, role, step, promote)
    };
    prove(&place(), &policy, &[Scenario::new("further tags", tags)], &[]);
}

#[test]
fn a_uri_of_a_private_registry_says_what_to_write() {
    let world = World::new();
    let step = world.step("1.0.0").input("repository", &format!("{HOST}/team/shop"));
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(2);
    assert!(out.stderr.contains("write `team/shop`"), "{}", out.stderr);
}
