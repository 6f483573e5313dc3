//! Creating the tag.

use actions_core::Session;
use github_client::{CreateTag, NewTag};
use serde::Serialize;

use crate::components::Reason;
use crate::error::Error;
use crate::observe::Clients;
use crate::plan::{Plan, ProjectPlan, RunPlan, Tagging};
use crate::report::{report_run, told, unpublished};

/// What was done, and what is known of the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Outcome {
    /// What is known of the version.
    #[serde(flatten)]
    pub(crate) plan: Plan,
    pub(crate) tag_created: bool,
}

/// What was done in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RunOutcome {
    /// To its one project.
    One(Box<ProjectOutcome>),
    /// To all components.
    All {
        /// Them.
        components: Vec<ProjectOutcome>,
    },
}

/// What was done to one project among those of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectOutcome {
    /// The component's name; empty for a project that is none.
    pub(crate) component: String,
    /// Its folder, relative to the repository's root.
    pub(crate) folder: String,
    /// Why it is built; `None` where it is not.
    pub(crate) reason: Option<Reason>,
    /// What was done to it.
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

impl RunOutcome {
    /// How many tags were created.
    pub(crate) fn created(&self) -> usize {
        let projects = match self {
            Self::One(project) => std::slice::from_ref(&**project),
            Self::All { components } => components,
        };
        projects.iter().filter(|project| project.outcome.tag_created).count()
    }
}

/// Creates the tags of all projects, one after the other. One that is at another commit does not stop the others; what a cancelled run leaves out, the next one does.
pub(crate) async fn apply_run(plan: &RunPlan, clients: &Clients, session: &Session) -> Result<RunOutcome, Error> {
    if let RunPlan::One(project) = plan {
        if let Some(why) = unpublished(&project.plan) {
            session.log.line(format!("publish is {}: {why}", project.plan.publish.map_or("not known", |_| "false")));
        }
        let outcome = apply(&project.plan, clients, session).await?;
        return Ok(RunOutcome::One(Box::new(done(project, outcome))));
    }
    for (name, value) in report_run(plan, None).outputs.iter() {
        session.note_output(name, value);
    }
    let lines = told(plan);
    if !lines.is_empty() {
        session.log.group("to be built:", &lines);
    }
    let mut components = Vec::with_capacity(plan.projects().len());
    let (mut created, mut left, mut cause) = (Vec::new(), Vec::new(), None);
    for project in plan.projects() {
        let tag = match &project.plan.tagging {
            Tagging::Create { name, .. } => Some(name.clone()),
            Tagging::NotAsked | Tagging::AlreadyDone | Tagging::Skip { .. } => None,
        };
        if matches!(&cause, Some(cause) if !matches!(cause, Error::TagElsewhere { .. })) {
            left.extend(tag);
            continue;
        }
        match apply(&project.plan, clients, session).await {
            Ok(outcome) => {
                if outcome.tag_created {
                    session.note_output("tag-created", "true");
                }
                created.extend(tag);
                components.push(done(project, outcome));
            }
            // What stops all of them is told, also behind one that was elsewhere.
            Err(error) => {
                left.extend(tag);
                if cause.is_none() || !matches!(error, Error::TagElsewhere { .. }) {
                    cause = Some(error);
                }
            }
        }
    }
    match cause {
        None => Ok(RunOutcome::All { components }),
        Some(cause) if created.is_empty() && left.len() == 1 => Err(cause),
        Some(cause) => Err(Error::TagsLeft { created, left, source: Box::new(cause) }),
    }
}

fn done(project: &ProjectPlan, outcome: Outcome) -> ProjectOutcome {
    let (component, folder, reason) = (project.component.clone(), project.folder.clone(), project.reason.clone());
    ProjectOutcome { component, folder, reason, outcome }
}

/// Creates the tag the plan asks for. Another run may have been faster: at the same commit that is as good.
async fn apply(plan: &Plan, clients: &Clients, session: &Session) -> Result<Outcome, Error> {
    let mut plan = plan.clone();
    let Tagging::Create { name, commit, message, suggestion } = &plan.tagging else {
        return Ok(Outcome { plan, tag_created: false });
    };
    let github = clients.github.as_ref().ok_or(Error::CreateTagNeedsToken)?;
    let tag = NewTag { name, sha: commit, message: message.as_deref() };
    match github.create_tag(tag, &session.cancel).await? {
        CreateTag::Cancelled => Err(Error::Cancelled { tag: name.clone() }),
        CreateTag::Created => Ok(Outcome { plan, tag_created: true }),
        CreateTag::AlreadyThere => {
            plan.tagging = Tagging::AlreadyDone;
            Ok(Outcome { plan, tag_created: false })
        }
        CreateTag::Conflict { sha } => Err(Error::TagElsewhere {
            tag: name.clone(),
            there: sha,
            here: commit.clone(),
            suggestion: suggestion.clone(),
            location: plan.location.clone(),
        }),
    }
}
