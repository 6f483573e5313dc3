//! What a manifest says of snapshots, whoever is built with it: it is looked at once for all components of a run.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::requirement::{Entry, entry, is_snapshot};
use super::siblings::{Siblings, USED_UP};
use super::snapshots::{Gate, MOST_UNSEEN};
use super::{Need, Needs, Wanted, folder_of};
use crate::manifest::{Ecosystem, Files, UseKind};

/// What was found in a manifest.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) asked: Vec<Asked>,
    /// The manifests that are built with it.
    pub(super) below: Vec<(PathBuf, UseKind)>,
    /// What was not looked at.
    pub(super) unseen: Vec<String>,
}

/// A snapshot that a manifest asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) need: Need,
    pub(super) version: String,
    /// Whether a release of it does as well.
    pub(super) is_lowest: bool,
    /// Whether the version is the own one of a project of this repository that has no releases of its own.
    pub(super) is_own: bool,
}

impl Looked {
    /// How much it keeps in memory.
    pub(super) fn size(&self) -> usize {
        1 + self.asked.len() + self.below.len() + self.unseen.len()
    }

    /// Whether there was too much to look at all of it.
    pub(super) fn is_cut(&self) -> bool {
        self.unseen.iter().any(|unseen| unseen.contains(USED_UP))
    }
}

/// What was found in a manifest. The endings and the components of `gate` are the same ones for all of a run.
pub(super) fn looked_at(
    siblings: &mut Siblings<'_>,
    gate: &Gate<'_>,
    manifest: &Path,
    ecosystem: Ecosystem,
) -> Rc<Looked> {
    if let Some(known) = siblings.looked(manifest, ecosystem) {
        return known;
    }
    let needs = siblings.needs_of(manifest, ecosystem);
    let mut look = Look { files: siblings.files(), gate, siblings, looked: Looked::default() };
    match needs.as_ref() {
        Ok(needs) => look.at(manifest, ecosystem, needs),
        Err(why) => look.unseen(why.clone()),
    }
    let looked = Rc::new(look.looked);
    siblings.keep_looked(manifest, ecosystem, &looked);
    looked
}

struct Look<'a, 'f> {
    files: &'f dyn Files,
    gate: &'a Gate<'a>,
    siblings: &'a mut Siblings<'f>,
    looked: Looked,
}

impl Look<'_, '_> {
    fn at(&mut self, manifest: &Path, ecosystem: Ecosystem, needs: &Needs) {
        for unseen in &needs.unseen {
            self.unseen(unseen.clone());
        }
        if let Some(why) = &needs.cut {
            self.unseen(format!("all of {}: {why}", self.files.shown(manifest)));
        }
        for member in &needs.members {
            if !self.is_component(member, ecosystem) {
                self.looked.below.push((member.clone(), UseKind::Dependency));
            }
        }
        for need in &needs.all {
            if !self.siblings.step() {
                self.unseen(USED_UP.to_owned());
                break;
            }
            let target = match &need.wanted {
                Wanted::Version(version) => {
                    match entry(ecosystem, version, self.gate.endings) {
                        Entry::Shut => {}
                        Entry::Lowest => self.asked(need, version, (true, false)),
                        Entry::Asked => self.asked(need, version, (false, false)),
                    }
                    self.unnamed(manifest, ecosystem, need, version)
                }
                Wanted::Path(path) => self.siblings.manifest_at(path, ecosystem),
                Wanted::Sibling => self.named(manifest, ecosystem, &need.name),
            };
            let Some(target) = target else { continue };
            if let Some(version) = self.version_of(&target, ecosystem)
                && is_snapshot(ecosystem, &version, self.gate.endings)
            {
                let is_own = !self.is_component(&target, ecosystem);
                self.asked(need, &version, (false, is_own));
            }
            self.looked.below.push((target, need.kind));
        }
    }

    fn asked(&mut self, need: &Need, version: &str, (is_lowest, is_own): (bool, bool)) {
        self.looked.asked.push(Asked { need: need.clone(), version: version.to_owned(), is_lowest, is_own });
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
            Ecosystem::Python if need.is_sourced => None,
            Ecosystem::Python => match self.siblings.source(manifest, ecosystem, &need.name) {
                Ok(Some(Wanted::Sibling)) => self.named(manifest, ecosystem, &need.name),
                Ok(Some(Wanted::Path(path))) => self.siblings.manifest_at(&path, ecosystem),
                Ok(Some(Wanted::Version(_)) | None) => None,
                Err(why) => {
                    self.unseen(format!("the workspace around {}: {why}", self.files.shown(manifest)));
                    None
                }
            },
            _ => None,
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
        let unseen = &mut self.looked.unseen;
        if (unseen.len() < MOST_UNSEEN || what.contains(USED_UP)) && !unseen.contains(&what) {
            unseen.push(what);
        }
    }

    fn is_component(&mut self, manifest: &Path, ecosystem: Ecosystem) -> bool {
        is_component(self.siblings, self.gate, manifest, ecosystem)
    }
}

/// Whether a project is released on its own. A folder without a version is no component.
pub(super) fn is_component(
    siblings: &mut Siblings<'_>,
    gate: &Gate<'_>,
    manifest: &Path,
    ecosystem: Ecosystem,
) -> bool {
    gate.components.contains(folder_of(manifest))
        && siblings.version_of(manifest, ecosystem).is_ok_and(|version| version.is_some())
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
