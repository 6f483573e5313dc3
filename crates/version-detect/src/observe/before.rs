//! Where the releases are, seen from a change: whether it brings one back, and whether a later run was faster.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::tags::Listed;
use super::{Run, Snapshot};
use crate::base::Base;
use crate::comparison::{Commits, Release};
use crate::error::Error;
use crate::files::Tree;
use crate::history::Tags;
use crate::manifest::{Files, Found, resolve};
use crate::subject::Subject;

/// What is said of a release that a later run made.
const BEHIND: &str = "which follows this commit: a later run has released it";

/// Whether a commit that follows this one was released with a higher version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overtaken {
    /// None that is known.
    No,
    /// One was, so this one is late.
    Yes,
    /// There is a higher version, and nobody was asked where it is, because enough was asked before.
    Unknown,
}

/// What a change replaced by a version that another commit was released with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Before {
    /// The version before the change.
    pub(crate) version: String,
    /// Where the commit of the release is, seen from the change.
    pub(crate) release: Release,
}

/// What the event's own change replaced, whatever the run is compared with, by reading the same manifest in the commit before; `None` where
/// that is not known, or the version was the same. It costs the list of that commit's files and a request for each file that the version
/// is read from and that changed; where the version is another one, up to two more say where the release's commit is.
pub(super) async fn before(run: &Run<'_>, commits: &Commits<'_>, snapshot: &Snapshot) -> Result<Option<Before>, Error> {
    let Snapshot { found, tags: Tags::Known { own: Some(tagged), .. }, .. } = snapshot else { return Ok(None) };
    let base = &run.event.base;
    let is_about_nothing = matches!(base, Base::Nothing { .. } | Base::LastRelease);
    if found.read.is_empty() || is_about_nothing || commits.are_asked_enough() {
        return Ok(None);
    }
    let head = run.head();
    let Ok(base) = commits.base(base, head).await? else { return Ok(None) };
    let Some(version) = version_at(run, commits, (&base, head), found).await? else { return Ok(None) };
    if version == snapshot.version.as_str() {
        return Ok(None);
    }
    let release = commits.release(tagged, (&base, head)).await?;
    let told = match release {
        Release::Before => None,
        Release::Within => Some("a commit of this change, so nothing is new"),
        Release::Behind => Some(BEHIND),
    };
    if let Some(told) = told {
        run.session.log.line(format!("{} is at {tagged}, {told}", snapshot.own_tag()));
    }
    Ok(Some(Before { version, release }))
}

/// The tag of the release that a branch is to be above, where the version is below it and new, or comes in with the change.
pub(super) fn higher(snapshot: &Snapshot) -> Option<String> {
    let Subject::Branch { name } = &snapshot.subject else { return None };
    let comes_in = snapshot.before.as_ref().is_some_and(|before| before.release == Release::Within);
    let rule = snapshot.rules.of(name).filter(|rule| !rule.line && (comes_in || !snapshot.is_released()))?;
    rule.form(&snapshot.version)?;
    Some(format!("{}{}", snapshot.tag_prefix, snapshot.higher_release()?))
}

/// Whether the release with the tag `higher`, which was followed, is one of a commit that follows this one: then the version is late, and
/// does not go down. It costs a request at most, where it would be an error.
pub(super) async fn overtaken(
    run: &Run<'_>,
    commits: &Commits<'_>,
    listed: &Listed,
    higher: &str,
) -> Result<Overtaken, Error> {
    let Some(commit) = listed.object_of(higher) else { return Ok(Overtaken::No) };
    match commits.is_followed_by(run.head(), commit).await? {
        None => Ok(Overtaken::Unknown),
        Some(false) => Ok(Overtaken::No),
        Some(true) => {
            run.session.log.line(format!("{higher} is at {commit}, {BEHIND}"));
            Ok(Overtaken::Yes)
        }
    }
}

/// The files of another commit, as far as they were asked for.
struct Past<'a> {
    root: &'a Path,
    /// Below the root, with the content of those that differ and the disk's path of the others.
    files: HashMap<PathBuf, Option<Vec<u8>>>,
    disk: &'a Tree,
}

impl Files for Past<'_> {
    fn root(&self) -> &Path {
        self.root
    }

    fn locate(&self, path: &Path) -> Result<Option<PathBuf>, Error> {
        // The same folders as on the disk, where the file is there; what has gone since is not looked for.
        let real = path.parent().and_then(|folder| Some(folder.canonicalize().ok()?.join(path.file_name()?)));
        Ok(real.filter(|real| self.files.contains_key(real)))
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.disk.is_folder(path)
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let below = self.files.keys().filter(|file| file.parent() == Some(folder));
        let mut names: Vec<String> =
            below.filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned())).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, Error> {
        match self.files.get(path) {
            Some(Some(bytes)) => Ok(bytes.clone()),
            Some(None) => self.disk.bytes(path),
            None => Err(Error::ManifestMissing { file: self.shown(path), near: String::new() }),
        }
    }
}

/// The version of `found` in the commit `base`: `None` where it cannot be told from the files that it is read from today.
async fn version_at(
    run: &Run<'_>,
    commits: &Commits<'_>,
    (base, head): (&str, &str),
    found: &Found,
) -> Result<Option<String>, Error> {
    let (Some(base), Some(head)) = (commits.tree(base).await?, commits.tree(head).await?) else { return Ok(None) };
    let top = commits.top().await.unwrap_or_else(|| run.tree.root());
    let mut files = HashMap::new();
    for read in &found.read {
        let path = run.tree.root().join(read);
        let Ok(relative) = path.strip_prefix(top) else { return Ok(None) };
        let relative = relative.display().to_string().replace('\\', "/");
        match (base.get(&relative), head.get(&relative)) {
            (Some(before), Some(now)) if before.id == now.id => {
                files.insert(path, None);
            }
            (Some(before), _) => {
                let Some(bytes) = commits.blob(&before.id).await? else { return Ok(None) };
                files.insert(path, Some(bytes));
            }
            (None, _) => {}
        }
    }
    let past = Past { root: run.tree.root(), files, disk: &run.tree };
    let manifest = run.tree.root().join(&found.manifest);
    // A manifest that was broken before says nothing of today's.
    Ok(resolve(&past, &manifest, found.ecosystem).ok().flatten().map(|found| found.version))
}
