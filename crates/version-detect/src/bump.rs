//! `version-detect bump`: proposes the next snapshot of a project as a pull request.
//!
//! 1. `observe` reads the branch of snapshots through GitHub's API: its files, as far as the version takes them, and the branch and the pull
//!    request of an earlier run.
//! 2. `plan` decides the next version and changes each place where the version is written ([`edit`]), byte for byte.
//! 3. `apply` writes one commit, a branch and a pull request.
//! 4. `report` says what was proposed.
//!
//! Invariants: there is no push and no checkout, and the work tree is not looked at; a branch is never forced, and gets no commit on top of
//! one that is not ours; nothing but the version is changed; a version that is put together is never replaced by a text.

mod apply;
mod args;
mod edit;
mod error;
mod inputs;
mod observe;
mod plan;
mod remote;
mod report;
mod settings;

use actions_core::{Action, GITHUB_TOKEN, InputErrors, OutputSpec, Report, SecretInput, Session};
use github_client::GitHub;

pub(crate) use apply::BumpOutcome;
pub(crate) use args::BumpArgs;
pub(crate) use error::BumpError;
pub(crate) use inputs::BumpInputs;
pub(crate) use observe::BumpSnapshot;
pub(crate) use plan::BumpPlan;

/// The action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VersionBump;

impl Action for VersionBump {
    const NAME: &'static str = "version-bump";
    const INVOCATION: &'static str = "version-detect bump";
    const TITLE: &'static str = "Propose the next snapshot";
    const DESCRIPTION: &'static str = "Writes the next snapshot version into the project's manifest on the snapshot branch, as one commit and a pull \
                                       request, without a checkout.";
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;
    const SECRETS: &'static [SecretInput] = &[GITHUB_TOKEN];

    type Args = BumpArgs;
    type Inputs = BumpInputs;
    type Clients = GitHub;
    type Snapshot = BumpSnapshot;
    type Plan = BumpPlan;
    type Outcome = BumpOutcome;
    type Error = BumpError;

    fn inputs(args: BumpArgs, _: &Session) -> Result<BumpInputs, InputErrors> {
        inputs::parse(&args)
    }

    async fn connect(_: &BumpInputs, session: &Session) -> Result<GitHub, BumpError> {
        let token = session.secret(GITHUB_TOKEN.name).ok_or(BumpError::NeedsToken)?;
        Ok(GitHub::new(&session.context, token)?.log_to(&session.log))
    }

    async fn observe(inputs: &BumpInputs, github: &GitHub, session: &Session) -> Result<BumpSnapshot, BumpError> {
        observe::observe(inputs, github, session).await
    }

    fn plan(inputs: &BumpInputs, snapshot: &BumpSnapshot) -> Result<BumpPlan, BumpError> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(
        _: &BumpInputs,
        plan: &BumpPlan,
        github: &GitHub,
        session: &Session,
    ) -> Result<BumpOutcome, BumpError> {
        apply::apply(plan, github, session).await
    }

    fn report(_: &BumpInputs, plan: &BumpPlan, outcome: Option<&BumpOutcome>) -> Report {
        report::report(plan, outcome)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::VersionBump>();
    }
}
