//! What can go wrong.

use actions_core::{ActionError, ExitCode, Location};
use github_client::GitHubError;

/// An error of `version-release`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// There is no token. Exit code 2.
    ///
    /// Releases are made through GitHub's API, which asks for a token.
    #[error("a release needs a GitHub token")]
    #[diagnostic(
        code("version-release/needs-token"),
        help("leave `github-token` at its default in a workflow; in a shell, set GITHUB_TOKEN")
    )]
    NeedsToken,
    /// The run is about a pull request, or about one in a merge queue. Exit code 2.
    ///
    /// What is released is a commit of a branch. The commit of a pull request's run is a merge that nobody made yet, and the code may be a
    /// stranger's; the commit of a merge queue may never land.
    #[error("a pull request cannot be released before it is merged")]
    #[diagnostic(
        code("version-release/on-pull-request"),
        help("run the step on pushes: `if: github.event_name == 'push'`")
    )]
    OnPullRequest,
    /// What is checked out is not the run's commit. Exit code 2.
    ///
    /// A step has checked out another commit than the one that started the run: with `ref` of `actions/checkout`, or by a commit of its
    /// own. The version was read from that one, and the run's commit would be released.
    #[error("commit {checked_out} is checked out, and the run is about {run}")]
    #[diagnostic(
        code("version-release/other-commit"),
        help("check out the run's own commit, or name the one that is released: `commit: {checked_out}`")
    )]
    OtherCommit {
        /// The run's commit.
        run: String,
        /// The commit that is checked out.
        checked_out: String,
    },
    /// The version marks work in progress. Exit code 2.
    ///
    /// A version that ends in `-SNAPSHOT` (in Python `.devN`, or as `slipway.toml` says) is published again with every commit, so it is no release.
    #[error("`{version}` is a snapshot, and a snapshot is not released")]
    #[diagnostic(
        code("version-release/snapshot"),
        help("run the step only for stable versions: `if: steps.version.outputs.is-snapshot == 'false'`")
    )]
    Snapshot {
        /// The version.
        version: String,
    },
    /// The tag is at another commit. Exit code 1.
    ///
    /// The version was released from another commit, and a tag is never moved.
    #[error("the tag `{tag}` is at commit {there}, not at {here}")]
    #[diagnostic(
        code("version-release/tag-elsewhere"),
        help(
            "write a higher version, or run the step only where the output `publish` of version-detect is `true`; to complete the release of the tag, set `commit: {there}`"
        )
    )]
    TagElsewhere {
        /// The tag.
        tag: String,
        /// Its commit.
        there: String,
        /// The run's commit.
        here: String,
    },
    /// A draft for the tag names another commit. Exit code 1.
    ///
    /// Somebody prepared a release of this tag from another commit. When it is published, the tag would be made there.
    #[error("the draft of `{tag}` is for commit {there}, not for {here}")]
    #[diagnostic(code("version-release/draft-elsewhere"), help("delete the draft at {url}, or release its commit"))]
    DraftElsewhere {
        /// The tag.
        tag: String,
        /// The draft's commit.
        there: String,
        /// The run's commit.
        here: String,
        /// The draft's page.
        url: String,
    },
    /// The draft's text leaves no room for the note of what is to be started. Exit code 1.
    ///
    /// GitHub takes 125,000 characters. A hidden comment at the end of the text says what is still to be started, so that a run which was
    /// killed is completed by the next one.
    #[error("the draft of `{tag}` is {over} characters too long")]
    #[diagnostic(
        code("version-release/draft-too-long"),
        help("shorten the draft's text at {url}, or leave `dispatch` out; nothing was done yet")
    )]
    DraftTooLong {
        /// The tag.
        tag: String,
        /// How many characters there are too many.
        over: usize,
        /// The draft's page.
        url: String,
    },
    /// What was released cannot be compared with the release before. Exit code 1.
    ///
    /// The repository on GitHub does not have the commit, or the tag of the release before: the commit was not pushed, or belongs to
    /// another repository.
    #[error("commit {commit} cannot be compared with `{previous}`")]
    #[diagnostic(
        code("version-release/unknown-commit"),
        help("push the commit, check `commit`, or name an existing tag with `previous-tag`")
    )]
    UnknownCommit {
        /// The commit.
        commit: String,
        /// The tag of the release before.
        previous: String,
    },
    /// A file that arranges releases cannot be understood. Exit code 2.
    ///
    /// `.github/release.yml` is no YAML, or has another form than GitHub documents; or `slipway.toml` is no TOML, or names endings of snapshots
    /// that are none. Both are read from the commit that is released.
    #[error("`{file}` cannot be understood: {reason}")]
    #[diagnostic(
        code("version-release/config-malformed"),
        help(
            "correct `{file}`; `.github/release.yml` is described at https://docs.github.com/en/repositories/releasing-projects-on-github/automatically-generated-release-notes#configuration-options"
        )
    )]
    ConfigMalformed {
        /// The file.
        file: String,
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A workflow was not started. Exit code 1, or 4 where it is not known whether it was.
    ///
    /// The release is there, and GitHub refused to start what follows: the workflow is not there at that branch or tag, has no
    /// `workflow_dispatch`, does not declare the inputs `version`, `tag`, `sha` and `component`, or the token may not start it.
    ///
    /// Correct what the message names and run the step again: it starts what was not started.
    #[error("`{tag}` is released, and {source}")]
    #[diagnostic(code("version-release/not-started"), help("{}", not_started(left, source)))]
    NotStarted {
        /// The tag.
        tag: String,
        /// What was not started.
        left: Vec<String>,
        /// Why.
        source: Box<GitHubError>,
    },
    /// The run was cancelled. Exit code 130.
    ///
    /// A person or a newer run of the same concurrency group cancelled the job between two of its steps.
    #[error("cancelled {at}")]
    #[diagnostic(
        code("version-release/cancelled"),
        help("re-running the step is safe: it goes on where this run ended")
    )]
    Cancelled {
        /// When: what is done, and what is not.
        at: String,
    },
    /// GitHub does not do what is needed. Exit codes as [`GitHubError`] says.
    #[error(transparent)]
    #[diagnostic(transparent)]
    GitHub(#[from] GitHubError),
}

fn not_started(left: &[String], source: &GitHubError) -> String {
    let again = format!("then run the step again, which starts {}", left.join(", "));
    match source {
        GitHubError::Invalid { .. } => format!(
            "a workflow that is started needs `on: workflow_dispatch` with the inputs `version`, `tag`, `sha` (and `component`, where one is set) at the branch or tag it runs at; correct it, {again}"
        ),
        source => {
            let help = miette::Diagnostic::help(source).map(|help| format!("{help}\n")).unwrap_or_default();
            format!("{help}{again}")
        }
    }
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::GitHub(error) => error.exit_code(),
            Self::NotStarted { source, .. } => source.exit_code(),
            Self::TagElsewhere { .. }
            | Self::DraftElsewhere { .. }
            | Self::DraftTooLong { .. }
            | Self::UnknownCommit { .. } => ExitCode::Failed,
            Self::Cancelled { .. } => ExitCode::Cancelled,
            Self::NeedsToken
            | Self::OnPullRequest
            | Self::OtherCommit { .. }
            | Self::Snapshot { .. }
            | Self::ConfigMalformed { .. } => ExitCode::BadInput,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::GitHub(error) => error.why(),
            Self::NotStarted { source, .. } => source.why(),
            Self::NeedsToken
            | Self::OnPullRequest
            | Self::OtherCommit { .. }
            | Self::Snapshot { .. }
            | Self::TagElsewhere { .. }
            | Self::DraftElsewhere { .. }
            | Self::DraftTooLong { .. }
            | Self::UnknownCommit { .. }
            | Self::Cancelled { .. }
            | Self::ConfigMalformed { .. } => None,
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::ConfigMalformed { file, line: 0, .. } => Some(Location::file(file)),
            Self::ConfigMalformed { file, line, .. } => Some(Location::line(file, *line)),
            _ => None,
        }
    }
}
