//! The file that remembers a review: what the plan does, without its secrets, for a later `verify`.
//!
//! The digest in the file is made of the changes in the file, so a file that was cut or edited by hand is noticed. It is no
//! signature: who can write the file can write another review. What protects it is where it is kept.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::canonical::Canonical;
use crate::document::Document;
use crate::error::FileError;
use crate::file;
use crate::inputs::Inputs;
use crate::marker::Name;
use crate::provenance::{Provenance, parse_sha256};
use crate::pull::Run;
use crate::target::is_sha;

/// What the file says it is.
const FORMAT: &str = "slipway-terraform-plan-review";

/// The version that is written, and the only one that is read.
const VERSION: u64 = 2;

/// The largest file that is read: a review is smaller than its plan.
pub(crate) const LARGEST: u64 = 64 * 1024 * 1024;

/// What was reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Reviewed {
    format: String,
    version: u64,
    /// Which of several plans it is.
    pub(crate) name: Option<String>,
    /// The commit that was planned.
    pub(crate) head: Option<String>,
    /// The tip of the branch that it goes to.
    pub(crate) base: Option<String>,
    pub(crate) digest: String,
    pub(crate) plan_sha256: Option<String>,
    pub(crate) changes: Canonical,
}

/// The part of the file that every version has.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: serde_json::Value,
}

/// Why a file is no review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadReview {
    /// It is something else; says what is wrong.
    NotAReview(String),
    /// Another version of this action wrote it.
    UnknownVersion(String),
    /// The changes have another digest than the file says.
    Altered,
}

impl Reviewed {
    /// What is remembered of the plan that is reviewed now.
    pub(crate) fn of(inputs: &Inputs, document: &Document, run: &Run) -> Self {
        let Provenance { digest, plan_sha256, base } = document.provenance.clone();
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            name: inputs.destinations.name.as_ref().map(|name| name.as_str().to_owned()),
            head: run.writer.commit.clone().filter(|commit| is_sha(commit)),
            base,
            digest,
            plan_sha256,
            changes: Canonical::of(document),
        }
    }

    /// Reads a review.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, BadReview> {
        let not_a_review = |error: serde_json::Error| BadReview::NotAReview(error.to_string());
        let header: Header = serde_json::from_slice(bytes).map_err(not_a_review)?;
        if header.format != FORMAT {
            return Err(BadReview::NotAReview("its `format` is another one".to_owned()));
        }
        if header.version != VERSION {
            return Err(BadReview::UnknownVersion(header.version.to_string()));
        }
        let review: Self = serde_json::from_slice(bytes).map_err(not_a_review)?;
        let is_commit = |sha: &Option<String>| sha.iter().all(|sha| is_sha(sha));
        let is_sum = |sum: &Option<String>| sum.iter().all(|sum| parse_sha256(sum).as_ref() == Ok(sum));
        let is_name = review.name.iter().all(|name| Name::parse(name).is_ok());
        if !(is_name && is_commit(&review.head) && is_commit(&review.base) && is_sum(&review.plan_sha256)) {
            return Err(BadReview::NotAReview("its name, a commit or a sum is none".to_owned()));
        }
        if review.changes.digest() == review.digest { Ok(review) } else { Err(BadReview::Altered) }
    }

    /// Writes the file, whole or not at all.
    pub(crate) async fn write(&self, path: &Path) -> Result<(), FileError> {
        let shown = path.display().to_string();
        let written = match serde_json::to_string_pretty(self) {
            Ok(text) => file::replace(path, text + "\n").await,
            Err(error) => Err(error.into()),
        };
        written.map_err(|source| FileError::Review { path: shown, source })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn review() -> Value {
        let changes = Canonical::default();
        json!({ "format": FORMAT, "version": VERSION, "name": "network", "head": "beef".repeat(10), "base": null,
                "digest": changes.digest(), "plan-sha256": null, "changes": changes })
    }

    fn parse(review: &Value) -> Result<Reviewed, BadReview> {
        Reviewed::parse(review.to_string().as_bytes())
    }

    #[test]
    fn what_is_written_is_read_back() {
        let read = parse(&review()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), review());
    }

    #[test]
    fn other_files_other_versions_and_edited_ones_are_told_apart() {
        let edited = |key: &str, value: Value| {
            let mut review = review();
            review[key] = value;
            parse(&review)
        };
        let not_a_review = |read: &Result<Reviewed, BadReview>| matches!(read, Err(BadReview::NotAReview(_)));
        for version in [1, 3] {
            assert_eq!(edited("version", json!(version)), Err(BadReview::UnknownVersion(version.to_string())));
        }
        assert_eq!(edited("version", json!("1")), Err(BadReview::UnknownVersion("\"1\"".to_owned())));
        assert_eq!(edited("digest", json!("0".repeat(64))), Err(BadReview::Altered));
        let mut review = review();
        review["changes"]["errored"] = json!(true);
        assert_eq!(parse(&review), Err(BadReview::Altered));
        for (key, value) in [
            ("format", json!("x")),
            ("name", json!("a\n-->")),
            ("head", json!("\u{1b}[31m")),
            ("head", json!("")),
            ("head", json!("beef")),
            ("base", json!("main")),
            ("base", json!("BEEF".repeat(10))),
            ("plan-sha256", json!("BEEF")),
            ("changes", json!([])),
            ("more", json!(1)),
        ] {
            let read = edited(key, value);
            assert!(not_a_review(&read), "{key}: {read:?}");
        }
        for bytes in [&b""[..], b"[]", b"{}", b"\xFF", b"<html>"] {
            assert!(not_a_review(&Reviewed::parse(bytes)), "{bytes:?}");
        }
    }
}
