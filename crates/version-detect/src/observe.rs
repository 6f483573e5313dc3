//! Looking at the manifest, the commit and the tags. Changes nothing.

use std::path::Path;

use actions_core::Session;
use git_repository::{Head, released};
use github_client::GitHub;

use crate::error::{Error, at_line};
use crate::files::Tree;
use crate::history::{Source, Tags};
use crate::inputs::Inputs;
use crate::manifest::{Found, find::find};
use crate::subject::Subject;
use crate::version::ProjectVersion;

/// Who is talked to.
#[derive(Debug, Clone)]
pub struct Clients {
    /// GitHub; `None` without a token or a repository.
    pub(crate) github: Option<GitHub>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub(crate) found: Found,
    pub(crate) version: ProjectVersion,
    pub(crate) subject: Subject,
    /// The commit the run is about.
    pub(crate) commit: Option<String>,
    pub(crate) tags: Tags,
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
pub(crate) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
    let tree = Tree::around(&inputs.folder, session)?;
    let found = match &inputs.version_command {
        Some(command) => command.run(tree.folder()).await?,
        None => find(&tree, tree.folder(), inputs.manifest.as_deref())?,
    };
    let location = found.location();
    let version = ProjectVersion::parse_in(found.ecosystem, &found.version).map_err(|why| Error::NotAVersion {
        text: found.version.clone(),
        location: location.clone(),
        why: why.to_owned(),
    })?;
    session.log.line(format!("{}{}: {}", location.file, at_line(&location), version.as_str()));
    let folder = tree.folder();
    let subject = match &inputs.subject {
        Some(subject) => subject.clone(),
        None => match git_repository::head(folder).await {
            Head::Branch(name) => Subject::Branch { name },
            Head::Detached | Head::Unknown => Subject::Detached,
        },
    };
    let commit = match &session.context.sha {
        Some(sha) => Some(sha.clone()),
        None => git_repository::commit(folder).await.map(|commit| commit.sha),
    };
    let tags = tags(&inputs.tag_prefix, &version, clients, folder).await?;
    Ok(Snapshot { found, version, subject, commit, tags })
}

/// The tags, from GitHub where it can be asked, else from the clone. GitHub gives all of them in one request; where the
/// version's own is an annotated one, a second request tells its commit.
async fn tags(prefix: &str, version: &ProjectVersion, clients: &Clients, folder: &Path) -> Result<Tags, Error> {
    let own_name = format!("{prefix}{}", version.as_str());
    let Some(github) = &clients.github else { return Ok(tags_of_clone(prefix, &own_name, folder).await) };
    let tags = github.tag_refs(prefix).await?;
    let own = match tags.iter().find(|tag| tag.name == own_name) {
        Some(tag) => Some(github.commit_of(tag).await?),
        None => None,
    };
    let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    Ok(Tags::Known { source: Source::GitHub, released: released(&names, prefix), own })
}

async fn tags_of_clone(prefix: &str, own_name: &str, folder: &Path) -> Tags {
    let names = match git_repository::tags(folder).await {
        Ok(names) => names,
        Err(reason) => return Tags::Unknown { reason: format!("there is no token, and {reason}") },
    };
    let own = match names.iter().any(|name| name == own_name) {
        true => git_repository::tag(folder, own_name).await,
        false => None,
    };
    Tags::Known { source: Source::Git, released: released(&names, prefix), own }
}
