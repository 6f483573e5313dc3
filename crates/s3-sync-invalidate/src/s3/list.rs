//! Lists objects (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>).

use aws_client::call::xml::Odd;
use aws_client::direct::Refused;
use aws_smithy_types::date_time::Format;

use crate::clients::Line;
use crate::etag::ETag;

use super::xml::Element;
use super::{ask, bare, decoded, encoded, seconds};

/// What to list.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Listing<'a> {
    /// What the keys begin with.
    pub(crate) prefix: &'a str,
    /// Keys behind this one. It need not be there.
    pub(crate) after: Option<&'a str>,
    /// Where the page before this one says that it begins.
    pub(crate) token: Option<&'a str>,
    /// What keys have in common up to here, behind the prefix, is one folder.
    pub(crate) delimiter: Option<&'a str>,
    /// How many keys a page has at most; S3's own limit is 1,000.
    pub(crate) most: Option<u32>,
}

/// A page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// The objects, in the order of S3.
    pub(crate) objects: Vec<Listed>,
    /// The folders, with the prefix.
    pub(crate) folders: Vec<String>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<String>,
}

/// An object, as a listing tells. Nothing is kept of it that is not needed: there may be a million.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its key as it is.
    pub(crate) key: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// Its `ETag` without quotes; empty where the endpoint lists none.
    pub(crate) etag: ETag,
    /// When it was written, in seconds since 1970.
    pub(crate) last_modified: i64,
}

/// Reads one page.
pub(crate) async fn list(line: &Line, listing: &Listing<'_>) -> Result<Page, Refused> {
    ask(line, &bare("GET", query(listing)), "ListBucketResult", page).await
}

fn query(listing: &Listing<'_>) -> String {
    // XML cannot carry every key as it is.
    let mut query = format!("/?list-type=2&encoding-type=url&prefix={}", encoded(listing.prefix));
    let most = listing.most.map(|most| most.to_string());
    let more = [
        ("delimiter", listing.delimiter),
        ("start-after", listing.after),
        ("continuation-token", listing.token),
        ("max-keys", most.as_deref()),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            query.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    query
}

fn page(root: Element<'_, '_>) -> Result<Page, Odd> {
    // Who does not know of it says nothing, and writes keys as they are.
    let is_encoded = root.optional_text("EncodingType")?.as_deref() == Some("url");
    let key = |of: Element<'_, '_>, name: &str| {
        let text = of.child(name)?.text()?;
        Ok(if is_encoded { decoded(&text) } else { text.into_owned() })
    };
    let object = |object: Element<'_, '_>| {
        Ok(Listed {
            key: key(object, "Key")?,
            size: object.child("Size")?.value()?,
            etag: object.optional_text("ETag")?.unwrap_or_default().trim_matches('"').into(),
            last_modified: seconds(object.optional_text("LastModified")?.as_deref(), Format::DateTime),
        })
    };
    let next = match root.optional_text("IsTruncated")?.as_deref() {
        // What goes on without a word where cannot be read to its end.
        Some("true") => Some(root.child("NextContinuationToken")?.text()?),
        _ => root.optional_text("NextContinuationToken")?,
    };
    Ok(Page {
        objects: root.all("Contents").map(object).collect::<Result<_, Odd>>()?,
        folders: root.all("CommonPrefixes").map(|folder| key(folder, "Prefix")).collect::<Result<_, Odd>>()?,
        next: next.map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::super::xml;
    use super::*;

    fn parse(text: &str) -> Result<Page, String> {
        xml::read(text.as_bytes(), |root| page(root.named("ListBucketResult")?)).map_err(|odd| odd.to_string())
    }

    #[test]
    fn a_page_is_read() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix>site%2F</Prefix>\
            <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>1/+=</NextContinuationToken>\
            <Contents><Key>site/a+b%2Bc%2525/%F0%9F%98%80%01</Key><LastModified>2026-11-21T16:17:48.000Z</LastModified>\
            <ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass></Contents>\
            <Contents><Size>0</Size><Key>site/b</Key></Contents>\
            <CommonPrefixes><Prefix>site/a+b/</Prefix></CommonPrefixes></ListBucketResult>";
        let hello = Listed {
            key: "site/a b+c%25/\u{1f600}\u{1}".to_owned(),
            size: 5,
            etag: "5d41402abc4b2a76b9719d911017c592".into(),
            last_modified: 1_795_277_868,
        };
        let bare = Listed { key: "site/b".to_owned(), size: 0, etag: ETag::default(), last_modified: 0 };
        let expect =
            Page { objects: vec![hello, bare], folders: vec!["site/a b/".to_owned()], next: Some("1/+=".to_owned()) };
        assert_eq!(parse(text), Ok(expect));
        // Who does not encode keys does not say so.
        let plain = parse("<ListBucketResult><Contents><Key>a+%41</Key><Size>1</Size></Contents></ListBucketResult>");
        assert_eq!(plain.unwrap().objects[0].key, "a+%41");
    }

    #[test]
    fn an_empty_listing_is_one() {
        assert_eq!(parse("<ListBucketResult/>"), Ok(Page::default()));
        let last = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
        assert_eq!(parse(last), Ok(Page::default()));
    }

    #[track_caller]
    fn check_odd(text: &str, says: &str) {
        assert_eq!(parse(text), Err(format!("the answer is odd: {says}")));
    }

    #[test]
    fn what_is_missing_is_named() {
        check_odd(
            "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
            "`Contents` has no `Key`",
        );
        check_odd("<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>", "`Contents` has no `Size`");
        check_odd(
            "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>",
            "`Size` holds another kind of value",
        );
        check_odd(
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
            "`ListBucketResult` has no `NextContinuationToken`",
        );
        check_odd("<ListBucketResult><CommonPrefixes/></ListBucketResult>", "`CommonPrefixes` has no `Prefix`");
        check_odd("<html/>", "`html` instead of `ListBucketResult`");
    }

    #[test]
    fn a_listing_asks_for_what_is_wanted() {
        let all =
            Listing { prefix: "a b/é", after: Some("a+"), token: Some("1/="), delimiter: Some("/"), most: Some(1) };
        let expect = "/?list-type=2&encoding-type=url&prefix=a%20b%2F%C3%A9&delimiter=%2F&start-after=a%2B\
            &continuation-token=1%2F%3D&max-keys=1";
        assert_eq!(query(&all), expect);
        assert_eq!(query(&Listing::default()), "/?list-type=2&encoding-type=url&prefix=");
    }
}
