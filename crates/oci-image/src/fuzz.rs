//! Laws of layouts and archives: a damaged one is refused with a reason, and nothing outside of it is ever read as a part.
#![allow(clippy::items_after_statements, reason = "a share stands where it is noted")]

use std::path::Path;

use image_ref::Digest;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::budget::{Share, Work, cases};

use crate::archive::{ArchiveOptions, open_docker_archive};
use crate::layout::{Compression, Layout};
use crate::{Descriptor, Error, ImageConfig, Index, Manifest, Platform, media_type};

const LAYER: &[u8] = b"a layer, a layer, a layer";

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9./]{0,12}",
        prop::sample::select(vec![
            "../../etc/passwd",
            "/etc/passwd",
            "layer.tar",
            "./layer.tar",
            "config.json",
            "a/../layer.tar",
            "..",
            ".",
            "",
            "\0",
            "blobs/sha256/../../x",
            "manifest.json",
            "C:\\x",
            "a\nb",
            "\u{202E}",
        ])
        .prop_map(str::to_owned),
    ]
}

fn digest() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(Digest::of(LAYER).to_string()),
        "sha256:[0-9a-f]{64}",
        "sha256:(\\.\\./){0,4}[0-9a-f]{0,64}",
        name().prop_map(|name| format!("sha256:{name}")),
        name(),
    ]
}

fn size() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(LAYER.len())),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i16>().prop_map(|number| json!(f64::from(number) / 8.0)),
        Just(json!(null)),
        Just(json!("9")),
    ]
}

fn kind() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        media_type::OCI_MANIFEST,
        media_type::OCI_INDEX,
        media_type::OCI_CONFIG,
        media_type::DOCKER_MANIFEST,
        "text/plain",
        "",
    ])
    .prop_map(str::to_owned)
}

fn descriptor() -> impl Strategy<Value = Value> {
    (kind(), digest(), size(), name(), any::<bool>()).prop_map(|(kind, digest, size, name, extra)| {
        let mut value = json!({ "mediaType": kind, "digest": digest, "size": size });
        if extra {
            value["platform"] = json!({ "os": name, "architecture": "amd64", "os.version": name });
            value["annotations"] = json!({ "org.opencontainers.image.ref.name": name });
            value["data"] = json!(name);
        }
        value
    })
}

/// What is accepted says the same after a round trip.
fn check_document(bytes: &[u8], share: &Share) -> Result<(), TestCaseError> {
    let is_one = Index::parse(bytes).is_ok() || Manifest::parse(bytes).is_ok() || ImageConfig::parse(bytes).is_ok();
    share.note(is_one);
    if let Ok(index) = Index::parse(bytes) {
        prop_assert_eq!(Index::parse(json!(index).to_string().as_bytes()).unwrap(), index);
    }
    if let Ok(manifest) = Manifest::parse(bytes) {
        prop_assert_eq!(Manifest::parse(json!(manifest).to_string().as_bytes()).unwrap(), manifest);
    }
    match ImageConfig::parse(bytes) {
        Ok(config) => prop_assert_eq!(ImageConfig::parse(json!(config).to_string().as_bytes()).unwrap(), config),
        Err(Error::BadDocument { reason, .. }) => prop_assert!(!reason.is_empty()),
        Err(other) => prop_assert!(false, "{other}"),
    }
    Ok(())
}

/// Every blob of what was opened lies below `folder` and is not longer than its file.
fn check_inside(folder: &Path, blobs: Vec<crate::Blob>) -> Result<(), TestCaseError> {
    for blob in blobs {
        let path = blob.path().canonicalize().unwrap();
        prop_assert!(path.starts_with(folder.canonicalize().unwrap()), "{}", path.display());
        let length = std::fs::metadata(&path).unwrap().len();
        prop_assert!(blob.offset().checked_add(blob.size()).is_some_and(|end| end <= length));
        if blob.verify().is_ok() && blob.size() < 10_000 {
            prop_assert_eq!(&Digest::of(&blob.read().unwrap()), blob.digest());
        }
    }
    Ok(())
}

fn write_blob(root: &Path, bytes: &[u8]) -> Descriptor {
    let descriptor = Descriptor::of(media_type::OCI_MANIFEST, bytes);
    let folder = root.join("blobs/sha256");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(descriptor.digest.hex()), bytes).unwrap();
    descriptor
}

fn config() -> Vec<u8> {
    json!({ "architecture": "amd64", "os": "linux", "rootfs": { "type": "layers", "diff_ids": [Digest::of(LAYER)] } })
        .to_string()
        .into_bytes()
}

/// An honest layout in `root`: what `Layout::open` takes.
fn honest(root: &Path) {
    let config = Descriptor { media_type: media_type::OCI_CONFIG.to_owned(), ..write_blob(root, &config()) };
    let layer =
        Descriptor { media_type: "application/vnd.oci.image.layer.v1.tar".to_owned(), ..write_blob(root, LAYER) };
    let manifest =
        json!({ "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "config": config, "layers": [layer] });
    let manifest = write_blob(root, manifest.to_string().as_bytes());
    std::fs::write(root.join("index.json"), json!({ "schemaVersion": 2, "manifests": [manifest] }).to_string())
        .unwrap();
    std::fs::write(root.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
}

/// A tar whose headers say what they are told to.
fn tar(members: &[(String, u8, String, u64, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, link, size, content) in members {
        let mut header = tar::Header::new_gnu();
        let fill = |field: &mut [u8], text: &str| {
            let length = text.len().min(field.len());
            field[..length].copy_from_slice(&text.as_bytes()[..length]);
        };
        fill(&mut header.as_old_mut().name, name);
        fill(&mut header.as_old_mut().linkname, link);
        header.set_entry_type(tar::EntryType::new(*kind));
        header.set_mode(0o644);
        header.set_size(*size);
        header.set_cksum();
        builder.append(&header, content.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn file(name: &str, content: &[u8]) -> (String, u8, String, u64, Vec<u8>) {
    (name.to_owned(), b'0', String::new(), content.len() as u64, content.to_vec())
}

fn honest_archive() -> Vec<u8> {
    let manifest = json!([{ "Config": "config.json", "RepoTags": ["a:1"], "Layers": ["layer.tar"] }]);
    tar(&[
        file("layer.tar", LAYER),
        file("config.json", &config()),
        file("manifest.json", manifest.to_string().as_bytes()),
    ])
}

fn open_archive(bytes: &[u8], share: &Share) -> Result<(), TestCaseError> {
    // The outer reader is that of tar.
    let mut archive = tar::Archive::new(bytes);
    share.note(archive.entries().is_ok_and(|mut entries| entries.next().is_some_and(|entry| entry.is_ok())));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    std::fs::write(&path, bytes).unwrap();
    for compression in [Compression::Keep, Compression::Gzip] {
        let work = folder.path().join("work");
        std::fs::create_dir_all(&work).unwrap();
        let options = ArchiveOptions { work: &work, compression, reference: None, platform: None };
        match open_docker_archive(&path, &options) {
            Ok(archive) => check_inside(folder.path(), archive.content().images()[0].blobs().cloned().collect())?,
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
    let above: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    prop_assert_eq!(above.len(), 2, "{:?}", above);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(96), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_documents_survive_a_round_trip(descriptors in vec(descriptor(), 0..3), version in prop_oneof![Just(json!(2)), size()], word in name()) {
        static SHARE: Share = Share::new();
        let index = json!({ "schemaVersion": version, "manifests": descriptors, "x": word });
        check_document(index.to_string().as_bytes(), &SHARE)?;
        let manifest = json!({ "schemaVersion": version, "config": descriptors.first(), "layers": descriptors, "annotations": { "a": word } });
        check_document(manifest.to_string().as_bytes(), &SHARE)?;
        let config = json!({ "architecture": word, "rootfs": { "type": "layers", "diff_ids": descriptors.iter().map(|d| d["digest"].clone()).collect::<Vec<_>>() },
            "config": { "Env": [word], "Labels": { "a": word }, "Volumes": { "/": {} }, "Healthcheck": { "Interval": version } }, "history": [{ "created_by": word }] });
        check_document(config.to_string().as_bytes(), &SHARE)?;
    }

    #[test]
    fn fuzz_a_hostile_index_opens_nothing_outside(descriptors in vec(descriptor(), 1..4), config in descriptor(), layers in vec(descriptor(), 0..2)) {
        static SHARE: Share = Share::new();
        let folder = tempfile::tempdir().unwrap();
        honest(folder.path());
        let manifest = json!({ "schemaVersion": 2, "config": config, "layers": layers });
        let manifest = write_blob(folder.path(), manifest.to_string().as_bytes());
        for entries in [json!(descriptors), json!([manifest])] {
            std::fs::write(folder.path().join("index.json"), json!({ "schemaVersion": 2, "manifests": entries }).to_string()).unwrap();
            let opened = Layout::open(folder.path());
            SHARE.note(opened.is_ok());
            if let Ok(layout) = opened {
                let _ = layout.verify();
                if let Ok(image) = layout.image(None, None) {
                    check_inside(folder.path(), image.blobs().cloned().collect())?;
                }
            }
        }
    }

    #[test]
    fn fuzz_a_damaged_layout_is_refused_or_whole(victim in 0_usize..5, edits in vec(any::<testkit::Edit>(), 1..3)) {
        let folder = tempfile::tempdir().unwrap();
        honest(folder.path());
        prop_assert!(Layout::open(folder.path()).unwrap().verify().is_ok());
        let mut files = vec![folder.path().join("index.json"), folder.path().join("oci-layout")];
        let mut blobs: Vec<_> = std::fs::read_dir(folder.path().join("blobs/sha256")).unwrap().map(|file| file.unwrap().path()).collect();
        blobs.sort();
        files.extend(blobs);
        let path = &files[victim % files.len()];
        let before = std::fs::read(path).unwrap();
        let after = testkit::mutate(&before, &edits);
        std::fs::write(path, &after).unwrap();
        let verified = Layout::open(folder.path()).and_then(|layout| layout.verify());
        let is_blob = path.parent().is_some_and(|parent| parent.ends_with("sha256"));
        prop_assert!(!is_blob || before == after || verified.is_err(), "a changed blob was taken");
    }

    #[test]
    fn fuzz_a_damaged_archive_is_refused_or_stays_inside(edits in vec(any::<testkit::Edit>(), 1..4)) {
        static SHARE: Share = Share::new();
        open_archive(&testkit::mutate(&honest_archive(), &edits), &SHARE)?;
    }

    #[test]
    fn fuzz_hostile_members_lead_nowhere(
        members in vec((name(), prop::sample::select(vec![b'0', b'1', b'2', b'5', b'7', b'L', b'x', b'g', b'S', b'3']), name(), any::<u16>()), 0..4),
        layer in name(), config_name in name(), huge in any::<bool>(),
    ) {
        let mut all: Vec<_> = members
            .into_iter()
            .map(|(name, kind, link, size)| (name, kind, link, if huge { u64::MAX >> 8 } else { u64::from(size) % 64 }, vec![b'a'; usize::from(size) % 64]))
            .collect();
        let manifest = json!([{ "Config": config_name, "Layers": [layer] }]);
        all.push(file("manifest.json", manifest.to_string().as_bytes()));
        all.push(file("config.json", &config()));
        all.push(file("layer.tar", LAYER));
        static SHARE: Share = Share::new();
        open_archive(&tar(&all), &SHARE)?;
    }

    #[test]
    fn fuzz_platforms_print_as_they_were_written(text in "[a-z0-9/._-]{0,16}|\\PC{0,12}") {
        if let Ok(platform) = Platform::parse(&text) {
            prop_assert_eq!(platform.to_string(), text);
            prop_assert!(platform.fits(&platform));
        }
    }
}

#[test]
fn bombs_are_refused_or_read_in_no_time() {
    let work = Work::start();
    let many = 20_000;
    let share = Share::new();
    for text in [
        "[".repeat(many),
        "{\"a\":".repeat(many),
        format!("{{\"schemaVersion\":2,\"manifests\":{}", "[".repeat(many)),
        format!("{{\"config\":{}", "{\"config\":".repeat(many)),
        format!("{{\"architecture\":\"{}\"}}", "a".repeat(1_000_000)),
    ] {
        check_document(text.as_bytes(), &share).unwrap();
    }
    // A chain of long names and links, as deep as an archive can have it.
    let chain: Vec<_> =
        (0..2_000).map(|number| (format!("l{number}"), b'2', format!("l{}", number + 1), 0, Vec::new())).collect();
    let manifest = json!([{ "Config": "config.json", "Layers": ["l0"] }]);
    let mut all = chain;
    all.push(file("manifest.json", manifest.to_string().as_bytes()));
    all.push(file("config.json", &config()));
    open_archive(&tar(&all), &share).unwrap();
    work.assert_below(20);
}
