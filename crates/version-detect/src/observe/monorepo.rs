//! Looking at all components of a repository: their versions from the disk, their tags with one request, what changed with
//! another.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::base::Base;
use crate::comparison::{Changes, Commits};
use crate::components::local::{Manifest, Project, locals};
use crate::components::{Component, Cycle, Reason, changed, order_with};
use crate::config::Declared;
use crate::error::{Error, Problem, nearest};
use crate::files::Tree;
use crate::history::Tags;
use crate::manifest::{Files, Found, Origin, Reader, find::find, needs, resolve};
use crate::pattern::Pattern;
use crate::subject::Subject;

use super::settings::name_fits;
use super::tags::Listed;
use super::{Run, Seen, Sight, Snapshot, is_before_wanted, prefix_of, version_of};

/// The most releases that are compared with, where every component has its own.
const MOST_RELEASES: usize = 20;

/// How many components one reader has at least, and how many readers there are at most.
const FEWEST_TO_READ: usize = 32;
const MOST_READERS: usize = 8;

/// What is known of a component before its tags are.
struct Known {
    declared: Declared,
    found: Found,
    version: project_version::ProjectVersion,
    tag_prefix: String,
    /// What its manifests say of what it is built with; none where only `depends-on` counts.
    manifests: Vec<Manifest>,
}

/// What the manifests say of what each component is built with: other components by their places. The files of what is no
/// component become its own.
fn discover_dependencies(run: &Run<'_>, known: &mut [Known], components: &mut [Component]) -> Vec<Vec<usize>> {
    let root = run.settings.folder();
    let project = |known: &mut Known| Project {
        folder: root.join(&known.declared.folder),
        version: known.found.version.clone(),
        manifests: std::mem::take(&mut known.manifests),
    };
    let locals = locals(&run.tree, known.iter_mut().map(project).collect());
    let with_files = locals.into_iter().zip(components).map(|(local, component)| {
        let below = local.folders.iter().filter_map(|folder| folder.strip_prefix(root).ok());
        let below = below.map(|folder| folder.display().to_string().replace('\\', "/"));
        component.paths.extend(below.filter(|folder| !folder.is_empty()).map(|folder| Pattern::folder(&folder)));
        local.components
    });
    with_files.collect()
}

/// Looks at all components.
pub(super) async fn look(run: &Run<'_>, declared: &[Declared]) -> Result<Sight, Error> {
    let github = run.clients.github.as_ref();
    let commits = Commits::new(run.tree.folder(), github);
    let prefix = declared.iter().map(prefix_of).reduce(|one, other| common(&one, &other)).unwrap_or_default();
    let wanted = &run.wanted;
    // What others have to be asked for is on its way while the manifests are read.
    let (places, listed, same, (mut known, mut problems)) = tokio::join!(
        Places::of(run),
        Listed::of(&prefix, github, run.tree.folder()),
        commits.changes(wanted),
        read(run, declared),
    );
    problems.extend(conflicts(run, &named(declared, &known)));
    let mut components = components(run, &known, &places);
    let discovered = discover_dependencies(run, &mut known, &mut components);
    let order = match order_with(&components, &discovered) {
        Ok(order) => order,
        Err(Cycle(names)) => {
            let location = declared.iter().find(|declared| declared.name == names[0]);
            let location = location.map(|declared| run.settings.at(declared.place));
            return Err(Error::ComponentCycle { names, location });
        }
    };
    for (component, discovered) in components.iter_mut().zip(discovered) {
        component.depends_on.extend(discovered);
        component.depends_on.sort_unstable();
        component.depends_on.dedup();
    }
    if !problems.is_empty() {
        return Ok(Sight::Components { occasion: run.occasion.clone(), seen: without_tags(run, known), problems });
    }
    let (listed, same) = (listed?, same?);
    let reasons = reasons(run, &commits, (&known, &components), (&listed, same), &places).await?;
    run.session.log.line(format!(
        "{} of {} components are concerned",
        reasons.iter().filter(|reason| reason.is_some()).count(),
        known.len()
    ));
    let mut seen: Vec<Option<Seen>> = Vec::with_capacity(known.len());
    for ((known, component), reason) in known.into_iter().zip(&components).zip(reasons) {
        let own = known.version.tag(&known.tag_prefix);
        // What is not concerned is not built, so which commit has its tag does not matter.
        let tags = match &reason {
            Some(_) => listed.known(&known.tag_prefix, &own, github).await?,
            None => listed.without_commit(&known.tag_prefix, &own).0,
        };
        let mut snapshot = snapshot(run, &known, tags);
        if reason.is_some() && is_before_wanted(&snapshot) {
            let head = wanted.head.as_deref().unwrap_or("HEAD");
            if let Ok(base) = commits.base(&run.event_base, head).await? {
                snapshot.before = version_at(run, &commits, (&base, head), &known.found).await?;
            }
        }
        run.look_for_snapshots(&mut snapshot, &known.declared.allow_snapshots)?;
        seen.push(Some(Seen { component: known.declared.name, folder: component.folder.clone(), snapshot, reason }));
    }
    let seen = order.into_iter().filter_map(|place| seen[place].take()).collect();
    Ok(Sight::Components { occasion: run.occasion.clone(), seen, problems: Vec::new() })
}

/// Why each component is built, as far as what the run is about tells. A pushed tag is about the component whose it is.
async fn reasons(
    run: &Run<'_>,
    commits: &Commits<'_>,
    (known, components): (&[Known], &[Component]),
    (listed, same): (&Listed, Changes),
    places: &Places,
) -> Result<Vec<Option<Reason>>, Error> {
    if let Subject::Tag { name } = &run.occasion.subject {
        let is_own = |known: &Known| known.version.tag(&known.tag_prefix) == *name;
        return Ok(known.iter().map(|known| is_own(known).then(|| Reason::Tagged { tag: name.clone() })).collect());
    }
    let same = Rc::new(places.below(same));
    let changes = match run.wanted.base {
        Base::LastRelease => since_releases(run, commits, known, listed, places).await?,
        _ => vec![same; known.len()],
    };
    let changes: Vec<&Changes> = changes.iter().map(AsRef::as_ref).collect();
    Ok(changed(components, run.settings.shared(), &changes))
}

fn snapshot(run: &Run<'_>, known: &Known, tags: Tags) -> Snapshot {
    Snapshot {
        found: known.found.clone(),
        version: known.version.clone(),
        tag_prefix: known.tag_prefix.clone(),
        rules: run.settings.rules(run.inputs),
        subject: run.occasion.subject.clone(),
        commit: run.occasion.commit.clone(),
        run_commit: run.occasion.run_commit.clone(),
        tags,
        before: None,
    }
}

/// What can be judged without tags, where other components have problems: so that all problems are told at once.
fn without_tags(run: &Run<'_>, known: Vec<Known>) -> Vec<Seen> {
    let seen = |known: Known| Seen {
        snapshot: snapshot(run, &known, Tags::Unknown { reason: "other components have problems".to_owned() }),
        component: known.declared.name,
        folder: known.declared.folder,
        reason: None,
    };
    known.into_iter().map(seen).collect()
}

/// The version of every component, or why there is none. They are read on all processors, while others are waited for.
async fn read(run: &Run<'_>, declared: &[Declared]) -> (Vec<Known>, Vec<Problem>) {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MOST_READERS);
    let part = declared.len().div_ceil(processors).max(FEWEST_TO_READ);
    let reading = declared.chunks(part).map(|part| {
        let (part, tree, with_needs) = (part.to_vec(), run.tree.clone(), run.settings.reads_dependencies());
        let (folder, endings) = (run.settings.folder().to_path_buf(), run.settings.endings().to_vec());
        tokio::task::spawn_blocking(move || {
            let read = |declared: &Declared| {
                let known = read_one(&tree, &folder, &endings, declared)?;
                Ok(if with_needs { known.with_needs(&tree) } else { known })
            };
            part.iter().map(read).collect::<Vec<_>>()
        })
    });
    let (mut known, mut problems) = (Vec::with_capacity(declared.len()), Vec::new());
    let mut declared = declared.iter();
    for part in reading.collect::<Vec<_>>() {
        let read = part.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
        for (read, declared) in read.into_iter().zip(declared.by_ref()) {
            match read {
                Ok(one) if declared.is_discovered && one.found.origin == Origin::Default => {}
                Ok(one) => known.push(one),
                Err(Error::NoVersion { .. }) if declared.is_discovered => {}
                Err(error) => problems.push(Problem::of(&declared.name, &error)),
            }
        }
    }
    (known, problems)
}

fn read_one(tree: &Tree, root: &Path, endings: &[String], declared: &Declared) -> Result<Known, Error> {
    let folder = root.join(&declared.folder);
    if !tree.is_folder(&folder) {
        return Err(Error::FolderMissing { folder: tree.shown(&folder) });
    }
    let found = find(tree, &folder, declared.manifest.as_deref())?;
    let version = version_of(&found, endings)?;
    Ok(Known { declared: declared.clone(), found, version, tag_prefix: prefix_of(declared), manifests: Vec::new() })
}

impl Known {
    /// The same, with what its manifests say of what it is built with.
    fn with_needs(mut self, tree: &Tree) -> Self {
        let own = std::iter::once((self.found.manifest.clone(), self.found.ecosystem));
        for (manifest, ecosystem) in own.chain(self.found.beside.iter().cloned()) {
            let file = tree.root().join(manifest);
            // What cannot be read here is said where a version needs it.
            let needs = needs::of(&Reader::new(tree, ecosystem), &file, ecosystem).unwrap_or_default();
            self.manifests.push(Manifest { file, ecosystem, needs });
        }
        self
    }
}

/// Those of the components that are ones: a folder that was found and has no version is none.
fn named<'a>(declared: &'a [Declared], known: &[Known]) -> Vec<&'a Declared> {
    let folders: BTreeSet<&str> = known.iter().map(|known| known.declared.folder.as_str()).collect();
    declared.iter().filter(|one| !one.is_discovered || folders.contains(one.folder.as_str())).collect()
}

/// Names, tags and manifests that two components share, names that cannot be, and dependencies that are none.
fn conflicts(run: &Run<'_>, declared: &[&Declared]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (mut names, mut prefixes, mut manifests) = (HashMap::new(), HashMap::new(), HashMap::new());
    for one in declared {
        let location = run.settings.at(one.place);
        let manifest = match &one.manifest {
            Some(manifest) => format!("{}/{manifest}", one.folder),
            None => one.folder.clone(),
        };
        if let Err(error) = name_fits(one) {
            problems.push(Problem::of(&one.name, &error));
        }
        let shared = [
            ("name", one.name.clone(), &mut names),
            ("prefix of tags", prefix_of(one), &mut prefixes),
            ("folder", manifest, &mut manifests),
        ]
        .into_iter()
        // Those that are called alike mostly have the same tags, too: the first is told.
        .find_map(|(what, text, taken)| Some((what, taken.insert(text.clone(), one.folder.clone())?, text)));
        if let Some((what, first, text)) = shared {
            let error = Error::ComponentOverlap { what, text, first, location: location.clone() };
            problems.push(Problem::of(&one.name, &error));
        }
    }
    let known: Vec<&str> = declared.iter().map(|declared| declared.name.as_str()).collect();
    let set: BTreeSet<&str> = known.iter().copied().collect();
    for one in declared {
        for (name, place) in one.depends_on.iter().filter(|(name, _)| !set.contains(name.as_str())) {
            let location = Some(run.settings.at(*place));
            let error = Error::ComponentUnknown { name: name.clone(), advice: nearest(name, &known), location };
            problems.push(Problem::of(&one.name, &error));
        }
    }
    problems
}

/// How paths of Git, of the disk and of the configuration go together.
struct Places {
    /// The configuration's folder below the top of the work tree, with a slash behind; empty for that one.
    configuration: String,
    /// The same below the root of what is read.
    shown: String,
}

impl Places {
    async fn of(run: &Run<'_>) -> Self {
        let folder = run.settings.folder();
        let slash = |path: &Path| match path.display().to_string() {
            empty if empty.is_empty() => empty,
            path => format!("{}/", path.replace('\\', "/")),
        };
        let top = git_repository::top(run.tree.folder()).await.and_then(|top| top.canonicalize().ok());
        let below = |top: &PathBuf| folder.strip_prefix(top).ok().map(slash);
        let shown = folder.strip_prefix(run.tree.root()).map(slash).unwrap_or_default();
        Self { configuration: top.as_ref().and_then(below).unwrap_or_else(|| shown.clone()), shown }
    }

    /// What of the changes lies below the configuration's folder, by paths from there.
    fn below(&self, changes: Changes) -> Changes {
        match changes {
            Changes::Known { base, files } if !self.configuration.is_empty() => {
                let below = |file: String| file.strip_prefix(self.configuration.as_str()).map(str::to_owned);
                Changes::Known { base, files: files.into_iter().filter_map(below).collect() }
            }
            changes => changes,
        }
    }
}

fn components(run: &Run<'_>, known: &[Known], places: &Places) -> Vec<Component> {
    let by_name: HashMap<&str, usize> =
        known.iter().enumerate().map(|(place, known)| (known.declared.name.as_str(), place)).collect();
    let component = |known: &Known| {
        let declared = &known.declared;
        let own = format!("{}/", declared.folder);
        let read = known.found.read.iter().filter_map(|file| file.strip_prefix(places.shown.as_str()));
        let inherits = read.filter(|file| !file.starts_with(&own)).map(str::to_owned).collect();
        let mut depends_on: Vec<usize> =
            declared.depends_on.iter().filter_map(|(name, _)| by_name.get(name.as_str()).copied()).collect();
        depends_on.sort_unstable();
        depends_on.dedup();
        Component {
            name: declared.name.clone(),
            folder: run.tree.shown(&run.settings.folder().join(&declared.folder)),
            tag_prefix: known.tag_prefix.clone(),
            paths: declared.paths.clone().unwrap_or_else(|| vec![Pattern::folder(&declared.folder)]),
            inherits,
            depends_on,
        }
    };
    known.iter().map(component).collect()
}

/// What changed in each component since its last release: the highest one that its version is not below, because a line of
/// maintenance has releases above it.
async fn since_releases(
    run: &Run<'_>,
    commits: &Commits<'_>,
    known: &[Known],
    listed: &Listed,
    places: &Places,
) -> Result<Vec<Rc<Changes>>, Error> {
    let github = run.clients.github.as_ref();
    let head = run.wanted.head.as_deref().unwrap_or("HEAD");
    let mut since: HashMap<String, Rc<Changes>> = HashMap::new();
    let mut all = Vec::with_capacity(known.len());
    for known in known {
        let (tags, _) = listed.without_commit(&known.tag_prefix, "");
        let unknown = |why: String| Rc::new(Changes::Unknown { why });
        if let Tags::Unknown { reason } = &tags {
            all.push(unknown(format!("its releases are not known: {reason}")));
            continue;
        }
        let core = known.version.core();
        let last = tags.released().iter().rev().find(|released| **released <= core);
        let Some(name) = last.map(|version| format!("{}{version}", known.tag_prefix)) else {
            all.push(unknown("it was never released".to_owned()));
            continue;
        };
        // Components that were released together have one commit, and mostly one object.
        let object = listed.object_of(&name).unwrap_or(&name).to_owned();
        if let Some(known) = since.get(&object) {
            all.push(Rc::clone(known));
            continue;
        }
        let changes = if since.len() < MOST_RELEASES {
            match listed.commit_of(&name, github).await? {
                Some(commit) => places.below(commits.between(&commit, head).await?),
                None => Changes::Unknown { why: format!("the commit of {name} is not known") },
            }
        } else {
            Changes::Unknown { why: format!("the components have more than {MOST_RELEASES} releases") }
        };
        let changes = Rc::new(changes);
        since.insert(object, Rc::clone(&changes));
        all.push(changes);
    }
    Ok(all)
}

/// What two texts begin with.
fn common(one: &str, other: &str) -> String {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other);
    same.map(|(one, _)| one).collect()
}

/// The files of another commit, as far as they were asked for.
struct Before<'a> {
    root: &'a Path,
    /// Below the root, with the content of those that differ and the disk's path of the others.
    files: HashMap<PathBuf, Option<Vec<u8>>>,
    disk: &'a crate::files::Tree,
}

impl Files for Before<'_> {
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
            None => Err(Error::ManifestMissing { file: self.shown(path) }),
        }
    }
}

/// The version of `found` in the commit `base`: `None` where it cannot be told from the files that it is read from today.
pub(super) async fn version_at(
    run: &Run<'_>,
    commits: &Commits<'_>,
    (base, head): (&str, &str),
    found: &Found,
) -> Result<Option<String>, Error> {
    let (Some(base), Some(head)) = (commits.tree(base).await?, commits.tree(head).await?) else { return Ok(None) };
    let top = git_repository::top(run.tree.folder()).await.and_then(|top| top.canonicalize().ok());
    let top = top.unwrap_or_else(|| run.tree.root().to_path_buf());
    let mut files = HashMap::new();
    for read in &found.read {
        let path = run.tree.root().join(read);
        let Ok(relative) = path.strip_prefix(&top) else { return Ok(None) };
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
    let before = Before { root: run.tree.root(), files, disk: &run.tree };
    let manifest = run.tree.root().join(&found.manifest);
    // A manifest that was broken before says nothing of today's.
    Ok(resolve(&before, &manifest, found.ecosystem).ok().flatten().map(|found| found.version))
}
