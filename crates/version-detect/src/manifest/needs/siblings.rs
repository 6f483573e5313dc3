//! The projects of a repository that others name: packages of the workspaces of npm and of uv, what their manifests say, and their versions.
//! One of it serves all components of a run, so that each file is read once for all of them.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::looked::{Looked, manifest_at};
use super::{Needs, Wanted, folder_of, of, reason, workspace};
use crate::manifest::{Ecosystem, Files, Origin, Reader, resolve};

/// The most packages of a workspace.
const MOST_PACKAGES: usize = 2_000;

/// How many manifests are read for all components of a run, and how many bytes they may have together.
const MOST_READ: usize = 10_000;
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// How many steps are taken for all components of a run: one for each thing that a manifest asks for, and for each component one for
/// each project that it is built with.
const MOST_STEPS: usize = 20_000_000;

/// What is said of what is not looked at because nothing is left for it.
pub(super) const USED_UP: &str = "all components together are built with too much to look at all of it";

/// How many things that manifests ask for are kept in memory; beyond them manifests are parsed anew.
const MOST_KEPT: usize = 1_000_000;

/// What is left for all components of a run.
struct Left {
    manifests: usize,
    bytes: u64,
    steps: usize,
    kept: usize,
}

/// What was read of a repository.
pub(crate) struct Siblings<'a> {
    files: &'a dyn Files,
    workspaces: HashMap<(Ecosystem, PathBuf), Around>,
    needs: HashMap<(Ecosystem, PathBuf), Rc<Result<Needs, String>>>,
    versions: HashMap<PathBuf, Result<Option<String>, String>>,
    looked: HashMap<(Ecosystem, PathBuf), Rc<Looked>>,
    /// The manifests of paths, as far as they have one.
    manifests: HashMap<(Ecosystem, PathBuf), Option<PathBuf>>,
    left: Left,
}

/// What a folder is in, if anything; the error is why that is not known.
type Around = Result<Option<Rc<Workspace>>, String>;

/// A workspace.
struct Workspace {
    root: PathBuf,
    patterns: Vec<String>,
    /// Where its members take what they ask for, by name, as its root says (<https://docs.astral.sh/uv/concepts/projects/workspaces/>).
    sources: HashMap<String, Wanted>,
    packages: OnceCell<Packages>,
}

/// The packages of a workspace.
struct Packages {
    manifests: HashMap<String, PathBuf>,
    /// Why there may be more.
    doubt: Option<String>,
}

impl<'a> Siblings<'a> {
    pub(crate) fn new(files: &'a dyn Files) -> Self {
        let (workspaces, needs, versions) = (HashMap::new(), HashMap::new(), HashMap::new());
        let left = Left { manifests: MOST_READ, bytes: MOST_BYTES, steps: MOST_STEPS, kept: MOST_KEPT };
        let (looked, manifests) = (HashMap::new(), HashMap::new());
        Self { files, workspaces, needs, versions, looked, manifests, left }
    }

    pub(super) fn files(&self) -> &'a dyn Files {
        self.files
    }

    /// What a manifest says; the error is why that is not known.
    pub(super) fn needs_of(&mut self, manifest: &Path, ecosystem: Ecosystem) -> Rc<Result<Needs, String>> {
        let key = (ecosystem, manifest.to_path_buf());
        if let Some(known) = self.needs.get(&key) {
            return Rc::clone(known);
        }
        let needs =
            Rc::new(self.read(|reader| of(reader, manifest, ecosystem).map_err(|error| reason(&error)), ecosystem));
        let size = needs.as_ref().as_ref().map_or(1, Needs::size);
        if self.keep(size) {
            self.needs.insert(key, Rc::clone(&needs));
        }
        needs
    }

    /// The version of a project; `None` where nobody wrote one, and the error is why it is not known.
    pub(super) fn version_of(&mut self, manifest: &Path, ecosystem: Ecosystem) -> Result<Option<String>, String> {
        if let Some(known) = self.versions.get(manifest) {
            return known.clone();
        }
        let written = |found: crate::manifest::Found| (found.origin == Origin::Written).then_some(found.version);
        let version = match resolve(self.files, manifest, ecosystem) {
            Ok(found) => Ok(found.and_then(written)),
            Err(error) => Err(reason(&error)),
        };
        self.versions.insert(manifest.to_path_buf(), version.clone());
        version
    }

    /// What was found in a manifest, where it was looked at before.
    pub(super) fn looked(&self, manifest: &Path, ecosystem: Ecosystem) -> Option<Rc<Looked>> {
        self.looked.get(&(ecosystem, manifest.to_path_buf())).cloned()
    }

    /// Remembers what was found in a manifest, where that is all.
    pub(super) fn keep_looked(&mut self, manifest: &Path, ecosystem: Ecosystem, looked: &Rc<Looked>) {
        if !looked.is_cut() && self.keep(looked.size()) {
            self.looked.insert((ecosystem, manifest.to_path_buf()), Rc::clone(looked));
        }
    }

    /// The manifest that `path` is, or that lies in that folder: see [`manifest_at`].
    pub(super) fn manifest_at(&mut self, path: &Path, ecosystem: Ecosystem) -> Option<PathBuf> {
        let key = (ecosystem, path.to_path_buf());
        if let Some(known) = self.manifests.get(&key) {
            return known.clone();
        }
        let found = manifest_at(self.files, path, ecosystem);
        if self.keep(1) {
            self.manifests.insert(key, found.clone());
        }
        found
    }

    /// Whether there is room to keep so much.
    fn keep(&mut self, size: usize) -> bool {
        let is_room = size <= self.left.kept;
        self.left.kept -= if is_room { size } else { 0 };
        is_room
    }

    /// Takes a step for something that a manifest asks for; whether there was one left.
    pub(super) fn step(&mut self) -> bool {
        let is_left = self.left.steps > 0;
        self.left.steps = self.left.steps.saturating_sub(1);
        is_left
    }

    /// The manifest of the package `name` of the workspace that `manifest` belongs to; the error is why it is not known whether there is one.
    pub(super) fn named(
        &mut self,
        manifest: &Path,
        ecosystem: Ecosystem,
        name: &str,
    ) -> Result<Option<PathBuf>, String> {
        let Some(workspace) = self.around(folder_of(manifest), ecosystem)? else { return Ok(None) };
        if workspace.packages.get().is_none() {
            let packages = self.packages_of(&workspace, ecosystem);
            workspace.packages.get_or_init(|| packages);
        }
        let Some(packages) = workspace.packages.get() else { return Ok(None) };
        match (packages.manifests.get(name), &packages.doubt) {
            (Some(found), _) => Ok(Some(found.clone())),
            (None, Some(why)) => Err(why.clone()),
            (None, None) => Ok(None),
        }
    }

    /// Where the root of the workspace around `manifest` takes `name` from for all its members.
    pub(super) fn source(
        &mut self,
        manifest: &Path,
        ecosystem: Ecosystem,
        name: &str,
    ) -> Result<Option<Wanted>, String> {
        let workspace = self.around(folder_of(manifest), ecosystem)?;
        Ok(workspace.and_then(|workspace| workspace.sources.get(name).cloned()))
    }

    /// The workspace around a folder.
    fn around(&mut self, folder: &Path, ecosystem: Ecosystem) -> Around {
        if !matches!(ecosystem, Ecosystem::Npm | Ecosystem::Python) {
            return Ok(None);
        }
        let key = (ecosystem, folder.to_path_buf());
        if let Some(known) = self.workspaces.get(&key) {
            return known.clone();
        }
        let found = match self.rooted_in(folder, ecosystem) {
            Ok(None) if folder != self.files.root() => {
                folder.parent().map_or(Ok(None), |above| self.around(above, ecosystem))
            }
            found => found.map(|workspace| workspace.map(Rc::new)),
        };
        self.workspaces.insert(key, found.clone());
        found
    }

    /// The workspace whose root `folder` is.
    fn rooted_in(&mut self, folder: &Path, ecosystem: Ecosystem) -> Result<Option<Workspace>, String> {
        let of =
            |patterns, sources| Workspace { root: folder.to_path_buf(), patterns, sources, packages: OnceCell::new() };
        // Most folders have none, and take nothing of what is left.
        let is_pnpm = || !matches!(self.files.locate(&folder.join(workspace::PNPM)), Ok(None));
        if ecosystem == Ecosystem::Npm && is_pnpm() {
            let of_pnpm = |reader: &Reader<'_>| workspace::of_pnpm(reader, folder).map_err(|error| reason(&error));
            if let Some(patterns) = self.read(of_pnpm, ecosystem)? {
                return Ok(Some(of(patterns, HashMap::new())));
            }
        }
        let Some(manifest) = self.files.locate(&folder.join(manifest_name(ecosystem))).ok().flatten() else {
            return Ok(None);
        };
        let needs = self.needs_of(&manifest, ecosystem);
        let needs = needs.as_ref().as_ref().map_err(Clone::clone)?;
        let Some(patterns) = needs.workspace.clone() else { return Ok(None) };
        let local = needs.all.iter().filter(|_| ecosystem == Ecosystem::Python);
        let local = local.filter(|need| !matches!(need.wanted, Wanted::Version(_)));
        Ok(Some(of(patterns, local.map(|need| (need.name.clone(), need.wanted.clone())).collect())))
    }

    fn packages_of(&mut self, of: &Workspace, ecosystem: Ecosystem) -> Packages {
        let name = manifest_name(ecosystem);
        // The root is a package of its own.
        let own = self.files.locate(&of.root.join(name)).ok().flatten();
        let members = workspace::members(&Reader::new(self.files, ecosystem), &of.root, &of.patterns, name);
        let mut packages = Packages { manifests: HashMap::new(), doubt: members.as_ref().err().cloned() };
        let all: Vec<PathBuf> = own.into_iter().chain(members.unwrap_or_default()).collect();
        if all.len() > MOST_PACKAGES {
            let root = self.files.shown(&of.root);
            packages.doubt = Some(format!("the workspace of {root} has more than {MOST_PACKAGES} packages"));
        }
        for manifest in all.into_iter().take(MOST_PACKAGES) {
            match self.needs_of(&manifest, ecosystem).as_ref() {
                Ok(needs) => packages.manifests.extend(needs.name.clone().map(|name| (name, manifest))),
                Err(why) => packages.doubt = packages.doubt.or_else(|| Some(why.clone())),
            }
        }
        packages
    }

    /// What `look` finds in files, as long as there is something left to read them with.
    fn read<T>(
        &mut self,
        look: impl FnOnce(&Reader<'_>) -> Result<T, String>,
        ecosystem: Ecosystem,
    ) -> Result<T, String> {
        if self.left.manifests == 0 || self.left.bytes == 0 {
            return Err(format!("{USED_UP}: they have more than {MOST_READ} manifests, or 256 MiB of them"));
        }
        let reader = Reader::new(self.files, ecosystem);
        let found = look(&reader);
        self.left.manifests -= 1;
        self.left.bytes = self.left.bytes.saturating_sub(reader.bytes());
        found
    }
}

#[cfg(test)]
impl<'a> Siblings<'a> {
    /// The same that keeps no more than this in memory.
    pub(super) fn keeping(files: &'a dyn Files, most: usize) -> Self {
        let mut siblings = Self::new(files);
        siblings.left.kept = most;
        siblings
    }

    /// The same that takes so many steps.
    pub(super) fn taking(files: &'a dyn Files, steps: usize) -> Self {
        let mut siblings = Self::new(files);
        siblings.left.steps = steps;
        siblings
    }

    /// How much is kept in memory.
    pub(super) fn kept(&self) -> usize {
        let needs = self.needs.values().filter_map(|needs| needs.as_ref().as_ref().ok()).map(Needs::size);
        needs.chain(self.looked.values().map(|looked| looked.size())).sum()
    }
}

fn manifest_name(ecosystem: Ecosystem) -> &'static str {
    if ecosystem == Ecosystem::Npm { "package.json" } else { "pyproject.toml" }
}
