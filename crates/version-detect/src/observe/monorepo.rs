//! Looking at all components of a repository: their versions from the disk, their tags with one request, what changed with
//! another.

mod dependencies;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::rc::Rc;

use crate::base::Base;
use crate::comparison::{Changes, Commits, MOST_QUESTIONS};
use crate::components::local::{Manifest, Told};
use crate::components::{Component, Cycle, Reason, changed, names, order_with};
use crate::config::Declared;
use crate::error::{Error, Problem, nearest};
use crate::files::Tree;
use crate::history::Tags;
use crate::manifest::{Files, Found, Origin, find::find, needs::Siblings};
use crate::pattern::Pattern;
use crate::subject::Subject;

use super::before::{self, before, overtaken};
use super::settings::existing;
use super::tags::Listed;
use super::{Overtaken, Run, Seen, Sight, Snapshot, is_before_wanted, not_all_looked_at, prefix_of, version_of};

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

/// Looks at all components.
pub(super) async fn look(run: &Run<'_>, declared: &[Declared]) -> Result<Sight, Error> {
    let github = run.clients.github.as_ref();
    let commits = Commits::new(run.tree.folder(), github);
    let prefix = declared.iter().map(prefix_of).reduce(|one, other| common(&one, &other)).unwrap_or_default();
    let mut wanted = run.event.clone();
    wanted.base = run.occasion.base(run.inputs, run.session, github).await?.unwrap_or(wanted.base);
    // What others have to be asked for is on its way while the manifests are read.
    let (places, listed, same, (mut known, mut problems)) = tokio::join!(
        Places::of(run, &commits),
        Listed::of(&prefix, github, run.tree.folder()),
        commits.changes(&wanted),
        read(run, declared),
    );
    problems.extend(conflicts(run, &named(declared, &known)));
    let mut components = components(&known, &places);
    let discovered = dependencies::discover(run, &mut known, &mut components, &places);
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
        let seen = without_tags(run, known);
        let (unknown, warnings) = (None, Vec::new());
        return Ok(Sight::Components { occasion: run.occasion.clone(), seen, problems, unknown, warnings });
    }
    let (mut listed, same) = (listed?, same?);
    let unknown = match (&wanted.base, &same) {
        (Base::Named(_) | Base::LastSuccess(_) | Base::Lost { .. }, Changes::Unknown { why }) => Some(why.clone()),
        _ => None,
    };
    let known_and_components = (known.as_slice(), components.as_slice());
    let reasons = reasons(run, &commits, known_and_components, (&mut listed, same), (&wanted.base, &places)).await?;
    // What is not concerned is not built, so which commit has its tag does not matter.
    let concerned = known.iter().zip(&reasons).filter(|(_, reason)| reason.is_some());
    let own: Vec<String> = concerned.map(|(known, _)| known.version.tag(&known.tag_prefix)).collect();
    listed.follow(&own, github).await?;
    let looked_at = |known: &Known| {
        let tags = listed.of_project(&known.tag_prefix, &known.version.tag(&known.tag_prefix));
        snapshot(run, known, tags)
    };
    let mut snapshots: Vec<Snapshot> = known.iter().map(looked_at).collect();
    for (snapshot, _) in snapshots.iter_mut().zip(&reasons).filter(|(_, reason)| reason.is_some()) {
        if is_before_wanted(snapshot) {
            snapshot.before = before(run, &commits, snapshot).await?;
        }
    }
    let higher: Vec<String> = snapshots.iter().filter_map(before::higher).collect();
    listed.follow(&higher, github).await?;
    let mut siblings = Siblings::new(&run.tree);
    let (mut seen, mut cut): (Vec<Option<Seen>>, Vec<String>) = (Vec::with_capacity(known.len()), Vec::new());
    for ((known, reason), mut snapshot) in known.into_iter().zip(reasons).zip(snapshots) {
        if let Some(higher) = before::higher(&snapshot) {
            snapshot.overtaken = overtaken(run, &commits, &listed, &higher).await?;
        }
        if run.look_for_snapshots(&mut snapshot, &known.declared.allow_snapshots, &mut siblings)? {
            cut.push(known.declared.name.clone());
        }
        let folder = run.tree.shown(&run.settings.folder().join(&known.declared.folder));
        seen.push(Some(Seen { component: known.declared.name, folder, snapshot, reason }));
    }
    if commits.are_asked_enough() {
        run.session.log.line(format!(
            "GitHub was asked {MOST_QUESTIONS} times for versions before the change and for where releases are, so of the other components \
             that is not known"
        ));
    }
    let seen = order.into_iter().filter_map(|place| seen[place].take()).collect();
    let mut warnings = match run.occasion.subject {
        Subject::Tag { .. } => Vec::new(),
        _ => dependencies::doubts(&components),
    };
    if !cut.is_empty() {
        let names: Vec<&str> = cut.iter().map(String::as_str).collect();
        warnings.push(not_all_looked_at(&dependencies::shown(&names)));
    }
    Ok(Sight::Components { occasion: run.occasion.clone(), seen, problems: Vec::new(), unknown, warnings })
}

/// Why each component is built, as far as what the run is about tells. A pushed tag is about the component whose it is.
async fn reasons(
    run: &Run<'_>,
    commits: &Commits<'_>,
    (known, components): (&[Known], &[Component]),
    (listed, same): (&mut Listed, Changes),
    (base, places): (&Base, &Places),
) -> Result<Vec<Option<Reason>>, Error> {
    if let Subject::Tag { name } = &run.occasion.subject {
        let is_own = |known: &Known| known.version.tag(&known.tag_prefix) == *name;
        return Ok(known.iter().map(|known| is_own(known).then(|| Reason::Tagged { tag: name.clone() })).collect());
    }
    let same = Rc::new(places.below(same));
    let changes = match base {
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
        overtaken: Overtaken::No,
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
        let file = run.settings.file().to_owned();
        tokio::task::spawn_blocking(move || {
            let read = |declared: &Declared| {
                let known = read_one(&tree, (&folder, &file), &endings, declared)?;
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

fn read_one(tree: &Tree, place: (&Path, &str), endings: &[String], declared: &Declared) -> Result<Known, Error> {
    let folder = existing(tree, place, declared)?;
    let found = find(tree, &folder, declared.manifest.as_deref())?;
    let version = version_of(&found, endings)?;
    Ok(Known { declared: declared.clone(), found, version, tag_prefix: prefix_of(declared), manifests: Vec::new() })
}

impl Known {
    /// The same, with what its manifests say of what it is built with.
    fn with_needs(mut self, tree: &Tree) -> Self {
        let own = std::iter::once((self.found.manifest.clone(), self.found.ecosystem));
        let others = self.found.beside.iter().chain(&self.found.without).cloned();
        for (manifest, ecosystem) in own.chain(others) {
            let file = tree.root().join(manifest);
            let told = Told::by(tree, &file, ecosystem);
            self.manifests.push(Manifest { file, ecosystem, told });
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
        if let Err(error) = names::fits(one) {
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
    async fn of(run: &Run<'_>, commits: &Commits<'_>) -> Self {
        let folder = run.settings.folder();
        let slash = |path: &Path| match path.display().to_string() {
            empty if empty.is_empty() => empty,
            path => format!("{}/", path.replace('\\', "/")),
        };
        let below = |top: &Path| folder.strip_prefix(top).ok().map(slash);
        let shown = folder.strip_prefix(run.tree.root()).map(slash).unwrap_or_default();
        Self { configuration: commits.top().await.and_then(below).unwrap_or_else(|| shown.clone()), shown }
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

fn components(known: &[Known], places: &Places) -> Vec<Component> {
    let by_name: HashMap<&str, usize> =
        known.iter().enumerate().map(|(place, known)| (known.declared.name.as_str(), place)).collect();
    let component = |known: &Known| {
        let declared = &known.declared;
        let inherits = dependencies::outside(&known.found.read, &declared.folder, places);
        let mut depends_on: Vec<usize> =
            declared.depends_on.iter().filter_map(|(name, _)| by_name.get(name.as_str()).copied()).collect();
        depends_on.sort_unstable();
        depends_on.dedup();
        Component {
            name: declared.name.clone(),
            folder: declared.folder.clone(),
            tag_prefix: known.tag_prefix.clone(),
            paths: declared.paths.clone().unwrap_or_else(|| vec![Pattern::folder(&declared.folder)]),
            folders: Vec::new(),
            inherits,
            reads: Vec::new(),
            depends_on,
            doubt: None,
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
    listed: &mut Listed,
    places: &Places,
) -> Result<Vec<Rc<Changes>>, Error> {
    let releases: Vec<Result<String, String>> = known.iter().map(|known| last_release(known, listed)).collect();
    let names: Vec<String> = releases.iter().flatten().cloned().collect();
    listed.follow(&names, run.clients.github.as_ref()).await?;
    let mut since: HashMap<&str, Rc<Changes>> = HashMap::new();
    let mut all = Vec::with_capacity(known.len());
    for release in &releases {
        let commit = release.as_ref().map(|name| listed.object_of(name).unwrap_or(name));
        let changes = match commit {
            Err(why) => Rc::new(Changes::Unknown { why: why.clone() }),
            // Components that were released together have one commit.
            Ok(commit) => match since.get(commit) {
                Some(known) => Rc::clone(known),
                None if since.len() >= MOST_RELEASES => {
                    Rc::new(Changes::Unknown { why: format!("the components have more than {MOST_RELEASES} releases") })
                }
                None => {
                    let changes = Rc::new(places.below(commits.between(commit, run.head()).await?));
                    since.insert(commit, Rc::clone(&changes));
                    changes
                }
            },
        };
        all.push(changes);
    }
    Ok(all)
}

/// The tag of a component's last release; the error says why none is known.
fn last_release(known: &Known, listed: &Listed) -> Result<String, String> {
    let tags = listed.of_project(&known.tag_prefix, "");
    if let Tags::Unknown { reason } = &tags {
        return Err(format!("its releases are not known: {reason}"));
    }
    let core = known.version.core();
    let last = tags.released().iter().rev().find(|released| **released <= core);
    last.map(|version| format!("{}{version}", known.tag_prefix)).ok_or_else(|| "it was never released".to_owned())
}

/// What two texts begin with.
fn common(one: &str, other: &str) -> String {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other);
    same.map(|(one, _)| one).collect()
}
