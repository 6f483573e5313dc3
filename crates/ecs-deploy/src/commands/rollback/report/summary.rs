//! The step summary: where each service goes, what is known of it, what it ran, and what happened.

use actions_core::markdown::{Cell, code, escape, table};

use crate::commands::rollback::plan::{How, OnePlan, RollbackPlan};
use crate::commands::rollback::report::{ended, warnings};
use crate::names::revision_name;
use crate::outcome::Outcome;
use crate::report::{duration, evidence, foreseen, moved, preflight, timeline};

/// The whole summary.
pub(super) fn summary(plan: &RollbackPlan, done: Option<&Outcome>) -> String {
    let services = done.map_or(&[][..], |done| &done.services);
    let (headline, evidence) = evidence(services);
    let consoles = plan.services.iter().filter_map(|one| {
        let link = one.plan.services.first()?.console.as_ref()?;
        Some(format!("[Deployments of {} in the AWS console](<{link}>)\n", escape(&one.service)))
    });
    let mut parts = vec![
        headline,
        ways(plan, done),
        done.map_or_else(String::new, |_| known(plan)),
        told(plan, done),
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

/// When each revision ran well, and what is left out; of a plan the verdict says so.
fn known(plan: &RollbackPlan) -> String {
    let line = |one: &OnePlan| {
        let known = one.known();
        (!known.is_empty()).then(|| format!("- {}{}\n", code(revision_name(&one.to)), escape(&known)))
    };
    let mut lines: Vec<String> = plan.services.iter().filter_map(line).collect();
    lines.dedup();
    lines.concat()
}

/// The warnings as a list.
fn told(plan: &RollbackPlan, done: Option<&Outcome>) -> String {
    let planned = plan.services.iter().flat_map(|one| one.warnings.iter().cloned());
    let all = planned.chain(done.into_iter().flat_map(warnings));
    all.map(|text| format!("- ⚠️ {}\n", escape(&text))).collect::<Vec<_>>().concat()
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
