//! What is in the bucket, and whether a local file differs from it.

use std::num::NonZeroU32;

use serde::Serialize;

use crate::digest::Md5Sum;
use crate::etag::ETag;
use crate::headers::{Headers, RemoteHeaders};
use crate::manifest::Entry;
use crate::recalled::{Recall, Recalled};
use crate::source::LocalFile;

/// The objects below the prefix by their path below it, without Slipway's own.
pub(crate) type Objects = Recalled<RemoteObject>;

/// An object, as a listing tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteObject {
    /// Its size in bytes.
    pub size: u64,
    /// Its `ETag` without quotes.
    pub etag: ETag,
    /// When it was written, in seconds since 1970. Never compared with a file's time.
    pub last_modified: i64,
    /// What a HEAD request told, where one was needed.
    pub head: Option<Head>,
}

impl Recall for RemoteObject {
    /// When it was written, which the manifest does not say.
    type Rest = NonZeroU32;

    fn rest(&self, entry: &Entry) -> Option<NonZeroU32> {
        let is_same = self.size == entry.size && self.etag == entry.etag && self.head.is_none();
        u32::try_from(self.last_modified).ok().and_then(NonZeroU32::new).filter(|_| is_same)
    }

    fn recalled(entry: &Entry, written: NonZeroU32) -> Self {
        let last_modified = i64::from(written.get());
        Self { size: entry.size, etag: entry.etag.clone(), last_modified, head: None }
    }
}

/// What a HEAD request told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// The object's headers.
    Read(Box<RemoteHeaders>),
    /// The caller may not read it.
    Unreadable,
}

/// Why a file is uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The key does not exist yet.
    New,
    /// The content differs.
    Content,
    /// Only what it is published with differs, such as the content type or the Cache-Control.
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
    Unchanged(Compared),
    /// It must be uploaded.
    Upload(Reason),
    /// A HEAD request decides.
    Ask,
}

/// What of a file and its object was found to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// The content.
    Content,
    /// The content and the headers.
    ContentAndHeaders,
}

/// What is remembered of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Memory<'a> {
    /// Nothing: there is no manifest.
    None,
    /// There is a manifest, and the object is not in it: it was put by a publication that failed, or by somebody else.
    Stranger,
    /// The manifest knows it.
    Known(Remembered<'a>),
}

/// What the manifest remembers of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remembered<'a> {
    /// The object when the manifest was written.
    pub(crate) entry: &'a Entry,
    /// Whether it was written again since, as a copy onto itself does that changes its headers.
    pub(crate) is_older: bool,
}

/// Compares a file with the object of its key.
pub(crate) fn compare(
    file: &LocalFile,
    headers: &Headers,
    object: Option<&RemoteObject>,
    memory: Memory<'_>,
    check: HeaderCheck,
) -> Verdict {
    let Some(object) = object else { return Verdict::Upload(Reason::New) };
    if object.size != file.size {
        return Verdict::Upload(Reason::Content);
    }
    match memory {
        Memory::Known(remembered) if remembered.entry.etag == object.etag => {
            compare_with_manifest(file, headers, object, remembered, check)
        }
        Memory::Known(_) | Memory::Stranger => compare_with_object(file, headers, object, HeaderCheck::All),
        Memory::None => compare_with_object(file, headers, object, check),
    }
}

/// Whether [`compare`] does not say [`Verdict::Ask`], whatever the headers are: they need not be known to find out.
pub(crate) fn is_settled(file: &LocalFile, object: Option<&RemoteObject>, memory: Memory<'_>) -> bool {
    match (object, memory) {
        (None, _) => true,
        (Some(object), _) if object.size != file.size => true,
        (Some(object), Memory::Known(Remembered { entry, is_older })) => {
            entry.etag == object.etag && (entry.md5 != file.md5 || (entry.headers.is_some() && !is_older))
        }
        (Some(_), Memory::None | Memory::Stranger) => false,
    }
}

/// While an object has the `ETag` that the manifest says, its content is what the manifest says, whatever kind of `ETag` that is.
fn compare_with_manifest(
    file: &LocalFile,
    headers: &Headers,
    object: &RemoteObject,
    remembered: Remembered<'_>,
    check: HeaderCheck,
) -> Verdict {
    let Remembered { entry, is_older } = remembered;
    if entry.md5 != file.md5 {
        return Verdict::Upload(if entry.is_comparable(file.size) { Reason::Content } else { Reason::NotComparable });
    }
    match (&object.head, entry.headers.filter(|_| !is_older)) {
        (Some(Head::Read(head)), _) => same_content(headers, head),
        (_, Some(known)) if known == headers.fingerprint() => Verdict::Unchanged(Compared::ContentAndHeaders),
        (_, Some(_)) => Verdict::Upload(Reason::Headers),
        (None, None) if is_older || check == HeaderCheck::All => Verdict::Ask,
        (_, None) => Verdict::Unchanged(Compared::Content),
    }
}

fn compare_with_object(file: &LocalFile, headers: &Headers, object: &RemoteObject, check: HeaderCheck) -> Verdict {
    let etag = object.etag.md5();
    let same_etag = etag == Some(file.md5);
    match (&object.head, same_etag) {
        // All redirects have the same content.
        (None, true) if check == HeaderCheck::WhereKnown && headers.redirect.is_none() => {
            Verdict::Unchanged(Compared::Content)
        }
        (None, _) => Verdict::Ask,
        // What could not be read cannot differ in its headers, as far as anybody knows.
        (Some(Head::Unreadable), true) => Verdict::Unchanged(Compared::Content),
        (Some(Head::Unreadable), false) => Verdict::Upload(Reason::NotComparable),
        (Some(Head::Read(head)), same_etag) => {
            let known = head.md5.as_deref().and_then(Md5Sum::parse);
            match (same_etag, known) {
                // It was written again after it was listed.
                (true, Some(md5)) if md5 != file.md5 => Verdict::Upload(Reason::Content),
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
    if headers.are_those_of(head) {
        Verdict::Unchanged(Compared::ContentAndHeaders)
    } else {
        Verdict::Upload(Reason::Headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content_type::Looks;
    use crate::source::Place;

    const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

    fn file() -> LocalFile {
        LocalFile { size: 5, md5: Md5Sum::of(b"hello"), looks: Looks::Plain, place: Place::Stored, packed: None }
    }

    fn headers() -> Headers {
        Headers::new("text/plain", "no-cache")
    }

    fn object(etag: &str) -> RemoteObject {
        RemoteObject { size: 5, etag: etag.into(), last_modified: 0, head: None }
    }

    fn read(md5: Option<&str>, cache_control: &str) -> Head {
        Head::Read(Box::new(RemoteHeaders {
            content_type: Some("text/plain".into()),
            cache_control: Some(cache_control.into()),
            md5: md5.map(str::to_owned),
            ..RemoteHeaders::default()
        }))
    }

    #[track_caller]
    fn check(object: Option<&RemoteObject>, check: HeaderCheck, expect: Verdict) {
        assert!(expect != Verdict::Ask || !is_settled(&file(), object, Memory::None));
        assert_eq!(compare(&file(), &headers(), object, Memory::None, check), expect);
    }

    #[test]
    fn a_listing_is_enough_where_the_etag_is_an_md5() {
        check(None, HeaderCheck::WhereKnown, Verdict::Upload(Reason::New));
        check(Some(&object(HELLO)), HeaderCheck::WhereKnown, Verdict::Unchanged(Compared::Content));
        let other_size = RemoteObject { size: 6, ..object(HELLO) };
        check(Some(&other_size), HeaderCheck::All, Verdict::Upload(Reason::Content));
    }

    #[test]
    fn an_etag_of_kms_or_of_many_parts_is_settled_by_our_metadata() {
        for etag in ["0cc175b9c0f1b6a831c399e269772661", "0cc175b9c0f1b6a831c399e269772661-2"] {
            check(Some(&object(etag)), HeaderCheck::WhereKnown, Verdict::Ask);
            let known = RemoteObject { head: Some(read(Some(HELLO), "no-cache")), ..object(etag) };
            check(Some(&known), HeaderCheck::WhereKnown, Verdict::Unchanged(Compared::ContentAndHeaders));
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
        check(Some(&same), HeaderCheck::All, Verdict::Unchanged(Compared::ContentAndHeaders));
    }

    fn entry(content: &[u8], etag: &str, headers: Option<&Headers>) -> Entry {
        let (size, headers) = (content.len() as u64, headers.map(Headers::fingerprint));
        Entry { size, md5: Md5Sum::of(content), etag: etag.into(), headers, page: false, rare: None }
    }

    #[track_caller]
    fn remembered(entry: &Entry, object: &RemoteObject, is_older: bool, check: HeaderCheck, expect: Verdict) {
        let memory = Memory::Known(Remembered { entry, is_older });
        assert!(expect != Verdict::Ask || !is_settled(&file(), Some(object), memory));
        assert_eq!(compare(&file(), &headers(), Some(object), memory, check), expect);
    }

    #[test]
    fn what_the_manifest_remembers_needs_no_other_request() {
        let both = Verdict::Unchanged(Compared::ContentAndHeaders);
        for etag in [HELLO, "0cc175b9c0f1b6a831c399e269772661", "abc-2"] {
            for check in [HeaderCheck::WhereKnown, HeaderCheck::All] {
                let same = entry(b"hello", etag, Some(&headers()));
                remembered(&same, &object(etag), false, check, both);
                let private = entry(b"hello", etag, Some(&Headers::new("text/plain", "private")));
                remembered(&private, &object(etag), false, check, Verdict::Upload(Reason::Headers));
                let other = entry(b"olleh", etag, Some(&headers()));
                remembered(&other, &object(etag), false, check, Verdict::Upload(Reason::Content));
            }
        }
    }

    #[test]
    fn what_is_settled_needs_no_headers() {
        let known = entry(b"hello", HELLO, Some(&headers()));
        let other = entry(b"olleh", HELLO, None);
        let unknown = entry(b"hello", HELLO, None);
        let (same, larger) = (object(HELLO), RemoteObject { size: 6, ..object(HELLO) });
        let of = |entry, is_older| Memory::Known(Remembered { entry, is_older });
        for (object, memory, expect) in [
            (None, Memory::Stranger, true),
            (Some(&larger), Memory::None, true),
            (Some(&same), of(&known, false), true),
            (Some(&same), of(&other, true), true),
            (Some(&same), of(&known, true), false),
            (Some(&same), of(&unknown, false), false),
            (Some(&same), Memory::None, false),
            (Some(&same), Memory::Stranger, false),
        ] {
            assert_eq!(is_settled(&file(), object, memory), expect, "{object:?} {memory:?}");
        }
    }

    #[test]
    fn headers_that_nobody_compared_are_not_taken_for_ours() {
        let unknown = entry(b"hello", "abc-2", None);
        let content = Verdict::Unchanged(Compared::Content);
        remembered(&unknown, &object("abc-2"), false, HeaderCheck::WhereKnown, content);
        remembered(&unknown, &object("abc-2"), false, HeaderCheck::All, Verdict::Ask);
    }

    #[test]
    fn an_object_that_was_written_again_is_asked_for_its_headers() {
        let same = entry(b"hello", "abc-2", Some(&headers()));
        remembered(&same, &object("abc-2"), true, HeaderCheck::WhereKnown, Verdict::Ask);
        let copied = RemoteObject { head: Some(read(None, "private")), ..object("abc-2") };
        remembered(&same, &copied, true, HeaderCheck::WhereKnown, Verdict::Upload(Reason::Headers));
        let unreadable = RemoteObject { head: Some(Head::Unreadable), ..object("abc-2") };
        remembered(&same, &unreadable, true, HeaderCheck::WhereKnown, Verdict::Unchanged(Compared::Content));
    }

    #[test]
    fn another_etag_than_the_manifest_says_is_another_object() {
        let before = entry(b"olleh", "abc-2", Some(&headers()));
        for etag in [HELLO, "abd-2"] {
            remembered(&before, &object(etag), false, HeaderCheck::WhereKnown, Verdict::Ask);
            let ours = RemoteObject { head: Some(read(Some(HELLO), "no-cache")), ..object(etag) };
            let same = Verdict::Unchanged(Compared::ContentAndHeaders);
            remembered(&before, &ours, false, HeaderCheck::WhereKnown, same);
        }
    }

    #[test]
    fn what_a_publication_that_failed_has_put_is_looked_at_once() {
        let ask = compare(&file(), &headers(), Some(&object(HELLO)), Memory::Stranger, HeaderCheck::WhereKnown);
        assert_eq!(ask, Verdict::Ask);
    }
}
