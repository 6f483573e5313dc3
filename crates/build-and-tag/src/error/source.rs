//! What is wrong with what an image is built from: the Dockerfile, the context, archives and layers.

use std::path::PathBuf;

use actions_core::{ActionError, ExitCode, Location};

/// What an image is built from cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SourceError {
    /// The Dockerfile cannot be read. Exit code 2.
    ///
    /// There is no Dockerfile where `context` and `file` lead, or it cannot be opened: mostly a missing checkout, or a
    /// path that is relative to another folder.
    ///
    /// Set `context` to the folder that has the Dockerfile, or `file` to its path from the working directory (not from `context`); those that may be
    /// meant are named.
    #[error("the Dockerfile `{}` cannot be read", path.display())]
    #[diagnostic(code("build-and-tag/dockerfile-unreadable"), help("{help}"))]
    DockerfileUnreadable {
        /// The file.
        path: PathBuf,
        /// What to do, with files that may be meant.
        help: String,
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
}

impl ActionError for SourceError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unpack { .. } | Self::Changed { .. } => ExitCode::Failed,
            Self::DockerfileUnreadable { .. }
            | Self::Dockerfile { .. }
            | Self::StageCycle { .. }
            | Self::StageOrder { .. }
            | Self::TooLarge { .. }
            | Self::Dockerignore { .. }
            | Self::Context { .. }
            | Self::NotUtf8 { .. }
            | Self::SourceMissing { .. }
            | Self::SourceOutside { .. } => ExitCode::BadInput,
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
            | Self::SourceOutside { file, line, .. } => Some(Location::line(file.clone(), *line)),
            _ => None,
        }
    }
}
