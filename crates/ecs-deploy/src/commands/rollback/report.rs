//! What the run tells. Pure.

use actions_core::markdown::{Cell, code, escape, table};
use actions_core::{Annotation, Failure, OutputSpec, Outputs, Report};
use serde_json::{Value, json};

use crate::commands::rollback::apply::RollbackOutcome;
use crate::commands::rollback::error::RollbackError;
use crate::commands::rollback::inputs::RollbackInputs;
use crate::commands::rollback::plan::{How, OnePlan, RollbackPlan};
use crate::names::revision_name;
use crate::next::{self, Place, Run};
use crate::outcome::{Outcome, ServiceOutcome, Verdict};
use crate::report::{
    advised, diagnosis_json, duration, evidence, foreseen, moved, not_moved, only_error, preflight, reason, targets,
    timeline, why,
};

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
        summary: summary(plan, done),
        annotations: annotations(plan, done),
        failure: done.map_or_else(|| refusal(plan), |done| failure(plan, done)),
    }
}

/// On a plan: what would keep it from being done.
fn refusal(plan: &RollbackPlan) -> Option<Failure> {
    let problems = plan.obstacles();
    (!problems.is_empty()).then(|| Failure::from_error(&RollbackError::NotReady { problems }))
}

fn annotations(plan: &RollbackPlan, done: Option<&Outcome>) -> Vec<Annotation> {
    let notices = plan.services.iter().flat_map(|one| &one.notices).cloned().map(Annotation::notice);
    let several = plan.services.len() > 1;
    let of_services = done.into_iter().flat_map(|done| &done.services).flat_map(|own| {
        let name = &own.service;
        own.warnings.iter().map(move |text| if several { format!("{name}: {text}") } else { text.clone() })
    });
    let planned = plan.services.iter().flat_map(|one| one.warnings.iter().cloned());
    let of_run = done.into_iter().flat_map(|done| done.warnings.iter().cloned());
    let warnings = planned.chain(of_run).chain(of_services).map(Annotation::warning);
    notices.chain(warnings).map(|annotation| annotation.title("ecs-rollback")).collect()
}

/// `web from shop:8 to shop:7`.
fn way(one: &OnePlan) -> String {
    format!("{} from {} to {}", one.service, revision_name(&one.from), revision_name(&one.to))
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

fn summary(plan: &RollbackPlan, done: Option<&Outcome>) -> String {
    let services = done.map_or(&[][..], |done| &done.services);
    let (headline, evidence) = evidence(services);
    let consoles = plan.services.iter().filter_map(|one| {
        let link = one.plan.services.first()?.console.as_ref()?;
        Some(format!("[Deployments of {} in the AWS console](<{link}>)\n", escape(&one.service)))
    });
    let mut parts = vec![
        headline,
        ways(plan, done),
        facts(plan, done),
        images(plan),
        moved(done),
        foreseen(&plan.foreseen),
        evidence,
        timeline(services),
    ];
    let several = plan.services.len() > 1;
    parts.extend(plan.services.iter().map(|one| preflight(&one.preflight, several.then_some(one.service.as_str()))));
    parts.extend(consoles);
    parts.retain(|part| !part.is_empty());
    parts.join("\n") + "\n"
}

/// A row for each service.
fn ways(plan: &RollbackPlan, done: Option<&Outcome>) -> String {
    let row = |one: &OnePlan| {
        let how = match &one.how {
            How::Stop { .. } => "ECS rolls the deployment under way back".to_owned(),
            How::StopDeployment { deployment } => format!("CodeDeploy stops {} and goes back", code(deployment)),
            How::Update => "the service is given the revision".to_owned(),
            How::Deploy { displaces: None } => "CodeDeploy deploys the revision again".to_owned(),
            How::Deploy { displaces: Some(other) } => {
                format!("CodeDeploy stops {}, then deploys the revision again", code(other))
            }
            How::Nothing(why) => format!("left: {}", escape(why)),
        };
        let verdict = ended(one, done).map_or("-", |own| own.verdict.as_str());
        vec![Cell::code(&one.service), Cell::Markdown(revisions(one)), Cell::Markdown(how), Cell::text(verdict)]
    };
    table(&["Service", "Revision", "How", "Verdict"], &plan.services.iter().map(row).collect::<Vec<_>>())
}

fn revisions(one: &OnePlan) -> String {
    let (from, to) = (code(revision_name(&one.from)), code(revision_name(&one.to)));
    if from == to { to } else { format!("{from} → {to}") }
}

fn facts(plan: &RollbackPlan, done: Option<&Outcome>) -> String {
    let mut rows = vec![vec![Cell::text("Cluster"), Cell::code(&plan.cluster)]];
    if let Some(done) = done {
        rows.push(vec![Cell::text("Verdict"), Cell::text(done.verdict.as_str())]);
        rows.push(vec![Cell::text("Duration"), Cell::text(duration(done.seconds))]);
    }
    table(&["", ""], &rows)
}

/// The images that change.
fn images(plan: &RollbackPlan) -> String {
    let rows: Vec<Vec<Cell>> = plan
        .services
        .iter()
        .flat_map(|one| one.images.iter().map(move |image| (one, image)))
        .filter(|(_, image)| image.before.as_ref() != Some(&image.after))
        .map(|(one, image)| {
            let before = image.before.as_ref().map_or_else(|| "not known".to_owned(), |image| code(image));
            vec![
                Cell::code(&one.service),
                Cell::code(&image.container),
                Cell::Markdown(before),
                Cell::code(&image.after),
            ]
        })
        .collect();
    if rows.is_empty() {
        String::new()
    } else {
        table(&["Service", "Container", "Image before", "Image restored"], &rows)
    }
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
        next::after(own, &Place::new(&plan.cluster, &own.service, to), to, Run::Rollback)
    });
    let console = decisive(plan, Some(done)).and_then(|one| one.plan.services.first()?.console.as_deref());
    let failure = Failure::new(code, verdict(plan, done), done.verdict.exit_code());
    Some(failure.why(why(done)).help(advised(done, &help, console)))
}
