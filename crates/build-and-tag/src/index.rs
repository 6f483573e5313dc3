//! The image that an index in a registry has for a platform, also where it lies in an index below.

use image_ref::{Reference, RepositoryName};
use oci_image::{Index, IndexWalk, ManifestBudget};
use oci_registry::{Manifest, Registry};

/// Why an index cannot be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The registry does not give it.
    Registry(oci_registry::Error),
    /// It is none, or all of them are more than memory bears.
    Index(oci_image::Error),
}

/// Reads the indexes below `root`, and no image.
pub(crate) async fn walk(
    registry: &Registry,
    repository: &RepositoryName,
    root: &Manifest,
) -> Result<IndexWalk, Unreadable> {
    let budget = ManifestBudget::default();
    let parse = |manifest: &Manifest| {
        budget.spend(u64::try_from(manifest.bytes.len()).unwrap_or(u64::MAX)).map_err(Unreadable::Index)?;
        Index::parse(&manifest.bytes).map_err(Unreadable::Index)
    };
    let mut walk = IndexWalk::new(&root.digest, parse(root)?).map_err(Unreadable::Index)?;
    while let Some(level) = walk.next_level() {
        for child in level {
            let child = registry.get_manifest(repository, &Reference::Digest(child.digest)).await;
            walk.add(parse(&child.map_err(Unreadable::Registry)?)?).map_err(Unreadable::Index)?;
        }
    }
    Ok(walk)
}
