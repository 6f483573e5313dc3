//! `version-detect release`: publishes a GitHub Release with notes, and starts the workflows that follow it.
//!
//! 1. `observe` looks for the tag and its release, and for a new one at what was merged since the release before.
//! 2. `plan` decides: create, publish a draft, or nothing; whether it becomes the latest; what is started; and writes the notes
//!    ([`notes`]).
//! 3. `apply` makes the tag, then the release, then starts the workflows. What is still to be started stands in the release's text, out of
//!    sight, until it is: so a run that was killed is completed by the next one. Each is started at least once: twice where an answer is
//!    lost, a run is killed between a start and the note of it, or two runs are at it at the same time.
//! 4. `report` says what was done.
//!
//! Invariants: a tag is never moved; a release is never deleted, and its visible text never replaced; a snapshot is never released;
//! no work tree is needed; where there is one, its commit has to be the run's unless one is named.

mod apply;
mod args;
mod dispatch;
mod error;
mod inputs;
mod notes;
mod observe;
mod pending;
mod plan;
mod previous;
mod report;

use actions_core::{Action, Context, GITHUB_TOKEN, InputErrors, OutputSpec, Report, SecretInput, Session};
use github_client::GitHub;

pub use apply::Outcome;
pub use args::Args;
pub use error::Error;
pub use inputs::Inputs;
pub use notes::{Config, ConfigFlaw, History, notes};
pub use observe::Snapshot;
pub use plan::Plan;

/// The action.
#[derive(Debug, Clone, Copy)]
pub struct VersionRelease;

impl Action for VersionRelease {
    const NAME: &'static str = "version-release";
    const INVOCATION: &'static str = "version-detect release";
    const TITLE: &'static str = "Release a version";
    const DESCRIPTION: &'static str = "Publishes a GitHub Release with notes from the pull requests and commits since the release before, and starts \
                                       the workflows that follow it.";
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;
    const SECRETS: &'static [SecretInput] = &[GITHUB_TOKEN];

    type Args = Args;
    type Inputs = Inputs;
    type Clients = GitHub;
    type Snapshot = Snapshot;
    type Plan = Plan;
    type Outcome = Outcome;
    type Error = Error;

    fn inputs(args: Args, session: &Session) -> Result<Inputs, InputErrors> {
        inputs::parse(&args, session)
    }

    async fn connect(_: &Inputs, session: &Session) -> Result<GitHub, Error> {
        if is_unmerged(&session.context) {
            return Err(Error::OnPullRequest);
        }
        let token = session.secret(GITHUB_TOKEN.name).ok_or(Error::NeedsToken)?;
        Ok(GitHub::new(&session.context, token)?.log_to(&session.log))
    }

    async fn observe(inputs: &Inputs, github: &GitHub, session: &Session) -> Result<Snapshot, Error> {
        observe::observe(inputs, github, session).await
    }

    fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(_: &Inputs, plan: &Plan, github: &GitHub, session: &Session) -> Result<Outcome, Error> {
        apply::apply(plan, github, session).await
    }

    fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        report::report(inputs, plan, outcome)
    }
}

/// Whether a run is about what is not merged yet: a pull request, or one in a merge queue, whatever event it is by.
fn is_unmerged(context: &Context) -> bool {
    let event = context.event_name.as_deref().unwrap_or_default();
    let git_ref = context.git_ref.as_deref().unwrap_or_default();
    event.starts_with("pull_request")
        || event == "merge_group"
        || git_ref.starts_with("refs/pull/")
        || git_ref.starts_with("refs/heads/gh-readonly-queue/")
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::VersionRelease>();
    }
}
