//! The snapshots that a release would be built with.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::requirement::lets_snapshot_in;
use super::{Wanted, of};
use crate::error::{Error, location};
use crate::manifest::{Ecosystem, Files, Found, Reader, SnapshotUse};

/// The most manifests that one release is built from, as far as they are looked at.
const MOST_MANIFESTS: usize = 1_000;

/// How many bytes they may have together.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// How far members may have members of their own.
const DEEPEST: usize = 16;

/// The most snapshots, and the most that is said of what was not looked at.
const MOST_FOUND: usize = 100;

/// What a release is built with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Snapshots {
    /// The snapshots, each where its version is written.
    pub(crate) found: Vec<SnapshotUse>,
    /// What was not looked at, each with its reason.
    pub(crate) unseen: Vec<String>,
}

/// The snapshots of the project that `found` is the version of: of its manifests, of those that they are the root of, and of the
/// projects of this repository that they name by their path.
pub(crate) fn snapshots(files: &dyn Files, found: &Found, endings: &[String]) -> Snapshots {
    let own = std::iter::once((found.manifest.as_str(), found.ecosystem));
    let all = own.chain(found.beside.iter().map(|(manifest, ecosystem)| (manifest.as_str(), *ecosystem)));
    let mut open: Vec<(PathBuf, Ecosystem, usize)> = Vec::new();
    for (manifest, ecosystem) in all {
        if ecosystem != Ecosystem::Command && !manifest.is_empty() {
            open.push((files.root().join(manifest), ecosystem, 0));
        }
    }
    open.reverse();
    let mut snapshots = Snapshots::default();
    let (mut seen, mut bytes) = (HashSet::new(), 0);
    let mut places = HashSet::new();
    while let Some((manifest, ecosystem, depth)) = open.pop() {
        if !seen.insert(manifest.clone()) {
            continue;
        }
        if seen.len() > MOST_MANIFESTS || bytes > MOST_BYTES {
            snapshots.unseen.push(format!("more than {MOST_MANIFESTS} manifests, or 64 MiB of them"));
            break;
        }
        let reader = Reader::new(files, ecosystem);
        let needs = of(&reader, &manifest, ecosystem);
        bytes += reader.bytes();
        let needs = match needs {
            Ok(needs) => needs,
            Err(error) => {
                snapshots.unseen.push(format!("{}: {}", files.shown(&manifest), told(&error)));
                continue;
            }
        };
        snapshots.unseen.extend(needs.unseen);
        let mut below = needs.members;
        for need in needs.all {
            match need.wanted {
                Wanted::Version(version) if lets_snapshot_in(ecosystem, &version, endings) => {
                    let location = location(&files.shown(&need.file), need.place);
                    if snapshots.found.len() < MOST_FOUND
                        && places.insert((need.file, need.place.line, need.place.column))
                    {
                        snapshots.found.push(SnapshotUse { kind: need.kind, name: need.name, version, location });
                    }
                }
                Wanted::Path(path) => below.extend(manifest_at(files, &path, ecosystem)),
                Wanted::Version(_) | Wanted::Sibling => {}
            }
        }
        if depth < DEEPEST {
            open.extend(below.into_iter().rev().map(|manifest| (manifest, ecosystem, depth + 1)));
        } else if !below.is_empty() {
            snapshots.unseen.push(format!("what {} is built from, which nests too deep", files.shown(&manifest)));
        }
    }
    snapshots.unseen.dedup();
    snapshots.unseen.truncate(MOST_FOUND);
    snapshots
}

/// The manifest of the ecosystem that `path` is, or that lies in the folder `path`.
pub(crate) fn manifest_at(files: &dyn Files, path: &Path, ecosystem: Ecosystem) -> Option<PathBuf> {
    if let Some(file) = files.locate(path).ok()? {
        return Some(file);
    }
    let names = files.is_folder(path).then(|| files.names(path).ok()).flatten()?;
    let name = ecosystem.candidates(&names).first()?.to_string();
    files.locate(&path.join(name)).ok()?
}

fn told(error: &Error) -> String {
    match error {
        Error::Malformed { place, reason, .. } => format!("line {}: {reason}", place.line),
        other => other.to_string(),
    }
}
