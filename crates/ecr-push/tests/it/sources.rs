//! Where the image comes from.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::*;
use crate::world::{add_image, run};

#[test]
fn a_plain_path_and_a_tag_behind_it_are_understood() {
    for source in ["image", "image:latest", "oci:image:latest"] {
        let world = World::new();
        let step = world.step("1.0.0").input("source", source);
        let digest = write_image(step.workspace(), "layer");
        run(&step).assert_code(0);
        assert_eq!(world.registry.tags("shop")["1.0.0"], digest, "{source}");
    }
}

#[test]
fn a_docker_archive_is_pushed() {
    let world = World::new();
    let step = world.step("1.0.0").input("source", "docker-archive:image.tar");
    write_archive(step.workspace(), "image.tar", b"hello");
    let out = run(&step);
    out.assert_code(0);
    let manifest = world.registry.manifest("shop", "1.0.0").unwrap();
    assert_eq!(out.outputs["digest"], manifest.digest);
    world.registry.clear_requests();
    let again = run(&step);
    again.assert_code(0);
    assert_eq!((again.outputs["pushed"].as_str(), world.uploads()), ("false", 0));
}

#[test]
fn a_daemons_image_is_saved_by_docker_and_pushed() {
    let world = World::new();
    let step = world.step("1.0.0").input("source", "docker-daemon:shop:1.0.0");
    write_archive(step.workspace(), "saved.tar", b"hello");
    let saved = step.workspace().join("saved.tar");
    let script =
        format!("#!/bin/sh\n[ \"$1 $2 $4\" = 'save --output shop:1.0.0' ] && cp '{}' \"$3\"\n", saved.display());
    let step = with_docker(step, &script);
    run(&step).assert_code(0);
    assert!(world.registry.tags("shop").contains_key("1.0.0"));
}

#[test]
fn a_daemon_that_does_not_answer_is_told_in_its_own_words() {
    let world = World::new();
    let step = world.step("1.0.0").input("source", "docker-daemon:shop:1.0.0");
    let step = with_docker(step, "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n");
    let out = run(&step);
    out.assert_code(2);
    assert!(out.stderr.contains("ecr-push/docker-save") && out.stderr.contains("Cannot connect"), "{}", out.stderr);
}

#[test]
fn no_docker_at_all_is_an_error_of_its_own() {
    let world = World::new();
    let step = world.step("1.0.0").input("source", "docker-daemon:shop:1.0.0").env("PATH", "/nowhere");
    let out = run(&step);
    out.assert_code(2);
    assert!(out.stderr.contains("ecr-push/no-docker"), "{}", out.stderr);
}

#[test]
fn a_source_that_is_missing_or_no_image_is_an_error_of_its_own() {
    for (source, code) in [
        ("oci:nowhere", "ecr-push/source-missing"),
        ("nowhere.tar", "ecr-push/source-missing"),
        ("oci:empty", "oci-image/not-a-layout"),
        ("docker-archive:text", "oci-image/"),
        ("image:other", "oci-image/no-such-tag"),
    ] {
        let world = World::new();
        let step = world.step("1.0.0").input("source", source).file("empty/file", "").file("text", "no archive");
        write_image(step.workspace(), "layer");
        let out = run(&step);
        out.assert_code(2);
        assert!(out.stderr.contains(code), "{source}: {}", out.stderr);
        assert!(world.registry.requests().is_empty());
    }
}

#[test]
fn a_missing_source_is_told_before_credentials_are_asked_for() {
    let world = World::new();
    let step = world.step("1.0.0").input("source", "oci:nowhere").without("AWS_ACCESS_KEY_ID");
    let out = run(&step.without("AWS_SECRET_ACCESS_KEY"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecr-push/source-missing"), "{}", out.stderr);
    assert!(world.aws.calls().is_empty());
}

#[test]
fn a_layer_that_was_tampered_with_is_refused_by_its_digest() {
    let world = World::new();
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let layer = testkit::registry::digest(b"layer").replace(':', "/");
    std::fs::write(step.workspace().join("image/blobs").join(layer), "lay3r").unwrap();
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=oci-registry/file-changed::"), "{}", out.stdout);
    assert!(world.registry.tags("shop").is_empty());
}

/// The step with a `docker` of the test's own in front of the PATH.
fn with_docker(step: testkit::runner::FakeRunner, script: &str) -> testkit::runner::FakeRunner {
    let step = step.file("bin/docker", script);
    let docker = step.workspace().join("bin/docker");
    std::fs::set_permissions(&docker, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", step.workspace().join("bin").display());
    step.env("PATH", path)
}

/// Writes an archive in the classic form of `docker save`, with one program in its only layer.
pub(crate) fn write_archive(workspace: &std::path::Path, name: &str, program: &[u8]) {
    let mut archive = tar::Builder::new(std::fs::File::create(workspace.join(name)).unwrap());
    let mut add = |name: &str, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, content).unwrap();
    };
    let mut layer = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(program.len() as u64);
    header.set_mode(0o755);
    layer.append_data(&mut header, "app", program).unwrap();
    let layer = layer.into_inner().unwrap();
    let diff = testkit::registry::digest(&layer);
    let config = serde_json::json!({"architecture": "amd64", "os": "linux", "config": {}, "history": [],
        "rootfs": {"type": "layers", "diff_ids": [diff]}});
    add("config.json", config.to_string().as_bytes());
    add("layer.tar", &layer);
    let manifest = serde_json::json!([{"Config": "config.json", "RepoTags": ["shop:1.0.0"], "Layers": ["layer.tar"]}]);
    add("manifest.json", manifest.to_string().as_bytes());
    archive.finish().unwrap();
}

/// A layout of an index that lists an image and an index of another one; its files with their paths inside of it.
fn nested(workspace: &std::path::Path) -> (Vec<(String, Vec<u8>)>, String) {
    const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    let mut writer = oci_image::Layout::create(workspace.join("image")).unwrap();
    let [amd64, arm64] = ["amd64", "arm64"].map(|layer| add_image(&mut writer, &[layer]));
    let mut index = |children: serde_json::Value| {
        let text = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": children}).to_string();
        writer.add(INDEX, text.as_bytes()).unwrap()
    };
    let inner = index(json!([arm64]));
    let outer = index(json!([inner, amd64, arm64]));
    writer.tag(&outer, &["latest".to_owned()]);
    writer.commit().unwrap();
    (files(&workspace.join("image")), outer.digest.to_string())
}

/// The files of a layout with their paths inside of it.
fn files(root: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let names = ["oci-layout", "index.json"].map(str::to_owned).into_iter();
    let blobs = std::fs::read_dir(root.join("blobs/sha256")).unwrap();
    let blobs = blobs.map(|blob| format!("blobs/sha256/{}", blob.unwrap().file_name().to_str().unwrap()));
    names.chain(blobs).map(|name| (name.clone(), std::fs::read(root.join(name)).unwrap())).collect()
}

#[test]
fn indexes_in_indexes_go_up_the_lowest_first_from_a_layout_and_from_an_archive() {
    for source in ["oci:image", "oci-archive:image.tar"] {
        let world = World::new();
        let step = world.step("1.0.0").input("source", source);
        let (files, digest) = nested(step.workspace());
        let members: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let step = step.file("image.tar", crate::errors::archive(&members));
        run(&step).assert_code(0);
        assert_eq!(world.registry.tags("shop")["1.0.0"], digest);
        // Two images and an index by digest, then the tag.
        assert_eq!(world.written().len(), 4, "{source}");
    }
}

#[test]
fn what_refers_to_an_image_goes_up_with_it_from_a_layout_and_from_an_archive() {
    for source in ["oci:image:latest", "oci-archive:image.tar:latest"] {
        let world = World::new();
        let step = world.step("1.0.0").input("source", source);
        let mut writer = oci_image::Layout::create(step.workspace().join("image")).unwrap();
        let image = add_image(&mut writer, &["layer"]);
        let empty = writer.add("application/vnd.oci.empty.v1+json", b"{}").unwrap();
        let signature = json!({"schemaVersion": 2, "mediaType": crate::world::MANIFEST, "config": empty, "layers": [empty],
            "artifactType": "application/vnd.example.signature", "subject": image});
        let signature = writer.add(crate::world::MANIFEST, signature.to_string().as_bytes()).unwrap();
        writer.tag(&image, &["latest".to_owned()]);
        writer.tag(&signature, &[]);
        writer.commit().unwrap();
        let files = files(&step.workspace().join("image"));
        let members: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        run(&step.file("image.tar", crate::errors::archive(&members))).assert_code(0);
        assert_eq!(world.registry.tags("shop")["1.0.0"], image.digest.to_string(), "{source}");
        assert!(world.registry.manifest("shop", signature.digest.as_str()).is_some(), "{source}");
    }
}
