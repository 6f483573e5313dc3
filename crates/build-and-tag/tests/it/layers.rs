//! Layers and archives as others write them: whiteouts in any order, and extended attributes.

use oci_image::{Compression, Descriptor, Layout, LayoutWriter, media_type};
use serde_json::json;

use crate::support::{Seen, built, runner};

/// The capability `cap_net_bind_service`, as the kernel keeps it, but with a line end in it.
const CAPABILITY: &[u8] = b"\x01\x00\x00\x02\x00\x04\x00\x00\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";

/// A tar that is being made.
struct Tar(tar::Builder<Vec<u8>>);

impl Tar {
    fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn file(mut self, name: &str, content: &str) -> Self {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(content.len() as u64);
        self.0.append_data(&mut header, name, content.as_bytes()).unwrap();
        self
    }

    fn with_attributes(mut self, attributes: &[(&str, &[u8])]) -> Self {
        self.0.append_pax_extensions(attributes.iter().copied()).unwrap();
        self
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

/// A layout of an image of these layers.
fn image_of(folder: &std::path::Path, layers: &[Vec<u8>]) {
    let mut writer = Layout::create(folder).unwrap();
    let add = |writer: &LayoutWriter, tar: &[u8]| {
        let mut layer = writer.layer_writer(Compression::Gzip).unwrap();
        std::io::Write::write_all(&mut layer, tar).unwrap();
        layer.finish().unwrap()
    };
    let layers: Vec<_> = layers.iter().map(|tar| add(&writer, tar)).collect();
    let diff_ids: Vec<_> = layers.iter().map(|layer| layer.diff_id.clone()).collect();
    let rootfs = json!({"type": "layers", "diff_ids": diff_ids});
    let config = json!({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).to_string();
    let config = writer.add(media_type::OCI_CONFIG, config.as_bytes()).unwrap();
    let layers: Vec<Descriptor> = layers.into_iter().map(|layer| layer.descriptor).collect();
    let manifest =
        json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "config": config, "layers": layers});
    let manifest = writer.add(media_type::OCI_MANIFEST, manifest.to_string().as_bytes()).unwrap();
    writer.tag(&manifest, &[]);
    writer.commit().unwrap();
}

/// What `COPY --from` takes of an image of these layers.
fn copied(layers: &[Vec<u8>]) -> Option<Seen> {
    let step = runner("FROM scratch\nCOPY --from=base / /\n").input("build-contexts", "base=oci:base");
    image_of(&step.workspace().join("base"), layers);
    built(&step).1
}

#[test]
fn whiteouts_hide_what_is_below_their_layer_and_nothing_of_it() {
    let below = || {
        Tar::new().file("d/old", "1").file("d/sub/old", "2").file("x", "3").file("y/z", "4").file("kept", "5").bytes()
    };
    let new = |tar: Tar| tar.file("d/new", "6").file("x", "7");
    let whiteouts = |tar: Tar| tar.file("d/.wh..wh..opq", "").file(".wh.x", "").file(".wh.y", "");
    for above in [whiteouts(new(Tar::new())), new(whiteouts(Tar::new()))] {
        let Some(seen) = copied(&[below(), above.bytes()]) else { return };
        let files = ["f /d/new 755 0:0 0 6", "f /kept 755 0:0 0 5", "f /x 755 0:0 0 7"];
        assert_eq!(seen.entries().into_iter().filter(|entry| entry.starts_with("f ")).collect::<Vec<_>>(), files);
    }
}

#[test]
fn capabilities_of_programs_are_copied_and_unpacked() {
    let attributes: [(&str, &[u8]); 4] = [
        ("SCHILY.xattr.security.capability", CAPABILITY),
        ("SCHILY.xattr.security.selinux", b"of_this_machine"),
        ("SCHILY.xattr.user.note", b"mine"),
        ("comment", b"none"),
    ];
    let tar = || Tar::new().with_attributes(&attributes).file("bin/ping", "p").file("bin/other", "o").bytes();
    let hex = "0100000200040000".to_owned() + "0a" + &"00".repeat(11);
    let expect = |folder: &str| {
        let ping = format!("f /{folder}bin/ping 755 0:0 0 p security.capability={hex} user.note=6d696e65");
        vec![format!("f /{folder}bin/other 755 0:0 0 o"), ping]
    };
    let files = |seen: &Seen| -> Vec<String> {
        seen.entries().into_iter().filter(|entry| entry.starts_with("f ")).map(str::to_owned).collect()
    };
    let Some(seen) = copied(&[tar()]) else { return };
    assert_eq!(files(&seen), expect(""));
    let step = runner("FROM scratch AS one\nADD a.tar /in/\nFROM scratch\nCOPY --chown=7:8 --from=one /in /in\n");
    let Some(seen) = built(&step.file("a.tar", tar())).1 else { return };
    assert_eq!(files(&seen), expect("in/").into_iter().map(|entry| entry.replace("0:0", "7:8")).collect::<Vec<_>>());
}

#[test]
fn attributes_that_would_fill_the_memory_are_refused() {
    let value = vec![b'x'; 1 << 20];
    let attributes: [(&str, &[u8]); 1] = [("SCHILY.xattr.user.large", &value)];
    let tar = (0..17).fold(Tar::new(), |tar, number| tar.with_attributes(&attributes).file(&number.to_string(), ""));
    let step = runner("FROM scratch\nADD a.tar /\n").file("a.tar", tar.bytes());
    let output = crate::support::run(&step);
    output.assert_code(1);
    assert!(output.stderr.contains("extended attributes have more than 16 MiB"), "{}", output.stderr);
}
