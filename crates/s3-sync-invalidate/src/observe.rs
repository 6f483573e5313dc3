//! Looks at the source, the bucket and the distributions; changes nothing.

mod bucket;
mod distributions;
mod listing;
mod source;

use actions_core::Session;
use actions_core::amount::{bytes, count};

use crate::clients::Clients;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::listing::parts;
use crate::plan::Snapshot;
use crate::source::Source;

/// Looks at everything the plan needs.
pub(crate) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
    let found = source::walked(inputs).await?;
    let keys: Vec<String> = found.files.iter().map(|(path, _)| inputs.prefix.key(path)).collect();
    let parts = parts(keys.iter().map(String::as_str));
    let reading = async {
        let source = source::read_all(inputs, found).await?;
        session.log.line(format!("source: {}, {}", count(source.files.len(), "file"), bytes(total(&source))));
        Ok(source)
    };
    // The files are read while the bucket is listed.
    let (source, listing) = tokio::try_join!(reading, listing::list(inputs, clients, parts))?;
    session.log.line(format!(
        "bucket: {} below `{}/{}`",
        count(listing.objects.len(), "object"),
        inputs.bucket,
        inputs.prefix.as_str()
    ));
    let mut snapshot = Snapshot { source, objects: listing.objects, ..Snapshot::default() };
    bucket::read_headers(inputs, clients, &mut snapshot).await?;
    if !inputs.distributions.is_empty() {
        snapshot.debts = bucket::read_debts(inputs, clients, &listing.notes).await?;
        snapshot.distributions = distributions::read(inputs, clients).await?;
    }
    Ok(snapshot)
}

fn total(source: &Source) -> u64 {
    source.files.values().map(|file| file.size).sum()
}
