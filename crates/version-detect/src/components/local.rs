//! Which projects of the repository a component is built with, as its manifests say: folders they name by their path, packages
//! of their workspace, modules of their reactor.
//!
//! What is no component has no version of its own, so its files count as those of each component that is built with it. What
//! cannot be told is a doubt: whoever has one counts as changed, because nobody notices what was not built.

mod named;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::manifest::needs::{self, Need, Needs, Wanted, folder_of, takes};
use crate::manifest::{Ecosystem, Files, Reader, UseKind, resolve};
use named::{Around, Named};

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
    pub(crate) told: Told,
}

/// What a manifest says.
#[derive(Debug)]
pub(crate) struct Told {
    /// The error is why it cannot be read.
    needs: Result<Needs, String>,
    /// The files that say it, as they are shown.
    read: Vec<String>,
}

impl Told {
    /// Reads a manifest.
    pub(crate) fn by(files: &dyn Files, manifest: &Path, ecosystem: Ecosystem) -> Self {
        let reader = Reader::new(files, ecosystem);
        let needs = needs::of(&reader, manifest, ecosystem).map_err(|error| needs::reason(&error));
        Self { needs, read: reader.consulted() }
    }
}

/// What a component is built with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Local {
    /// Other components, by their places, in order.
    pub(crate) components: Vec<usize>,
    /// Folders of projects that are none, in order.
    pub(crate) folders: Vec<PathBuf>,
    /// The files that say so, as they are shown, in order.
    pub(crate) reads: Vec<String>,
    /// Why there may be more; `None` where that is all.
    pub(crate) doubt: Option<String>,
}

/// What each of the projects is built with.
pub(crate) fn locals(files: &dyn Files, projects: Vec<Project>) -> Vec<Local> {
    within((MOST_OTHERS, MOST_STEPS), files, projects)
}

/// The same with so many manifests of others, and so many steps.
fn within((most_others, most_steps): (usize, usize), files: &dyn Files, projects: Vec<Project>) -> Vec<Local> {
    let mut finder = Finder {
        files,
        components: HashMap::new(),
        told: HashMap::new(),
        workspaces: HashMap::new(),
        packages: HashMap::new(),
        modules: None,
        poms: Vec::new(),
        names: HashMap::new(),
        versions: HashMap::new(),
        others: most_others,
        steps: most_steps,
        reads: BTreeSet::new(),
        doubt: None,
    };
    for (place, project) in projects.iter().enumerate() {
        finder.components.entry(project.folder.clone()).or_default().push(place);
    }
    let mut own: Vec<(PathBuf, Vec<(PathBuf, Ecosystem)>)> = Vec::with_capacity(projects.len());
    for project in projects {
        let manifests = project.manifests.iter().map(|manifest| (manifest.file.clone(), manifest.ecosystem)).collect();
        for Manifest { file, ecosystem, told } in project.manifests {
            if ecosystem == Ecosystem::Maven {
                finder.poms.push(file.clone());
            }
            if let (Ecosystem::Python | Ecosystem::Npm, Some(name)) = (ecosystem, told.name()) {
                finder.names.entry((ecosystem, name.to_owned())).or_insert_with(|| project.folder.clone());
            }
            finder.versions.insert(file.clone(), Some(project.version.clone()));
            finder.told.insert(file, Rc::new(told));
        }
        own.push((project.folder, manifests));
    }
    own.iter().enumerate().map(|(place, (folder, manifests))| finder.local(place, folder, manifests)).collect()
}

impl Told {
    fn name(&self) -> Option<&str> {
        self.needs.as_ref().ok()?.name.as_deref()
    }
}

struct Finder<'a> {
    files: &'a dyn Files,
    /// By their folders, which several may share.
    components: HashMap<PathBuf, Vec<usize>>,
    /// What manifests say.
    told: HashMap<PathBuf, Rc<Told>>,
    /// The workspace that a folder is in.
    workspaces: HashMap<(Ecosystem, PathBuf), Around>,
    /// The packages of each workspace, by its root.
    packages: HashMap<(Ecosystem, PathBuf), Rc<Named>>,
    /// The modules of Maven, by `group:artifact`.
    modules: Option<Rc<Named>>,
    /// The poms of components.
    poms: Vec<PathBuf>,
    /// The folders of components of npm and Python, by name.
    names: HashMap<(Ecosystem, String), PathBuf>,
    /// The versions of manifests, as far as they have one.
    versions: HashMap<PathBuf, Option<String>>,
    /// How many manifests of others may still be read, and how many steps taken.
    others: usize,
    steps: usize,
    /// The files that say what the component that is looked at is built with, and what is not known of that.
    reads: BTreeSet<String>,
    doubt: Option<String>,
}

impl Finder<'_> {
    fn local(&mut self, place: usize, folder: &Path, manifests: &[(PathBuf, Ecosystem)]) -> Local {
        let (mut components, mut folders) = (BTreeSet::new(), BTreeSet::new());
        let mut open = manifests.to_vec();
        while let Some((manifest, ecosystem)) = open.pop() {
            let told = self.told_by(&manifest, ecosystem);
            self.reads.extend(told.read.iter().cloned());
            let needs = match &told.needs {
                Ok(needs) => needs,
                Err(why) => {
                    self.doubts(why);
                    continue;
                }
            };
            if let Some(why) = &needs.cut {
                self.doubts(&format!("of {} not all is looked at: {why}", self.files.shown(&manifest)));
            }
            self.reads.extend(needs.files.iter().map(|file| self.files.shown(file)));
            let mut next: Vec<PathBuf> = needs.folders.clone();
            for need in needs.all.iter().filter(|need| !need.is_managed) {
                if self.steps == 0 {
                    self.doubts("all components together ask for too much");
                    break;
                }
                self.steps -= 1;
                next.extend(self.found(&manifest, ecosystem, need));
            }
            while let Some(found) = next.pop() {
                match self.components.get(&found) {
                    _ if found == folder => {}
                    Some(others) => components.extend(others.iter().filter(|other| **other != place)),
                    None if folders.insert(found.clone()) => {
                        let manifest = needs::manifest_at(self.files, &found, ecosystem);
                        // Git tells what changed by where a symbolic link leads.
                        let real = manifest.as_deref().map(|file| folder_of(file).to_path_buf());
                        let real = real.unwrap_or_else(|| self.files.real_folder(&found));
                        match manifest {
                            _ if real != found => next.push(real),
                            Some(manifest) => open.push((manifest, ecosystem)),
                            None => {}
                        }
                    }
                    None => {}
                }
            }
        }
        let folders = folders.into_iter().filter(|found| !found.starts_with(folder)).collect();
        let reads = std::mem::take(&mut self.reads).into_iter().collect();
        Local { components: components.into_iter().collect(), folders, reads, doubt: self.doubt.take() }
    }

    /// Notes why not all is known of the component that is looked at; the first reason counts.
    fn doubts(&mut self, why: &str) {
        self.doubt.get_or_insert_with(|| why.to_owned());
    }

    /// The folder of the project that is needed, where it is one of the repository.
    fn found(&mut self, manifest: &Path, ecosystem: Ecosystem, need: &Need) -> Option<PathBuf> {
        match (&need.wanted, ecosystem) {
            (Wanted::Path(path), _) if self.files.is_folder(path) => Some(path.clone()),
            (Wanted::Path(path), _) => {
                let file = self.files.locate(path).ok().flatten()?;
                // A project of .NET is named by its file; another file is what is built with.
                if ecosystem == Ecosystem::DotNet {
                    return Some(folder_of(&file).to_path_buf());
                }
                self.reads.insert(self.files.shown(&file));
                None
            }
            (Wanted::Version(_) | Wanted::Sibling, Ecosystem::Npm) => {
                let Some(workspace) = self.workspace(folder_of(manifest), ecosystem) else {
                    // Tools that have a list of packages elsewhere write this, too.
                    let is_sibling = need.wanted == Wanted::Sibling;
                    return is_sibling.then(|| self.names.get(&(ecosystem, need.name.clone())).cloned())?;
                };
                if matches!(&need.wanted, Wanted::Version(wanted) if wanted.starts_with("catalog:")) {
                    self.reads.extend(workspace.catalogs.iter().cloned());
                }
                let named = self.package(&workspace, ecosystem, &need.name)?;
                self.takes(ecosystem, need, &named)
            }
            // The files of a parent are those that the version is read from.
            (Wanted::Version(_) | Wanted::Sibling, Ecosystem::Maven) if need.kind != UseKind::Parent => {
                let modules = self.reactor();
                let named = self.of(&modules, &need.name)?;
                self.takes(ecosystem, need, &named)
            }
            (Wanted::Version(_) | Wanted::Sibling, Ecosystem::Python) => {
                let workspace = self.workspace(folder_of(manifest), ecosystem);
                let of_root = workspace.as_ref().filter(|_| !need.is_sourced);
                let of_root = of_root.and_then(|workspace| workspace.sources.get(&need.name));
                match (&need.wanted, of_root) {
                    (Wanted::Sibling, _) | (_, Some(Wanted::Sibling)) => {
                        let package = workspace.and_then(|workspace| self.package(&workspace, ecosystem, &need.name));
                        let folder = package.map(|package| folder_of(&package).to_path_buf());
                        folder.or_else(|| self.names.get(&(ecosystem, need.name.clone())).cloned())
                    }
                    (_, Some(Wanted::Path(path))) => self.files.is_folder(path).then(|| path.clone()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The folder of `named` where its version is one that is wanted.
    fn takes(&mut self, ecosystem: Ecosystem, need: &Need, named: &Path) -> Option<PathBuf> {
        let is_taken = match &need.wanted {
            // Which version a catalog has is for the tool to say.
            Wanted::Version(wanted) if wanted.starts_with("catalog:") => true,
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

    fn told_by(&mut self, manifest: &Path, ecosystem: Ecosystem) -> Rc<Told> {
        if let Some(known) = self.told.get(manifest) {
            return Rc::clone(known);
        }
        if self.others == 0 {
            let why = "too many manifests of what is no component would have to be read".to_owned();
            return Rc::new(Told { needs: Err(why), read: Vec::new() });
        }
        self.others -= 1;
        let told = Rc::new(Told::by(self.files, manifest, ecosystem));
        self.told.insert(manifest.to_path_buf(), Rc::clone(&told));
        told
    }
}

#[cfg(test)]
mod tests;
