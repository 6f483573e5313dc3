//! Every place where a version is written, and nothing else: byte ranges that hold exactly the old version, replaced by the new one.

mod cargo;
mod lerna;
mod maven;
mod npm;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use actions_core::{Location, Place};

use super::error::BumpError;
use super::remote::Remote;
use crate::error::Error;
use crate::manifest::{Ecosystem, Files as _, Found, Origin};

/// A file as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edited {
    pub(crate) content: String,
    pub(crate) mode: String,
}

/// The places of a version, by file.
#[derive(Debug, Default)]
struct Places {
    files: BTreeMap<PathBuf, BTreeSet<(usize, usize)>>,
    /// A file that has the version, and cannot be written.
    refused: Option<PathBuf>,
}

impl Places {
    fn add(&mut self, file: &Path, range: Range<usize>) {
        self.files.entry(file.to_path_buf()).or_default().insert((range.start, range.end));
    }

    fn refuse(&mut self, file: &Path) {
        self.refused.get_or_insert_with(|| file.to_path_buf());
    }
}

/// The files that change when `next` is written for the version that was found; the inner error is that it cannot be.
pub(crate) fn edit(
    files: &Remote,
    found: &Found,
    next: &str,
) -> Result<Result<BTreeMap<String, Edited>, BumpError>, Error> {
    let file = Path::new("/").join(&found.file);
    let old = found.version.as_str();
    let text = files.text(&file)?.unwrap_or_default();
    let Some(range) = written(&text, found.place, old).filter(|_| found.origin == Origin::Written) else {
        return Ok(Err(BumpError::NotWritable { version: old.to_owned(), location: found.location() }));
    };
    let mut places = Places::default();
    places.add(&file, range.clone());
    match found.ecosystem {
        Ecosystem::Npm if file.file_name().is_some_and(|name| name == lerna::NAME) => {
            lerna::add(files, &file, old, &mut places)?;
        }
        Ecosystem::Npm => npm::add(files, &file, old, &mut places)?,
        Ecosystem::Maven => maven::add(files, &file, old, &mut places)?,
        Ecosystem::Cargo => cargo::add(files, (&file, &range), old, &mut places)?,
        Ecosystem::Python
        | Ecosystem::Gradle
        | Ecosystem::DotNet
        | Ecosystem::Helm
        | Ecosystem::Plain
        | Ecosystem::Command => {}
    }
    if let Some(file) = places.refused {
        let location = Location::file(files.shown(&file));
        return Ok(Err(BumpError::NotWritable { version: old.to_owned(), location }));
    }
    let mut edited = BTreeMap::new();
    for (file, ranges) in &places.files {
        let mut content = files.text(file)?.unwrap_or_default();
        for (start, end) in ranges.iter().rev() {
            content.replace_range(start..end, next);
        }
        let mode = files.mode(file).unwrap_or(github_client::PLAIN_FILE).to_owned();
        edited.insert(files.shown(file), Edited { content, mode });
    }
    Ok(Ok(edited))
}

/// Where `old` is written at `place`, in quotes or without; `None` where something else stands there, or more than that.
fn written(text: &str, place: Place, old: &str) -> Option<Range<usize>> {
    // Places count behind a byte order mark.
    let mark = text.len() - text.strip_prefix('\u{FEFF}').unwrap_or(text).len();
    let line: usize = text[mark..].split_inclusive('\n').take(place.line - 1).map(str::len).sum::<usize>() + mark;
    let column: usize = text[line..].chars().take(place.column - 1).map(char::len_utf8).sum();
    let at = line + column;
    let rest = &text[at..];
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    let start = at + quote.map_or(0, char::len_utf8);
    let end = start + old.len();
    let is_old = text.get(start..end) == Some(old);
    let behind = text.get(end..).and_then(|rest| rest.chars().next());
    let ends = match (quote, behind) {
        (Some(quote), behind) => behind == Some(quote),
        (None, Some(behind)) => !(behind.is_alphanumeric() || ".+-_${}".contains(behind)),
        (None, None) => true,
    };
    (is_old && ends).then_some(start..end)
}

#[cfg(test)]
mod tests;
