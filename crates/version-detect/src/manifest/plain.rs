//! `VERSION`: a file that holds a version and nothing else.

use std::path::Path;

use super::{Flaw, Place, Reader, Resolved, Written, names_of};
use crate::error::Error;

/// The manifests in a folder with these files.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    names_of(names, &["VERSION"])
}

/// The version that a file holds.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let version = reader.parse(manifest, parse)?;
    Ok(version.map(|written| Resolved::written(manifest, written)))
}

/// The only line that is neither empty nor a comment (`#`), without a leading `v`; `None` where there is none.
pub(crate) fn parse(text: &str) -> Result<Option<Written>, Flaw> {
    let mut found: Option<Written> = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let place = Place::of(text, start);
        if found.is_some() {
            return Err(Flaw::malformed("a second line, although the file holds a version and nothing else", place));
        }
        found = Some(without_v(content, place));
    }
    Ok(found)
}

fn without_v(content: &str, place: Place) -> Written {
    match content.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        Some(rest) => Written { text: rest.to_owned(), place: Place { column: place.column + 1, ..place } },
        None => Written { text: content.to_owned(), place },
    }
}
