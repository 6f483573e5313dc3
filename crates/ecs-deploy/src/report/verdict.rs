//! The verdict in one line, and on a dry run what would be done.

use crate::names::revision_name;
use crate::outcome::{Outcome, ServiceOutcome, Verdict};
use crate::plan::{Plan, Registration};
use crate::report::duration;
use crate::run_task::report;

/// Where: `service web in cluster prod`, `services web, worker in cluster prod`.
fn place<'a>(plan: &Plan, services: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = services.into_iter().collect();
    let word = if names.len() == 1 { "service" } else { "services" };
    format!("{word} {} in cluster {}", names.join(", "), plan.cluster)
}

/// What would be done.
pub(super) fn forecast(plan: &Plan) -> String {
    let of = |updated: bool| {
        let services = plan.services.iter().filter(move |service| service.update.is_some() == updated);
        services.map(|service| service.service.as_str()).collect::<Vec<&str>>()
    };
    let (updated, left) = (of(true), of(false));
    let would = match &plan.registration {
        Registration::New if plan.services.is_empty() => format!("would register a new revision of {}", plan.family),
        Registration::New => {
            format!("would register a new revision of {}, and would update {}", plan.family, place(plan, updated))
        }
        Registration::Reuse(arn) if plan.services.is_empty() => {
            format!("already registered: {} is the same, nothing would be changed", revision_name(arn))
        }
        Registration::Reuse(arn) if updated.is_empty() => {
            format!("already deployed: {} runs {}, nothing would be changed", place(plan, left), revision_name(arn))
        }
        Registration::Reuse(arn) => would_reuse(plan, updated, arn),
    };
    let then = targets(plan);
    let of = if let Registration::Reuse(arn) = &plan.registration { revision_name(arn) } else { "it" };
    match &plan.task {
        Some(task) if !plan.services.is_empty() => format!("{would}; before that {}{then}", report::forecast(task, of)),
        // What is registered already is no end of its own.
        Some(task) if of != "it" => format!("{}{then}", report::forecast(task, of)),
        Some(task) => format!("{would}; {}{then}", report::forecast(task, of)),
        None => format!("{would}{then}"),
    }
}

/// What would be moved afterwards.
pub(crate) fn targets(plan: &Plan) -> String {
    let rules = plan.targets.rules.iter().map(|place| format!("rule {place}"));
    let all: Vec<String> =
        rules.chain(plan.targets.schedules.iter().map(|place| format!("schedule {place}"))).collect();
    if all.is_empty() { String::new() } else { format!("; then would move {}", all.join(", ")) }
}

fn would_reuse(plan: &Plan, updated: Vec<&str>, arn: &str) -> String {
    let stays = plan.services.iter().all(|service| service.previous == arn);
    let how = if stays { "stays at" } else { "gets" };
    format!("would update {}, which {how} {}", place(plan, updated), revision_name(arn))
}

/// How it ended.
pub(super) fn verdict(plan: &Plan, outcome: &Outcome) -> String {
    let revision = revision_name(&outcome.task_definition);
    if let Some(task) = outcome.task_alone() {
        return blocked(plan, &report::sentence(task, revision));
    }
    let Some(decisive) = outcome.decisive() else {
        return match outcome.verdict {
            Verdict::AlreadyRegistered => format!("already registered: {revision} is the same, nothing was changed"),
            _ => format!("registered {revision}"),
        };
    };
    let same = |service: &&ServiceOutcome| service.verdict == outcome.verdict;
    let place = place(plan, outcome.services.iter().filter(same).map(|service| service.service.as_str()));
    format!("{}{}", worst(outcome, decisive, &place), others(outcome))
}

/// What the task kept from being done.
fn blocked(plan: &Plan, sentence: &str) -> String {
    if plan.services.is_empty() {
        return sentence.to_owned();
    }
    let place = place(plan, plan.services.iter().map(|service| service.service.as_str()));
    let was = if plan.services.len() == 1 { "was" } else { "were" };
    format!("{sentence}, so {place} {was} not updated")
}

fn worst(outcome: &Outcome, decisive: &ServiceOutcome, place: &str) -> String {
    let revision = revision_name(&outcome.task_definition);
    let time = duration(outcome.seconds);
    match outcome.verdict {
        Verdict::Deployed => format!("deployed {revision} to {place} in {time}"),
        Verdict::AlreadyDeployed => format!("already deployed: {place} runs {revision}, nothing was changed"),
        Verdict::Registered | Verdict::AlreadyRegistered => format!("registered {revision}"),
        Verdict::Updated => format!("updated {place} to {revision}, not waited for"),
        Verdict::Paused => format!("paused: {revision} on {place} waits for somebody to go on"),
        Verdict::StageReached => format!("stage reached: {revision} on {place}, whose deployment goes on"),
        Verdict::Restored => {
            let restored = decisive.restored.as_deref().map_or("the previous revision", revision_name);
            format!("restored: {place} went back from {revision} to {restored} in {time}")
        }
        Verdict::RolledBack => {
            let restored = decisive.restored.as_deref().map_or("the previous revision", revision_name);
            let doubt = decisive
                .good
                .as_deref()
                .map_or_else(String::new, |good| format!(", though {} was successful last", revision_name(good)));
            format!("rolled back: {revision} failed on {place}, which went back to {restored}{doubt}")
        }
        Verdict::Failed => format!("failed: {revision} on {place}"),
        Verdict::Superseded => format!("superseded: {place} was given another revision while {revision} rolled out"),
        Verdict::TimedOut => format!("timed out: {revision} on {place} is not complete after {time}"),
        Verdict::Cancelled => format!("cancelled while {revision} was deployed to {place}"),
    }
}

/// Of several services, those that ended another way: `; web: deployed`.
fn others(outcome: &Outcome) -> String {
    let others = outcome.services.iter().filter(|service| service.verdict != outcome.verdict);
    let others: Vec<String> =
        others.map(|service| format!("; {}: {}", service.service, service.verdict.as_str())).collect();
    others.concat()
}
