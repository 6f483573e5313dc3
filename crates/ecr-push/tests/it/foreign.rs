//! What the binary pushed, seen by a client that is not ours.

use std::process::Command;

use serde_json::Value;
use testkit::registry::digest;

use super::*;
use crate::world::{PASSWORD, run};

/// Runs skopeo; `None`, with the reason told, where there is none.
#[expect(clippy::print_stderr, reason = "the list of tests says what was skipped")]
fn skopeo(arguments: &[&str]) -> Option<Vec<u8>> {
    let Ok(output) = Command::new("skopeo").arg("--insecure-policy").args(arguments).output() else {
        eprintln!("SKIPPED skopeo as a second client: it is not installed");
        return None;
    };
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

#[test]
fn skopeo_inspects_and_copies_back_what_was_pushed() {
    let world = World::new();
    let credentials = format!("AWS:{PASSWORD}");
    for (tag, write) in [("1.0.0", write_one as fn(&std::path::Path) -> String), ("2.0.0", write_index)] {
        let step = world.step(tag);
        let pushed = write(step.workspace());
        run(&step).assert_code(0);
        let source = format!("docker://{}/shop:{tag}", world.registry.host());
        let Some(raw) = skopeo(&["inspect", "--raw", "--tls-verify=false", "--creds", &credentials, &source]) else {
            return;
        };
        // It ends what it prints with a line break.
        assert_eq!(digest(raw.trim_ascii_end()), pushed);
        let target = format!("oci:{}:back", step.workspace().join("back").display());
        let copy = [
            "copy",
            "--all",
            "--preserve-digests",
            "--src-tls-verify=false",
            "--src-creds",
            &credentials,
            &source,
            &target,
        ];
        skopeo(&copy).unwrap();
        let index = std::fs::read(step.workspace().join("back/index.json")).unwrap();
        let index: Value = serde_json::from_slice(&index).unwrap();
        assert_eq!(index["manifests"][0]["digest"], pushed.as_str());
    }
    assert_eq!(world.registry.violations(), Vec::<String>::new());
}

fn write_one(workspace: &std::path::Path) -> String {
    write_image(workspace, "layer")
}
