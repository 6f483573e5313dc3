//! Which projects of the repository a component is built with, as its manifests say: folders they name by their path, packages
//! of their npm workspace, modules of their reactor.
//!
//! What is no component has no version of its own, so its files count as those of each component that is built with it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::manifest::needs::{self, Need, Needs, Wanted, folder_of, npm_workspace, takes};
use crate::manifest::{Ecosystem, Files, Reader, UseKind, resolve};

/// The most manifests that are read of what is no component.
const MOST_OTHERS: usize = 2_000;

/// The most steps from one project to the next, of all components together.
const MOST_STEPS: usize = 500_000;

/// A component with what its manifests say.
pub(crate) struct Project {
    /// Its folder, absolute.
    pub(crate) folder: PathBuf,
    pub(crate) version: String,
    pub(crate) manifests: Vec<Manifest>,
}

/// A manifest of a component.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) file: PathBuf,
    pub(crate) ecosystem: Ecosystem,
    pub(crate) needs: Needs,
}

/// What a component is built with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Local {
    /// Other components, by their places, in order.
    pub(crate) components: Vec<usize>,
    /// Folders of projects that are none, in order.
    pub(crate) folders: Vec<PathBuf>,
}

/// What each of the projects is built with. What cannot be read leads nowhere: whoever builds it will say so.
pub(crate) fn locals(files: &dyn Files, projects: Vec<Project>) -> Vec<Local> {
    let mut finder = Finder {
        files,
        components: projects.iter().enumerate().map(|(place, project)| (project.folder.clone(), place)).collect(),
        needs: HashMap::new(),
        workspaces: HashMap::new(),
        packages: HashMap::new(),
        modules: None,
        poms: Vec::new(),
        distributions: HashMap::new(),
        versions: HashMap::new(),
        others: 0,
        steps: 0,
    };
    let mut own: Vec<(PathBuf, Vec<(PathBuf, Ecosystem)>)> = Vec::with_capacity(projects.len());
    for project in projects {
        let manifests = project.manifests.iter().map(|manifest| (manifest.file.clone(), manifest.ecosystem)).collect();
        for Manifest { file, ecosystem, needs } in project.manifests {
            if ecosystem == Ecosystem::Maven {
                finder.poms.push(file.clone());
            }
            if let Some(name) = needs.name.clone().filter(|_| ecosystem == Ecosystem::Python) {
                finder.distributions.entry(name).or_insert_with(|| project.folder.clone());
            }
            finder.versions.insert(file.clone(), Some(project.version.clone()));
            finder.needs.insert(file, Some(Rc::new(needs)));
        }
        own.push((project.folder, manifests));
    }
    own.iter().enumerate().map(|(place, (folder, manifests))| finder.local(place, folder, manifests)).collect()
}

struct Finder<'a> {
    files: &'a dyn Files,
    /// By their folders.
    components: HashMap<PathBuf, usize>,
    /// What manifests say; `None` for those that cannot be read.
    needs: HashMap<PathBuf, Option<Rc<Needs>>>,
    /// The root of the npm workspace that a folder is in.
    workspaces: HashMap<PathBuf, Option<PathBuf>>,
    /// The packages of each npm workspace, by name.
    packages: HashMap<PathBuf, Rc<HashMap<String, PathBuf>>>,
    /// The modules of Maven, by `group:artifact`.
    modules: Option<Rc<HashMap<String, PathBuf>>>,
    /// The poms of components.
    poms: Vec<PathBuf>,
    /// The folders of components of Python, by name.
    distributions: HashMap<String, PathBuf>,
    /// The versions of manifests, as far as they have one.
    versions: HashMap<PathBuf, Option<String>>,
    others: usize,
    steps: usize,
}

impl Finder<'_> {
    fn local(&mut self, place: usize, folder: &Path, manifests: &[(PathBuf, Ecosystem)]) -> Local {
        let (mut components, mut folders) = (BTreeSet::new(), BTreeSet::new());
        let mut open = manifests.to_vec();
        while let Some((manifest, ecosystem)) = open.pop() {
            let Some(needs) = self.needs_of(&manifest, ecosystem) else { continue };
            for need in &needs.all {
                self.steps += 1;
                if self.steps > MOST_STEPS {
                    break;
                }
                let Some(found) = self.found(&manifest, ecosystem, need) else { continue };
                match self.components.get(&found) {
                    _ if found == folder => {}
                    Some(other) if *other == place => {}
                    Some(other) => {
                        components.insert(*other);
                    }
                    None if folders.insert(found.clone()) => open.extend(self.manifest_in(&found, ecosystem)),
                    None => {}
                }
            }
        }
        let folders = folders.into_iter().filter(|found| !found.starts_with(folder)).collect();
        Local { components: components.into_iter().collect(), folders }
    }

    /// The folder of the project that is needed, where it is one of the repository.
    fn found(&mut self, manifest: &Path, ecosystem: Ecosystem, need: &Need) -> Option<PathBuf> {
        match (&need.wanted, ecosystem) {
            (Wanted::Path(path), _) if self.files.is_folder(path) => Some(path.clone()),
            // A project of .NET is named by its file; of other files it is not known what they are of.
            (Wanted::Path(path), Ecosystem::DotNet) => {
                Some(folder_of(&self.files.locate(path).ok().flatten()?).to_path_buf())
            }
            (Wanted::Version(_) | Wanted::Sibling, Ecosystem::Npm) => {
                let root = self.workspace(folder_of(manifest))?;
                let named = self.packages_of(&root).get(&need.name)?.clone();
                self.takes(ecosystem, need, &named)
            }
            // The files of a parent are those that the version is read from.
            (Wanted::Version(_), Ecosystem::Maven) if need.kind != UseKind::Parent => {
                let named = self.reactor().get(&need.name)?.clone();
                self.takes(ecosystem, need, &named)
            }
            (Wanted::Sibling, Ecosystem::Python) => self.distributions.get(&need.name).cloned(),
            _ => None,
        }
    }

    /// The folder of `named` where its version is one that is wanted.
    fn takes(&mut self, ecosystem: Ecosystem, need: &Need, named: &Path) -> Option<PathBuf> {
        let is_taken = match &need.wanted {
            Wanted::Version(wanted) => {
                let version = self.version_of(named, ecosystem);
                version.is_none_or(|version| takes(ecosystem, wanted, &version))
            }
            Wanted::Sibling | Wanted::Path(_) => true,
        };
        is_taken.then(|| folder_of(named).to_path_buf())
    }

    fn version_of(&mut self, manifest: &Path, ecosystem: Ecosystem) -> Option<String> {
        if let Some(known) = self.versions.get(manifest) {
            return known.clone();
        }
        let version = resolve(self.files, manifest, ecosystem).ok().flatten().map(|found| found.version);
        self.versions.insert(manifest.to_path_buf(), version.clone());
        version
    }

    fn needs_of(&mut self, manifest: &Path, ecosystem: Ecosystem) -> Option<Rc<Needs>> {
        if let Some(known) = self.needs.get(manifest) {
            return known.clone();
        }
        self.others += 1;
        if self.others > MOST_OTHERS {
            return None;
        }
        let needs = needs::of(&Reader::new(self.files, ecosystem), manifest, ecosystem).ok().map(Rc::new);
        self.needs.insert(manifest.to_path_buf(), needs.clone());
        needs
    }

    fn manifest_in(&self, folder: &Path, ecosystem: Ecosystem) -> Option<(PathBuf, Ecosystem)> {
        let manifest = needs::manifest_at(self.files, folder, ecosystem)?;
        Some((manifest, ecosystem))
    }

    /// The root of the npm workspace around a folder.
    fn workspace(&mut self, folder: &Path) -> Option<PathBuf> {
        if let Some(known) = self.workspaces.get(folder) {
            return known.clone();
        }
        let reader = Reader::new(self.files, Ecosystem::Npm);
        let root = match npm_workspace::patterns(&reader, folder) {
            Some(_) => Some(folder.to_path_buf()),
            None if folder == self.files.root() => None,
            None => folder.parent().map(Path::to_path_buf).and_then(|above| self.workspace(&above)),
        };
        self.workspaces.insert(folder.to_path_buf(), root.clone());
        root
    }

    fn packages_of(&mut self, root: &Path) -> Rc<HashMap<String, PathBuf>> {
        if let Some(known) = self.packages.get(root) {
            return Rc::clone(known);
        }
        let manifests = npm_workspace::members(&Reader::new(self.files, Ecosystem::Npm), root);
        let packages = Rc::new(self.named(manifests, Ecosystem::Npm));
        self.packages.insert(root.to_path_buf(), Rc::clone(&packages));
        packages
    }

    fn named(&mut self, manifests: Vec<PathBuf>, ecosystem: Ecosystem) -> HashMap<String, PathBuf> {
        let mut named = HashMap::new();
        for manifest in manifests {
            let name = self.needs_of(&manifest, ecosystem).and_then(|needs| needs.name.clone());
            named.extend(name.map(|name| (name, manifest)));
        }
        named
    }

    /// The modules of all builds: from the topmost pom above each component downwards.
    fn reactor(&mut self) -> Rc<HashMap<String, PathBuf>> {
        if let Some(known) = &self.modules {
            return Rc::clone(known);
        }
        let mut open = std::mem::take(&mut self.poms);
        let mut folders: HashSet<PathBuf> = HashSet::new();
        let mut tops = Vec::new();
        for pom in &open {
            let above = folder_of(pom).ancestors().take_while(|above| above.starts_with(self.files.root()));
            for folder in above.map(Path::to_path_buf) {
                if !folders.insert(folder.clone()) {
                    break;
                }
                tops.extend(self.files.locate(&folder.join("pom.xml")).ok().flatten());
            }
        }
        open.extend(tops);
        let mut seen: HashSet<PathBuf> = HashSet::new();
        let mut manifests = Vec::new();
        while let Some(pom) = open.pop() {
            if seen.insert(pom.clone()) {
                let needs = self.needs_of(&pom, Ecosystem::Maven);
                open.extend(needs.into_iter().flat_map(|needs| needs.members.clone()));
                manifests.push(pom);
            }
        }
        let modules = Rc::new(self.named(manifests, Ecosystem::Maven));
        self.modules = Some(Rc::clone(&modules));
        modules
    }
}

#[cfg(test)]
mod tests;
