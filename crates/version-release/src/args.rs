//! What can be typed.

/// The inputs of the action and the flags of the command line.
// `--version` is an input here.
#[derive(Debug, Clone, clap::Args)]
#[command(disable_version_flag = true)]
pub struct Args {
    /// The version that is released, for example the output `version` of `version-detect`. By default what stands behind `tag-prefix`
    /// in the tag.
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// The release's tag. By default `tag-prefix` and the version; in a run for a pushed tag, that tag. A tag that does not exist is
    /// created at the commit.
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// The full hash of the commit that is released. By default the commit of the run.
    #[arg(long, value_name = "SHA")]
    pub(crate) commit: Option<String>,
    /// The message of an annotated tag, in which `{version}` and `{tag}` stand for those; it counts where this step creates the tag.
    /// Without a message the tag is a lightweight one, which is the commit's own.
    #[arg(long, value_name = "TEXT")]
    pub(crate) tag_message: Option<String>,
    /// What stands before the version in the name of a Git tag. Give each project of a repository its own, for example
    /// `backend-v`: only tags that begin so are releases of it.
    #[arg(long, default_value = "v", value_name = "TEXT")]
    pub(crate) tag_prefix: String,
    /// The name of the project, where a repository has several; it stands in the release's title and in what is sent to workflows.
    #[arg(long, value_name = "NAME")]
    pub(crate) component: Option<String>,
    /// Files and folders of the project, one per line: only commits that touch them are in the notes. By default all commits are.
    #[arg(long, value_name = "PATHS")]
    pub(crate) paths: Vec<String>,
    /// The tag of the release before. By default the one of the highest version below this one.
    #[arg(long, value_name = "TAG")]
    pub(crate) previous_tag: Option<String>,
    /// The release's title. By default the component and the version, or the tag.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Make a draft, which only those see who may write, and which starts no workflow.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub(crate) draft: bool,
    /// Publish the draft that is there for the tag, with the text that it has. By default a draft is left to those who made it.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub(crate) publish_draft: bool,
    /// Whether the release is marked as not ready for production: `auto` marks versions such as `1.0.0-rc.1`.
    #[arg(long, value_enum, default_value = "auto", value_name = "WHICH")]
    pub(crate) prerelease: Choice,
    /// Whether the release becomes the repository's latest: `auto` makes it so when no higher stable version has a tag with the same
    /// prefix. Where a repository has several projects, choose for each.
    #[arg(long, value_enum, default_value = "auto", value_name = "WHICH")]
    pub(crate) make_latest: Choice,
    /// What is started behind the release, one per line: a workflow of this repository as `deploy.yml` or `deploy.yml@branch` (by default
    /// at the release's tag), or an event for any repository as `owner/name:event-type`. Both get `version`, `tag`, `sha` and, where
    /// there is one, `component`.
    #[arg(long, value_name = "TARGETS")]
    pub(crate) dispatch: Vec<String>,
    /// When that is started: for a `new` release only, or `always`, also for one that is there.
    #[arg(long, value_enum, default_value = "new", value_name = "WHEN")]
    pub(crate) dispatch_when: When,
}

/// A choice that can be left to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Choice {
    /// As the version says.
    Auto,
    /// Yes.
    True,
    /// No.
    False,
}

/// When workflows are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum When {
    /// Behind a release that was published just now.
    New,
    /// Each time.
    Always,
}
