//! What stands on the pull request besides its text: one label, and a check run of the commit. Both only where they are asked for.

use actions_core::{Failure, Session};
use github_client::{CheckRun, Conclusion, FoundCheckRun, GitHub, GitHubError};
use serde::Serialize;

use crate::error::Error;
use crate::markdown::Limit;
use crate::marker::{Name, Writer};
use crate::place::Write;
use crate::pull::{Run, Seen, is_refused_fork};
use crate::risk::Grade;
use crate::target::{Destinations, Labels};

/// What our labels begin with.
const PREFIX: &str = "terraform/";

/// What the labels of plans without a grade end in.
const NO_CHANGES: &str = "no-changes";
const FAILED: &str = "failed";

/// A check run's summary may have 65,535 characters (<https://docs.github.com/en/rest/checks/runs#create-a-check-run>); in bytes it fits
/// however they are counted.
const LONGEST_SUMMARY: usize = 60_000;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// How a plan, or many, turned out.
pub(crate) struct Judgement<'a> {
    /// The worst grade; `None` where no resource changes.
    pub(crate) grade: Option<Grade>,
    pub(crate) has_changes: bool,
    pub(crate) failed: bool,
    /// Whether the step passes.
    pub(crate) passes: bool,
    /// One line.
    pub(crate) title: String,
    /// The page within a limit, as the writer would have written it.
    pub(crate) page: &'a dyn Fn(&Writer, Limit) -> String,
}

/// What is done with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Signs {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) labels: Option<LabelChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) check_run: Option<CheckWrite>,
}

/// What becomes of the labels; nothing to add or remove where they are right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LabelChange {
    pub(crate) pull_request: u64,
    pub(crate) add: Option<String>,
    pub(crate) remove: Vec<String>,
}

/// What becomes of the check run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CheckWrite {
    Create(CheckRun),
    Update {
        id: u64,
        run: CheckRun,
    },
    /// It says so already, or a newer run wrote it.
    Keep {
        id: u64,
    },
    Refused {
        failure: Failure,
        is_fork: bool,
    },
}

/// What was seen of the check run.
#[derive(Debug, Clone)]
pub(crate) enum SeenCheck {
    Found(Option<FoundCheckRun>),
    Refused { failure: Failure, is_fork: bool },
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Signed {
    /// What was done, in words.
    pub(crate) done: Vec<String>,
    /// What GitHub refused; a pull request from a fork is no failure.
    pub(crate) refused: Vec<(Failure, bool)>,
}

/// Every label of ours.
fn own_labels() -> impl Iterator<Item = String> {
    Grade::ALL.iter().map(|grade| grade.key()).chain([NO_CHANGES, FAILED]).map(|word| format!("{PREFIX}{word}"))
}

/// The word by which our check run is found again, up to its run.
fn check_id(name: Option<&Name>) -> String {
    format!("slipway:terraform-plan-comment name=\"{}\" run=", name.map_or("", Name::as_str))
}

/// The name of the check run. A plan that has a name has a check run of its own: of several of one name GitHub shows the last alone, and a
/// root that passes would hide one that does not.
fn check_name(destinations: &Destinations) -> Option<String> {
    let check = destinations.check_run.as_ref()?;
    Some(destinations.name.as_ref().map_or_else(|| check.clone(), |name| format!("{check} ({})", name.as_str())))
}

/// Looks for our check run on the commit.
pub(crate) async fn look(
    destinations: &Destinations,
    run: &Run,
    github: &GitHub,
    session: &Session,
) -> Result<Option<SeenCheck>, Error> {
    let (Some(name), Some(commit)) = (check_name(destinations), &run.writer.commit) else { return Ok(None) };
    let ours = check_id(destinations.name.as_ref());
    match github.check_runs(commit, &name).await {
        Ok(runs) => {
            let mut runs = runs.into_iter().filter(|run| run.external_id.starts_with(&ours));
            Ok(Some(SeenCheck::Found(runs.next())))
        }
        Err(error) => {
            let (failure, is_fork) = refusal(&error, session)?;
            Ok(Some(SeenCheck::Refused { failure, is_fork }))
        }
    }
}

fn refusal(error: &GitHubError, session: &Session) -> Result<(Failure, bool), Error> {
    let is_fork = is_refused_fork(error, session)?;
    Ok((Failure::from_error(error), is_fork))
}

impl Signs {
    /// Decides; pure.
    pub(crate) fn of(
        destinations: &Destinations,
        seen: &Seen,
        run: &Run,
        writes: &[Write],
        judged: &Judgement<'_>,
    ) -> Self {
        Self {
            labels: LabelChange::of(destinations, seen, run, writes, judged),
            check_run: seen.check.as_ref().and_then(|check| CheckWrite::of(destinations, check, run, judged)),
        }
    }
}

impl LabelChange {
    /// A plan that something newer stands for, or that is not of the head, labels nothing.
    fn of(
        destinations: &Destinations,
        seen: &Seen,
        run: &Run,
        writes: &[Write],
        judged: &Judgement<'_>,
    ) -> Option<Self> {
        let pull = seen.pull.as_ref().filter(|_| destinations.labels == Labels::Grade)?;
        let is_old = writes.iter().any(|write| matches!(write, Write::Superseded { .. }));
        if is_old || run.moved_to(Some(&pull.head)).is_some() {
            return None;
        }
        let word = match judged.grade {
            _ if judged.failed => FAILED,
            Some(grade) => grade.key(),
            None if judged.has_changes => Grade::Routine.key(),
            None => NO_CHANGES,
        };
        let wanted = format!("{PREFIX}{word}");
        let remove = own_labels().filter(|label| *label != wanted && pull.labels.contains(label)).collect();
        let add = Some(wanted).filter(|wanted| !pull.labels.contains(wanted));
        Some(Self { pull_request: pull.number, add, remove })
    }
}

impl CheckWrite {
    fn of(destinations: &Destinations, seen: &SeenCheck, run: &Run, judged: &Judgement<'_>) -> Option<Self> {
        let (name, commit) = (check_name(destinations)?, run.writer.commit.as_ref()?);
        let found = match seen {
            SeenCheck::Refused { failure, is_fork } => {
                return Some(Self::Refused { failure: failure.clone(), is_fork: *is_fork });
            }
            SeenCheck::Found(found) => found,
        };
        let ours = check_id(destinations.name.as_ref());
        let as_of = |writer: &Writer| CheckRun {
            name: name.clone(),
            commit: commit.clone(),
            external_id: format!("{ours}{}", run_words(writer)),
            conclusion: if judged.passes { Conclusion::Success } else { Conclusion::Failure },
            title: judged.title.chars().take(LONGEST_TITLE).collect(),
            summary: (judged.page)(writer, Limit::Bytes(LONGEST_SUMMARY)),
            details_url: run.url(writer),
        };
        let Some(found) = found else { return Some(Self::Create(as_of(&run.writer))) };
        let earlier = Writer { run: found.external_id.strip_prefix(&ours).and_then(read_run), ..run.writer.clone() };
        let same = as_of(&earlier);
        let says_so = found.conclusion == same.conclusion.word()
            && found.title == same.title
            && found.summary.replace("\r\n", "\n").trim_end() == same.summary.trim_end();
        if says_so || earlier.is_newer_than(&run.writer) {
            return Some(Self::Keep { id: found.id });
        }
        Some(Self::Update { id: found.id, run: as_of(&run.writer) })
    }
}

fn run_words(writer: &Writer) -> String {
    writer.run.map_or_else(String::new, |(id, attempt)| format!("{id}.{attempt}"))
}

fn read_run(words: &str) -> Option<(u64, u64)> {
    let (id, attempt) = words.split_once('.')?;
    id.parse().ok().zip(attempt.parse().ok())
}

/// Does it; what GitHub refuses does not keep the rest from being done.
pub(crate) async fn apply(signs: &Signs, github: Option<&GitHub>, session: &Session) -> Result<Signed, Error> {
    let mut signed = Signed::default();
    if let (Some(change), Some(github)) = (&signs.labels, github) {
        match label(change, github).await {
            Ok(()) => signed.done.extend(change.words()),
            Err(error) => signed.refused.push(refusal(&error, session)?),
        }
    }
    let written = match (&signs.check_run, github) {
        (Some(CheckWrite::Create(run)), Some(github)) => Some(github.create_check_run(run).await),
        (Some(CheckWrite::Update { id, run }), Some(github)) => Some(github.update_check_run(*id, run).await),
        (Some(CheckWrite::Refused { failure, is_fork }), _) => {
            signed.refused.push((failure.clone(), *is_fork));
            None
        }
        (Some(CheckWrite::Create(_) | CheckWrite::Update { .. } | CheckWrite::Keep { .. }) | None, _) => None,
    };
    match written {
        Some(Ok(_)) => signed.done.push("check run written".to_owned()),
        Some(Err(error)) => signed.refused.push(refusal(&error, session)?),
        None => {}
    }
    Ok(signed)
}

/// The new label comes first: a cancelled run leaves one too many rather than none.
async fn label(change: &LabelChange, github: &GitHub) -> Result<(), GitHubError> {
    if let Some(label) = &change.add {
        github.add_label(change.pull_request, label).await?;
    }
    for label in &change.remove {
        github.remove_label(change.pull_request, label).await?;
    }
    Ok(())
}

impl LabelChange {
    fn words(&self) -> Option<String> {
        self.add.as_ref().map(|label| format!("label {label} set"))
    }
}

#[cfg(test)]
mod tests;
