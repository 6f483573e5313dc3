//! All decisions. Pure.

use github_client::{NewFile, NewPull};
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
    let Some(next) = snapshot.next.clone() else {
        let (commit, pull) = (Commit::NotNeeded, Pull::NotNeeded);
        return Ok(BumpPlan { next: version.clone(), version, branch: String::new(), commit, pull, files: Vec::new() });
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
    Ok(BumpPlan { version, next, branch, commit, pull, files: paths })
}

/// The version that comes next, as the ecosystem of `found` writes it; `None` where it is there, or a higher one.
pub(crate) fn next(inputs: &BumpInputs, found: &Found) -> Option<String> {
    let there = version_release::order(&found.version);
    let (released, step) = match &inputs.next {
        Next::Version(version) => return Some(version.clone()).filter(|version| *version != found.version),
        Next::After { released, step } => (released, step),
    };
    let mut next = version_release::order(released);
    (next.major, next.minor, next.patch) = match step {
        Step::Patch => (next.major, next.minor, next.patch.saturating_add(1)),
        Step::Minor => (next.major, next.minor.saturating_add(1), 0),
        Step::Major => (next.major.saturating_add(1), 0, 0),
    };
    let numbers = (next.major, next.minor, next.patch);
    let is_release = there.pre.is_empty();
    let is_there = match (there.major, there.minor, there.patch).cmp(&numbers) {
        std::cmp::Ordering::Less => false,
        // A release of that number would be lower than its snapshot by nobody's order, but it is no snapshot.
        std::cmp::Ordering::Equal => !is_release,
        std::cmp::Ordering::Greater => true,
    };
    let ending = match found.ecosystem {
        Ecosystem::Python => ".dev0",
        Ecosystem::Npm
        | Ecosystem::Maven
        | Ecosystem::Cargo
        | Ecosystem::Gradle
        | Ecosystem::DotNet
        | Ecosystem::Helm
        | Ecosystem::Plain
        | Ecosystem::Command => "-SNAPSHOT",
    };
    (!is_there).then(|| format!("{}.{}.{}{ending}", numbers.0, numbers.1, numbers.2))
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
