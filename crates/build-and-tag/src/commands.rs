//! The command lines of Docker and buildah, as data.
//!
//! Build arguments are passed by name; their values go through the child's environment, so none is in a command line.

use std::path::Path;

use serde::Serialize;

use crate::inputs::Inputs;
use crate::process::Invocation;

/// What a foreign builder is told to do, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Commands {
    /// Builds and tags.
    pub(crate) build: Invocation,
    /// Docker: prints the image's id. Buildah: writes the image as an OCI layout; the layout's folder is added as the last
    /// argument when it is known.
    pub(crate) take: Invocation,
}

/// What the commands depend on besides the inputs.
pub(crate) struct Details<'a> {
    /// `name:tag`, the first one first.
    pub(crate) references: &'a [String],
    pub(crate) labels: &'a [(String, String)],
    /// The image's date, seconds since 1970.
    pub(crate) epoch: i64,
}

/// `docker build`, without BuildKit's plugins: every daemon and client has it.
pub(crate) fn docker(inputs: &Inputs, details: &Details<'_>) -> Commands {
    let mut args = vec!["build".to_owned()];
    args.extend(common(inputs, details));
    args.extend(["--platform".to_owned(), inputs.platform.to_string()]);
    args.extend(["--".to_owned(), shown(&inputs.context)]);
    let first = details.references.first().cloned().unwrap_or_default();
    let take = Invocation::new("docker", ["image", "inspect", "--format", "{{.Id}}", first.as_str()]);
    Commands { build: Invocation::new("docker", args), take }
}

/// `buildah bud`: chroot isolation and the vfs driver need neither a daemon nor privileges of the kernel's.
pub(crate) fn buildah(inputs: &Inputs, details: &Details<'_>) -> Commands {
    let mut args: Vec<String> = ["--storage-driver", "vfs", "bud", "--isolation", "chroot"].map(str::to_owned).to_vec();
    args.extend(["--timestamp".to_owned(), details.epoch.to_string()]);
    args.extend(common(inputs, details));
    args.extend([
        "--os".to_owned(),
        inputs.platform.os.clone(),
        "--arch".to_owned(),
        inputs.platform.architecture.clone(),
    ]);
    if let Some(variant) = &inputs.platform.variant {
        args.extend(["--variant".to_owned(), variant.clone()]);
    }
    args.extend(["--".to_owned(), shown(&inputs.context)]);
    let first = details.references.first().cloned().unwrap_or_default();
    let take = Invocation::new("buildah", ["--storage-driver", "vfs", "push", first.as_str()]);
    Commands { build: Invocation::new("buildah", args), take }
}

fn common(inputs: &Inputs, details: &Details<'_>) -> Vec<String> {
    let mut args = vec!["--file".to_owned(), shown(&inputs.file)];
    for reference in details.references {
        args.extend(["--tag".to_owned(), reference.clone()]);
    }
    for (name, value) in details.labels {
        args.extend(["--label".to_owned(), format!("{name}={value}")]);
    }
    for name in inputs.build_args.keys() {
        args.extend(["--build-arg".to_owned(), name.clone()]);
    }
    if let Some(target) = &inputs.target {
        args.extend(["--target".to_owned(), target.clone()]);
    }
    args
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests;
