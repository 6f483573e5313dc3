//! What makes a failed publication repeatable: a note in the bucket of the keys whose invalidation is due.
//!
//! A sync that uploads, and then fails or is killed before CloudFront took the invalidation, leaves a bucket in which the
//! next run finds nothing to do while the edges still show the old site. So the keys are written to
//! `<prefix>.slipway/invalidation-due-<id>.json` before the first object changes, and the note is removed once every
//! distribution took the invalidation. The next run sees a left-over note in the listing it makes anyway.
//! A note's name is a hash of the change, so runs at the same time do not remove each other's.

use serde::{Deserialize, Serialize};

use crate::bucket::Prefix;
use crate::invalidation::fingerprint;

/// The folder below the prefix that belongs to Slipway.
pub(crate) const FOLDER: &str = ".slipway/";

/// What the names of notes start with, below the prefix.
const NAME: &str = ".slipway/invalidation-due-";

/// Keys whose invalidation is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Journal {
    /// A hash of the change.
    pub id: String,
    /// The keys that change.
    pub keys: Vec<String>,
}

/// The note's content.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    keys: Vec<String>,
}

/// The version this module writes and reads.
const VERSION: u32 = 1;

impl Journal {
    /// A note of `keys`. `evidence` tells this change from any other of the same keys.
    pub fn new(keys: Vec<String>, evidence: &[String]) -> Self {
        Self { id: fingerprint(evidence.iter().map(String::as_str)), keys }
    }

    /// Where the note lies.
    pub fn key(&self, prefix: &Prefix) -> String {
        key(prefix, &self.id)
    }

    /// What the note holds.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&Document { version: VERSION, keys: self.keys.clone() }).unwrap_or_default()
    }
}

/// A note that an earlier run left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Debt {
    /// The hash in the note's name.
    pub id: String,
    /// The keys below the prefix; `None` when the note cannot be read, so that everything is due.
    pub keys: Option<Vec<String>>,
}

impl Debt {
    /// Reads a note. Keys outside of the prefix are not this site's business.
    pub fn parse(id: &str, text: &[u8], prefix: &Prefix) -> Self {
        let document = serde_json::from_slice::<Document>(text).ok().filter(|document| document.version == VERSION);
        let keys =
            document.map(|document| document.keys.into_iter().filter(|key| prefix.relative(key).is_some()).collect());
        Self { id: id.to_owned(), keys }
    }
}

/// The key of the note `id`.
pub(crate) fn key(prefix: &Prefix, id: &str) -> String {
    prefix.key(&format!("{NAME}{id}.json"))
}

/// What the keys of all notes start with.
pub(crate) fn key_of_all(prefix: &Prefix) -> String {
    prefix.key(NAME)
}

/// Whether `key` lies in Slipway's own folder.
pub(crate) fn is_own(prefix: &Prefix, key: &str) -> bool {
    prefix.relative(key).is_some_and(|relative| relative.starts_with(FOLDER))
}

/// The id of the note at `key`, if it is one.
pub(crate) fn id_of<'a>(prefix: &Prefix, key: &'a str) -> Option<&'a str> {
    let id = prefix.relative(key)?.strip_prefix(NAME)?.strip_suffix(".json")?;
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_found_and_read_again() {
        let prefix = Prefix::parse("site").unwrap();
        let journal = Journal::new(vec!["site/a".into(), "site/b c".into()], &["x".into()]);
        let key = journal.key(&prefix);
        assert!(key.starts_with("site/.slipway/invalidation-due-") && is_own(&prefix, &key));
        assert_eq!(id_of(&prefix, &key), Some(journal.id.as_str()));
        let debt = Debt::parse(&journal.id, journal.to_json().as_bytes(), &prefix);
        assert_eq!(debt.keys, Some(journal.keys));
    }

    #[test]
    fn a_note_that_cannot_be_read_means_everything() {
        let prefix = Prefix::default();
        for text in ["", "{", r#"{"version":9,"keys":[]}"#] {
            assert_eq!(Debt::parse("x", text.as_bytes(), &prefix).keys, None, "{text}");
        }
    }

    #[test]
    fn a_note_cannot_name_keys_of_a_neighbor() {
        let prefix = Prefix::parse("site").unwrap();
        let debt = Debt::parse("x", br#"{"version":1,"keys":["site/a","site2/b","../c"]}"#, &prefix);
        assert_eq!(debt.keys, Some(vec!["site/a".to_owned()]));
    }
}
