//! Images built on other images: OCI layouts, and registries by digest.

use std::time::Duration;

use serde_json::json;
use testkit::Fault;
use testkit::bomb::Bomb;
use testkit::http::Reply;
use testkit::registry::{self, FakeRegistry};

use crate::support::{built, out, run, runner};

/// Builds a base image with a link `/bin -> usr/bin` and puts its layout where another test runner finds it.
pub(crate) fn base() -> (testkit::runner::FakeRunner, String) {
    let base = runner("FROM scratch\nCOPY root /\nENV FROM_BASE=yes\nENTRYPOINT [\"/usr/bin/base\"]\nCMD [\"x\"]\n")
        .file("root/usr/bin/base", "base program")
        .file("root/etc/keep", "k");
    #[cfg(unix)]
    std::os::unix::fs::symlink("usr/bin", base.workspace().join("root/bin")).unwrap();
    let output = run(&base);
    output.assert_code(0);
    let folder = out(&base).display().to_string();
    (base, folder)
}

const ON_BASE: &str =
    "FROM runtime\nCOPY tool /bin/tool\nENTRYPOINT [\"/bin/tool\"]\nCOPY --from=runtime /etc/keep /copied\n";

#[test]
fn builds_on_an_oci_layout_and_follows_its_links() {
    let (_base, folder) = base();
    for scheme in ["oci:", "oci-layout://"] {
        let runner = runner(ON_BASE).file("tool", "t").input("build-contexts", &format!("runtime={scheme}{folder}"));
        let Some(seen) = built(&runner).1 else { return };
        assert_eq!(seen.layers.len(), 3);
        assert_eq!(seen.layers[1], ["f /usr/bin/tool 644 0:0 1700000000 t"], "/bin is a link in the base");
        assert_eq!(seen.layers[2], ["f /copied 644 0:0 1700000000 k"]);
        assert_eq!(seen.config["config"]["Cmd"], json!(null), "an inherited CMD does not survive a new ENTRYPOINT");
        assert!(seen.config["config"]["Env"].as_array().unwrap().contains(&json!("FROM_BASE=yes")));
    }
}

#[test]
fn what_a_base_image_says_of_itself_is_not_said_of_the_image() {
    let title = "org.opencontainers.image.title";
    let base = runner(&format!("FROM scratch\nCOPY root /\nLABEL {title}=base team=core\n")).file("root/x", "x");
    run(&base).assert_code(0);
    let folder = out(&base).display().to_string();
    for (label, wanted) in [("", None), ("LABEL org.opencontainers.image.title=own\n", Some("own"))] {
        let runner = runner(&format!("FROM runtime\nCOPY tool /tool\n{label}")).file("tool", "t");
        let runner = runner.input("build-contexts", &format!("runtime=oci:{folder}"));
        let Some(seen) = built(&runner).1 else { return };
        let labels = &seen.config["config"]["Labels"];
        assert_eq!(labels["team"], "core", "other labels of the base are kept");
        assert_ne!(labels[title], "base");
        assert!(wanted.is_none_or(|wanted| labels[title] == wanted), "{labels}");
    }
}

#[test]
fn a_layout_that_was_tampered_with_is_refused() {
    let (_base, folder) = base();
    let blobs = std::path::Path::new(&folder).join("blobs/sha256");
    let largest = std::fs::read_dir(blobs).unwrap().map(|entry| entry.unwrap().path());
    let layer = largest.filter(|path| std::fs::read(path).unwrap().starts_with(&[0x1f, 0x8b])).last().unwrap();
    let mut bytes = std::fs::read(&layer).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&layer, bytes).unwrap();
    let runner = runner(ON_BASE).file("tool", "t").input("build-contexts", &format!("runtime=oci:{folder}"));
    let output = run(&runner);
    output.assert_code(2);
    assert!(output.stderr.contains("has digest"), "{}", output.stderr);
    assert!(!out(&runner).exists());
}

/// Copies the layout's image into a registry and gives its name by digest.
pub(crate) fn push(folder: &str, registry: &FakeRegistry) -> String {
    let root = std::path::Path::new(folder);
    let index: serde_json::Value = serde_json::from_slice(&std::fs::read(root.join("index.json")).unwrap()).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
    for entry in std::fs::read_dir(root.join("blobs/sha256")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        if registry::digest(&bytes) == digest {
            registry.put_manifest("base", "1", "application/vnd.oci.image.manifest.v1+json", bytes);
        } else {
            registry.put_blob("base", bytes);
        }
    }
    format!("{}/base@{digest}", registry.host())
}

#[test]
fn pulls_a_base_image_by_digest() {
    let (_base, folder) = base();
    let registry = FakeRegistry::start().unwrap();
    let name = push(&folder, &registry);
    let dockerfile = ON_BASE.replace("runtime", &name);
    let runner = runner(&dockerfile).file("tool", "t");
    let (output, seen) = built(&runner);
    assert_eq!(output.outputs["builder"], "embedded");
    assert_eq!(seen.map_or(3, |seen| seen.layers.len()), 3);
}

#[test]
fn a_base_image_behind_a_login_is_pulled_with_what_docker_login_left() {
    let (_base, folder) = base();
    let registry = FakeRegistry::builder().basic_auth("me", "a-password-of-mine").start().unwrap();
    let name = push(&folder, &registry);
    let runner = runner(&ON_BASE.replace("runtime", &name)).file("tool", "t");
    let refused = run(&runner);
    refused.assert_code(1);
    assert!(
        refused.stderr.contains("build-and-tag/pull") && refused.stderr.contains("docker login"),
        "{}",
        refused.stderr
    );
    let auths = json!({ "auths": { registry.host(): { "auth": "bWU6YS1wYXNzd29yZC1vZi1taW5l" } } });
    let runner = runner.file("docker/config.json", auths.to_string());
    let config = runner.workspace().join("docker").display().to_string();
    let output = run(&runner.env("DOCKER_CONFIG", config));
    output.assert_code(0);
    assert!(!output.stderr.contains("a-password-of-mine"), "{}", output.stderr);
}

#[test]
fn a_base_image_that_is_not_there_fails_with_the_line() {
    let registry = FakeRegistry::start().unwrap();
    let name = format!("{}/base@sha256:{}", registry.host(), "0".repeat(64));
    let output = run(&runner(&format!("# a\nFROM {name}\n")));
    output.assert_code(1);
    assert!(output.stdout.contains("line=2"), "{}", output.stdout);
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// An answer that never ends and hardly moves: one byte in two milliseconds, for a client whose minute is 60 of them.
fn drip() -> Bomb {
    Bomb::dripping("HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n\r\n", "x", Duration::from_millis(2))
        .unwrap()
}

#[test]
fn a_manifest_that_drips_for_ever_is_left() {
    let bomb = drip();
    let host = bomb.url().replace("http://", "");
    let runner = runner(&format!("FROM {host}/base@sha256:{}\nCOPY tool /tool\n", "0a".repeat(32)))
        .file("tool", "t")
        .env("SLIPWAY_TIME_DIVISOR", "1000");
    let output = run(&runner);
    assert_ne!(output.code, 0);
    assert!(output.stderr.contains("build-and-tag/pull") && output.stderr.contains("120 s"), "{}", output.stderr);
    assert!(bomb.requests() > 1, "it was asked once more");
}

#[test]
fn a_layer_that_drips_for_ever_is_left() {
    let registry = FakeRegistry::start().unwrap();
    let layer = vec![b'l'; 1 << 20];
    let digest = registry.put_blob("base", layer.clone());
    let rootfs = json!({ "type": "layers", "diff_ids": [digest] });
    let config = json!({ "architecture": "amd64", "os": "linux", "rootfs": rootfs }).to_string();
    let config_digest = registry.put_blob("base", config.clone());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "size": config.len(), "digest": config_digest },
        "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar", "size": layer.len(), "digest": digest }],
    });
    let wanted = registry.put_manifest("base", "image", MANIFEST, manifest.to_string());
    let bomb = drip();
    let elsewhere = Reply::new(307).with_header("location", bomb.url());
    registry.faults().add(Fault::reply(elsewhere).on("GET", &format!("*/blobs/{digest}")).always());
    let runner = runner(&format!("FROM {}/base@{wanted}\nCOPY tool /tool\n", registry.host()))
        .file("tool", "t")
        .env("SLIPWAY_TIME_DIVISOR", "1000");
    let output = run(&runner);
    assert_ne!(output.code, 0);
    assert!(output.stderr.contains("build-and-tag/pull") && output.stderr.contains("60 s"), "{}", output.stderr);
    assert!(bomb.requests() > 1, "it was asked once more");
}
