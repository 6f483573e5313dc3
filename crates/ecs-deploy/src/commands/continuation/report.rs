//! What is told at the end: verdict, outputs, summary.

use actions_core::markdown::{Cell, escape, table};
use actions_core::{Annotation, Failure, OutputSpec, Outputs, Report};

use crate::commands::continuation::args::HookAction;
use crate::commands::continuation::plan::{ContinuePlan, Step};
use crate::names::revision_name;
use crate::next::{self, Place, Run};
use crate::outcome::{Outcome, Verdict};
use crate::report::{advised, diagnosis_json, duration, evidence, only_error, timeline, why};

/// The declared outputs.
pub(super) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec {
        name: "verdict",
        help: "`deployed`, `already-deployed`, `restored` (the rollback that was asked for is complete), `paused` and \
               `stage-reached` (waited for with `wait-until`), `rolled-back`, `failed`, `superseded`, `timed-out` or `cancelled`; \
               empty on a dry run.",
    },
    OutputSpec {
        name: "reason",
        help: "Why it did not end well, or where it is paused; empty when it is deployed or restored.",
    },
    OutputSpec { name: "hook-id", help: "Id of the next PAUSE hook that waits for somebody; empty without one." },
    OutputSpec { name: "service-deployment-arn", help: "ARN of the service deployment." },
    OutputSpec { name: "deployment-id", help: "Id of the service's deployment." },
    OutputSpec {
        name: "task-definition-arn",
        help: "ARN of the task definition that the deployment brings; empty when it cannot be read.",
    },
    OutputSpec {
        name: "restored-task-definition-arn",
        help: "ARN of the task definition that the service went back to; empty when it did not.",
    },
    OutputSpec {
        name: "diagnosis-json",
        help: "What is known of why it did not end well, as JSON of at most 64 KiB; empty when it did.",
    },
    OutputSpec { name: "duration-seconds", help: "How long it took, in whole seconds; empty on a dry run." },
];

/// Tells what was done, or what would be.
pub(super) fn report(plan: &ContinuePlan, outcome: Option<&Outcome>) -> Report {
    Report {
        verdict: outcome.map_or_else(|| forecast(plan), |outcome| verdict(plan, outcome)),
        outputs: outputs(plan, outcome),
        summary: summary(plan, outcome),
        annotations: annotations(plan, outcome),
        failure: outcome.and_then(|outcome| failure(plan, outcome)),
        ..Report::default()
    }
}

fn annotations(plan: &ContinuePlan, outcome: Option<&Outcome>) -> Vec<Annotation> {
    let services = outcome.iter().flat_map(|outcome| &outcome.services);
    let warnings = plan.warnings.iter().chain(services.flat_map(|own| &own.warnings));
    warnings.map(|warning| Annotation::warning(warning.clone()).title("ecs-continue")).collect()
}

fn place(plan: &ContinuePlan) -> String {
    format!("service {} in cluster {}", plan.service, plan.cluster)
}

fn forecast(plan: &ContinuePlan) -> String {
    let ContinuePlan { hook, action, .. } = plan;
    match (&plan.step, action) {
        (Step::Act, HookAction::Continue) => format!("would let {} go on at hook {hook}", place(plan)),
        (Step::Act, HookAction::Rollback) => format!("would roll back {} at hook {hook}", place(plan)),
        (Step::Leave(why) | Step::Over(why), _) => format!("nothing would be changed on {}: {why}", place(plan)),
    }
}

fn verdict(plan: &ContinuePlan, outcome: &Outcome) -> String {
    let (revision, place) = (revision_name(&outcome.task_definition), place(plan));
    let revision = if revision.is_empty() { "the deployment" } else { revision };
    let time = duration(outcome.seconds);
    let restored = outcome.services.first().and_then(|own| own.restored.as_deref()).map_or("", revision_name);
    let restored = if restored.is_empty() { "the previous revision" } else { restored };
    match outcome.verdict {
        Verdict::Deployed => format!("deployed {revision} to {place} in {time}"),
        Verdict::AlreadyDeployed => format!("already deployed: {place} runs {revision}, nothing was changed"),
        Verdict::Restored => format!("restored: {place} went back to {restored} in {time}, as was asked for"),
        Verdict::Paused => format!("paused: {revision} on {place} waits for somebody to go on"),
        Verdict::StageReached => format!("stage reached: {revision} on {place}, whose deployment goes on"),
        Verdict::RolledBack => format!("rolled back: {revision} failed on {place}, which went back to {restored}"),
        Verdict::Superseded => format!("superseded: {place} was given another revision while {revision} rolled out"),
        Verdict::TimedOut => format!("timed out: {revision} on {place} is not complete after {time}"),
        Verdict::Cancelled => format!("cancelled while {revision} was waited for on {place}"),
        Verdict::Failed | Verdict::Updated | Verdict::Registered | Verdict::AlreadyRegistered => {
            format!("failed: {revision} on {place}")
        }
    }
}

fn outputs(plan: &ContinuePlan, outcome: Option<&Outcome>) -> Outputs {
    let mut outputs = OUTPUTS.iter().fold(Outputs::new(), |outputs, spec| outputs.with(spec.name, ""));
    outputs.set("service-deployment-arn", &*plan.service_deployment);
    outputs.set("deployment-id", &*plan.goal.deployment);
    outputs.set("task-definition-arn", &*plan.task_definition);
    if let Some(outcome) = outcome {
        let own = outcome.services.first();
        let hook = own.and_then(|own| own.hooks.first());
        outputs.set("hook-id", hook.map_or("", |hook| hook.id.as_str()));
        outputs.set("verdict", outcome.verdict.as_str());
        outputs.set("reason", &*outcome.reason);
        outputs.set("restored-task-definition-arn", own.and_then(|own| own.restored.as_deref()).unwrap_or_default());
        outputs.set("diagnosis-json", diagnosis_json(outcome));
        outputs.set("duration-seconds", outcome.seconds.to_string());
    }
    outputs
}

fn summary(plan: &ContinuePlan, outcome: Option<&Outcome>) -> String {
    let services = outcome.map_or(&[][..], |outcome| &outcome.services);
    let (headline, evidence) = evidence(services);
    let console = plan.console.iter().map(|link| format!("[Deployments in the AWS console](<{link}>)\n"));
    let mut parts = vec![
        headline,
        facts(plan, outcome),
        next::section(services, &plan.cluster, &plan.task_definition),
        evidence,
        timeline(services),
    ];
    parts.extend(console);
    parts.retain(|part| !part.is_empty());
    parts.join("\n") + "\n"
}

fn facts(plan: &ContinuePlan, outcome: Option<&Outcome>) -> String {
    let action = match plan.action {
        HookAction::Continue => "continue",
        HookAction::Rollback => "rollback",
    };
    let mut rows = vec![
        vec![Cell::text("Service"), Cell::code(&plan.service)],
        vec![Cell::text("Cluster"), Cell::code(&plan.cluster)],
        vec![Cell::text("Task definition"), Cell::code(revision_name(&plan.task_definition))],
        vec![Cell::text("Hook"), Cell::code(&plan.hook)],
        vec![Cell::text("Action"), Cell::text(action)],
    ];
    if let Step::Leave(why) | Step::Over(why) = &plan.step {
        rows.push(vec![Cell::text("Hook's state"), Cell::Markdown(escape(why))]);
    }
    if let Some(outcome) = outcome {
        let restored = outcome.services.first().and_then(|own| own.restored.as_deref());
        rows.extend(restored.map(|arn| vec![Cell::text("Restored"), Cell::code(revision_name(arn))]));
        rows.push(vec![Cell::text("Verdict"), Cell::text(outcome.verdict.as_str())]);
        rows.push(vec![Cell::text("Duration"), Cell::text(duration(outcome.seconds))]);
    }
    table(&["", ""], &rows)
}

fn failure(plan: &ContinuePlan, outcome: &Outcome) -> Option<Failure> {
    let code = match outcome.verdict {
        // As before anything was begun.
        Verdict::Cancelled => "ecs-continue/cancelled",
        verdict => verdict.code_name()?,
    };
    if let Some(error) = only_error(outcome) {
        return Some(error);
    }
    let help = outcome.decisive().map_or_else(String::new, |own| {
        let place = Place::new(&plan.cluster, &plan.service, &plan.task_definition);
        next::after(own, &place, Run::Continuation)
    });
    let help = advised(outcome, &help, plan.console.as_deref());
    let failure = Failure::new(code, verdict(plan, outcome), outcome.verdict.exit_code());
    Some(failure.why(why(outcome)).help(help))
}
