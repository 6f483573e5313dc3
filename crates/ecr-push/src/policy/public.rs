//! The policy for the public registry. Reading it needs no permission, and most of what private registries have is not there
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html>).

use std::collections::BTreeSet;

use aws_client::policy::{Place, Policy, Statement};
use ecr::{Host, PUBLIC_LOGIN, PublicName};
use image_ref::{ImageReference, RepositoryName};

use super::{READS, in_account};
use crate::inputs::{ImageInputs, Inputs};
use crate::source::Source;

/// Which layers a repository has.
const LAYERS: &str = "ecr-public:BatchCheckLayerAvailability";

/// Uploading blobs and writing manifests.
const WRITES: [&str; 5] = [
    LAYERS,
    "ecr-public:InitiateLayerUpload",
    "ecr-public:UploadLayerPart",
    "ecr-public:CompleteLayerUpload",
    "ecr-public:PutImage",
];

/// The least policy; `None` when the account is not known.
pub(super) fn statements(inputs: &Inputs, place: &Place, dry_run: bool) -> Option<Policy> {
    let account = in_account(place, inputs.registry_id()).account?;
    let arn = |name: &RepositoryName| Some(PublicName::parse(name.as_str())?.arn(place.partition, &account));
    let targets: Vec<String> = inputs.images.iter().filter_map(|image| arn(&image.repository)).collect();
    let mounts = inputs.mount_from.iter().filter_map(arn);
    let private: BTreeSet<String> =
        inputs.images.iter().filter_map(of_source).filter_map(crate::origin::arn_of).collect();
    let own = inputs.images.iter().filter_map(|image| Some((image, own_source(image)?)));
    let own: Vec<(&ImageInputs, &ImageReference)> = own.collect();
    let others = own.iter().filter(|(image, source)| source.repository != image.repository);
    let mounted: Vec<String> = others.filter_map(|(_, source)| arn(&source.repository)).collect();
    let only_tags = own.len() == inputs.images.len() && mounted.is_empty();
    let writes = if only_tags { &WRITES[WRITES.len() - 1..] } else { &WRITES[..] };
    let writes = writes.iter().copied().filter(|_| !dry_run);
    let with_content = !dry_run || !inputs.checks.labels.is_empty();
    let reads = READS.into_iter().filter(|name| with_content || *name != READS[1]);
    let new = inputs.new_repository.as_ref();
    let create = new.filter(|_| !dry_run);
    let on = |statement: Statement| statement.on_all(targets.iter().cloned());
    let registry = place.global_arn("ecr-public", &format!("registry/{account}")).filter(|_| new.is_some());
    let policy = Policy::new()
        // AWS knows no resource for them.
        .allow(Statement::new("LogIn", PUBLIC_LOGIN).and("ecr:GetAuthorizationToken", !private.is_empty()).on("*"))
        .allow(on(Statement::new("Look", ["ecr-public:DescribeRepositories"])))
        .allow(Statement::new("ReadSource", reads).on_all(private))
        .allow(Statement::new("OptionalMountSource", (!dry_run).then_some(LAYERS)).on_all(mounted))
        .allow(on(Statement::new("Push", writes)))
        .allow(Statement::new("OptionalMount", (!dry_run).then_some(LAYERS)).on_all(mounts))
        .allow(Statement::new("LookAtAlias", ["ecr-public:DescribeRegistries"]).on_all(registry))
        .allow(on(Statement::new("Create", create.map(|_| "ecr-public:CreateRepository"))
            .and("ecr-public:TagResource", create.is_some_and(|new| !new.tags.is_empty()))));
    Some(policy)
}

fn of_source(image: &ImageInputs) -> Option<&ImageReference> {
    match &image.source {
        Source::Registry(reference) => Some(reference),
        Source::Layout(_) | Source::Archive(_) | Source::Daemon(_) | Source::Path(_) => None,
    }
}

/// The image's name where it comes from the registry that it goes to.
fn own_source(image: &ImageInputs) -> Option<&ImageReference> {
    let source = of_source(image)?;
    let is_public = Host::of(source.registry.as_ref()?.as_str()) == Some(Host::Public);
    let alias = |name: &RepositoryName| PublicName::parse(name.as_str()).map(|name| name.alias);
    (is_public && alias(&source.repository) == alias(&image.repository)).then_some(source)
}
