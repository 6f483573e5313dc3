//! The projects that others ask for by name: packages of a workspace, modules of a reactor.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Finder;
use crate::manifest::needs::{Wanted, folder_of, workspace};
use crate::manifest::{Ecosystem, Reader};

/// What a folder is in, if anything; the error is why that is not known.
pub(super) type Around = Result<Option<Rc<Workspace>>, String>;

/// A workspace of npm or uv.
pub(super) struct Workspace {
    root: PathBuf,
    /// The patterns of its members.
    patterns: Vec<String>,
    /// The files that have its catalogs of versions, if it has any.
    pub(super) catalogs: Vec<String>,
    /// Where its members take what they ask for, by name, as its root says (<https://docs.astral.sh/uv/concepts/projects/workspaces/>).
    pub(super) sources: HashMap<String, Wanted>,
}

/// Projects by name, with their manifests.
#[derive(Default)]
pub(super) struct Named {
    manifests: HashMap<String, PathBuf>,
    /// Why there may be more.
    doubt: Option<String>,
}

fn manifest_name(ecosystem: Ecosystem) -> &'static str {
    if ecosystem == Ecosystem::Python { "pyproject.toml" } else { "package.json" }
}

impl Finder<'_> {
    /// The workspace around a folder.
    pub(super) fn workspace(&mut self, folder: &Path, ecosystem: Ecosystem) -> Option<Rc<Workspace>> {
        let workspace = self.workspace_at(folder, ecosystem);
        workspace.unwrap_or_else(|why| {
            self.doubts(&why);
            None
        })
    }

    fn workspace_at(&mut self, folder: &Path, ecosystem: Ecosystem) -> Around {
        let key = (ecosystem, folder.to_path_buf());
        if let Some(known) = self.workspaces.get(&key) {
            return known.clone();
        }
        let found = match self.root_of_workspace(folder, ecosystem) {
            Ok(None) if folder != self.files.root() => {
                folder.parent().map_or(Ok(None), |above| self.workspace_at(above, ecosystem))
            }
            found => found.map(|root| root.map(Rc::new)),
        };
        self.workspaces.insert(key, found.clone());
        found
    }

    /// The workspace whose root the folder is.
    fn root_of_workspace(&mut self, folder: &Path, ecosystem: Ecosystem) -> Result<Option<Workspace>, String> {
        let mut patterns = None;
        let mut catalogs = vec!["package.json", ".yarnrc.yml"];
        if ecosystem == Ecosystem::Npm {
            let reader = Reader::new(self.files, ecosystem);
            patterns = workspace::of_pnpm(&reader, folder).map_err(|error| error.to_string())?;
            if patterns.is_some() {
                catalogs = vec![workspace::PNPM];
            }
        }
        let mut sources = HashMap::new();
        if patterns.is_none() {
            // That of a component is known to be there.
            let manifest = Some(folder.join(manifest_name(ecosystem))).filter(|known| self.told.contains_key(known));
            let manifest =
                manifest.or_else(|| self.files.locate(&folder.join(manifest_name(ecosystem))).ok().flatten());
            let Some(manifest) = manifest else { return Ok(None) };
            let told = self.told_by(&manifest, ecosystem);
            let needs = told.needs.as_ref().map_err(Clone::clone)?;
            patterns.clone_from(&needs.workspace);
            if ecosystem == Ecosystem::Python {
                let local = needs.all.iter().filter(|need| !matches!(need.wanted, Wanted::Version(_)));
                sources = local.map(|need| (need.name.clone(), need.wanted.clone())).collect();
            }
        }
        let Some(patterns) = patterns else { return Ok(None) };
        let catalogs = catalogs.iter().map(|name| self.files.shown(&folder.join(name))).collect();
        Ok(Some(Workspace { root: folder.to_path_buf(), patterns, catalogs, sources }))
    }

    /// The manifest of a package of a workspace.
    pub(super) fn package(&mut self, workspace: &Workspace, ecosystem: Ecosystem, name: &str) -> Option<PathBuf> {
        let key = (ecosystem, workspace.root.clone());
        let known = self.packages.get(&key).map(Rc::clone);
        let packages = known.unwrap_or_else(|| {
            let packages = Rc::new(self.packages_of(workspace, ecosystem));
            self.packages.insert(key, Rc::clone(&packages));
            packages
        });
        self.of(&packages, name)
    }

    /// The manifest of what has a name; where there is none, what is not known of the others is a doubt.
    pub(super) fn of(&mut self, named: &Named, name: &str) -> Option<PathBuf> {
        let manifest = named.manifests.get(name).cloned();
        if let (None, Some(why)) = (&manifest, &named.doubt) {
            self.doubts(why);
        }
        manifest
    }

    fn packages_of(&mut self, of: &Workspace, ecosystem: Ecosystem) -> Named {
        let (reader, name) = (Reader::new(self.files, ecosystem), manifest_name(ecosystem));
        // The root is a package of its own.
        let mut manifests: Vec<PathBuf> = self.files.locate(&of.root.join(name)).ok().flatten().into_iter().collect();
        let members = workspace::members(&reader, &of.root, &of.patterns, name);
        let doubt = members.as_ref().err().cloned();
        manifests.extend(members.unwrap_or_default());
        let named = self.named(manifests, ecosystem);
        Named { doubt: named.doubt.or(doubt), ..named }
    }

    fn named(&mut self, manifests: Vec<PathBuf>, ecosystem: Ecosystem) -> Named {
        let mut named = Named::default();
        for manifest in manifests {
            let told = self.told_by(&manifest, ecosystem);
            if let Err(why) = &told.needs {
                named.doubt.get_or_insert_with(|| why.clone());
            }
            named.manifests.extend(told.name().map(|name| (name.to_owned(), manifest)));
        }
        named
    }

    /// The modules of all builds: from the topmost pom above each component downwards.
    pub(super) fn reactor(&mut self) -> Rc<Named> {
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
                let told = self.told_by(&pom, Ecosystem::Maven);
                open.extend(told.needs.iter().flat_map(|needs| needs.members.clone()));
                manifests.push(pom);
            }
        }
        let modules = Rc::new(self.named(manifests, Ecosystem::Maven));
        self.modules = Some(Rc::clone(&modules));
        modules
    }
}
