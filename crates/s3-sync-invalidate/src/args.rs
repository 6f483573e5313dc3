//! What can be typed: the action's inputs and the command line's flags.

mod compatible;

use actions_core::Alias;

pub use compatible::CompatibleArgs;

/// Names that other actions have for the same inputs.
pub(crate) const ALIASES: &[Alias] = &[
    Alias { name: "folder", of: "source" },
    Alias { name: "source-dir", of: "source" },
    Alias { name: "dest-dir", of: "prefix" },
    Alias { name: "bucket-region", of: "aws-region" },
    Alias { name: "distribution-ids", of: "distribution-id" },
    Alias { name: "distribution", of: "distribution-id" },
    Alias { name: "dist-id", of: "distribution-id" },
    Alias { name: "files-to-include", of: "include" },
    Alias { name: "paths", of: "invalidation" },
];

/// The inputs of `s3-sync-invalidate`.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an input of its own, true or false as a workflow writes it")]
pub struct Args {
    /// Folder with the built site. Its content goes to the bucket, the folder's own name does not.
    #[arg(long, value_name = "FOLDER", required = true)]
    pub source: Option<String>,
    /// Name of the bucket, without `s3://`.
    #[arg(long, value_name = "NAME", required = true)]
    pub bucket: Option<String>,
    /// Folder inside the bucket, for example `site`. Only keys below `site/` are read, written or deleted. Default: the
    /// whole bucket.
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// Ids of the CloudFront distributions in front of the bucket, one per line. Empty: nothing is invalidated.
    #[arg(long, value_name = "IDS")]
    pub distribution_id: Vec<String>,
    /// How a release gets to visitors. `in-place`: its objects take the place of those that are there. `release-prefix`: its
    /// objects lie in a folder of their own, `releases/` and its id below the prefix, and the origin path of the distributions is
    /// switched to it in one step.
    #[arg(long, value_name = "in-place|release-prefix", default_value = "in-place")]
    pub mode: String,
    /// With `mode: release-prefix`: also switch a distribution whose origin path is the prefix itself, as before the first such
    /// release. Without it that is refused.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub adopt_origin_path: bool,
    /// Delete the objects below the prefix that are not in the source. They go last, after everything was uploaded. Default:
    /// `false`.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub delete: Option<bool>,
    /// Let `delete` remove the site itself. Without it a source is refused that holds no file, that lacks the `index.html`
    /// the bucket has at the top, or that shares no file with the many objects there: the source, the bucket or the prefix
    /// is most likely the wrong one.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub allow_empty_source: bool,
    /// Let `delete` work on the whole bucket. Without it `delete` needs a `prefix`.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub allow_whole_bucket: bool,
    /// Which objects `delete` may remove: `owned` are those that the manifest knows because a publication put them there, `all` are
    /// all below the prefix.
    #[arg(long, value_name = "SCOPE", default_value = "owned")]
    pub delete_scope: String,
    /// How many releases before this one keep their assets, from 0 to 20, so that pages which visitors have open still work.
    /// HTML and other entry points are deleted at once. With `mode: release-prefix` also how many releases stay to go back to; one
    /// does in any case.
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    pub keep_releases: String,
    /// What `delete` may remove at most: a number of objects, a percentage, or both as `1000,50%`. Beyond either one the run is
    /// refused before anything changes. The percentage is of the objects below the prefix whose names carry no content hash,
    /// because bundlers rename those with every build, and counts from 20 of them on.
    #[arg(long, value_name = "LIMIT", default_value = "1000,50%")]
    pub max_delete: String,
    /// Cache-Control by glob, one `glob: value` per line; the first match wins. A glob without a slash matches the file's
    /// name in any folder. Default for the rest: a year and immutable for file names with a content hash, `no-cache` for
    /// HTML and entry points (service workers such as `sw.js` too), five minutes for the others. A hash in a name is
    /// believed when the file is published for the first time; only a later change shows that it promised too much.
    #[arg(long, value_name = "RULES")]
    pub cache_control: Vec<String>,
    /// Content-Type by glob, one `glob: value` per line; the first match wins. Default: by the file's extension.
    #[arg(long, value_name = "RULES")]
    pub content_type: Vec<String>,
    /// Whether Content-Encoding is found out. `auto`: files that hold the bytes of gzip or Zstandard get it (`app.js`), and so do
    /// copies beside a file that browsers load (`app.js.gz`, `app.js.br`), which get that file's type; archives and other
    /// downloads (`site.tar.gz`, `data.csv.gz`) do not. `off`: never.
    #[arg(long, value_name = "auto|off", default_value = "auto")]
    pub content_encoding: String,
    /// Content-Disposition by glob, one `glob: value` per line, for example `downloads/**: attachment`; the first match wins.
    #[arg(long, value_name = "RULES")]
    pub content_disposition: Vec<String>,
    /// Content-Language by glob, one `glob: value` per line, for example `de/**: de`; the first match wins.
    #[arg(long, value_name = "RULES")]
    pub content_language: Vec<String>,
    /// User metadata (`x-amz-meta-...`), one `name=value` per line, or `glob: name=value` for some files. All rules that match a
    /// file count; of several for one name the first does.
    #[arg(long, value_name = "RULES")]
    pub metadata: Vec<String>,
    /// Tags of the objects, written like `metadata`. Needs `s3:PutObjectTagging`.
    #[arg(long, value_name = "RULES")]
    pub tags: Vec<String>,
    /// Paths that lead elsewhere, one `from: to` per line, for example `/old.html: /new.html`; a folder (`/old/`) means its
    /// `index.html`. They become empty objects with `x-amz-website-redirect-location`, which only the bucket's website
    /// endpoint follows.
    #[arg(long, value_name = "REDIRECTS")]
    pub redirects: Vec<String>,
    /// Storage class of the objects: a value for all, or `glob: value` lines. `STANDARD`, `STANDARD_IA`, `ONEZONE_IA`,
    /// `INTELLIGENT_TIERING`, `GLACIER_IR` or `REDUCED_REDUNDANCY`. Default: none is asked for.
    #[arg(long, value_name = "CLASS")]
    pub storage_class: Vec<String>,
    /// Encryption of the objects: `AES256`, `aws:kms` or `aws:kms:dsse`. Default: the bucket's own.
    #[arg(long, value_name = "METHOD")]
    pub sse: Option<String>,
    /// Key for `aws:kms` and `aws:kms:dsse`: its id, its ARN or an alias. Default: the account's key for S3.
    #[arg(long, value_name = "KEY")]
    pub kms_key_id: Option<String>,
    /// Canned ACL of the objects, such as `public-read`: a value for all, or `glob: value` lines. Default: none is sent, as most
    /// buckets have ACLs disabled and take none. Needs `s3:PutObjectAcl`.
    #[arg(long, value_name = "ACL")]
    pub acl: Vec<String>,
    /// What is stored compressed, of text of 1 KiB to 16 MiB that gets at least 5 % smaller. `none`. `gzip` or `brotli`: the files
    /// themselves, with `Content-Encoding`; CloudFront passes them on as they are, to clients that cannot read them too.
    /// `gzip-siblings`, `brotli-siblings` or both: a copy beside each (`app.js.gz`, `app.js.br`), for a function of CloudFront to
    /// choose.
    #[arg(long, value_name = "CODING", default_value = "none")]
    pub compress: String,
    /// How pages are stored. `index`: under their own names. `extensionless`: `about.html` as `about`. `slash`: `docs/index.html`
    /// as `docs/`, so that a folder's address works without the bucket's website endpoint. Start and error pages (`index.html`,
    /// `404.html`) keep their names.
    #[arg(long, value_name = "index|extensionless|slash", default_value = "index")]
    pub clean_urls: String,
    /// Globs of the files that count, one per line or separated by commas; all others are neither uploaded nor deleted. A glob
    /// that matches a folder takes what is in it. Default: all files.
    #[arg(long, value_name = "GLOBS")]
    pub include: Vec<String>,
    /// Globs of files that are neither uploaded nor deleted, one per line. A glob that matches a folder takes what is in it.
    #[arg(long, value_name = "GLOBS")]
    pub exclude: Vec<String>,
    /// Globs of files to publish although they look like secrets (`.git`, `.env*`, private keys), one per line.
    #[arg(long, value_name = "GLOBS")]
    pub allow_sensitive: Vec<String>,
    /// Publish source maps (`*.map`), which hold the code as it was written. Without it a source with one is refused;
    /// `allow-sensitive` lets single ones through.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub allow_source_maps: bool,
    /// What is done with symbolic links. `inside`: those that stay inside the source are followed, any other is refused.
    /// `follow`: all are followed, wherever they lead. `refuse`: none may be there. `skip`: they are left out.
    #[arg(long, value_name = "inside|follow|refuse|skip", default_value = "inside")]
    pub symlinks: String,
    /// Where the manifest lies, which remembers what was published with which headers: a folder of the bucket outside of the site,
    /// `s3://BUCKET/FOLDER`, or `none`. Default: a folder below `.slipway/` at the bucket's root in whose name is a hash of the
    /// account's id, so that nobody guesses it who does not know the account; with another endpoint than AWS's it can be guessed.
    #[arg(long, value_name = "FOLDER")]
    pub manifest: Option<String>,
    /// Take what the manifest says for what is in the bucket, and do not list it. What others wrote, changed or deleted there goes
    /// unnoticed; not possible with `delete`, and without effect without a distribution.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub trust_manifest: bool,
    /// Compare the headers of unchanged objects too that the manifest does not know, at one HEAD request each.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub check_headers: bool,
    /// Invalidate the changed paths in the distributions.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "true", value_name = "BOOL")]
    pub invalidate: bool,
    /// What is invalidated once something changed that a cache may hold. `auto`: the changed paths. `all`: everything, which is
    /// one path. `none`: nothing. `tags`: as `auto`, and objects get a cache tag for all pages or for all other files,
    /// which takes the place of their paths where that takes no more along. Or paths such as `/about` or `/api/*`, apart by spaces or lines: these and the changed ones,
    /// for what a function of yours shows under names of its own. Default: `auto`.
    #[arg(long, value_name = "PATHS")]
    pub invalidation: Vec<String>,
    /// Number of paths of one invalidation, from 1 to 3000. When more changed, wildcards are written that take few others along.
    #[arg(long, value_name = "NUMBER", default_value = "100")]
    pub max_paths: String,
    /// Number of requests to S3 at the same time at most, from 1 to 1024. Fewer uploads, copies and looks run where S3
    /// asks for fewer.
    #[arg(long, value_name = "NUMBER", default_value = "256")]
    pub concurrency: String,
    /// Wait until the invalidations are completed.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub wait: bool,
    /// How long to wait for the invalidations. Running out of it is a warning, because CloudFront completes them anyway.
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub wait_timeout: String,
    /// Inputs of other actions.
    #[command(flatten)]
    pub compatible: CompatibleArgs,
    /// The shared AWS inputs.
    #[command(flatten)]
    pub aws: aws_client::AwsArgs,
}
