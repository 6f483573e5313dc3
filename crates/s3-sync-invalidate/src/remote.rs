//! What is in the bucket, and whether a local file differs from it.

use serde::Serialize;

use crate::digest::Md5Sum;
use crate::source::LocalFile;

/// The name of the user metadata (`x-amz-meta-…`) that holds the MD5 of an object's content.
///
/// It is what tells versions apart where the `ETag` is no MD5: with SSE-KMS, or after a multipart upload by another tool.
pub(crate) const MD5_METADATA: &str = "slipway-md5";

/// An object, as a listing tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteObject {
    /// Its size in bytes.
    pub size: u64,
    /// Its `ETag` without quotes.
    pub etag: String,
    /// When it was written, in seconds since 1970. Never compared with a file's time.
    pub last_modified: i64,
    /// What a HEAD request told, where one was needed.
    pub head: Option<Head>,
}

/// What a HEAD request told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// The object's headers.
    Read(RemoteHeaders),
    /// The caller may not read it, or it is gone.
    Unreadable,
}

/// The headers of an object that matter here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteHeaders {
    /// Its content type.
    pub content_type: Option<String>,
    /// Its Cache-Control.
    pub cache_control: Option<String>,
    /// The value of [`MD5_METADATA`].
    pub md5: Option<String>,
}

/// The headers a file is published with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Headers {
    /// Its content type.
    pub content_type: String,
    /// Its Cache-Control.
    pub cache_control: String,
}

/// Why a file is uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The key does not exist yet.
    New,
    /// The content differs.
    Content,
    /// Only the content type or the Cache-Control differ.
    Headers,
    /// The object cannot be compared: its `ETag` is not the content's MD5, and no sum of ours could be read.
    NotComparable,
}

/// Whether headers are compared too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeaderCheck {
    /// Only where an object's headers had to be read anyway.
    WhereKnown,
    /// On every object, at one HEAD request each.
    All,
}

/// What to do about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing: the bucket has it.
    Unchanged,
    /// It must be uploaded.
    Upload(Reason),
    /// A HEAD request decides.
    Ask,
}

/// Compares a file with the object of its key.
pub(crate) fn compare(
    file: &LocalFile,
    headers: &Headers,
    object: Option<&RemoteObject>,
    check: HeaderCheck,
) -> Verdict {
    let Some(object) = object else { return Verdict::Upload(Reason::New) };
    if object.size != file.size {
        return Verdict::Upload(Reason::Content);
    }
    let etag = Md5Sum::parse(&object.etag);
    let same_etag = etag == Some(file.md5);
    match (&object.head, same_etag) {
        (None, true) if check == HeaderCheck::WhereKnown => Verdict::Unchanged,
        (None, _) => Verdict::Ask,
        // What could not be read cannot differ in its headers, as far as anybody knows.
        (Some(Head::Unreadable), true) => Verdict::Unchanged,
        (Some(Head::Unreadable), false) => Verdict::Upload(Reason::NotComparable),
        (Some(Head::Read(head)), same_etag) => {
            let known = head.md5.as_deref().and_then(Md5Sum::parse);
            match (same_etag, known) {
                (true, _) => same_content(headers, head),
                (false, Some(md5)) if md5 == file.md5 => same_content(headers, head),
                (false, Some(_)) => Verdict::Upload(Reason::Content),
                (false, None) => Verdict::Upload(unlike(etag)),
            }
        }
    }
}

/// A different `ETag` that could be an MD5 most likely is one; any other says nothing.
fn unlike(etag: Option<Md5Sum>) -> Reason {
    if etag.is_some() { Reason::Content } else { Reason::NotComparable }
}

fn same_content(headers: &Headers, head: &RemoteHeaders) -> Verdict {
    let same = head.content_type.as_deref() == Some(headers.content_type.as_str())
        && head.cache_control.as_deref() == Some(headers.cache_control.as_str());
    if same { Verdict::Unchanged } else { Verdict::Upload(Reason::Headers) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content_type::Looks;

    const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

    fn file() -> LocalFile {
        LocalFile { path: "x".into(), size: 5, md5: Md5Sum::of(b"hello"), looks: Looks::Plain }
    }

    fn headers() -> Headers {
        Headers { content_type: "text/plain".into(), cache_control: "no-cache".into() }
    }

    fn object(etag: &str) -> RemoteObject {
        RemoteObject { size: 5, etag: etag.into(), last_modified: 0, head: None }
    }

    fn read(md5: Option<&str>, cache_control: &str) -> Head {
        Head::Read(RemoteHeaders {
            content_type: Some("text/plain".into()),
            cache_control: Some(cache_control.into()),
            md5: md5.map(str::to_owned),
        })
    }

    #[track_caller]
    fn check(object: Option<&RemoteObject>, check: HeaderCheck, expect: Verdict) {
        assert_eq!(compare(&file(), &headers(), object, check), expect);
    }

    #[test]
    fn a_listing_is_enough_where_the_etag_is_an_md5() {
        check(None, HeaderCheck::WhereKnown, Verdict::Upload(Reason::New));
        check(Some(&object(HELLO)), HeaderCheck::WhereKnown, Verdict::Unchanged);
        let other_size = RemoteObject { size: 6, ..object(HELLO) };
        check(Some(&other_size), HeaderCheck::All, Verdict::Upload(Reason::Content));
    }

    #[test]
    fn an_etag_of_kms_or_of_many_parts_is_settled_by_our_metadata() {
        for etag in ["0cc175b9c0f1b6a831c399e269772661", "0cc175b9c0f1b6a831c399e269772661-2"] {
            check(Some(&object(etag)), HeaderCheck::WhereKnown, Verdict::Ask);
            let known = RemoteObject { head: Some(read(Some(HELLO), "no-cache")), ..object(etag) };
            check(Some(&known), HeaderCheck::WhereKnown, Verdict::Unchanged);
            let older =
                RemoteObject { head: Some(read(Some("0cc175b9c0f1b6a831c399e269772661"), "no-cache")), ..object(etag) };
            check(Some(&older), HeaderCheck::WhereKnown, Verdict::Upload(Reason::Content));
        }
        let foreign = RemoteObject { head: Some(read(None, "no-cache")), ..object("abc-2") };
        check(Some(&foreign), HeaderCheck::WhereKnown, Verdict::Upload(Reason::NotComparable));
        for etag in ["0cc175b9c0f1b6a831c399e269772661", "abc-2"] {
            let unreadable = RemoteObject { head: Some(Head::Unreadable), ..object(etag) };
            check(Some(&unreadable), HeaderCheck::WhereKnown, Verdict::Upload(Reason::NotComparable));
        }
    }

    #[test]
    fn headers_are_compared_where_they_were_read() {
        check(Some(&object(HELLO)), HeaderCheck::All, Verdict::Ask);
        let other = RemoteObject { head: Some(read(None, "private")), ..object(HELLO) };
        check(Some(&other), HeaderCheck::All, Verdict::Upload(Reason::Headers));
        let same = RemoteObject { head: Some(read(None, "no-cache")), ..object(HELLO) };
        check(Some(&same), HeaderCheck::All, Verdict::Unchanged);
    }
}
