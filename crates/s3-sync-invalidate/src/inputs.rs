//! What the inputs mean.

mod mode;

use std::path::PathBuf;
use std::time::Duration;

use actions_core::{Context, InputErrors, Session, duration, lines, lines_or_commas};
use aws_client::AwsInputs;

use crate::args::Args;
use crate::bucket::{BucketName, DistributionId, Prefix};
use crate::clean_urls::CleanUrls;
use crate::compatible;
use crate::compress::{Coding, Compress};
use crate::content_type::Looks;
use crate::encoding::plain_name;
use crate::globs::{self, PathGlob, PathGlobs};
use crate::headers::Headers;
use crate::invalidation::{MOST_PATHS, Wanted, tags};
use crate::manifest::{HISTORY, ManifestPlace, Publisher};
use crate::max_delete::MaxDelete;
use crate::mode::Mode;
use crate::phase::Phase;
use crate::remote::HeaderCheck;
use crate::rules::{Encodings, Rules};
use crate::source::{LocalFile, Selection, SourceMaps, Symlinks};

use mode::Given;

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
    /// How a release gets to visitors.
    pub mode: Mode,
    /// What to do about objects that are not in the source.
    pub extraneous: Extraneous,
    /// Which of them may go.
    pub delete_scope: DeleteScope,
    /// How many releases before this one keep their assets.
    pub keep_releases: usize,
    /// How many of them may go at most.
    pub max_delete: MaxDelete,
    /// Where the manifest lies.
    pub manifest: ManifestPlace,
    /// Whether what the manifest says is taken for what is in the bucket.
    pub trust_manifest: bool,
    /// What is stored compressed.
    pub compress: Compress,
    /// Under which paths pages are stored.
    pub clean_urls: CleanUrls,
    /// What the files are published with.
    pub(crate) rules: Rules,
    /// Which files count.
    pub(crate) selection: Selection,
    /// Which headers are compared.
    pub header_check: HeaderCheck,
    /// What is invalidated.
    pub invalidation: Wanted,
    /// How many paths an invalidation may have.
    pub max_paths: usize,
    /// How many requests to S3 may run at the same time.
    pub concurrency: u32,
    /// How long to wait for the invalidations; `None` is not at all.
    pub wait: Option<Duration>,
    /// Who publishes.
    pub publisher: Publisher,
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

/// Which objects that are not in the source may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteScope {
    /// Those that the manifest knows: a publication put them there.
    Owned,
    /// All.
    All,
}

impl DeleteScope {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "owned" => Ok(Self::Owned),
            "all" => Ok(Self::All),
            _ => Err("not `owned` or `all`".to_owned()),
        }
    }
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
        let rules = Rules::parse(args, &mut bad);
        let compress = bad.required("compress", Some(&args.compress), Compress::parse);
        let is_off = rules.as_ref().is_some_and(|rules| rules.encodings == Encodings::Off);
        if is_off && compress.is_some_and(Compress::has_siblings) {
            bad.add(
                "compress",
                "compressed copies need `content-encoding: auto`, or nobody is told what the copies are",
                None,
            );
        }
        let symlinks = bad.required("symlinks", Some(&args.symlinks), Symlinks::parse);
        let clean_urls = bad.required("clean-urls", Some(&args.clean_urls), CleanUrls::parse);
        let delete = compatible::delete(args, &mut bad);
        compatible::refuse(args, &mut bad);
        let include = bad.list("include", &globs::lines_or_commas(&args.include), PathGlob::parse);
        let exclude = bad.list("exclude", &lines(&args.exclude), PathGlob::parse);
        let allow_sensitive = bad.list("allow-sensitive", &lines(&args.allow_sensitive), PathGlob::parse);
        let max_paths = bad.required("max-paths", Some(&args.max_paths), parse_max_paths);
        let max_delete = bad.required("max-delete", Some(&args.max_delete), MaxDelete::parse);
        let delete_scope = bad.required("delete-scope", Some(&args.delete_scope), DeleteScope::parse);
        let keep_releases = bad.required("keep-releases", Some(&args.keep_releases), parse_keep_releases);
        let manifest = parse_manifest(args.manifest.as_deref(), bucket.as_ref(), prefix.as_ref(), &mut bad);
        let mode = bad.required("mode", Some(&args.mode), |text| Mode::parse(text, args.adopt_origin_path));
        let (prefix_of, distributions_of) = (prefix.as_ref(), distributions.as_slice());
        let given =
            Given { mode: mode.unwrap_or_default(), prefix: prefix_of, distributions: distributions_of, delete };
        mode::refuse(args, &given, &mut bad);
        if delete {
            for problem in unsafe_deletes(args, prefix.as_ref(), delete_scope, &manifest) {
                bad.add("delete", problem.to_owned(), None);
            }
        }
        if args.trust_manifest && manifest == ManifestPlace::None {
            bad.add("trust-manifest", "there is no manifest to trust with `manifest: none`".to_owned(), None);
        }
        let concurrency = bad.required("concurrency", Some(&args.concurrency), parse_concurrency);
        let invalidation = wanted(args, &mut bad);
        let wait_timeout = bad.required("wait-timeout", Some(&args.wait_timeout), duration);
        let aws = AwsInputs::parse(&args.aws, &mut bad);
        bad.finish(|| {
            Some(Self {
                source: source?,
                bucket: bucket?,
                prefix: prefix.unwrap_or_default(),
                distributions: if invalidation == Wanted::None && !mode?.has_folders() {
                    Vec::new()
                } else {
                    distributions
                },
                mode: mode?,
                extraneous: extraneous(delete || mode?.has_folders(), args.allow_empty_source),
                delete_scope: delete_scope?,
                keep_releases: keep_releases?,
                max_delete: max_delete?,
                manifest,
                trust_manifest: args.trust_manifest,
                compress: compress?,
                clean_urls: clean_urls?,
                rules: rules?,
                selection: Selection {
                    include: PathGlobs::new(include),
                    exclude: PathGlobs::new(exclude),
                    allow_sensitive: PathGlobs::new(allow_sensitive),
                    symlinks: symlinks?,
                    source_maps: if args.allow_source_maps { SourceMaps::Publish } else { SourceMaps::Refuse },
                },
                header_check: if args.check_headers { HeaderCheck::All } else { HeaderCheck::WhereKnown },
                invalidation,
                max_paths: max_paths?,
                concurrency: concurrency?,
                wait: if args.wait { Some(wait_timeout?) } else { None },
                publisher: publisher(&session.context),
                aws: aws?,
            })
        })
    }

    /// The headers of the file that is stored at `path`, and when it goes.
    pub fn headers(&self, path: &str, file: &LocalFile) -> (Phase, Headers) {
        let (phase, mut headers) = match self.rules.redirects.get(path) {
            Some(to) => self.rules.of_redirect(path, to),
            None => self.rules.headers(file.name(path), file.looks),
        };
        if let Some(coding) = file.packing() {
            headers.content_encoding = Some(coding.encoding().as_str().to_owned());
        }
        self.with_tag((phase, headers))
    }

    /// The headers of an object at `path` whose file is not there, for each way that its file may have looked.
    pub(crate) fn possible_headers(&self, path: &str) -> impl Iterator<Item = (Phase, Headers)> {
        [Looks::Plain, Looks::Html].into_iter().flat_map(move |looks| {
            let (phase, plain) = self.with_tag(self.rules.headers(path, looks));
            let packed = |coding: Coding| {
                let content_encoding = Some(coding.encoding().as_str().to_owned());
                (phase, Headers { content_encoding, ..plain.clone() })
            };
            let packed = Coding::ALL.map(packed);
            [(phase, plain)].into_iter().chain(packed)
        })
    }

    /// The same headers with the cache tag of the phase, where tags are wanted.
    fn with_tag(&self, (phase, mut headers): (Phase, Headers)) -> (Phase, Headers) {
        if self.invalidation == Wanted::Tags {
            let tag = tags::tag(&self.bucket, &self.prefix, phase);
            let tags = headers.metadata.entry(tags::METADATA.to_owned()).or_default();
            *tags = if tags.is_empty() { tag } else { format!("{tags},{tag}") };
        }
        (phase, headers)
    }

    /// How many requests of a kind run at the same time of which S3 would take `most`.
    pub(crate) fn at_once(&self, most: usize) -> usize {
        most.min(self.concurrency as usize).max(1)
    }

    /// Whether the file that is stored at `path` does not count, under the names it may have in the source.
    pub fn is_skipped(&self, path: &str) -> bool {
        let selection = &self.selection;
        // A compressed copy counts where what it is a copy of does.
        let includes =
            |path: &str| selection.includes(path) || plain_name(path).is_some_and(|plain| selection.includes(plain));
        self.clean_urls.originals(path).any(|original| selection.exclude.contains(&original))
            || !self.clean_urls.originals(path).any(|original| includes(&original))
    }
}

/// Where the manifest lies.
pub(crate) fn parse_manifest(
    text: Option<&str>,
    bucket: Option<&BucketName>,
    prefix: Option<&Prefix>,
    bad: &mut InputErrors,
) -> ManifestPlace {
    let (Some(bucket), text @ Some(_)) = (bucket, text) else { return ManifestPlace::Default };
    let prefix = prefix.cloned().unwrap_or_default();
    bad.optional("manifest", text, |text| ManifestPlace::parse(text, bucket, &prefix)).unwrap_or_default()
}

/// What `invalidation` asks for.
pub(crate) fn parse_wanted(texts: &[String], bad: &mut InputErrors) -> Wanted {
    let words: Vec<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
    Wanted::parse(&words).unwrap_or_else(|problem| {
        bad.add("invalidation", format!("has a mistake: {problem}"), None);
        Wanted::None
    })
}

/// What `invalidation` and `invalidate` ask for together.
fn wanted(args: &Args, bad: &mut InputErrors) -> Wanted {
    let wanted = parse_wanted(&args.invalidation, bad);
    if args.invalidate || wanted == Wanted::None {
        return wanted;
    }
    if wanted != Wanted::Changed {
        let help = "leave `invalidate: false` out, or write `invalidation: none`";
        bad.add("invalidation", "asks for what `invalidate: false` turns off", Some(help.to_owned()));
    }
    Wanted::None
}

fn extraneous(delete: bool, allow_empty_source: bool) -> Extraneous {
    match (delete, allow_empty_source) {
        (false, _) => Extraneous::Keep,
        (true, false) => Extraneous::Delete,
        (true, true) => Extraneous::DeleteAll,
    }
}

fn parse_concurrency(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=1024).contains(number));
    number.ok_or_else(|| "not a number from 1 to 1024".to_owned())
}

/// What keeps `delete` from being safe, or from doing anything.
fn unsafe_deletes(
    args: &Args,
    prefix: Option<&Prefix>,
    scope: Option<DeleteScope>,
    manifest: &ManifestPlace,
) -> Vec<&'static str> {
    let whole_bucket = !args.allow_whole_bucket && prefix.is_none_or(Prefix::is_whole_bucket);
    let nothing_owned = scope == Some(DeleteScope::Owned) && *manifest == ManifestPlace::None;
    let problems = [
        (
            whole_bucket,
            "works on the whole bucket here, because there is no `prefix`; set one, or `allow-whole-bucket: true`",
        ),
        (
            nothing_owned,
            "would delete nothing: without a manifest no object is known to be the site's own; set `delete-scope: all`",
        ),
        (args.trust_manifest, "is not possible with `trust-manifest`, which does not look at what is in the bucket"),
    ];
    problems.into_iter().filter(|(applies, _)| *applies).map(|(_, problem)| problem).collect()
}

pub(crate) fn publisher(context: &Context) -> Publisher {
    let Context { repository, workflow, run_id, sha, job, .. } = context;
    let by = Publisher::new(repository.as_deref(), workflow.as_deref(), run_id.as_deref(), sha.as_deref());
    Publisher { job: job.clone(), ..by }
}

pub(crate) fn parse_keep_releases(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number <= HISTORY);
    number.ok_or_else(|| format!("not a number from 0 to {HISTORY}, which is how many releases are remembered"))
}

pub(crate) fn parse_max_paths(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=MOST_PATHS).contains(number))
        .ok_or_else(|| format!("not a number from 1 to {MOST_PATHS}, which is CloudFront's limit for one distribution"))
}
