//! What the run tells: verdict, outputs, summary, annotations, and for a bad end the failure. Pure.

mod summary;

use actions_core::{Annotation, Failure, OutputSpec, Outputs, Report};

use crate::diagnosis::StoppedTasks;
use crate::inputs::Inputs;
use crate::names::revision_name;
use crate::outcome::{Outcome, Verdict};
use crate::plan::{Plan, Registration};

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
        help: "ARN of the task definition that the service ran before; empty without a service.",
    },
    OutputSpec { name: "revision", help: "The task definition as `family:revision`." },
    OutputSpec {
        name: "deployment-id",
        help: "Id of the service's deployment that was followed; empty without a service.",
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
    let warnings = plan.warnings.iter().chain(outcome.iter().flat_map(|outcome| &outcome.warnings));
    Report {
        verdict: outcome.map_or_else(|| forecast(plan), |outcome| verdict(plan, outcome)),
        outputs: outputs(plan, outcome),
        summary: summary::summary(plan, outcome),
        annotations: warnings.map(|warning| Annotation::warning(warning.clone()).title("ecs-deploy")).collect(),
        failure: outcome.and_then(|outcome| failure(inputs, plan, outcome)),
    }
}

fn outputs(plan: &Plan, outcome: Option<&Outcome>) -> Outputs {
    let mut outputs = OUTPUTS.iter().fold(Outputs::new(), |outputs, spec| outputs.with(spec.name, ""));
    outputs.set("previous-task-definition-arn", plan.previous.clone().unwrap_or_default());
    if let Some(outcome) = outcome {
        outputs.set("task-definition-arn", &*outcome.task_definition);
        outputs.set("revision", revision_name(&outcome.task_definition));
        outputs.set("deployment-id", &*outcome.deployment);
        outputs.set("verdict", outcome.verdict.as_str());
        outputs.set("reason", &*outcome.reason);
        outputs.set("duration-seconds", outcome.seconds.to_string());
    } else if let Registration::Reuse(arn) = &plan.registration {
        outputs.set("task-definition-arn", &**arn);
        outputs.set("revision", revision_name(arn));
    }
    outputs
}

/// Where: `service web in cluster prod`.
fn place(plan: &Plan) -> String {
    plan.service.as_ref().map_or_else(String::new, |service| format!("service {service} in cluster {}", plan.cluster))
}

fn forecast(plan: &Plan) -> String {
    let place = place(plan);
    match (&plan.registration, &plan.service, &plan.update) {
        (Registration::New, None, _) => format!("would register a new revision of {}", plan.family),
        (Registration::New, Some(_), _) => {
            format!("would register a new revision of {}, and would update {place}", plan.family)
        }
        (Registration::Reuse(arn), None, _) => {
            format!("already registered: {} is the same, nothing would be changed", revision_name(arn))
        }
        (Registration::Reuse(arn), Some(_), Some(_)) => {
            format!("would update {place}, which stays at {}", revision_name(arn))
        }
        (Registration::Reuse(arn), Some(_), None) => {
            format!("already deployed: {place} runs {}, nothing would be changed", revision_name(arn))
        }
    }
}

fn verdict(plan: &Plan, outcome: &Outcome) -> String {
    let revision = revision_name(&outcome.task_definition);
    let place = place(plan);
    let time = duration(outcome.seconds);
    match outcome.verdict {
        Verdict::Deployed => format!("deployed {revision} to {place} in {time}"),
        Verdict::AlreadyDeployed => format!("already deployed: {place} runs {revision}, nothing was changed"),
        Verdict::Registered => format!("registered {revision}"),
        Verdict::AlreadyRegistered => format!("already registered: {revision} is the same, nothing was changed"),
        Verdict::Updated => format!("updated {place} to {revision}, not waited for"),
        Verdict::RolledBack => {
            let restored = outcome.restored.as_deref().map_or("the previous revision", revision_name);
            format!("rolled back: {revision} failed on {place}, which went back to {restored}")
        }
        Verdict::Failed => format!("failed: {revision} on {place}"),
        Verdict::Superseded => format!("superseded: {place} was given another revision while {revision} rolled out"),
        Verdict::TimedOut => format!("timed out: {revision} on {place} is not complete after {time}"),
        Verdict::Cancelled => format!("cancelled while {revision} was deployed to {place}"),
    }
}

/// `75` as `1 min 15 s`.
pub(crate) fn duration(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

fn failure(inputs: &Inputs, plan: &Plan, outcome: &Outcome) -> Option<Failure> {
    let code = outcome.verdict.code_name()?;
    let failure = Failure::new(code, verdict(plan, outcome), outcome.verdict.exit_code());
    Some(failure.why(why(outcome)).help(help(inputs, plan, outcome.verdict)))
}

/// The reason, the stopped tasks, the last events.
fn why(outcome: &Outcome) -> String {
    let mut lines = vec![outcome.reason.clone()];
    if let Some(diagnosis) = &outcome.diagnosis {
        lines.extend(diagnosis.stopped.iter().take(LINES).map(StoppedTasks::describe));
        let skipped = diagnosis.events.len().saturating_sub(LINES);
        lines.extend(diagnosis.events.iter().skip(skipped).map(|event| format!("event: {event}")));
        lines.extend(diagnosis.blind_spots.iter().cloned());
    }
    lines.join("\n")
}

fn help(inputs: &Inputs, plan: &Plan, verdict: Verdict) -> String {
    let help = match verdict {
        Verdict::Failed if plan.update.is_none() => {
            "nothing was changed by this run; once the cause is gone, `force-new-deployment: true` tries the same revision again"
        }
        Verdict::RolledBack | Verdict::Failed => {
            "correct what the stopped tasks and events name, then deploy again; the service keeps what it runs now"
        }
        Verdict::Superseded => "let only one workflow at a time deploy this service (`concurrency:`)",
        Verdict::TimedOut if inputs.wait.is_some_and(|wait| wait.is_zero()) => {
            "run the step again with a longer `wait-timeout` to wait for the same deployment"
        }
        Verdict::TimedOut => {
            "the deployment goes on; run the step again to wait for the same one, or raise `wait-timeout`"
        }
        Verdict::Cancelled
        | Verdict::Deployed
        | Verdict::AlreadyDeployed
        | Verdict::Registered
        | Verdict::AlreadyRegistered
        | Verdict::Updated => "run the step again: it waits for what is under way and changes nothing twice",
    };
    let link = plan.console.as_ref().map_or_else(String::new, |link| format!("\n{link}"));
    format!("{help}{link}")
}

#[cfg(test)]
mod tests;
