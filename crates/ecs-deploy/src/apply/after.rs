//! What is done once everything is deployed.

use actions_core::Session;

use crate::apply::Run;
use crate::ecs::Ecs;
use crate::inputs::Inputs;
use crate::names::revision_name;
use crate::outcome::{Outcome, Verdict};
use crate::prune::{self, Family};
use crate::targets::{self, Moved};

impl Run<'_> {
    /// Moves rules and schedules to the revision that was deployed, then deregisters older ones.
    pub(super) async fn finish(&self, mut outcome: Outcome) -> Outcome {
        if is_whole(&outcome) {
            outcome.moved = move_targets(self.ecs, self.session, self.inputs, &outcome.task_definition).await;
            if !outcome.moved.iter().any(Moved::has_failed) {
                let warning = self.prune(&outcome).await;
                outcome.warnings.extend(warning);
            }
        } else if !self.inputs.targets.is_empty() && outcome.verdict.is_success() {
            let why =
                "`event-rules` and `schedules` are left as they are, because nobody saw that all services are deployed";
            outcome.warnings.push(why.to_owned());
        }
        outcome
    }

    /// The last step; what goes wrong is a warning.
    async fn prune(&self, outcome: &Outcome) -> Option<String> {
        let keep = self.inputs.keep_revisions?;
        // What ran until now is what a rollback would go back to.
        let before = outcome.services.iter().map(|service| service.previous.clone());
        let spared = before.chain([outcome.task_definition.clone()]).collect();
        let family = Family { arn: &outcome.task_definition, keep, spared };
        Box::pin(prune::prune(self.ecs, self.session, self.inputs, &family)).await
    }
}

/// Moves them, and says of each what became of it.
pub(crate) async fn move_targets(ecs: &Ecs, session: &Session, inputs: &Inputs, arn: &str) -> Vec<Moved> {
    let moved = targets::move_all(ecs, &session.cancel, &inputs.targets, arn).await;
    for one in &moved {
        session.log.line(one.line(revision_name(arn)));
    }
    moved
}

/// Whether each service was seen deployed, or only a registration was asked for.
pub(crate) fn is_whole(outcome: &Outcome) -> bool {
    let is_deployed =
        |verdict: Verdict| matches!(verdict, Verdict::Deployed | Verdict::Restored | Verdict::AlreadyDeployed);
    let all = outcome.services.iter().all(|service| is_deployed(service.verdict));
    all && outcome.verdict.is_success()
}
