//! What was typed, as domain types.

use std::collections::BTreeSet;

use actions_core::{InputErrors, Session, lines, lines_or_commas};
use aws_client::{AccountId, AwsInputs};
use image_ref::{ImageTag, RegistryHost, RepositoryName};
use oci_registry::Endpoint;

use crate::args::Args;
use crate::source::Source;
use crate::wildcard::Wildcard;

/// The variable that sends the registry's requests to this machine, for rehearsals.
const REGISTRY_OVERRIDE: &str = "SLIPWAY_REGISTRY_ENDPOINT";

/// The most exclusion filters ECR takes for a repository.
const MOST_FILTERS: usize = 5;

/// What [`Args`] means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The image.
    pub source: Source,
    /// The repository.
    pub repository: RepositoryName,
    /// The tags, in the given order, each once.
    pub tags: Vec<ImageTag>,
    /// The registry's account, where it was named.
    pub registry_id: Option<AccountId>,
    /// Whether a missing repository is created.
    pub create_repository: bool,
    /// The tags that may move; empty means none.
    pub mutable_tags: Vec<Wildcard>,
    /// Repositories of the same registry that layers may be taken from.
    pub mount_from: Vec<RepositoryName>,
    /// Where the registry answers instead of ECR, on this machine.
    pub registry_override: Option<Endpoint>,
    /// The shared AWS inputs.
    pub aws: AwsInputs,
}

impl Inputs {
    /// The registry's account, where it was named.
    pub(crate) fn registry_id(&self) -> Option<&str> {
        self.registry_id.as_ref().map(AccountId::as_str)
    }
}

/// Parses everything, noting every bad field.
pub(crate) fn parse(args: &Args, session: &Session) -> Result<Inputs, InputErrors> {
    let mut bad = InputErrors::new();
    let source = bad.required("source", args.source.as_deref(), Source::parse);
    let repository = bad.required("repository", args.repository.as_deref(), RepositoryName::parse);
    let tags = tags(args, &mut bad);
    let registry_id = bad.optional("registry-id", args.registry_id.as_deref(), AccountId::parse);
    let mutable_tags = mutable_tags(args, &mut bad);
    let mount_from = bad.list("mount-from", &lines_or_commas(&args.mount_from), RepositoryName::parse);
    let registry_override = bad.optional(REGISTRY_OVERRIDE, session.environment.get(REGISTRY_OVERRIDE), loopback);
    let aws = AwsInputs::parse(&args.aws, &mut bad);
    bad.finish(|| {
        let repository = repository?;
        // A repository has its own layers without being asked.
        let mount_from = mount_from.into_iter().filter(|name| *name != repository).collect();
        Some(Inputs {
            source: source?,
            repository,
            tags,
            registry_id,
            create_repository: args.create_repository,
            mutable_tags,
            mount_from,
            registry_override,
            aws: aws?,
        })
    })
}

fn tags(args: &Args, bad: &mut InputErrors) -> Vec<ImageTag> {
    let given = lines(&args.tags);
    if given.is_empty() {
        let help = "give at least one tag, for example the version; build-and-tag has them as its output `tags`";
        bad.add("tags", "is missing", Some(help.to_owned()));
    }
    let mut seen = BTreeSet::new();
    let tags = bad.list("tags", &given, ImageTag::parse);
    tags.into_iter().filter(|tag| seen.insert(tag.clone())).collect()
}

fn mutable_tags(args: &Args, bad: &mut InputErrors) -> Vec<Wildcard> {
    let given = lines_or_commas(&args.mutable_tags);
    if given == ["none"] {
        return Vec::new();
    }
    let patterns = bad.list("mutable-tags", &given, Wildcard::parse);
    if args.create_repository && patterns.len() > MOST_FILTERS {
        let problem = format!("has {} patterns, and ECR takes {MOST_FILTERS} for a repository", patterns.len());
        bad.add("mutable-tags", problem, Some("join patterns with `*`, or create the repository yourself".to_owned()));
    }
    patterns
}

/// An address on this machine: the password of a real registry must not be sent elsewhere by an environment variable.
fn loopback(text: &str) -> Result<Endpoint, String> {
    let endpoint = if text.contains("://") {
        Endpoint::parse(text).map_err(|problem| problem.to_string())?
    } else {
        let host = RegistryHost::parse(text).map_err(|problem| problem.to_string())?;
        Endpoint::of(&host).map_err(|problem| problem.to_string())?
    };
    if endpoint.host().is_loopback() {
        Ok(endpoint)
    } else {
        Err("not an address of this machine; it is for rehearsals, unset it".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_can_be_moved_to_this_machine_only() {
        for good in ["http://127.0.0.1:4566", "127.0.0.1:4566", "localhost:5000", "https://[::1]:1"] {
            assert!(loopback(good).is_ok(), "{good}");
        }
        for bad in ["https://evil.example", "evil.example", "http://127.0.0.1.evil.example", "http://10.0.0.1", "x y"] {
            assert!(loopback(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn none_lets_no_tag_move() {
        let of = |tags: &[&str]| {
            let args = Args { mutable_tags: tags.iter().map(ToString::to_string).collect(), ..Args::default() };
            let mut bad = InputErrors::new();
            (mutable_tags(&args, &mut bad).len(), bad.is_empty())
        };
        assert_eq!(of(&["none"]), (0, true));
        assert_eq!(of(&["a*\nb", "c,d"]), (4, true));
        assert_eq!(of(&["a b"]), (0, false));
    }

    #[test]
    fn a_new_repository_takes_five_patterns() {
        let tags = vec!["a,b,c,d,e,f".to_owned()];
        let args = Args { mutable_tags: tags, create_repository: true, ..Args::default() };
        let mut bad = InputErrors::new();
        mutable_tags(&args, &mut bad);
        assert!(bad.to_string().contains("6 patterns"), "{bad}");
    }

    #[test]
    fn each_tag_counts_once_and_bad_ones_are_named() {
        let args = Args { tags: vec!["1.0.0\nlatest\n1.0.0".to_owned()], ..Args::default() };
        let mut bad = InputErrors::new();
        assert_eq!(tags(&args, &mut bad).len(), 2);
        let args = Args { tags: vec!["$(touch x)\n1.0.0".to_owned()], ..Args::default() };
        tags(&args, &mut bad);
        assert!(bad.to_string().contains("$(touch x)"), "{bad}");
    }
}
