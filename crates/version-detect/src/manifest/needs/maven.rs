//! `pom.xml`: the parent, the dependencies and the plugins of a project and of its parents, with what its active profiles add, and
//! the modules that are built with it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Needs, Wanted, folder_of, joined};
use crate::error::Error;
use crate::manifest::maven::interpolate::{Link, Scope};
use crate::manifest::maven::profiles::{Activity, activities};
use crate::manifest::maven::uses::{Use, Uses};
use crate::manifest::maven::with_parents;
use crate::manifest::{Reader, UseKind, Written};

/// What a project asks for.
pub(super) fn needs(reader: &Reader<'_>, manifest: &Path) -> Result<Needs, Error> {
    let (files, chain, options) = with_parents(reader, manifest)?;
    let folder = folder_of(manifest);
    let exists = |path: &str| {
        let path = folder.join(path);
        reader.is_folder(&path) || reader.locate(&path).is_ok_and(|file| file.is_some())
    };
    let mut needs = Needs { parents: files[1..].to_vec(), ..Needs::default() };
    let mut uses: Vec<(usize, &Uses)> = Vec::new();
    for (index, link) in chain.iter().enumerate() {
        uses.push((index, &link.pom.uses));
        for (profile, activity) in activities(&link.pom.profiles, &options, &exists) {
            match activity {
                Activity::Active => uses.push((index, &profile.uses)),
                Activity::Unknown(doubt) if profile.uses != Uses::default() => {
                    let (file, line) = (reader.shown(&files[index]), doubt.place.line);
                    let why = doubt.why.rsplit(", and ").next().unwrap_or_default();
                    needs.unseen.push(format!("a profile of {file}, line {line}: {why}"));
                }
                Activity::Unknown(_) | Activity::Inactive => {}
            }
        }
    }
    let mut managed = HashMap::new();
    for (index, item) in uses.iter().flat_map(|(index, uses)| uses.managed.iter().map(|item| (*index, item))) {
        if let Some(version) = &item.version {
            managed.entry((item.kind, item.name.as_str())).or_insert((index, version));
        }
    }
    let build = Build { files: &files, scope: Scope { chain: &chain, options: &options }, uses, managed };
    needs.name = build.name();
    build.parent(&mut needs);
    let unknown = build.used(&mut needs);
    if unknown > 0 {
        let file = reader.shown(manifest);
        needs.unseen.push(format!("{unknown} versions of {file} that its poms in this repository do not tell"));
    }
    for module in build.uses.iter().filter(|(index, _)| *index == 0).flat_map(|(_, uses)| &uses.modules) {
        let path = joined(folder, module);
        let path = if reader.is_folder(&path) { path.join("pom.xml") } else { path };
        match reader.locate(&path) {
            Ok(Some(file)) => needs.members.push(file),
            _ => needs.unseen.push(format!("the module `{module}` of {}, which is not there", reader.shown(manifest))),
        }
    }
    Ok(needs)
}

/// A project with all that it and its parents use.
struct Build<'a> {
    files: &'a [PathBuf],
    scope: Scope<'a>,
    /// By the index of the pom that has it.
    uses: Vec<(usize, &'a Uses)>,
    /// The version that the nearest pom manages for what names none, with that pom's index.
    managed: HashMap<(UseKind, &'a str), (usize, &'a Written)>,
}

impl Build<'_> {
    fn own(&self) -> Option<&Link> {
        self.scope.chain.first()
    }

    /// `group:artifact`
    fn name(&self) -> Option<String> {
        let pom = &self.own()?.pom;
        let group = pom.group().or_else(|| self.scope.chain.get(1)?.pom.group())?;
        let place = crate::manifest::Place::START;
        let text = format!("{group}:{}", pom.artifact.as_deref()?);
        self.scope.resolve(0, &Written { text, place }).ok()
    }

    fn parent(&self, needs: &mut Needs) {
        let Some(parent) = self.own().and_then(|own| own.pom.parent.as_ref()) else { return };
        let name = |part: &Option<String>| part.clone().unwrap_or_default();
        let name = format!("{}:{}", name(&parent.group), name(&parent.artifact));
        if let Some(version) = &parent.version {
            self.need(needs, UseKind::Parent, &name, 0, version);
        }
    }

    /// Adds what is used, and says of how many there is no version here: the project's own does not hang on them.
    fn used(&self, needs: &mut Needs) -> usize {
        let mut unknown = 0;
        for (index, uses) in &self.uses {
            for item in &uses.used {
                let here = item.version.as_ref().map(|version| (*index, version));
                let is_known = match here.or_else(|| self.managed.get(&(item.kind, item.name.as_str())).copied()) {
                    Some((home, version)) => self.need(needs, item.kind, &item.name, home, version),
                    None => is_of_maven(item),
                };
                if !is_known {
                    unknown += 1;
                    self.sibling(needs, *index, item);
                }
            }
            for item in &uses.managed {
                // Whoever imports the project takes what it manages; what its parents manage counts where it is used.
                let mut is_known = *index > 0;
                if *index == 0 {
                    let here = item.version.as_ref().map(|version| (0, version));
                    let managed = here.or_else(|| self.managed.get(&(item.kind, item.name.as_str())).copied());
                    let before = needs.all.len();
                    is_known =
                        managed.is_some_and(|(home, version)| self.need(needs, item.kind, &item.name, home, version));
                    needs.all[before..].iter_mut().for_each(|need| need.is_managed = !item.is_import);
                    is_known |= is_of_maven(item);
                    unknown += usize::from(!is_known);
                }
                // A pom that is imported counts wherever it stands: what it manages may be used without a version.
                if item.is_import && (*index > 0 || !is_known) {
                    self.sibling(needs, *index, item);
                }
            }
        }
        unknown
    }

    /// Adds what has no version here: where it is a project of this repository, that is meant.
    fn sibling(&self, needs: &mut Needs, index: usize, item: &Use) {
        let place = item.version.as_ref().map_or(crate::manifest::Place::START, |version| version.place);
        let name = Written { text: item.name.clone(), place };
        let name = self.scope.resolve(index, &name).unwrap_or(name.text);
        needs.add(item.kind, &name, Wanted::Sibling, (&self.files[index], place));
    }

    /// Adds what has a version here, and says whether it has.
    fn need(&self, needs: &mut Needs, kind: UseKind, name: &str, index: usize, version: &Written) -> bool {
        let Ok(text) = self.scope.resolve(index, version) else { return false };
        let name = Written { text: name.to_owned(), place: version.place };
        let name = self.scope.resolve(index, &name).unwrap_or(name.text);
        let (index, place) = self.scope.home_of(&version.text).unwrap_or((index, version.place));
        needs.add(kind, &name, Wanted::Version(text), (&self.files[index], place));
        true
    }
}

/// Maven has a version for each of its own plugins, and none of them is a snapshot.
fn is_of_maven(item: &Use) -> bool {
    item.kind == UseKind::Plugin && item.name.starts_with("org.apache.maven.plugins:")
}
