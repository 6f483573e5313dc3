//! What a release is made of: what is uploaded, what is copied from the last one, and what the manifest says of both.

use std::collections::BTreeSet;

use crate::bucket::Prefix;
use crate::etag::ETag;
use crate::hashed_name::has_content_hash;
use crate::inputs::Inputs;
use crate::manifest::{Content, Entry, ReleaseId};
use crate::phase::Phase;
use crate::plan::{Decision, Snapshot, Upload, decide};
use crate::prefixed::{Moved, Shown, all, base};
use crate::remote::Reason;
use crate::table::Table;

use super::Known;

/// The most that one request copies (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).
pub(super) const LARGEST_COPY: u64 = 5 * 1024 * 1024 * 1024;

/// What becomes of the files, and whether that is another site than the present release.
pub(super) struct Decided {
    pub(super) files: Vec<File>,
    pub(super) is_release: bool,
}

/// A file of the source.
pub(super) enum File {
    /// It is uploaded.
    New(Upload),
    /// The present release has its content, in this object.
    Same(Upload, String, String),
}

pub(super) fn decided(inputs: &Inputs, snapshot: &Snapshot, known: Option<&Content>, before: &Prefix) -> Decided {
    let at = Inputs { prefix: before.clone(), ..inputs.clone() };
    let mut files = Vec::new();
    let mut is_release = known.is_none_or(|known| known.release.place.is_none());
    for (path, file) in snapshot.source.files.iter() {
        let (upload, is_same) = match decide(&at, snapshot, path, &file) {
            Decision::Upload(upload) => {
                is_release = true;
                let is_same = upload.reason == Reason::Headers;
                (*upload, is_same)
            }
            Decision::Unchanged(_) => (Upload::of(&at, snapshot, path, &file, Reason::New), true),
        };
        let object = snapshot.seen(path).object.filter(|_| is_same);
        let is_small = upload.size <= LARGEST_COPY;
        // A copy of an empty object saves nothing, and those of redirects are empty.
        match object
            .filter(|object| is_small && !object.etag.to_string().is_empty() && upload.headers.redirect.is_none())
        {
            Some(object) => files.push(File::Same(upload, before.key(path), object.etag.to_string())),
            None => files.push(File::New(upload)),
        }
    }
    let leaves =
        |(path, entry): (&str, &Entry)| entry.last_used().is_none() && !snapshot.source.files.contains_key(path);
    is_release |= known.is_some_and(|known| known.entries.iter().any(leaves));
    Decided { files, is_release }
}

/// A release as it grows.
pub(super) struct Built<'a> {
    pub(super) to: &'a Prefix,
    pub(super) uploads: Vec<Upload>,
    pub(super) moves: Vec<Moved>,
    pub(super) entries: Table<Entry>,
}

impl<'a> Built<'a> {
    pub(super) fn new(to: &'a Prefix) -> Self {
        Self { to, uploads: Vec::new(), moves: Vec::new(), entries: Table::default() }
    }

    pub(super) fn take(&mut self, file: File) {
        match file {
            File::New(upload) => {
                let key = self.to.key(&upload.path);
                let upload = Upload { key, before: None, returns: false, ..upload };
                self.entries.insert(&upload.path, upload.entry(ETag::Md5(upload.md5)));
                self.uploads.push(upload);
            }
            File::Same(upload, from, etag) => {
                let to = Upload { key: self.to.key(&upload.path), reason: Reason::New, returns: false, ..upload };
                self.entries.insert(&to.path, to.entry(etag.as_str().into()));
                self.moves.push(Moved { from, etag, is_left: false, keeps_headers: false, to });
            }
        }
    }

    /// The assets of the last releases come along, `has` telling what the release has itself: pages that visitors have open ask for
    /// them, and get them from the release that is shown by then. What visitors have is what is shown, which need not be the last
    /// release: one that ended before its switch was seen by nobody.
    pub(super) fn leave(
        &mut self,
        inputs: &Inputs,
        known: &Content,
        fronts: &[Known],
        has: &dyn Fn(&str, &Entry) -> bool,
    ) {
        let from = base(&inputs.prefix, known);
        let mut last: BTreeSet<&ReleaseId> = all(known).map(|release| &release.id).take(inputs.keep_releases).collect();
        for front in fronts.iter().filter(|_| inputs.keep_releases > 0) {
            last.extend(match &front.shown {
                Shown::Release(id) => {
                    all(known).filter(|one| one.place.as_ref() == Some(id)).map(|one| &one.id).collect()
                }
                Shown::Site => Vec::from_iter(all(known).find(|one| one.place.is_none()).map(|one| &one.id)),
            });
        }
        for (path, entry) in known.entries.iter() {
            let last_used = entry.last_used().unwrap_or(&known.release.id);
            if entry.page || has(path, entry) || !last.contains(last_used) || entry.size > LARGEST_COPY {
                continue;
            }
            let (to, keeps_headers) = carried(inputs, path, entry, self.to.key(path));
            self.entries.insert(path, entry.clone().last_used_by(Some(last_used.clone())));
            let etag = entry.etag.to_string();
            self.moves.push(Moved { from: from.key(path), etag, is_left: true, keeps_headers, to });
        }
    }
}

/// What the object of `entry` becomes at `key`, and whether it must keep its headers because nobody knows which they are.
pub(super) fn carried(inputs: &Inputs, path: &str, entry: &Entry, key: String) -> (Upload, bool) {
    let known = inputs.possible_headers(path).find(|(_, headers)| entry.headers == Some(headers.fingerprint()));
    let keeps_headers = known.is_none();
    let headers = known.or_else(|| inputs.possible_headers(path).next()).map(|(_, headers)| headers);
    let to = Upload {
        path: path.to_owned(),
        key,
        phase: if has_content_hash(path) { Phase::HashedAssets } else { Phase::OtherAssets },
        reason: Reason::New,
        size: entry.size,
        before: None,
        md5: entry.md5,
        headers: headers.unwrap_or_default(),
        unsteady: entry.unsteady(),
        returns: false,
        packed: entry.packed(),
        file: std::path::PathBuf::new(),
    };
    (to, keeps_headers)
}
