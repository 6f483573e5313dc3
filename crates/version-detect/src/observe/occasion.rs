//! What the run is about: the commit that is checked out, the branch, pull request or tag whose rules it has, and what it is
//! compared with.

use std::path::Path;

use actions_core::{Context, Session};
use git_repository::Head;
use github_client::GitHub;
use serde_json::Value;

use crate::base::{self, Base, Wanted};
use crate::error::Error;
use crate::inputs::{BaseInput, Inputs};
use crate::subject::Subject;

/// What the run is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    pub(crate) subject: Subject,
    /// The commit whose files are read; `None` when it is not known.
    pub(crate) commit: Option<String>,
    /// The commit of the run, where its branch or tag says nothing of the one that is checked out.
    pub(crate) run_commit: Option<String>,
}

impl Occasion {
    /// Looks at what is checked out. A run's branch speaks for the run's commit: the one that a step checked out instead may
    /// be of a pull request, or have run on its own. Whoever names the branch with an input says so of what is there.
    pub(super) async fn of(inputs: &Inputs, context: &Context, folder: &Path) -> Self {
        let here = git_repository::commit(folder).await.map(|commit| commit.sha);
        let subject = match Subject::of(context) {
            Some(subject) => subject,
            None => match git_repository::head(folder).await {
                Head::Branch(name) => Subject::Branch { name },
                Head::Detached | Head::Unknown => Subject::Detached,
            },
        };
        let other = match (&context.sha, &here) {
            (Some(run), Some(here)) if !run.eq_ignore_ascii_case(here) => Some(run.clone()),
            _ => None,
        };
        let commit = here.or_else(|| context.sha.clone());
        if let Some(branch) = &inputs.branch {
            return Self { subject: subject.under(branch), commit, run_commit: None };
        }
        match (&subject, other) {
            (Subject::Branch { .. }, Some(run)) => Self { subject: Subject::Detached, commit, run_commit: Some(run) },
            // The run of an annotated tag may name the tag's own object.
            (Subject::Tag { name }, Some(run)) if git_repository::tag(folder, name).await != commit => {
                Self { subject: Subject::Detached, commit, run_commit: Some(run) }
            }
            _ => Self { subject, commit, run_commit: None },
        }
    }

    /// What the event is about, with the commit that is checked out in place of the run's.
    pub(super) fn event(&self, context: &Context, event: Option<&Value>) -> Wanted {
        let Wanted { base, head } = base::wanted(context, event);
        let is_pull = matches!(self.subject, Subject::Pull { .. });
        let head = if is_pull { head } else { self.commit.clone().or(head) };
        Wanted { base, head }
    }

    /// Where the input `base` lets the comparison begin; `None` where nothing else than the event says so.
    pub(super) async fn base(
        &self,
        inputs: &Inputs,
        session: &Session,
        github: Option<&GitHub>,
    ) -> Result<Option<Base>, Error> {
        let is_push = session.context.event_name.as_deref() == Some("push");
        Ok(match (&inputs.base, &self.subject) {
            (BaseInput::LastSuccess, Subject::Branch { name }) if is_push => {
                Some(last_success(name, &session.context, github).await?)
            }
            (BaseInput::LastSuccess, _) => {
                session
                    .log
                    .line("base: last-success is about pushes to a branch; this run is compared as its event says");
                None
            }
            (BaseInput::Commit(commit), subject) => subject.takes_base().then(|| Base::Named(commit.clone())),
            (BaseInput::Event, _) => None,
        })
    }
}

/// The commit of the last run of this workflow that succeeded on `branch` before this run.
async fn last_success(branch: &str, context: &Context, github: Option<&GitHub>) -> Result<Base, Error> {
    let lost = |why| Ok(Base::Lost { why });
    let Some(github) = github else { return lost("there is no token to ask for the last successful run with") };
    let Some(run) = context.run_id.as_deref().and_then(|run| run.parse().ok()) else {
        return lost("the run has no number to look for the last successful one with");
    };
    let Some(own) = github.workflow_run(run).await? else { return lost("GitHub does not know this run") };
    Ok(match github.last_success(own.workflow, branch, run).await? {
        Some(commit) => Base::LastSuccess(commit),
        None => Base::Nothing { why: "no run of this workflow has succeeded on the branch" },
    })
}
