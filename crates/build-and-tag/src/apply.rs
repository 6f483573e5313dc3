//! Building.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use actions_core::Session;
use oci_image::{Descriptor, Image, Layout, Platform};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::clients::Clients;
use crate::embedded::build;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::logins::Reader;
use crate::logins::builder::BuilderLogin;
use crate::options::secrets::{self, Values};
use crate::plan::{Build, Existing, Plan};
use crate::report;

mod foreign;

use foreign::InDaemon;

/// What was built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The manifest's digest; empty where only the registry will know it (Docker).
    pub(crate) digest: String,
    /// The configuration's digest: what Docker calls the image's id.
    pub(crate) image_id: String,
    /// Where the image is, as `ecr-push` takes it.
    pub(crate) source: String,
    /// The layers, the lowest first; empty where there are several images.
    pub(crate) layers: Vec<LayerOutcome>,
    /// The image of each platform.
    pub(crate) platforms: Vec<PlatformOutcome>,
    /// What points at the manifest or index, where there is a layout.
    pub(crate) descriptor: Option<Descriptor>,
    /// Where the bake file is.
    pub(crate) bake_file: String,
    /// What the builder says of it besides.
    pub(crate) metadata: Map<String, Value>,
    /// Bytes of manifest, configuration and layers.
    pub(crate) size: u64,
    /// The labels the image has.
    pub(crate) labels: BTreeMap<String, String>,
    /// How many statements of attestations were too large to be searched for secrets.
    pub(crate) unsearched: usize,
    /// Whether the same image was there before.
    pub(crate) unchanged: bool,
}

/// The image of one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PlatformOutcome {
    pub(crate) platform: String,
    pub(crate) digest: String,
    /// Bytes of manifest, configuration and layers.
    pub(crate) size: u64,
}

/// A layer of the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LayerOutcome {
    pub(crate) digest: String,
    pub(crate) size: u64,
    pub(crate) created_by: String,
}

/// Does what the plan says.
pub(crate) async fn apply(
    inputs: &Inputs,
    plan: &Plan,
    clients: &Clients,
    session: &Session,
) -> Result<Outcome, Error> {
    if !matches!(plan.build, Build::None(_)) {
        session.log.line(format!("builder: {}", plan.builder()));
    }
    let secrets = Values::read(&inputs.options.secrets, session)?;
    let outcome = carry_out(inputs, plan, &secrets, clients, session).await?;
    let bake_file = write_bake_file(inputs, plan, &outcome)?;
    Ok(Outcome { bake_file, ..outcome })
}

/// Writes the bake file in one step and gives its path.
fn write_bake_file(inputs: &Inputs, plan: &Plan, outcome: &Outcome) -> Result<String, Error> {
    let path = &inputs.bake_file;
    let text = format!("{:#}\n", report::bake(inputs, plan, outcome));
    let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| {
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map_err(|source| Error::Unwritable { path: path.clone(), source })?;
    Ok(shown(&std::path::absolute(path).unwrap_or_else(|_| path.clone())))
}

async fn carry_out(
    inputs: &Inputs,
    plan: &Plan,
    secrets: &Values,
    clients: &Clients,
    session: &Session,
) -> Result<Outcome, Error> {
    // Lives until the builder has ended, however it ends.
    let reader = if matches!(plan.build, Build::Buildah(_)) { Reader::Containers } else { Reader::Docker };
    let login = clients.builder_login(reader, session).await?;
    let login = login.as_ref().map(BuilderLogin::variables).unwrap_or_default();
    match &plan.build {
        Build::None(existing) => Ok(published(plan, existing)),
        Build::Embedded(programs) => {
            build::build(inputs, plan, programs, secrets, clients, session).await?;
            from_layout(plan)
        }
        Build::Docker(commands) => {
            let InDaemon { image_id, labels } = foreign::into_daemon(inputs, plan, commands, login, session).await?;
            // By its id: another build on this machine may take the tag before the image is pushed.
            let source = format!("docker-daemon:{image_id}");
            Ok(Outcome { image_id, source, labels, ..Outcome::default() })
        }
        Build::Buildx(commands) | Build::Buildah(commands) => {
            let metadata = foreign::into_layout(inputs, plan, commands, (secrets, login), session).await?;
            Ok(Outcome { metadata, ..from_layout(plan)? })
        }
    }
}

/// What is in the registry already.
fn published(plan: &Plan, existing: &Existing) -> Outcome {
    Outcome {
        digest: existing.digest.to_string(),
        source: format!("docker://{}", existing.reference),
        labels: plan.naming.labels_over(&BTreeMap::new()),
        unchanged: true,
        ..Outcome::default()
    }
}

/// What the output folder holds, read back.
fn from_layout(plan: &Plan) -> Result<Outcome, Error> {
    let layout = Layout::open(&plan.output)?;
    let content = layout.content(plan.naming.tags.first().map(String::as_str))?;
    let mut images = Vec::new();
    for image in content.images() {
        let platform = image.platform()?;
        if !platform.is_unknown() {
            images.push((platform, image));
        }
    }
    let config = images.first().map(|(_, image)| image.config()).transpose()?.unwrap_or_default();
    let digest = content.descriptor().digest.to_string();
    let (image_id, layers) = match images.as_slice() {
        [(_, only)] => (only.config_blob().digest().to_string(), layers(only)?),
        // An index has no configuration of its own; Docker's image id of one is its digest.
        _ => (digest.clone(), Vec::new()),
    };
    let platform = |(platform, image): &(Platform, &Image)| PlatformOutcome {
        platform: platform.to_string(),
        digest: image.digest().to_string(),
        size: image.size(),
    };
    Ok(Outcome {
        image_id,
        source: format!("oci:{}", shown(layout.root())),
        layers,
        platforms: images.iter().map(platform).collect(),
        size: content.images().iter().map(Image::size).sum(),
        labels: config.config.unwrap_or_default().labels,
        unchanged: plan.previous.as_ref() == Some(&content.descriptor().digest),
        descriptor: Some(content.descriptor().clone()),
        unsearched: secrets::unsearched(&content),
        digest,
        ..Outcome::default()
    })
}

fn layers(image: &Image) -> Result<Vec<LayerOutcome>, Error> {
    let history = image.config()?.history;
    let mut makers =
        history.iter().filter(|entry| !entry.empty_layer).map(|entry| entry.created_by.clone().unwrap_or_default());
    let layer = |blob: &oci_image::Blob| LayerOutcome {
        digest: blob.digest().to_string(),
        size: blob.size(),
        created_by: makers.next().unwrap_or_default(),
    };
    Ok(image.layers().iter().map(layer).collect())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
