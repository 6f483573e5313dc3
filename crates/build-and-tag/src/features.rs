//! Which builder can do what: one table, and the one check that reads it.

use crate::args::BuilderChoice;
use crate::error::{BuilderError, Error};
use crate::inputs::Inputs;
use crate::options::annotations::Level;
use oci_image::Compression;

/// What builds an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builder {
    Embedded,
    Buildx,
    Docker,
    Buildah,
}

/// Something that not every builder can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feature {
    /// Several platforms in one image.
    Index,
    BuildContexts,
    /// Layers that are not gzip'd.
    Compression,
    /// Annotations of manifests.
    Annotations,
    /// Annotations of an index, or of what points at a manifest.
    IndexAnnotations,
    Attestations,
    /// Secrets and SSH agents for RUN.
    Mounts,
    /// A cache that is elsewhere, or is used for some stages.
    Cache,
    /// Privileges for RUN.
    Privileges,
    /// A named instance of buildx.
    Instance,
    /// The network, the names of hosts and the limits of RUN, no cache, fresh base images.
    Running,
}

/// Whether a builder can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Support {
    Yes,
    /// It has no need of it: nothing is run, so nothing is cached, mounted or asked of the network.
    Unneeded,
    No,
}

impl Builder {
    const ALL: [Self; 4] = [Self::Embedded, Self::Buildx, Self::Docker, Self::Buildah];

    /// The name, as the input `builder` takes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Buildx => "buildx",
            Self::Docker => "docker",
            Self::Buildah => "buildah",
        }
    }

    /// The builder that was named; `None` for `auto`.
    pub(crate) fn chosen(choice: BuilderChoice) -> Option<Self> {
        match choice {
            BuilderChoice::Auto => None,
            BuilderChoice::Embedded => Some(Self::Embedded),
            BuilderChoice::Buildx => Some(Self::Buildx),
            BuilderChoice::Docker => Some(Self::Docker),
            BuilderChoice::Buildah => Some(Self::Buildah),
        }
    }

    fn support(self, feature: Feature) -> Support {
        use Feature as F;
        match (self, feature) {
            (Self::Buildx, _)
            | (Self::Embedded, F::Index | F::BuildContexts | F::Compression | F::Annotations | F::IndexAnnotations)
            | (Self::Buildah, F::Annotations | F::Mounts | F::Running)
            | (Self::Docker, F::Running) => Support::Yes,
            (Self::Embedded, F::Mounts | F::Cache | F::Privileges | F::Instance | F::Running) => Support::Unneeded,
            (Self::Embedded, F::Attestations)
            | (
                Self::Buildah,
                F::Index
                | F::BuildContexts
                | F::Compression
                | F::IndexAnnotations
                | F::Attestations
                | F::Cache
                | F::Privileges
                | F::Instance,
            )
            | (
                Self::Docker,
                F::Index
                | F::BuildContexts
                | F::Compression
                | F::Annotations
                | F::IndexAnnotations
                | F::Attestations
                | F::Mounts
                | F::Cache
                | F::Privileges
                | F::Instance,
            ) => Support::No,
        }
    }

    /// Refuses to build with this builder what it cannot do.
    pub(crate) fn check(self, inputs: &Inputs) -> Result<(), Error> {
        if let (Some(name), true) = (inputs.options.reserved_args.first(), self != Self::Embedded) {
            return Err(Error::Builder(BuilderError::ReservedBuildArg { name: name.clone(), builder: self.name() }));
        }
        let lacks = |(_, feature): &(&str, Feature)| self.support(*feature) == Support::No;
        let Some((input, feature)) = demands(inputs).into_iter().find(lacks) else { return Ok(()) };
        let can = |builder: &Self| builder.support(feature) == Support::Yes;
        let others = Self::ALL.into_iter().filter(can).map(Self::name).collect();
        Err(Error::Builder(BuilderError::BuilderCannot { builder: self.name(), input, others }))
    }

    /// The inputs that this builder takes no notice of, for it has no need of them.
    pub(crate) fn unneeded(self, inputs: &Inputs) -> Vec<&'static str> {
        let unneeded = |(_, feature): &(&str, Feature)| self.support(*feature) == Support::Unneeded;
        demands(inputs).into_iter().filter(unneeded).map(|(input, _)| input).collect()
    }
}

/// What the inputs ask for, with the input that asks.
fn demands(inputs: &Inputs) -> Vec<(&'static str, Feature)> {
    let options = &inputs.options;
    let annotations = &options.annotations;
    let on_descriptor = !annotations.at(Level::ManifestDescriptor).is_empty();
    let asked = [
        (inputs.platforms.len() > 1, "platforms", Feature::Index),
        (!inputs.build_contexts.is_empty(), "build-contexts", Feature::BuildContexts),
        (inputs.compression != Compression::Gzip, "compression", Feature::Compression),
        (!annotations.is_empty(), "annotations", Feature::Annotations),
        (annotations.need_index() || on_descriptor, "annotations", Feature::IndexAnnotations),
        (
            !options.attestations.is_empty(),
            options.attestations.first().map_or("attests", |own| own.input),
            Feature::Attestations,
        ),
        (!options.secrets.is_empty(), options.secrets.first().map_or("secrets", |own| own.input), Feature::Mounts),
        (!options.ssh.is_empty(), "ssh", Feature::Mounts),
        (options.cache.input.is_some(), options.cache.input.unwrap_or("cache"), Feature::Cache),
        (!options.allow.is_empty(), "allow", Feature::Privileges),
        (options.buildx_builder.is_some(), "buildx-builder", Feature::Instance),
        (options.network.is_some(), "network", Feature::Running),
        (!options.add_hosts.is_empty(), "add-hosts", Feature::Running),
        (options.no_cache, "no-cache", Feature::Running),
        (!options.no_cache_filters.is_empty(), "no-cache-filters", Feature::Cache),
        (options.shm_size.is_some(), "shm-size", Feature::Running),
        (!options.ulimits.is_empty(), "ulimit", Feature::Running),
        (options.cgroup_parent.is_some(), "cgroup-parent", Feature::Running),
        (options.pull, "pull", Feature::Running),
    ];
    asked.into_iter().filter(|(is_asked, ..)| *is_asked).map(|(_, input, feature)| (input, feature)).collect()
}
