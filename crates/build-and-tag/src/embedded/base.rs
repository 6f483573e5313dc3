//! Images from outside: found out about while observing, their layers read while building.

use std::path::{Path, PathBuf};

use actions_core::Session;
use image_ref::{Digest, ImageReference, Reference};
use oci_image::{ContainerConfig, Descriptor, History, Image, ImageConfig, Layout, Platform, media_type};
use serde::Serialize;

use super::stages::{External, Needed};
use crate::clients::Clients;
use crate::error::Error;
use crate::index::{self, Unreadable};
use crate::inputs::Inputs;

/// What is known of an image from outside before its layers are read.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct BaseImage {
    /// The name it has in the Dockerfile.
    pub(crate) name: String,
    /// The line that names it first.
    pub(crate) line: usize,
    pub(crate) digest: Digest,
    pub(crate) platform: Platform,
    pub(crate) place: Place,
    pub(crate) layers: Vec<Descriptor>,
    pub(crate) diff_ids: Vec<Digest>,
    #[serde(skip)]
    pub(crate) history: Vec<History>,
    #[serde(skip)]
    pub(crate) config: ContainerConfig,
    #[serde(skip)]
    pub(crate) author: Option<String>,
}

/// Where an image's layers are.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    Layout(PathBuf),
    Registry { registry: String, repository: String },
}

/// Finds out about an image: reads its manifest and configuration, not its layers.
pub(crate) async fn observe(
    wanted: &Needed,
    inputs: &Inputs,
    clients: &Clients,
    session: &Session,
) -> Result<BaseImage, Error> {
    let Needed { name, line, external, platform } = wanted;
    let at = |source| Error::BaseImage { file: inputs.file_shown.clone(), line: *line, image: name.clone(), source };
    let (digest, place, layers, config) = match external {
        External::Layout(folder) => {
            let image = open(folder, platform).map_err(at)?;
            let config = image.config().map_err(at)?;
            let layers = image.manifest().layers.clone();
            (image.digest().clone(), Place::Layout(folder.clone()), layers, config)
        }
        External::Pinned { image, digest } => remote(wanted, (image, digest), inputs, clients, session).await?,
    };
    check(wanted, &layers, &config, inputs)?;
    Ok(BaseImage {
        name: name.clone(),
        line: *line,
        digest,
        platform: platform.clone(),
        place,
        layers,
        diff_ids: config.rootfs.diff_ids,
        history: config.history,
        config: config.config.unwrap_or_default(),
        author: config.author,
    })
}

/// The image in the layout `folder` that fits `platform`.
pub(crate) fn open(folder: &Path, platform: &Platform) -> Result<Image, oci_image::Error> {
    Layout::open(folder)?.image(None, Some(platform))
}

type Found = (Digest, Place, Vec<Descriptor>, ImageConfig);

async fn remote(
    wanted: &Needed,
    (reference, digest): (&ImageReference, &Digest),
    inputs: &Inputs,
    clients: &Clients,
    session: &Session,
) -> Result<Found, Error> {
    let Needed { name, line, platform, .. } = wanted;
    let failed = |source| Error::Pull {
        file: inputs.file_shown.clone(),
        line: *line,
        image: name.clone(),
        source: Box::new(source),
    };
    let damaged =
        |source| Error::BaseImage { file: inputs.file_shown.clone(), line: *line, image: name.clone(), source };
    let host = reference.registry.as_ref().map(ToString::to_string).unwrap_or_default();
    let registry = clients.registry(&host, session, failed).await?;
    let repository = &reference.repository;
    let get = async |digest: &Digest| {
        registry.get_manifest(repository, &Reference::Digest(digest.clone())).await.map_err(failed)
    };
    let mut manifest = get(digest).await?;
    if media_type::is_index(&manifest.media_type) {
        let walk = index::walk(&registry, repository, &manifest).await.map_err(|error| match error {
            Unreadable::Registry(error) => failed(error),
            Unreadable::Index(error) => damaged(error),
        })?;
        manifest = get(&walk.image_for(platform).map_err(damaged)?.digest).await?;
    }
    let digest = manifest.digest;
    let manifest = oci_image::Manifest::parse(&manifest.bytes).map_err(damaged)?;
    let mut config = Vec::new();
    let descriptor = &manifest.config;
    if descriptor.size > oci_image::DOCUMENT_LIMIT {
        let source = oci_image::Error::DocumentTooLarge { digest: descriptor.digest.clone(), size: descriptor.size };
        return Err(damaged(source));
    }
    registry.pull_blob(repository, &descriptor.digest, descriptor.size, &mut config).await.map_err(failed)?;
    let config = ImageConfig::parse(&config).map_err(damaged)?;
    let place = Place::Registry { registry: host, repository: repository.as_str().to_owned() };
    Ok((digest, place, manifest.layers, config))
}

/// Refuses an image that cannot be built on.
fn check(wanted: &Needed, layers: &[Descriptor], config: &ImageConfig, inputs: &Inputs) -> Result<(), Error> {
    let Needed { name, line, platform, .. } = wanted;
    let bad = |problem: String, help: &str| Err(Error::at(&inputs.file_shown, *line, problem, help));
    let own = config.platform();
    if !own.runs_on(platform) {
        let problem = format!("`{name}` is for {own}, not for {platform}");
        return bad(problem, "choose the image of the platform, or set `platforms`");
    }
    if config.rootfs.diff_ids.len() != layers.len() {
        return bad(format!("`{name}` has layers that its configuration does not know"), "choose another base image");
    }
    if config.config.as_ref().is_some_and(|config| !config.on_build.is_empty()) {
        return bad(
            format!("`{name}` has ONBUILD triggers, which the embedded builder does not run"),
            "build with `builder: docker` or `builder: buildah`",
        );
    }
    Ok(())
}
