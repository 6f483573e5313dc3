//! Looking at the tag, its release, and what was merged since the one before. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use actions_core::{Place, Session};
use github_client::{Commit, GitHub, MergedPull, Release};
use project_version::{Order, snapshot_endings};

use crate::error::Error;
use crate::inputs::Inputs;
use crate::notes::{Config, History};
use crate::previous;

/// The most commits that notes are made of.
const MOST_COMMITS: usize = 2000;

/// Where a repository says what its snapshots end in.
const SETTINGS: &str = "slipway.toml";

/// Where a repository arranges its notes.
const CONFIGS: [&str; 2] = [".github/release.yml", ".github/release.yaml"];

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The commit of the tag; `None` where there is no tag yet.
    pub(crate) tagged: Option<String>,
    /// The published release of the tag.
    pub(crate) release: Option<Release>,
    /// The newest draft for the tag.
    pub(crate) draft: Option<Release>,
    /// The highest stable version that has a tag with the prefix.
    pub(crate) highest: Option<Order>,
    /// The tag of the release before.
    pub(crate) previous: Option<String>,
    /// What snapshots end in, where the repository says so.
    pub(crate) endings: Vec<String>,
    /// What the notes are made of; `None` where there is a release, or a draft, with notes of its own.
    pub(crate) history: Option<(History, Config)>,
}

/// Looks at everything.
pub(crate) async fn observe(inputs: &Inputs, github: &GitHub, session: &Session) -> Result<Snapshot, Error> {
    if inputs.is_of_run
        && let Some(checked_out) = git_repository::commit(Path::new(".")).await.map(|commit| commit.sha)
        && checked_out != inputs.commit
    {
        return Err(Error::OtherCommit { run: inputs.commit.clone(), checked_out });
    }
    let endings = endings(inputs, github).await?;
    let names: Vec<String> = github.tag_refs(&inputs.tag_prefix).await?.into_iter().map(|tag| tag.name).collect();
    let line = previous::line(&names, &inputs.tag_prefix, &inputs.version);
    let tagged = github.tag(&inputs.tag).await?.map(|tag| tag.sha);
    let release = github.release_by_tag(&inputs.tag).await?;
    let draft = match release {
        Some(_) => None,
        None => github.draft_releases(&inputs.tag).await?.into_iter().next(),
    };
    let previous = inputs.previous_tag.clone().or(line.previous);
    let is_elsewhere = tagged.as_ref().is_some_and(|tagged| *tagged != inputs.commit);
    let history = match (&release, &draft) {
        (None, None) if !is_elsewhere => Some(history(inputs, previous.as_deref(), github, session).await?),
        _ => None,
    };
    Ok(Snapshot { tagged, release, draft, highest: line.highest, previous, endings, history })
}

/// What snapshots end in, as of the commit that is released. A version without a hyphen has no ending, so nobody is asked.
async fn endings(inputs: &Inputs, github: &GitHub) -> Result<Vec<String>, Error> {
    if !inputs.version.contains('-') {
        return Ok(Vec::new());
    }
    let Some(bytes) = github.file(SETTINGS, &inputs.commit).await? else { return Ok(Vec::new()) };
    let malformed = |line, reason| Error::ConfigMalformed { file: SETTINGS.to_owned(), line, reason };
    let text = String::from_utf8(bytes).map_err(|_| malformed(0, "it is not UTF-8 text".to_owned()))?;
    let line = |offset| Place::of(&text, offset).line;
    snapshot_endings(&text).map_err(|flaw| malformed(line(flaw.offset), flaw.reason))
}

async fn history(
    inputs: &Inputs,
    previous: Option<&str>,
    github: &GitHub,
    session: &Session,
) -> Result<(History, Config), Error> {
    let config = config(inputs, github).await?;
    let Released { commits, more, is_cut } = commits(inputs, previous, github).await?;
    session.log.line(format!("{} commits since {}", commits.len() + more, previous.unwrap_or("the beginning")));
    let shas: Vec<&str> = commits.iter().map(|commit| commit.sha.as_str()).collect();
    let pulls: BTreeMap<String, Vec<MergedPull>> = github.pulls_of_commits(&shas).await?;
    let history = History {
        repository: inputs.page.clone(),
        tag: inputs.tag.clone(),
        previous: previous.map(str::to_owned),
        commits,
        more,
        is_cut,
        pulls,
    };
    Ok((history, config))
}

/// The commits of a release, oldest first.
struct Released {
    commits: Vec<Commit>,
    /// How many older ones are left out.
    more: usize,
    /// Whether older ones are left out that nobody counted.
    is_cut: bool,
}

/// The commits that are released.
async fn commits(inputs: &Inputs, previous: Option<&str>, github: &GitHub) -> Result<Released, Error> {
    let Some(previous) = previous else { return first(inputs, github).await };
    let compared = github.compare(previous, &inputs.commit, MOST_COMMITS).await?;
    let compared = compared
        .ok_or_else(|| Error::UnknownCommit { commit: inputs.commit.clone(), previous: previous.to_owned() })?;
    let more = compared.total.saturating_sub(compared.commits.len());
    let mut commits = compared.commits;
    if !inputs.paths.is_empty() && !commits.is_empty() {
        let since = commits.iter().map(|commit| commit.date.as_str()).min();
        let mut touching = BTreeSet::new();
        for path in &inputs.paths {
            let found = github.commits(&inputs.commit, Some(path), since, MOST_COMMITS).await?;
            touching.extend(found.into_iter().map(|commit| commit.sha));
        }
        commits.retain(|commit| touching.contains(&commit.sha));
    }
    Ok(Released { commits, more, is_cut: false })
}

/// The commits of a first release: the newest ones. How many there are beyond them is not asked: it would take a request for a hundred.
async fn first(inputs: &Inputs, github: &GitHub) -> Result<Released, Error> {
    let paths: Vec<Option<&str>> = match inputs.paths.as_slice() {
        [] => vec![None],
        paths => paths.iter().map(|path| Some(path.as_str())).collect(),
    };
    let (mut commits, mut is_cut): (Vec<Commit>, bool) = (Vec::new(), false);
    for path in &paths {
        let mut found = github.commits(&inputs.commit, *path, None, MOST_COMMITS + 1).await?;
        is_cut |= found.len() > MOST_COMMITS;
        found.truncate(MOST_COMMITS);
        commits.extend(found.into_iter().rev());
    }
    if paths.len() > 1 {
        commits.sort_by(|a, b| (&a.date, &a.sha).cmp(&(&b.date, &b.sha)));
        commits.dedup_by(|a, b| a.sha == b.sha);
    }
    Ok(Released { commits, more: 0, is_cut })
}

/// How the repository arranges its notes, as of the commit that is released.
async fn config(inputs: &Inputs, github: &GitHub) -> Result<Config, Error> {
    for file in CONFIGS {
        if let Some(bytes) = github.file(file, &inputs.commit).await? {
            let malformed = |line, reason| Error::ConfigMalformed { file: file.to_owned(), line, reason };
            let text = String::from_utf8(bytes).map_err(|_| malformed(0, "it is not UTF-8 text".to_owned()))?;
            return Config::parse(&text).map_err(|flaw| malformed(flaw.line, flaw.reason));
        }
    }
    Ok(Config::default())
}
