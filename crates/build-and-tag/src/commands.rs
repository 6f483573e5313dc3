//! The command lines of buildx, Docker and buildah, as data.
//!
//! Build arguments are passed by name; their values go through the child's environment, so none is in a command line. So do
//! secrets.

use std::collections::BTreeMap;
use std::path::Path;

use image_ref::Digest;
use serde::Serialize;

use crate::inputs::Inputs;
use crate::options::Annotations;
use crate::process::Invocation;

mod buildah;
mod buildx;
mod docker;

pub(crate) use buildah::buildah;
pub(crate) use buildx::{METADATA, buildx};
pub(crate) use docker::docker;

/// The name of the file that docker and buildah write the image's id to.
pub(crate) const IMAGE_ID: &str = "image-id";

/// What a foreign builder is told to do, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Commands {
    /// Builds and tags.
    pub(crate) build: Invocation,
    /// Docker: prints the image's labels. Buildah: writes the image as an OCI layout. The image's id, and the layout's folder, are
    /// added as the last arguments when they are known: the tag may by then be of another build on this machine. Buildx:
    /// nothing, it writes the layout while it builds.
    pub(crate) take: Option<Invocation>,
}

/// What the commands depend on besides the inputs.
pub(crate) struct Details<'a> {
    /// `name:tag`, the first one first.
    pub(crate) references: &'a [String],
    pub(crate) labels: &'a BTreeMap<String, String>,
    pub(crate) annotations: &'a Annotations,
    /// The images of `build-contexts`.
    pub(crate) layouts: &'a BTreeMap<String, Digest>,
    /// The image's date, seconds since 1970.
    pub(crate) epoch: i64,
}

/// The arguments that all builders write the same.
fn common(inputs: &Inputs, details: &Details<'_>) -> Vec<String> {
    let mut args = vec!["--file".to_owned(), shown(&inputs.file)];
    args.extend(each("--tag", details.references));
    args.extend(each("--label", details.labels.iter().map(|(name, value)| format!("{name}={value}"))));
    args.extend(each("--build-arg", inputs.build_args.keys()));
    args.extend(each("--target", &inputs.target));
    args
}

/// The arguments about RUN that all builders write the same, `always` for `pull`.
fn running(inputs: &Inputs, always: &str) -> Vec<String> {
    let options = &inputs.options;
    let mut args = each("--add-host", &options.add_hosts);
    args.extend(each("--network", &options.network));
    args.extend(each("--cgroup-parent", &options.cgroup_parent));
    args.extend(each("--shm-size", &options.shm_size));
    args.extend(each("--ulimit", &options.ulimits));
    args.extend(options.no_cache.then(|| "--no-cache".to_owned()));
    args.extend(options.pull.then(|| always.to_owned()));
    args
}

/// Secrets and SSH agents.
fn mounts(inputs: &Inputs) -> Vec<String> {
    let secrets = inputs.options.secrets.iter().enumerate().map(|(place, secret)| secret.option(place));
    let mut args = each("--secret", secrets);
    args.extend(each("--ssh", &inputs.options.ssh));
    args
}

/// `flag` in front of each value.
fn each<T: ToString>(flag: &str, values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().flat_map(|value| [flag.to_owned(), value.to_string()]).collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests;
