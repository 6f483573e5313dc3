//! What to do after a deployment that did not end well.

use crate::diagnosis::Diagnosis;
use crate::inputs::Inputs;
use crate::next::{self, Place, Run};
use crate::outcome::{Back, Outcome, Verdict};
use crate::plan::Plan;

/// What to do, and where the AWS console shows it.
pub(super) fn help(inputs: &Inputs, plan: &Plan, outcome: &Outcome) -> String {
    let Some(own) = outcome.decisive() else { return String::new() };
    let service = plan.services.iter().find(|service| service.service == own.service);
    let nothing_done = service.is_some_and(|service| service.update.is_none());
    let by_codedeploy = service.is_some_and(|service| service.codedeploy.is_some());
    let run = Run::Deployment { forced: inputs.force_new_deployment };
    let place = Place::new(&plan.cluster, &own.service, &outcome.task_definition)
        .deployed_by(service.and_then(|service| service.codedeploy.as_ref()));
    let after = || next::after(own, &place, run);
    let help = match own.verdict {
        _ if own.error.is_some() || own.back != Back::No => after(),
        Verdict::Failed if nothing_done => {
            "nothing was changed by this run; once the cause is gone, `force-new-deployment: true` tries the same revision again".to_owned()
        }
        Verdict::Failed if by_codedeploy => {
            "correct the cause, then deploy again; the service keeps what it runs now".to_owned()
        }
        Verdict::TimedOut if inputs.wait.is_some_and(|wait| wait.is_zero()) => {
            format!(
                "run the step again with a longer `wait-timeout`{} to wait for the same deployment",
                if inputs.force_new_deployment { ", and without `force-new-deployment`," } else { "" }
            )
        }
        _ => after(),
    };
    advised(outcome, &help, service.and_then(|service| service.console.as_deref()))
}

/// `help` behind what the evidence itself advises, and before the link into the console.
pub(crate) fn advised(outcome: &Outcome, help: &str, console: Option<&str>) -> String {
    let advice = outcome.decisive().and_then(|ended| ended.diagnosis.as_ref()).and_then(Diagnosis::advice);
    advice.into_iter().chain([help]).chain(console).collect::<Vec<_>>().join("\n")
}
