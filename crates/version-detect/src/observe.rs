//! Looking at the manifests, the commit, the tags and what changed. Changes nothing.

mod before;
mod monorepo;
mod occasion;
mod settings;
mod tags;

use actions_core::Session;
use github_client::GitHub;
use semver::Version;

use crate::base::Wanted;
use crate::comparison::Commits;
use crate::components::Reason;
use crate::config::Declared;
use crate::error::{Error, Problem, at_line};
use crate::files::Tree;
use crate::history::Tags;
use crate::inputs::Inputs;
use crate::manifest::{
    Files as _, Found,
    find::{find, manifests},
    needs::{Gate, Siblings},
};
use crate::rules::Rules;
use crate::subject::Subject;
use project_version::{Form, ProjectVersion};

pub(crate) use before::{Before, Overtaken};
pub(crate) use occasion::Occasion;
use settings::Settings;

/// Who is talked to.
#[derive(Debug, Clone)]
pub struct Clients {
    /// GitHub; `None` without a token or a repository.
    pub(crate) github: Option<GitHub>,
}

/// What was seen of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
pub enum Sight {
    /// One project.
    Project {
        /// The component's name; empty for a project that is none.
        component: String,
        /// Its folder, relative to the repository's root.
        folder: String,
        /// What was seen of it.
        snapshot: Snapshot,
    },
    /// All components of the repository, in the order in which they are built.
    Components {
        /// What the run is about.
        occasion: Occasion,
        /// Those whose version is known.
        seen: Vec<Seen>,
        /// Those whose version is not, and why.
        problems: Vec<Problem>,
        /// Why what changed since the base that the input asks for is not known.
        unknown: Option<String>,
        /// What the user should know of the run, each a sentence.
        warnings: Vec<String>,
    },
}

/// What was seen of one component among all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub(crate) component: String,
    pub(crate) folder: String,
    pub(crate) snapshot: Snapshot,
    /// Why it counts as changed; `None` where it does not.
    pub(crate) reason: Option<Reason>,
}

/// What was seen of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub(crate) found: Found,
    pub(crate) version: ProjectVersion,
    /// What stands before the version in a tag.
    pub(crate) tag_prefix: String,
    pub(crate) rules: Rules,
    pub(crate) subject: Subject,
    /// The commit that is checked out, which all of this is about.
    pub(crate) commit: Option<String>,
    /// The run's commit, where another one is checked out and nobody said of which branch that is.
    pub(crate) run_commit: Option<String>,
    pub(crate) tags: Tags,
    /// What the change replaced by a version that was released; `None` where it is not known, or does not matter.
    pub(crate) before: Option<Before>,
    /// Whether a commit that follows this one was released with a higher version.
    pub(crate) overtaken: Overtaken,
}

impl Snapshot {
    /// The tag that the version has, or would have if it were no snapshot.
    pub(crate) fn own_tag(&self) -> String {
        self.version.tag(&self.tag_prefix)
    }

    /// Whether the version has its tag. A snapshot has none.
    pub(crate) fn is_released(&self) -> bool {
        !self.version.is_snapshot() && matches!(self.tags, Tags::Known { own: Some(_), .. })
    }

    /// The highest release, where the version is lower. A snapshot counts as the release that it becomes.
    pub(crate) fn higher_release(&self) -> Option<&Version> {
        let version = match self.version.semantic()? {
            _ if self.version.is_snapshot() => self.version.core(),
            version => version.clone(),
        };
        self.tags.highest().filter(|highest| version < **highest)
    }
}

/// What all projects of a run have in common.
struct Run<'a> {
    inputs: &'a Inputs,
    clients: &'a Clients,
    session: &'a Session,
    tree: Tree,
    settings: Settings,
    occasion: Occasion,
    /// What the event is about, whatever the run is compared with.
    event: Wanted,
}

impl Clients {
    /// Makes the clients the session has credentials for.
    pub(crate) fn connect(session: &Session) -> Result<Self, Error> {
        let Some(token) = session.secret("github-token").filter(|_| session.context.repository.is_some()) else {
            return Ok(Self { github: None });
        };
        let github = GitHub::new(&session.context, token)?.log_to(&session.log);
        Ok(Self { github: Some(github) })
    }
}

/// Looks at everything.
pub(crate) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Sight, Error> {
    let tree = Tree::around(&inputs.folder, session)?;
    let settings = Settings::of(inputs, &tree)?;
    let context = &session.context;
    let event = context.event()?;
    let occasion = Occasion::of(inputs, context, tree.folder()).await;
    let event = occasion.event(context, event.as_ref());
    let run = Run { inputs, clients, session, tree, settings, occasion, event };
    run.look().await
}

impl Run<'_> {
    /// The commit that the event leads to.
    fn head(&self) -> &str {
        self.event.head.as_deref().unwrap_or("HEAD")
    }

    async fn look(&self) -> Result<Sight, Error> {
        match self.settings.select(self.inputs, &self.tree)? {
            settings::Selection::Project => {
                let prefix = self.settings.tag_prefix(self.inputs);
                let manifest = self.inputs.manifest.as_deref();
                self.project(String::new(), self.tree.folder(), (manifest, &[]), prefix).await
            }
            settings::Selection::One(declared) => {
                let place = (self.settings.folder(), self.settings.file());
                let folder = settings::existing(&self.tree, place, &declared)?;
                let manifest = self.inputs.manifest.as_deref().or(declared.manifest.as_deref());
                let named = (manifest, declared.allow_snapshots.as_slice());
                self.project(declared.name.clone(), &folder, named, prefix_of(&declared)).await
            }
            settings::Selection::All(declared) => monorepo::look(self, &declared).await,
        }
    }

    /// Looks at one project, of which the manifest may be named, and the snapshots that it may be built with.
    async fn project(
        &self,
        component: String,
        folder: &std::path::Path,
        (manifest, allowed): (Option<&str>, &[String]),
        tag_prefix: String,
    ) -> Result<Sight, Error> {
        let found = match &self.inputs.version_command {
            Some(command) => Found { without: manifests(&self.tree, folder), ..command.run(folder).await? },
            None => find(&self.tree, folder, manifest)?,
        };
        let version = version_of(&found, self.settings.endings())?;
        let location = found.location();
        self.session.log.line(format!("{}{}: {}", location.file, at_line(&location), version.as_str()));
        let own = version.tag(&tag_prefix);
        let github = self.clients.github.as_ref();
        let mut listed = tags::Listed::of(&tag_prefix, github, folder).await?;
        listed.follow(std::slice::from_ref(&own), github).await?;
        let tags = listed.of_project(&tag_prefix, &own);
        let mut snapshot = Snapshot {
            found,
            version,
            tag_prefix,
            rules: self.settings.rules(self.inputs),
            subject: self.occasion.subject.clone(),
            commit: self.occasion.commit.clone(),
            run_commit: self.occasion.run_commit.clone(),
            tags,
            before: None,
            overtaken: Overtaken::No,
        };
        if self.look_for_snapshots(&mut snapshot, allowed, &mut Siblings::new(&self.tree))? {
            snapshot.found.remarks.push(not_all_looked_at("the project"));
        }
        let commits = Commits::new(self.tree.folder(), github);
        if is_before_wanted(&snapshot) {
            snapshot.before = before::before(self, &commits, &snapshot).await?;
        }
        if let Some(higher) = before::higher(&snapshot) {
            listed.follow(std::slice::from_ref(&higher), github).await?;
            snapshot.overtaken = before::overtaken(self, &commits, &listed, &higher).await?;
        }
        let folder = self.tree.shown(folder);
        Ok(Sight::Project { component, folder, snapshot })
    }

    /// Looks for the snapshots that a release would be built with; no other version has to do with them.
    /// `allowed` are the project's own beside those of all projects. Says whether there was too much to look at all of it.
    fn look_for_snapshots(
        &self,
        snapshot: &mut Snapshot,
        allowed: &[String],
        siblings: &mut Siblings<'_>,
    ) -> Result<bool, Error> {
        let mut is_cut = false;
        if is_release_wanted(snapshot) {
            let allowed = [self.settings.allowed(), allowed].concat();
            let (endings, components) = (self.settings.endings(), self.settings.component_folders(&self.tree)?);
            let gate = Gate { endings, allowed: &allowed, components };
            (snapshot.found, is_cut) = snapshot.found.clone().with_snapshots(siblings, &gate);
        }
        Ok(is_cut)
    }
}

/// The warning that there is too much to look at all of it.
fn not_all_looked_at(whose: &str) -> String {
    format!(
        "not all that {whose} is built with was looked at for snapshots, because there is too much of it: the summary says what; look for \
         snapshots there before it is released"
    )
}

/// The version that was found. `endings` mark a snapshot.
fn version_of(found: &Found, endings: &[String]) -> Result<ProjectVersion, Error> {
    ProjectVersion::parse_in(found.ecosystem.family(), &found.version, endings).map_err(|why| Error::NotAVersion {
        text: found.version.clone(),
        location: found.location(),
        why: why.to_owned(),
    })
}

/// Whether the version is to be released, now or after a merge.
fn is_release_wanted(snapshot: &Snapshot) -> bool {
    match &snapshot.subject {
        Subject::Tag { .. } => !snapshot.version.is_snapshot(),
        // What was released before stays as it is.
        _ if matches!(snapshot.tags, Tags::Known { own: Some(_), .. }) => false,
        _ => matches!(wanted_form(snapshot), Some(Form::Stable | Form::Prerelease)),
    }
}

/// The form of version that the branch takes, or the one that a pull request goes into.
fn wanted_form(snapshot: &Snapshot) -> Option<Form> {
    let branch = match &snapshot.subject {
        Subject::Pull { base, held_to: None, .. } => base,
        other => other.ruled_by()?,
    };
    snapshot.rules.of(branch)?.form(&snapshot.version)
}

/// Whether the version before the change matters: a release of another commit may have come back.
fn is_before_wanted(snapshot: &Snapshot) -> bool {
    let Tags::Known { own: Some(commit), .. } = &snapshot.tags else { return false };
    matches!(wanted_form(snapshot), Some(Form::Stable | Form::Prerelease)) && snapshot.commit.as_ref() != Some(commit)
}

/// What stands before the version in the tags of a component.
fn prefix_of(declared: &Declared) -> String {
    declared.tag_prefix.clone().unwrap_or_else(|| format!("{}-v", declared.name))
}
