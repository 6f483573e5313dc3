//! Images that cannot be pushed and registries that do not take them, each by the code that the user searches for.

use serde_json::{Value, json};
use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::registry::{FakeRegistry, digest};
use testkit::{FakeRunner, RunOutput};

use super::*;
use crate::world::{MANIFEST, run};

#[track_caller]
fn check(out: &RunOutput, exit: i32, code: &str) {
    out.assert_code(exit);
    assert!(out.stdout.contains(&format!("::error title={code}::")), "{code}: {}", out.stdout);
}

/// Adds a layout to the step's folder `image`: an index of these entries, and these blobs.
fn layout(step: FakeRunner, manifests: &Value, blobs: &[(&str, &[u8])]) -> FakeRunner {
    let index = json!({"schemaVersion": 2, "manifests": manifests});
    let step = step.file("image/oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    let step = step.file("image/index.json", index.to_string());
    blobs
        .iter()
        .fold(step, |step, (digest, bytes)| step.file(&format!("image/blobs/{}", digest.replace(':', "/")), bytes))
}

fn entry(media_type: &str, digest: &str, size: usize) -> Value {
    json!({"mediaType": media_type, "digest": digest, "size": size})
}

#[test]
fn layouts_that_are_damaged() {
    let broken = digest(b"{");
    let long = vec![b' '; 9 * 1024 * 1024];
    let chart = "application/vnd.cncf.helm.config.v1+json";
    for (media_type, name, size, blob, code) in [
        (MANIFEST, &broken, 1, Some(&b"{"[..]), "oci-image/bad-document"),
        (MANIFEST, &broken, 1, Some(b"["), "oci-image/digest-mismatch"),
        (MANIFEST, &broken, 2, Some(b"{"), "oci-image/size-mismatch"),
        (MANIFEST, &broken, 1, None, "oci-image/blob-missing"),
        (MANIFEST, &digest(&long), long.len(), Some(&long[..]), "oci-image/document-too-large"),
        (chart, &broken, 1, Some(b"{"), "oci-image/not-an-image"),
    ] {
        let world = World::new();
        let blobs: Vec<(&str, &[u8])> = blob.map(|bytes| (name.as_str(), bytes)).into_iter().collect();
        let step = layout(world.step("1.0.0"), &json!([entry(media_type, name, size)]), &blobs);
        check(&run(&step), 2, code);
        assert!(world.registry.requests().is_empty());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_layout_on_a_disk_that_fails() {
    let world = World::new();
    let step = layout(world.step("1.0.0"), &json!([]), &[]);
    let index = step.workspace().join("image/index.json");
    std::fs::remove_file(&index).unwrap();
    // A file whose first byte cannot be read: nothing is mapped at the address 0 (`man 5 proc_pid_mem`).
    std::os::unix::fs::symlink("/proc/self/mem", &index).unwrap();
    check(&run(&step), 1, "oci-image/unreadable");
}

#[test]
fn a_layout_of_two_images() {
    let world = World::new();
    let two = json!([entry(MANIFEST, &digest(b"a"), 1), entry(MANIFEST, &digest(b"b"), 1)]);
    check(&run(&layout(world.step("1.0.0"), &two, &[])), 2, "oci-image/ambiguous");
}

/// An archive of these members, which may have any name.
/// A tar of these files.
pub(crate) fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, *content).unwrap();
    }
    archive.into_inner().unwrap()
}

#[test]
fn an_archive_whose_entries_lead_elsewhere() {
    let world = World::new();
    let step = world.step("1.0.0").input("source", "docker-archive:image.tar");
    check(&run(&step.file("image.tar", archive(&[("../../etc/cron.d/x", b"x")]))), 2, "oci-image/hostile-archive");
}

#[test]
fn an_archive_for_platforms_of_which_none_was_asked_for() {
    let world = World::new();
    let kind = "application/vnd.oci.image.index.v1+json";
    let config =
        json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).to_string();
    let config_type = "application/vnd.oci.image.config.v1+json";
    let manifest = |note: &str| {
        let config = entry(config_type, &digest(config.as_bytes()), config.len());
        json!({"schemaVersion": 2, "config": config, "layers": [], "annotations": {"note": note}}).to_string()
    };
    let images = ["amd64", "arm64", "s390x"].map(|architecture| (architecture, manifest(architecture)));
    let listed = images.each_ref().map(|(architecture, manifest)| {
        let mut entry = entry(MANIFEST, &digest(manifest.as_bytes()), manifest.len());
        entry["platform"] = json!({"os": "linux", "architecture": architecture});
        entry
    });
    let children = json!({"schemaVersion": 2, "mediaType": kind, "manifests": listed}).to_string();
    let index = entry(kind, &digest(children.as_bytes()), children.len());
    let index = json!({"schemaVersion": 2, "manifests": [index]}).to_string();
    let blob = |text: &str| format!("blobs/{}", digest(text.as_bytes()).replace(':', "/"));
    // The daemon had two of the three.
    let there = [&children, &config, &images[0].1, &images[1].1].map(|text| (blob(text), text.as_bytes()));
    let mut members: Vec<(&str, &[u8])> = vec![
        ("oci-layout", b"{\"imageLayoutVersion\":\"1.0.0\"}"),
        ("manifest.json", b"[]"),
        ("index.json", index.as_bytes()),
    ];
    members.extend(there.iter().map(|(name, bytes)| (name.as_str(), *bytes)));
    let step = world.step("1.0.0").input("source", "docker-archive:image.tar").file("image.tar", archive(&members));
    check(&run(&step), 2, "oci-image/no-such-platform");
}

/// Bytes that no compression makes shorter.
fn noise(count: usize) -> Vec<u8> {
    std::iter::successors(Some(1_u32), |state| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)))
        .take(count)
        .map(|state| (state >> 24) as u8)
        .collect()
}

#[test]
fn a_disk_that_is_full() {
    let world = World::new();
    let step = world.step("1.0.0").input("source", "docker-archive:image.tar");
    crate::sources::write_archive(step.workspace(), "image.tar", &noise(40_000));
    // What a full disk answers to a write, a file that may not grow does too.
    let limited = "trap '' XFSZ; ulimit -f 2; exec \"$0\"";
    check(&step.run("bash", ["-c", limited, env!("CARGO_BIN_EXE_ecr-push")]), 1, "oci-image/unwritable");
}

/// A push to a registry that answers requests of this kind with this fault.
fn pushed(fault: Fault) -> RunOutput {
    let world = World::new();
    world.registry.faults().add(fault.always());
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    run(&step)
}

fn refusal(status: u16, code: &str, message: &str) -> Fault {
    Fault::reply(Reply::json(status, &json!({"errors": [{"code": code, "message": message}]})))
}

#[test]
fn registries_that_refuse() {
    let immutable = "The image tag '1.0.0' already exists and is immutable";
    for (fault, code) in [
        (refusal(400, "TAG_INVALID", immutable).on("PUT", "*/manifests/*"), "oci-registry/tag-immutable"),
        (refusal(400, "TAG_INVALID", "no dots here").on("PUT", "*/manifests/*"), "oci-registry/tag-invalid"),
        (refusal(404, "NAME_UNKNOWN", "no such repository").on("POST", "*"), "oci-registry/name-unknown"),
        (refusal(404, "BLOB_UPLOAD_UNKNOWN", "gone").on("PUT", "*/blobs/uploads/*"), "oci-registry/upload-lost"),
        (refusal(404, "MANIFEST_UNKNOWN", "gone").on("PUT", "*/manifests/*"), "oci-registry/manifest-unknown"),
        (
            Fault::reply(Reply::new(307).with_header("location", "https://169.254.169.254/x"))
                .on("HEAD", "*/manifests/*"),
            "oci-registry/bad-answer",
        ),
        (
            Fault::reply(Reply::new(201).with_header("docker-content-digest", digest(b"other")))
                .on("PUT", "*/manifests/*"),
            "oci-registry/digest-mismatch",
        ),
    ] {
        check(&pushed(fault), 1, code);
    }
}

#[test]
fn a_layer_that_goes_away_while_it_is_pushed() {
    let world = World::new();
    let step = world.step("1.0.0");
    write_image(step.workspace(), "layer");
    let image = step.workspace().join("image/blobs");
    let remove = move |_: &testkit::http::Request| {
        std::fs::remove_dir_all(&image).unwrap_or_default();
        false
    };
    world.registry.faults().add(Fault::status(500).on("POST", "*").matching(remove).always());
    check(&run(&step), 1, "oci-registry/file");
}

#[test]
fn calls_that_aws_refuses() {
    for (service_code, exit, code) in [
        ("UnrecognizedClientException", 2, "aws/bad-credentials"),
        ("InvalidParameterException", 1, "aws/invalid-request"),
    ] {
        let world = World::with(FakeRegistry::builder());
        world.aws.on("DescribeRepositories").error(400, service_code, "no");
        let step = world.step("1.0.0");
        write_image(step.workspace(), "layer");
        check(&run(&step), exit, code);
    }
}
