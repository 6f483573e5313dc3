//! What is told beside the verdict: notices, and warnings that the user can act on.

use actions_core::Annotation;
use actions_core::markdown::escape;

use crate::outcome::Outcome;
use crate::plan::Plan;

/// What was known before anything was done. A run tells it first, as nobody reads a warning below the end.
pub(crate) fn foretold(plan: &Plan) -> Vec<Annotation> {
    let notices = plan.notices.iter().map(|notice| Annotation::notice(notice.clone()));
    let lints = plan.lints.iter().map(|lint| {
        let warning = Annotation::warning(lint.message.clone());
        lint.location.iter().fold(warning, |warning, location| warning.at(location.clone()))
    });
    let warnings = plan.warnings.iter().cloned().map(Annotation::warning);
    notices.chain(lints).chain(warnings).map(titled).collect()
}

/// What came of it.
pub(super) fn learnt(outcome: &Outcome) -> Vec<Annotation> {
    of_outcome(outcome).into_iter().map(Annotation::warning).map(titled).collect()
}

/// The warnings as a list for the step summary; empty without one.
pub(super) fn list(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let lints = plan.lints.iter().map(|lint| lint.message.clone());
    let warnings = lints.chain(plan.warnings.iter().cloned()).chain(outcome.into_iter().flat_map(of_outcome));
    warnings.map(|warning| format!("- ⚠️ {}\n", escape(&warning))).collect::<Vec<_>>().concat()
}

fn titled(annotation: Annotation) -> Annotation {
    annotation.title("ecs-deploy")
}

/// Of several services each says whose it is.
fn of_outcome(outcome: &Outcome) -> Vec<String> {
    let several = outcome.services.len() > 1;
    let of_services = outcome.services.iter().flat_map(|service| {
        let name = &service.service;
        service.warnings.iter().map(move |text| if several { format!("{name}: {text}") } else { text.clone() })
    });
    let of_task = outcome.task.iter().flat_map(|task| task.warnings.iter().cloned());
    outcome.warnings.iter().cloned().chain(of_task).chain(of_services).collect()
}
