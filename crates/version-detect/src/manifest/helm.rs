//! Helm: `Chart.yaml`. They are told apart from other manifests, and not read.

use std::path::Path;

use super::{Reader, Resolved, not_read};
use crate::error::Error;

/// None: a manifest that is not read is not looked for.
pub(super) fn candidates(_: &[String]) -> Vec<&str> {
    Vec::new()
}

/// The refusal of a manifest that was named.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    Err(not_read(reader, manifest))
}
