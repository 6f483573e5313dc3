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

/// An image of an index: its platform and which of its blobs are in the archive.
struct Child {
    platform: &'static str,
    manifest: String,
    config: Vec<u8>,
    is_there: bool,
}

fn child(platform: &'static str, is_there: bool) -> Child {
    let (os, architecture) = platform.split_once('/').unwrap();
    let rootfs = json!({"type": "layers", "diff_ids": [Digest::of(LAYER)]});
    let config: Vec<u8> = json!({"architecture": architecture, "os": os, "rootfs": rootfs}).to_string().into();
    let manifest = json!({
        "schemaVersion": 2,
        "config": {"mediaType": media_type::OCI_CONFIG, "digest": Digest::of(&config), "size": config.len()},
        "layers": [{"mediaType": media_type::OCI_LAYER, "digest": Digest::of(LAYER), "size": LAYER.len()}],
    });
    Child { platform, manifest: manifest.to_string(), config, is_there }
}

fn blob_name(bytes: &[u8]) -> String {
    format!("blobs/sha256/{}", Digest::of(bytes).hex())
}

fn entry(document: &str, media_type: &str) -> serde_json::Value {
    json!({"mediaType": media_type, "digest": Digest::of(document.as_bytes()), "size": document.len()})
}

/// A layout in a tar with an index of `children`, and what `beside` lists.
fn in_a_tar(children: &[Child], beside: &[serde_json::Value]) -> (Tar, Digest) {
    let listed = children.iter().map(|child| {
        let (os, architecture) = child.platform.split_once('/').unwrap();
        let mut entry = entry(&child.manifest, media_type::OCI_MANIFEST);
        entry["platform"] = json!({"os": os, "architecture": architecture});
        entry
    });
    let listed: Vec<_> = listed.collect();
    let root = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": listed}).to_string();
    let mut named = entry(&root, media_type::OCI_INDEX);
    named["annotations"] = json!({"io.containerd.image.name": "docker.io/library/shop:1.0.0"});
    let manifests: Vec<_> = std::iter::once(&named).chain(beside).collect();
    let index = json!({"schemaVersion": 2, "manifests": manifests}).to_string();
    let mut tar = Tar::new()
        .file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)
        .file("index.json", index.as_bytes())
        .file(&blob_name(root.as_bytes()), root.as_bytes())
        .file(&blob_name(LAYER), LAYER);
    for child in children.iter().filter(|child| child.is_there) {
        tar = tar.file(&blob_name(&child.config), &child.config);
        tar = tar.file(&blob_name(child.manifest.as_bytes()), child.manifest.as_bytes());
    }
    (tar, Digest::of(root.as_bytes()))
}

/// What `docker save` writes besides.
fn saved(tar: Tar) -> Tar {
    tar.file("manifest.json", b"[]")
}

fn open_shop(tar: Tar, compression: Compression, platform: Option<&str>) -> Result<Archive, Error> {
    let (folder, path) = tar.write();
    let platform = platform.map(|text| Platform::parse(text).unwrap());
    let work = folder.keep();
    let options =
        ArchiveOptions { work: &work, compression, reference: Some("shop:1.0.0"), platform: platform.as_ref() };
    open_docker_archive(&path, &options)
}

#[test]
fn docker_saves_an_index_whole_and_the_image_it_has() {
    let children = || [child("linux/arm64", false), child("linux/amd64", true), child("unknown/unknown", false)];
    for platform in [None, Some("linux/amd64")] {
        let (tar, index) = in_a_tar(&children(), &[]);
        let archive = open_shop(saved(tar), Compression::Keep, platform).unwrap();
        assert_eq!(archive.content().images()[0].manifest_bytes(), children()[1].manifest.as_bytes());
        archive.content().images()[0].blobs().for_each(|blob| blob.verify().unwrap());
        assert_eq!(archive.left_out(), Some(&LeftOut { index, listed: 3, missing: 2 }));
    }
    let small = open_shop(saved(in_a_tar(&children(), &[]).0), Compression::Gzip, None).unwrap();
    assert_eq!(small.content().images()[0].manifest().layers[0].media_type, media_type::OCI_LAYER_GZIP);
    small.content().images()[0].blobs().for_each(|blob| blob.verify().unwrap());
    let other = open_shop(saved(in_a_tar(&children(), &[]).0), Compression::Keep, Some("linux/arm64")).unwrap_err();
    assert_eq!(code(&other), "oci-image/no-such-platform");
}

#[test]
fn of_several_images_that_docker_saved_none_is_chosen() {
    let children = [child("linux/arm64", true), child("linux/amd64", true), child("linux/s390x", false)];
    let error = open_shop(saved(in_a_tar(&children, &[]).0), Compression::Keep, None).unwrap_err();
    assert_eq!(code(&error), "oci-image/no-such-platform");
    assert_eq!(error.to_string(), "there are images of 2 platforms, and none of them is named");
    let none = [child("linux/arm64", false), child("linux/amd64", false)];
    let error = open_shop(saved(in_a_tar(&none, &[]).0), Compression::Keep, None).unwrap_err();
    assert_eq!(code(&error), "oci-image/blob-missing");
    let whole = open_shop(saved(in_a_tar(&children[..2], &[]).0), Compression::Gzip, None).unwrap();
    assert!(
        matches!(whole.content(), Content::Index(index) if index.images().len() == 2) && whole.left_out().is_none()
    );
}

#[test]
fn an_oci_archive_that_lacks_a_blob_is_damaged() {
    for platform in [None, Some("linux/amd64")] {
        let children = [child("linux/amd64", true), child("unknown/unknown", false)];
        let error = open_shop(in_a_tar(&children, &[]).0, Compression::Keep, platform).unwrap_err();
        assert_eq!(code(&error), "oci-image/blob-missing");
    }
}

#[test]
fn an_image_that_docker_did_not_save_keeps_its_digest() {
    let image = child("linux/amd64", true);
    let index =
        json!({"schemaVersion": 2, "manifests": [entry(&image.manifest, media_type::OCI_MANIFEST)]}).to_string();
    let tar = || {
        Tar::new()
            .file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)
            .file("index.json", index.as_bytes())
            .file(&blob_name(image.manifest.as_bytes()), image.manifest.as_bytes())
            .file(&blob_name(&image.config), &image.config)
            .file(&blob_name(LAYER), LAYER)
    };
    let digest = |tar: Tar| {
        let (_folder, path) = tar.write();
        open(&path, Compression::Gzip).unwrap().content().descriptor().digest.clone()
    };
    assert_eq!(digest(tar()), Digest::of(image.manifest.as_bytes()));
    assert_ne!(digest(saved(tar())), Digest::of(image.manifest.as_bytes()), "its plain layers are compressed");
}

#[test]
fn what_refers_to_an_image_is_found_in_the_archive() {
    let signature = |subject: &Digest| {
        json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "artifactType": "application/vnd.example.signature",
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": Digest::of(b"{}"), "size": 2},
            "layers": [],
            "subject": {"mediaType": media_type::OCI_INDEX, "digest": subject, "size": 1},
        })
        .to_string()
    };
    let children = [child("linux/amd64", true)];
    let (_, image) = in_a_tar(&children, &[]);
    let (ours, others) = (signature(&image), signature(&Digest::of(b"another image")));
    let beside = [&ours, &others].map(|document| entry(document, media_type::OCI_MANIFEST));
    let (mut tar, _) = in_a_tar(&children, &beside);
    for document in [&ours, &others] {
        tar = tar.file(&blob_name(document.as_bytes()), document.as_bytes());
    }
    let archive = open_shop(tar.file(&blob_name(b"{}"), b"{}"), Compression::Keep, None).unwrap();
    let found = archive.referrers(&BTreeSet::from([image])).unwrap();
    assert_eq!(found.iter().map(Image::manifest_bytes).collect::<Vec<_>>(), [ours.as_bytes()]);
}

#[test]
fn a_gzipped_layer_that_unpacks_to_far_more_than_itself_is_refused_early() {
    // A member of gzip is repeated: 1.1 MiB of file for 1.1 GiB of zeros.
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 16 << 20), &mut member).unwrap();
    let bomb = member.finish().unwrap().repeat(70);
    let tar = Tar::new().file("c.json", &config(&[LAYER])).file("l", &bomb);
    let error = refused(tar.file("manifest.json", &list("c.json", &["l"])));
    assert!(error.to_string().contains("unpacks to more than 1024 MiB"), "{error}");
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
