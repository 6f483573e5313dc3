//! The decisions of a run: those of its one project, or of all components.

use serde::Serialize;

use super::{Plan, TagState, Tagging, plan, tag_state};
use crate::components::Reason;
use crate::error::{Error, Problem};
use crate::inputs::{BaseInput, CreateTag, Inputs};
use crate::observe::{Seen, Sight};
use crate::subject::Subject;

/// What is known of every project of the run, and what is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RunPlan {
    /// One project.
    One(Box<ProjectPlan>),
    /// All components, in the order in which they are built.
    All {
        /// The commit that all of this is about; `None` when it is not known.
        commit: Option<String>,
        /// Them.
        components: Vec<ProjectPlan>,
        /// What the user should know of the run, each a sentence.
        warnings: Vec<String>,
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
            Self::All { components, .. } => components,
        }
    }

    /// The commit that it is about.
    pub(crate) fn commit(&self) -> Option<&str> {
        match self {
            Self::One(project) => project.plan.commit.as_deref(),
            Self::All { commit, .. } => commit.as_deref(),
        }
    }
}

/// Decides everything. Of components all problems are told at once.
pub(crate) fn plan_run(inputs: &Inputs, sight: &Sight) -> Result<RunPlan, Error> {
    let (occasion, seen, problems, unknown, told) = match sight {
        Sight::Project { component, folder, snapshot } => {
            let (component, folder, reason) = (component.clone(), folder.clone(), Some(Reason::Asked));
            let mut plan = plan(inputs, snapshot)?;
            let other = other_commit(snapshot.run_commit.as_deref(), snapshot.commit.as_deref());
            let unused = unused_base(&inputs.base, None);
            plan.warnings.splice(0..0, other.into_iter().chain(unused));
            return Ok(RunPlan::One(Box::new(ProjectPlan { component, folder, reason, plan })));
        }
        Sight::Components { occasion, seen, problems, unknown, warnings } => {
            (occasion, seen, problems, unknown, warnings)
        }
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
            Err(error @ (Error::CreateTagNeedsToken | Error::CreateTagOnPull | Error::OtherCommit { .. }))
                if problems.is_empty() =>
            {
                return Err(error);
            }
            Err(Error::CreateTagNeedsToken | Error::CreateTagOnPull | Error::OtherCommit { .. }) => {}
            Err(error) => problems.push(Problem::of(&seen.component, &error)),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Components { problems });
    }
    let mut warnings: Vec<String> =
        other_commit(occasion.run_commit.as_deref(), occasion.commit.as_deref()).into_iter().collect();
    warnings.extend(unused_base(&inputs.base, Some(&occasion.subject)));
    warnings.extend(
        unknown.as_ref().map(|why| format!("all components are built, because what changed is not known: {why}")),
    );
    if let (Subject::Tag { name }, true) = (&occasion.subject, components.iter().all(|own| own.reason.is_none())) {
        warnings.push(format!("the tag {name} is the one of no component's version, so nothing is built"));
    }
    warnings.extend(told.iter().cloned());
    Ok(RunPlan::All { commit: occasion.commit.clone(), components, warnings })
}

/// Why the rules of the run's branch do not hold.
fn other_commit(run: Option<&str>, checked_out: Option<&str>) -> Option<String> {
    let (run, checked_out) = (run?, checked_out?);
    Some(format!(
        "commit {checked_out} is checked out, and the run is about {run}, so it has the rules of no branch and is not published; name its branch with the input branch"
    ))
}

/// A base that is given where nothing is compared with it: all components are about `subject`, one project about nothing that changed. A
/// workflow of pushes and pull requests says `last-success` to both, and means pushes.
fn unused_base(base: &BaseInput, subject: Option<&Subject>) -> Option<String> {
    let about = match (base, subject) {
        (BaseInput::Event, _) | (BaseInput::LastSuccess, Some(_)) => return None,
        (BaseInput::LastSuccess | BaseInput::Commit(_), None) => {
            "one project: it tells which of several components changed".to_owned()
        }
        (BaseInput::Commit(_), Some(subject)) if subject.takes_base() => return None,
        (BaseInput::Commit(_), Some(subject @ Subject::Tag { .. })) => {
            format!("{subject}, which builds the component whose it is")
        }
        (BaseInput::Commit(_), Some(subject)) => format!("{subject}, which is compared with its target"),
    };
    Some(format!("the input base says nothing of {about}; leave it out"))
}

/// A version that is to be released and has no tag is built, whatever changed: a run that failed may have left it so.
fn component(seen: &Seen, mut plan: Plan) -> ProjectPlan {
    let is_due = plan.publish == Some(true) && plan.tag_state == TagState::New;
    let reason = seen.reason.clone().or_else(|| is_due.then_some(Reason::NewVersion));
    // What is not built is not published either.
    if reason.is_none() {
        plan.tagging = Tagging::NotAsked;
        plan.publish = Some(false);
    }
    ProjectPlan { component: seen.component.clone(), folder: seen.folder.clone(), reason, plan }
}
