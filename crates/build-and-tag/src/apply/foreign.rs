//! Building with programs of others: buildx and buildah into the output folder, Docker into its daemon.

use std::collections::BTreeMap;
use std::path::Path;

use actions_core::Session;
use image_ref::Digest;
use oci_image::{Content, Layout, Staging};
use serde_json::{Map, Value};

use crate::commands::{Commands, IMAGE_ID, METADATA};
use crate::error::{BuilderError, Error};
use crate::inputs::Inputs;
use crate::options::secrets::Values;
use crate::plan::Plan;

/// The largest account of a build; one with its provenance has some hundred kilobytes.
const LARGEST_METADATA: u64 = 8 * 1024 * 1024;

/// The longest id of an image, with room to spare.
const LONGEST_ID: u64 = 1024;

/// Builds beside the output folder and puts the image there with all tags, once it is known to hold no secret. Gives what the
/// builder says of it.
pub(crate) async fn into_layout(
    inputs: &Inputs,
    plan: &Plan,
    commands: &Commands,
    (secrets, login): (&Values, BTreeMap<String, String>),
    session: &Session,
) -> Result<Map<String, Value>, Error> {
    // Not only after a build of many minutes.
    Layout::may_replace(&plan.output)?;
    let work = work_folder(session)?;
    let folder = work.path().join("image");
    let mut variables = variables(inputs, plan);
    variables.extend(secrets.variables(&inputs.options.secrets));
    variables.extend(login);
    commands.build.in_work(work.path()).run(&variables, session).await?;
    let mut metadata = Map::new();
    let mut content = if let Some(take) = &commands.take {
        let mut take = take.clone();
        take.args.push(image_id(&work)?);
        take.args.push(format!("oci:{}:image", folder.display()));
        take.run(&BTreeMap::new(), session).await?;
        Layout::open(&folder)?.content(Some("image"))?
    } else {
        metadata = account(&work.path().join(METADATA))?;
        let content = Layout::open(&folder)?.content(None)?;
        fits(&metadata, &content)?;
        content
    };
    if inputs.options.lambda {
        // Beside an attestation even one image comes in an index, which Lambda does not take.
        content = Content::Image(content.into_image(inputs.platforms.first())?);
    }
    for image in content.images().iter().filter(|image| !image.is_attestation()) {
        has_labels(plan, &image.config()?.config.unwrap_or_default().labels)?;
    }
    let account = Value::Object(metadata.clone()).to_string();
    let found = secrets.seek(&content).and_then(|()| secrets.seek_in("account", account.as_bytes()));
    found.map_err(|error| match error {
        Error::Builder(BuilderError::SecretInImage { id, place, .. }) => {
            Error::Builder(BuilderError::SecretInImage { id, place, is_cached: !inputs.options.cache.to.is_empty() })
        }
        other => other,
    })?;
    let mut writer = Layout::create(&plan.output)?;
    writer.add_content(&content)?;
    let mut descriptor = oci_image::Descriptor::of(content.media_type(), content.bytes());
    if let (Content::Image(_), [only]) = (&content, inputs.platforms.as_slice()) {
        descriptor.platform = Some(only.clone());
    }
    writer.tag(&descriptor, &plan.naming.tags);
    writer.commit()?;
    Ok(metadata)
}

/// What `docker build` made.
pub(crate) struct InDaemon {
    pub(crate) image_id: String,
    pub(crate) labels: BTreeMap<String, String>,
}

/// Builds into Docker's daemon.
pub(crate) async fn into_daemon(
    inputs: &Inputs,
    plan: &Plan,
    commands: &Commands,
    login: BTreeMap<String, String>,
    session: &Session,
) -> Result<InDaemon, Error> {
    let work = work_folder(session)?;
    let mut variables = variables(inputs, plan);
    // Since version 23 it is BuildKit, which attests provenance unless this is set; before, nothing looks at it.
    variables.extend(login);
    variables.insert("BUILDX_NO_DEFAULT_ATTESTATIONS".to_owned(), "1".to_owned());
    commands.build.in_work(work.path()).run(&variables, session).await?;
    let image_id = image_id(&work)?;
    let mut labels = BTreeMap::new();
    if let Some(take) = &commands.take {
        let mut take = take.clone();
        take.args.push(image_id.clone());
        let told = take.run(&BTreeMap::new(), session).await?;
        let read: Option<BTreeMap<String, String>> = serde_json::from_str(told.trim()).map_err(|error| {
            Error::Builder(BuilderError::BuilderResult { why: format!("the labels it tells are malformed: {error}") })
        })?;
        labels = read.unwrap_or_default();
    }
    has_labels(plan, &labels)?;
    Ok(InDaemon { image_id, labels })
}

/// A folder for what a builder writes, not beside the output, which may be a part of the context: no two builds would be alike.
fn work_folder(session: &Session) -> Result<Staging, Error> {
    let parent = session.context.runner_temp.clone().unwrap_or_else(std::env::temp_dir);
    Staging::create(&parent).map_err(|source| Error::Unwritable { path: parent, source })
}

/// The id of the image that was built: an algorithm and hexadecimal digits.
fn image_id(work: &Staging) -> Result<String, Error> {
    let wrong = |why: String| Error::Builder(BuilderError::BuilderResult { why });
    let text = actions_core::read_text_limited(&work.path().join(IMAGE_ID), LONGEST_ID)
        .map_err(|error| wrong(format!("the image's id cannot be read: {error}")))?;
    let id = text.trim();
    let id = if id.contains(':') { id.to_owned() } else { format!("sha256:{id}") };
    Digest::parse(&id).map(|digest| digest.to_string()).map_err(|_| wrong(format!("`{id}` is no id of an image")))
}

/// Refuses an image that lacks a label that the builder was told to set.
fn has_labels(plan: &Plan, labels: &BTreeMap<String, String>) -> Result<(), Error> {
    let lacks = |(name, value): &(&String, &String)| labels.get(*name) != Some(*value);
    let Some((name, value)) = plan.naming.set_labels.iter().find(lacks) else { return Ok(()) };
    let found = labels.get(name).map_or_else(|| "is missing".to_owned(), |own| format!("is `{own}`"));
    Err(Error::Builder(BuilderError::BuilderResult {
        why: format!("the label `{name}` {found}, and it was told to set it to `{value}`"),
    }))
}

/// What the builder's environment has to hold for the build arguments and the date.
pub(crate) fn variables(inputs: &Inputs, plan: &Plan) -> BTreeMap<String, String> {
    let mut variables = inputs.build_args.clone();
    variables.entry("SOURCE_DATE_EPOCH".to_owned()).or_insert_with(|| plan.naming.epoch.to_string());
    variables
}

/// What buildx wrote of what it built.
fn account(path: &Path) -> Result<Map<String, Value>, Error> {
    let wrong = |why: String| Error::Builder(BuilderError::BuilderResult { why });
    let text = actions_core::read_text_limited(path, LARGEST_METADATA)
        .map_err(|error| wrong(format!("its metadata file cannot be read: {error}")))?;
    serde_json::from_str(&text).map_err(|error| wrong(format!("its metadata file is malformed: {error}")))
}

/// Refuses a layout that is not what the metadata file names.
fn fits(metadata: &Map<String, Value>, content: &Content) -> Result<(), Error> {
    let named = metadata.get("containerimage.digest").and_then(Value::as_str).unwrap_or("nothing");
    let written = content.descriptor().digest.as_str();
    if named == written {
        return Ok(());
    }
    Err(Error::Builder(BuilderError::BuilderResult {
        why: format!("its metadata file names {named}, and the layout holds {written}"),
    }))
}
