//! The tag, then the release, then what it starts.

use actions_core::Session;
use github_client::{CreateRelease, CreateTag, GitHub, GitHubError, NewRelease, NewTag, Release};
use serde::Serialize;

use crate::dispatch::Target;
use crate::error::Error;
use crate::pending;
use crate::plan::{Plan, Step};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    pub(crate) release: Release,
    /// Whether this run created or published it.
    pub(crate) created: bool,
    /// What was started.
    pub(crate) started: Vec<Target>,
    /// Why the note of what was started is still in the release's text.
    pub(crate) note_left: Option<String>,
}

/// Does what the plan says.
pub(crate) async fn apply(plan: &Plan, github: &GitHub, session: &Session) -> Result<Outcome, Error> {
    let new = &plan.release;
    let (release, created) = match &plan.step {
        Step::AlreadyDone { release } => (release.clone(), false),
        Step::Create { with_tag } => {
            tag(plan, *with_tag, (github, session)).await?;
            go_on(session, || format!("before the release of `{}` was created", new.tag))?;
            // The note is about the run that it is for; a draft starts nothing.
            let noted = NewRelease { body: pending::with(&new.body, &plan.start), ..new.clone() };
            match github.create_release(&noted).await? {
                CreateRelease::Created(release) => (release, true),
                // Somebody was faster, or an attempt of ours whose answer was lost: what was not started yet says its text.
                CreateRelease::AlreadyThere(release) => (release, false),
            }
        }
        Step::Publish { draft, body, with_tag } => {
            tag(plan, *with_tag, (github, session)).await?;
            go_on(session, || format!("before the release of `{}` was published", new.tag))?;
            if *body != draft.body {
                github.update_release_body(draft, body).await?;
            }
            (github.publish_release(draft, new).await?, true)
        }
    };
    session.note_output("release-id", release.id.to_string());
    session.note_output("release-url", &release.url);
    let mut outcome = Outcome { release, created, started: Vec::new(), note_left: None };
    let is_lost = !created && matches!(plan.step, Step::Create { .. });
    let noted = || pending::split(&outcome.release.body, &plan.start).1;
    let targets = if is_lost { noted() } else { plan.start.clone() };
    start(&targets, plan, &mut outcome, (github, session)).await?;
    Ok(outcome)
}

/// Creates the tag where it is wanted.
async fn tag(plan: &Plan, wanted: bool, (github, session): (&GitHub, &Session)) -> Result<(), Error> {
    if !wanted {
        return Ok(());
    }
    let release = &plan.release;
    let tag = NewTag { name: &release.tag, sha: &release.commit, message: plan.tag_message.as_deref() };
    match github.create_tag(tag, &session.cancel).await? {
        CreateTag::Cancelled => go_on(session, || format!("before the tag `{}` was created", release.tag)),
        CreateTag::Created | CreateTag::AlreadyThere => Ok(()),
        CreateTag::Conflict { sha } => {
            Err(Error::TagElsewhere { tag: release.tag.clone(), there: sha, here: release.commit.clone() })
        }
    }
}

/// No step is begun in a run that was cancelled.
fn go_on(session: &Session, at: impl FnOnce() -> String) -> Result<(), Error> {
    if session.cancel.is_cancelled() { Err(Error::Cancelled { at: at() }) } else { Ok(()) }
}

/// Starts one after the other, and takes each off the note in the release's text.
async fn start(
    targets: &[Target],
    plan: &Plan,
    outcome: &mut Outcome,
    (github, session): (&GitHub, &Session),
) -> Result<(), Error> {
    let (text, noted) = pending::split(&outcome.release.body, targets);
    let text = text.to_owned();
    for (at, target) in targets.iter().enumerate() {
        let left = &targets[at..];
        go_on(session, || format!("when `{}` was released, and before {target} was started", plan.release.tag))?;
        if let Err(source) = send(target, plan, github).await {
            let left = left.iter().map(Target::to_string).collect();
            return Err(Error::NotStarted { tag: plan.release.tag.clone(), left, source: Box::new(source) });
        }
        outcome.started.push(target.clone());
        if noted.contains(target) && outcome.note_left.is_none() {
            let still: Vec<Target> = left[1..].iter().filter(|target| noted.contains(target)).cloned().collect();
            let updated = github.update_release_body(&outcome.release, &pending::with(&text, &still)).await;
            outcome.note_left = updated.err().map(|error| error.to_string());
        }
    }
    Ok(())
}

async fn send(target: &Target, plan: &Plan, github: &GitHub) -> Result<(), GitHubError> {
    match target {
        Target::Workflow { file, git_ref } => {
            let git_ref = git_ref.as_deref().unwrap_or(&plan.release.tag);
            github.dispatch_workflow(file, git_ref, &plan.payload).await
        }
        Target::Event { repository, event } => {
            github.of_repository(repository)?.repository_dispatch(event, &plan.payload).await
        }
    }
}
