//! What is built is pushed by `ecr-push`, and what is not built is completed by it: both programs against one registry.

use std::path::{Path, PathBuf};

use testkit::runner::{FakeRunner, RunOutput};

use crate::ecr::{HOST, World, run};
use crate::support::{BINARY, runner};

/// The other program, where it was built beside this one.
fn ecr_push() -> Option<PathBuf> {
    let program = Path::new(BINARY).with_file_name(format!("ecr-push{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        eprintln!("SKIPPED build-and-tag with ecr-push: {} is not built", program.display());
        return None;
    }
    Some(program)
}

/// Builds; the folder of the image lives as long as the step.
fn build(world: &World, version: &str, tags: &str) -> (FakeRunner, RunOutput) {
    let step =
        runner("FROM scratch\nCOPY app /\n").file("app", "1").input("repository-uri", &format!("{HOST}/shop/backend"));
    let folder = step.workspace().join("out");
    let step = world.around(step).input("version", version).input("tags", tags);
    let step = step.input("output-folder", &folder.display().to_string());
    let output = run(&step);
    (step, output)
}

/// Pushes what was built, or what `source` names, with the outputs of the build as the examples pass them on.
fn push(world: &World, program: &Path, output: &RunOutput) -> RunOutput {
    let step = world.around(FakeRunner::new().input("repository", "shop/backend"));
    let step = step.input("source", &output.outputs["source"]).input("tags", &output.outputs["tags"]);
    step.run(program, [] as [&str; 0])
}

fn tags(world: &World) -> Vec<(String, String)> {
    world.registry.tags("shop/backend").into_iter().collect()
}

#[test]
fn a_tag_that_a_run_before_did_not_come_to_is_given_to_its_image() {
    let Some(program) = ecr_push() else { return };
    let world = World::new();
    world.registry.tell_layers(&world.aws);
    let (_built, first) = build(&world, "1.1.0", "sha-c0ffee1");
    first.assert_code(0);
    push(&world, &program, &first).assert_code(0);
    let (_built, again) = build(&world, "1.1.0", "sha-c0ffee1\n1.1.0\nlatest");
    again.assert_code(0);
    assert_eq!(again.outputs["skipped"], "true");
    let uploads = |world: &World| world.registry.requests().iter().filter(|request| request.method == "POST").count();
    let before = uploads(&world);
    push(&world, &program, &again).assert_code(0);
    assert_eq!(uploads(&world), before, "only tags were written");
    let names: Vec<(String, String)> =
        ["1.1.0", "latest", "sha-c0ffee1"].map(|tag| (tag.to_owned(), first.outputs["digest"].clone())).to_vec();
    assert_eq!(tags(&world), names);
}

#[test]
fn a_snapshot_of_this_commit_becomes_a_release_only_when_it_is_promoted() {
    let Some(program) = ecr_push() else { return };
    let world = World::new();
    world.registry.tell_layers(&world.aws);
    let (_built, snapshot) = build(&world, "1.1.0-SNAPSHOT", "1.1.0-SNAPSHOT\nsha-c0ffee1");
    snapshot.assert_code(0);
    push(&world, &program, &snapshot).assert_code(0);
    let before = tags(&world);

    let (_, release) = build(&world, "1.1.0", "1.1.0\nsha-c0ffee1");
    release.assert_code(1);
    assert!(release.stdout.contains("::error title=build-and-tag/other-image::"), "{}", release.stdout);
    assert_eq!(tags(&world), before);

    // What the error names as the way out, and the same run again.
    let image = format!("{HOST}/shop/backend:sha-c0ffee1");
    let promotion = world.around(FakeRunner::new().input("image", &image).input("tags", "1.1.0"));
    promotion.run(&program, ["promote"]).assert_code(0);
    let (_built, again) = build(&world, "1.1.0", "1.1.0\nsha-c0ffee1");
    again.assert_code(0);
    assert_eq!((again.outputs["skipped"].as_str(), &again.outputs["digest"]), ("true", &snapshot.outputs["digest"]));
    let pushed = push(&world, &program, &again);
    pushed.assert_code(0);
    assert_eq!(pushed.outputs["pushed"], "false");

    // Without the tag that both share, the release is an image of its own.
    let (_built, alone) = build(&world, "1.2.0", "1.2.0");
    alone.assert_code(0);
    push(&world, &program, &alone).assert_code(0);
    assert_eq!(tags(&world).len(), 4);
}
