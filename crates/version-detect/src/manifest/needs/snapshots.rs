//! The snapshots that a release would be built with.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::looked::{Asked, is_component, looked_at};
use super::siblings::{Siblings, USED_UP};
use super::{Need, folder_of};
use crate::error::location;
use crate::manifest::python::distribution;
use crate::manifest::{Ecosystem, Files, Found, SnapshotUse, UseKind};

/// The most manifests that one release is built from, as far as they are looked at.
const MOST_MANIFESTS: usize = 1_000;

/// The most snapshots, and the most that is said of what was not looked at.
const MOST_FOUND: usize = 100;
pub(super) const MOST_UNSEEN: usize = 2 * MOST_FOUND;

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
    /// Whether there was too much to look at all of it.
    pub(crate) is_cut: bool,
}

/// The snapshots of the project that `found` is the version of: of its manifests, of those that they are the root of and that
/// have no releases of their own, and of the projects of this repository that they name, which may be snapshots themselves.
pub(crate) fn snapshots<'f>(siblings: &mut Siblings<'f>, found: &Found, gate: &Gate<'_>) -> Snapshots {
    let files: &'f dyn Files = siblings.files();
    let own = Some((&found.manifest, found.ecosystem)).filter(|(_, ecosystem)| *ecosystem != Ecosystem::Command);
    let others = found.beside.iter().chain(&found.without).map(|(manifest, ecosystem)| (manifest, *ecosystem));
    let step = |(manifest, ecosystem): (&String, Ecosystem)| Step {
        manifest: files.root().join(manifest),
        ecosystem,
        is_development: false,
    };
    let mut open: Vec<Step> = own.into_iter().chain(others).map(step).collect();
    open.reverse();
    let mut walk = Walk::new(siblings, gate, None);
    let walked = walk.all(open.clone());
    let mut snapshots = walk.snapshots;
    let is_clean = snapshots.found.is_empty() && snapshots.loose.is_empty();
    if found.ecosystem == Ecosystem::Command && !is_clean {
        let folders = open.iter().map(|step| folder_of(&step.manifest).to_path_buf()).collect();
        let own = names(siblings, gate, walked, &folders);
        let mut walk = Walk::new(siblings, gate, Some(own));
        walk.all(open);
        snapshots = walk.snapshots;
    }
    snapshots.loose.retain(|loose| !snapshots.found.iter().any(|found| found.location == loose.location));
    snapshots.unseen.truncate(MOST_FOUND);
    snapshots
}

/// The names of the projects of this repository that have one version with those in the folders `own`: of those that were `walked`, of
/// their parents, and of what these are the roots of, but for components with releases of their own.
fn names(
    siblings: &mut Siblings<'_>,
    gate: &Gate<'_>,
    walked: Vec<(PathBuf, Ecosystem)>,
    own: &HashSet<PathBuf>,
) -> HashSet<(Ecosystem, String)> {
    let (mut open, mut seen, mut names) = (walked, HashSet::new(), HashSet::new());
    while let Some((manifest, ecosystem)) = open.pop() {
        if seen.len() >= 2 * MOST_MANIFESTS || !seen.insert((manifest.clone(), ecosystem)) {
            continue;
        }
        if !own.contains(folder_of(&manifest)) && is_component(siblings, gate, &manifest, ecosystem) {
            continue;
        }
        let needs = siblings.needs_of(&manifest, ecosystem);
        let Ok(needs) = needs.as_ref() else { continue };
        names.extend(needs.name.clone().map(|name| (ecosystem, name)));
        open.extend(needs.members.iter().chain(&needs.parents).map(|manifest| (manifest.clone(), ecosystem)));
    }
    names
}

/// A manifest that is looked at.
#[derive(Clone)]
struct Step {
    manifest: PathBuf,
    ecosystem: Ecosystem,
    /// Whether only those who work on the project need it.
    is_development: bool,
}

struct Walk<'a, 'f> {
    files: &'f dyn Files,
    gate: &'a Gate<'a>,
    siblings: &'a mut Siblings<'f>,
    /// Where a command tells the version, the names of the projects that it is the one of: what their manifests say of it does
    /// not count.
    told: Option<HashSet<(Ecosystem, String)>>,
    /// What was found, by its file, line and name.
    places: HashSet<(PathBuf, usize, String)>,
    /// How many of them were let through.
    allowed: usize,
    snapshots: Snapshots,
}

impl<'a, 'f> Walk<'a, 'f> {
    fn new(siblings: &'a mut Siblings<'f>, gate: &'a Gate<'a>, told: Option<HashSet<(Ecosystem, String)>>) -> Self {
        let (files, snapshots) = (siblings.files(), Snapshots::default());
        Self { files, gate, siblings, told, places: HashSet::new(), allowed: 0, snapshots }
    }

    /// Looks at the manifests, the last one first, and at all that they are built with; gives those that were looked at.
    fn all(&mut self, mut open: Vec<Step>) -> Vec<(PathBuf, Ecosystem)> {
        let (mut seen, mut walked) = (HashSet::new(), Vec::new());
        while let Some(step) = open.pop() {
            if seen.contains(&(step.manifest.clone(), false))
                || !seen.insert((step.manifest.clone(), step.is_development))
            {
                continue;
            }
            if seen.len() > MOST_MANIFESTS {
                self.unseen(format!("more than {MOST_MANIFESTS} manifests"));
                self.snapshots.is_cut = true;
                break;
            }
            open.extend(self.step(&step).into_iter().rev());
            walked.push((step.manifest, step.ecosystem));
        }
        walked
    }

    /// Looks at one manifest, and gives those that are built with it.
    fn step(&mut self, step: &Step) -> Vec<Step> {
        let (manifest, ecosystem) = (&step.manifest, step.ecosystem);
        let looked = looked_at(self.siblings, self.gate, manifest, ecosystem);
        for unseen in &looked.unseen {
            self.unseen(unseen.clone());
        }
        for Asked { need, version, is_lowest, is_own } in &looked.asked {
            if !self.siblings.step() {
                self.unseen(USED_UP.to_owned());
                break;
            }
            if self.told.is_some() && (*is_own || self.is_told(manifest, ecosystem, &need.name)) {
                self.unseen(format!("{} {version}, whose version version-command tells", need.name));
                continue;
            }
            let kind = if step.is_development { UseKind::Development } else { need.kind };
            self.add(ecosystem, need, version, (kind, *is_lowest));
        }
        let mut below = Vec::new();
        for (manifest, kind) in &looked.below {
            if !self.siblings.step() {
                self.unseen(USED_UP.to_owned());
                break;
            }
            let is_development = step.is_development || *kind == UseKind::Development;
            below.push(Step { manifest: manifest.clone(), ecosystem, is_development });
        }
        below
    }

    /// Whether a command tells the version of what has the name.
    fn is_told(&mut self, manifest: &Path, ecosystem: Ecosystem, name: &str) -> bool {
        let Some(told) = &self.told else { return false };
        if told.contains(&(ecosystem, name.to_owned())) {
            return true;
        }
        let found = self.siblings.named(manifest, ecosystem, name).ok().flatten();
        found.is_some_and(|found| !is_component(self.siblings, self.gate, &found, ecosystem))
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
                self.unseen(format!("{} {version}, which allow-snapshots names", need.name));
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

    /// Notes what is not looked at, once.
    fn unseen(&mut self, what: String) {
        self.snapshots.is_cut |= what.contains(USED_UP);
        let unseen = &mut self.snapshots.unseen;
        if unseen.len() < MOST_UNSEEN && !unseen.contains(&what) {
            unseen.push(what);
        }
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
