//! What the inputs mean.

use std::path::PathBuf;

use actions_core::{InputErrors, Session, duration, lines_or_commas};
use aws_client::AwsInputs;

use crate::bucket::{BucketName, DistributionId, Prefix};
use crate::choices;
use crate::clean_urls::CleanUrls;
use crate::compress::Compress;
use crate::inputs::{
    DeleteScope, Extraneous, Inputs, parse_keep_releases, parse_manifest, parse_max_paths, parse_wanted, publisher,
};
use crate::invalidation::Wanted;
use crate::manifest::ManifestPlace;
use crate::max_delete::MaxDelete;
use crate::mode::Mode;
use crate::remote::HeaderCheck;
use crate::rules::Rules;
use crate::source::Selection;

use super::args::RollbackArgs;
use super::choice::To;

/// How many requests to S3 run at the same time at most.
const CONCURRENCY: u32 = 256;

/// The parsed inputs.
#[derive(Debug, Clone)]
pub struct RollbackInputs {
    /// Those of a publication to the same place, which a rollback is; its source is what the release had.
    pub publish: Inputs,
    /// Where to go back to.
    pub to: To,
}

impl RollbackInputs {
    /// Parses `args` and notes every bad field.
    pub(super) fn parse(args: &RollbackArgs, session: &Session) -> Result<Self, InputErrors> {
        let mut bad = InputErrors::new();
        let bucket = bad.required("bucket", args.bucket.as_deref(), BucketName::parse);
        let prefix = bad.optional("prefix", args.prefix.as_deref(), Prefix::parse);
        let mut distributions =
            bad.list("distribution-id", &lines_or_commas(&args.distribution_id), DistributionId::parse);
        distributions.sort();
        distributions.dedup();
        let to = bad.required("to", Some(&args.to), To::parse);
        let mode = bad.required("mode", Some(&args.mode), |text| Mode::parse(text, false));
        if mode.is_some_and(Mode::has_folders) && distributions.is_empty() {
            bad.add("distribution-id", "is needed with `mode: release-prefix`: it is what is switched back", None);
        }
        let keep_releases = bad.required("keep-releases", Some(&args.keep_releases), parse_keep_releases);
        let manifest = parse_manifest(args.manifest.as_deref(), bucket.as_ref(), prefix.as_ref(), &mut bad);
        if manifest == ManifestPlace::None {
            bad.add("manifest", "is where the releases are remembered, so a rollback needs one", None);
        }
        let encryption = choices::encryption(args.sse.as_deref(), args.kms_key_id.as_deref(), &mut bad);
        let invalidation = parse_wanted(&args.invalidation, &mut bad);
        if invalidation == Wanted::Tags {
            bad.add("invalidation", "is not possible by `tags` in a rollback, which invalidates paths", None);
        }
        let max_paths = bad.required("max-paths", Some(&args.max_paths), parse_max_paths);
        let wait_timeout = bad.required("wait-timeout", Some(&args.wait_timeout), duration);
        let aws = AwsInputs::parse(&args.aws, &mut bad);
        bad.finish(|| {
            let publish = Inputs {
                source: PathBuf::new(),
                bucket: bucket?,
                prefix: prefix.unwrap_or_default(),
                distributions: if invalidation == Wanted::None && !mode?.has_folders() {
                    Vec::new()
                } else {
                    distributions
                },
                mode: mode?,
                extraneous: Extraneous::Delete,
                delete_scope: DeleteScope::Owned,
                keep_releases: keep_releases?,
                max_delete: MaxDelete::default(),
                manifest,
                trust_manifest: false,
                compress: Compress::None,
                clean_urls: CleanUrls::Index,
                rules: Rules { encryption: encryption.ok()?, ..Rules::default() },
                selection: Selection::default(),
                header_check: HeaderCheck::WhereKnown,
                invalidation,
                max_paths: max_paths?,
                concurrency: CONCURRENCY,
                wait: if args.wait { Some(wait_timeout?) } else { None },
                publisher: publisher(&session.context),
                aws: aws?,
            };
            Some(Self { publish, to: to? })
        })
    }
}
