//! `lerna.json` (<https://lerna.js.org/docs/api-reference/configuration>).

use super::package;
use crate::manifest::{Flaw, Written};

/// The file's name.
pub(super) const NAME: &str = "lerna.json";

/// The version of all packages; `None` where each has its own.
pub(super) fn parse(text: &str) -> Result<Option<Written>, Flaw> {
    // The version has the same place as in a package.json, and its form.
    let version = package::parse(text)?.version;
    Ok(version.filter(|version| version.text != "independent"))
}
