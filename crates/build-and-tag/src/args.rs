//! What a user types: the inputs of the action and the flags of the command line.

use crate::published::IfExists;

/// The inputs.
#[derive(Debug, Clone, clap::Args)]
// `--version` is the version of the project, an input, so the flag of that name that clap adds must go.
#[command(disable_version_flag = true)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are named like the inputs, and `build-args` is Docker's name"
)]
pub struct Args {
    /// Folder that is the build context.
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    pub(crate) context: String,
    /// Dockerfile. Default: `Dockerfile` in the context.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<String>,
    /// Name of the image, without a tag: `slipway/backend`.
    #[arg(long, required = true, value_name = "NAME")]
    pub(crate) image: Option<String>,
    /// Version of the project. The tags follow from it and from the branch.
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// Tags, one per line, in place of those that follow from version and branch.
    #[arg(long, value_name = "TAGS")]
    pub(crate) tags: Vec<String>,
    /// Branch that is built. Default: the run's branch; for a pull request its source branch, or `pr-<number>` where that
    /// is called like the stable or the snapshot branch; in a plain shell the branch that is checked out.
    #[arg(long, value_name = "BRANCH")]
    pub(crate) branch: Option<String>,
    /// Branch of stable versions, whose images get the tag `x.y.z`.
    #[arg(long, default_value = "main", value_name = "BRANCH")]
    pub(crate) stable_branch: String,
    /// Branch of snapshots, whose images get the tags `x.y.z-SNAPSHOT` and the branch's name.
    #[arg(long, default_value = "develop", value_name = "BRANCH")]
    pub(crate) snapshot_branch: String,
    /// Which images get the tag `latest`: `develop` (those of the snapshot branch), `stable` (the highest stable version,
    /// found among the repository's tags) or `none`.
    #[arg(long, default_value = "develop", value_name = "POLICY")]
    pub(crate) latest: String,
    /// What stands before the version in the name of a Git tag, for `latest: stable`. Give each project of a repository its
    /// own, for example `backend-v`.
    #[arg(long, default_value = "v", value_name = "TEXT")]
    pub(crate) tag_prefix: String,
    /// What builds the image. `auto` takes the embedded builder when the Dockerfile needs no RUN, else Docker when its
    /// daemon answers, else buildah.
    #[arg(long, value_enum, default_value = "auto", value_name = "BUILDER")]
    pub(crate) builder: BuilderChoice,
    /// Build arguments, one `NAME=value` per line. They end up in the image's history: never pass a secret.
    #[arg(long, value_name = "ARGS")]
    pub(crate) build_args: Vec<String>,
    /// Images that the Dockerfile's FROM and `COPY --from` may name, one `name=oci:FOLDER` per line: OCI layouts on disk.
    #[arg(long, value_name = "CONTEXTS")]
    pub(crate) build_contexts: Vec<String>,
    /// Labels, one `name=value` per line. They win over those of the Dockerfile and over those set by default.
    #[arg(long, value_name = "LABELS")]
    pub(crate) labels: Vec<String>,
    /// Stage to build. Default: the last one.
    #[arg(long, value_name = "STAGE")]
    pub(crate) target: Option<String>,
    /// Platform of the image.
    #[arg(long, default_value = "linux/amd64", value_name = "PLATFORM")]
    pub(crate) platform: String,
    /// Folder for the OCI layout. Default: `slipway/<image>` below the runner's temporary folder, else `.slipway/<image>`.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) output_folder: Option<String>,
    /// How the embedded builder compresses layers: `gzip`, which every registry and runtime takes, `zstd`, which is smaller
    /// and quicker and needs containerd 1.5 or Docker 23 (not AWS Lambda), or `none`. Always to the same bytes.
    #[arg(long, value_enum, default_value = "gzip", value_name = "COMPRESSION")]
    pub(crate) compression: CompressionChoice,
    /// Repository that the image will be pushed to, with its registry:
    /// `123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/backend`. It is asked, before anything is built, what it has under
    /// those tags that cannot move. Empty: nothing is asked.
    #[arg(long, value_name = "REPOSITORY")]
    pub(crate) repository_uri: Option<String>,
    /// What becomes of the run when `repository-uri` has such a tag: `skip` builds nothing where the image's revision label
    /// names this commit, and fails where it names another; `fail` fails; `build` does not ask.
    #[arg(long, value_enum, default_value = "skip", value_name = "CHOICE")]
    pub(crate) if_exists: IfExists,
    /// The tags that may move to another image, one per line, `*` for any text; as in ecr-push. `none` lets no tag move.
    #[arg(long, value_name = "PATTERNS", default_values = ["*-SNAPSHOT", "develop", "latest"])]
    pub(crate) mutable_tags: Vec<String>,
    /// Date of the image in seconds since 1970. Default: `SOURCE_DATE_EPOCH`, else the commit's date, else 0.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) source_date_epoch: Option<String>,
}

/// The compressions to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CompressionChoice {
    /// gzip.
    Gzip,
    /// zstd.
    Zstd,
    /// Plain tars.
    None,
}

/// The builders to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum BuilderChoice {
    /// Embedded if the Dockerfile needs no RUN, else docker, else buildah.
    Auto,
    /// `docker build`; needs a daemon.
    Docker,
    /// `buildah bud`; needs no daemon.
    Buildah,
    /// The builder in this binary; needs nothing and is byte-reproducible.
    Embedded,
}
