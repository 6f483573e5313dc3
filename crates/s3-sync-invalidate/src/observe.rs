//! Looks at the source, the bucket and the distributions; changes nothing.

pub(crate) mod bucket;
mod compress;
pub(crate) mod distributions;
pub(crate) mod listing;
pub(crate) mod manifest;
pub(crate) mod prefixed;
mod source;
mod workers;

use actions_core::Session;
use actions_core::amount::{bytes, count};

use crate::clients::Clients;
use crate::compress::Compress;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::listing::{Part, merged, parts};
use crate::manifest::Found;
use crate::plan::{Snapshot, now};
use crate::source::Source;

use compress::Packed;
use listing::Listing;

/// Looks at everything the plan needs.
pub(crate) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
    if inputs.mode.has_folders() {
        return Box::pin(prefixed::observe(inputs, clients, session)).await;
    }
    // The manifest is read before the listing begins: then whoever publishes after it was listed is met by the look at the manifest.
    let (reading, manifest) = tokio::try_join!(source::begin(inputs), manifest::find(inputs, clients))?;
    // What is local, and what earlier releases left there.
    let local = reading.files().iter();
    let left = manifest.manifest().into_iter().flat_map(|manifest| manifest.content.entries.keys());
    let parts = parts(inputs.prefix.as_str(), merged(local, left));
    let reading = async {
        let source = reading.end(inputs, manifest.entries()).await?;
        session.log.line(format!("source: {}, {}", count(source.files.len(), "file"), bytes(total(&source))));
        Ok(source)
    };
    // The files are read while the bucket is looked at.
    let (source, listing) = tokio::try_join!(reading, bucket(inputs, clients, parts, &manifest))?;
    session.log.line(format!(
        "bucket: {} below `{}/{}`",
        count(listing.objects.len(), "object"),
        inputs.bucket,
        inputs.prefix.as_str()
    ));
    let source = compressed(inputs, source, &listing, &manifest, session).await?;
    let now = now();
    let mut snapshot = Snapshot { source, objects: listing.objects, manifest, now, ..Snapshot::default() };
    bucket::read_headers(inputs, clients, &mut snapshot).await?;
    if !inputs.distributions.is_empty() {
        snapshot.debts = bucket::read_debts(inputs, clients, &listing.notes).await?;
        snapshot.distributions = distributions::read(inputs, clients).await?;
    }
    Ok(snapshot)
}

/// What is in the bucket; where the manifest is trusted, and no publication is known to have failed since, what it says is there.
/// Only a note tells of one that failed, and without a distribution none is left.
async fn bucket(inputs: &Inputs, clients: &Clients, parts: Vec<Part>, manifest: &Found) -> Result<Listing, Error> {
    match manifest.manifest() {
        Some(manifest) if can_trust(inputs) && !listing::has_notes(inputs, clients).await? => {
            Ok(Listing::remembered(manifest))
        }
        _ => listing::list(inputs, clients, parts, &manifest.entries()).await,
    }
}

fn can_trust(inputs: &Inputs) -> bool {
    inputs.trust_manifest && !inputs.distributions.is_empty()
}

/// The source as it is stored; says what compression saves.
async fn compressed(
    inputs: &Inputs,
    source: Source,
    listing: &Listing,
    manifest: &Found,
    session: &Session,
) -> Result<Source, Error> {
    if inputs.compress == Compress::None {
        return Ok(source);
    }
    let (source, saved) = compress::compress(inputs, source, |path, coding| {
        let entry = manifest.entry(path)?;
        // What is not there any more is sent again, and may have been compressed by another version.
        let object = listing.objects.get(path).filter(|object| object.etag == entry.etag);
        let source = entry.packed().filter(|plain| plain.coding == coding && object.is_some())?.md5;
        Some(Packed { size: entry.size, md5: entry.md5, source, headers: entry.headers })
    })
    .await?;
    let (number, packed) = (count(saved.files, "file"), bytes(saved.packed));
    session.log.line(format!("compressed: {number}, {packed} instead of {}", bytes(saved.plain)));
    Ok(source)
}

fn total(source: &Source) -> u64 {
    source.files.iter().map(|(_, file)| file.size).sum()
}
