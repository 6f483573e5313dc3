//! `package.json` (<https://docs.npmjs.com/cli/configuring-npm/package-json#version>).

use actions_core::json_error_offset;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::manifest::{Flaw, FlawKind, Place, Written};

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
}

/// The version at the top level; `None` where there is none. `scripts.version` and the like are something else.
pub(crate) fn parse(text: &str) -> Result<Option<Written>, Flaw> {
    let blank = text.len() - text.trim_start().len();
    // Serde would take a list for the fields in their order.
    if text[blank..].starts_with('[') {
        return Err(Flaw::malformed("its top level is not an object", Place::of(text, blank)));
    }
    let package: Package<'_> = serde_json::from_str(text).map_err(|error| malformed(text, &error))?;
    let Some(raw) = package.version else { return Ok(None) };
    // The raw value is a part of the text, so the distance of their beginnings is its offset.
    let offset = raw.get().as_ptr().addr() - text.as_ptr().addr();
    let place = Place::of(text, offset);
    match serde_json::from_str::<String>(raw.get()) {
        Ok(text) => Ok(Some(Written { text, place })),
        Err(_) => Err(Flaw { kind: FlawKind::NotText, place }),
    }
}

fn malformed(text: &str, error: &serde_json::Error) -> Flaw {
    let place = Place::of(text, json_error_offset(text, error));
    let message = error.to_string();
    let reason = message.split(" at line ").next().unwrap_or_default();
    Flaw::malformed(reason, place)
}
