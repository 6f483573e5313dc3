//! Pushing: first, again, moved, created, dry.

use serde_json::json;
use testkit::fault::Fault;
use testkit::registry::FakeRegistry;

use super::*;
use crate::world::{HOST, MANIFEST, add_image, repository, run, run_with, write_index_of};

#[test]
fn a_first_push_writes_the_version_then_the_moving_tags() {
    let world = World::new();
    let step = world.step("develop\n1.1.0-SNAPSHOT\n1.1.0");
    let digest = write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(world.written(), ["1.1.0", "develop", "1.1.0-SNAPSHOT"]);
    assert_eq!(out.outputs["digest"], digest);
    assert_eq!(out.outputs["image"], format!("{HOST}/shop:develop"));
    assert_eq!(out.outputs["image-uri"], format!("{HOST}/shop@{digest}"));
    assert_eq!((out.outputs["registry"].as_str(), out.outputs["repository"].as_str()), (HOST, "shop"));
    assert_eq!(out.outputs["pushed"], "true");
    assert!(out.summary.contains(&format!("docker pull {HOST}/shop@{digest}")), "{}", out.summary);
    // Read back as a foreign client would.
    let url = format!("{}/v2/shop/manifests/1.1.0", world.registry.url());
    let read = testkit::http::send("GET", &url, &[("authorization", &basic())], b"").unwrap();
    assert_eq!((read.status, read.header("docker-content-digest")), (200, Some(digest.as_str())));
}

fn basic() -> String {
    "Basic QVdTOnJlZ2lzdHJ5LXBhc3N3b3JkLW9mLXR3ZWx2ZS1ob3Vycw==".to_owned()
}

#[test]
fn pushing_again_is_already_done_and_sends_nothing() {
    let world = World::new();
    let step = world.step("1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    world.registry.clear_requests();
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(out.outputs["pushed"], "false");
    assert!(out.stderr.contains("already done") && out.summary.contains("already done"), "{}", out.stderr);
    let methods: Vec<String> = world.registry.requests().iter().map(|request| request.method.clone()).collect();
    assert_eq!(methods, ["HEAD", "HEAD"]);
}

#[test]
fn a_snapshot_moves_and_its_layers_are_reused() {
    let world = World::new();
    let step = world.step("1.1.0-SNAPSHOT");
    write_image(step.workspace(), "one");
    run(&step).assert_code(0);
    let digest = write_image(step.workspace(), "two");
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(world.registry.tags("shop")["1.1.0-SNAPSHOT"], digest);
    assert!(out.summary.contains("moved from"), "{}", out.summary);
    assert!(out.summary.contains("| Uploaded | 1 blob,"), "{}", out.summary);
}

#[test]
fn the_children_of_an_index_go_by_digest() {
    let world = World::new();
    let step = world.step("1.0.0");
    let digest = write_index(step.workspace());
    run(&step).assert_code(0);
    let written = world.written();
    assert_eq!(written.len(), 3);
    assert!(written[..2].iter().all(|reference| reference.starts_with("sha256")), "{written:?}");
    assert_eq!(written[2], "1.0.0");
    assert_eq!(world.registry.tags("shop").into_iter().collect::<Vec<_>>(), [("1.0.0".to_owned(), digest)]);
}

#[test]
fn manifests_that_are_there_are_not_sent_again() {
    let world = World::new();
    let step = world.step("1.1.0-SNAPSHOT");
    write_index(step.workspace());
    run(&step).assert_code(0);
    let written = world.written().len();
    // The whole index is there: only the tag is written.
    run(&step.input("tags", "1.1.0")).assert_code(0);
    assert_eq!(world.written()[written..], ["1.1.0"]);
    // Of another index one image is there.
    let step = world.step("1.1.1");
    write_index_of(step.workspace(), |writer| {
        vec![json!(add_image(writer, &["amd64"])), json!(add_image(writer, &["s390x"]))]
    });
    let written = world.written().len();
    run(&step).assert_code(0);
    assert_eq!(world.written().len() - written, 2);
}

/// ECR answers so when the very manifest is there, for example because another run has just written it.
#[test]
fn a_manifest_that_is_refused_because_it_is_there_is_done() {
    let world = World::new();
    let step = world.step("1.0.0");
    write_index(step.workspace());
    run(&step).assert_code(0);
    world.registry.clear_requests();
    let exists = json!({"errors": [{"code": "TAG_INVALID", "message": "Image with digest already exists"}]});
    world
        .registry
        .faults()
        .add(Fault::reply(testkit::http::Reply::json(400, &exists)).on("PUT", "*/manifests/sha256*").always());
    // None seems to be there at first.
    world.registry.faults().add(Fault::status(404).on("HEAD", "*/manifests/sha256*"));
    world.registry.faults().add(Fault::status(404).on("HEAD", "*/manifests/sha256*").nth(2));
    run(&step.input("tags", "1.0.1")).assert_code(0);
    assert!(world.registry.tags("shop").contains_key("1.0.1"));
}

#[test]
fn a_dry_run_writes_nothing() {
    let world = World::new();
    let step = world.step("1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    let out = run_with(&step, &["--dry-run", "--output", "json"]);
    out.assert_code(0);
    assert!(world.registry.requests().iter().all(|request| matches!(request.method.as_str(), "HEAD" | "GET")));
    let plan: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(plan["images"][0]["tags"][0], json!({"tag": "1.0.0", "may_move": false, "action": "push"}));
    assert_eq!(out.outputs["pushed"], "false");
}

#[test]
fn a_missing_repository_is_created_on_request() {
    let world = World::with(FakeRegistry::builder().repository("shop"));
    world.aws.on("DescribeRepositories").error(400, "RepositoryNotFoundException", "no such repository");
    world.aws.on("CreateRepository").reply(json!({"repository": repository("shop", "IMMUTABLE_WITH_EXCLUSION")}));
    let step = world.step("1.0.0").input("create-repository", "true");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    let body = &world.aws.calls_to("CreateRepository")[0].body;
    assert_eq!(body["imageTagMutability"], "IMMUTABLE_WITH_EXCLUSION");
    let filters: Vec<&str> = body["imageTagMutabilityExclusionFilters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|filter| filter["filter"].as_str().unwrap())
        .collect();
    assert_eq!(filters, ["*-SNAPSHOT", "develop", "latest"]);
    assert_eq!(body["imageScanningConfiguration"]["scanOnPush"], true);
    assert_eq!(out.outputs["image"], format!("{HOST}/shop:1.0.0"));
}

#[test]
fn a_dry_run_creates_no_repository() {
    let world = World::with(FakeRegistry::builder().repository("shop"));
    world.aws.on("DescribeRepositories").error(400, "RepositoryNotFoundException", "no such repository");
    let step = world.step("1.0.0").input("create-repository", "true").input("dry-run", "true");
    write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    assert!(world.aws.calls_to("CreateRepository").is_empty());
    assert!(world.registry.requests().is_empty());
}

#[test]
fn a_lost_race_with_the_same_image_is_already_done() {
    let world = World::with(FakeRegistry::builder().repository("shop").immutable_tags());
    world.aws.on("DescribeRepositories").reply(json!({"repositories": [repository("shop", "IMMUTABLE")]}));
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    // The tag seems to be free, and the write is refused.
    world.registry.faults().add(Fault::status(404).on("HEAD", "*/manifests/1.0.0"));
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(out.outputs["pushed"], "false");
}

/// Another run writes the tag right after this one did, into a repository that takes both: the look number `nth` finds it.
fn raced(world: &World, tag: &str, nth: u64) {
    let theirs =
        testkit::http::Reply::new(200).with_header("docker-content-digest", testkit::registry::digest(b"theirs"));
    world.registry.faults().add(Fault::reply(theirs).on("HEAD", &format!("*/manifests/{tag}")).nth(nth));
}

#[test]
fn a_version_that_another_run_overwrote_is_an_error() {
    let world = World::new();
    raced(&world, "1.0.0", 3);
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/tag-raced::"), "{}", out.stdout);
    assert_eq!(world.written(), ["1.0.0"]);
}

#[test]
fn a_version_that_another_run_overwrote_takes_no_moving_tag_along() {
    let world = World::new();
    raced(&world, "1.0.0", 3);
    let step = world.step("1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/tag-raced::"), "{}", out.stdout);
    assert_eq!(world.written(), ["1.0.0"]);
}

#[test]
fn a_moving_tag_that_another_run_overwrote_is_a_warning() {
    let world = World::new();
    raced(&world, "1.1.0-SNAPSHOT", 3);
    let step = world.step("1.1.0\n1.1.0-SNAPSHOT");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    assert!(out.stdout.contains("::warning") && out.stdout.contains("another run pushed"), "{}", out.stdout);
    assert_eq!(out.outputs["tags"], "1.1.0");
}

/// Another run releases `version` and takes `latest` along, at the moment when this one has written its own `latest`: before that write
/// lands (`is_last`: ours is the last one then), or after it.
fn crossed(world: &World, version: &str, is_last: bool) -> String {
    let theirs = world.registry.put_manifest("shop", "elsewhere", MANIFEST, format!("{{\"version\":\"{version}\"}}"));
    let listed = testkit::http::Reply::json(200, &json!({"name": "shop", "tags": ["1.0.0"]}));
    // Neither the plan nor the look before the write sees their version.
    for nth in [1, 2] {
        world.registry.faults().add(Fault::reply(listed.clone()).on("GET", "*/tags/list").nth(nth));
    }
    world.registry.put_manifest("shop", version, MANIFEST, format!("{{\"version\":\"{version}\"}}"));
    if !is_last {
        let head = testkit::http::Reply::new(200).with_header("docker-content-digest", &theirs);
        world.registry.faults().add(Fault::reply(head).on("HEAD", "*/manifests/latest").nth(3));
    }
    theirs
}

#[test]
fn of_two_releases_at_once_the_lower_one_gives_latest_back() {
    let world = World::new();
    let theirs = crossed(&world, "1.1.0", true);
    let step = world.step("1.0.1\nlatest");
    let ours = write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    let tags = world.registry.tags("shop");
    assert_eq!((&tags["1.0.1"], &tags["latest"]), (&ours, &theirs));
    assert_eq!(world.written(), ["1.0.1", "latest", "latest"]);
    assert!(out.stdout.contains("`latest` (there is `1.1.0`)"), "{}", out.stdout);
    assert_eq!(out.outputs["tags"], "1.0.1");
}

/// A write that is dropped on its way leaves the tag at either image, and nobody knows at which.
#[test]
fn a_tag_that_is_being_put_right_is_written_though_the_look_at_another_fails() {
    let world = World::new();
    let theirs = crossed(&world, "1.1.0", true);
    world.registry.faults().add(Fault::status(403).on("HEAD", "*/manifests/develop").nth(3));
    let step = world.step("1.0.1\ndevelop\nlatest");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert_eq!(world.registry.tags("shop")["latest"], theirs);
    assert!(out.stdout.contains("written before the failure: `1.0.1`, `develop`, `latest`"), "{}", out.stdout);
    assert!(out.stdout.contains("`latest` is at `1.1.0` now"), "{}", out.stdout);
}

#[test]
fn of_two_releases_at_once_the_higher_one_keeps_latest() {
    let world = World::new();
    crossed(&world, "1.0.1", false);
    let step = world.step("1.1.0\nlatest");
    let ours = write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(world.registry.tags("shop")["latest"], ours);
    assert_eq!(world.written(), ["1.1.0", "latest", "latest"]);
    assert!(out.stdout.contains("::warning") && out.stdout.contains("`latest` is at `1.1.0` now"), "{}", out.stdout);
    assert_eq!(out.outputs["tags"], "1.1.0\nlatest");
}

/// The higher version has taken `latest` itself: nothing is left to do.
#[test]
fn of_two_releases_at_once_the_lower_one_leaves_latest_where_it_is() {
    let world = World::new();
    crossed(&world, "1.1.0", false);
    let step = world.step("1.0.1\nlatest");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(world.written(), ["1.0.1", "latest"]);
    assert!(out.stdout.contains("`latest` (there is `1.1.0`)"), "{}", out.stdout);
}

#[test]
fn a_tag_that_follows_versions_and_does_not_come_to_rest_ends_the_run() {
    let world = World::new();
    let theirs =
        testkit::http::Reply::new(200).with_header("docker-content-digest", testkit::registry::digest(b"theirs"));
    world.registry.faults().add(Fault::reply(theirs).on("HEAD", "*/manifests/latest").from(3));
    let step = world.step("1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/changed-meanwhile::"), "{}", out.stdout);
    assert!(out.stdout.contains("written before the failure: `1.0.0`, `latest`"), "{}", out.stdout);
}

/// A version with `latest`, pushed by a run of its own; its step and its digest.
fn release(world: &World, version: &str) -> (testkit::FakeRunner, String) {
    let step = world.step(&format!("{version}\nlatest"));
    let digest = write_image(step.workspace(), version);
    run(&step).assert_code(0);
    (step, digest)
}

#[test]
fn the_job_of_an_old_release_that_is_run_again_does_not_move_latest_back() {
    let world = World::new();
    let (first, _) = release(&world, "1.0.0");
    let (_, second) = release(&world, "1.1.0");
    assert_eq!(world.registry.tags("shop")["latest"], second);
    let again = run(&first);
    again.assert_code(0);
    assert_eq!(world.registry.tags("shop")["latest"], second);
    let warning = "a higher version than `1.0.0`, so these tags stay where they are: `latest` (there is `1.1.0`)";
    assert!(again.stdout.contains("::warning") && again.stdout.contains(warning), "{}", again.stdout);
    assert_eq!((again.outputs["tags"].as_str(), again.outputs["pushed"].as_str()), ("1.0.0", "false"));
    assert!(again.summary.contains("| `latest` | stays: 1.1.0 is higher |"), "{}", again.summary);
    let dry = run_with(&first, &["--dry-run"]);
    assert!(dry.stdout.contains(warning) && dry.summary.contains("would stay"), "{}", dry.stdout);
    // A correction of an old line is written, and its own line's tag moves.
    let step = world.step("latest\n1.0.1\n1.0").input("mutable-tags", "latest,1.0");
    let fix = write_image(step.workspace(), "1.0.1");
    let out = run(&step);
    out.assert_code(0);
    let tags = world.registry.tags("shop");
    assert_eq!((&tags["1.0.1"], &tags["1.0"], &tags["latest"]), (&fix, &fix, &second));
    assert_eq!(out.outputs["image"], format!("{HOST}/shop:1.0.1"));
    let back = run(&first.input("moving-tags", "any"));
    back.assert_code(0);
    assert_ne!(world.registry.tags("shop")["latest"], second);
}

#[test]
fn the_tag_of_a_variant_stays_with_the_highest_version_of_that_variant() {
    let world = World::new();
    let pushed = |tags: &str| {
        let step = world.step(tags).input("mutable-tags", "latest*");
        let digest = write_image(step.workspace(), tags);
        let out = run(&step);
        out.assert_code(0);
        (digest, out)
    };
    let (slim, _) = pushed("1.5.0-slim\nlatest-slim");
    pushed("2.0.0\nlatest");
    let (_, older) = pushed("1.4.0-slim\nlatest-slim");
    assert_eq!(world.registry.tags("shop")["latest-slim"], slim);
    let warning =
        "a higher version than `1.4.0-slim`, so these tags stay where they are: `latest-slim` (there is `1.5.0-slim`)";
    assert!(older.stdout.contains(warning), "{}", older.stdout);
    let (newer, _) = pushed("1.6.0-slim\nlatest-slim");
    assert_eq!(world.registry.tags("shop")["latest-slim"], newer, "2.0.0 is of no variant");
}

#[test]
fn a_higher_version_that_comes_up_during_the_push_keeps_latest() {
    let world = World::new();
    world.registry.put_manifest("shop", "latest", MANIFEST, "{}");
    let step = world.step("1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    let listed = |tags: &[&str]| testkit::http::Reply::json(200, &json!({"name": "shop", "tags": tags}));
    world.registry.faults().add(Fault::reply(listed(&["1.0.0", "1.1.0"])).on("GET", "*/tags/list").nth(2));
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(world.written(), ["1.0.0"]);
    assert!(out.stdout.contains("`latest` (there is `1.1.0`)"), "{}", out.stdout);
}

#[test]
fn a_moving_tag_that_another_run_moved_during_the_push_is_looked_at_anew() {
    let world = World::new();
    let theirs = world.registry.put_manifest("shop", "latest", MANIFEST, "{}");
    let step = world.step("1.1.0-SNAPSHOT\nlatest");
    write_image(step.workspace(), "layer");
    // The plan sees no such tag, and the look before the write does.
    world.registry.faults().add(Fault::status(404).on("HEAD", "*/manifests/latest"));
    let out = run(&step);
    out.assert_code(0);
    assert!(out.stderr.contains("looking again"), "{}", out.stderr);
    let moved = format!("| `latest` | moved from {} |", &theirs[7..19]);
    assert!(out.summary.contains(&moved), "{}", out.summary);
    assert_eq!(world.written(), ["1.1.0-SNAPSHOT", "latest"]);
}

#[test]
fn a_moving_tag_that_does_not_come_to_rest_ends_the_run() {
    let world = World::new();
    let step = world.step("latest");
    write_image(step.workspace(), "layer");
    for nth in [2, 4] {
        raced(&world, "latest", nth);
    }
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/changed-meanwhile::"), "{}", out.stdout);
    assert!(world.written().is_empty());
}

#[test]
fn a_role_that_may_not_list_the_tags_is_told_before_anything_is_sent() {
    let world = World::new();
    let denied = json!({"errors": [{"code": "DENIED", "message": "not authorized to perform: ecr:ListImages"}]});
    world
        .registry
        .faults()
        .add(Fault::reply(testkit::http::Reply::json(403, &denied)).on("GET", "*/tags/list").always());
    let step = world.step("1.0.0\nlatest");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(1);
    assert!(
        out.stderr.contains("aws/access-denied") && out.stderr.contains(r#""Action": "ecr:ListImages""#),
        "{}",
        out.stderr
    );
    assert_eq!(world.uploads(), 0);
}

#[test]
fn a_protected_tag_is_neither_looked_for_before_nor_after_it_is_written() {
    let world = World::with(FakeRegistry::builder().repository("shop").immutable_tags());
    world.aws.on("DescribeRepositories").reply(json!({"repositories": [repository("shop", "IMMUTABLE")]}));
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    let methods: Vec<String> = world.registry.requests().iter().map(|request| request.method.clone()).collect();
    assert_eq!(methods, ["HEAD", "POST", "POST", "PUT", "PUT", "PUT"]);
}

#[test]
fn layers_of_another_repository_are_used_again() {
    let world = World::with(FakeRegistry::builder().repository("shop").repository("base"));
    world.aws.on("DescribeRepositories").reply(json!({"repositories": [repository("shop", "MUTABLE")]}));
    world.registry.put_blob("base", "layer");
    let step = world.step("1.0.0").input("mount-from", "gone\nbase");
    write_image(step.workspace(), "layer");
    let out = run(&step);
    out.assert_code(0);
    assert!(out.stderr.contains("taken from another repository"), "{}", out.stderr);
    assert!(
        out.summary.contains("| Uploaded | 1 blob,") && out.summary.contains("| Reused | 1 blob,"),
        "{}",
        out.summary
    );
}

#[test]
fn without_an_answer_of_ecr_each_layer_is_looked_for() {
    let world = World::new();
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    world.registry.put_blob("shop", "layer");
    world.aws.faults().add(Fault::status(400).matching(|request| {
        request.header("x-amz-target").is_some_and(|target| target.ends_with("BatchCheckLayerAvailability"))
    }));
    run(&step).assert_code(0);
    let is_blob = |request: &&testkit::http::Request| request.method == "HEAD" && request.path.contains("/blobs/");
    assert_eq!(world.registry.requests().iter().filter(is_blob).count(), 2);
    assert_eq!(world.uploads(), 1);
}

#[test]
fn a_lost_race_with_another_image_is_a_conflict_on_the_second_look() {
    let world = World::new();
    let theirs = world.registry.put_manifest("shop", "1.0.0", MANIFEST, "{}");
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    world.registry.faults().add(Fault::status(404).on("HEAD", "*/manifests/1.0.0"));
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("looking again") && out.stderr.contains("ecr-push/tag-conflict"), "{}", out.stderr);
    assert_eq!(world.registry.tags("shop")["1.0.0"], theirs);
    assert!(world.written().is_empty());
}

#[test]
fn a_registry_that_stumbles_is_tried_again() {
    let world = World::new();
    world.registry.faults().add(Fault::status(503).on("PUT", "*/blobs/uploads/*"));
    world.registry.faults().add(Fault::reset().on("PUT", "*/manifests/*"));
    let step = world.step("1.0.0");
    let digest = write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    assert_eq!(world.registry.tags("shop")["1.0.0"], digest);
}

#[test]
fn only_the_documented_calls_are_made() {
    let world = World::new();
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    let mut operations = world.aws.operations();
    operations.sort();
    assert_eq!(operations, ["BatchCheckLayerAvailability", "DescribeRepositories", "GetAuthorizationToken"]);
}

/// The image that build-and-tag found in the repository: a run that was stopped before `latest` is completed by the next one.
#[test]
fn an_image_that_was_not_built_again_gets_the_tags_that_a_stopped_run_left_out() {
    let world = World::new();
    let step = world.step("1.0.0");
    let digest = write_image(step.workspace(), "layer");
    run(&step).assert_code(0);
    world.registry.clear_requests();
    let again = world.step("1.0.0\nlatest").input("source", &format!("docker://{HOST}/shop@{digest}"));
    run(&again).assert_code(0);
    assert_eq!(world.written(), ["latest"]);
    assert_eq!(world.registry.tags("shop")["latest"], digest);
    assert_eq!(world.uploads(), 0);
}
