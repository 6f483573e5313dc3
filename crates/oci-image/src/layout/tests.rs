use std::io::Write as _;

use image_ref::Digest;
use serde_json::json;

use super::*;
use crate::{ImageConfig, Manifest, media_type};

/// The code of an error.
fn code(error: &Error) -> String {
    miette::Diagnostic::code(error).unwrap().to_string()
}

/// Writes a layout with one image of one layer under `tags` and gives the folder it lies in.
fn written(tags: &[&str]) -> (tempfile::TempDir, Layout) {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Layout::create(folder.path().join("image")).unwrap();
    let manifest = add_image(&mut writer, "amd64");
    writer.tag(&manifest, &tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>());
    let layout = writer.commit().unwrap();
    (folder, layout)
}

fn add_image(writer: &mut LayoutWriter, architecture: &str) -> Descriptor {
    let mut layer = writer.layer_writer(Compression::Gzip).unwrap();
    layer.write_all(format!("the tar of {architecture}").as_bytes()).unwrap();
    let layer = layer.finish().unwrap();
    let config =
        json!({"architecture": architecture, "os": "linux", "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]}});
    let config = writer.add(media_type::OCI_CONFIG, config.to_string().as_bytes()).unwrap();
    let manifest = json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "config": config, "layers": [layer.descriptor]});
    writer.add(media_type::OCI_MANIFEST, manifest.to_string().as_bytes()).unwrap()
}

fn only_blob(layout: &Layout, descriptor: &Descriptor) -> std::path::PathBuf {
    layout.root().join("blobs/sha256").join(descriptor.digest.hex())
}

#[test]
fn reads_what_it_wrote() {
    let (_folder, layout) = written(&["1.0.0", "latest"]);
    assert_eq!(layout.tags(), ["1.0.0", "latest"]);
    let image = layout.image(Some("latest"), None).unwrap();
    assert_eq!(image.layers().len(), 1);
    assert_eq!(image.config().unwrap().rootfs.diff_ids, [Digest::of(b"the tar of amd64")]);
    assert_eq!(Digest::of(image.manifest_bytes()), *image.digest());
    layout.verify().unwrap();
}

#[test]
fn a_copied_image_keeps_its_digest() {
    let (folder, layout) = written(&[]);
    let image = layout.image(None, None).unwrap();
    let mut writer = Layout::create(folder.path().join("copy")).unwrap();
    writer.add_image(&image).unwrap();
    writer.tag(image.descriptor(), &["a".to_owned()]);
    let copy = writer.commit().unwrap();
    assert_eq!(copy.image(Some("a"), None).unwrap().digest(), image.digest());
    copy.verify().unwrap();
}

fn add_index(writer: &mut LayoutWriter, children: &[Descriptor]) -> Descriptor {
    let index = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": children});
    writer.add(media_type::OCI_INDEX, index.to_string().as_bytes()).unwrap()
}

#[test]
fn an_index_in_an_index_is_copied_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Layout::create(folder.path().join("image")).unwrap();
    let image = add_image(&mut writer, "amd64");
    let inner = add_index(&mut writer, &[image]);
    let root = add_index(&mut writer, &[inner]);
    writer.tag(&root, &[]);
    let content = writer.commit().unwrap().content(None).unwrap();
    let mut writer = Layout::create(folder.path().join("copy")).unwrap();
    writer.add_content(&content).unwrap();
    writer.tag(content.descriptor(), &[]);
    let copy = writer.commit().unwrap();
    assert_eq!(copy.content(None).unwrap().descriptor(), content.descriptor());
    copy.verify().unwrap();
}

#[test]
fn manifests_that_would_fill_the_memory_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Layout::create(folder.path().join("image")).unwrap();
    let image = add_image(&mut writer, "amd64");
    let manifest = std::fs::read_to_string(writer.blob(&image).unwrap().path()).unwrap();
    let large = |number: usize| {
        let filler = format!("{number}{}", "x".repeat(4_000_000));
        manifest.replacen('{', &format!(r#"{{"filler":"{filler}","#), 1)
    };
    let children: Vec<_> =
        (0..9).map(|number| writer.add(media_type::OCI_MANIFEST, large(number).as_bytes()).unwrap()).collect();
    let (few, many) = (add_index(&mut writer, &children[..8]), add_index(&mut writer, &children));
    writer.tag(&few, &["few".to_owned()]);
    writer.tag(&many, &["many".to_owned()]);
    let layout = writer.commit().unwrap();
    assert_eq!(layout.content(Some("few")).unwrap().images().len(), 8);
    let error = layout.content(Some("many")).unwrap_err();
    assert_eq!(code(&error), "oci-image/bad-document");
    assert!(error.to_string().contains("more than 32 MiB"), "{error}");
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Layout::create(folder.path().join("image")).unwrap();
    writer.add("text/plain", b"x").unwrap();
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn replaces_a_layout_and_nothing_else() {
    let (folder, layout) = written(&["old"]);
    let mut writer = Layout::create(layout.root()).unwrap();
    let manifest = add_image(&mut writer, "arm64");
    writer.tag(&manifest, &["new".to_owned()]);
    assert_eq!(writer.commit().unwrap().tags(), ["new"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let precious = folder.path().join("precious");
    std::fs::create_dir(&precious).unwrap();
    std::fs::write(precious.join("thesis.txt"), "x").unwrap();
    assert_eq!(code(&Layout::create(&precious).unwrap_err()), "oci-image/occupied");
}

#[test]
fn says_which_tags_there_are() {
    let (_folder, layout) = written(&["1.0.0"]);
    let error = layout.content(Some("2.0.0")).unwrap_err();
    assert_eq!(code(&error), "oci-image/no-such-tag");
    let Error::NoSuchTag { known, .. } = error else { panic!() };
    assert_eq!(known, ["1.0.0"]);
}

#[test]
fn several_images_need_a_tag() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Layout::create(folder.path().join("image")).unwrap();
    for architecture in ["amd64", "arm64"] {
        let manifest = add_image(&mut writer, architecture);
        writer.tag(&manifest, &[architecture.to_owned()]);
    }
    let layout = writer.commit().unwrap();
    assert_eq!(code(&layout.content(None).unwrap_err()), "oci-image/ambiguous");
    assert_eq!(layout.image(Some("arm64"), None).unwrap().config().unwrap().architecture, "arm64");
}

#[test]
fn picks_the_platform_and_leaves_attestations_aside() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Layout::create(folder.path().join("image")).unwrap();
    let mut children: Vec<Descriptor> = Vec::new();
    for platform in ["linux/amd64", "linux/arm64", "unknown/unknown"] {
        let mut child = add_image(&mut writer, platform.split('/').nth(1).unwrap());
        child.platform = Some(Platform::parse(platform).unwrap());
        children.push(child);
    }
    let index = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": children});
    let index = writer.add(media_type::OCI_INDEX, index.to_string().as_bytes()).unwrap();
    writer.tag(&index, &["1".to_owned()]);
    let layout = writer.commit().unwrap();

    assert_eq!(layout.content(None).unwrap().images().len(), 3);
    let arm = layout.image(None, Some(&Platform::parse("linux/arm64").unwrap())).unwrap();
    assert_eq!(arm.digest(), &children[1].digest);
    let error = layout.image(None, Some(&Platform::parse("linux/s390x").unwrap())).unwrap_err();
    assert_eq!(code(&error), "oci-image/no-such-platform");
    let Error::NoSuchPlatform { known, .. } = error else { panic!() };
    assert_eq!(known, ["linux/amd64", "linux/arm64"]);
    assert!(layout.image(None, None).is_err(), "two platforms and none was chosen");
}

#[test]
fn a_changed_blob_is_found_when_it_is_read() {
    let (_folder, layout) = written(&[]);
    let image = layout.image(None, None).unwrap();
    let layer = &image.manifest().layers[0];
    let path = only_blob(&layout, layer);
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(code(&layout.verify().unwrap_err()), "oci-image/digest-mismatch");
    let mut copy = Layout::create(layout.root().with_file_name("copy")).unwrap();
    assert_eq!(code(&copy.add_image(&image).unwrap_err()), "oci-image/digest-mismatch");

    bytes.push(0);
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(code(&layout.image(None, None).unwrap_err()), "oci-image/size-mismatch");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(code(&layout.image(None, None).unwrap_err()), "oci-image/blob-missing");
}

#[cfg(unix)]
#[test]
fn a_blob_that_is_a_link_is_refused() {
    let (folder, layout) = written(&[]);
    let image = layout.image(None, None).unwrap();
    let path = only_blob(&layout, &image.manifest().layers[0]);
    let moved = folder.path().join("elsewhere");
    std::fs::rename(&path, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &path).unwrap();
    assert_eq!(code(&layout.image(None, None).unwrap_err()), "oci-image/not-a-layout");
}

#[test]
fn a_folder_that_is_no_layout_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Layout::open(folder.path()).unwrap_err().to_string().contains("`oci-layout` is missing"));
    std::fs::write(folder.path().join(MARKER), r#"{"imageLayoutVersion":"2.0.0"}"#).unwrap();
    assert!(Layout::open(folder.path()).unwrap_err().to_string().contains("`2.0.0`"));
}

#[test]
fn documents_parse_as_they_were_written() {
    let (_folder, layout) = written(&[]);
    let image = layout.image(None, None).unwrap();
    assert_eq!(Manifest::parse(image.manifest_bytes()).unwrap(), *image.manifest());
    assert!(ImageConfig::parse(b"[]").is_err());
}

#[test]
fn a_document_that_is_none_and_one_that_is_too_large_are_refused() {
    let (_folder, layout) = written(&["1"]);
    std::fs::write(layout.root().join("index.json"), "[1]").unwrap();
    assert_eq!(
        code(&Layout::open(layout.root()).and_then(|layout| layout.content(None).map(|_| ())).unwrap_err()),
        "oci-image/bad-document"
    );

    let folder = tempfile::tempdir().unwrap();
    let mut writer = Layout::create(folder.path().join("image")).unwrap();
    let large = writer.add(media_type::OCI_MANIFEST, &vec![b' '; 9 * 1024 * 1024]).unwrap();
    writer.tag(&large, &["1".to_owned()]);
    let layout = writer.commit().unwrap();
    assert_eq!(code(&layout.image(None, None).unwrap_err()), "oci-image/document-too-large");
}

#[test]
fn what_is_no_image_and_no_platform_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Layout::create(folder.path().join("image")).unwrap();
    let chart = writer.add("application/vnd.cncf.helm.config.v1+json", b"{}").unwrap();
    writer.tag(&chart, &["1".to_owned()]);
    let layout = writer.commit().unwrap();
    assert_eq!(code(&layout.image(None, None).unwrap_err()), "oci-image/not-an-image");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "x").unwrap();
    assert_eq!(code(&Layout::create(folder.path().join("file/image")).unwrap_err()), "oci-image/unwritable");
}
