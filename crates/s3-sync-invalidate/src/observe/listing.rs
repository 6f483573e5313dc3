//! Lists the bucket, in parts that are read at the same time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use percent_encoding::percent_decode_str;

use crate::clients::Clients;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::journal::{self, Note};
use crate::listing::{Part, Place};
use crate::manifest::{Entry, Manifest, ReleaseId};
use crate::mode;
use crate::remote::{Objects, RemoteObject};
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

/// Lists everything below the prefix; `known` is what may be there. Where the parts cannot be trusted it is listed again from its
/// start to its end.
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
        let (mut begun, page) = read?;
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
                    drop(listing);
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

/// The next page of a part.
async fn next(inputs: &Inputs, clients: &Clients, begun: Begun) -> Result<(Begun, ListObjectsV2Output), Error> {
    let Begun { part, pages, token, last, is_astray } = begun;
    let page = page(inputs, clients, part.after.clone().filter(|_| token.is_none()), token.clone()).await?;
    // One that names itself would never end.
    let token = page.next_continuation_token().map(str::to_owned).filter(|next| token.as_ref() != Some(next));
    Ok((Begun { part, pages: pages + 1, token, last, is_astray }, page))
}

/// All objects, page by page, in whatever order they come.
async fn whole(inputs: &Inputs, clients: &Clients, known: &Arc<Table<Entry>>) -> Result<Listing, Error> {
    let mut listing = Listing::new(known);
    let mut begun = Begun::default();
    loop {
        let page;
        (begun, page) = next(inputs, clients, begun).await?;
        seen(page).for_each(|(key, object)| listing.take(inputs, &key, object));
        if begun.token.is_none() {
            return Ok(listing);
        }
    }
}

/// Whether a publication left a note of what it did not invalidate.
pub(super) async fn has_notes(inputs: &Inputs, clients: &Clients) -> Result<bool, Error> {
    let notes = journal::key_of_all(&inputs.prefix);
    let call = clients.s3.list_objects_v2().bucket(inputs.bucket.as_str()).prefix(notes).max_keys(1);
    let answer = call.send().await;
    let answer = answer.map_err(|error| clients.s3_error("ListObjectsV2", &inputs.bucket, None, &error))?;
    Ok(!answer.contents().is_empty())
}

/// The notes that hold something.
pub(crate) async fn notes(inputs: &Inputs, clients: &Clients) -> Result<Vec<Note>, Error> {
    let call = clients.s3.list_objects_v2().bucket(inputs.bucket.as_str()).prefix(journal::key_of_all(&inputs.prefix));
    let answer = call.encoding_type(EncodingType::Url).send().await;
    let answer = answer.map_err(|error| clients.s3_error("ListObjectsV2", &inputs.bucket, None, &error))?;
    let mut listing = Listing::default();
    seen(answer).for_each(|(key, object)| listing.take(inputs, &key, object));
    Ok(listing.notes)
}

/// The releases that have a folder with something in it.
pub(crate) async fn releases(inputs: &Inputs, clients: &Clients) -> Result<BTreeSet<ReleaseId>, Error> {
    let mut found = BTreeSet::new();
    let mut token = None;
    loop {
        let call = clients.s3.list_objects_v2().bucket(inputs.bucket.as_str()).prefix(mode::folder(&inputs.prefix));
        let call = call.encoding_type(EncodingType::Url).delimiter("/").set_continuation_token(token.clone());
        let page = call.send().await;
        let page = page.map_err(|error| clients.s3_error("ListObjectsV2", &inputs.bucket, None, &error))?;
        let is_encoded = page.encoding_type() == Some(&EncodingType::Url);
        for folder in page.common_prefixes().iter().filter_map(|folder| folder.prefix()) {
            let key = if is_encoded { decode(folder) } else { folder.to_owned() };
            found.extend(inputs.prefix.relative(&key).and_then(mode::release_of));
        }
        // One that names itself would never end.
        token = page.next_continuation_token().map(str::to_owned).filter(|next| token.as_ref() != Some(next));
        if token.is_none() {
            return Ok(found);
        }
    }
}

async fn page(
    inputs: &Inputs,
    clients: &Clients,
    after: Option<String>,
    token: Option<String>,
) -> Result<ListObjectsV2Output, Error> {
    let call = clients.s3.list_objects_v2().bucket(inputs.bucket.as_str()).prefix(inputs.prefix.as_str());
    // XML cannot carry every key as it is.
    let call = call.encoding_type(EncodingType::Url).set_start_after(after).set_continuation_token(token);
    call.send().await.map_err(|error| clients.s3_error("ListObjectsV2", &inputs.bucket, None, &error))
}

/// The objects of a page that have a key, with their keys as they are, and nothing of them that is not needed: there may be a
/// million.
fn seen(page: ListObjectsV2Output) -> impl Iterator<Item = Seen> {
    let is_encoded = page.encoding_type() == Some(&EncodingType::Url);
    page.contents.unwrap_or_default().into_iter().filter_map(move |object| {
        let size = object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        let etag = object.e_tag().unwrap_or_default().trim_matches('"').into();
        let last_modified = object.last_modified().map_or(0, aws_sdk_s3::primitives::DateTime::secs);
        let key = object.key?;
        let key = if is_encoded { decode(&key) } else { key };
        Some((key, RemoteObject { size, etag, last_modified, head: None }))
    })
}

/// A key of a listing with `encoding-type=url`: form encoding, where `+` is a space.
pub(crate) fn decode(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
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
    use super::{Listing, RemoteObject, decode};
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

    #[test]
    fn a_listed_key_is_decoded_once() {
        assert_eq!(decode("a+b%2Bc%2525/%E6%97%A5"), "a b+c%25/日");
    }
}
