//! The two versions of a package in npm's lockfiles (<https://docs.npmjs.com/cli/configuring-npm/package-lock-json>).

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Places;
use crate::bump::remote::Remote;
use crate::error::Error;

const LOCKS: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];

#[derive(Deserialize)]
struct Lock<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow, default)]
    packages: HashMap<Cow<'a, str>, &'a RawValue>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
}

/// Adds the places in the lockfiles of the package and of the workspaces above it.
pub(super) fn add(files: &Remote, manifest: &Path, old: &str, places: &mut Places) -> Result<(), Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    for above in folder.ancestors() {
        for name in LOCKS {
            let lock = above.join(name);
            let Some(text) = files.text(&lock)? else { continue };
            let key = folder.strip_prefix(above).unwrap_or(folder).display().to_string();
            for range in versions(&text, &key, old) {
                places.add(&lock, range);
            }
        }
    }
    Ok(())
}

/// Where a lockfile has the version of the package `key`, a path below the lockfile; a lockfile that is none has none.
fn versions(text: &str, key: &str, old: &str) -> Vec<std::ops::Range<usize>> {
    let Ok(lock) = serde_json::from_str::<Lock<'_>>(text) else { return Vec::new() };
    let package = lock.packages.get(key).and_then(|raw| serde_json::from_str::<Package<'_>>(raw.get()).ok());
    let of_package = package.and_then(|package| package.version);
    let own = lock.version.filter(|_| key.is_empty());
    let is_old = |raw: &&RawValue| raw.get() == format!("\"{old}\"");
    // A raw value is a part of the text, so the distance of their beginnings is its offset; the quotes stay.
    let range = |raw: &RawValue| {
        let start = raw.get().as_ptr().addr() - text.as_ptr().addr();
        start + 1..start + raw.get().len() - 1
    };
    own.into_iter().chain(of_package).filter(is_old).map(range).collect()
}
