//! What can go wrong while an image is built, with the exit code of each.

use std::path::PathBuf;

use actions_core::{ActionError, ExitCode, Location};
use aws_client::{ApiError, ConnectError};

/// An image cannot be built.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The credentials cannot be obtained. Exit code 2, or as the call that failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Connect(#[from] ConnectError),
    /// ECR refused a call. Exit code as the call's.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Aws(#[from] ApiError),
    /// ECR answered without what was asked for. Exit code 1.
    ///
    /// The answer lacks something that ECR always sends. Mostly `AWS_ENDPOINT_URL` points at an emulator or a proxy.
    #[error("`{service}:{operation}` answered without {missing}")]
    #[diagnostic(
        code("build-and-tag/incomplete-answer"),
        help("run the step again; check AWS_ENDPOINT_URL if it is set")
    )]
    IncompleteAnswer {
        /// The IAM prefix of the service.
        service: &'static str,
        /// The operation.
        operation: &'static str,
        /// What is missing.
        missing: &'static str,
    },
    /// The repository in ECR does not let a tag move that may move for us. Exit code 1; nothing was built.
    ///
    /// The tag may move as far as `mutable-tags` goes, but the repository itself is immutable for it, and it has the image of another
    /// commit. The push would fail after the build.
    #[error("the repository is {setting} and does not let `{image}` move to another image")]
    #[diagnostic(
        code("build-and-tag/repository-immutable"),
        help(
            "set the repository to IMMUTABLE_WITH_EXCLUSION with a wildcard filter for this tag, or build under a tag of its own (`tags`, `latest: none`)"
        )
    )]
    RepositoryImmutable {
        /// The image.
        image: String,
        /// The repository's setting.
        setting: &'static str,
        /// What is there instead.
        why: String,
    },
    /// The Dockerfile cannot be read. Exit code 2.
    ///
    /// There is no Dockerfile where `context` and `file` lead, or it cannot be opened: mostly a missing checkout, or a
    /// path that is relative to another folder.
    ///
    /// Set `context` to the folder that has the Dockerfile, or `file` to its path within the workspace; folders that have one are named.
    #[error("the Dockerfile `{}` cannot be read", path.display())]
    #[diagnostic(code("build-and-tag/dockerfile-unreadable"), help("{}", where_it_may_be(others)))]
    DockerfileUnreadable {
        /// The file.
        path: PathBuf,
        /// The folders below the working directory that have one.
        others: Vec<String>,
        /// The reason.
        source: std::io::Error,
    },
    /// The Dockerfile, or an instruction of it, is not understood or cannot be carried out. Exit code 2.
    ///
    /// An instruction is malformed, or it asks for something that the chosen builder cannot do. The annotation points
    /// at its line.
    ///
    /// Correct the line as the printed help says, or set `builder: docker` for what only Docker can do.
    #[error("{problem}")]
    #[diagnostic(code("build-and-tag/dockerfile"), help("{help}"))]
    Dockerfile {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
        /// What to do.
        help: String,
    },
    /// Stages of the Dockerfile need each other. Exit code 2.
    ///
    /// A `COPY --from` names a stage that, directly or through others, is built from the stage the instruction is in. None
    /// of them can be the first.
    ///
    /// Move what both need into a stage of its own, in front of both.
    #[error("{problem}")]
    #[diagnostic(
        code("build-and-tag/stage-cycle"),
        help("move what they share into a stage of its own, in front of them")
    )]
    StageCycle {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The circle, with the line of each stage.
        problem: String,
    },
    /// A stage is named in front of its place. Exit code 2.
    ///
    /// Builders carry out the stages in their order and do not agree on what the name of a later stage means.
    ///
    /// Move the stage that is named in front of the one that copies from it.
    #[error("`--from={name}` names a stage that comes later, on line {later}")]
    #[diagnostic(
        code("build-and-tag/stage-order"),
        help("move that stage in front of this one; builders do not agree on what a later stage's name means")
    )]
    StageOrder {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The name.
        name: String,
        /// The line of the stage.
        later: usize,
    },
    /// The Dockerfile asks for more than an image can have. Exit code 2.
    ///
    /// There are more stages, instructions or files than any honest build has, variables that double each other, or a
    /// layer larger than a registry takes. Where this is reached by accident, a folder of data or a sparse file is mostly
    /// part of the context.
    ///
    /// Leave out with `.dockerignore` what the image does not need, or split the build.
    #[error("{problem}")]
    #[diagnostic(
        code("build-and-tag/too-large"),
        help("leave out what the image does not need, with .dockerignore or in the Dockerfile")
    )]
    TooLarge {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What there is too much of, and the limit.
        problem: String,
    },
    /// A `.dockerignore` holds a line that is no rule. Exit code 2.
    ///
    /// The line is a pattern that Docker would not take either, for example one that leads out of the context.
    #[error("line {line} of `{file}` is not a rule: {reason}")]
    #[diagnostic(code("build-and-tag/dockerignore"), help("correct the line; a comment starts with `#`"))]
    Dockerignore {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The build context cannot be read. Exit code 2.
    ///
    /// A folder or file of the context is missing or closed to this user. Files that a container wrote as root in an
    /// earlier step are a common case.
    #[error("`{}` in the build context cannot be read", path.display())]
    #[diagnostic(code("build-and-tag/context"), help("check the input `context` and the permissions of what is in it"))]
    Context {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A path of the build context is not UTF-8. Exit code 2.
    ///
    /// The file's name holds bytes that are not UTF-8, and an image layer could not name it the same everywhere.
    #[error("the path `{path}` in the build context is not UTF-8")]
    #[diagnostic(code("build-and-tag/not-utf8"), help("rename the file, or leave it out with .dockerignore"))]
    NotUtf8 {
        /// The path, with what is not UTF-8 replaced.
        path: String,
    },
    /// A copy of something that is not there. Exit code 2.
    ///
    /// The file of a `COPY` or `ADD` is not in the context or in the stage: it was not built, has another name, or
    /// `.dockerignore` leaves it out.
    ///
    /// Build the file in an earlier step, or correct the path: the printed help names what is there instead.
    #[error("`{path}` is not in {place}")]
    #[diagnostic(code("build-and-tag/source-missing"), help("{help}"))]
    SourceMissing {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What was to be copied.
        path: String,
        /// Where it was looked for.
        place: String,
        /// What is there instead.
        help: String,
    },
    /// A copy of something outside the context. Exit code 2.
    ///
    /// The path, or a symbolic link on the way, leads to a file outside of `context`. What is not in the context does
    /// not belong in the image.
    #[error("`{path}` leads out of the build context")]
    #[diagnostic(
        code("build-and-tag/source-outside"),
        help("copy only what is below `context`; make `context` a folder that holds it, or copy it there first")
    )]
    SourceOutside {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What was to be copied.
        path: String,
    },
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
    /// The version and the branch give no tags. Exit code 2.
    ///
    /// The stable branch needs a version such as `1.0.0` and the snapshot branch one such as `1.1.0-SNAPSHOT`; or the tag
    /// would be too long, or that of a release.
    ///
    /// Write a version that fits the branch, set `branch`, or give the tags themselves with `tags`.
    #[error("{0}")]
    #[diagnostic(code("build-and-tag/tags"), help("{}; or set `branch`, or the `tags` themselves", advice(.0)))]
    Tags(image_ref::ReleaseTagsError),
    /// The branch, and so the tags, are not known. Exit code 2.
    ///
    /// The run is about a tag, or in a plain shell a commit is checked out and no branch.
    #[error("the branch is not known, and the image's tags follow from it")]
    #[diagnostic(
        code("build-and-tag/no-branch"),
        help(
            "set `branch` (`--branch main`), check a branch out (`git switch main`), or give the tags themselves with `tags`"
        )
    )]
    NoBranch {
        /// Why it is not known.
        why: String,
    },
    /// A tag of the image is taken. Exit code 1.
    ///
    /// `repository-uri` has an image under a tag that cannot move, and its label does not say that it is of this commit:
    /// mostly the version was not raised. To build first would only mean to be refused later, when the image is pushed.
    ///
    /// Raise the version; or name the tag in `mutable-tags` where it may move, or set `if-exists: build`.
    #[error("the tag of `{image}` is taken")]
    #[diagnostic(
        code("build-and-tag/tag-taken"),
        help("raise the version; or name the tag in `mutable-tags` where it may move to another image")
    )]
    TagTaken {
        /// The image.
        image: String,
        /// What is there instead.
        why: String,
    },
    /// The image of this commit is there, and says that it is another version. Exit code 1.
    ///
    /// `repository-uri` has an image of this commit under a tag that cannot move, its label `org.opencontainers.image.version` names another
    /// version, and a tag that cannot move either is still missing: mostly a snapshot was pushed with a tag of the commit, and the same commit
    /// is released now. What would be built is another image, which that tag could not follow; and the image that is there would be
    /// released as a version that it does not say it is.
    ///
    /// Promote the image that is there with `ecr-promote`, where it is what you want to release; or take the tag that both versions share out of
    /// `tags`, or name it in `mutable-tags`.
    #[error("`{image}` is of this commit and of version `{theirs}`, and `{missing}` would be version `{ours}`")]
    #[diagnostic(
        code("build-and-tag/other-version"),
        help(
            "release that image with ecr-promote (`image: {image}`, `tags: {missing}`); or name the tag that both share in `mutable-tags`, or take it out of `tags`"
        )
    )]
    OtherVersion {
        /// The image that is there.
        image: String,
        /// The version that its label names.
        theirs: String,
        /// The version that would be built.
        ours: String,
        /// The tag that is missing.
        missing: String,
    },
    /// The registry cannot be asked what it has. Exit code 1.
    ///
    /// It refused, or cannot be reached; the reason is printed under `why`. The credentials for a private registry of ECR are those that
    /// AWS gives to `role-to-assume` or to the ambient credentials; for others they are those of Docker's `config.json`, which
    /// `docker login` writes.
    ///
    /// Set `role-to-assume` for ECR; log in before this step for others; or leave `repository-uri` out.
    #[error("the registry cannot be asked what `{repository}` has")]
    #[diagnostic(
        code("build-and-tag/registry-look"),
        help(
            "set `role-to-assume` for ECR, log in before for other registries (`docker login`), or correct `repository-uri`"
        )
    )]
    RegistryLook {
        /// The repository.
        repository: String,
        /// The reason.
        source: Box<oci_registry::Error>,
    },
    /// A base image cannot be used. Exit code 2 when it is damaged or missing, else 1.
    ///
    /// The folder or archive that `build-contexts` names, or the base image that was pulled, is damaged or has no image
    /// for the platform.
    #[error("the base image `{image}` cannot be used")]
    #[diagnostic(
        code("build-and-tag/base-image"),
        help("check the image's name in the Dockerfile and in `build-contexts`")
    )]
    BaseImage {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The image.
        image: String,
        /// The reason.
        source: oci_image::Error,
    },
    /// A base image cannot be pulled. Exit code 1.
    ///
    /// The registry refused, does not have the image, or cannot be reached; the reason is printed under `why`. Public
    /// registries also limit anonymous pulls.
    #[error("the base image `{image}` cannot be pulled")]
    #[diagnostic(
        code("build-and-tag/pull"),
        help(
            "check the registry and the digest; set `role-to-assume` for a registry of ECR, log in before for another one (`docker login`): the `auths` of Docker's config.json are used, credential helpers are not"
        )
    )]
    Pull {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The image.
        image: String,
        /// The reason.
        source: Box<oci_registry::Error>,
    },
    /// A tar or a layer cannot be read. Exit code 1.
    ///
    /// A layer or a tar that `ADD` names is cut off, is compressed in a way that is not known, or holds an entry that
    /// leads out of its folder.
    #[error("`{name}` cannot be unpacked")]
    #[diagnostic(code("build-and-tag/unpack"), help("check the file; plain, gzip'd and zstd'd tars can be unpacked"))]
    Unpack {
        /// The archive or layer.
        name: String,
        /// The reason.
        source: std::io::Error,
    },
    /// A file was changed while the image was built. Exit code 1.
    ///
    /// Another process wrote into the context while its files were hashed. The image would have been a mixture.
    #[error("`{}` changed while the image was built", path.display())]
    #[diagnostic(code("build-and-tag/changed"), help("build again when nothing writes into the context"))]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The image cannot be written. Exit code 1.
    ///
    /// The disk is full, or `output-folder` belongs to another user.
    #[error("the image cannot be written to `{}`", path.display())]
    #[diagnostic(code("build-and-tag/unwritable"), help("check the input `output-folder` and the free disk space"))]
    Unwritable {
        /// The folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The image on disk cannot be read or written. Exit code 2 for what is wrong with it, else 1.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Image(#[from] oci_image::Error),
    /// A program failed. Exit code 1.
    ///
    /// Docker or buildah ran and failed: mostly a `RUN` instruction of the Dockerfile did. The last lines are printed
    /// under `why`.
    ///
    /// Read the builder's own words in the log above, and try the same build on your machine: `docker build .`
    #[error("`{command}` failed with {status}")]
    #[diagnostic(code("build-and-tag/command-failed"), help("the builder's own words are in the log above"))]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
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
    /// The run was cancelled while the image was built; the output folder is as it was. Exit code 130.
    ///
    /// A person or a newer run of the same concurrency group cancelled the job. The output folder is as it was before.
    #[error("cancelled while the image was built")]
    #[diagnostic(code("build-and-tag/cancelled"), help("re-running is safe"))]
    Cancelled,
    /// The date is out of range. Exit code 2.
    ///
    /// `source-date-epoch` is beyond what the date of an image can say.
    #[error("`{seconds}` is not a date that an image can carry")]
    #[diagnostic(code("build-and-tag/date"), help("set `source-date-epoch` to seconds since 1970"))]
    Date {
        /// The number.
        seconds: i64,
    },
}

/// The reason of another error, with its own code.
fn reason<E: miette::Diagnostic + std::error::Error>(error: &E) -> String {
    let code = error.code().map_or_else(String::new, |code| format!("{code}: "));
    let causes = actions_core::causes(error).map_or_else(String::new, |causes| format!(": {causes}"));
    format!("{code}{error}{causes}")
}

/// The advice of the tag rules.
fn advice(error: &image_ref::ReleaseTagsError) -> String {
    miette::Diagnostic::help(error).map_or_else(String::new, |help| help.to_string())
}

impl Error {
    /// An error at a line of the Dockerfile.
    pub(crate) fn at(file: &str, line: usize, problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Dockerfile { file: file.to_owned(), line, problem: problem.into(), help: help.into() }
    }

    /// Too much at a line of the Dockerfile.
    pub(crate) fn too_large(file: &str, line: usize, problem: impl Into<String>) -> Self {
        Self::TooLarge { file: file.to_owned(), line, problem: problem.into() }
    }
}

/// The advice for a Dockerfile that is not there.
fn where_it_may_be(others: &[String]) -> String {
    match others {
        [] => "check the inputs `context` and `file`".to_owned(),
        others => format!(
            "set the input `context` to the folder of the one that is meant: `{}` ha{} one",
            others.join("`, `"),
            if others.len() == 1 { "s" } else { "ve" }
        ),
    }
}

impl From<ecr::Error> for Error {
    fn from(error: ecr::Error) -> Self {
        match error {
            ecr::Error::Api(error) => Self::Aws(error),
            ecr::Error::Incomplete { service, operation, missing } => {
                Self::IncompleteAnswer { service, operation, missing }
            }
        }
    }
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Connect(error) => error.exit_code(),
            Self::Aws(error) => error.exit_code(),
            Self::Image(error) | Self::BaseImage { source: error, .. } if !error.is_bad_input() => ExitCode::Failed,
            Self::Pull { .. }
            | Self::SecretInImage { .. }
            | Self::BuilderResult { .. }
            | Self::TagTaken { .. }
            | Self::OtherVersion { .. }
            | Self::RepositoryImmutable { .. }
            | Self::IncompleteAnswer { .. }
            | Self::RegistryLook { .. }
            | Self::Unpack { .. }
            | Self::Changed { .. }
            | Self::Unwritable { .. }
            | Self::Command { .. }
            | Self::NotStarted { .. } => ExitCode::Failed,
            Self::Cancelled => ExitCode::Cancelled,
            Self::Image(_)
            | Self::BaseImage { .. }
            | Self::DockerfileUnreadable { .. }
            | Self::Dockerfile { .. }
            | Self::StageCycle { .. }
            | Self::StageOrder { .. }
            | Self::TooLarge { .. }
            | Self::Dockerignore { .. }
            | Self::Context { .. }
            | Self::NotUtf8 { .. }
            | Self::SourceMissing { .. }
            | Self::SourceOutside { .. }
            | Self::NoBuilder { .. }
            | Self::BuilderUnusable { .. }
            | Self::BuilderCannot { .. }
            | Self::ReservedBuildArg { .. }
            | Self::BuildxDriver { .. }
            | Self::SecretUnreadable { .. }
            | Self::Tags(_)
            | Self::NoBranch { .. }
            | Self::Date { .. } => ExitCode::BadInput,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Connect(error) => error.why(),
            Self::Aws(error) => error.why(),
            Self::NoBuilder { why, .. }
            | Self::BuilderUnusable { why, .. }
            | Self::BuildxDriver { why }
            | Self::BuilderResult { why }
            | Self::TagTaken { why, .. }
            | Self::RepositoryImmutable { why, .. }
            | Self::NoBranch { why } => Some(why.clone()),
            Self::Command { output, .. } => (!output.is_empty()).then(|| output.clone()),
            Self::SecretInImage { is_cached, .. } => is_cached.then(|| {
                "the build has written its cache (`cache`, `cache-to`) by then, which may hold it too: delete it"
                    .to_owned()
            }),
            Self::Tags(error) => miette::Diagnostic::code(error).map(|code| format!("the rule is `{code}`")),
            Self::Pull { source, .. } | Self::RegistryLook { source, .. } => Some(reason(source.as_ref())),
            Self::BaseImage { source, .. } => Some(reason(source)),
            _ => actions_core::causes(self),
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::Dockerfile { file, line, .. }
            | Self::StageCycle { file, line, .. }
            | Self::StageOrder { file, line, .. }
            | Self::TooLarge { file, line, .. }
            | Self::Dockerignore { file, line, .. }
            | Self::SourceMissing { file, line, .. }
            | Self::SourceOutside { file, line, .. }
            | Self::NoBuilder { file, line, .. }
            | Self::BaseImage { file, line, .. }
            | Self::Pull { file, line, .. } => Some(Location::line(file.clone(), *line)),
            _ => None,
        }
    }
}
