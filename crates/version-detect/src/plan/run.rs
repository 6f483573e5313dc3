//! The decisions of a run: those of its one project, or of all components.

use serde::Serialize;

use super::{Plan, TagState, Tagging, plan, tag_state};
use crate::components::Reason;
use crate::error::{Error, Problem};
use crate::inputs::{CreateTag, Inputs};
use crate::observe::{Seen, Sight};

/// What is known of every project of the run, and what is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RunPlan {
    /// One project.
    One(Box<ProjectPlan>),
    /// All components, in the order in which they are built.
    All {
        /// Them.
        components: Vec<ProjectPlan>,
    },
}

/// What is known of one project among those of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectPlan {
    /// The component's name; empty for a project that is none.
    pub(crate) component: String,
    /// Its folder, relative to the repository's root.
    pub(crate) folder: String,
    /// Why it is built; `None` where it is not.
    pub(crate) reason: Option<Reason>,
    /// What is known of it.
    #[serde(flatten)]
    pub(crate) plan: Plan,
}

impl RunPlan {
    /// The projects.
    pub(crate) fn projects(&self) -> &[ProjectPlan] {
        match self {
            Self::One(project) => std::slice::from_ref(project),
            Self::All { components } => components,
        }
    }
}

/// Decides everything. Of components all problems are told at once.
pub(crate) fn plan_run(inputs: &Inputs, sight: &Sight) -> Result<RunPlan, Error> {
    let (seen, problems) = match sight {
        Sight::Project { component, folder, snapshot } => {
            let (component, folder, reason) = (component.clone(), folder.clone(), Some(Reason::Asked));
            let plan = plan(inputs, snapshot)?;
            return Ok(RunPlan::One(Box::new(ProjectPlan { component, folder, reason, plan })));
        }
        Sight::Components { seen, problems } => (seen, problems),
    };
    let mut problems = problems.clone();
    let mut components = Vec::with_capacity(seen.len());
    // Of several components those are tagged whose version is new; that others have theirs is no mistake.
    let untagged = Inputs { create_tag: CreateTag::No, ..inputs.clone() };
    for seen in seen {
        let is_elsewhere = matches!(tag_state(&seen.snapshot), TagState::Elsewhere { .. });
        match plan(if is_elsewhere { &untagged } else { inputs }, &seen.snapshot) {
            Ok(plan) => components.push(component(seen, plan)),
            // Whoever asks without a token asks for every component alike.
            Err(error @ (Error::CreateTagNeedsToken | Error::CreateTagOnPull)) if problems.is_empty() => {
                return Err(error);
            }
            Err(Error::CreateTagNeedsToken | Error::CreateTagOnPull) => {}
            Err(error) => problems.push(Problem::of(&seen.component, &error)),
        }
    }
    if problems.is_empty() { Ok(RunPlan::All { components }) } else { Err(Error::Components { problems }) }
}

/// A version that is to be released and has no tag is built, whatever changed: a run that failed may have left it so.
fn component(seen: &Seen, mut plan: Plan) -> ProjectPlan {
    let is_due = plan.publish == Some(true) && plan.tag_state == TagState::New;
    let reason = seen.reason.clone().or_else(|| is_due.then_some(Reason::NewVersion));
    if reason.is_none() {
        plan.tagging = Tagging::NotAsked;
    }
    ProjectPlan { component: seen.component.clone(), folder: seen.folder.clone(), reason, plan }
}
