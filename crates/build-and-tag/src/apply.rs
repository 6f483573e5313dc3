//! Building.

use std::path::Path;

use actions_core::Session;
use oci_image::{Image, Layout};
use serde::Serialize;

use crate::commands::Commands;
use crate::embedded::build;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::plan::{Build, Existing, Plan};

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The manifest's digest; empty where only the registry will know it (Docker).
    pub(crate) digest: String,
    /// The configuration's digest: what Docker calls the image's id.
    pub(crate) image_id: String,
    /// Where the image is, as `ecr-push` takes it.
    pub(crate) source: String,
    /// The layers, the lowest first.
    pub(crate) layers: Vec<LayerOutcome>,
    /// Bytes of manifest, configuration and layers.
    pub(crate) size: u64,
    /// The labels the image has.
    pub(crate) labels: Vec<(String, String)>,
    /// Whether the same image was there before.
    pub(crate) unchanged: bool,
}

/// A layer of the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LayerOutcome {
    pub(crate) digest: String,
    pub(crate) size: u64,
    pub(crate) created_by: String,
}

/// Does what the plan says.
pub(crate) async fn apply(inputs: &Inputs, plan: &Plan, session: &Session) -> Result<Outcome, Error> {
    match &plan.build {
        Build::None(existing) => Ok(published(plan, existing)),
        Build::Embedded(program) => {
            build::build(inputs, plan, program, session).await?;
            from_layout(plan)
        }
        Build::Docker(commands) => docker(inputs, plan, commands, session).await,
        Build::Buildah(commands) => {
            buildah(inputs, plan, commands, session).await?;
            from_layout(plan)
        }
    }
}

/// What is in the registry already.
fn published(plan: &Plan, existing: &Existing) -> Outcome {
    Outcome {
        digest: existing.digest.to_string(),
        image_id: String::new(),
        source: format!("docker://{}", existing.reference),
        layers: Vec::new(),
        size: 0,
        labels: plan.naming.labels_over(&std::collections::BTreeMap::new()).into_iter().collect(),
        unchanged: true,
    }
}

async fn docker(inputs: &Inputs, plan: &Plan, commands: &Commands, session: &Session) -> Result<Outcome, Error> {
    commands.build.run(&variables(inputs, plan), session).await?;
    let image_id = commands.take.run(&std::collections::BTreeMap::new(), session).await?;
    let reference = plan.naming.references.first().cloned().unwrap_or_default();
    Ok(Outcome {
        digest: String::new(),
        image_id: image_id.trim().to_owned(),
        source: format!("docker-daemon:{reference}"),
        layers: Vec::new(),
        size: 0,
        labels: plan.naming.labels_over(&std::collections::BTreeMap::new()).into_iter().collect(),
        unchanged: false,
    })
}

/// Builds with buildah, takes the image out of its store as a layout, and puts that in its place with all tags.
async fn buildah(inputs: &Inputs, plan: &Plan, commands: &Commands, session: &Session) -> Result<(), Error> {
    commands.build.run(&variables(inputs, plan), session).await?;
    let unwritable = |source| Error::Unwritable { path: plan.output.clone(), source };
    let work = build::work_folder(&plan.output).map_err(unwritable)?;
    let folder = work.path().join("image");
    let mut take = commands.take.clone();
    take.args.push(format!("oci:{}:image", folder.display()));
    take.run(&std::collections::BTreeMap::new(), session).await?;
    let image = Layout::open(&folder)?.image(Some("image"), None)?;
    let mut writer = Layout::create(&plan.output)?;
    writer.add_image(&image)?;
    let mut descriptor = oci_image::Descriptor::of(image.media_type(), image.manifest_bytes());
    descriptor.platform = Some(inputs.platform.clone());
    writer.tag(&descriptor, &plan.naming.tags);
    writer.commit()?;
    Ok(())
}

fn variables(inputs: &Inputs, plan: &Plan) -> std::collections::BTreeMap<String, String> {
    let mut variables = inputs.build_args.clone();
    variables.entry("SOURCE_DATE_EPOCH".to_owned()).or_insert_with(|| plan.naming.epoch.to_string());
    variables
}

/// What the output folder holds, read back.
fn from_layout(plan: &Plan) -> Result<Outcome, Error> {
    let layout = Layout::open(&plan.output)?;
    let image = layout.image(plan.naming.tags.first().map(String::as_str), None)?;
    let config = image.config()?;
    let labels = config.config.clone().unwrap_or_default().labels.into_iter().collect();
    Ok(Outcome {
        digest: image.digest().to_string(),
        image_id: image.config_blob().digest().to_string(),
        source: format!("oci:{}", shown(layout.root())),
        layers: layers(&image)?,
        size: image.size(),
        labels,
        unchanged: plan.previous.as_ref() == Some(image.digest()),
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
