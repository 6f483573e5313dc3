use std::path::PathBuf;

use image_ref::Digest;
use serde_json::json;
use tar::{EntryType, Header};

use super::*;
use crate::{Error, media_type};

/// A tar that is being made, entry by entry, honest or not.
struct Tar(tar::Builder<Vec<u8>>);

impl Tar {
    fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn raw(mut self, kind: EntryType, name: &str, link: &str, size: u64, content: &[u8]) -> Self {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(size);
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    fn file(self, name: &str, content: &[u8]) -> Self {
        self.raw(EntryType::Regular, name, "", content.len() as u64, content)
    }

    fn link(self, name: &str, target: &str) -> Self {
        self.raw(EntryType::Symlink, name, target, 0, b"")
    }

    fn write(self) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image.tar");
        std::fs::write(&path, self.0.into_inner().unwrap()).unwrap();
        (folder, path)
    }
}

/// The code of an error.
fn code(error: &Error) -> String {
    miette::Diagnostic::code(error).unwrap().to_string()
}

fn open(path: &Path, compression: Compression) -> Result<Archive, Error> {
    let work = path.with_file_name("work");
    std::fs::create_dir_all(&work).unwrap();
    open_docker_archive(path, &ArchiveOptions { work: &work, compression, reference: None, platform: None })
}

fn refused(tar: Tar) -> Error {
    let (_folder, path) = tar.write();
    open(&path, Compression::Keep).unwrap_err()
}

const LAYER: &[u8] = b"a plain layer, a plain layer, a plain layer, a plain layer";

fn config(layers: &[&[u8]]) -> Vec<u8> {
    let ids: Vec<String> = layers.iter().map(|layer| Digest::of(layer).to_string()).collect();
    json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ids}}).to_string().into()
}

fn list(config: &str, layers: &[&str]) -> Vec<u8> {
    json!([{"Config": config, "RepoTags": ["shop:1.0.0"], "Layers": layers}]).to_string().into()
}

fn classic() -> Tar {
    let config = config(&[LAYER, LAYER]);
    let name = format!("{}.json", Digest::of(&config).hex());
    Tar::new()
        .file(&name, &config)
        .file("a/layer.tar", LAYER)
        .link("b/layer.tar", "../a/layer.tar")
        .file("manifest.json", &list(&name, &["a/layer.tar", "b/layer.tar"]))
}

#[test]
fn reads_the_classic_form_with_a_shared_layer() {
    let (_folder, path) = classic().write();
    let archive = open(&path, Compression::Keep).unwrap();
    let image = &archive.content().images()[0];
    assert_eq!(archive.repo_tags(), ["shop:1.0.0"]);
    assert_eq!(image.media_type(), media_type::DOCKER_MANIFEST);
    assert_eq!(image.layers().len(), 2);
    assert_eq!(image.blobs().count(), 2, "each digest once");
    image.blobs().for_each(|blob| blob.verify().unwrap());
}

#[test]
fn gzips_plain_layers_always_to_the_same_bytes() {
    let (_folder, path) = classic().write();
    let (first, second) = (open(&path, Compression::Gzip).unwrap(), open(&path, Compression::Gzip).unwrap());
    assert_eq!(first.content().images()[0].digest(), second.content().images()[0].digest());
    assert_eq!(first.content().images()[0].manifest().layers[0].media_type, media_type::DOCKER_LAYER_GZIP);
    assert_eq!(
        first.content().images()[0].manifest().layers[0].digest,
        first.content().images()[0].manifest().layers[1].digest
    );
    first.content().images()[0].blobs().for_each(|blob| blob.verify().unwrap());
}

#[test]
fn keeps_layers_that_are_gzipped_already() {
    let mut encoder = crate::layout::layer::gzip(Vec::new());
    std::io::Write::write_all(&mut encoder, LAYER).unwrap();
    let stored = encoder.finish().unwrap();
    let tar = |layer: &[u8]| {
        Tar::new().file("c.json", &config(&[LAYER])).file("l", layer).file("manifest.json", &list("c.json", &["l"]))
    };
    let (_folder, path) = tar(&stored).write();
    let archive = open(&path, Compression::Gzip).unwrap();
    assert_eq!(archive.content().images()[0].manifest().layers[0].digest, Digest::of(&stored));
    let mut other = crate::layout::layer::gzip(Vec::new());
    std::io::Write::write_all(&mut other, b"something else").unwrap();
    assert_eq!(code(&refused(tar(&other.finish().unwrap()))), "oci-image/digest-mismatch");
}

#[test]
fn reads_the_form_that_is_a_layout_in_a_tar() {
    let config = config(&[LAYER]);
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", Digest::of(bytes).hex());
    let manifest = json!({
        "schemaVersion": 2,
        "config": {"mediaType": media_type::OCI_CONFIG, "digest": Digest::of(&config), "size": config.len()},
        "layers": [{"mediaType": media_type::OCI_LAYER, "digest": Digest::of(LAYER), "size": LAYER.len()}],
    })
    .to_string();
    let platform = |os: &str, architecture: &str| json!({"os": os, "architecture": architecture});
    let children = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": [
        {"mediaType": media_type::OCI_MANIFEST, "digest": Digest::of(b"not saved"), "size": 9, "platform": platform("linux", "arm64")},
        {"mediaType": media_type::OCI_MANIFEST, "digest": Digest::of(manifest.as_bytes()), "size": manifest.len(), "platform": platform("linux", "amd64")},
    ]})
    .to_string();
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": media_type::OCI_INDEX,
        "digest": Digest::of(children.as_bytes()), "size": children.len(),
        "annotations": {"io.containerd.image.name": "docker.io/library/shop:1.0.0"}}]})
    .to_string();
    let (_folder, path) = Tar::new()
        .file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)
        .file("index.json", index.as_bytes())
        .file(&blob(children.as_bytes()), children.as_bytes())
        .file(&blob(manifest.as_bytes()), manifest.as_bytes())
        .file(&blob(&config), &config)
        .file(&blob(LAYER), LAYER)
        .write();
    let wanted = Platform::parse("linux/amd64").unwrap();
    let options = ArchiveOptions {
        work: path.parent().unwrap(),
        compression: Compression::Keep,
        reference: Some("shop:1.0.0"),
        platform: Some(&wanted),
    };
    let archive = open_docker_archive(&path, &options).unwrap();
    assert_eq!(archive.content().images()[0].manifest_bytes(), manifest.as_bytes());
    archive.content().images()[0].blobs().for_each(|blob| blob.verify().unwrap());
    let small = open_docker_archive(&path, &ArchiveOptions { compression: Compression::Gzip, ..options }).unwrap();
    assert_eq!(small.content().images()[0].manifest().layers[0].media_type, media_type::OCI_LAYER_GZIP);
    small.content().images()[0].blobs().for_each(|blob| blob.verify().unwrap());
}

#[test]
fn a_layer_with_other_content_is_found_when_it_is_read() {
    let name = "c.json";
    let tar = Tar::new()
        .file(name, &config(&[b"promised"]))
        .file("l", b"supplied")
        .file("manifest.json", &list(name, &["l"]));
    let (_folder, path) = tar.write();
    let archive = open(&path, Compression::Keep).unwrap();
    assert_eq!(code(&archive.content().images()[0].layers()[0].verify().unwrap_err()), "oci-image/digest-mismatch");
    assert_eq!(code(&open(&path, Compression::Gzip).unwrap_err()), "oci-image/digest-mismatch");
}

#[test]
fn a_configuration_must_have_the_digest_of_its_name() {
    let name = format!("{}.json", "0".repeat(64));
    let tar = Tar::new().file(&name, &config(&[])).file("manifest.json", &list(&name, &[]));
    assert_eq!(code(&refused(tar)), "oci-image/digest-mismatch");
}

#[test]
fn names_that_leave_the_archive_are_refused() {
    for name in ["../evil", "/etc/passwd", "a/../../b", "a\\b"] {
        let error = refused(Tar::new().file(name, b"x"));
        assert!(matches!(&error, Error::HostileEntry { entry, .. } if entry == name), "{name}: {error}");
    }
    let list = list("../../../etc/hostname", &[]);
    assert_eq!(code(&refused(Tar::new().file("manifest.json", &list))), "oci-image/hostile-archive");
}

#[test]
fn links_that_leave_the_archive_are_refused() {
    for target in ["/etc/passwd", "../../etc/passwd"] {
        assert_eq!(code(&refused(Tar::new().link("a/layer.tar", target))), "oci-image/hostile-archive", "{target}");
    }
    let chain = Tar::new()
        .file("c.json", &config(&[LAYER]))
        .link("l", "m")
        .link("m", "l")
        .file("manifest.json", &list("c.json", &["l"]));
    assert_eq!(code(&refused(chain)), "oci-image/hostile-archive");
}

#[test]
fn devices_duplicates_and_sizes_that_lie_are_refused() {
    assert_eq!(code(&refused(Tar::new().raw(EntryType::Char, "tty", "", 0, b""))), "oci-image/hostile-archive");
    assert_eq!(code(&refused(Tar::new().file("a", b"1").file("./a", b"2"))), "oci-image/hostile-archive");
    let lie = refused(Tar::new().raw(EntryType::Regular, "big", "", 1 << 40, b"small"));
    assert!(matches!(&lie, Error::HostileEntry { reason, .. } if reason.contains("more bytes")), "{lie}");
}

#[test]
fn files_that_are_no_archive_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    for (content, reason) in [
        (&b"hello"[..], "tar"),
        (&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1, 2, 3][..], "gunzip"),
        (&[0; 1024][..], "empty"),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = open(&path, Compression::Keep).unwrap_err();
        assert_eq!(code(&error), "oci-image/not-an-archive", "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    assert!(refused(Tar::new().file("readme", b"x")).to_string().contains("manifest.json"));
    assert_eq!(code(&open(&folder.path().join("absent"), Compression::Keep).unwrap_err()), "oci-image/unreadable");
}
