//! Listings, by the first and by the second version of the operation.

use std::collections::BTreeMap;
use std::ops::Bound;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::answer::{Answer, escape};
use crate::object::{Object, rfc3339};
use crate::operation::Operation;
use crate::request::Head;
use crate::store::Store;

/// The most keys of a page.
const MOST: usize = 1000;

/// What `encoding-type=url` leaves as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a listing asks for.
struct Asked<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    /// Only keys after this one.
    after: String,
    most: usize,
    is_encoded: bool,
}

/// A page.
#[derive(Debug, Default)]
struct Page {
    contents: String,
    prefixes: String,
    count: usize,
    /// The last key or common prefix, where more come after it.
    next: Option<String>,
}

/// Lists a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub(crate) fn answer(objects: &BTreeMap<String, Object>, operation: Operation, head: &Head) -> Answer {
    let is_second = operation == Operation::ListObjectsV2;
    let given = |name: &str| head.query(name).filter(|value| !value.is_empty());
    let token = given("continuation-token").map(|token| percent_decode_str(token).decode_utf8_lossy().into_owned());
    let after = if is_second {
        token.or_else(|| given("start-after").map(str::to_owned))
    } else {
        given("marker").map(str::to_owned)
    };
    let most = given("max-keys").and_then(|number| number.parse().ok()).unwrap_or(MOST).min(MOST);
    let asked = Asked {
        prefix: head.query("prefix").unwrap_or_default(),
        delimiter: given("delimiter"),
        after: after.unwrap_or_default(),
        most,
        is_encoded: head.query("encoding-type") == Some("url"),
    };
    let bucket = head.names().0;
    let page = page(objects, bucket, &asked);
    let mut content = format!("<Name>{bucket}</Name>");
    element("Prefix", asked.prefix, asked.is_encoded, &mut content);
    if let Some(delimiter) = asked.delimiter {
        element("Delimiter", delimiter, asked.is_encoded, &mut content);
    }
    content.push_str(&format!("<MaxKeys>{most}</MaxKeys><IsTruncated>{}</IsTruncated>", page.next.is_some()));
    if asked.is_encoded {
        content.push_str("<EncodingType>url</EncodingType>");
    }
    match &page.next {
        Some(next) if is_second => {
            let token = utf8_percent_encode(next, NON_ALPHANUMERIC);
            content.push_str(&format!("<NextContinuationToken>{token}</NextContinuationToken>"));
        }
        // Without a delimiter the last key is the marker.
        Some(next) if asked.delimiter.is_some() => element("NextMarker", next, asked.is_encoded, &mut content),
        _ => {}
    }
    if is_second {
        content.push_str(&format!("<KeyCount>{}</KeyCount>", page.count));
    } else {
        element("Marker", &asked.after, asked.is_encoded, &mut content);
    }
    content.push_str(&page.contents);
    content.push_str(&page.prefixes);
    Answer::xml("ListBucketResult", &content)
}

fn page(objects: &BTreeMap<String, Object>, bucket: &str, asked: &Asked<'_>) -> Page {
    let mut page = Page { contents: String::with_capacity(asked.most.min(MOST) * 256), ..Page::default() };
    let mut start = if asked.after.as_str() < asked.prefix {
        Bound::Included(format!("{bucket}/{}", asked.prefix))
    } else {
        Bound::Excluded(format!("{bucket}/{}", asked.after))
    };
    let mut last = String::new();
    let mut stamp = (0, rfc3339(0));
    'ranges: loop {
        for (key, object) in Store::after(objects, bucket, start) {
            let Some(rest) = key.strip_prefix(asked.prefix) else { break 'ranges };
            let common = asked.delimiter.and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()));
            let common = common.map(|end| &key[..asked.prefix.len() + end]);
            if let Some(common) = common.filter(|common| asked.after.starts_with(*common)) {
                start = Bound::Excluded(past(bucket, common));
                continue 'ranges;
            }
            if page.count == asked.most {
                page.next = Some(last);
                return page;
            }
            page.count += 1;
            if let Some(common) = common {
                page.prefixes.push_str("<CommonPrefixes>");
                element("Prefix", common, asked.is_encoded, &mut page.prefixes);
                page.prefixes.push_str("</CommonPrefixes>");
                common.clone_into(&mut last);
                start = Bound::Excluded(past(bucket, common));
                continue 'ranges;
            }
            if stamp.0 != object.modified {
                stamp = (object.modified, rfc3339(object.modified));
            }
            contents(key, object, &stamp.1, asked.is_encoded, &mut page.contents);
            key.clone_into(&mut last);
        }
        break;
    }
    page
}

/// After every key that starts with `prefix`.
fn past(bucket: &str, prefix: &str) -> String {
    format!("{bucket}/{prefix}{}", char::MAX)
}

fn contents(key: &str, object: &Object, modified: &str, is_encoded: bool, xml: &mut String) {
    xml.push_str("<Contents>");
    element("Key", key, is_encoded, xml);
    xml.push_str(&format!(
        "<LastModified>{modified}</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
        object.tag, object.size
    ));
}

fn element(name: &str, value: &str, is_encoded: bool, xml: &mut String) {
    xml.push('<');
    xml.push_str(name);
    xml.push('>');
    if is_encoded {
        xml.extend(utf8_percent_encode(value, KEPT));
    } else {
        escape(value, xml);
    }
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}
