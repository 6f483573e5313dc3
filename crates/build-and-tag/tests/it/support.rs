//! What the tests share: a runner with a Dockerfile, and an image read back with foreign code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use testkit::runner::{FakeRunner, RunOutput};

/// The binary.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_build-and-tag");

/// A runner whose workspace holds `dockerfile`, with the inputs every build needs.
pub(crate) fn runner(dockerfile: &str) -> FakeRunner {
    FakeRunner::new()
        .file("Dockerfile", dockerfile)
        .input("image", "shop/backend")
        .input("version", "1.0.0")
        .input("source-date-epoch", "1700000000")
        .input("output-folder", "out")
}

/// The id of the image that [`MADE`] makes.
pub(crate) const MADE_ID: &str = "sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";

/// What a stand-in for `docker` does, in shell: `made "$@"` writes the id of the image and keeps its labels, `labels` tells them.
pub(crate) const MADE: &str = r#"
made() {
    while [ $# -gt 0 ]; do
        case "$1" in
        --iidfile) printf sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d > "$2" ;;
        --label) printf '"%s":"%s",' "${2%%=*}" "$(printf %s "${2#*=}" | sed 's/["\\]/\\&/g')" >> "$HOME/labels" ;;
        esac
        shift
    done
}
labels() { printf '{%s"":""}' "$(cat "$HOME/labels")"; }
"#;

/// Runs the binary.
pub(crate) fn run(runner: &FakeRunner) -> RunOutput {
    runner.run(BINARY, [] as [&str; 0])
}

/// An image as plain JSON and tar listings, read without any code of ours.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) tags: Vec<String>,
    pub(crate) config: Value,
    /// For each layer its entries: path, kind and mode, owner, time, content.
    pub(crate) layers: Vec<Vec<String>>,
}

impl Seen {
    /// Every entry of every layer.
    pub(crate) fn entries(&self) -> Vec<&str> {
        self.layers.iter().flatten().map(String::as_str).collect()
    }
}

/// Python's own `json`, `hashlib` and `tarfile` read the layout and check every digest.
const READER: &str = r#"
import hashlib, json, sys, tarfile
root = sys.argv[1]
assert json.load(open(root + "/oci-layout")) == {"imageLayoutVersion": "1.0.0"}
def blob(descriptor):
    path = root + "/blobs/" + descriptor["digest"].replace(":", "/")
    data = open(path, "rb").read()
    assert "sha256:" + hashlib.sha256(data).hexdigest() == descriptor["digest"] and len(data) == descriptor["size"]
    return path
index = json.load(open(root + "/index.json"))
manifest = json.load(open(blob(index["manifests"][0])))
config = json.load(open(blob(manifest["config"])))
layers = []
for layer, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
    entries = []
    tar = tarfile.open(blob(layer))
    for e in tar:
        kind = "d" if e.isdir() else "l" if e.issym() else "f"
        content = e.linkname if e.issym() else tar.extractfile(e).read().decode(errors='replace') if e.isfile() else ""
        named = {k.removeprefix("SCHILY.xattr."): v for k, v in e.pax_headers.items() if k.startswith("SCHILY.xattr.")}
        content += "".join(f" {k}={v.encode('utf-8', 'surrogateescape').hex()}" for k, v in sorted(named.items()))
        entries.append(f"{kind} /{e.name} {e.mode & 0o7777:o} {e.uid}:{e.gid} {e.mtime} {content}".rstrip())
    layers.append(entries)
tags = [e["annotations"]["org.opencontainers.image.ref.name"] for e in index["manifests"]]
print(json.dumps({"tags": tags, "config": config, "layers": layers}))
"#;

/// Reads the layout `folder`; `None` where there is no Python.
pub(crate) fn read(folder: &Path) -> Option<Seen> {
    let Ok(output) = Command::new("python3").arg("-c").arg(READER).arg(folder).output() else {
        eprintln!("SKIPPED reading the layout back: python3 is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).unwrap();
    Some(Seen {
        tags: serde_json::from_value(seen["tags"].clone()).unwrap(),
        config: seen["config"].clone(),
        layers: serde_json::from_value(seen["layers"].clone()).unwrap(),
    })
}

/// Builds and reads back.
pub(crate) fn built(runner: &FakeRunner) -> (RunOutput, Option<Seen>) {
    let output = run(runner);
    output.assert_code(0);
    let seen = read(&out(runner));
    (output, seen)
}

/// The folder of the layout.
pub(crate) fn out(runner: &FakeRunner) -> PathBuf {
    runner.workspace().join("out")
}
