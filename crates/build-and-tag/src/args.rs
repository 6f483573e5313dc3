//! What a user types: the inputs of the action and the flags of the command line.

use actions_core::{Alias, SecretInput};

use crate::published::IfExists;

/// Names of inputs that older workflows use.
pub(crate) const ALIASES: &[Alias] = &[Alias { name: "platform", of: "platforms" }];

/// The platform that is built for when none is named.
pub(crate) const DEFAULT_PLATFORM: &str = "linux/amd64";

/// Secrets for the build: each line an id and a value.
pub(crate) const SECRETS: SecretInput = SecretInput {
    name: "secrets",
    help: "Secrets for `RUN --mount=type=secret`, one `id=value` per line; quote a line with `\"` for a value of several lines.",
    default: "",
    variables: &[],
};

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
    /// Dockerfile, by its path from the working directory, not from `context`. Default: `Dockerfile` in the context.
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
    /// What builds the image. `auto` takes the embedded builder when the Dockerfile needs no RUN and names its base images by digest, else
    /// the first of buildx (where it can write an OCI layout), Docker and buildah that answers and can do what the other inputs ask for;
    /// log and summary say why.
    #[arg(long, value_enum, default_value = "auto", value_name = "BUILDER")]
    pub(crate) builder: BuilderChoice,
    /// Name of the buildx builder instance, as `docker buildx ls` lists it. Default: the current one.
    #[arg(long, value_name = "NAME")]
    pub(crate) buildx_builder: Option<String>,
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
    /// Platforms of the image, one per line or with commas between them. Several make an index of as many images. Default:
    /// `linux/amd64`.
    #[arg(long, value_name = "PLATFORMS")]
    pub(crate) platforms: Vec<String>,
    /// Annotations of the manifest, one `name=value` per line; in front of the name may stand `manifest:`, `index:`,
    /// `manifest-descriptor:` or `index-descriptor:`. The line `default` stands for what the labels say by default.
    #[arg(long, value_name = "ANNOTATIONS")]
    pub(crate) annotations: Vec<String>,
    /// Attach a provenance attestation: `true`, `false`, or parameters such as `mode=max`. It holds the time of the build,
    /// so no two builds have one digest. Needs buildx. Default: `false`.
    #[arg(long, value_name = "PROVENANCE")]
    pub(crate) provenance: Option<String>,
    /// Attach a software bill of materials: `true`, `false`, or parameters such as `generator=IMAGE`. Needs buildx.
    /// Default: `false`.
    #[arg(long, value_name = "SBOM")]
    pub(crate) sbom: Option<String>,
    /// Further attestations, one `type=...` per line. Needs buildx.
    #[arg(long, value_name = "ATTESTS")]
    pub(crate) attests: Vec<String>,
    /// The image is for AWS Lambda, which takes a single manifest: attestations are off, and there is one platform.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub(crate) lambda: bool,
    /// Secrets from environment variables, one `id=VARIABLE` per line.
    #[arg(long, value_name = "SECRETS")]
    pub(crate) secret_envs: Vec<String>,
    /// Secrets from files, one `id=FILE` per line.
    #[arg(long, value_name = "SECRETS")]
    pub(crate) secret_files: Vec<String>,
    /// SSH agent sockets or keys for the build, one `id[=PATH]` per line.
    #[arg(long, value_name = "SSH")]
    pub(crate) ssh: Vec<String>,
    /// A cache that is read and, but for pull requests, written: `registry:IMAGE`, `gha`, `gha:SCOPE` or `local:FOLDER`.
    #[arg(long, value_name = "CACHE")]
    pub(crate) cache: Option<String>,
    /// Caches to read, one per line, as buildx takes them: `type=registry,ref=IMAGE`.
    #[arg(long, value_name = "CACHES")]
    pub(crate) cache_from: Vec<String>,
    /// Caches to write, one per line, as buildx takes them: `type=registry,ref=IMAGE,mode=max`.
    #[arg(long, value_name = "CACHES")]
    pub(crate) cache_to: Vec<String>,
    /// Use no cached step.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub(crate) no_cache: bool,
    /// Stages whose cached steps are not used, one per line.
    #[arg(long, value_name = "STAGES")]
    pub(crate) no_cache_filters: Vec<String>,
    /// Pull base images even where they are on the machine.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub(crate) pull: bool,
    /// Network of the RUN instructions: `default`, `none` or `host`.
    #[arg(long, value_name = "NETWORK")]
    pub(crate) network: Option<String>,
    /// Names of hosts for the RUN instructions, one `name:address` per line.
    #[arg(long, value_name = "HOSTS")]
    pub(crate) add_hosts: Vec<String>,
    /// Size of `/dev/shm` for the RUN instructions: `2g`.
    #[arg(long, value_name = "SIZE")]
    pub(crate) shm_size: Option<String>,
    /// Limits for the RUN instructions, one `name=soft[:hard]` per line: `nofile=1024:4096`.
    #[arg(long, value_name = "LIMITS")]
    pub(crate) ulimit: Vec<String>,
    /// Control group above that of the RUN instructions.
    #[arg(long, value_name = "GROUP")]
    pub(crate) cgroup_parent: Option<String>,
    /// Privileges that RUN instructions may ask for, one per line: `network.host`, `security.insecure`. Needs buildx.
    #[arg(long, value_name = "PRIVILEGES")]
    pub(crate) allow: Vec<String>,
    /// Folder for the OCI layout. Default: `slipway/<image>` below the runner's temporary folder, else `.slipway/<image>`.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) output_folder: Option<String>,
    /// Name of the target in the bake file (output `bake-file`).
    #[arg(long, default_value = "docker-metadata-action", value_name = "NAME")]
    pub(crate) bake_target: String,
    /// How layers are compressed, by the embedded builder or buildx: `gzip`, which every registry and runtime takes, `zstd`, which is smaller
    /// and quicker and needs containerd 1.5 or Docker 23 (not AWS Lambda), or `none`. The embedded builder always makes the same bytes.
    #[arg(long, value_enum, default_value = "gzip", value_name = "COMPRESSION")]
    pub(crate) compression: CompressionChoice,
    /// Repository that the image will be pushed to, with its registry:
    /// `123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/backend`. It is asked, before anything is built, what it has under
    /// those tags that cannot move, by `mutable-tags` or by the rules of the repository in ECR. Empty: nothing is asked.
    #[arg(long, value_name = "REPOSITORY")]
    pub(crate) repository_uri: Option<String>,
    /// What becomes of the run when `repository-uri` has such a tag: `skip` builds nothing where the image's revision label
    /// names this commit, and fails where it names another; `fail` fails; `build` does not ask.
    #[arg(long, value_enum, default_value = "skip", value_name = "CHOICE")]
    pub(crate) if_exists: IfExists,
    /// The tags that may move to another image, one per line, `*` for any text; as in ecr-push, which takes them from the output
    /// `mutable-tags`. `none` lets no tag move. Default: `*-SNAPSHOT`, the tag of `snapshot-branch`, and `latest`.
    #[arg(long, value_name = "PATTERNS")]
    pub(crate) mutable_tags: Vec<String>,
    /// Date of the image in seconds since 1970. Default: `SOURCE_DATE_EPOCH`, else the commit's date, else 0.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) source_date_epoch: Option<String>,
    /// The shared AWS inputs, for registries of ECR.
    #[command(flatten)]
    pub(crate) aws: aws_client::AwsArgs,
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
    /// Embedded if the Dockerfile needs no RUN, else buildx, else docker, else buildah.
    Auto,
    /// `docker build`; needs a daemon.
    Docker,
    /// `docker buildx build`; needs BuildKit.
    Buildx,
    /// `buildah bud`; needs no daemon.
    Buildah,
    /// The builder in this binary; needs nothing and is byte-reproducible.
    Embedded,
}
