//! The two versions of a package in npm's lockfiles (<https://docs.npmjs.com/cli/configuring-npm/package-lock-json>), and what packages ask
//! of each other.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Places;
use crate::bump::remote::Remote;
use crate::error::Error;

pub(super) const LOCKS: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];

#[derive(Deserialize)]
struct Lock<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow, default)]
    packages: HashMap<Cow<'a, str>, &'a RawValue>,
}

type Table<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

/// A package, as its own file has it, or a lockfile.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Package<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow, default)]
    dependencies: Option<Table<'a>>,
    #[serde(borrow, default)]
    dev_dependencies: Option<Table<'a>>,
    #[serde(borrow, default)]
    peer_dependencies: Option<Table<'a>>,
    #[serde(borrow, default)]
    optional_dependencies: Option<Table<'a>>,
}

impl<'a> Package<'a> {
    /// A package that `part`, a part of a document, holds; `None` for anything else.
    pub(super) fn parse(part: &'a str) -> Option<Self> {
        serde_json::from_str(part).ok()
    }

    /// Where the document `text` has its version, when that is `old`.
    pub(super) fn version(&self, text: &str, old: &str) -> Option<Range<usize>> {
        self.version.and_then(|raw| within(text, raw, old)).filter(|range| text.as_bytes()[range.start - 1] == b'"')
    }

    /// Where the document `text` has `old` of one of `names` in what the package asks for. A range may begin with an operator.
    pub(super) fn requirements(&self, text: &str, names: &BTreeSet<String>, old: &str) -> Vec<Range<usize>> {
        let tables = [&self.dependencies, &self.dev_dependencies, &self.peer_dependencies, &self.optional_dependencies];
        let ranges = tables.into_iter().flatten().flatten().filter(|(name, _)| names.contains(&***name));
        ranges.filter_map(|(_, raw)| within(text, raw, old)).collect()
    }
}

/// Where `raw`, a text that is a part of the document `text`, has `old`, behind nothing but an operator.
fn within(text: &str, raw: &RawValue, old: &str) -> Option<Range<usize>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    let operator = inner.strip_suffix(old)?;
    let operator = operator.strip_prefix("workspace:").unwrap_or(operator);
    if !["", "^", "~", "=", "v", ">=", ">= "].contains(&operator) {
        return None;
    }
    // A raw value is a part of the text, so the distance of their beginnings is its offset; the quotes stay.
    let end = raw.get().as_ptr().addr() - text.as_ptr().addr() + raw.get().len() - 1;
    Some(end - old.len()..end)
}

/// Adds the places in the lockfiles of the package and of the workspaces above it.
pub(super) fn add(files: &Remote, manifest: &Path, old: &str, places: &mut Places) -> Result<(), Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    for above in folder.ancestors() {
        for name in LOCKS {
            let lock = above.join(name);
            let Some(text) = files.text(&lock)? else { continue };
            let key = folder.strip_prefix(above).unwrap_or(folder).display().to_string();
            for range in locked(&text, &[key], &BTreeSet::new(), old) {
                places.add(&lock, range);
            }
        }
    }
    Ok(())
}

/// Where a lockfile has the version of the packages `keys`, which are paths below the lockfile, and what any package in the repository asks of
/// `names`; a lockfile that is none has none.
pub(super) fn locked(text: &str, keys: &[String], names: &BTreeSet<String>, old: &str) -> Vec<Range<usize>> {
    let Ok(lock) = serde_json::from_str::<Lock<'_>>(text) else { return Vec::new() };
    let own = lock.version.filter(|_| keys.iter().any(String::is_empty)).and_then(|raw| within(text, raw, old));
    let mut ranges: Vec<Range<usize>> = own.into_iter().collect();
    for (key, raw) in &lock.packages {
        let Some(package) = Package::parse(raw.get()) else { continue };
        if keys.iter().any(|wanted| wanted == key) {
            ranges.extend(package.version(text, old));
        }
        // What was installed from a registry asks for what was published.
        if !key.split('/').any(|part| part == "node_modules") {
            ranges.extend(package.requirements(text, names, old));
        }
    }
    ranges
}
