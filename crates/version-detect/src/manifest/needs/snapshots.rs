//! The snapshots that a release would be built with.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::requirement::{Entry, entry, is_snapshot};
use super::siblings::Siblings;
use super::{Need, Wanted, folder_of};
use crate::error::location;
use crate::manifest::python::distribution;
use crate::manifest::{Ecosystem, Files, Found, SnapshotUse, UseKind};

/// The most manifests that one release is built from, as far as they are looked at.
const MOST_MANIFESTS: usize = 1_000;

/// The most snapshots, and the most that is said of what was not looked at.
const MOST_FOUND: usize = 100;
const MOST_UNSEEN: usize = 2 * MOST_FOUND;

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
        let own = names(siblings, walked);
        let mut walk = Walk::new(siblings, gate, Some(own));
        walk.all(open);
        snapshots = walk.snapshots;
    }
    snapshots.loose.retain(|loose| !snapshots.found.iter().any(|found| found.location == loose.location));
    snapshots.unseen.truncate(MOST_FOUND);
    snapshots
}

/// The names of the projects of this repository that have one version with those that were `walked`: their own, those of their
/// parents, and of what these are the roots of.
fn names(siblings: &mut Siblings<'_>, walked: Vec<(PathBuf, Ecosystem)>) -> HashSet<(Ecosystem, String)> {
    let (mut open, mut seen, mut names) = (walked, HashSet::new(), HashSet::new());
    while let Some((manifest, ecosystem)) = open.pop() {
        if seen.len() >= 2 * MOST_MANIFESTS || !seen.insert((manifest.clone(), ecosystem)) {
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
        let needs = self.siblings.needs_of(manifest, ecosystem);
        let needs = match needs.as_ref() {
            Ok(needs) => needs,
            Err(why) => {
                self.unseen(why.clone());
                return Vec::new();
            }
        };
        for unseen in &needs.unseen {
            self.unseen(unseen.clone());
        }
        let next = |manifest: PathBuf, kind: UseKind| Step {
            manifest,
            ecosystem,
            is_development: step.is_development || kind == UseKind::Development,
        };
        let mut below = Vec::new();
        for member in &needs.members {
            if !self.is_component(member, ecosystem) {
                below.push(next(member.clone(), UseKind::Dependency));
            }
        }
        for need in &needs.all {
            if !self.siblings.step() {
                self.unseen("all that the components together are built with, which is too much".to_owned());
                break;
            }
            let kind = if step.is_development { UseKind::Development } else { need.kind };
            let target = match &need.wanted {
                Wanted::Version(version) => {
                    match entry(ecosystem, version, self.gate.endings) {
                        Entry::Shut => {}
                        _ if self.is_told(manifest, ecosystem, &need.name) => {
                            self.unseen(format!("{} {version}, whose version version-command tells", need.name));
                        }
                        Entry::Lowest => self.add(ecosystem, need, version, (kind, true)),
                        Entry::Asked => self.add(ecosystem, need, version, (kind, false)),
                    }
                    self.unnamed(manifest, ecosystem, need, version)
                }
                Wanted::Path(path) => manifest_at(self.files, path, ecosystem),
                Wanted::Sibling => self.named(manifest, ecosystem, &need.name),
            };
            let Some(target) = target else { continue };
            if self.told.is_none()
                && let Some(version) = self.version_of(&target, ecosystem)
                && is_snapshot(ecosystem, &version, self.gate.endings)
            {
                self.add(ecosystem, need, &version, (kind, false));
            }
            below.push(next(target, need.kind));
        }
        below
    }

    /// Whether a command tells the version of what has the name.
    fn is_told(&mut self, manifest: &Path, ecosystem: Ecosystem, name: &str) -> bool {
        let Some(told) = &self.told else { return false };
        told.contains(&(ecosystem, name.to_owned()))
            || self.siblings.named(manifest, ecosystem, name).is_ok_and(|found| found.is_some())
    }

    /// The project of this repository that is taken although a version is asked for.
    fn unnamed(&mut self, manifest: &Path, ecosystem: Ecosystem, need: &Need, version: &str) -> Option<PathBuf> {
        match ecosystem {
            // npm takes the workspace's own package for any version, also for a snapshot.
            Ecosystem::Npm if matches!(version, "" | "*") => self.named(manifest, ecosystem, &need.name),
            Ecosystem::Npm if version.starts_with("catalog:") => {
                let file = self.files.shown(manifest);
                self.unseen(format!("the versions of {file} that a catalog of its workspace has"));
                None
            }
            Ecosystem::Python => match self.siblings.source(manifest, ecosystem, &need.name) {
                Ok(Some(Wanted::Sibling)) => self.named(manifest, ecosystem, &need.name),
                Ok(Some(Wanted::Path(path))) => manifest_at(self.files, &path, ecosystem),
                Ok(Some(Wanted::Version(_)) | None) => None,
                Err(why) => {
                    self.unseen(format!("the workspace around {}: {why}", self.files.shown(manifest)));
                    None
                }
            },
            _ => None,
        }
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

    /// The version of a project of this repository; `None` where nobody wrote one, or it is not known.
    fn version_of(&mut self, manifest: &Path, ecosystem: Ecosystem) -> Option<String> {
        self.siblings.version_of(manifest, ecosystem).unwrap_or_else(|why| {
            self.unseen(format!("whether {} is a snapshot: {why}", self.files.shown(manifest)));
            None
        })
    }

    /// The manifest of a package of the workspace around `manifest`.
    fn named(&mut self, manifest: &Path, ecosystem: Ecosystem, name: &str) -> Option<PathBuf> {
        self.siblings.named(manifest, ecosystem, name).unwrap_or_else(|why| {
            self.unseen(format!("all packages of the workspace around {}: {why}", self.files.shown(manifest)));
            None
        })
    }

    /// Notes what is not looked at, once.
    fn unseen(&mut self, what: String) {
        let unseen = &mut self.snapshots.unseen;
        if unseen.len() < MOST_UNSEEN && !unseen.contains(&what) {
            unseen.push(what);
        }
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
