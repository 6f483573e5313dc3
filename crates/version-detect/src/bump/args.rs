//! What can be typed.

/// The inputs of the action and the flags of the command line.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct BumpArgs {
    /// The version that was released; the next one follows it. Needed unless `next` is a version.
    #[arg(long, value_name = "VERSION")]
    pub(crate) released_version: Option<String>,
    /// Which version comes next: `next-patch`, `next-minor` or `next-major` of the released one as a snapshot, or a version as it is to be
    /// written.
    #[arg(long, default_value = "next-minor", value_name = "WHICH")]
    pub(crate) next: String,
    /// The branch of development, which is proposed to be changed.
    #[arg(long, default_value = "develop", value_name = "BRANCH")]
    pub(crate) snapshot_branch: String,
    /// The folder of the project in the repository.
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    pub(crate) working_directory: String,
    /// The file that holds the version, relative to `working-directory`. By default the known manifests are looked for.
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<String>,
    /// The name of the project, where a repository has several; it stands in the names of the branch and the pull request. One of
    /// `slipway.toml` says its folder and its manifest too.
    #[arg(long, value_name = "NAME")]
    pub(crate) component: Option<String>,
}
