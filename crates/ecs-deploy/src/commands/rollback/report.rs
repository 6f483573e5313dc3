//! What the run tells. Pure.

mod summary;

use actions_core::{Annotation, Failure, OutputSpec, Outputs, Report};
use serde_json::{Value, json};

use crate::commands::rollback::apply::RollbackOutcome;
use crate::commands::rollback::error::RollbackError;
use crate::commands::rollback::inputs::RollbackInputs;
use crate::commands::rollback::plan::{How, OnePlan, RollbackPlan};
use crate::names::revision_name;
use crate::next::{self, Place, Run};
use crate::outcome::{Outcome, ServiceOutcome, Verdict};
use crate::report::{advised, diagnosis_json, duration, not_moved, only_error, reason, targets, why};

/// The declared outputs.
pub(super) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec {
        name: "verdict",
        help: "`restored`, `already-deployed` (nothing had to be done), `paused` and `stage-reached` (waited for with `wait-until`), \
               `rolled-back` (the restored revision failed too, and ECS went back from it), `failed`, `superseded`, `timed-out` or \
               `cancelled`; with several services the worst of theirs; empty with `mode: plan` and on a dry run.",
    },
    OutputSpec { name: "reason", help: "Why it did not end well; empty when it did." },
    OutputSpec {
        name: "task-definition-arn",
        help: "ARN of the task definition that is restored; with several services that of the one that decides the verdict.",
    },
    OutputSpec { name: "revision", help: "The same as `family:revision`." },
    OutputSpec {
        name: "previous-task-definition-arn",
        help: "ARN of the task definition that the service ran before.",
    },
    OutputSpec { name: "deployment-id", help: "Id of the deployment that was followed; empty when nothing was done." },
    OutputSpec {
        name: "service-deployment-arn",
        help: "ARN of the service deployment that was followed; empty where it was not found or may not be read.",
    },
    OutputSpec {
        name: "services-json",
        help: "Each service as JSON: `service`, `from`, `to`, `how` (`stop`, `update`, `deploy`, `nothing`), and once it is done `verdict`, \
               `reason`, `restored`, `duration-seconds`.",
    },
    OutputSpec {
        name: "diagnosis-json",
        help: "What is known of why it did not end well, as JSON of at most 64 KiB; empty when it did.",
    },
    OutputSpec { name: "duration-seconds", help: "How long it took, in whole seconds; empty when nothing was done." },
];

/// Tells what was done, or what would be.
pub(super) fn report(_: &RollbackInputs, plan: &RollbackPlan, outcome: Option<&RollbackOutcome>) -> Report {
    let done = outcome.and_then(RollbackOutcome::done);
    Report {
        verdict: done.map_or_else(|| forecast(plan), |done| verdict(plan, done)),
        outputs: outputs(plan, done),
        summary: summary::summary(plan, done),
        annotations: done.map_or_else(|| foretold(plan), learnt),
        failure: done.map_or_else(|| refusal(plan), |done| failure(plan, done)),
        ..Report::default()
    }
}

/// On a plan: what would keep it from being done.
fn refusal(plan: &RollbackPlan) -> Option<Failure> {
    let problems = plan.obstacles();
    (!problems.is_empty()).then(|| Failure::from_error(&RollbackError::NotReady { problems }))
}

/// What was known before anything was done. A run tells it first.
pub(super) fn foretold(plan: &RollbackPlan) -> Vec<Annotation> {
    let notices = plan.services.iter().flat_map(|one| &one.notices).cloned().map(Annotation::notice);
    let warnings = plan.services.iter().flat_map(|one| &one.warnings).cloned().map(Annotation::warning);
    notices.chain(warnings).map(|annotation| annotation.title("ecs-rollback")).collect()
}

/// What came of it.
fn learnt(done: &Outcome) -> Vec<Annotation> {
    warnings(done).into_iter().map(|text| Annotation::warning(text).title("ecs-rollback")).collect()
}

/// Of several services each says whose it is.
fn warnings(done: &Outcome) -> Vec<String> {
    let several = done.services.len() > 1;
    let of_services = done.services.iter().flat_map(|own| {
        let name = &own.service;
        own.warnings.iter().map(move |text| if several { format!("{name}: {text}") } else { text.clone() })
    });
    done.warnings.iter().cloned().chain(of_services).collect()
}

/// `web from shop:8 to shop:7`.
fn way(one: &OnePlan) -> String {
    format!("{} from {} to {}{}", one.service, revision_name(&one.from), revision_name(&one.to), one.known())
}

fn forecast(plan: &RollbackPlan) -> String {
    let parts: Vec<String> = plan
        .services
        .iter()
        .map(|one| match &one.how {
            How::Stop { .. } => format!("would have ECS roll back {}", way(one)),
            How::StopDeployment { deployment } => format!("would stop deployment {deployment} and take {}", way(one)),
            How::Update => format!("would take {}", way(one)),
            How::Deploy { displaces: None } => format!("would have CodeDeploy take {}", way(one)),
            How::Deploy { displaces: Some(other) } => {
                format!("would stop deployment {other} and have CodeDeploy take {}", way(one))
            }
            How::Nothing(why) => format!("would leave {} at {}: {why}", one.service, revision_name(&one.to)),
        })
        .collect();
    let then = plan.services.first().map(|one| targets(&one.plan)).unwrap_or_default();
    format!("{} (cluster {}){then}", parts.join("; "), plan.cluster)
}

/// The service whose end decides the verdict, with its plan.
fn decisive<'a>(plan: &'a RollbackPlan, done: Option<&Outcome>) -> Option<&'a OnePlan> {
    let name = done.and_then(Outcome::decisive).map(|own| own.service.as_str());
    let found = name.and_then(|name| plan.services.iter().find(|one| one.service == name));
    found.or_else(|| plan.services.first())
}

fn verdict(plan: &RollbackPlan, done: &Outcome) -> String {
    let Some(one) = decisive(plan, Some(done)) else { return done.verdict.as_str().to_owned() };
    let (from, to) = (revision_name(&one.from), revision_name(&one.to));
    let place = format!("service {} in cluster {}", one.service, plan.cluster);
    let time = duration(done.seconds);
    let head = match done.verdict {
        Verdict::Restored => format!("restored: {place} went back from {from} to {to} in {time}"),
        Verdict::AlreadyDeployed => format!("already there: {place} runs {to}, nothing was changed"),
        Verdict::Paused => format!("paused: the way of {place} back to {to} waits for somebody to go on"),
        Verdict::StageReached => format!("stage reached: {place} goes back to {to}"),
        Verdict::RolledBack => format!("rolled back: {to} failed on {place} too, and ECS went back from it"),
        Verdict::Superseded => format!("superseded: {place} was given another revision on its way back to {to}"),
        Verdict::TimedOut => format!("timed out: {place} is not back at {to} after {time}"),
        Verdict::Cancelled => format!("cancelled while {place} went back to {to}"),
        Verdict::Failed | Verdict::Deployed | Verdict::Updated | Verdict::Registered | Verdict::AlreadyRegistered => {
            format!("failed: {place} did not go back to {to}")
        }
    };
    let others = done.services.iter().filter(|own| own.verdict != done.verdict);
    let others: Vec<String> = others.map(|own| format!("; {}: {}", own.service, own.verdict.as_str())).collect();
    format!("{head}{}", others.concat())
}

fn outputs(plan: &RollbackPlan, done: Option<&Outcome>) -> Outputs {
    let mut outputs = OUTPUTS.iter().fold(Outputs::new(), |outputs, spec| outputs.with(spec.name, ""));
    if let Some(one) = decisive(plan, done) {
        outputs.set("task-definition-arn", &*one.to);
        outputs.set("revision", revision_name(&one.to));
        outputs.set("previous-task-definition-arn", &*one.from);
    }
    outputs.set("services-json", services_json(plan, done));
    if let Some(done) = done {
        let own = done.decisive();
        outputs.set("verdict", done.verdict.as_str());
        outputs.set("reason", reason(done));
        outputs.set("deployment-id", own.map_or("", |own| own.deployment.as_str()));
        outputs.set("service-deployment-arn", own.map_or("", |own| own.service_deployment.as_str()));
        outputs.set("diagnosis-json", diagnosis_json(done));
        outputs.set("duration-seconds", done.seconds.to_string());
    }
    outputs
}

fn services_json(plan: &RollbackPlan, done: Option<&Outcome>) -> String {
    let entry = |one: &OnePlan| {
        let how = match &one.how {
            How::Stop { .. } | How::StopDeployment { .. } => "stop",
            How::Update => "update",
            How::Deploy { .. } => "deploy",
            How::Nothing(_) => "nothing",
        };
        let mut entry = json!({"service": one.service, "from": one.from, "to": one.to, "how": how});
        if let Some(own) = ended(one, done) {
            entry["verdict"] = own.verdict.as_str().into();
            entry["reason"] = own.reason.as_str().into();
            entry["restored"] = own.restored.clone().unwrap_or_default().into();
            entry["duration-seconds"] = own.seconds.into();
        }
        entry
    };
    Value::from(plan.services.iter().map(entry).collect::<Vec<_>>()).to_string()
}

fn ended<'a>(one: &OnePlan, done: Option<&'a Outcome>) -> Option<&'a ServiceOutcome> {
    done?.services.iter().find(|own| own.service == one.service)
}

fn failure(plan: &RollbackPlan, done: &Outcome) -> Option<Failure> {
    if let Some(failure) = not_moved(done, "ecs-rollback/cancelled") {
        return Some(failure);
    }
    if let Some(error) = only_error(done) {
        return Some(error);
    }
    let code = match done.verdict {
        // As before anything was begun.
        Verdict::Cancelled => "ecs-rollback/cancelled",
        verdict => verdict.code_name()?,
    };
    let help = done.decisive().map_or_else(String::new, |own| {
        let to = decisive(plan, Some(done)).map_or("", |one| one.to.as_str());
        let code = decisive(plan, Some(done)).and_then(|one| one.plan.services.first()?.codedeploy.as_ref());
        next::after(own, &Place::new(&plan.cluster, &own.service, to).deployed_by(code), Run::Rollback)
    });
    let console = decisive(plan, Some(done)).and_then(|one| one.plan.services.first()?.console.as_deref());
    let failure = Failure::new(code, verdict(plan, done), done.verdict.exit_code());
    Some(failure.why(why(done)).help(advised(done, &help, console)))
}
