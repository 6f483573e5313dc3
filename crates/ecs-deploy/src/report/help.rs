//! What to do after a deployment that did not end well.

use crate::diagnosis::Diagnosis;
use crate::inputs::Inputs;
use crate::outcome::{Outcome, Verdict};
use crate::plan::Plan;

/// What to do, and where the AWS console shows it.
pub(super) fn help(inputs: &Inputs, plan: &Plan, outcome: &Outcome) -> String {
    let decisive = outcome.decisive().and_then(|ended| plan.services.iter().find(|own| own.service == ended.service));
    let nothing_done = decisive.is_some_and(|service| service.update.is_none());
    let help = match outcome.verdict {
        Verdict::Failed if nothing_done => {
            "nothing was changed by this run; once the cause is gone, `force-new-deployment: true` tries the same revision again"
        }
        Verdict::RolledBack | Verdict::Failed => {
            "correct the cause, then deploy again; the service keeps what it runs now"
        }
        Verdict::Superseded => "let only one workflow at a time deploy this service (`concurrency:`)",
        Verdict::TimedOut if inputs.wait.is_some_and(|wait| wait.is_zero()) => {
            "run the step again with a longer `wait-timeout` to wait for the same deployment"
        }
        Verdict::TimedOut => {
            "the deployment goes on; run the step again to wait for the same one, or raise `wait-timeout`"
        }
        Verdict::Cancelled
        | Verdict::Paused
        | Verdict::StageReached
        | Verdict::Restored
        | Verdict::Deployed
        | Verdict::AlreadyDeployed
        | Verdict::Registered
        | Verdict::AlreadyRegistered
        | Verdict::Updated => "run the step again: it waits for what is under way and changes nothing twice",
    };
    advised(outcome, help, decisive.and_then(|service| service.console.as_deref()))
}

/// `help` behind what the evidence itself advises, and before the link into the console.
pub(crate) fn advised(outcome: &Outcome, help: &str, console: Option<&str>) -> String {
    let advice = outcome.decisive().and_then(|ended| ended.diagnosis.as_ref()).and_then(Diagnosis::advice);
    advice.into_iter().chain([help]).chain(console).collect::<Vec<_>>().join("\n")
}
