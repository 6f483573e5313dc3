//! What is wrong with a builder, or with what it is asked for.

use std::path::PathBuf;

use actions_core::{ActionError, ExitCode, Location};

/// A builder cannot do its work, did not do it, or must not be believed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BuilderError {
    /// The Dockerfile needs a builder that is not there. Exit code 2.
    ///
    /// The Dockerfile runs commands (`RUN`) or uses a feature that needs a container engine, and neither Docker nor
    /// buildah answered.
    #[error("{problem}, and no builder that can do it is there")]
    #[diagnostic(
        code("build-and-tag/no-builder"),
        help(
            "install Docker (with a running daemon) or buildah (`apt-get install buildah`), or remove that from the Dockerfile: then nothing needs to be installed"
        )
    )]
    NoBuilder {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the embedded builder cannot do.
        problem: String,
        /// What the builders answered.
        why: String,
    },
    /// The builder that was asked for is not there. Exit code 2.
    ///
    /// `builder` names a builder, and it did not answer: it is not installed, its daemon does not run, or this user may
    /// not use it.
    ///
    /// Install and start the builder that you named, or leave `builder` at `auto`.
    #[error("the builder `{builder}` cannot be used")]
    #[diagnostic(code("build-and-tag/builder-unusable"), help("{help}"))]
    BuilderUnusable {
        /// The builder.
        builder: &'static str,
        /// What it answered.
        why: String,
        /// What to do.
        help: &'static str,
    },
    /// The builder cannot do what an input asks for. Exit code 2.
    ///
    /// Classic `docker build` has no secrets, caches, attestations and indexes, buildah has no caches in a registry and no
    /// attestations, and the embedded builder attests nothing. To leave the input out silently would make another image.
    ///
    /// Choose one of the builders that are named, leave `builder` at `auto`, or leave the input out.
    #[error("the builder `{builder}` cannot do what `{input}` asks for")]
    #[diagnostic(
        code("build-and-tag/builder-cannot"),
        help("set `builder` to one that can ({}), or leave `{input}` out", others.join(", "))
    )]
    BuilderCannot {
        /// The builder.
        builder: &'static str,
        /// The input.
        input: &'static str,
        /// The builders that can.
        others: Vec<&'static str>,
    },
    /// A build argument has the name of a setting of the program that builds. Exit code 2.
    ///
    /// Values of build arguments reach buildx, docker and buildah through their environment, so that no log and no list of processes
    /// shows them. There `PATH`, `HOME`, `DOCKER_HOST`, `LD_PRELOAD` or `HTTPS_PROXY` would decide which programs run, who builds and
    /// how registries are reached; and the variable of a secret would no longer be the secret.
    ///
    /// Give the `ARG` in the Dockerfile another name. What the builder shall have too, a proxy for example, set for the step or the job
    /// with `env:`, to the same value.
    #[error("the build argument `{name}` would change the builder itself")]
    #[diagnostic(
        code("build-and-tag/build-arg-reserved"),
        help(
            "give the ARG another name; or, where {builder} shall have it too (a proxy), set the variable `{name}` to the same value with `env:`"
        )
    )]
    ReservedBuildArg {
        /// The name.
        name: String,
        /// The builder.
        builder: &'static str,
    },
    /// This instance of buildx cannot write an OCI layout. Exit code 2.
    ///
    /// The driver `docker` of buildx writes OCI layouts only where the daemon keeps its images in containerd's store. An
    /// instance with the driver `docker-container`, which `docker/setup-buildx-action` makes, always does.
    ///
    /// Make such an instance before this step: `docker buildx create --use`; or use `docker/setup-buildx-action`.
    #[error("this instance of buildx cannot write an OCI layout")]
    #[diagnostic(
        code("build-and-tag/buildx-driver"),
        help(
            "run `docker buildx create --use` or docker/setup-buildx-action before, or switch containerd's image store on in the daemon"
        )
    )]
    BuildxDriver {
        /// What the instance is.
        why: String,
    },
    /// A secret of the build is in the image. Exit code 1.
    ///
    /// The value of one of `secrets`, `secret-envs` or `secret-files` stands in the configuration, the history, a label, an
    /// annotation or an attestation of the image, where everyone who can pull it reads it. Nothing was put in the output
    /// folder. Mostly it is also a build argument, or an `ENV` was made of it.
    ///
    /// Use it by `RUN --mount=type=secret,id=...` alone, and take it out of `build-args`, `ARG`, `ENV` and `LABEL`. A cache that the
    /// build wrote is out by then and may hold it: delete the cache, and make a new secret.
    #[error("the secret `{id}` is in the {place} of the image")]
    #[diagnostic(
        code("build-and-tag/secret-in-image"),
        help(
            "use it by `RUN --mount=type=secret,id={id}` alone: no ARG, ENV or LABEL, and no build argument; then make a new one"
        )
    )]
    SecretInImage {
        /// The secret's id.
        id: String,
        /// The document that says it.
        place: &'static str,
        /// Whether the build wrote a cache before that was found.
        is_cached: bool,
    },
    /// The file of a secret cannot be read. Exit code 2.
    ///
    /// `secret-files` names a file that is not there, is no plain file, or is larger than the 500 KiB BuildKit takes.
    #[error("the secret file `{}` cannot be read", path.display())]
    #[diagnostic(code("build-and-tag/secret-unreadable"), help("check the path in `secret-files`"))]
    SecretUnreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The builder's own account of what it built does not fit what it wrote. Exit code 1.
    ///
    /// The digest in buildx's metadata file is not that of the layout it wrote, or there is no such file, or buildah wrote no
    /// image id: a broken program, or another process that wrote into the folder.
    ///
    /// Build again; where it stays, update buildx or buildah.
    #[error("what the builder says it built is not what it wrote")]
    #[diagnostic(code("build-and-tag/builder-result"), help("build again; where it stays, update the builder"))]
    BuilderResult {
        /// What does not fit.
        why: String,
    },
    /// A program failed. Exit code 1.
    ///
    /// Docker or buildah ran and failed: mostly a `RUN` instruction of the Dockerfile did, or a base image cannot be pulled. The
    /// last lines it wrote are printed under `why`; the step's log has all of them, below the command line.
    ///
    /// Mend what the last lines name, and try the same build on your machine: `docker build .`
    #[error("{program} failed ({status}){}", at_step(step.as_deref()))]
    #[diagnostic(
        code("build-and-tag/command-failed"),
        help(
            "mend what the last lines above name; the step's log has the whole output, and the command line to try it with"
        )
    )]
    Command {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The step of the Dockerfile it was at, in its own words; `None` where it does not say.
        step: Option<String>,
        /// The last lines it wrote.
        output: String,
    },
    /// A program cannot be started. Exit code 1.
    ///
    /// The program was found and cannot be executed, or it vanished between the check and the start.
    #[error("`{program}` cannot be started")]
    #[diagnostic(code("build-and-tag/command-not-started"), help("install it, or choose another `builder`"))]
    NotStarted {
        /// The program.
        program: String,
        /// The reason.
        source: std::io::Error,
    },
}

/// Where a program was when it failed.
fn at_step(step: Option<&str>) -> String {
    step.map_or_else(String::new, |step| format!(" at {step}"))
}

impl ActionError for BuilderError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::SecretInImage { .. }
            | Self::BuilderResult { .. }
            | Self::Command { .. }
            | Self::NotStarted { .. } => ExitCode::Failed,
            Self::NoBuilder { .. }
            | Self::BuilderUnusable { .. }
            | Self::BuilderCannot { .. }
            | Self::ReservedBuildArg { .. }
            | Self::BuildxDriver { .. }
            | Self::SecretUnreadable { .. } => ExitCode::BadInput,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NoBuilder { why, .. }
            | Self::BuilderUnusable { why, .. }
            | Self::BuildxDriver { why }
            | Self::BuilderResult { why } => Some(why.clone()),
            Self::Command { output, .. } => (!output.is_empty()).then(|| output.clone()),
            Self::SecretInImage { is_cached, .. } => is_cached.then(|| {
                "the build has written its cache (`cache`, `cache-to`) by then, which may hold it too: delete it"
                    .to_owned()
            }),
            Self::BuilderCannot { .. }
            | Self::ReservedBuildArg { .. }
            | Self::SecretUnreadable { .. }
            | Self::NotStarted { .. } => actions_core::causes(self),
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::NoBuilder { file, line, .. } => Some(Location::line(file.clone(), *line)),
            _ => None,
        }
    }
}
