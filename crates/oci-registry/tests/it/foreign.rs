//! The stand-in and our client beside clients that are not ours: what `skopeo` and `docker` push we pull, and the
//! other way round.

use std::fs;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use serde_json::{Value, json};

use super::*;

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Runs skopeo; `None`, with the reason told, where there is none.
#[expect(clippy::print_stderr, reason = "the list of tests says what was skipped")]
fn skopeo(arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new("skopeo").arg("--insecure-policy").args(arguments).output() else {
        eprintln!("SKIPPED skopeo as a second client: it is not installed");
        return None;
    };
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What an image consists of: its layer, its configuration and its manifest.
fn image() -> [(&'static str, Vec<u8>); 3] {
    let layer = vec![0_u8; 1024];
    let diff = Digest::of(&layer).to_string();
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [diff]},
    })
    .to_string()
    .into_bytes();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": descriptor(CONFIG, &config), "layers": [descriptor(LAYER, &layer)],
    });
    [(LAYER, layer), (CONFIG, config), (MANIFEST, manifest.to_string().into_bytes())]
}

fn descriptor(kind: &str, content: &[u8]) -> Value {
    json!({"mediaType": kind, "digest": Digest::of(content).to_string(), "size": content.len()})
}

/// Writes an image as an OCI layout, by hand.
fn write_layout(folder: &Path) {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let image = image();
    for (_, content) in &image {
        fs::write(blobs.join(Digest::of(content).hex()), content).unwrap();
    }
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion": "1.0.0"}"#).unwrap();
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(MANIFEST, &image[2].1)]});
    fs::write(folder.join("index.json"), index.to_string()).unwrap();
}

#[tokio::test]
async fn what_skopeo_pushes_is_pulled() {
    for builder in [FakeRegistry::builder(), FakeRegistry::builder().token_auth("AWS", "pw")] {
        let server = builder.start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        write_layout(folder.path());
        let source = format!("oci:{}", folder.path().display());
        let target = format!("docker://{}/team/shop:1.0.0", server.host());
        let arguments =
            ["copy", "--preserve-digests", "--dest-tls-verify=false", "--dest-creds=AWS:pw", &source, &target];
        if skopeo(&arguments).is_none() {
            return;
        }
        let registry = client_as(&server, user("pw"));
        let [(_, layer), _, (_, manifest)] = image();
        let pulled = registry.get_manifest(&shop(), &tag("1.0.0")).await.unwrap();
        assert_eq!((&pulled.bytes[..], pulled.digest), (&manifest[..], Digest::of(&manifest)));
        let mut into = Vec::new();
        registry.pull_blob(&shop(), &Digest::of(&layer), layer.len() as u64, &mut into).await.unwrap();
        assert_eq!(into, layer);
        let listed = skopeo(&["list-tags", "--tls-verify=false", "--creds=AWS:pw", target.trim_end_matches(":1.0.0")]);
        assert!(listed.unwrap().contains("\"1.0.0\""));
        assert_eq!(server.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_we_push_skopeo_reads_and_copies_back() {
    let server = FakeRegistry::builder().basic_auth("AWS", "pw").start().unwrap();
    let registry = client_as(&server, user("pw"));
    let [(_, layer), (_, config), (_, manifest)] = image();
    for content in [&layer, &config] {
        let (_file, blob) = blob(content);
        registry.push_blob(&shop(), &blob).await.unwrap();
    }
    let digest = registry.put_manifest(&shop(), &tag("1.0.0"), MANIFEST, Bytes::from(manifest.clone())).await.unwrap();
    let source = format!("docker://{}/team/shop:1.0.0", server.host());
    let Some(told) = skopeo(&["inspect", "--tls-verify=false", "--creds=AWS:pw", &source]) else {
        return;
    };
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["Digest"], digest.as_str());
    assert_eq!(told["Layers"], json!([Digest::of(&layer).as_str()]));
    let folder = tempfile::tempdir().unwrap();
    let target = format!("oci:{}:back", folder.path().join("image").display());
    skopeo(&["copy", "--preserve-digests", "--src-tls-verify=false", "--src-creds=AWS:pw", &source, &target]).unwrap();
    let index = fs::read(folder.path().join("image/index.json")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    assert_eq!(index["manifests"][0]["digest"], digest.as_str());
}

/// Runs docker and returns what it printed.
fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Whether a daemon answers.
fn has_docker() -> bool {
    let output = Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]).output();
    output.is_ok_and(|output| output.status.success())
}

/// Images of the daemon that go when this value does.
struct Images(Vec<String>);

impl Drop for Images {
    fn drop(&mut self) {
        // One that was never made needs no removal.
        let _ = Command::new("docker").args(["rmi", "--force"]).args(&self.0).output();
    }
}

#[tokio::test]
async fn what_docker_pushes_is_pulled_and_docker_pulls_what_we_push() {
    if !has_docker() {
        eprintln!("SKIPPED docker as a second client: no daemon answers");
        return;
    }
    let server = FakeRegistry::start().unwrap();
    let [theirs, ours] = ["1.0.0", "2.0.0"].map(|tag| format!("{}/team/shop:{tag}", server.host()));
    let _images = Images(vec![theirs.clone(), ours.clone()]);
    let folder = tempfile::tempdir().unwrap();
    // Two empty blocks are an empty archive.
    let archive = folder.path().join("root.tar");
    fs::write(&archive, [0_u8; 1024]).unwrap();
    docker(&["import", "--message", &server.host(), archive.to_str().unwrap(), &theirs]);
    docker(&["push", "--quiet", &theirs]);

    let registry = client(&server);
    let pulled = registry.get_manifest(&shop(), &tag("1.0.0")).await.unwrap();
    assert_eq!(server.tags("team/shop")["1.0.0"], pulled.digest.as_str());
    let manifest: Value = serde_json::from_slice(&pulled.bytes).unwrap();
    for blob in manifest["layers"].as_array().unwrap().iter().chain([&manifest["config"]]) {
        let digest = Digest::parse(blob["digest"].as_str().unwrap()).unwrap();
        let mut into = Vec::new();
        registry.pull_blob(&shop(), &digest, blob["size"].as_u64().unwrap(), &mut into).await.unwrap();
    }

    // The same content again, in other bytes: a manifest of our own.
    let bytes = Bytes::from(manifest.to_string());
    let digest = registry.put_manifest(&shop(), &tag("2.0.0"), &pulled.media_type, bytes).await.unwrap();
    assert_ne!(digest, pulled.digest);
    docker(&["pull", "--quiet", &ours]);
    let known = docker(&["image", "inspect", "--format", "{{json .RepoDigests}}", &ours]);
    assert!(known.contains(digest.as_str()), "{known}");
    assert_eq!(server.violations(), Vec::<String>::new());
}
