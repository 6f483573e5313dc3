//! What was typed, as domain types.

mod several;

use std::collections::{BTreeMap, BTreeSet};

use actions_core::{InputErrors, Session, lines, lines_or_commas};
use aws_client::{AccountId, AwsArgs, AwsInputs, RoleArn};
use ecr::{Host, REGISTRY_OVERRIDE, Wildcard, loopback};
use image_ref::{Digest, ImageReference, ImageTag, RepositoryName};
use oci_registry::Endpoint;

use crate::args::{Args, GateArgs, OriginArgs, PromoteArgs, TargetArgs};
use crate::destination::{self, Destination, RegistryType};
use crate::gate::Gate;
use crate::new_repository::NewRepository;
use crate::newest::MovingTags;
use crate::origin::{Origin, PASSWORD};
use crate::source::{self, Source};

/// The variable that sends the requests to the registry that an image is taken from to this machine, for rehearsals; where it is not
/// set, an ECR host is that of [`REGISTRY_OVERRIDE`].
const SOURCE_OVERRIDE: &str = "SLIPWAY_SOURCE_REGISTRY_ENDPOINT";

/// The most exclusion filters ECR takes for a repository.
const MOST_FILTERS: usize = 5;

/// What [`Args`] and [`PromoteArgs`] mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The images, each with where it goes.
    pub images: Vec<ImageInputs>,
    /// What an image must have.
    pub checks: Checks,
    /// The registry's account, where it was named.
    pub registry_id: Option<AccountId>,
    /// What a missing repository is created as; `None` where it is an error.
    pub new_repository: Option<NewRepository>,
    /// The tags that may move; empty means none.
    pub mutable_tags: Vec<Wildcard>,
    /// Whether tags that move may go back to a lower version.
    pub moving_tags: MovingTags,
    /// Repositories of the same registry that layers may be taken from.
    pub mount_from: Vec<RepositoryName>,
    /// What an image has to show before it gets a tag.
    pub gate: Option<Gate>,
    /// Who reads images of other registries.
    pub origin: Origin,
    /// Where the registry answers instead of ECR, on this machine.
    pub registry_override: Option<Endpoint>,
    /// The shared AWS inputs.
    pub aws: AwsInputs,
}

/// One image, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageInputs {
    /// The image.
    pub source: Source,
    /// The registry of ECR that it goes to.
    pub registry: RegistryType,
    /// The repository, as that registry knows it.
    pub repository: RepositoryName,
    /// The tags, in the given order, each once.
    pub tags: Vec<ImageTag>,
}

/// What an image must have to be written at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// Its digest.
    pub digest: Option<Digest>,
    /// Labels with their values.
    pub labels: BTreeMap<String, String>,
}

impl Inputs {
    /// The registry of ECR that is written to; all images go to one.
    pub(crate) fn registry(&self) -> RegistryType {
        self.images.first().map(|image| image.registry).unwrap_or_default()
    }

    /// The registry's account, where it was named.
    pub(crate) fn registry_id(&self) -> Option<&str> {
        self.registry_id.as_ref().map(AccountId::as_str)
    }
}

/// Parses the inputs of `ecr-push`, noting every bad field.
pub(crate) fn parse(args: &Args, session: &Session) -> Result<Inputs, InputErrors> {
    let mut bad = InputErrors::new();
    let images = match args.images.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(text) => several(args, text, &mut bad),
        None => one(args, &mut bad).into_iter().collect(),
    };
    source_credentials(images.iter().map(|image| &image.source), &args.origin, session, &mut bad);
    let inputs = whole(images, (&args.target, &args.gate, &args.origin, &args.aws), session, &mut bad);
    bad.finish(|| inputs)
}

fn one(args: &Args, bad: &mut InputErrors) -> Option<ImageInputs> {
    let source = bad.required("source", args.source.as_deref(), Source::parse);
    let to = bad.required("repository", args.repository.as_deref(), Destination::parse);
    let tags = tags(&args.tags, bad);
    let Destination { registry, repository } = to?;
    Some(ImageInputs { source: source?, registry, repository, tags })
}

/// Several images leave no room for a single one.
fn several(args: &Args, text: &str, bad: &mut InputErrors) -> Vec<ImageInputs> {
    let is_given = |value: Option<&str>| value.is_some_and(|value| !value.is_empty());
    let single = [
        ("source", is_given(args.source.as_deref())),
        ("repository", is_given(args.repository.as_deref())),
        ("tags", !lines(&args.tags).is_empty()),
    ];
    for (name, _) in single.into_iter().filter(|(_, is_given)| *is_given) {
        bad.add(name, "is given beside `images`", Some("put it into `images`, or leave `images` away".to_owned()));
    }
    several::parse(text, bad)
}

/// Parses the inputs of `ecr-promote`, noting every bad field.
pub(crate) fn parse_promotion(args: &PromoteArgs, session: &Session) -> Result<Inputs, InputErrors> {
    let mut bad = InputErrors::new();
    let image = bad.required("image", args.image.as_deref(), source::registry_image);
    let to = bad.optional("repository", args.repository.as_deref(), Destination::parse);
    let tags = tags(&args.tags, &mut bad);
    let digest = bad.optional("expected-digest", args.expected_digest.as_deref(), Digest::parse);
    let labels = bad.list("require-label", &lines(&args.require_label), label);
    let images: Vec<ImageInputs> = image
        .map(|image| {
            let own = || Destination { registry: RegistryType::Private, repository: image.repository.clone() };
            let Destination { registry, repository } = to.unwrap_or_else(own);
            ImageInputs { source: Source::Registry(image), registry, repository, tags }
        })
        .into_iter()
        .collect();
    source_credentials(images.iter().map(|image| &image.source), &args.origin, session, &mut bad);
    let inputs = whole(images, (&args.target, &args.gate, &args.origin, &args.aws), session, &mut bad);
    let checks = Checks { digest, labels: labels.into_iter().collect() };
    bad.finish(|| Some(Inputs { checks, ..inputs? }))
}

/// The images with what both actions have.
fn whole(
    images: Vec<ImageInputs>,
    (target, gate, origin, aws): (&TargetArgs, &GateArgs, &OriginArgs, &AwsArgs),
    session: &Session,
    bad: &mut InputErrors,
) -> Option<Inputs> {
    let registry_id = bad.optional("registry-id", target.registry_id.as_deref(), AccountId::parse);
    let new_repository = NewRepository::parse(target, bad);
    let registry = images.first().map(|image| image.registry).unwrap_or_default();
    let mutable_tags = mutable_tags(target, registry, bad);
    let mount_from = mount_from(target, registry, bad);
    let gate = Gate::parse(gate, bad);
    let mut overridden = |name: &str| bad.optional(name, session.environment.get(name), loopback);
    let (registry_override, endpoint_override) = (overridden(REGISTRY_OVERRIDE), overridden(SOURCE_OVERRIDE));
    let role = bad.optional("source-role-to-assume", origin.source_role_to_assume.as_deref(), RoleArn::parse);
    let username = origin.source_username.clone().filter(|name| !name.is_empty());
    let aws = AwsInputs::parse(aws, bad);
    let inputs = Inputs {
        images,
        checks: Checks::default(),
        registry_id,
        new_repository,
        mutable_tags,
        moving_tags: target.moving_tags,
        mount_from,
        gate,
        origin: Origin { role, username, referrers: origin.referrers, endpoint_override },
        registry_override,
        aws: aws?,
    };
    destination::check(&inputs, bad);
    Some(inputs)
}

/// Layers are taken from repositories of the registry that is written to.
fn mount_from(args: &TargetArgs, registry: RegistryType, bad: &mut InputErrors) -> Vec<RepositoryName> {
    let named = bad.list("mount-from", &lines_or_commas(&args.mount_from), Destination::parse);
    if let Some(other) = named.iter().find(|named| named.registry != registry) {
        let problem = format!("has `{}`, which is in another registry than what is pushed", other.repository);
        let help = "write it as `repository` is: NAME, or public.ecr.aws/ALIAS/NAME where that is public".to_owned();
        bad.add("mount-from", problem, Some(help));
    }
    named.into_iter().map(|named| named.repository).collect()
}

/// User and password of a registry that is none of ECR's: both or none, and only where an image comes from one. What is given and not
/// used would be taken for a login.
fn source_credentials<'a>(
    mut sources: impl Iterator<Item = &'a Source>,
    origin: &OriginArgs,
    session: &Session,
    bad: &mut InputErrors,
) {
    const USERNAME: &str = "source-username";
    let has_username = origin.source_username.as_deref().is_some_and(|name| !name.is_empty());
    let (given, missing) = match (has_username, session.secret(PASSWORD).is_some()) {
        (false, false) => return,
        (true, false) => (USERNAME, Some(PASSWORD)),
        (false, true) => (PASSWORD, Some(USERNAME)),
        (true, true) => (USERNAME, None),
    };
    if let Some(missing) = missing {
        let help = format!("give `{missing}` too, or neither for an image that anybody may read");
        bad.add(given, format!("is given without `{missing}`"), Some(help));
    } else if !sources.any(|source| matches!(source, Source::Registry(image) if !is_of_ecr(image))) {
        let help =
            "leave it away: registries of ECR are read with `role-to-assume` or `source-role-to-assume`, and `public.ecr.aws` by anybody".to_owned();
        bad.add(given, "is given, and no image comes from a registry that it could be for", Some(help));
    }
}

fn is_of_ecr(image: &ImageReference) -> bool {
    image.registry.as_ref().is_some_and(|host| Host::of(host.as_str()).is_some())
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err("not a label; write name=value".to_owned()),
    }
}

fn tags(given: &[String], bad: &mut InputErrors) -> Vec<ImageTag> {
    let given = lines(given);
    if given.is_empty() {
        let help = "give at least one tag, for example the version; build-and-tag has them as its output `tags`";
        bad.add("tags", "is missing", Some(help.to_owned()));
    }
    let mut seen = BTreeSet::new();
    let tags = bad.list("tags", &given, ImageTag::parse);
    tags.into_iter().filter(|tag| seen.insert(tag.clone())).collect()
}

fn mutable_tags(args: &TargetArgs, registry: RegistryType, bad: &mut InputErrors) -> Vec<Wildcard> {
    let given = lines_or_commas(&args.mutable_tags);
    if given == ["none"] {
        return Vec::new();
    }
    let patterns = bad.list("mutable-tags", &given, Wildcard::parse);
    if args.create_repository && registry == RegistryType::Private && patterns.len() > MOST_FILTERS {
        let problem = format!("has {} patterns, and ECR takes {MOST_FILTERS} for a repository", patterns.len());
        bad.add("mutable-tags", problem, Some("join patterns with `*`, or create the repository yourself".to_owned()));
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_lets_no_tag_move() {
        let of = |tags: &[&str]| {
            let args =
                TargetArgs { mutable_tags: tags.iter().map(ToString::to_string).collect(), ..TargetArgs::default() };
            let mut bad = InputErrors::new();
            (mutable_tags(&args, RegistryType::Private, &mut bad).len(), bad.is_empty())
        };
        assert_eq!(of(&["none"]), (0, true));
        assert_eq!(of(&["a*\nb", "c,d"]), (4, true));
        assert_eq!(of(&["a b"]), (0, false));
    }

    #[test]
    fn a_new_repository_takes_five_patterns() {
        let tags = vec!["a,b,c,d,e,f".to_owned()];
        let args = TargetArgs { mutable_tags: tags, create_repository: true, ..TargetArgs::default() };
        let mut bad = InputErrors::new();
        mutable_tags(&args, RegistryType::Public, &mut bad);
        assert!(bad.is_empty(), "{bad}");
        mutable_tags(&args, RegistryType::Private, &mut bad);
        assert!(bad.to_string().contains("6 patterns"), "{bad}");
    }

    #[test]
    fn each_tag_counts_once_and_bad_ones_are_named() {
        let mut bad = InputErrors::new();
        assert_eq!(tags(&["1.0.0\nlatest\n1.0.0".to_owned()], &mut bad).len(), 2);
        tags(&["$(touch x)\n1.0.0".to_owned()], &mut bad);
        assert!(bad.to_string().contains("$(touch x)"), "{bad}");
    }
}
