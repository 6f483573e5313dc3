//! Where the image comes from.

use std::path::{Path, PathBuf};

use actions_core::Session;
use image_ref::ImageReference;
use oci_image::{Archive, ArchiveOptions, Compression, Content, Layout, LeftOut, open_docker_archive};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::bundle::{Bundle, Referrers};
use crate::docker;
use crate::error::{Error, SourceError};
use crate::origin::{Origins, RemoteImage};

/// Where an image is. A layout's or archive's text may end in `:TAG`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An OCI layout folder.
    Layout(String),
    /// A file as `docker save` writes it.
    Archive(String),
    /// An image of the Docker daemon.
    Daemon(ImageReference),
    /// An image of another registry.
    Registry(ImageReference),
    /// A path that is looked at.
    Path(String),
}

impl Source {
    /// Parses `oci:PATH`, `docker-archive:PATH`, `oci-archive:PATH`, `docker-daemon:NAME`, `docker://IMAGE` or a path.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(image) = text.strip_prefix("docker://") {
            return registry_image(image).map(Self::Registry);
        }
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme @ ("oci" | "docker-archive" | "oci-archive" | "docker-daemon"), rest)) => (scheme, rest),
            _ => ("", text),
        };
        if rest.is_empty() || rest.contains('\0') {
            return Err("no path or name follows".to_owned());
        }
        match scheme {
            "oci" => Ok(Self::Layout(rest.to_owned())),
            "docker-archive" | "oci-archive" => Ok(Self::Archive(rest.to_owned())),
            "docker-daemon" => ImageReference::parse(rest).map(Self::Daemon).map_err(|problem| problem.to_string()),
            _ => Ok(Self::Path(rest.to_owned())),
        }
    }

    /// Fails when there is nothing at the path; a daemon is asked later.
    pub(crate) fn must_exist(&self) -> Result<(), Error> {
        match self {
            Self::Layout(text) | Self::Archive(text) | Self::Path(text) => located(text).map(drop),
            Self::Daemon(_) | Self::Registry(_) => Ok(()),
        }
    }
}

/// An image with its registry and a tag or a digest: there is no default that could name another image tomorrow.
pub(crate) fn registry_image(text: &str) -> Result<ImageReference, String> {
    let reference = ImageReference::parse(text).map_err(|problem| problem.to_string())?;
    if reference.registry.is_none() {
        return Err("no registry is named; write HOST/NAME@DIGEST".to_owned());
    }
    if reference.reference().is_none() {
        return Err("neither tag nor digest is named; write HOST/NAME@DIGEST".to_owned());
    }
    Ok(reference)
}

/// An image that was opened. What had to be written for it lives as long as this does.
#[derive(Debug)]
pub(crate) struct OpenImage {
    place: Place,
    bundle: OnceCell<Bundle>,
    referrers: OnceCell<Referrers>,
    _work: Option<TempDir>,
}

/// Where the image is.
#[derive(Debug)]
enum Place {
    Layout(Layout, Content),
    Archive(Archive),
    Registry(RemoteImage),
}

impl OpenImage {
    /// Opens the image at `source`; for a daemon's image that means to save it first.
    pub(crate) async fn open(source: &Source, origins: &mut Origins<'_>, session: &Session) -> Result<Self, Error> {
        match source {
            Source::Layout(text) => layout(text),
            Source::Path(text) if located(text)?.0.is_dir() => layout(text),
            Source::Archive(text) | Source::Path(text) => archive(text, session).await,
            Source::Daemon(reference) => {
                let work = work_folder(session)?;
                let file = docker::save(reference, work.path(), session).await?;
                open_archive(file, None, work, session).await
            }
            Source::Registry(reference) => Ok(Self::new(Place::Registry(origins.image(reference).await?), None)),
        }
    }

    fn new(place: Place, work: Option<TempDir>) -> Self {
        Self { place, bundle: OnceCell::new(), referrers: OnceCell::new(), _work: work }
    }

    /// The reference of an image in another registry.
    pub(crate) fn reference(&self) -> Option<&ImageReference> {
        match &self.place {
            Place::Registry(image) => Some(image.reference()),
            Place::Layout(..) | Place::Archive(_) => None,
        }
    }

    /// The image's manifests and blobs, and its labels where they are asked for. It is read once: a tag that moves meanwhile changes
    /// nothing.
    pub(crate) async fn bundle(&self, with_labels: bool) -> Result<&Bundle, Error> {
        self.bundle
            .get_or_try_init(async || match &self.place {
                Place::Layout(_, content) => Bundle::of(content, with_labels).map_err(Error::Image),
                Place::Archive(archive) => Bundle::of(archive.content(), with_labels).map_err(Error::Image),
                Place::Registry(image) => image.read(with_labels).await,
            })
            .await
    }

    /// What refers to the image, read once.
    pub(crate) async fn referrers(&self) -> Result<&Referrers, Error> {
        let bundle = self.bundle(false).await?;
        self.referrers
            .get_or_try_init(async || match &self.place {
                Place::Layout(layout, _) => Referrers::in_layout(layout, bundle).map_err(Error::Image),
                Place::Archive(archive) => Referrers::in_archive(archive, bundle).map_err(Error::Image),
                Place::Registry(image) => image.referrers(bundle).await,
            })
            .await
    }
}

fn layout(text: &str) -> Result<OpenImage, Error> {
    let (path, tag) = located(text)?;
    let layout = Layout::open(path).map_err(Error::Image)?;
    let content = layout.content(tag.as_deref()).map_err(Error::Image)?;
    Ok(OpenImage::new(Place::Layout(layout, content), None))
}

async fn archive(text: &str, session: &Session) -> Result<OpenImage, Error> {
    let (path, reference) = located(text)?;
    open_archive(path, reference, work_folder(session)?, session).await
}

/// Opens an archive off the runtime's thread: plain layers are compressed on the way.
async fn open_archive(
    path: PathBuf,
    reference: Option<String>,
    work: TempDir,
    session: &Session,
) -> Result<OpenImage, Error> {
    let opened = tokio::task::spawn_blocking(move || {
        let options = ArchiveOptions {
            work: work.path(),
            compression: Compression::Gzip,
            reference: reference.as_deref(),
            platform: None,
        };
        let archive = open_docker_archive(&path, &options)?;
        Ok((archive, work))
    });
    match opened.await {
        Ok(opened) => {
            let (archive, work) = opened.map_err(Error::Image)?;
            if let Some(left_out) = archive.left_out() {
                let LeftOut { index, listed, missing } = left_out;
                let image = &archive.content().descriptor().digest;
                session.log.line(format!(
                    "the archive lacks {missing} of the {listed} manifests of the index {index}: {image} is pushed in its place"
                ));
            }
            Ok(OpenImage::new(Place::Archive(archive), Some(work)))
        }
        Err(stopped) => Err(Error::Stopped { what: "reading the archive", source: stopped }),
    }
}

fn work_folder(session: &Session) -> Result<TempDir, Error> {
    let parent = session.context.runner_temp.clone().unwrap_or_else(std::env::temp_dir);
    let failed = |source| SourceError::WorkFolder { path: parent.display().to_string(), source }.into();
    tempfile::Builder::new().prefix("slipway-ecr-push-").tempdir_in(&parent).map_err(failed)
}

/// The path that exists, and what follows it behind a colon.
fn located(text: &str) -> Result<(PathBuf, Option<String>), Error> {
    let exists = |text: &str| Path::new(text).try_exists().unwrap_or(false);
    if exists(text) {
        return Ok((PathBuf::from(text), None));
    }
    text.rmatch_indices(':')
        .map(|(at, _)| (&text[..at], &text[at + 1..]))
        .find(|(path, _)| !path.is_empty() && exists(path))
        .map(|(path, reference)| (PathBuf::from(path), Some(reference.to_owned())))
        .ok_or_else(|| SourceError::Missing { path: text.to_owned() }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_says_what_it_is() {
        assert_eq!(Source::parse("oci:a/b").unwrap(), Source::Layout("a/b".to_owned()));
        assert_eq!(Source::parse("docker-archive:a.tar:x:1").unwrap(), Source::Archive("a.tar:x:1".to_owned()));
        assert_eq!(Source::parse("some/path").unwrap(), Source::Path("some/path".to_owned()));
        assert!(matches!(Source::parse("docker-daemon:shop:1.0.0").unwrap(), Source::Daemon(_)));
    }

    #[test]
    fn an_image_of_a_registry_names_the_registry_and_itself() {
        for good in
            ["docker://ghcr.io/team/shop:1.0.0", "docker://127.0.0.1:5000/shop:1", "docker://ghcr.io/library/x:1"]
        {
            assert!(matches!(Source::parse(good), Ok(Source::Registry(_))), "{good}");
        }
        for bad in ["docker://shop:1.0.0", "docker://ghcr.io/team/shop", "docker://", "docker://ghcr.io/x@sha256:1"] {
            assert!(Source::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_daemon_image_is_a_reference_and_never_a_flag() {
        for bad in ["docker-daemon:", "docker-daemon:--output=/etc/x", "docker-daemon:a b", "oci:", ""] {
            assert!(Source::parse(bad).is_err(), "{bad}");
        }
    }
}
