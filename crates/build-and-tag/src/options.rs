//! What a build asks of its builder beside the Dockerfile: secrets, caches, annotations, attestations, the network.

use actions_core::{InputErrors, Session, lines, lines_or_commas};

use crate::args::Args;

pub(crate) mod annotations;
pub(crate) mod attestations;
pub(crate) mod cache;
mod environment;
pub(crate) mod secrets;

pub(crate) use annotations::Annotations;
pub(crate) use attestations::Attestation;
pub(crate) use cache::Cache;
pub(crate) use secrets::Secret;

/// The options. The default asks for nothing.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub(crate) struct Options {
    pub(crate) secrets: Vec<Secret>,
    /// The ids of secrets that were named and are empty.
    pub(crate) empty_secrets: Vec<String>,
    pub(crate) cache: Cache,
    pub(crate) annotations: Annotations,
    /// None for a Lambda function.
    pub(crate) attestations: Vec<Attestation>,
    /// Whether attestations were asked for and are off because of Lambda.
    pub(crate) attestations_dropped: bool,
    pub(crate) lambda: bool,
    pub(crate) ssh: Vec<String>,
    pub(crate) add_hosts: Vec<String>,
    pub(crate) allow: Vec<String>,
    pub(crate) network: Option<String>,
    pub(crate) shm_size: Option<String>,
    pub(crate) ulimits: Vec<String>,
    pub(crate) cgroup_parent: Option<String>,
    pub(crate) no_cache: bool,
    /// Stages whose cached steps are not used.
    pub(crate) no_cache_filters: Vec<String>,
    pub(crate) pull: bool,
    pub(crate) buildx_builder: Option<String>,
    /// The build arguments whose values, in the environment of a program that builds, would change that program.
    pub(crate) reserved_args: Vec<String>,
}

impl Options {
    /// Parses what was typed.
    pub(crate) fn parse(args: &Args, session: &Session, bad: &mut InputErrors) -> Self {
        let (secrets, empty_secrets) = secrets::parse(args, session, bad);
        let asked = attestations::parse(args, bad);
        Self {
            secrets,
            empty_secrets,
            cache: cache::parse(args, session, bad),
            annotations: annotations::parse(&args.annotations, bad),
            attestations_dropped: args.lambda && !asked.is_empty(),
            attestations: if args.lambda { Vec::new() } else { asked },
            lambda: args.lambda,
            ssh: lines_or_commas(&args.ssh),
            add_hosts: bad.list("add-hosts", &lines_or_commas(&args.add_hosts), host),
            allow: lines_or_commas(&args.allow),
            network: args.network.clone().filter(|network| !network.is_empty()),
            shm_size: bad.optional("shm-size", args.shm_size.as_deref().filter(|size| !size.is_empty()), size),
            ulimits: bad.list("ulimit", &lines_or_commas(&args.ulimit), ulimit),
            cgroup_parent: args.cgroup_parent.clone().filter(|group| !group.is_empty()),
            no_cache: args.no_cache,
            no_cache_filters: lines_or_commas(&args.no_cache_filters),
            pull: args.pull,
            reserved_args: environment::reserved(args, session),
            buildx_builder: args.buildx_builder.clone().filter(|name| !name.is_empty()),
        }
    }
}

fn host(text: &str) -> Result<String, &'static str> {
    let (name, address) = text.split_once([':', '=']).unwrap_or((text, ""));
    if name.is_empty() || address.is_empty() { Err("is not `name:address`") } else { Ok(text.to_owned()) }
}

/// A number of bytes as Docker and buildah take it.
fn size(text: &str) -> Result<String, &'static str> {
    let digits = text.strip_suffix(|c: char| "bkmgBKMG".contains(c)).unwrap_or(text);
    let fits = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err("is no size; write `2g` or `512m`") }
}

/// A limit as Docker and buildah take it (<https://docs.docker.com/reference/cli/docker/buildx/build/#ulimit>).
fn ulimit(text: &str) -> Result<String, &'static str> {
    let is_number = |text: &str| text.parse::<i64>().is_ok();
    let fits = text.split_once('=').is_some_and(|(name, limits)| {
        let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()) && is_number(soft) && is_number(hard)
    });
    if fits { Ok(text.to_owned()) } else { Err("is no limit; write `nofile=1024` or `nofile=1024:4096`") }
}

/// The lines of an input whose values may hold commas.
fn kept(values: &[String]) -> Vec<String> {
    lines(values)
}

/// A field of a comma-separated option, as `encoding/csv` of Go reads it.
pub(crate) fn field(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
