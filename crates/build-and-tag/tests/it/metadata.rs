//! Outputs under the names of docker/metadata-action and docker/build-push-action.

use serde_json::{Value, json};

use crate::support::{out, run, runner};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn outputs_are_those_of_docker_s_actions() {
    let step = runner("FROM scratch\nCOPY a /a\n")
        .file("a", "1")
        .input("tags", "1.0.0\nlatest")
        .input("labels", "team=web = 1")
        .input("annotations", "a=b\nmanifest-descriptor:c=d");
    let output = run(&step);
    output.assert_code(0);
    let outputs = &output.outputs;
    assert_eq!(outputs["tag-names"], "1.0.0\nlatest");
    assert_eq!(outputs["imageid"], outputs["image-id"]);
    let told = parsed(&outputs["json"]);
    assert_eq!(told["tags"], json!(["shop/backend:1.0.0", "shop/backend:latest"]));
    assert_eq!(told["tag-names"], json!(["1.0.0", "latest"]));
    assert_eq!(told["labels"]["team"], "web = 1");
    assert_eq!(told["labels"]["org.opencontainers.image.version"], "1.0.0");
    assert_eq!(told["annotations"], json!(["manifest:a=b", "manifest-descriptor:c=d"]));
    let metadata = parsed(&outputs["metadata"]);
    assert_eq!(metadata["containerimage.digest"], outputs["digest"]);
    assert_eq!(metadata["containerimage.config.digest"], outputs["image-id"]);
    assert_eq!(metadata["containerimage.descriptor"]["digest"], outputs["digest"]);
    assert_eq!(metadata["containerimage.descriptor"]["annotations"], json!({ "c": "d" }));
    assert_eq!(metadata["image.name"], "shop/backend:1.0.0,shop/backend:latest");
    let manifest = oci_image::Layout::open(out(&step)).unwrap().image(Some("1.0.0"), None).unwrap();
    assert_eq!(manifest.annotations()["a"], "b");
}

#[test]
fn the_bake_file_is_a_target_to_inherit_from() {
    let step = runner("FROM scratch\nCOPY . /\n").input("bake-target", "meta");
    let first = run(&step);
    let bake = parsed(&std::fs::read_to_string(&first.outputs["bake-file"]).unwrap());
    let target = &bake["target"]["meta"];
    assert_eq!(target["tags"], json!(["shop/backend:1.0.0"]));
    assert_eq!(target["args"], json!({ "DOCKER_META_IMAGES": "shop/backend", "DOCKER_META_VERSION": "1.0.0" }));
    assert_eq!(target["labels"]["org.opencontainers.image.title"], "backend");
    assert_eq!(run(&step).outputs["digest"], first.outputs["digest"], "it is no part of the next build's context");
    let bad = run(&step.input("bake-target", "a b"));
    bad.assert_code(2);
    assert!(bad.stderr.contains("is no target"), "{}", bad.stderr);
}

#[test]
fn a_revision_that_the_dockerfile_sets_is_told_and_warned_of() {
    let revision = "org.opencontainers.image.revision";
    let step = runner(&format!("FROM scratch\nLABEL {revision}=dev\n"));
    let own = run(&step);
    own.assert_code(0);
    assert_eq!(parsed(&own.outputs["json"])["labels"][revision], "dev");
    let bake = parsed(&std::fs::read_to_string(&own.outputs["bake-file"]).unwrap());
    assert_eq!(bake["target"]["docker-metadata-action"]["labels"][revision], "dev");
    assert!(own.stdout.contains("::warning::") && own.stdout.contains("is of `dev`"), "{}", own.stdout);
    let of_another_stage = format!("FROM scratch AS build\nLABEL {revision}=dev\nFROM scratch\n");
    let commit = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";
    #[cfg(unix)]
    {
        let told = crate::builders::with_fake_docker(runner(&of_another_stage), "true").input("builder", "docker");
        let output = run(&told);
        output.assert_code(0);
        assert!(output.stderr.contains(&format!("--label '{revision}={commit}'")), "{}", output.stderr);
    }
    let other = run(&runner(&of_another_stage));
    assert_eq!(parsed(&other.outputs["json"])["labels"][revision], commit);
    assert!(!other.stdout.contains("::warning::"), "{}", other.stdout);
}

#[test]
fn the_tags_that_may_move_are_told_for_the_push() {
    let told = |name: &str, value: &str| {
        let step = runner("FROM scratch\n").input(name, value).input("branch", "main");
        run(&step).outputs["mutable-tags"].clone()
    };
    assert_eq!(told("latest", "develop"), "*-SNAPSHOT\ndevelop\nlatest");
    assert_eq!(told("snapshot-branch", "dev"), "*-SNAPSHOT\ndev\nlatest");
    assert_eq!(told("mutable-tags", "edge\nnightly-*"), "edge\nnightly-*");
    assert_eq!(told("mutable-tags", "none"), "none");
}

#[test]
fn limits_of_run_are_checked_and_without_effect_where_nothing_runs() {
    let limits = |size: &str, limit: &str| runner("FROM scratch\n").input("shm-size", size).input("ulimit", limit);
    let output = run(&limits("2g", "nofile=1024:4096").input("no-cache-filters", "deps"));
    output.assert_code(0);
    assert!(output.stdout.contains("`shm-size`, `ulimit` is without effect"), "{}", output.stdout);
    let bad = run(&limits("much", "nofile=1024:lots"));
    bad.assert_code(2);
    assert!(bad.stderr.contains("is no size") && bad.stderr.contains("is no limit"), "{}", bad.stderr);
}

#[test]
fn a_dry_run_tells_what_is_known_and_writes_nothing() {
    let step = runner("FROM scratch\n");
    let output = step.run(crate::support::BINARY, ["--dry-run"]);
    output.assert_code(0);
    assert_eq!(parsed(&output.outputs["json"])["tag-names"], json!(["1.0.0"]));
    assert_eq!((output.outputs["bake-file"].as_str(), output.outputs["metadata"].as_str()), ("", ""));
}

#[test]
fn several_platforms_are_one_index() {
    let step = runner("FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /program\n")
        .file("amd64", "1")
        .file("arm64", "2")
        .input("platforms", "linux/amd64,linux/arm64/v8")
        .input("annotations", "index:who=me\nmanifest-descriptor:where=here\nwhat=it");
    let output = run(&step);
    output.assert_code(0);
    let content = oci_image::Layout::open(out(&step)).unwrap().content(Some("1.0.0")).unwrap();
    let oci_image::Content::Index(index) = &content else { panic!("an index") };
    assert_eq!(index.index().annotations["who"], "me");
    let platforms: Vec<String> = index.images().iter().map(|image| image.platform().unwrap().to_string()).collect();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64/v8"]);
    assert!(index.index().manifests.iter().all(|child| child.annotations["where"] == "here"));
    for image in index.images() {
        assert_eq!(image.annotations()["what"], "it");
        assert_eq!(image.config().unwrap().architecture, image.platform().unwrap().architecture);
    }
    assert_ne!(index.images()[0].layers()[0].digest(), index.images()[1].layers()[0].digest());
    let metadata = parsed(&output.outputs["metadata"]);
    assert_eq!(metadata["containerimage.config.digest"], Value::Null, "an index has no configuration");
    assert_eq!(output.outputs["image-id"], output.outputs["digest"]);
    assert!(output.summary.contains("linux/arm64/v8"), "{}", output.summary);
    let lonely = runner("FROM scratch\n").input("annotations", "index:a=b");
    assert!(run(&lonely).stderr.contains("names the index, and an image of one platform has none"));
}

#[test]
fn a_version_of_python_has_the_tags_that_version_detect_gives_it() {
    for (version, branch, tags) in [
        ("1.1.0.dev0", "develop", "1.1.0-SNAPSHOT\ndevelop\nlatest"),
        ("1.0.0", "main", "1.0.0"),
        ("1.0.0rc1", "feature/a", "1.0.0-rc.1-feature-a-"),
    ] {
        let step = runner("FROM scratch\n").input("version", version).input("branch", branch);
        let output = run(&step);
        output.assert_code(0);
        assert!(output.outputs["tags"].starts_with(tags), "{version}: {:?}", output.outputs["tags"]);
    }
    // With tags any version will do; the label says it as it is.
    for version in ["1.1.0.dev0", "1.0.0.RELEASE", "2026.1"] {
        let step = runner("FROM scratch\n").input("version", version).input("tags", "1.1.0-SNAPSHOT");
        let output = run(&step);
        output.assert_code(0);
        assert!(output.summary.contains(version), "{}", output.summary);
    }
}
