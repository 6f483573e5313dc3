//! Looks at the source, the bucket and the distributions; changes nothing.

mod bucket;
mod distributions;

use std::collections::BTreeMap;

use actions_core::Session;
use futures::{StreamExt as _, TryStreamExt as _};

use crate::clients::Clients;
use crate::digest;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::plan::Snapshot;
use crate::source::{LocalFile, Source, walk};
use actions_core::amount::{bytes, count};

/// How many files are read at the same time: reading is bound by the disk and the few cores of a runner.
const READS_AT_ONCE: usize = 8;

/// Looks at everything the plan needs.
pub(crate) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
    let source = read_source(inputs).await?;
    session.log.line(format!("source: {}, {}", count(source.files.len(), "file"), bytes(total(&source))));
    let listing = bucket::list(inputs, clients).await?;
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

async fn read_source(inputs: &Inputs) -> Result<Source, Error> {
    let (root, selection) = (inputs.source.clone(), inputs.selection.clone());
    let found = blocking(&inputs.source, move || walk(&root, &selection)).await??;
    let mut refused = found.refused;
    let files: Vec<(String, LocalFile)> = futures::stream::iter(found.files)
        .map(|(relative, path)| async move {
            let shown = path.clone();
            let read = blocking(&shown, move || digest::read(&path).map(|content| (path, content))).await?;
            let (path, content) =
                read.map_err(|source| Error::Unreadable { path: shown.display().to_string(), source })?;
            Ok::<_, Error>((relative, LocalFile { path, size: content.size, md5: content.md5, looks: content.looks }))
        })
        .buffer_unordered(READS_AT_ONCE)
        .try_collect()
        .await?;
    let (keys, rest): (Vec<_>, Vec<_>) = files.into_iter().partition(|(relative, file)| {
        file.looks == crate::content_type::Looks::PrivateKey && !inputs.selection.allow_sensitive.contains(relative)
    });
    refused.extend(keys.into_iter().map(|(relative, _)| (relative, crate::source::Refusal::Sensitive)));
    Ok(Source { files: BTreeMap::from_iter(rest), refused })
}

/// Runs work that blocks on a thread of its own.
async fn blocking<T: Send + 'static>(
    about: &std::path::Path,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Unreadable { path: about.display().to_string(), source: std::io::Error::other(error) })
}
