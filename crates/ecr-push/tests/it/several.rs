//! Several images in one run: looked at together, what they share sent once, and none sent when one may not.

use std::path::Path;

use oci_image::Layout;
use serde_json::{Value, json};
use testkit::fault::Fault;
use testkit::iam::{Place, Role, Scenario, prove};
use testkit::registry::FakeRegistry;
use testkit::runner::FakeRunner;

use crate::world::{HOST, MANIFEST, World, add_image, repository, run, run_with};

const NAMES: [&str; 3] = ["api", "worker", "web"];

/// Three repositories, and three images with the same base.
fn world() -> World {
    let builder = NAMES.iter().fold(FakeRegistry::builder(), |builder, name| builder.repository(name));
    let world = World::with(builder);
    let repositories: Vec<Value> = NAMES.iter().map(|name| repository(name, "MUTABLE")).collect();
    world.aws.on("DescribeRepositories").reply(json!({"repositories": repositories}));
    world
}

fn step(world: &World) -> FakeRunner {
    let images =
        NAMES.map(|name| json!({"source": format!("oci:{name}"), "repository": name, "tags": ["1.0.0", "latest"]}));
    let step = FakeRunner::new()
        .envs(world.aws.env())
        .env("SLIPWAY_REGISTRY_ENDPOINT", world.registry.url())
        .input("images", &json!(images).to_string());
    for name in NAMES {
        write(step.workspace(), name);
    }
    step
}

/// An image with a base layer that all have, one that two have, and one of its own.
pub(crate) fn write(workspace: &Path, name: &str) {
    let mut writer = Layout::create(workspace.join(name)).unwrap();
    let layers = ["base of all", if name == "api" { "base of one" } else { "base of two" }, name];
    let image = add_image(&mut writer, &layers);
    writer.tag(&image, &["latest".to_owned()]);
    writer.commit().unwrap();
}

#[test]
fn what_several_images_share_goes_up_once_and_is_mounted_elsewhere() {
    let world = world();
    let out = run(&step(&world));
    out.assert_code(0);
    let base = testkit::registry::digest(b"base of all");
    for name in NAMES {
        assert!(world.registry.blob(name, &base).is_some());
        assert_eq!(world.registry.tags(name).len(), 2);
    }
    let requests = world.registry.requests();
    let bodies = requests.iter().filter(|request| request.body == "base of all".as_bytes()).count();
    assert_eq!(bodies, 1, "the base went up more than once");
    assert_eq!(requests.iter().filter(|request| request.query_value("mount").is_some()).count(), 5);
    let counts = ["DescribeRepositories", "GetAuthorizationToken"].map(|name| world.aws.calls_to(name).len());
    assert_eq!(counts, [1, 1]);
    // The tags that move come after all those that stay.
    let written = world.written();
    let tags: Vec<&String> = written.iter().filter(|name| !name.starts_with("sha256")).collect();
    assert_eq!(tags, ["1.0.0", "1.0.0", "1.0.0", "latest", "latest", "latest"]);
    let images: Value = serde_json::from_str(&out.outputs["images-json"]).unwrap();
    assert_eq!(images.as_array().unwrap().len(), 3);
    assert_eq!(images[1]["image"], format!("{HOST}/worker:1.0.0"));
    assert_eq!((&images[2]["tags"], &images[2]["pushed"]), (&json!(["1.0.0", "latest"]), &json!(true)));
    assert!(out.summary.contains("### `worker`") && out.summary.contains("| All images | Value |"), "{}", out.summary);
    assert!(out.stdout.contains("pushed 3 of 3 images: api: 1.0.0, latest"), "{}", out.stdout);
}

#[test]
fn pushing_them_again_is_already_done() {
    let world = world();
    let step = step(&world);
    run(&step).assert_code(0);
    world.registry.clear_requests();
    let out = run(&step);
    out.assert_code(0);
    assert!(world.registry.requests().iter().all(|request| request.method == "HEAD"));
    assert_eq!(out.outputs["pushed"], "false");
    assert!(out.stdout.contains("all 3 images are there already"), "{}", out.stdout);
}

#[test]
fn a_conflict_of_one_keeps_all_back() {
    let world = world();
    world.registry.put_manifest("web", "1.0.0", MANIFEST, "{}");
    let out = run(&step(&world));
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/tag-conflict::"), "{}", out.stdout);
    assert!(world.uploads() == 0 && world.written().is_empty());
}

/// The registry lies about uploads, loses them, throttles manifests, mounts nothing and tells no digests.
#[test]
fn a_contrary_registry_gets_everything_in_the_end() {
    let builder = NAMES.iter().fold(FakeRegistry::builder().contrary(), |builder, name| builder.repository(name));
    let world = World::with(builder);
    let repositories: Vec<Value> = NAMES.iter().map(|name| repository(name, "MUTABLE")).collect();
    world.aws.on("DescribeRepositories").reply(json!({"repositories": repositories}));
    let step = step(&world).env("SLIPWAY_TIME_DIVISOR", "100");
    run(&step).assert_code(0);
    for name in NAMES {
        assert_eq!(world.registry.tags(name).len(), 2);
    }
    assert!(world.registry.requests().iter().all(|request| request.method != "PATCH"));
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(out.outputs["pushed"], "false");
}

#[test]
fn where_mounting_is_refused_each_gets_its_own() {
    let world = world();
    let refused = Fault::status(405).matching(|request| request.query_value("mount").is_some());
    world.registry.faults().add(refused.always());
    run(&step(&world)).assert_code(0);
    let base = testkit::registry::digest(b"base of all");
    assert!(NAMES.iter().all(|name| world.registry.blob(name, &base).is_some()));
}

#[test]
fn missing_repositories_are_found_one_by_one_and_created() {
    let builder = NAMES.iter().fold(FakeRegistry::builder(), |builder, name| builder.repository(name));
    let world = World::with(builder);
    world.aws.on("DescribeRepositories").answer(|call| {
        let names: Vec<&str> =
            call.body["repositoryNames"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        if names == ["api"] {
            return testkit::http::Reply::json(200, &json!({"repositories": [repository("api", "MUTABLE")]}));
        }
        let body = json!({"__type": "RepositoryNotFoundException", "message": "no"});
        testkit::http::Reply::json(400, &body).with_header("x-amzn-errortype", "RepositoryNotFoundException")
    });
    world.aws.on("CreateRepository").answer(|call| {
        let name = call.body["repositoryName"].as_str().unwrap();
        testkit::http::Reply::json(200, &json!({"repository": repository(name, "IMMUTABLE")}))
    });
    run(&step(&world).input("create-repository", "true")).assert_code(0);
    let created = world.aws.calls_to("CreateRepository");
    let created: Vec<&str> = created.iter().map(|call| call.body["repositoryName"].as_str().unwrap()).collect();
    assert_eq!(created, ["worker", "web"]);
}

#[test]
fn several_images_leave_no_room_for_one() {
    let world = world();
    let out = run(&step(&world).input("source", "oci:api").input("tags", "1.0.0"));
    out.assert_code(2);
    assert!(out.stderr.contains("`source` is given beside `images`"), "{}", out.stderr);
    let out = run(&step(&world).input("images", "[{}]"));
    out.assert_code(2);
    assert!(out.stderr.contains("`images` is not such a list"), "{}", out.stderr);
}

#[test]
fn the_policy_of_several_images_is_the_least_one() {
    let pushes = |role: &Role| {
        let world = world();
        let aws = role.guard(&world.aws.url()).unwrap();
        let registry = role.guard(&world.registry.url()).unwrap();
        run(&step(&world).env("AWS_ENDPOINT_URL", aws.url()).env("SLIPWAY_REGISTRY_ENDPOINT", registry.url()))
    };
    let images =
        NAMES.map(|name| json!({"source": format!("oci:{name}"), "repository": name, "tags": ["1.0.0", "latest"]}));
    let images = format!("--images={}", json!(images));
    let flags = ["--print-iam-policy", "--aws-region=eu-west-1", "--allowed-account-ids=123456789012", &images];
    let printed = run_with(&FakeRunner::plain_shell(), &flags);
    printed.assert_code(0);
    let notices = [("ecr:GetDownloadUrlForLayer", "had to be uploaded: it needs ecr:GetDownloadUrlForLayer")];
    let scenarios = [Scenario::new("three with one base", pushes)];
    prove(&Place::new("eu-west-1", "123456789012"), &printed.stdout, &scenarios, &notices);
}
