//! Base images that cannot be had: the reason has the code of the one who refused.

use serde_json::json;
use testkit::RunOutput;
use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::registry::{FakeRegistry, digest};
use testkit::runner::FakeRunner;

use crate::support::{run, runner};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

#[track_caller]
fn check(out: &RunOutput, exit: i32, code: &str) {
    out.assert_code(exit);
    assert!(out.stdout.contains("::error title=build-and-tag/pull,"), "{}", out.stdout);
    assert!(out.stderr.contains(&format!("  why:  {code}: ")), "{code}: {}", out.stderr);
}

/// A build on the image of this digest.
fn on(registry: &str, digest: &str) -> FakeRunner {
    runner(&format!("FROM {registry}/base@{digest}\n"))
}

#[test]
fn registries_that_do_not_give_the_image() {
    let registry = FakeRegistry::builder().repository("base").start().unwrap();
    let config = b"{}";
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": 2}});
    let name = registry.put_manifest("base", "1", MANIFEST, manifest.to_string());
    check(&run(&on(&registry.host(), &name)), 1, "oci-registry/blob-unknown");
    check(&run(&on(&registry.host(), &digest(b"other"))), 1, "oci-registry/manifest-unknown");
    let elsewhere = FakeRegistry::builder().repository("other").start().unwrap();
    check(&run(&on(&elsewhere.host(), &name)), 1, "oci-registry/name-unknown");
    registry.faults().add(Fault::reply(Reply::json(403, &json!({"errors": [{"code": "DENIED"}]}))).on("GET", "*"));
    check(&run(&on(&registry.host(), &name)), 1, "oci-registry/denied");
    registry.faults().add(Fault::reply(Reply::text(200, "[]")).on("GET", "*/manifests/*"));
    check(&run(&on(&registry.host(), &name)), 1, "oci-registry/digest-mismatch");
}

#[test]
fn a_machine_without_certificates() {
    let runner = on("registry.example", &digest(b"x")).env("SSL_CERT_FILE", "/dev/null");
    check(&run(&runner.env("SSL_CERT_DIR", "/nonexistent")), 1, "oci-registry/no-client");
}

#[test]
fn a_file_that_shrinks_while_the_image_is_built() {
    let (_base, folder) = crate::bases::base();
    let registry = FakeRegistry::start().unwrap();
    let name = crate::bases::push(&folder, &registry);
    let runner = runner(&format!("FROM {name}\nCOPY tool /bin/tool\n")).file("tool", "a tool");
    let tool = runner.workspace().join("tool");
    let layers = std::sync::atomic::AtomicUsize::new(0);
    // The configuration is pulled to plan the build, the layers when it is under way.
    let shrink = Fault::status(500).on("GET", "*/blobs/*").matching(move |_| {
        if layers.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 0 {
            std::fs::write(&tool, "a").unwrap();
        }
        false
    });
    registry.faults().add(shrink.always());
    let out = run(&runner);
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=build-and-tag/changed::"), "{}", out.stdout);
}

#[test]
fn versions_and_branches_that_give_no_tag_name_the_rule() {
    let long = format!("1.0.0+{}", "a".repeat(110));
    for (version, branch, rule) in [
        ("1.0.0-SNAPSHOT", "main", "stable-needs-release"),
        ("1.0.0", "develop", "snapshot-needs-snapshot"),
        ("1.1.0-SNAPSHOT", "1.0.0", "branch-is-version"),
        (&long, "feature", "version-too-long"),
    ] {
        let snapshots = if rule == "branch-is-version" { branch } else { "develop" };
        let runner = runner("FROM scratch\n").input("version", version).input("branch", branch);
        let runner = runner.input("snapshot-branch", snapshots);
        let out = run(&runner);
        out.assert_code(2);
        assert!(out.stderr.contains(&format!("version and the branch (image-ref/{rule})")), "{rule}: {}", out.stderr);
    }
}
