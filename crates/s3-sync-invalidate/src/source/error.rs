//! What keeps the source from being published.

use std::collections::BTreeMap;

use actions_core::ExitCode;
use actions_core::amount::count;

use crate::error::{NAMES_SHOWN, shown};

/// An error of the source.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SourceError {
    /// The source does not exist. Exit code 2.
    ///
    /// The folder in `source` is not there: the site was built in another job, or the build writes elsewhere.
    #[error("the source `{path}` does not exist")]
    #[diagnostic(
        code("s3-sync-invalidate/source-missing"),
        help("build the site in an earlier step of this job, and check `source`; it is relative to the step's folder")
    )]
    Missing {
        /// The folder.
        path: String,
    },
    /// The source is a file. Exit code 2.
    ///
    /// `source` names a file, often an archive of the site.
    ///
    /// Unpack the archive in an earlier step and name the folder that holds the built site.
    #[error("the source `{path}` is not a folder")]
    #[diagnostic(code("s3-sync-invalidate/source-not-a-folder"), help("name the folder that holds the built site"))]
    NotFolder {
        /// The file.
        path: String,
    },
    /// The source is empty and everything would be deleted. Exit code 2.
    ///
    /// The build wrote nothing, and `delete` would have taken the whole site down.
    #[error("the source `{path}` holds no file, and `delete` would remove the whole site")]
    #[diagnostic(
        code("s3-sync-invalidate/source-empty"),
        help("check that the build wrote its files there; to really remove everything set `allow-empty-source: true`")
    )]
    Empty {
        /// The folder.
        path: String,
    },
    /// A file or folder cannot be read. Exit code 1.
    ///
    /// A file of the source is closed to this user, or vanished while the folder was read.
    ///
    /// Check the permissions of the file and of the folders above it, or name it in `exclude`.
    #[error("`{path}` cannot be read")]
    #[diagnostic(
        code("s3-sync-invalidate/unreadable"),
        help("check the permissions of the file and of the folders above it, or name it in `exclude`")
    )]
    Unreadable {
        /// The file or folder.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// Files look like secrets. Exit code 2.
    ///
    /// The source holds files such as `.env`, `.git` or private keys. In a public bucket everybody could read them.
    #[error("{} of the source look like secrets: {}", count(.names.len(), "path"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/sensitive-files"),
        help(
            "remove them from the source, or name them in `exclude`; what is meant to be public goes into `allow-sensitive`"
        )
    )]
    Sensitive {
        /// The paths.
        names: Vec<String>,
    },
    /// Source maps are in the source. Exit code 2.
    ///
    /// A source map holds the code as it was written, comments included. In a public bucket everybody could read it.
    ///
    /// Let the build write none, or remove them in a step before this one, for example after they were sent to a service
    /// that reports errors. Where everybody may read the sources, set `allow-source-maps: true`.
    #[error("{} of the source hold the site's sources: {}", count(.names.len(), "source map"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/source-maps"),
        help(
            "remove them before this step, or name them in `exclude` (`*.map`); where everybody may read the sources, set `allow-source-maps: true`"
        )
    )]
    SourceMaps {
        /// The paths.
        names: Vec<String>,
    },
    /// Links are in the source, and none is wanted. Exit code 2.
    ///
    /// `symlinks: refuse` is set, and the source holds symbolic links.
    ///
    /// Copy the files to where the links are, name the links in `exclude`, or set `symlinks: inside` to follow those that stay
    /// inside the source.
    #[error("{} in the source: {}", count(.names.len(), "symbolic link"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/link-refused"),
        help(
            "copy the files to where the links are, or name the links in `exclude`; `symlinks: inside` follows those inside the source"
        )
    )]
    LinksRefused {
        /// The paths.
        names: Vec<String>,
    },
    /// Links lead out of the source or nowhere. Exit code 2.
    ///
    /// A symbolic link leads out of the source, or its target is not there. Following it could publish any file of the
    /// runner.
    #[error("{} of the source lead out of it or nowhere: {}", count(.names.len(), "link"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/outside-link"),
        help(
            "copy the files into the source, or name the links in `exclude`; links inside the source are followed, all others with `symlinks: follow`"
        )
    )]
    OutsideLinks {
        /// The paths.
        names: Vec<String>,
    },
    /// Files whose names or kinds S3 cannot take. Exit code 2.
    ///
    /// A name has bytes that are not UTF-8 or control characters, is too long, is no regular file, or lies where the action keeps what is
    /// its own: its notes in `.slipway/`, and in `releases/ID/` the releases of `mode: release-prefix`.
    #[error("{} of the source cannot be object keys: {}", count(.names.len(), "path"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/unusable-name"),
        help(
            "rename them, or name them in `exclude`; a key is UTF-8 without control characters, with its prefix at most 1024 bytes, \
             and belongs to a regular file outside of `.slipway/` and of `releases/ID/`"
        )
    )]
    UnusableNames {
        /// The paths.
        names: Vec<String>,
    },
    /// More than one file would be stored under one key. Exit code 2.
    ///
    /// Two things of the source want the same key: a redirect and a file, or, with `clean-urls`, `about.html` and `about`.
    ///
    /// Rename one of them, name one in `exclude`, or take the redirect away; the message names both.
    #[error("{} would be written more than once: {}", count(.keys.len(), "key"), twins(.keys))]
    #[diagnostic(
        code("s3-sync-invalidate/same-key"),
        help("rename one of them, name it in `exclude`, or take the redirect out of `redirects`")
    )]
    SameKey {
        /// What wants to be there, by the path below the prefix.
        keys: BTreeMap<String, Vec<String>>,
    },
    /// Files above the limit of an object. Exit code 2.
    ///
    /// An object of S3 has at most 5 TiB, however it is uploaded.
    ///
    /// Cut the file into several, or name it in `exclude`.
    #[error("{} of the source are larger than 5 TiB: {}", count(.names.len(), "file"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/file-too-large"),
        help("an object of S3 has at most 5 TiB; cut the file into several, or name it in `exclude`")
    )]
    TooLarge {
        /// The paths.
        names: Vec<String>,
    },
    /// A file changed or vanished while it was published. Exit code 1.
    ///
    /// Another process wrote or removed the file after it was read for the plan. The site would have had a mixture.
    ///
    /// Let the build, and whatever tidies up behind it, end before this step.
    #[error("`{path}` changed or vanished while it was published")]
    #[diagnostic(
        code("s3-sync-invalidate/file-changed"),
        help("let the build end before this step, and run the step again")
    )]
    Changed {
        /// The file.
        path: String,
    },
}

impl SourceError {
    /// The exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unreadable { .. } | Self::Changed { .. } => ExitCode::Failed,
            Self::Missing { .. }
            | Self::NotFolder { .. }
            | Self::Empty { .. }
            | Self::Sensitive { .. }
            | Self::SourceMaps { .. }
            | Self::LinksRefused { .. }
            | Self::OutsideLinks { .. }
            | Self::UnusableNames { .. }
            | Self::SameKey { .. }
            | Self::TooLarge { .. } => ExitCode::BadInput,
        }
    }

    /// The reason, where the system gave one.
    pub(crate) fn why(&self) -> Option<String> {
        if let Self::Unreadable { source, .. } = self { Some(source.to_string()) } else { None }
    }
}

/// Each key with what wants to be there, the first ten of them.
fn twins(keys: &BTreeMap<String, Vec<String>>) -> String {
    let lines = keys
        .iter()
        .take(NAMES_SHOWN)
        .map(|(key, names)| format!("{} by {}", shown(std::slice::from_ref(key)), shown(names)));
    let more = keys.len().saturating_sub(NAMES_SHOWN);
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    lines.collect::<Vec<_>>().join("; ") + &rest
}
