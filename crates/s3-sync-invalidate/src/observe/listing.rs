//! Lists the bucket, in parts that are read at the same time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use aws_client::ApiErrorKind;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::clients::Clients;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::journal::{self, Note};
use crate::listing::{Part, Place};
use crate::manifest::{Entry, Manifest, ReleaseId};
use crate::mode;
use crate::remote::{Objects, RemoteObject};
use crate::s3::{self, Listed, Page};
use crate::table::Table;

/// How many parts are read at the same time.
const PARTS_AT_ONCE: usize = 16;

/// The site's objects, and the notes that hold something.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) objects: Objects,
    pub(crate) notes: Vec<Note>,
}

/// An object with its key.
type Seen = (String, RemoteObject);

/// A part of which some was read.
#[derive(Default)]
struct Begun {
    part: Part,
    pages: usize,
    /// Where the next page begins.
    token: Option<String>,
    /// The last key that was read.
    last: Option<String>,
    /// Whether one was astray: then its order says nothing of where to cut it.
    is_astray: bool,
}

/// Lists everything below the prefix; `known` is what may be there. Where the parts cannot be trusted, or the endpoint reads no part,
/// it is listed again from its start to its end.
pub(crate) async fn list(
    inputs: &Inputs,
    clients: &Clients,
    parts: Vec<Part>,
    known: &Arc<Table<Entry>>,
) -> Result<Listing, Error> {
    let mut listing = Listing::new(known);
    let mut waiting: VecDeque<Begun> = parts.into_iter().map(|part| Begun { part, ..Begun::default() }).collect();
    let mut flying = FuturesUnordered::new();
    loop {
        while let Some(begun) = waiting.pop_front_if(|_| flying.len() < inputs.at_once(PARTS_AT_ONCE)) {
            flying.push(next(inputs, clients, begun));
        }
        let Some(read) = flying.next().await else { return Ok(listing) };
        let (mut begun, page) = match read {
            Ok(read) => read,
            Err(Unread { knows_no_start: true, .. }) => {
                drop((listing, flying));
                return whole(inputs, clients, known).await;
            }
            Err(Unread { error, .. }) => return Err(error),
        };
        let (mut is_behind, mut first) = (false, None);
        for (key, object) in seen(page) {
            match begun.part.place(begun.last.as_deref(), &key) {
                Place::Here => {
                    first.get_or_insert_with(|| key.clone());
                    begun.last.get_or_insert_default().clone_from(&key);
                    listing.take(inputs, &key, object);
                }
                Place::Behind => {
                    // What comes behind it and belongs here is astray.
                    begun.last.get_or_insert_default().clone_from(&key);
                    is_behind = true;
                }
                // One that is whole needs no order.
                Place::Astray if begun.part == Part::default() => {
                    begun.is_astray = true;
                    listing.take(inputs, &key, object);
                }
                Place::Astray => {
                    drop((listing, flying));
                    return whole(inputs, clients, known).await;
                }
            }
        }
        if begun.token.is_some() && !is_behind {
            let read = first.as_deref().zip(begun.last.as_deref()).filter(|_| !begun.is_astray);
            let pieces = read.map(|read| begun.part.cut(begun.pages, read, inputs.prefix.as_str()));
            waiting.push_front(begun);
            waiting.extend(pieces.into_iter().flatten().map(|part| Begun { part, ..Begun::default() }));
        }
    }
}

/// Why a page could not be read.
struct Unread {
    error: Error,
    /// Whether the endpoint may be one that reads from the start only.
    knows_no_start: bool,
}

/// The next page of a part.
async fn next(inputs: &Inputs, clients: &Clients, begun: Begun) -> Result<(Begun, Page), Unread> {
    let Begun { part, pages, token, last, is_astray } = begun;
    let from = s3::Listing {
        prefix: inputs.prefix.as_str(),
        after: part.after.as_deref().filter(|_| token.is_none()),
        token: token.as_deref(),
        ..s3::Listing::default()
    };
    let is_refused = |error: &Error| match error {
        Error::Aws(error) => error.kind == ApiErrorKind::Invalid || error.code.as_deref() == Some("NotImplemented"),
        _ => false,
    };
    let unread = |error| Unread { knows_no_start: from.after.is_some() && is_refused(&error), error };
    let mut page = page(inputs, clients, &from).await.map_err(unread)?;
    // One that names itself would never end.
    let token = page.next.take().filter(|next| token.as_ref() != Some(next));
    Ok((Begun { part, pages: pages + 1, token, last, is_astray }, page))
}

/// All objects, page by page, in whatever order they come.
async fn whole(inputs: &Inputs, clients: &Clients, known: &Arc<Table<Entry>>) -> Result<Listing, Error> {
    let mut listing = Listing::new(known);
    let mut begun = Begun::default();
    loop {
        let page;
        (begun, page) = next(inputs, clients, begun).await.map_err(|unread| unread.error)?;
        seen(page).for_each(|(key, object)| listing.take(inputs, &key, object));
        if begun.token.is_none() {
            return Ok(listing);
        }
    }
}

/// Whether a publication left a note of what it did not invalidate.
pub(super) async fn has_notes(inputs: &Inputs, clients: &Clients) -> Result<bool, Error> {
    let notes = journal::key_of_all(&inputs.prefix);
    let first = s3::Listing { prefix: &notes, most: Some(1), ..s3::Listing::default() };
    Ok(!page(inputs, clients, &first).await?.objects.is_empty())
}

/// The notes that hold something.
pub(crate) async fn notes(inputs: &Inputs, clients: &Clients) -> Result<Vec<Note>, Error> {
    let notes = journal::key_of_all(&inputs.prefix);
    let page = page(inputs, clients, &s3::Listing { prefix: &notes, ..s3::Listing::default() }).await?;
    let mut listing = Listing::default();
    seen(page).for_each(|(key, object)| listing.take(inputs, &key, object));
    Ok(listing.notes)
}

/// The releases that have a folder with something in it.
pub(crate) async fn releases(inputs: &Inputs, clients: &Clients) -> Result<BTreeSet<ReleaseId>, Error> {
    let folder = mode::folder(&inputs.prefix);
    let mut found = BTreeSet::new();
    let mut token: Option<String> = None;
    loop {
        let from =
            s3::Listing { prefix: &folder, delimiter: Some("/"), token: token.as_deref(), ..s3::Listing::default() };
        let page = page(inputs, clients, &from).await?;
        for key in page.folders {
            found.extend(inputs.prefix.relative(&key).and_then(mode::release_of));
        }
        // One that names itself would never end.
        token = page.next.filter(|next| token.as_ref() != Some(next));
        if token.is_none() {
            return Ok(found);
        }
    }
}

async fn page(inputs: &Inputs, clients: &Clients, from: &s3::Listing<'_>) -> Result<Page, Error> {
    let page = s3::list(&clients.line(&inputs.bucket)?, from).await;
    page.map_err(|error| clients.s3_error("ListObjectsV2", &inputs.bucket, None, &error))
}

/// The objects of a page with their keys.
fn seen(page: Page) -> impl Iterator<Item = Seen> {
    page.objects.into_iter().map(|object| {
        let Listed { key, size, etag, last_modified } = object;
        (key, RemoteObject { size, etag, last_modified, head: None })
    })
}

impl Listing {
    fn new(known: &Arc<Table<Entry>>) -> Self {
        Self { objects: Objects::new(known), notes: Vec::new() }
    }

    /// What the manifest says is in the bucket.
    pub(super) fn remembered(manifest: &Manifest) -> Self {
        let mut listing = Self::new(&manifest.content.entries);
        // What was left behind may be deleted by now.
        for (path, entry) in manifest.content.entries.iter().filter(|(_, entry)| entry.last_used().is_none()) {
            let Entry { size, etag, .. } = entry;
            let last_modified = manifest.last_modified;
            listing.objects.insert(path, RemoteObject { size: *size, etag: etag.clone(), last_modified, head: None });
        }
        listing
    }

    fn take(&mut self, inputs: &Inputs, key: &str, object: RemoteObject) {
        if journal::is_own(&inputs.prefix, key) {
            // An empty note is one that was settled but could not be deleted.
            let id = journal::id_of(&inputs.prefix, key).filter(|_| object.size > 0);
            self.notes.extend(id.map(|id| Note { id: id.to_owned(), written: object.last_modified }));
        } else if let Some(path) = inputs.prefix.relative(key) {
            self.objects.insert(path, object);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Listing, RemoteObject};
    use crate::plan::tests::{inputs, remote};

    #[test]
    fn only_what_lies_below_the_prefix_is_seen() {
        let mut listing = Listing::default();
        for key in ["site/a", "site2/a", "site", "b", "site/", "site/.slipway/x"] {
            listing.take(&inputs(), key, remote("x"));
        }
        assert_eq!(listing.objects.keys().collect::<Vec<_>>(), ["", "a"]);
        // A key that is listed twice is what was listed last.
        listing.take(&inputs(), "site/a", RemoteObject { size: 7, ..remote("x") });
        assert_eq!((listing.objects.len(), listing.objects.get("a").unwrap().size), (2, 7));
    }
}
