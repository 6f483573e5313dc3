//! Lists the bucket, in parts that are read at the same time.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::{EncodingType, Object};
use futures::{StreamExt as _, TryStreamExt as _};
use percent_encoding::percent_decode_str;

use crate::clients::Clients;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::journal;
use crate::listing::{Part, Place};
use crate::remote::RemoteObject;

/// How many parts are read at the same time.
const PARTS_AT_ONCE: usize = 16;

/// The site's objects, and the ids of the notes that hold something.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) objects: BTreeMap<String, RemoteObject>,
    pub(super) notes: Vec<String>,
}

/// Lists everything below the prefix. Where the parts cannot be trusted it is listed again from its start to its end.
pub(super) async fn list(inputs: &Inputs, clients: &Clients, parts: Vec<Part>) -> Result<Listing, Error> {
    let asked = parts.into_iter().map(|part| some(inputs, clients, part));
    let found: Vec<Option<Vec<Object>>> =
        futures::stream::iter(asked).buffer_unordered(PARTS_AT_ONCE).try_collect().await?;
    let found: Option<Vec<Vec<Object>>> = found.into_iter().collect();
    let objects = match found {
        Some(found) => found.into_iter().flatten().collect(),
        None => whole(inputs, clients).await?,
    };
    let mut listing = Listing::default();
    for object in objects {
        listing.take(inputs, object);
    }
    Ok(listing)
}

/// The objects of one part, page by page; `None` where the endpoint lists otherwise than S3 says.
async fn some(inputs: &Inputs, clients: &Clients, part: Part) -> Result<Option<Vec<Object>>, Error> {
    let mut found: Vec<Object> = Vec::new();
    let mut token = None;
    loop {
        let page = page(inputs, clients, part.after.clone().filter(|_| token.is_none()), token.clone()).await?;
        // One that names itself would never end.
        token = page.next_continuation_token().map(str::to_owned).filter(|next| token.as_ref() != Some(next));
        for object in decoded(page) {
            let before = found.last().and_then(Object::key);
            match part.place(before, object.key().unwrap_or_default()) {
                Place::Here => found.push(object),
                Place::Behind => return Ok(Some(found)),
                // One that is whole needs no order.
                Place::Astray if part == Part::default() => found.push(object),
                Place::Astray => return Ok(None),
            }
        }
        if token.is_none() {
            return Ok(Some(found));
        }
    }
}

/// All objects, page by page, in whatever order they come.
async fn whole(inputs: &Inputs, clients: &Clients) -> Result<Vec<Object>, Error> {
    Ok(some(inputs, clients, Part::default()).await?.unwrap_or_default())
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

/// The objects of a page that have a key, with their keys as they are.
fn decoded(page: ListObjectsV2Output) -> impl Iterator<Item = Object> {
    let is_encoded = page.encoding_type() == Some(&EncodingType::Url);
    page.contents.unwrap_or_default().into_iter().filter_map(move |mut object| {
        let key = object.key.take()?;
        object.key = Some(if is_encoded { decode(&key) } else { key });
        Some(object)
    })
}

/// A key of a listing with `encoding-type=url`: form encoding, where `+` is a space.
fn decode(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}

impl Listing {
    fn take(&mut self, inputs: &Inputs, object: Object) {
        let size = object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        let etag = object.e_tag().unwrap_or_default().trim_matches('"').to_owned();
        let last_modified = object.last_modified().map_or(0, aws_sdk_s3::primitives::DateTime::secs);
        let Some(key) = object.key else { return };
        if journal::is_own(&inputs.prefix, &key) {
            // An empty note is one that was settled but could not be deleted.
            self.notes.extend(journal::id_of(&inputs.prefix, &key).filter(|_| size > 0).map(str::to_owned));
            return;
        }
        self.objects.insert(key, RemoteObject { size, etag, last_modified, head: None });
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn a_listed_key_is_decoded_once() {
        assert_eq!(decode("a+b%2Bc%2525/%E6%97%A5"), "a b+c%25/日");
    }
}
