//! What the run tells: verdict, outputs, summary, annotations, and for a bad end the failure. Pure.

mod help;
mod summary;
mod verdict;

use actions_core::{Annotation, Failure, OutputSpec, Outputs, Report};

use crate::diagnosis::StoppedTasks;
use crate::inputs::Inputs;
use crate::names::revision_name;
use crate::outcome::{Outcome, ServiceOutcome};
use crate::plan::{Plan, Registration};

use crate::report::verdict::{forecast, verdict};

/// How many lines of each kind go into the failure's text; the summary has all of them.
const LINES: usize = 8;

/// The declared outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec {
        name: "task-definition-arn",
        help: "ARN of the task definition that was registered, or that was the same already.",
    },
    OutputSpec {
        name: "previous-task-definition-arn",
        help: "ARN of the task definition that the service ran before; empty without a service, and with several that of the one \
               that decides the verdict.",
    },
    OutputSpec { name: "revision", help: "The task definition as `family:revision`." },
    OutputSpec {
        name: "deployment-id",
        help: "Id of the service's deployment that was followed; empty without a service, and with several that of the one that \
               decides the verdict.",
    },
    OutputSpec {
        name: "verdict",
        help: "`deployed`, `already-deployed`, `registered`, `already-registered`, `updated` (not waited for), `rolled-back`, \
               `failed`, `superseded`, `timed-out` or `cancelled`; empty on a dry run.",
    },
    OutputSpec { name: "reason", help: "Why the deployment did not end well; empty when it did." },
    OutputSpec { name: "duration-seconds", help: "How long it took, in whole seconds." },
    OutputSpec {
        name: "codedeploy-deployment-id",
        help: "Always empty: services of the CODE_DEPLOY controller are refused.",
    },
];

/// Tells what was done, or what would be.
pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let of_outcome = outcome.into_iter().flat_map(warnings_of);
    let warnings = plan.warnings.iter().cloned().chain(of_outcome).map(Annotation::warning);
    let lints = plan.lints.iter().map(|lint| {
        let warning = Annotation::warning(lint.message.clone());
        lint.location.iter().fold(warning, |warning, location| warning.at(location.clone()))
    });
    Report {
        verdict: outcome.map_or_else(|| forecast(plan), |outcome| verdict(plan, outcome)),
        outputs: outputs(plan, outcome),
        summary: summary::summary(plan, outcome),
        annotations: lints.chain(warnings).map(|annotation| annotation.title("ecs-deploy")).collect(),
        failure: outcome.and_then(|outcome| failure(inputs, plan, outcome)),
    }
}

fn outputs(plan: &Plan, outcome: Option<&Outcome>) -> Outputs {
    let mut outputs = OUTPUTS.iter().fold(Outputs::new(), |outputs, spec| outputs.with(spec.name, ""));
    let first = plan.services.first().map(|service| service.previous.as_str());
    let decisive = outcome.and_then(Outcome::decisive);
    let previous = decisive.map(|service| service.previous.as_str()).or(first);
    outputs.set("previous-task-definition-arn", previous.unwrap_or_default());
    if let Some(outcome) = outcome {
        outputs.set("task-definition-arn", &*outcome.task_definition);
        outputs.set("revision", revision_name(&outcome.task_definition));
        outputs.set("deployment-id", decisive.map_or("", |service| service.deployment.as_str()));
        outputs.set("verdict", outcome.verdict.as_str());
        outputs.set("reason", &*outcome.reason);
        outputs.set("duration-seconds", outcome.seconds.to_string());
    } else if let Registration::Reuse(arn) = &plan.registration {
        outputs.set("task-definition-arn", &**arn);
        outputs.set("revision", revision_name(arn));
    }
    outputs
}

/// The warnings of the run and of its services; of several services each says whose it is.
fn warnings_of(outcome: &Outcome) -> Vec<String> {
    let several = outcome.services.len() > 1;
    let of_services = outcome.services.iter().flat_map(|service| {
        let name = &service.service;
        service.warnings.iter().map(move |text| if several { format!("{name}: {text}") } else { text.clone() })
    });
    outcome.warnings.iter().cloned().chain(of_services).collect()
}

/// `75` as `1 min 15 s`.
pub(crate) fn duration(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

fn failure(inputs: &Inputs, plan: &Plan, outcome: &Outcome) -> Option<Failure> {
    let code = outcome.verdict.code_name()?;
    let failure = Failure::new(code, verdict(plan, outcome), outcome.verdict.exit_code());
    Some(failure.why(why(outcome)).help(help::help(inputs, plan, outcome)))
}

/// Of each service that did not end well: the reason, the stopped tasks, the last events.
fn why(outcome: &Outcome) -> String {
    let several = outcome.services.len() > 1;
    let mut lines = Vec::new();
    for service in outcome.services.iter().filter(|service| !service.verdict.is_success()) {
        let name = if several { format!("{}: ", service.service) } else { String::new() };
        lines.extend(why_of(service).into_iter().map(|line| format!("{name}{line}")));
    }
    lines.join("\n")
}

fn why_of(service: &ServiceOutcome) -> Vec<String> {
    let mut lines = vec![service.reason.clone()];
    if let Some(diagnosis) = &service.diagnosis {
        lines.extend(diagnosis.stopped.iter().take(LINES).map(StoppedTasks::describe));
        let skipped = diagnosis.events.len().saturating_sub(LINES);
        lines.extend(diagnosis.events.iter().skip(skipped).map(|event| format!("event: {event}")));
        lines.extend(diagnosis.blind_spots.iter().cloned());
    }
    lines
}

#[cfg(test)]
mod tests;
