//! What makes a failed publication repeatable: a note in the bucket of the keys whose invalidation is due.
//!
//! A sync that uploads, and then fails or is killed before CloudFront took the invalidation, leaves a bucket in which the
//! next run finds nothing to do while the edges still show the old site. So the keys are written to
//! `<prefix>.slipway/invalidation-due-<id>.json` before the first object changes, and the note is removed once every
//! distribution took the invalidation. The next run sees a left-over note in the listing it makes anyway.
//! A note's name is a hash of the change. It also says by a hash whose it is, and which distributions are to be told: the note of
//! another run that may be under way still is not removed, because what it tells of may not have happened yet.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bucket::{DistributionId, Prefix};
use crate::invalidation::fingerprint;
use crate::invalidation::tags::Tagged;
use crate::mode::release_of;

/// The folder below the prefix that belongs to Slipway.
pub(crate) const FOLDER: &str = ".slipway/";

/// What the names of notes start with, below the prefix.
const NAME: &str = ".slipway/invalidation-due-";

/// For so long a note is taken for that of a run that is under way.
pub(crate) const YOUNG: Duration = Duration::from_hours(1);

/// After so many seconds a note is settled although not all distributions that it names were told: perhaps one is no more.
const OLD: i64 = 7 * 24 * 60 * 60;

/// Keys whose invalidation is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Journal {
    /// A hash of the change.
    pub id: String,
    /// The keys that change.
    pub keys: Vec<String>,
    /// Those of them under which there never was anything.
    pub fresh: Vec<String>,
    /// Those of them whose objects have a cache tag, by it.
    pub tagged: Tagged,
    /// Whose it is, as a hash; `None` where runs have no ids.
    pub run: Option<String>,
    /// The distributions that show any of the keys.
    pub distributions: Vec<String>,
}

/// The note's content.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    keys: Vec<String>,
    /// Whether it is not known which keys.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    everything: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fresh: Vec<String>,
    #[serde(default, skip_serializing_if = "Tagged::is_empty")]
    tagged: Tagged,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    distributions: Vec<String>,
}

/// The version this module writes and reads.
const VERSION: u32 = 1;

impl Journal {
    /// A note of `keys`. `evidence` tells this change from any other of the same keys.
    pub fn new(keys: Vec<String>, evidence: &[String]) -> Self {
        let id = fingerprint(evidence.iter().map(String::as_str));
        Self { id, keys, fresh: Vec::new(), tagged: Tagged::new(), run: None, distributions: Vec::new() }
    }

    /// Whether it is not known which keys change, so that everything may.
    pub fn is_of_everything(&self) -> bool {
        self.keys.is_empty()
    }

    /// Where the note lies.
    pub fn key(&self, prefix: &Prefix) -> String {
        key(prefix, &self.id)
    }

    /// What the note holds.
    pub fn to_json(&self) -> String {
        let Self { keys, fresh, tagged, run, distributions, .. } = self.clone();
        let everything = self.is_of_everything();
        let document = Document { version: VERSION, keys, everything, fresh, tagged, run, distributions };
        serde_json::to_string(&document).unwrap_or_default()
    }
}

/// A note that was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// The hash in its name.
    pub(crate) id: String,
    /// When it was written, in seconds since 1970.
    pub(crate) written: i64,
}

/// A note that an earlier run left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Debt {
    /// The hash in the note's name.
    pub id: String,
    /// The keys below the prefix; `None` when the note cannot be read, so that everything is due.
    pub keys: Option<Vec<String>>,
    /// Those of them under which there never was anything.
    pub fresh: Vec<String>,
    /// Those of them whose objects had a cache tag, by it.
    pub tagged: Tagged,
    /// Whose it is, as a hash, where that is known.
    pub run: Option<String>,
    /// The distributions to tell; none where that is not known.
    pub distributions: Vec<String>,
    /// When it was written, in seconds since 1970.
    pub written: i64,
}

impl Debt {
    /// Reads a note. Keys outside of the prefix are not this site's business.
    pub(crate) fn parse(note: &Note, text: &[u8], prefix: &Prefix) -> Self {
        let document = serde_json::from_slice::<Document>(text).ok().filter(|document| document.version == VERSION);
        let Some(Document { keys, everything, fresh, tagged, run, distributions, .. }) = document else {
            return Self::unreadable(note);
        };
        let keys = keys.into_iter().filter(|key| prefix.relative(key).is_some()).collect();
        let keys = (!everything).then_some(keys);
        Self { keys, fresh, tagged, run, distributions, ..Self::unreadable(note) }
    }

    /// A note that says no more than that something is due.
    pub(crate) fn unreadable(Note { id, written }: &Note) -> Self {
        Self {
            id: id.clone(),
            keys: None,
            fresh: Vec::new(),
            tagged: Tagged::new(),
            run: None,
            distributions: Vec::new(),
            written: *written,
        }
    }

    /// Whether any of `distributions` is to be told.
    pub(crate) fn concerns(&self, distributions: &[DistributionId]) -> bool {
        self.distributions.is_empty() || distributions.iter().any(|id| self.names(id))
    }

    /// Whether it is that of another run than `run` and may be under way still, `now` seconds after 1970.
    pub(crate) fn may_be_under_way(&self, run: Option<&str>, now: i64) -> bool {
        let is_own = self.run.is_some() && self.run.as_deref() == run;
        !is_own && now - self.written < seconds(YOUNG)
    }

    /// Whether nothing is due any more once `distributions` were told.
    pub(crate) fn is_settled_by(&self, distributions: &[DistributionId], now: i64) -> bool {
        let is_told = |id: &String| distributions.iter().any(|told| told.as_str() == id);
        self.distributions.iter().all(is_told) || now - self.written > OLD
    }

    fn names(&self, id: &DistributionId) -> bool {
        self.distributions.iter().any(|name| name == id.as_str())
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// The key of the note `id`.
pub(crate) fn key(prefix: &Prefix, id: &str) -> String {
    prefix.key(&format!("{NAME}{id}.json"))
}

/// What the keys of all notes start with.
pub(crate) fn key_of_all(prefix: &Prefix) -> String {
    prefix.key(NAME)
}

/// Whether `key` lies in Slipway's own folder, or in that of a release.
pub(crate) fn is_own(prefix: &Prefix, key: &str) -> bool {
    prefix.relative(key).is_some_and(|relative| relative.starts_with(FOLDER) || release_of(relative).is_some())
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
        let journal =
            Journal { run: Some("r".to_owned()), distributions: vec!["E2QWRUHAPOMQZL".to_owned()], ..journal };
        let debt = Debt::parse(&note(&journal.id), journal.to_json().as_bytes(), &prefix);
        assert_eq!((debt.keys, debt.run, debt.distributions), (Some(journal.keys), journal.run, journal.distributions));
    }

    #[test]
    fn a_note_that_cannot_be_read_means_everything() {
        let prefix = Prefix::default();
        for text in ["", "{", r#"{"version":9,"keys":[]}"#] {
            assert_eq!(Debt::parse(&note("x"), text.as_bytes(), &prefix).keys, None, "{text}");
        }
    }

    fn note(id: &str) -> Note {
        Note { id: id.to_owned(), written: 1000 }
    }

    #[test]
    fn the_note_of_another_run_is_left_for_an_hour() {
        let mut debt = Debt::unreadable(&note("x"));
        assert!(
            debt.may_be_under_way(Some("r"), 1000 + seconds(YOUNG) - 1)
                && !debt.may_be_under_way(Some("r"), 1000 + seconds(YOUNG))
        );
        assert!(debt.may_be_under_way(None, 0), "a clock may be wrong");
        debt.run = Some("r".to_owned());
        assert!(!debt.may_be_under_way(Some("r"), 1001));
        assert!(debt.may_be_under_way(Some("s"), 1001) && debt.may_be_under_way(None, 1001));
    }

    #[test]
    fn a_note_is_settled_once_all_its_distributions_were_told() {
        let ids: Vec<_> = ["E2QWRUHAPOMQZL", "E3QWRUHAPOMQZL"].map(|id| DistributionId::parse(id).unwrap()).into();
        let mut debt = Debt::unreadable(&note("x"));
        assert!(debt.concerns(&ids[1..]) && debt.is_settled_by(&ids[1..], 2000));
        debt.distributions = vec!["E2QWRUHAPOMQZL".to_owned()];
        assert!(debt.is_settled_by(&ids, 2000) && !debt.is_settled_by(&ids[1..], 2000));
        assert!(debt.concerns(&ids) && !debt.concerns(&ids[1..]));
        assert!(debt.is_settled_by(&ids[1..], 1001 + OLD));
    }

    #[test]
    fn a_note_cannot_name_keys_of_a_neighbor() {
        let prefix = Prefix::parse("site").unwrap();
        let debt = Debt::parse(&note("x"), br#"{"version":1,"keys":["site/a","site2/b","../c"]}"#, &prefix);
        assert_eq!(debt.keys, Some(vec!["site/a".to_owned()]));
    }
}
