//! Builds a container image from a Dockerfile and tags it by the release rules.
//!
//! The flow: read the Dockerfile, the context and the commit (`observe`); choose the builder and decide tags, labels and
//! every step (`plan`); build (`apply`). The embedded builder needs no daemon and makes the same bytes from the same commit
//! on every machine: sorted entries, one time (the commit's), owner root, git's two file modes, a fixed gzip header.
//!
//! Invariants: the wall clock is never asked; nothing outside the context is ever copied into an image; the output folder
//! changes in one step or not at all; no value of a build argument is in a command line.
//!
//! It deliberately pushes nothing and runs no program that a Dockerfile names: that is what Docker and buildah are for.

mod apply;
mod args;
mod clients;
mod commands;
mod context;
mod dockerfile;
mod embedded;
mod error;
mod features;
#[cfg(test)]
mod fuzz;
mod index;
mod inputs;
mod limits;
mod logins;
mod observe;
mod options;
mod plan;
mod policy;
mod process;
mod published;
mod registries;
mod report;

use actions_core::{Action, Alias, InputErrors, OutputSpec, Report, SecretInput, Session};

pub use apply::Outcome;
pub use args::Args;
pub use clients::Clients;
pub use error::{BuilderError, Error, SourceError};
pub use inputs::Inputs;
pub use observe::Snapshot;
pub use plan::Plan;

/// Answers a builder that asks for a registry's password, where this program was started for that; `None` where it was not.
pub fn credential_helper() -> Option<std::process::ExitCode> {
    logins::helper::helper(std::env::args_os())
}

/// The action.
#[derive(Debug)]
pub struct BuildAndTag;

impl Action for BuildAndTag {
    const NAME: &'static str = "build-and-tag";
    const TITLE: &'static str = "Build and tag an image";
    const DESCRIPTION: &'static str = "Builds a container image from a Dockerfile and tags it by version and branch. \
        Dockerfiles without RUN need no daemon and give the same digest on every machine.";
    const OUTPUTS: &'static [OutputSpec] = &[
        OutputSpec { name: "image", help: "Name and first tag of the image, `slipway/backend:1.0.0`." },
        OutputSpec { name: "tags", help: "All tags, one per line, the version's own first." },
        OutputSpec { name: "tag-names", help: "The same as `tags`, under docker/metadata-action's name." },
        OutputSpec {
            name: "mutable-tags",
            help: "The tags that may move to another image, one per line, as ecr-push's input of that name takes them; `none` where none may.",
        },
        OutputSpec {
            name: "json",
            help: "Tags with the image's name, tag names, labels and annotations as docker/metadata-action's `json` has them.",
        },
        OutputSpec {
            name: "bake-file",
            help: "Path of a bake file with tags, labels and version in the target `bake-target`, as docker/metadata-action writes it. Empty on a dry run.",
        },
        OutputSpec {
            name: "digest",
            help: "Digest of the image's manifest, or of the index of several platforms. Empty with the docker builder, where the registry decides it, and on a dry run.",
        },
        OutputSpec {
            name: "image-id",
            help: "Digest of the image's configuration, Docker's image id; of several platforms the index's digest. Empty on a dry run.",
        },
        OutputSpec { name: "imageid", help: "The same as `image-id`, under docker/build-push-action's name." },
        OutputSpec {
            name: "metadata",
            help: "What was built, as JSON with buildx's names: `containerimage.digest`, `containerimage.config.digest`, `containerimage.descriptor`, `image.name`. Empty on a dry run.",
        },
        OutputSpec {
            name: "source",
            help: "Where the image is, as ecr-push takes it: `oci:FOLDER` or `docker-daemon:sha256:ID`; `docker://REPOSITORY@DIGEST` when nothing was built. Empty on a dry run.",
        },
        OutputSpec {
            name: "builder",
            help: "What built it: `embedded`, `buildx`, `docker` or `buildah`; `none` when nothing was built.",
        },
        OutputSpec {
            name: "skipped",
            help: "`true` when `repository-uri` has this commit's image already and nothing was built, else `false`.",
        },
        OutputSpec { name: "created", help: "Date of the image, RFC 3339: the commit's." },
    ];

    const SECRETS: &'static [SecretInput] = &[args::SECRETS];
    const ALIASES: &'static [Alias] = args::ALIASES;
    const IAM_POLICY: Option<actions_core::IamPolicy<Inputs>> = Some(policy::policy);

    type Args = Args;
    type Inputs = Inputs;
    type Clients = Clients;
    type Snapshot = Snapshot;
    type Plan = Plan;
    type Outcome = Outcome;
    type Error = Error;

    fn inputs(args: Args, session: &Session) -> Result<Inputs, InputErrors> {
        Inputs::parse(&args, session)
    }

    async fn connect(inputs: &Inputs, session: &Session) -> Result<Clients, Error> {
        Box::pin(Clients::connect(inputs, session)).await
    }

    async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
        Box::pin(observe::observe(inputs, clients, session)).await
    }

    fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(inputs: &Inputs, plan: &Plan, clients: &Clients, session: &Session) -> Result<Outcome, Error> {
        Box::pin(apply::apply(inputs, plan, clients, session)).await
    }

    fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        report::report(inputs, plan, outcome)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::BuildAndTag>();
    }
}
