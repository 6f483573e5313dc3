//! What the tests share: images on disk, and the two servers.

use std::path::Path;

use oci_image::{Layout, LayoutWriter};
use serde_json::{Value, json};
use testkit::aws::FakeAws;
use testkit::registry::{FakeRegistry, FakeRegistryBuilder};
use testkit::runner::{FakeRunner, RunOutput};

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// The password that must be seen nowhere.
pub(crate) const PASSWORD: &str = "registry-password-of-twelve-hours";

pub(crate) const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// ECR's API and the registry behind it, with one repository `shop`.
pub(crate) struct World {
    pub(crate) aws: FakeAws,
    pub(crate) registry: FakeRegistry,
}

pub(crate) fn repository(name: &str, mutability: &str) -> Value {
    json!({
        "repositoryName": name,
        "repositoryArn": format!("arn:aws:ecr:eu-west-1:123456789012:repository/{name}"),
        "repositoryUri": format!("{HOST}/{name}"),
        "registryId": "123456789012",
        "imageTagMutability": mutability,
    })
}

impl World {
    /// A repository whose tags may move, as far as ECR is concerned.
    pub(crate) fn new() -> Self {
        let world = Self::with(FakeRegistry::builder().repository("shop"));
        world.aws.on("DescribeRepositories").reply(json!({"repositories": [repository("shop", "MUTABLE")]}));
        world
    }

    /// The registry of `builder`; the repository's description is the caller's to script.
    pub(crate) fn with(builder: FakeRegistryBuilder) -> Self {
        let registry = builder.basic_auth("AWS", PASSWORD).ecr_quirks().start().unwrap();
        let aws = FakeAws::start().unwrap();
        let token = "QVdTOnJlZ2lzdHJ5LXBhc3N3b3JkLW9mLXR3ZWx2ZS1ob3Vycw==";
        aws.on("GetAuthorizationToken").reply(json!({"authorizationData": [{"authorizationToken": token}]}));
        registry.tell_layers(&aws);
        Self { aws, registry }
    }

    /// A step that pushes the image in the workspace's folder `image`.
    pub(crate) fn step(&self, tags: &str) -> FakeRunner {
        FakeRunner::new()
            .envs(self.aws.env())
            .env("SLIPWAY_REGISTRY_ENDPOINT", self.registry.url())
            .input("source", "oci:image")
            .input("repository", "shop")
            .input("tags", tags)
    }

    /// How many uploads were begun.
    pub(crate) fn uploads(&self) -> usize {
        self.registry.requests().iter().filter(|request| request.method == "POST").count()
    }

    /// The manifests that were written: the last part of each path, in order.
    pub(crate) fn written(&self) -> Vec<String> {
        let requests = self.registry.requests();
        let puts = requests.iter().filter(|request| request.method == "PUT" && request.path.contains("/manifests/"));
        puts.map(|request| request.path.rsplit('/').next().unwrap_or_default().to_owned()).collect()
    }
}

pub(crate) fn run(step: &FakeRunner) -> RunOutput {
    run_with(step, &[])
}

pub(crate) fn run_with(step: &FakeRunner, arguments: &[&str]) -> RunOutput {
    let out = step.run(env!("CARGO_BIN_EXE_ecr-push"), arguments);
    let everything = format!("{}\n{}\n{}\n{:?}", out.stdout, out.stderr, out.summary, out.outputs);
    let mut unmasked = everything.lines().filter(|line| !line.starts_with("::add-mask::"));
    assert!(!unmasked.any(|line| line.contains(PASSWORD)), "the password was written");
    out
}

/// Adds an image with these layers.
pub(crate) fn add_image(writer: &mut LayoutWriter, layers: &[&str]) -> oci_image::Descriptor {
    let config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}});
    let config = writer.add(CONFIG, config.to_string().as_bytes()).unwrap();
    let layers: Vec<_> = layers.iter().map(|layer| writer.add(LAYER, layer.as_bytes()).unwrap()).collect();
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
    writer.add(MANIFEST, manifest.to_string().as_bytes()).unwrap()
}

/// Adds an attestation as BuildKit writes it, with the entry that an index has of it.
pub(crate) fn add_attestation(writer: &mut LayoutWriter) -> oci_image::Descriptor {
    let config = json!({"architecture": "unknown", "os": "unknown", "rootfs": {"type": "layers", "diff_ids": []}});
    let config = writer.add(CONFIG, config.to_string().as_bytes()).unwrap();
    let statement = writer.add(oci_image::media_type::IN_TOTO, b"{}").unwrap();
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [statement]});
    writer.add(MANIFEST, manifest.to_string().as_bytes()).unwrap()
}

/// Writes an image with one layer into the folder `image` and returns its digest.
pub(crate) fn write_image(workspace: &Path, layer: &str) -> String {
    let mut writer = Layout::create(workspace.join("image")).unwrap();
    let manifest = add_image(&mut writer, &[layer]);
    writer.tag(&manifest, &["latest".to_owned()]);
    writer.commit().unwrap();
    manifest.digest.to_string()
}

/// Writes an index of two images into the folder `image` and returns its digest.
pub(crate) fn write_index(workspace: &Path) -> String {
    write_index_of(workspace, |writer| vec![json!(add_image(writer, &["amd64"])), json!(add_image(writer, &["arm64"]))])
}

/// Writes an index with the entries that `children` makes into the folder `image` and returns its digest.
pub(crate) fn write_index_of(workspace: &Path, children: impl FnOnce(&mut LayoutWriter) -> Vec<Value>) -> String {
    let mut writer = Layout::create(workspace.join("image")).unwrap();
    let children = children(&mut writer);
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": children});
    let index = writer.add(INDEX, index.to_string().as_bytes()).unwrap();
    writer.tag(&index, &["latest".to_owned()]);
    writer.commit().unwrap();
    index.digest.to_string()
}
