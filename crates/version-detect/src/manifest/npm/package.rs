//! `package.json` (<https://docs.npmjs.com/cli/configuring-npm/package-json#version>).

use actions_core::json_error_offset;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::manifest::{Flaw, FlawKind, Place, Written};

/// The file's name.
pub(super) const NAME: &str = "package.json";

/// What a `package.json` says about versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) version: Option<Written>,
    /// Whether it is the root of a monorepo rather than a package: it is private or has workspaces.
    pub(crate) is_root: bool,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    private: Option<&'a RawValue>,
    #[serde(borrow)]
    workspaces: Option<&'a RawValue>,
}

/// The version at the top level; `scripts.version` and the like are something else.
pub(crate) fn parse(text: &str) -> Result<Package, Flaw> {
    let blank = text.len() - text.trim_start().len();
    // Serde would take a list for the fields in their order.
    if text[blank..].starts_with('[') {
        return Err(Flaw::malformed("its top level is not an object", Place::of(text, blank)));
    }
    let fields: Fields<'_> = serde_json::from_str(text).map_err(|error| malformed(text, &error))?;
    let is_private = fields.private.is_some_and(|private| private.get() == "true");
    Ok(Package {
        version: fields.version.map(|raw| written(text, raw)).transpose()?,
        is_root: is_private || fields.workspaces.is_some(),
    })
}

/// The text that `raw`, a part of the document `text`, holds.
fn written(text: &str, raw: &RawValue) -> Result<Written, Flaw> {
    // The raw value is a part of the text, so the distance of their beginnings is its offset.
    let offset = raw.get().as_ptr().addr() - text.as_ptr().addr();
    let place = Place::of(text, offset);
    match serde_json::from_str::<String>(raw.get()) {
        Ok(text) => Ok(Written { text, place }),
        Err(_) => Err(Flaw { kind: FlawKind::NotText, place }),
    }
}

fn malformed(text: &str, error: &serde_json::Error) -> Flaw {
    let place = Place::of(text, json_error_offset(text, error));
    let message = error.to_string();
    let reason = message.split(" at line ").next().unwrap_or_default();
    Flaw::malformed(reason, place)
}
