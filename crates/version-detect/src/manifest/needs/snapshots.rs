//! The snapshots that a release would be built with.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::requirement::{Entry, entry, is_snapshot};
use super::siblings::Siblings;
use super::{Need, Wanted, folder_of, of};
use crate::error::{Error, location};
use crate::manifest::python::distribution;
use crate::manifest::{Ecosystem, Files, Found, Origin, Reader, SnapshotUse, UseKind, resolve};

/// The most manifests that one release is built from, as far as they are looked at.
const MOST_MANIFESTS: usize = 1_000;

/// How many bytes they may have together.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The most snapshots, and the most that is said of what was not looked at.
const MOST_FOUND: usize = 100;

/// What a repository says of snapshots.
pub(crate) struct Gate<'a> {
    /// What its own ones end in, empty for `-SNAPSHOT`.
    pub(crate) endings: &'a [String],
    /// The names of those that a release may be built with.
    pub(crate) allowed: &'a [String],
    /// The folders of its components.
    pub(crate) components: &'a HashSet<PathBuf>,
}

/// What a release is built with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Snapshots {
    /// The snapshots, each where its version is written.
    pub(crate) found: Vec<SnapshotUse>,
    /// Those that the release does not hold on to: nobody gets them with it, or a release of them does as well.
    pub(crate) loose: Vec<SnapshotUse>,
    /// What was not looked at, each with its reason.
    pub(crate) unseen: Vec<String>,
}

/// The snapshots of the project that `found` is the version of: of its manifests, of those that they are the root of and that
/// have no releases of their own, and of the projects of this repository that they name, which may be snapshots themselves.
pub(crate) fn snapshots(files: &dyn Files, found: &Found, gate: &Gate<'_>) -> Snapshots {
    let own = Some((&found.manifest, found.ecosystem)).filter(|(_, ecosystem)| *ecosystem != Ecosystem::Command);
    let others = found.beside.iter().chain(&found.without).map(|(manifest, ecosystem)| (manifest, *ecosystem));
    let step = |(manifest, ecosystem): (&String, Ecosystem)| Step {
        manifest: files.root().join(manifest),
        ecosystem,
        is_development: false,
    };
    let mut open: Vec<Step> = own.into_iter().chain(others).map(step).collect();
    open.reverse();
    let mut walk = Walk {
        files,
        gate,
        siblings: Siblings::new(files),
        versions: HashMap::new(),
        places: HashSet::new(),
        allowed: 0,
        snapshots: Snapshots::default(),
    };
    let (mut seen, mut bytes) = (HashSet::new(), 0);
    while let Some(step) = open.pop() {
        if seen.contains(&(step.manifest.clone(), false)) || !seen.insert((step.manifest.clone(), step.is_development))
        {
            continue;
        }
        if seen.len() > MOST_MANIFESTS || bytes > MOST_BYTES || walk.versions.len() > MOST_MANIFESTS {
            walk.snapshots.unseen.push(format!("more than {MOST_MANIFESTS} manifests, or 64 MiB of them"));
            break;
        }
        open.extend(walk.step(&step, &mut bytes).into_iter().rev());
    }
    let mut snapshots = walk.snapshots;
    snapshots.loose.retain(|loose| !snapshots.found.iter().any(|found| found.location == loose.location));
    snapshots.unseen.dedup();
    snapshots.unseen.truncate(MOST_FOUND);
    snapshots
}

/// A manifest that is looked at.
struct Step {
    manifest: PathBuf,
    ecosystem: Ecosystem,
    /// Whether only those who work on the project need it.
    is_development: bool,
}

struct Walk<'a> {
    files: &'a dyn Files,
    gate: &'a Gate<'a>,
    siblings: Siblings<'a>,
    /// The versions of the projects of this repository that others name.
    versions: HashMap<PathBuf, Option<String>>,
    /// What was found, by its file, line and name.
    places: HashSet<(PathBuf, usize, String)>,
    /// How many of them were let through.
    allowed: usize,
    snapshots: Snapshots,
}

impl Walk<'_> {
    /// Looks at one manifest, and gives those that are built with it.
    fn step(&mut self, step: &Step, bytes: &mut u64) -> Vec<Step> {
        let (manifest, ecosystem) = (&step.manifest, step.ecosystem);
        let reader = Reader::new(self.files, ecosystem);
        let needs = of(&reader, manifest, ecosystem);
        *bytes += reader.bytes();
        let needs = match needs {
            Ok(needs) => needs,
            Err(error) => {
                self.snapshots.unseen.push(format!("{}: {}", self.files.shown(manifest), told(&error)));
                return Vec::new();
            }
        };
        self.snapshots.unseen.extend(needs.unseen);
        let next = |manifest: PathBuf, kind: UseKind| Step {
            manifest,
            ecosystem,
            is_development: step.is_development || kind == UseKind::Development,
        };
        let mut below = Vec::new();
        for member in needs.members {
            if !self.is_component(&member, ecosystem) {
                below.push(next(member, UseKind::Dependency));
            }
        }
        for need in needs.all {
            let kind = if step.is_development { UseKind::Development } else { need.kind };
            let target = match &need.wanted {
                Wanted::Version(version) => {
                    match entry(ecosystem, version, self.gate.endings) {
                        Entry::Shut => {}
                        Entry::Lowest => self.add(ecosystem, &need, version, (kind, true)),
                        Entry::Asked => self.add(ecosystem, &need, version, (kind, false)),
                    }
                    // npm takes the workspace's own package for any version, also for a snapshot.
                    let is_any = ecosystem == Ecosystem::Npm && matches!(version.as_str(), "" | "*");
                    is_any.then(|| self.siblings.named(manifest, ecosystem, &need.name)).flatten()
                }
                Wanted::Path(path) => manifest_at(self.files, path, ecosystem),
                Wanted::Sibling => self.siblings.named(manifest, ecosystem, &need.name),
            };
            let Some(target) = target else { continue };
            if let Some(version) = self.version_of(&target, ecosystem)
                && is_snapshot(ecosystem, &version, self.gate.endings)
            {
                self.add(ecosystem, &need, &version, (kind, false));
            }
            below.push(next(target, need.kind));
        }
        below
    }

    fn add(&mut self, ecosystem: Ecosystem, need: &Need, version: &str, (kind, is_lowest): (UseKind, bool)) {
        let key = (need.file.clone(), need.place.line, need.name.clone());
        let is_loose = is_lowest || kind == UseKind::Development;
        let list = if is_loose { &mut self.snapshots.loose } else { &mut self.snapshots.found };
        if list.len() >= MOST_FOUND || self.places.contains(&key) {
            return;
        }
        // What is let through leaves the room of the others alone.
        if self.gate.allows(ecosystem, &need.name) {
            if self.allowed < MOST_FOUND {
                self.allowed += 1;
                self.places.insert(key);
                self.snapshots.unseen.push(format!("{} {version}, which allow-snapshots names", need.name));
            }
            return;
        }
        let location = location(&self.files.shown(&need.file), need.place);
        let used = SnapshotUse { kind, name: need.name.clone(), version: version.to_owned(), location };
        if !list.contains(&used) {
            list.push(used);
        }
        // The same may be needed by a release, too.
        if !is_loose {
            self.places.insert(key);
        }
    }

    /// The version of a project of this repository; `None` where nobody wrote one.
    fn version_of(&mut self, manifest: &Path, ecosystem: Ecosystem) -> Option<String> {
        if let Some(known) = self.versions.get(manifest) {
            return known.clone();
        }
        let version = match resolve(self.files, manifest, ecosystem) {
            Ok(found) => found.filter(|found| found.origin == Origin::Written).map(|found| found.version),
            Err(error) => {
                let file = self.files.shown(manifest);
                self.snapshots.unseen.push(format!("whether {file} is a snapshot: {}", told(&error)));
                None
            }
        };
        self.versions.insert(manifest.to_path_buf(), version.clone());
        version
    }

    /// Whether a member is released on its own. A folder without a version is no component.
    fn is_component(&mut self, manifest: &Path, ecosystem: Ecosystem) -> bool {
        self.gate.components.contains(folder_of(manifest)) && self.version_of(manifest, ecosystem).is_some()
    }
}

impl Gate<'_> {
    /// Whether a release may be built with a snapshot of the name; `*` at the end stands for any rest.
    fn allows(&self, ecosystem: Ecosystem, name: &str) -> bool {
        let written = |name: &str| match ecosystem {
            Ecosystem::Python => distribution(name),
            Ecosystem::DotNet => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        };
        let name = written(name);
        self.allowed.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(begin) => name.starts_with(&written(begin)),
            None => name == written(allowed),
        })
    }
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
