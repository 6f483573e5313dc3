//! Looking at the snapshot branch, and at what an earlier run left. Changes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use actions_core::Session;
use github_client::{GitHub, PullRequest};

use super::edit::{self, Edited};
use super::error::BumpError;
use super::inputs::BumpInputs;
use super::plan::{self, NextVersion};
use super::remote::Remote;
use super::settings::Settings;
use crate::manifest::Found;
use crate::manifest::find::find;

/// How many commits of an earlier run are looked at.
const MOST_COMMITS: usize = 100;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BumpSnapshot {
    /// The commit at the tip of the snapshot branch.
    pub(crate) base: String,
    /// The version there.
    pub(crate) found: Found,
    /// The version that comes next.
    pub(crate) next: NextVersion,
    /// The changed files, by path.
    pub(crate) edited: BTreeMap<String, Edited>,
    /// The branch of an earlier run.
    pub(crate) earlier: Option<Earlier>,
    /// The open pull request of that branch into the snapshot branch.
    pub(crate) pull: Option<PullRequest>,
}

/// What is on the branch of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Earlier {
    /// The commit at its tip.
    pub(crate) tip: String,
    /// Whether its files are as they shall be.
    pub(crate) is_done: bool,
    /// The first line of a commit that is not ours; `None` where all are.
    pub(crate) foreign: Option<String>,
}

/// Looks at everything.
pub(crate) async fn observe(
    inputs: &BumpInputs,
    github: &GitHub,
    session: &Session,
) -> Result<BumpSnapshot, BumpError> {
    let no_branch = || BumpError::NoBranch { branch: inputs.branch.clone() };
    let base = github.branch(&inputs.branch).await?.ok_or_else(no_branch)?;
    let mut remote = Remote::of(github, &base).await?;
    let settings = remote.read(github, |files| Settings::of(inputs, files)).await?;
    let (folder, manifest) = (&settings.folder, settings.manifest.as_deref());
    let found = remote.read(github, |files| find(files, folder, manifest)).await?;
    session.log.line(format!("{} on {}: {}", found.file, inputs.branch, found.version));
    let next = plan::next(inputs, &found, &settings.endings)?;
    let Some(version) = &next.version else {
        return Ok(BumpSnapshot { base, found, next, edited: BTreeMap::new(), earlier: None, pull: None });
    };
    let edited = remote.read(github, |files| edit::edit(files, &found, version)).await??;
    let branch = plan::branch(inputs, version);
    let earlier = earlier(&branch, &base, &plan::message(inputs, version), &edited, github).await?;
    let pulls = match earlier {
        Some(_) => github.open_pull_requests(github.repository(), &branch).await?,
        None => Vec::new(),
    };
    let pull = pulls.into_iter().find(|pull| pull.base_ref == inputs.branch);
    Ok(BumpSnapshot { base, found, next, edited, earlier, pull })
}

/// The branch of an earlier run, compared with what it shall be.
async fn earlier(
    branch: &str,
    base: &str,
    message: &str,
    edited: &BTreeMap<String, Edited>,
    github: &GitHub,
) -> Result<Option<Earlier>, BumpError> {
    let Some(tip) = github.branch(branch).await? else { return Ok(None) };
    let compared = github.compare(base, &tip, MOST_COMMITS).await?;
    // Histories that have nothing in common cannot be compared.
    let commits = match compared {
        Some(compared) => compared.commits,
        None => {
            vec![github_client::Commit { message: "another history".to_owned(), ..github_client::Commit::default() }]
        }
    };
    let foreign = commits.iter().find(|commit| commit.message.trim() != message.trim());
    let foreign = foreign.map(|commit| commit.message.lines().next().unwrap_or_default().to_owned());
    let mut remote = Remote::of(github, &tip).await?;
    let is_done = remote
        .read(github, |files| {
            let mut is_done = true;
            for (path, edited) in edited {
                is_done &= files.text(&Path::new("/").join(path))?.as_ref() == Some(&edited.content);
            }
            Ok(is_done)
        })
        .await?;
    Ok(Some(Earlier { tip, is_done, foreign }))
}
