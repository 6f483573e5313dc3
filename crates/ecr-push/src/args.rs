//! What is typed.

use crate::gate::FailOn;
use crate::newest::MovingTags;
use crate::origin::ReferrerRule;

/// The inputs of `ecr-push`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// The image: `oci:FOLDER` (an OCI layout), `docker-archive:FILE` (what `docker save` writes), `docker-daemon:NAME`, or
    /// `docker://HOST/NAME:TAG` and `docker://HOST/NAME@DIGEST` (another registry; it is passed on without the disk). A plain path
    /// is taken for what it is. Where a layout or archive holds several images, `:TAG` behind the path chooses one. build-and-tag
    /// gives it as its output `source`.
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// The repository's name in ECR, for example `slipway/backend`; `public.ecr.aws/ALIAS/NAME` is one of the public registry.
    #[arg(long, value_name = "NAME")]
    pub repository: Option<String>,
    /// The tags, one per line, the version's own first. build-and-tag gives them as its output `tags`.
    #[arg(long, value_name = "TAGS")]
    pub tags: Vec<String>,
    /// Several images instead of `source`, `repository` and `tags`, as JSON: a list of objects with these three, `tags` as a list or as
    /// lines. What several of them have goes up once, and a conflict of any ends the run before anything is sent.
    #[arg(long, value_name = "JSON")]
    pub images: Option<String>,
    /// The registry that is written to.
    #[command(flatten)]
    pub target: TargetArgs,
    /// What an image has to show.
    #[command(flatten)]
    pub gate: GateArgs,
    /// The registry that is read from.
    #[command(flatten)]
    pub origin: OriginArgs,
    /// The shared AWS inputs.
    #[command(flatten)]
    pub aws: aws_client::AwsArgs,
}

/// The inputs about the registry that is written to.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct TargetArgs {
    /// The account that owns the registry, where it is not the account of the credentials.
    #[arg(long, value_name = "ACCOUNT")]
    pub registry_id: Option<String>,
    /// Create the repository when it is missing: tags immutable except `mutable-tags`, and as the inputs `repository-...` say. One that
    /// exists is left as it is.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub create_repository: bool,
    /// Whether images of a repository that is created are scanned when they are pushed (basic scanning; rules of the registry count
    /// more).
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "true", value_name = "BOOL")]
    pub repository_scan_on_push: bool,
    /// The key that a repository which is created is encrypted with: `aws/ecr` for the account's own, or the ARN of a key of KMS.
    /// Default: the registry's own encryption.
    #[arg(long, value_name = "KEY")]
    pub repository_kms_key: Option<String>,
    /// Tags of a repository that is created, `name=value`, one per line.
    #[arg(long, value_name = "TAGS")]
    pub repository_tags: Vec<String>,
    /// The lifecycle policy of a repository that is created, as JSON: which images go by themselves. A run that is stopped before it is
    /// written is continued by the next one; the policy of a repository that exists is left as it is.
    #[arg(long, value_name = "JSON")]
    pub repository_lifecycle_policy: Option<String>,
    /// The tags that may move to another image, one per line, `*` for any text. Every other tag is written once and never
    /// again. `none` lets no tag move.
    #[arg(long, value_name = "PATTERNS", default_values = ["*-SNAPSHOT", "develop", "latest"])]
    pub mutable_tags: Vec<String>,
    /// Where tags may move: `forward` keeps a tag such as `latest` from an image that is a stable version while the repository has a
    /// higher one (a tag such as `1` or `1.4`: a higher one that begins so); the tag stays, with a warning. `any` moves it back.
    #[arg(long, value_name = "RULE", value_enum, default_value = "forward", hide_possible_values = true)]
    pub moving_tags: MovingTags,
    /// Repositories of the same registry whose layers may be used again, one per line: the base image's, or those of other
    /// services with the same base. What they have is not uploaded. They are written as `repository` is.
    #[arg(long, value_name = "NAMES")]
    pub mount_from: Vec<String>,
}

/// The inputs about what an image has to show before it gets a tag.
#[expect(clippy::struct_excessive_bools, reason = "each is an input of its own")]
#[derive(Debug, Clone, Default, clap::Args)]
pub struct GateArgs {
    /// Wait for ECR's scan of the image, basic or enhanced, before any tag is written. An image with vulnerabilities of
    /// `fail-on-severity` or worse gets none.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub wait_for_scan: bool,
    /// Ask for a scan of an image that has none, as in a repository without scan on push, or one that is older than 24 hours (basic
    /// scanning). Enhanced scanning scans by itself.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub start_scan: bool,
    /// The severity from which on a vulnerability keeps tags back: `critical`, `high`, `medium`, `low`, `any` or `none`.
    #[arg(long, value_name = "SEVERITY", value_enum, default_value = "high", hide_possible_values = true)]
    pub fail_on_severity: FailOn,
    /// Vulnerabilities that do not count, such as `CVE-2026-1234`, one per line. Those that no scan finds are named, so that they can go.
    #[arg(long, value_name = "IDS")]
    pub ignore_vulnerabilities: Vec<String>,
    /// Whether vulnerabilities without a fix do not count. Basic scanning does not tell whether there is one: then they count.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub ignore_unfixed: bool,
    /// Wait for the signature that ECR makes of the image (managed signing) before any tag is written.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub wait_for_signature: bool,
    /// How long scan and signature are waited for.
    #[arg(long, value_name = "DURATION", default_value = crate::gate::TIMEOUT)]
    pub scan_timeout: String,
}

/// The inputs about a registry that is read from.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct OriginArgs {
    /// ARN of the role that reads the source's registry in ECR, where `role-to-assume` may not: mostly a role of the account that the
    /// image comes from. It is assumed as `role-to-assume` is.
    #[arg(long, value_name = "ARN")]
    pub source_role_to_assume: Option<String>,
    /// User of the source's registry, where that is none of ECR's; the password is the secret input `source-password`. Empty: nobody
    /// in particular.
    #[arg(long, value_name = "NAME")]
    pub source_username: Option<String>,
    /// What happens to signatures, attestations and bills of materials that refer to the image: `copy` takes them along where the
    /// registry takes them, `require` fails when there are none or one is refused, `none` leaves them.
    #[arg(long, value_name = "RULE", value_enum, default_value = "copy")]
    pub referrers: ReferrerRule,
}

/// The inputs of `ecr-promote`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct PromoteArgs {
    /// The image with its registry, `HOST/NAME@DIGEST` or `HOST/NAME:TAG`: the output `image-uri` of ecr-push. A tag is looked up once,
    /// and its digest is what is promoted.
    #[arg(long, value_name = "IMAGE", required = true)]
    pub image: Option<String>,
    /// The tags to add, one per line.
    #[arg(long, value_name = "TAGS", required = true)]
    pub tags: Vec<String>,
    /// The repository's name in the private registry that is written to, or `public.ecr.aws/ALIAS/NAME` for one of the public registry.
    /// Default: a private repository with the name that `image` has.
    #[arg(long, value_name = "NAME")]
    pub repository: Option<String>,
    /// The digest that the image must have, such as the one that was tested. Another one ends the run before anything is written.
    #[arg(long, value_name = "DIGEST")]
    pub expected_digest: Option<String>,
    /// Labels that every image must have, `name=value`, one per line, for example `org.opencontainers.image.revision=` and the commit
    /// that was tested.
    #[arg(long, value_name = "LABELS")]
    pub require_label: Vec<String>,
    /// The registry that is written to.
    #[command(flatten)]
    pub target: TargetArgs,
    /// What an image has to show.
    #[command(flatten)]
    pub gate: GateArgs,
    /// The registry that is read from.
    #[command(flatten)]
    pub origin: OriginArgs,
    /// The shared AWS inputs.
    #[command(flatten)]
    pub aws: aws_client::AwsArgs,
}
