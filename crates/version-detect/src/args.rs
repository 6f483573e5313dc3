//! What can be typed.

/// The inputs of the action and the flags of the command line.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The folder of the project whose version is wanted.
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    pub(crate) working_directory: String,
    /// The file to read the version from, relative to `working-directory`. Needed only where a folder has several
    /// manifests with different versions, or one with a name of its own. By default these are looked for: `package.json`,
    /// `pom.xml`, `Cargo.toml`, `pyproject.toml`, `setup.cfg`, `setup.py`, `build.gradle`, `build.gradle.kts`,
    /// `gradle.properties`, `*.csproj`, `*.fsproj`, `*.vbproj`, `Directory.Build.props`, `Chart.yaml` and `VERSION`.
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<String>,
    /// A command that writes the version to its standard output, for a project whose files do not tell it, for example
    /// `hatch version`, `./gradlew -q properties --property version` or `mvn -q help:evaluate -Dexpression=project.version -DforceStdout`. It is started without a shell
    /// in `working-directory`, with the variables that tools need and no other ones: no secret, and none of the files that a step writes to.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) version_command: Option<String>,
    /// The names of further variables that `version-command` gets, one per line.
    #[arg(long, value_name = "NAMES")]
    pub(crate) version_command_env: Option<String>,
    /// How long `version-command` may take.
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub(crate) version_command_timeout: String,
    /// The configuration, relative to `working-directory`. By default the nearest `slipway.toml` from there up to the repository's
    /// root.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<String>,
    /// The component of `slipway.toml` that the outputs are about. By default all of them, or the one whose folder is
    /// `working-directory`.
    #[arg(long, value_name = "NAME")]
    pub(crate) component: Option<String>,
    /// The branch whose rules apply. By default the branch of the run; a pull request has the rules of no branch. With a branch it
    /// is stopped as that branch would stop it, and still publishes nothing.
    #[arg(long, value_name = "BRANCH")]
    pub(crate) branch: Option<String>,
    /// The branch of releases: its version must be stable, for example `1.0.0`. By default `main`, or what `slipway.toml` says.
    #[arg(long, value_name = "BRANCH")]
    pub(crate) stable_branch: Option<String>,
    /// The branch of development: its version must be a snapshot, for example `1.1.0-SNAPSHOT`. By default `develop`, or what
    /// `slipway.toml` says.
    #[arg(long, value_name = "BRANCH")]
    pub(crate) snapshot_branch: Option<String>,
    /// The branches on which older releases are corrected, as a filter pattern: `release/**`. Their versions must be stable and may be
    /// lower than the highest release. By default those that `slipway.toml` says.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) maintenance_branch: Option<String>,
    /// What a push is compared with: `last-success`, the commit of this workflow's last run on the branch that succeeded, so that what
    /// a failed or cancelled run left out is built by the next one; or the full hash of a commit. By default the branch before the push.
    /// Where that commit cannot be had, everything counts as changed; a hash that the repository does not have is an error. It is for
    /// components, and no pull request or tag is compared with it. `last-success` needs the permission `actions: read`.
    #[arg(long, value_name = "BASE")]
    pub(crate) base: Option<String>,
    /// Which images carry the tag `latest`: those of the snapshot branch, those of the highest stable version, or none.
    #[arg(long, value_enum, default_value = "develop", value_name = "WHICH")]
    pub(crate) latest: Latest,
    /// What stands before the version in the name of a Git tag. Give each project of a repository its own, for example
    /// `backend-v`. By default `v`, or what `slipway.toml` says. A version that is written with a `v` gets no second one.
    #[arg(long, value_name = "TEXT")]
    pub(crate) tag_prefix: Option<String>,
    /// Tag the commit with the version, on the stable branch only. A tag at the same commit is fine, one at another commit
    /// is an error; a tag is never moved. By default `false`.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) create_tag: Option<bool>,
    /// The message of an annotated tag, in which `{version}` and `{tag}` stand for those. Without a message the tag is a
    /// lightweight one, which is the commit's own.
    #[arg(long, value_name = "TEXT")]
    pub(crate) tag_message: Option<String>,
}

/// Which images carry `latest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Latest {
    /// Those of the snapshot branch.
    Develop,
    /// Those of the highest stable version.
    Stable,
    /// None.
    None,
}
