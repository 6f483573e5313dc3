//! Which blobs a repository has, asked in one call for a hundred of them. Changes nothing.
//!
//! It only makes the push faster: where ECR does not answer, each blob is looked for at the registry, which is checked under
//! the same name in IAM and tells what is wrong.

use std::collections::BTreeSet;

use ecr::{MOST_LAYERS, PublicName};
use image_ref::{Digest, RepositoryName};
use oci_registry::{BlobSource, Presence, Upload};

use crate::clients::Clients;
use crate::plan::{ImagePlan, Plan};

/// What a repository has of some blobs; `None` when ECR did not tell.
type Held = Option<BTreeSet<Digest>>;

/// The blobs to push with what is known about each, and the repositories to take layers from that did not tell. A repository that
/// was just created has none, and is not asked.
pub(crate) async fn uploads<'a>(
    plan: &'a Plan,
    image: &'a ImagePlan,
    clients: &Clients,
    blobs: Vec<BlobSource>,
) -> (Vec<Upload>, Vec<&'a RepositoryName>) {
    let digests: Vec<Digest> = blobs.iter().map(|blob| blob.digest().clone()).collect();
    let own = async {
        match image.existing {
            Some(_) => held(plan, clients, &image.repository, &digests).await,
            None => Some(BTreeSet::new()),
        }
    };
    // A repository has its own layers without being asked.
    let from = image.mount_from.iter().chain(&plan.mount_from).filter(|name| **name != image.repository);
    let others = from.map(async |from| (from, held(plan, clients, from, &digests).await));
    let (own, others) = futures::future::join(own, futures::future::join_all(others)).await;
    let upload = |blob: BlobSource| {
        let presence = own.as_ref().map_or(Presence::Unknown, |own| presence(own, blob.digest()));
        let (mount_from, is_in_source) = source(&others, blob.digest());
        Upload { blob, presence, mount_from: mount_from.cloned(), is_in_source }
    };
    let silent = others.iter().filter(|(_, held)| held.is_none()).map(|(name, _)| *name);
    (blobs.into_iter().map(upload).collect(), silent.collect())
}

fn presence(held: &BTreeSet<Digest>, digest: &Digest) -> Presence {
    if held.contains(digest) { Presence::There } else { Presence::Missing }
}

/// The first repository that has the blob, else the first that may: to ask in vain costs no request of its own.
/// With it comes whether it is known to have it.
fn source<'a>(others: &[(&'a RepositoryName, Held)], digest: &Digest) -> (Option<&'a RepositoryName>, bool) {
    let has = |(_, held): &&(&RepositoryName, Held)| held.as_ref().is_some_and(|held| held.contains(digest));
    let may = |(_, held): &&(&RepositoryName, Held)| held.is_none();
    match others.iter().find(has) {
        Some((name, _)) => (Some(*name), true),
        None => (others.iter().find(may).map(|(name, _)| *name), false),
    }
}

async fn held(plan: &Plan, clients: &Clients, repository: &RepositoryName, digests: &[Digest]) -> Held {
    let public = clients.public.as_ref().zip(PublicName::parse(repository.as_str()));
    let private = clients.private(plan.registry_id.as_deref());
    let calls = digests.chunks(MOST_LAYERS).map(async |digests| {
        if let Some((registry, name)) = &public {
            return registry.layers(name, digests).await.ok();
        }
        private.layers(repository, digests).await.ok()
    });
    let answers: Option<Vec<_>> = futures::future::join_all(calls).await.into_iter().collect();
    answers.map(|answers| answers.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_taken_from_where_it_is_else_from_where_it_may_be() {
        let name = |text| RepositoryName::parse(text).unwrap();
        let (base, other, silent) = (name("base"), name("other"), name("silent"));
        let (here, nowhere) = (Digest::of(b"here"), Digest::of(b"nowhere"));
        let others = [(&silent, None), (&base, Some(BTreeSet::new())), (&other, Some(BTreeSet::from([here.clone()])))];
        assert_eq!(source(&others, &here), (Some(&other), true));
        assert_eq!(source(&others, &nowhere), (Some(&silent), false));
        assert_eq!(source(&others[1..], &nowhere), (None, false));
    }
}
