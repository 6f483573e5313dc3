//! What the run tells: verdict, outputs, summary, annotations, and for a bad end the failure. Pure.

mod help;
mod notices;
pub(crate) mod summary;
mod timeline;
mod verdict;

use actions_core::{ExitCode, Failure, OutputSpec, Outputs, Report};
use serde_json::{Value, json};

use crate::diagnosis::{self, Diagnosis};
use crate::error::Error;
use crate::inputs::Inputs;
use crate::names::revision_name;
use crate::outcome::{Outcome, ServiceOutcome};
use crate::plan::{Plan, Registration};
use crate::run_task::TaskOutcome;

pub(crate) use crate::report::summary::cause;
use crate::report::verdict::{forecast, verdict};
pub(crate) use crate::report::{
    help::advised,
    notices::foretold,
    summary::{evidence, foreseen, moved, preflight},
    timeline::timeline,
    verdict::targets,
};
use crate::run_task;
use crate::targets::{Moved, NOT_MOVED};

/// The declared outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec {
        name: "task-definition-arn",
        help: "ARN of the task definition that was registered, or that was the same already.",
    },
    OutputSpec {
        name: "task-definition",
        help: "The same, under the official render action's name: the input `task-definition` of a later step takes it.",
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
        name: "service-deployment-arn",
        help: "ARN of the service deployment that was followed; empty where it was not found, may not be read, or is not there.",
    },
    OutputSpec {
        name: "verdict",
        help: "`deployed`, `already-deployed`, `registered`, `already-registered`, `updated` (not waited for), `succeeded` and `started` (of a task without a service), `paused` and \
               `stage-reached` (waited for with `wait-until`), `rolled-back`, `failed`, `superseded`, `timed-out`, `unknown` (a task that nobody answered for, or that cannot be seen) or `cancelled`; \
               with several services the worst of theirs; empty on a dry run.",
    },
    OutputSpec {
        name: "reason",
        help: "Why it did not end well, or where it is paused; empty when all is deployed and moved.",
    },
    OutputSpec { name: "hook-id", help: "Id of the PAUSE hook that waits for somebody to go on; empty without one." },
    OutputSpec {
        name: "services-json",
        help: "Each service as JSON: `service`, `verdict`, `reason`, `deployment-id`, `service-deployment-arn`, \
               `previous-task-definition-arn`, `restored-task-definition-arn`, `hooks`, `duration-seconds`; empty on a dry run.",
    },
    OutputSpec {
        name: "diagnosis-json",
        help: "What is known of why a deployment did not end well, as JSON of at most 64 KiB; empty when it did.",
    },
    OutputSpec { name: "duration-seconds", help: "How long it took, in whole seconds." },
    OutputSpec {
        name: "run-task-arn",
        help: "ARN of the task that `run-task` ran, in a JSON list as the official action's; empty when none was run.",
    },
    OutputSpec {
        name: "exit-code",
        help: "Exit code of the task's essential containers: 0, or that of the one to blame; empty when none ended.",
    },
    OutputSpec {
        name: "codedeploy-deployment-id",
        help: "Id of the deployment of CodeDeploy; empty for a service that ECS deploys itself.",
    },
];

/// Tells what was done, or what would be.
pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    Report {
        verdict: outcome.map_or_else(|| forecast(plan), |outcome| verdict(plan, outcome)),
        outputs: outputs(plan, outcome),
        summary: summary::summary(plan, outcome),
        annotations: outcome.map_or_else(|| notices::foretold(plan), notices::learnt),
        failure: outcome.map_or_else(|| refusal(plan), |outcome| failure(inputs, plan, outcome)),
        ..Report::default()
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
        outputs.set("task-definition", &*outcome.task_definition);
        outputs.set("revision", revision_name(&outcome.task_definition));
        outputs.set("deployment-id", decisive.map_or("", |service| service.deployment.as_str()));
        outputs.set("service-deployment-arn", decisive.map_or("", |service| service.service_deployment.as_str()));
        let hook = decisive.and_then(|service| service.hooks.first());
        outputs.set("hook-id", hook.map_or("", |hook| hook.id.as_str()));
        let by_codedeploy = |own: &&ServiceOutcome| {
            plan.services.iter().any(|service| service.service == own.service && service.codedeploy.is_some())
        };
        outputs
            .set("codedeploy-deployment-id", decisive.filter(by_codedeploy).map_or("", |own| own.deployment.as_str()));
        outputs.set("services-json", services_json(outcome));
        outputs.set("verdict", outcome.word());
        outputs.set("reason", reason(outcome));
        outputs.set("diagnosis-json", diagnosis_json(outcome));
        outputs.set("duration-seconds", outcome.seconds.to_string());
        outputs.set("run-task-arn", outcome.task.as_ref().map_or_else(String::new, TaskOutcome::arns_json));
        outputs.set("exit-code", outcome.task.as_ref().map_or_else(String::new, TaskOutcome::code_text));
    } else if let Registration::Reuse(arn) = &plan.registration {
        outputs.set("task-definition-arn", &**arn);
        outputs.set("task-definition", &**arn);
        outputs.set("revision", revision_name(arn));
    }
    outputs
}

fn services_json(outcome: &Outcome) -> String {
    let entry = |service: &ServiceOutcome| {
        json!({
            "service": service.service, "verdict": service.verdict.as_str(), "reason": service.reason,
            "deployment-id": service.deployment, "service-deployment-arn": service.service_deployment,
            "previous-task-definition-arn": service.previous,
            "restored-task-definition-arn": service.restored.as_deref().unwrap_or_default(),
            "hooks": service.hooks, "duration-seconds": service.seconds
        })
    };
    Value::from(outcome.services.iter().map(entry).collect::<Vec<_>>()).to_string()
}

/// `75` as `1 min 15 s`.
pub(crate) fn duration(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

/// On a dry run: what would keep it from being done.
fn refusal(plan: &Plan) -> Option<Failure> {
    let problems = plan.obstacles.clone();
    (!problems.is_empty()).then(|| Failure::from_error(&Error::Preflight { problems }))
}

fn failure(inputs: &Inputs, plan: &Plan, outcome: &Outcome) -> Option<Failure> {
    if let Some(failure) = not_moved(outcome, "ecs-deploy/cancelled") {
        return Some(failure);
    }
    if let Some(task) = outcome.task_alone() {
        return run_task::report::failure(task, verdict(plan, outcome), plan);
    }
    if let Some(error) = only_error(outcome) {
        return Some(error);
    }
    let code = outcome.verdict.code_name()?;
    let failure = Failure::new(code, verdict(plan, outcome), outcome.verdict.exit_code());
    Some(failure.why(why(outcome)).help(help::help(inputs, plan, outcome)))
}

/// The error that ended the only service of a run, which is the run's.
pub(crate) fn only_error(outcome: &Outcome) -> Option<Failure> {
    match outcome.services.as_slice() {
        [only] => only.error.clone(),
        _ => None,
    }
}

/// Everything is deployed, and a rule or a schedule still starts what it started; `cancelled` is the code of a cancelled run.
pub(crate) fn not_moved(outcome: &Outcome, cancelled: &'static str) -> Option<Failure> {
    let failed = failed_moves(outcome);
    if failed.is_empty() {
        return None;
    }
    let (count, revision) = (outcome.moved.len(), revision_name(&outcome.task_definition));
    let those = format!("{} of {count} rules and schedules", failed.len());
    let (code, message, exit) = if outcome.moved.iter().any(Moved::is_cancelled) {
        (
            cancelled,
            format!("cancelled before {those} were moved to {revision}, which is deployed"),
            ExitCode::Cancelled,
        )
    } else {
        (NOT_MOVED, format!("{those} could not be moved to {revision}, which is deployed"), ExitCode::Failed)
    };
    let help = "correct what is named and run the step again: what is deployed and moved already is left as it is";
    Some(Failure::new(code, message, exit).why(failed.join("\n")).help(help))
}

/// What still starts what it started although everything is deployed, each in one line.
fn failed_moves(outcome: &Outcome) -> Vec<String> {
    let revision = revision_name(&outcome.task_definition);
    let failed = outcome.moved.iter().filter(|moved| outcome.verdict.is_success() && moved.has_failed());
    failed.map(|moved| moved.line(revision)).collect()
}

/// Why it did not end well: of the services, or else of what is moved after them.
pub(crate) fn reason(outcome: &Outcome) -> String {
    if outcome.reason.is_empty() { failed_moves(outcome).join("; ") } else { outcome.reason.clone() }
}

/// Of each service that did not end well: the reason, and the first cause. The log and the summary have the rest.
pub(crate) fn why(outcome: &Outcome) -> String {
    let several = outcome.services.len() > 1;
    // Its error's help is the run's.
    let decisive = outcome.decisive().map(|own| own.service.as_str());
    let mut lines = Vec::new();
    for service in outcome.services.iter().filter(|service| !service.verdict.is_success()) {
        let name = if several { format!("{}: ", service.service) } else { String::new() };
        let said = why_of(service, decisive == Some(&service.service));
        lines.extend(said.into_iter().map(|line| format!("{name}{line}")));
    }
    lines.join("\n")
}

fn why_of(service: &ServiceOutcome, is_decisive: bool) -> Vec<String> {
    let known = service.diagnosis.iter().flat_map(Diagnosis::short);
    // `3 tasks stopped: app exited with 1` is said already where the reason tells of the container.
    let is_said = |line: &str| {
        let words = line.split_once(": ").map_or(line, |(_, words)| words);
        service.reason.contains(line) || (!words.is_empty() && service.reason.contains(words))
    };
    let help = service.error.iter().filter(|_| !is_decisive).filter_map(|error| error.help.clone());
    let new = known.chain(help).filter(|line| !is_said(line));
    std::iter::once(service.reason.clone()).chain(new).filter(|line| !line.is_empty()).collect()
}

/// What was found out about the services that did not end well.
pub(crate) fn diagnosis_json(outcome: &Outcome) -> String {
    let entries = outcome.services.iter().filter_map(|service| {
        let diagnosis = service.diagnosis.as_ref()?;
        Some(diagnosis::json::Entry {
            service: &service.service,
            verdict: service.verdict.as_str(),
            reason: &service.reason,
            cause: diagnosis.cause().unwrap_or_default(),
            advice: diagnosis.advice().unwrap_or_default(),
            diagnosis,
        })
    });
    let of_task = outcome.task.as_ref().and_then(run_task::report::entry);
    diagnosis::json::document(&of_task.into_iter().chain(entries).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
