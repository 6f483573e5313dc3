//! From one registry to another, and further tags for an image that is there.

use serde_json::{Value, json};
use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::registry::{FakeRegistry, digest};
use testkit::runner::{FakeRunner, RunOutput};

use crate::world::{HOST, MANIFEST, PASSWORD, World, repository, run};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// The registry of another account, and its host.
pub(crate) const DEVELOP: &str = "210987654321.dkr.ecr.eu-west-1.amazonaws.com";

/// A registry of the account of develop with an image `shop:1.0.0`, and the one of production.
pub(crate) struct Two {
    pub(crate) develop: FakeRegistry,
    pub(crate) production: World,
    pub(crate) digest: String,
}

/// An image with one layer, below a tag of its own; its descriptor.
pub(crate) fn image(registry: &FakeRegistry, name: &str, layer: &str, revision: &str) -> Value {
    let config = json!({"architecture": layer, "os": "linux", "rootfs": {"type": "layers", "diff_ids": []},
        "config": {"Labels": {"org.opencontainers.image.revision": revision}}});
    let config = config.to_string();
    let blob = |kind: &str, content: &str| {
        let digest = registry.put_blob(name, content.to_owned());
        json!({"mediaType": kind, "digest": digest, "size": content.len()})
    };
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": blob(CONFIG, &config), "layers": [blob(LAYER, layer)]});
    let manifest = manifest.to_string();
    let digest = registry.put_manifest(name, &format!("image-{layer}"), MANIFEST, manifest.clone());
    json!({"mediaType": MANIFEST, "digest": digest, "size": manifest.len(), "platform": {"architecture": layer, "os": "linux"}})
}

/// An index `shop:1.0.0` of two images.
fn index(registry: &FakeRegistry, name: &str) -> String {
    let images = ["amd64", "arm64"].map(|layer| image(registry, name, layer, "abc"));
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": images});
    registry.put_manifest(name, "1.0.0", INDEX, index.to_string())
}

/// A signature of `subject`, which the registry of develop has.
pub(crate) fn sign(registry: &FakeRegistry, name: &str, subject: &str) -> String {
    let blob = |content: &str| {
        let digest = registry.put_blob(name, content.to_owned());
        json!({"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest, "size": content.len()})
    };
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": "application/vnd.example.signature",
        "config": blob("{}"),
        "layers": [blob("{}")],
        "subject": {"mediaType": INDEX, "digest": subject, "size": 2},
    });
    registry.put_manifest(name, &format!("signature-of-{}", &subject[7..15]), MANIFEST, manifest.to_string())
}

impl Two {
    pub(crate) fn new() -> Self {
        let develop =
            FakeRegistry::builder().repository("shop").basic_auth("AWS", PASSWORD).ecr_quirks().start().unwrap();
        let digest = index(&develop, "shop");
        Self { develop, production: World::new(), digest }
    }

    /// The same with an image that is no index.
    pub(crate) fn with_one_image() -> Self {
        let develop =
            FakeRegistry::builder().repository("shop").basic_auth("AWS", PASSWORD).ecr_quirks().start().unwrap();
        let digest = image(&develop, "shop", "layer", "abc")["digest"].as_str().unwrap().to_owned();
        Self { develop, production: World::new(), digest }
    }

    /// A step that promotes `image`.
    pub(crate) fn step(&self, image: &str, tags: &str) -> FakeRunner {
        FakeRunner::new()
            .envs(self.production.aws.env())
            .env("SLIPWAY_REGISTRY_ENDPOINT", self.production.registry.url())
            .env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", self.develop.url())
            .input("image", image)
            .input("tags", tags)
    }

    fn by_digest(&self) -> String {
        format!("{DEVELOP}/shop@{}", self.digest)
    }

    /// Nothing was written to develop.
    fn only_read(&self) {
        assert!(self.develop.requests().iter().all(|request| matches!(request.method.as_str(), "GET" | "HEAD")));
    }
}

pub(crate) fn promote(step: &FakeRunner) -> RunOutput {
    promote_with(step, &[])
}

fn promote_with(step: &FakeRunner, flags: &[&str]) -> RunOutput {
    let arguments: Vec<&str> = ["promote"].into_iter().chain(flags.iter().copied()).collect();
    step.run(env!("CARGO_BIN_EXE_ecr-push"), &arguments)
}

#[test]
fn an_image_goes_from_one_account_to_another_byte_for_byte() {
    let two = Two::new();
    let out = promote(&two.step(&two.by_digest(), "1.0.0\nlatest"));
    out.assert_code(0);
    let tags = two.production.registry.tags("shop");
    assert_eq!((tags["1.0.0"].as_str(), tags["latest"].as_str()), (two.digest.as_str(), two.digest.as_str()));
    let (theirs, ours) = (two.develop.manifest("shop", &two.digest), two.production.registry.manifest("shop", "1.0.0"));
    assert_eq!(theirs, ours);
    for child in ours.unwrap().json()["manifests"].as_array().unwrap() {
        let child = two.production.registry.manifest("shop", child["digest"].as_str().unwrap()).unwrap().json();
        for blob in [&child["config"], &child["layers"][0]] {
            let digest = blob["digest"].as_str().unwrap();
            assert_eq!(two.production.registry.blob("shop", digest), two.develop.blob("shop", digest));
        }
    }
    assert_eq!(out.outputs["source-image-uri"], two.by_digest());
    assert_eq!(out.outputs["image-uri"], format!("{HOST}/shop@{}", two.digest));
    assert_eq!(out.outputs["pushed"], "true");
    assert!(out.summary.contains(&two.by_digest()), "{}", out.summary);
    two.only_read();
}

#[test]
fn promoting_again_is_already_done_and_fetches_no_blob() {
    let two = Two::new();
    promote(&two.step(&two.by_digest(), "1.0.0")).assert_code(0);
    two.develop.clear_requests();
    two.production.registry.clear_requests();
    let out = promote(&two.step(&two.by_digest(), "1.0.0"));
    out.assert_code(0);
    assert_eq!(out.outputs["pushed"], "false");
    assert!(two.develop.requests().iter().all(|request| !request.path.contains("/blobs/")));
    assert!(two.production.registry.requests().iter().all(|request| request.method == "HEAD"));
}

#[test]
fn an_image_that_is_taken_by_its_version_does_not_take_latest_back() {
    let two = Two::new();
    index(&two.production.registry, "shop");
    let higher = two.production.registry.put_manifest("shop", "2.0.0", MANIFEST, "{}");
    two.production.registry.put_manifest("shop", "latest", MANIFEST, "{}");
    let step = two.step(&format!("{HOST}/shop:1.0.0"), "latest").env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", "");
    let out = promote(&step);
    out.assert_code(0);
    assert!(out.stdout.contains("::warning") && out.stdout.contains("`latest` (there is `2.0.0`)"), "{}", out.stdout);
    assert_eq!(two.production.registry.tags("shop")["latest"], higher);
    promote(&step.input("moving-tags", "any")).assert_code(0);
    assert_ne!(two.production.registry.tags("shop")["latest"], higher);
}

#[test]
fn an_image_of_the_very_repository_gets_further_tags_and_nothing_else() {
    let two = Two::new();
    let digest = index(&two.production.registry, "shop");
    let step =
        two.step(&format!("{HOST}/shop:1.0.0"), "1.0.0-final\nlatest").env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", "");
    let out = promote(&step);
    out.assert_code(0);
    assert_eq!(two.production.registry.tags("shop")["1.0.0-final"], digest);
    assert_eq!(two.production.written(), ["1.0.0-final", "latest"]);
    assert_eq!(two.production.uploads(), 0);
    assert!(two.production.aws.calls_to("BatchCheckLayerAvailability").is_empty());
    assert_eq!(two.production.aws.calls_to("GetAuthorizationToken").len(), 1);
}

#[test]
fn layers_of_another_repository_of_the_same_registry_are_mounted() {
    let world = World::with(FakeRegistry::builder().repository("shop").repository("develop/shop"));
    world.aws.on("DescribeRepositories").reply(json!({"repositories": [repository("shop", "MUTABLE")]}));
    let digest = index(&world.registry, "develop/shop");
    let step = FakeRunner::new()
        .envs(world.aws.env())
        .env("SLIPWAY_REGISTRY_ENDPOINT", world.registry.url())
        .input("image", &format!("{HOST}/develop/shop@{digest}"))
        .input("repository", "shop")
        .input("tags", "1.0.0");
    promote(&step).assert_code(0);
    assert_eq!(world.registry.tags("shop")["1.0.0"], digest);
    let blobs = world.registry.requests().into_iter().filter(|request| request.path.contains("/blobs/"));
    assert!(blobs.into_iter().all(|request| request.query_value("mount").is_some()));
}

#[test]
fn ecr_push_takes_an_image_of_another_registry_as_its_source() {
    let two = Two::new();
    let step = FakeRunner::new()
        .envs(two.production.aws.env())
        .env("SLIPWAY_REGISTRY_ENDPOINT", two.production.registry.url())
        .env("SLIPWAY_SOURCE_REGISTRY_ENDPOINT", two.develop.url())
        .input("source", &format!("docker://{DEVELOP}/shop:1.0.0"))
        .input("repository", "shop")
        .input("tags", "1.0.0");
    run(&step).assert_code(0);
    assert_eq!(two.production.registry.tags("shop")["1.0.0"], two.digest);
    two.only_read();
}

#[test]
fn a_registry_that_is_none_of_ecrs_gets_its_own_user_and_never_the_password_of_ecr() {
    let other = FakeRegistry::builder()
        .repository("team/shop")
        .token_auth("robot", "other-registrys-password")
        .start()
        .unwrap();
    let digest = index(&other, "team/shop");
    let world = World::new();
    let step = FakeRunner::new()
        .envs(world.aws.env())
        .env("SLIPWAY_REGISTRY_ENDPOINT", world.registry.url())
        .env("SOURCE_PASSWORD", "other-registrys-password")
        .input("source", &format!("docker://{}/team/shop@{digest}", other.host()))
        .input("source-username", "robot")
        .input("repository", "shop")
        .input("tags", "1.0.0");
    let out = run(&step);
    out.assert_code(0);
    assert_eq!(world.registry.tags("shop")["1.0.0"], digest);
    let seen = |registry: &FakeRegistry, text: &str| {
        registry.requests().iter().any(|request| format!("{request:?}").contains(text))
    };
    assert!(!seen(&other, "QVdTOnJlZ2lzdHJ5LXBhc3N3b3Jk"));
    assert!(!format!("{}{}", out.stderr, out.summary).contains("other-registrys-password"));
}

#[test]
fn a_tag_that_moved_since_the_test_is_refused_before_anything_is_written() {
    let two = Two::new();
    let expected = digest(b"what was tested");
    let step = two.step(&format!("{DEVELOP}/shop:1.0.0"), "1.0.0").input("expected-digest", &expected);
    let out = promote(&step);
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/unexpected-digest::"), "{}", out.stdout);
    assert!(out.stderr.contains(&expected) && out.stderr.contains(&two.digest), "{}", out.stderr);
    assert!(two.production.written().is_empty() && two.production.uploads() == 0);
}

#[test]
fn an_image_of_another_commit_is_refused_by_its_label() {
    let two = Two::new();
    let with = |revision: &str| {
        let label = format!("org.opencontainers.image.revision={revision}");
        promote(&two.step(&two.by_digest(), "1.0.0").input("require-label", &label))
    };
    let out = with("abd");
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/label-mismatch::"), "{}", out.stdout);
    assert!(two.production.written().is_empty());
    with("abc").assert_code(0);
}

#[test]
fn signatures_come_along_before_the_tag() {
    let two = Two::new();
    let signature = sign(&two.develop, "shop", &two.digest);
    let of_signature = sign(&two.develop, "shop", &signature);
    let out = promote(&two.step(&two.by_digest(), "1.0.0"));
    out.assert_code(0);
    for referrer in [&signature, &of_signature] {
        assert_eq!(two.production.registry.manifest("shop", referrer), two.develop.manifest("shop", referrer));
    }
    let written = two.production.written();
    let place = |wanted: &str| written.iter().position(|name| name == wanted).unwrap();
    assert!(place(&two.digest) < place(&signature) && place(&signature) < place(&of_signature));
    assert!(place(&of_signature) < place("1.0.0"), "{written:?}");
    assert!(out.summary.contains("| Signatures and attestations | 2 |"), "{}", out.summary);
    // A signature that was added later comes with the next run, though the tag is there.
    let later = sign(&two.develop, "shop", &of_signature);
    promote(&two.step(&two.by_digest(), "1.0.0")).assert_code(0);
    assert!(two.production.registry.manifest("shop", &later).is_none(), "two steps away is far enough");
}

#[test]
fn a_signature_that_is_added_later_comes_with_the_next_run() {
    let two = Two::new();
    promote(&two.step(&two.by_digest(), "1.0.0")).assert_code(0);
    let signature = sign(&two.develop, "shop", &two.digest);
    promote(&two.step(&two.by_digest(), "1.0.0")).assert_code(0);
    assert!(two.production.registry.manifest("shop", &signature).is_some());
    two.production.registry.clear_requests();
    promote(&two.step(&two.by_digest(), "1.0.0")).assert_code(0);
    assert!(two.production.written().is_empty());
}

#[test]
fn a_signature_that_is_refused_is_a_warning_or_an_error_by_rule() {
    for (rule, code) in [("copy", 0), ("require", 1), ("none", 0)] {
        let two = Two::new();
        let signature = sign(&two.develop, "shop", &two.digest);
        let path = format!("*/manifests/{signature}");
        two.production.registry.faults().add(Fault::status(405).on("PUT", &path).always());
        let out = promote(&two.step(&two.by_digest(), "1.0.0").input("referrers", rule));
        out.assert_code(code);
        assert_eq!(
            out.stdout.contains("::error title=ecr-push/referrer-refused::"),
            rule == "require",
            "{}",
            out.stdout
        );
        assert_eq!(
            out.stdout.contains("::warning") && out.stdout.contains(&signature),
            rule == "copy",
            "{}",
            out.stdout
        );
        assert_eq!(two.production.registry.tags("shop").contains_key("1.0.0"), code == 0);
    }
}

#[test]
fn an_image_that_nobody_signed_is_an_error_where_it_has_to_be() {
    let two = Two::new();
    let out = promote(&two.step(&two.by_digest(), "1.0.0").input("referrers", "require"));
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/referrers-missing::"), "{}", out.stdout);
    assert!(two.production.written().is_empty());
}

#[test]
fn an_image_that_more_refers_to_than_anybody_writes_is_refused() {
    let two = Two::new();
    let many: Vec<Value> = (0..101)
        .map(|n| json!({"mediaType": MANIFEST, "digest": digest(n.to_string().as_bytes()), "size": 1}))
        .collect();
    let list = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": many}).to_string();
    let reply = Reply::new(200).with_header("content-type", INDEX).with_body(list);
    two.develop.faults().add(Fault::reply(reply).on("GET", "*/referrers/*").always());
    let out = promote(&two.step(&two.by_digest(), "1.0.0"));
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/source-unusable::"), "{}", out.stdout);
}

/// Each manifest is as long as a registry takes it, and all of them would be held at once.
#[test]
fn an_index_of_more_than_memory_bears_is_refused() {
    let two = Two::new();
    let pad = "x".repeat(4 * 1024 * 1024 - 1024);
    let child = |n: u32| {
        let config = json!({"mediaType": CONFIG, "digest": digest(b"{}"), "size": 2});
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [],
            "annotations": {"n": n.to_string(), "x": pad}});
        let manifest = manifest.to_string();
        let name = two.develop.put_manifest("shop", &format!("child-{n}"), MANIFEST, manifest.clone());
        json!({"mediaType": MANIFEST, "digest": name, "size": manifest.len()})
    };
    let children: Vec<Value> = (0..9).map(child).collect();
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": children}).to_string();
    two.develop.put_manifest("shop", "2.0.0", INDEX, index);
    let out = promote(&two.step(&format!("{DEVELOP}/shop:2.0.0"), "2.0.0"));
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/source-unusable::"), "{}", out.stdout);
    assert!(out.stderr.contains("have more than 32 MiB"), "{}", out.stderr);
    assert!(two.production.written().is_empty());
}

#[test]
fn what_was_promoted_is_named_by_its_digest_alone() {
    let two = Two::new();
    let out = promote(&two.step(&format!("{DEVELOP}/shop:1.0.0"), "1.0.0"));
    out.assert_code(0);
    assert_eq!(out.outputs["source-image-uri"], two.by_digest());
}

#[test]
fn half_a_login_for_the_source_and_one_for_nobody_are_bad_input() {
    let two = Two::new();
    let foreign = format!("{}/shop:1.0.0", two.develop.host());
    for (image, username, password, told) in [
        (&foreign, "robot", "", "`source-username` is given without `source-password`"),
        (&foreign, "", "secret-of-robot", "`source-password` is given without `source-username`"),
        (&two.by_digest(), "robot", "secret-of-robot", "no image comes from a registry that it could be for"),
    ] {
        let step = two.step(image, "1.0.0").input("source-username", username).env("SOURCE_PASSWORD", password);
        let out = promote(&step);
        out.assert_code(2);
        assert!(out.stderr.contains(told), "{told}: {}", out.stderr);
        assert!(two.develop.requests().is_empty());
    }
}

#[test]
fn a_source_that_lies_leaves_no_tag() {
    let two = Two::new();
    let lie = Reply::new(200).with_body("arm65");
    two.develop.faults().add(Fault::reply(lie).on("GET", &format!("*/blobs/{}", digest(b"arm64"))).always());
    let out = promote(&two.step(&two.by_digest(), "1.0.0"));
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=oci-registry/digest-mismatch::"), "{}", out.stdout);
    assert!(out.stderr.contains(&two.develop.host()), "{}", out.stderr);
    assert!(two.production.registry.tags("shop").is_empty());
    two.develop.faults().clear();
    promote(&two.step(&two.by_digest(), "1.0.0")).assert_code(0);
}

#[test]
fn a_dry_run_reads_and_writes_nothing() {
    let two = Two::new();
    let out = promote_with(&two.step(&two.by_digest(), "1.0.0"), &["--dry-run"]);
    out.assert_code(0);
    assert!(out.stdout.contains("would push shop: 1.0.0"), "{}", out.stdout);
    assert!(two.production.registry.requests().iter().all(|request| request.method == "HEAD"));
    assert!(two.develop.requests().iter().all(|request| !request.path.contains("/blobs/")));
}

#[test]
fn an_image_without_registry_or_name_is_bad_input() {
    let two = Two::new();
    for image in ["shop:1.0.0", "ghcr.io/shop", "-x", ""] {
        let out = promote(&two.step(image, "1.0.0"));
        out.assert_code(2);
        assert!(out.stdout.contains("title=ecr-promote/invalid-input::"), "{}", out.stdout);
    }
}

#[test]
fn an_image_that_is_not_there_names_the_registry_it_was_looked_for_in() {
    let two = Two::new();
    let out = promote(&two.step(&format!("{DEVELOP}/shop:2.0.0"), "2.0.0"));
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=oci-registry/manifest-unknown::"), "{}", out.stdout);
    assert!(out.stderr.contains(&two.develop.host()), "{}", out.stderr);
}

/// The inputs that the guide's workflow gives, with the values that GitHub would put in.
fn of_the_guide(values: &[(&str, &str)]) -> Vec<(String, String)> {
    let workflow = include_str!("../../../../docs/examples/promote-an-image/.github/workflows/promote.yml");
    let step = workflow.split("/actions/ecr-promote@").nth(1).unwrap().split("      - name:").next().unwrap();
    let step =
        values.iter().fold(step.to_owned(), |step, (name, value)| step.replace(&format!("${{{{ {name} }}}}"), value));
    assert!(!step.contains("${{"), "{step}");
    let mut inputs: Vec<(String, String)> = Vec::new();
    for line in step.lines().skip(1).filter(|line| *line != "        with:") {
        match line
            .strip_prefix("          ")
            .filter(|line| !line.starts_with(' '))
            .and_then(|line| line.split_once(':'))
        {
            Some((name, value)) => inputs.push((name.to_owned(), value.trim().trim_matches('|').to_owned())),
            None => inputs.last_mut().unwrap().1.push_str(&format!("{}\n", line.trim())),
        }
    }
    inputs
}

#[test]
fn the_workflow_of_the_guide_takes_an_image_to_production() {
    let two = Two::new();
    let image = two.by_digest();
    let inputs = of_the_guide(&[
        ("vars.AWS_REGION", "eu-west-1"),
        // The stand-in knows no roles.
        ("vars.BACKEND_ROLE_ARN", ""),
        ("vars.DEVELOPMENT_READ_ROLE_ARN", ""),
        ("vars.AWS_ACCOUNT_ID", ""),
        ("inputs.image", &image),
        ("vars.ECR_REPOSITORY", "shop"),
        ("inputs.commit", "abc"),
        ("inputs.version", "1.4.0"),
    ]);
    let step = inputs.iter().fold(two.step("", ""), |step, (name, value)| step.input(name, value));
    let out = promote(&step);
    out.assert_code(0);
    let tags = two.production.registry.tags("shop");
    assert_eq!((tags["1.4.0"].as_str(), tags["latest"].as_str()), (two.digest.as_str(), two.digest.as_str()));
}
