//! All decisions. Pure.

use std::cmp::Ordering;

use github_client::{NewFile, NewPull};
use project_version::{Order, ProjectVersion};
use serde::Serialize;

use super::error::BumpError;
use super::inputs::{BumpInputs, Next, Step};
use super::observe::BumpSnapshot;
use crate::manifest::{Ecosystem, Found};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct BumpPlan {
    /// The version on the snapshot branch.
    pub(crate) version: String,
    /// The next one; the same where the branch has it already, or a higher one.
    pub(crate) next: String,
    pub(crate) branch: String,
    pub(crate) commit: Commit,
    pub(crate) pull: Pull,
    /// The paths of the files that change.
    pub(crate) files: Vec<String>,
    /// What is odd about the next version.
    pub(crate) warning: Option<String>,
}

/// What becomes of the branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub(crate) enum Commit {
    /// The snapshot branch has the version, or a higher one.
    NotNeeded,
    /// The branch has the commit.
    AlreadyDone,
    /// A commit is written.
    Write {
        /// The commit it follows.
        parent: String,
        /// Whether the branch is there already, at that commit.
        is_branch_there: bool,
        message: String,
        #[serde(skip)]
        files: Vec<NewFile>,
    },
}

/// What becomes of the pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub(crate) enum Pull {
    /// There is nothing to propose.
    NotNeeded,
    /// It is open.
    AlreadyDone { number: u64, url: String },
    /// It is opened.
    Open { pull: NewPull },
}

/// Decides everything.
pub(crate) fn plan(inputs: &BumpInputs, snapshot: &BumpSnapshot) -> Result<BumpPlan, BumpError> {
    let version = snapshot.found.version.clone();
    let warning = snapshot.next.warning.clone();
    let Some(next) = snapshot.next.version.clone() else {
        let (commit, pull, files) = (Commit::NotNeeded, Pull::NotNeeded, Vec::new());
        return Ok(BumpPlan { next: version.clone(), version, branch: String::new(), commit, pull, files, warning });
    };
    let branch = branch(inputs, &next);
    let message = message(inputs, &next);
    let file = |(path, edited): (&String, &super::edit::Edited)| NewFile {
        path: path.clone(),
        mode: edited.mode.clone(),
        content: edited.content.clone(),
    };
    let files: Vec<NewFile> = snapshot.edited.iter().map(file).collect();
    let paths = files.iter().map(|file| file.path.clone()).collect();
    let commit = match &snapshot.earlier {
        None => {
            Commit::Write { parent: snapshot.base.clone(), is_branch_there: false, message: message.clone(), files }
        }
        Some(earlier) if earlier.is_done => Commit::AlreadyDone,
        Some(earlier) => match &earlier.foreign {
            Some(subject) => return Err(BumpError::BranchInUse { branch, subject: subject.clone() }),
            None => {
                Commit::Write { parent: earlier.tip.clone(), is_branch_there: true, message: message.clone(), files }
            }
        },
    };
    let pull = match &snapshot.pull {
        Some(pull) => Pull::AlreadyDone { number: pull.number, url: pull.url.clone() },
        None => Pull::Open {
            pull: NewPull {
                head: branch.clone(),
                base: inputs.branch.clone(),
                title: message,
                body: body(&version, &next),
            },
        },
    };
    Ok(BumpPlan { version, next, branch, commit, pull, files: paths, warning })
}

/// The version that comes next, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NextVersion {
    /// The version, as the ecosystem writes it; `None` where the branch has it, or a higher one.
    pub(crate) version: Option<String>,
    /// What is odd about it.
    pub(crate) warning: Option<String>,
}

/// The version that follows the one that was found, whose snapshots end in one of `endings`, or as its ecosystem writes them.
pub(crate) fn next(inputs: &BumpInputs, found: &Found, endings: &[String]) -> Result<NextVersion, BumpError> {
    let (there, branch) = (found.version.as_str(), &inputs.branch);
    let parse = |text: &str| ProjectVersion::parse_in(found.ecosystem.family(), text, endings).ok();
    let is_snapshot = |text: &str| parse(text).is_some_and(|version| version.is_snapshot());
    let (released, step) = match &inputs.next {
        Next::Version(next) => return named(next, inputs, found, is_snapshot(next)),
        Next::After { released, step } => (released, step),
    };
    let [major, minor, patch] = Order::numbered(released).map(|released| released.core()).unwrap_or_default();
    let numbers = match step {
        Step::Patch => [major, minor, patch.saturating_add(1)],
        Step::Minor => [major, minor.saturating_add(1), 0],
        Step::Major => [major.saturating_add(1), 0, 0],
    };
    let known = Order::numbered(there).map(|there| there.core());
    let is_there = match known.map(|known| known.cmp(&numbers)) {
        None | Some(Ordering::Less) => false,
        // A release of that number, or a candidate for it, is no snapshot.
        Some(Ordering::Equal) => is_snapshot(there),
        Some(Ordering::Greater) => true,
    };
    let ending = match (found.ecosystem, endings.first()) {
        (Ecosystem::Python, _) => ".dev0",
        (_, Some(ending)) => ending.as_str(),
        (_, None) => "-SNAPSHOT",
    };
    let version = (!is_there).then(|| format!("{}.{}.{}{ending}", numbers[0], numbers[1], numbers[2]));
    let odd = is_there && !is_snapshot(there);
    let warning = odd.then(|| format!("{branch} has {there}, which is higher and no snapshot; nothing is proposed."));
    Ok(NextVersion { version, warning })
}

/// A version that was named: not below the one that is there.
fn named(next: &str, inputs: &BumpInputs, found: &Found, is_snapshot: bool) -> Result<NextVersion, BumpError> {
    let there = found.version.as_str();
    if next == there {
        return Ok(NextVersion { version: None, warning: None });
    }
    if let (Some(order), Some(known)) = (Order::numbered(next), Order::numbered(there))
        && order < known
    {
        let (next, there, branch) = (next.to_owned(), there.to_owned(), inputs.branch.clone());
        return Err(BumpError::NotHigher { next, there, branch, location: found.location() });
    }
    let warning = (!is_snapshot)
        .then(|| format!("{next} is no snapshot: version-detect refuses it on a branch that takes snapshots alone."));
    Ok(NextVersion { version: Some(next.to_owned()), warning })
}

/// The branch of the proposal.
pub(crate) fn branch(inputs: &BumpInputs, next: &str) -> String {
    let component = if inputs.component.is_empty() { String::new() } else { format!("{}-", inputs.component) };
    format!("slipway/next-{component}{next}")
}

/// The commit's message, by which our commits are known, and the pull request's title.
pub(crate) fn message(inputs: &BumpInputs, next: &str) -> String {
    let scope = if inputs.component.is_empty() { String::new() } else { format!("({})", inputs.component) };
    format!("chore{scope}: begin {next}")
}

fn body(version: &str, next: &str) -> String {
    format!("Development goes on as `{next}`; it was `{version}`. Nothing but the version is changed.\n")
}
