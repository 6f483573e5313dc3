//! What the inputs mean.

use std::path::PathBuf;
use std::time::Duration;

use actions_core::{InputErrors, Session, duration, lines, lines_or_commas};
use aws_client::AwsInputs;

use crate::args::Args;
use crate::bucket::{BucketName, DistributionId, Prefix};
use crate::globs::{HeaderRule, HeaderRules, PathGlob, PathGlobs};
use crate::invalidation::MOST_PATHS;
use crate::phase::Phase;
use crate::remote::{HeaderCheck, Headers};
use crate::source::Selection;

/// The parsed inputs.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The folder to publish.
    pub source: PathBuf,
    /// Where to.
    pub bucket: BucketName,
    /// The folder inside the bucket.
    pub prefix: Prefix,
    /// The distributions in front of it, each once.
    pub distributions: Vec<DistributionId>,
    /// What to do about objects that are not in the source.
    pub extraneous: Extraneous,
    /// Cache-Control by glob.
    pub(crate) cache_control: HeaderRules,
    /// Content types by glob.
    pub(crate) content_type: HeaderRules,
    /// Which files count.
    pub(crate) selection: Selection,
    /// Which headers are compared.
    pub header_check: HeaderCheck,
    /// How many paths an invalidation may have.
    pub max_paths: usize,
    /// How long to wait for the invalidations; `None` is not at all.
    pub wait: Option<Duration>,
    /// The id of the workflow's run; a re-run keeps it.
    pub run_id: Option<String>,
    /// The shared AWS inputs.
    pub aws: AwsInputs,
}

/// What to do about objects that are not in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extraneous {
    /// They stay.
    Keep,
    /// They are deleted, unless the source is empty.
    Delete,
    /// They are deleted, also when nothing is left then.
    DeleteAll,
}

impl Inputs {
    /// Parses `args` and notes every bad field.
    pub(crate) fn parse(args: &Args, session: &Session) -> Result<Self, InputErrors> {
        let mut bad = InputErrors::new();
        let source = bad.required("source", args.source.as_deref(), |text| Ok::<_, String>(PathBuf::from(text)));
        let bucket = bad.required("bucket", args.bucket.as_deref(), BucketName::parse);
        let prefix = bad.optional("prefix", args.prefix.as_deref(), Prefix::parse);
        let mut distributions =
            bad.list("distribution-id", &lines_or_commas(&args.distribution_id), DistributionId::parse);
        distributions.sort();
        distributions.dedup();
        let cache_control = bad.list("cache-control", &lines(&args.cache_control), HeaderRule::parse);
        let content_type = bad.list("content-type", &lines(&args.content_type), HeaderRule::parse);
        let exclude = bad.list("exclude", &lines(&args.exclude), PathGlob::parse);
        let allow_sensitive = bad.list("allow-sensitive", &lines(&args.allow_sensitive), PathGlob::parse);
        let max_paths = bad.required("max-paths", Some(&args.max_paths), parse_max_paths);
        let wait_timeout = bad.required("wait-timeout", Some(&args.wait_timeout), duration);
        let aws = AwsInputs::parse(&args.aws, &mut bad);
        bad.finish(|| {
            Some(Self {
                source: source?,
                bucket: bucket?,
                prefix: prefix.unwrap_or_default(),
                distributions: if args.invalidate { distributions } else { Vec::new() },
                extraneous: extraneous(args),
                cache_control: HeaderRules::new(cache_control),
                content_type: HeaderRules::new(content_type),
                selection: Selection {
                    exclude: PathGlobs::new(exclude),
                    allow_sensitive: PathGlobs::new(allow_sensitive),
                },
                header_check: if args.check_headers { HeaderCheck::All } else { HeaderCheck::WhereKnown },
                max_paths: max_paths?,
                wait: if args.wait { Some(wait_timeout?) } else { None },
                run_id: session.context.run_id.clone(),
                aws: aws?,
            })
        })
    }

    /// The headers that the file `path` is published with.
    pub fn headers(&self, path: &str, looks: crate::content_type::Looks) -> (Phase, Headers) {
        let content_type =
            self.content_type.value(path).map_or_else(|| crate::content_type::content_type(path, looks), str::to_owned);
        let phase = Phase::of(path, &content_type);
        let cache_control = self.cache_control.value(path).unwrap_or_else(|| phase.cache_control()).to_owned();
        (phase, Headers { content_type, cache_control })
    }
}

fn extraneous(args: &Args) -> Extraneous {
    match (args.delete, args.allow_empty_source) {
        (false, _) => Extraneous::Keep,
        (true, false) => Extraneous::Delete,
        (true, true) => Extraneous::DeleteAll,
    }
}

fn parse_max_paths(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=MOST_PATHS).contains(number))
        .ok_or_else(|| format!("not a number from 1 to {MOST_PATHS}, which is CloudFront's limit for one distribution"))
}
