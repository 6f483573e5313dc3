//! What the inputs mean: domain types, every bad one reported at once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use actions_core::{InputErrors, Session};
use aws_client::AwsInputs;
use ecr::{REGISTRY_OVERRIDE, Wildcard};
use git_repository::branch_name;
use image_ref::{ImageReference, ImageTag, LatestPolicy, pull_branch};
use oci_image::{Compression, Platform};
use oci_registry::Endpoint;
use project_version::{Family, ProjectVersion};
use semver::Version;

use crate::args::{Args, BuilderChoice, CompressionChoice, DEFAULT_PLATFORM};
use crate::logins::helper;
use crate::options::Options;
use crate::published::{Destination, IfExists};

/// The most platforms of an image; Docker's largest official images have nine.
const MOST_PLATFORMS: usize = 32;

/// So much is shown of a text that is refused.
const SHOWN: usize = 120;

/// What a version is.
const VERSION_HELP: &str = "write a version such as `1.0.0` or `1.1.0-SNAPSHOT` (Python: `1.1.0.dev0`), or give the tags themselves with `tags`";

/// The parsed inputs.
#[derive(Debug, Clone)]
pub struct Inputs {
    pub(crate) context: PathBuf,
    pub(crate) file: PathBuf,
    /// The Dockerfile's path for annotations.
    pub(crate) file_shown: String,
    pub(crate) image: ImageReference,
    pub(crate) tagging: Tagging,
    pub(crate) builder: BuilderChoice,
    pub(crate) build_args: BTreeMap<String, String>,
    pub(crate) build_contexts: BTreeMap<String, PathBuf>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) target: Option<String>,
    /// Never empty.
    pub(crate) platforms: Vec<Platform>,
    /// What is asked of the builder besides.
    pub(crate) options: Options,
    pub(crate) compression: Compression,
    /// The tags that may move to another image.
    pub(crate) mutable: Vec<Wildcard>,
    /// The repository to ask before the build.
    pub(crate) destination: Option<Destination>,
    pub(crate) output: PathBuf,
    /// The folder of all default outputs, and the output: never part of the context.
    pub(crate) hidden: [PathBuf; 2],
    /// The target in the bake file.
    pub(crate) bake_target: String,
    /// Where the bake file goes.
    pub(crate) bake_file: PathBuf,
    pub(crate) epoch: Option<i64>,
    pub(crate) version: Option<String>,
    /// Who asks AWS, where a registry of ECR is named.
    pub(crate) aws: AwsInputs,
    /// Where the registries of ECR answer instead, on this machine.
    pub(crate) registry_override: Option<Endpoint>,
    /// The commit of the run, for where git cannot tell.
    pub(crate) sha: Option<String>,
    /// The repository's web page.
    pub(crate) source: Option<String>,
}

/// Where the tags come from.
#[derive(Debug, Clone)]
pub(crate) enum Tagging {
    /// They were given.
    Given(Vec<GivenTag>),
    /// They follow from version and branch.
    Rules {
        version: Version,
        branch: BuiltBranch,
        stable_branch: String,
        snapshot_branch: String,
        latest: LatestPolicy,
        tag_prefix: String,
    },
}

/// A tag that was given, and what it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenTag {
    pub(crate) tag: ImageTag,
    pub(crate) written: String,
}

/// The branch that is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuiltBranch {
    /// It was named, or the run is about it.
    Named(String),
    /// The run is about no branch, but about this ref.
    Other(String),
    /// The one that is checked out.
    CheckedOut,
}

impl Inputs {
    /// Parses what was typed.
    pub(crate) fn parse(args: &Args, session: &Session) -> Result<Self, InputErrors> {
        let mut bad = InputErrors::new();
        let image = bad.required("image", args.image.as_deref(), image_name);
        let tagging = tagging(args, session, &mut bad);
        let platforms = platforms(args, &mut bad);
        let options = Options::parse(args, session, &mut bad);
        let build_args = pairs("build-args", &args.build_args, &mut bad);
        if build_args.contains_key(helper::VARIABLE) {
            let help = "choose another name: what has this one in the builder's environment is a password".to_owned();
            bad.add("build-args", format!("names `{}`", helper::VARIABLE), Some(help));
        }
        let labels = pairs("labels", &args.labels, &mut bad);
        let build_contexts = layouts(&args.build_contexts, &mut bad);
        let epoch = args.source_date_epoch.as_deref().or_else(|| session.environment.get("SOURCE_DATE_EPOCH"));
        let epoch = bad.optional("source-date-epoch", epoch, seconds);
        let compression = match args.compression {
            CompressionChoice::Gzip => Compression::Gzip,
            CompressionChoice::Zstd => Compression::Zstd,
            CompressionChoice::None => Compression::Keep,
        };
        fits_lambda(&options, &platforms, compression, &mut bad);
        fits_index(&options, &platforms, &mut bad);
        let mutable = mutable(args, &mut bad);
        let destination = destination(args, &mutable, &mut bad);
        let aws = AwsInputs::parse(&args.aws, &mut bad);
        let registry_override =
            bad.optional(REGISTRY_OVERRIDE, session.environment.get(REGISTRY_OVERRIDE), ecr::loopback);
        let bake_target = bad.required("bake-target", Some(&args.bake_target), target_name);
        let context = PathBuf::from(&args.context);
        let file = args.file.as_ref().map_or_else(|| context.join("Dockerfile"), PathBuf::from);
        let repository = session.context.repository.as_ref();
        bad.finish(|| {
            let image = image?;
            let own = || outputs(session).join(image.repository.as_str());
            let output = args.output_folder.as_ref().map_or_else(own, PathBuf::from);
            Some(Self {
                file_shown: session.annotation_path(&file),
                hidden: [outputs(session), output.clone()],
                bake_target: bake_target?,
                bake_file: outputs(session).join(format!("{}.bake.json", image.repository)),
                output,
                context,
                file,
                image,
                tagging: tagging?,
                builder: args.builder,
                build_args,
                build_contexts,
                labels,
                target: args.target.clone(),
                platforms,
                options,
                compression,
                mutable,
                destination,
                epoch,
                version: given(args.version.as_deref()).map(str::to_owned),
                aws: aws?,
                registry_override,
                sha: session.context.sha.clone(),
                source: repository.map(|name| format!("{}/{name}", session.context.server_url)),
            })
        })
    }
}

impl Inputs {
    /// The repository that is asked before the build.
    pub(crate) fn asked(&self) -> Option<&Destination> {
        self.destination.as_ref().filter(|own| own.if_exists != IfExists::Build)
    }
}

/// The platforms, each once.
fn platforms(args: &Args, bad: &mut InputErrors) -> Vec<Platform> {
    let mut given = actions_core::lines_or_commas(&args.platforms);
    if given.is_empty() {
        given.push(DEFAULT_PLATFORM.to_owned());
    }
    let mut platforms: Vec<Platform> = Vec::new();
    for platform in bad.list("platforms", &given, platform) {
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    if platforms.len() > MOST_PLATFORMS {
        bad.add("platforms", format!("names more than {MOST_PLATFORMS}"), None);
    }
    platforms
}

/// The architectures that images are for, by Go's names (<https://go.dev/doc/install/source#environment>).
const ARCHITECTURES: &[&str] = &[
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
    "s390x", "wasm",
];

/// A platform. A name that is nearly the one of an architecture is a mistake: the image would run nowhere.
fn platform(text: &str) -> Result<Platform, String> {
    let platform = Platform::parse(text).map_err(|problem| problem.to_string())?;
    let own = platform.architecture.as_str();
    if ARCHITECTURES.contains(&own) {
        return Ok(platform);
    }
    let meant = match own {
        "x86_64" | "x86-64" => Some("amd64"),
        "aarch64" => Some("arm64"),
        _ => ARCHITECTURES.iter().copied().find(|known| strsim::damerau_levenshtein(known, own) == 1),
    };
    meant
        .map_or(Ok(platform.clone()), |meant| Err(format!("there is no architecture `{own}`; did you mean `{meant}`?")))
}

/// Lambda takes one manifest with gzip'd layers (<https://docs.aws.amazon.com/lambda/latest/dg/images-create.html>).
fn fits_lambda(options: &Options, platforms: &[Platform], compression: Compression, bad: &mut InputErrors) {
    if !options.lambda {
        return;
    }
    if platforms.len() > 1 {
        let help = "build one image for each architecture, each in a step of its own".to_owned();
        bad.add("platforms", "names several, and AWS Lambda takes an image of one", Some(help));
    }
    if compression == Compression::Zstd {
        bad.add("compression", "is `zstd`, which AWS Lambda does not take", Some("leave it out".to_owned()));
    }
}

/// An annotation of an index needs one: several platforms, or an attestation beside the image.
fn fits_index(options: &Options, platforms: &[Platform], bad: &mut InputErrors) {
    if options.annotations.need_index() && platforms.len() == 1 && options.attestations.is_empty() {
        let help = "put it on the `manifest`, or build several `platforms`".to_owned();
        bad.add("annotations", "names the index, and an image of one platform has none", Some(help));
    }
}

fn tagging(args: &Args, session: &Session, bad: &mut InputErrors) -> Option<Tagging> {
    let latest = bad.required("latest", Some(&args.latest), LatestPolicy::parse);
    let branch = bad.optional("branch", args.branch.as_deref(), branch_name);
    let stable_branch = bad.required("stable-branch", Some(&args.stable_branch), branch_name);
    let snapshot_branch = bad.required("snapshot-branch", Some(&args.snapshot_branch), branch_name);
    let tag_prefix = bad.optional("tag-prefix", Some(&args.tag_prefix), git_repository::tag_prefix);
    let version = version(args, bad);
    let tags = actions_core::lines(&args.tags);
    if !tags.is_empty() {
        return Some(Tagging::Given(given_tags(&tags, bad)));
    }
    Some(Tagging::Rules {
        version: semantic(args, version, bad)?,
        branch: branch.map_or_else(|| branch_of(args, session), BuiltBranch::Named),
        stable_branch: stable_branch?,
        snapshot_branch: snapshot_branch?,
        latest: latest?,
        tag_prefix: tag_prefix.unwrap_or_default(),
    })
}

/// What is given and not empty: a variable of the shell that is not set leaves an empty text.
fn given(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}

/// What stands in no tag and in hardly a branch's name, and in the texts that other actions take for several tags.
const FOREIGN: &[char] = &[',', '=', '{', '}', '[', ']', '"', '\'', ' ', '\t'];

/// Tags, or texts that become some; other actions' ways to write several are mistakes.
fn given_tags(tags: &[String], bad: &mut InputErrors) -> Vec<GivenTag> {
    let parsed = tags.iter().map(|text| (text, given_tag(text)));
    let (good, wrong): (Vec<_>, Vec<_>) = parsed.partition(|(_, tag)| tag.is_ok());
    let problems: Vec<String> =
        wrong.into_iter().filter_map(|(text, tag)| Some(format!("`{}`: {}", shown(text), tag.err()?))).collect();
    if !problems.is_empty() {
        let help = if tags.iter().any(|text| text.starts_with("type=")) {
            "leave `tags` out: they follow from `version` and the branch; or write them as they shall be, one per line"
        } else {
            "write one tag per line, without quotes"
        };
        bad.add("tags", format!("has {}", problems.join("; ")), Some(help.to_owned()));
    }
    good.into_iter().filter_map(|(_, tag)| tag.ok()).collect()
}

/// A text from outside on one line, not too long.
fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).map(|c| if c.is_control() { '?' } else { c }).collect();
    short.push_str(if short.len() < text.len() { "..." } else { "" });
    short
}

/// A tag, or a text that becomes one; the name of an image with its tag is a mistake.
fn given_tag(text: &str) -> Result<GivenTag, String> {
    if let Some(foreign) = text.chars().find(|c| FOREIGN.contains(c)) {
        return Err(format!("no tag has a `{foreign}`"));
    }
    if text.contains([':', '@']) {
        let problem = "is the name of an image; `tags` are what stands behind its `:`, and `image` is in front";
        return Err(problem.to_owned());
    }
    Ok(GivenTag { tag: ImageTag::of_given(text), written: text.to_owned() })
}

/// The run's branch, of a pull request the one whose rules it has; in a plain shell only Git knows.
fn branch_of(args: &Args, session: &Session) -> BuiltBranch {
    let context = &session.context;
    if let Some(head) = &context.head_ref {
        let number = context.pull_request().ok().flatten();
        return BuiltBranch::Named(pull_branch(number, head, &args.stable_branch, &args.snapshot_branch));
    }
    match (context.branch(), &context.git_ref) {
        (Some(branch), _) => BuiltBranch::Named(branch.to_owned()),
        (None, Some(full)) => BuiltBranch::Other(full.clone()),
        (None, None) => BuiltBranch::CheckedOut,
    }
}

/// The version as its project writes it, whatever the ecosystem.
fn version(args: &Args, bad: &mut InputErrors) -> Option<ProjectVersion> {
    let text = given(args.version.as_deref())?;
    let parsed = ProjectVersion::parse_in(Family::Either, text, &[]);
    let noted =
        parsed.map_err(|why| bad.add("version", format!("is `{}`: {why}", shown(text)), Some(VERSION_HELP.to_owned())));
    noted.ok()
}

/// The semantic version that stands for it, from which tags can follow.
fn semantic(args: &Args, version: Option<ProjectVersion>, bad: &mut InputErrors) -> Option<Version> {
    if given(args.version.as_deref()).is_none() {
        let help = "set `version` (version-detect has it as an output), or `tags`".to_owned();
        bad.add("version", "is missing", Some(help));
    }
    let version = version?;
    let semantic = version.semantic().cloned();
    if semantic.is_none() {
        let text = version.as_str();
        let core = version.core();
        let numbers = text.trim_start_matches(['v', 'V']);
        let help = if numbers != text && Version::parse(numbers).is_ok() {
            format!("write `{numbers}`: a `v` is part of a Git tag, and of no version")
        } else if text.starts_with(&format!("{}.", core.major)) || text == core.major.to_string() {
            format!("write three numbers (`{core}`), or give the tags themselves with `tags`")
        } else {
            VERSION_HELP.to_owned()
        };
        let problem = format!("is `{text}`, and tags follow only from a version like `1.0.0` or `1.1.0-SNAPSHOT`");
        bad.add("version", problem, Some(help));
    }
    semantic
}

fn image_name(text: &str) -> Result<ImageReference, String> {
    let image = ImageReference::parse(text).map_err(|error| error.to_string())?;
    if image.tag.is_some() || image.digest.is_some() {
        return Err("an image's name has no tag and no digest; tags go into `tags`".to_owned());
    }
    Ok(image)
}

/// The tags that may move: those that are named, else those that the rules move.
fn mutable(args: &Args, bad: &mut InputErrors) -> Vec<Wildcard> {
    let mut named = actions_core::lines_or_commas(&args.mutable_tags);
    if named.is_empty() {
        let moving = ImageTag::sanitize(&args.snapshot_branch).as_str().to_owned();
        named = vec!["*-SNAPSHOT".to_owned(), moving, "latest".to_owned()];
    }
    match named.as_slice() {
        [only] if only == "none" => Vec::new(),
        named => bad.list("mutable-tags", named, Wildcard::parse),
    }
}

/// The repository to ask, and the tags it is asked about.
fn destination(args: &Args, mutable: &[Wildcard], bad: &mut InputErrors) -> Option<Destination> {
    let repository = bad.optional("repository-uri", args.repository_uri.as_deref(), repository_uri)?;
    Some(Destination { repository, if_exists: args.if_exists, mutable: mutable.to_vec() })
}

fn repository_uri(text: &str) -> Result<ImageReference, String> {
    let repository = image_name(text)?;
    if repository.registry.is_none() {
        return Err("names no registry; write `registry.example.com/shop/backend`".to_owned());
    }
    Ok(repository)
}

fn pairs(name: &str, lines: &[String], bad: &mut InputErrors) -> BTreeMap<String, String> {
    let parse = |line: &str| match line.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("is not `name=value`"),
    };
    bad.list(name, &actions_core::lines(lines), parse).into_iter().collect()
}

/// `name=oci:FOLDER`, or buildx's `name=oci-layout://FOLDER`.
fn layouts(lines: &[String], bad: &mut InputErrors) -> BTreeMap<String, PathBuf> {
    let parse = |line: &str| {
        let (name, place) = line.split_once('=').ok_or("is not `name=oci:FOLDER`")?;
        let folder = place.strip_prefix("oci-layout://").or_else(|| place.strip_prefix("oci:"));
        let folder = folder.filter(|folder| !folder.is_empty()).ok_or("does not name a layout as `oci:FOLDER`")?;
        Ok::<_, &str>((name.trim().to_lowercase(), PathBuf::from(folder)))
    };
    bad.list("build-contexts", &actions_core::lines(lines), parse).into_iter().collect()
}

/// A name that `docker buildx bake` takes.
fn target_name(text: &str) -> Result<String, &'static str> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let fits = !text.is_empty() && text.len() <= 128 && text.chars().all(is_known);
    if fits { Ok(text.to_owned()) } else { Err("is no target: use letters, digits, `_` and `-`") }
}

fn seconds(text: &str) -> Result<i64, &'static str> {
    text.trim().parse().ok().filter(|seconds| *seconds >= 0).ok_or("is not a number of seconds since 1970")
}

/// Where images go when no folder is named.
fn outputs(session: &Session) -> PathBuf {
    session.context.runner_temp.as_ref().map_or_else(|| PathBuf::from(".slipway"), |temp| temp.join("slipway"))
}
