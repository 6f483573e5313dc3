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
    pub(crate) no_cache: bool,
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
            no_cache: args.no_cache,
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

/// The lines of an input whose values may hold commas.
fn kept(values: &[String]) -> Vec<String> {
    lines(values)
}

/// A field of a comma-separated option, as `encoding/csv` of Go reads it.
pub(crate) fn field(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
