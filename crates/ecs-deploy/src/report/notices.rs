//! What is told beside the verdict: notices, and warnings that the user can act on.

use actions_core::Annotation;

use crate::outcome::Outcome;
use crate::plan::Plan;

/// All of them; of several services each says whose it is.
pub(super) fn annotations(plan: &Plan, outcome: Option<&Outcome>) -> Vec<Annotation> {
    let notices = plan.notices.iter().map(|notice| Annotation::notice(notice.clone()));
    let lints = plan.lints.iter().map(|lint| {
        let warning = Annotation::warning(lint.message.clone());
        lint.location.iter().fold(warning, |warning, location| warning.at(location.clone()))
    });
    let of_run = outcome.into_iter().flat_map(of_outcome);
    let warnings = plan.warnings.iter().cloned().chain(of_run).map(Annotation::warning);
    notices.chain(lints).chain(warnings).map(|annotation| annotation.title("ecs-deploy")).collect()
}

fn of_outcome(outcome: &Outcome) -> Vec<String> {
    let several = outcome.services.len() > 1;
    let of_services = outcome.services.iter().flat_map(|service| {
        let name = &service.service;
        service.warnings.iter().map(move |text| if several { format!("{name}: {text}") } else { text.clone() })
    });
    let of_task = outcome.task.iter().flat_map(|task| task.warnings.iter().cloned());
    outcome.warnings.iter().cloned().chain(of_task).chain(of_services).collect()
}
