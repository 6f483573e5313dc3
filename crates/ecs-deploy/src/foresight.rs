//! What a dry run tells beyond its plan: which rules and schedules would be moved, and what would be deregistered. It only reads.

use crate::ecs::Ecs;
use crate::inputs::Inputs;
use crate::names;
use crate::observe::Snapshot;
use crate::plan::{Plan, Registration};
use crate::prune::{self, Family};
use crate::targets;

/// Each in one line.
pub(crate) async fn foresee(inputs: &Inputs, plan: &Plan, snapshot: &Snapshot, ecs: &Ecs) -> Vec<String> {
    if inputs.targets.is_empty() && inputs.keep_revisions.is_none() {
        return Vec::new();
    }
    let Some(arn) = revision(plan, snapshot, ecs) else {
        return vec!["what would be moved and deregistered was not looked at: the account is not known".to_owned()];
    };
    let mut lines = targets::foresee(ecs, &inputs.targets, &arn).await;
    if let Some(keep) = inputs.keep_revisions {
        // The new revision is one of the newest.
        let keep = if plan.registration == Registration::New { keep - 1 } else { keep };
        let spared = plan.services.iter().map(|service| service.previous.clone()).chain([arn.clone()]).collect();
        lines.push(Box::pin(prune::foresee(ecs, inputs, &Family { arn: &arn, keep, spared })).await);
    }
    lines
}

/// The revision that would be deployed; one that is not registered yet has no number, and is none of those there are.
fn revision(plan: &Plan, snapshot: &Snapshot, ecs: &Ecs) -> Option<String> {
    if let Registration::Reuse(arn) = &plan.registration {
        return Some(arn.clone());
    }
    let known = snapshot.current.as_ref().filter(|current| names::family(&current.arn) == plan.family);
    let family = match known {
        Some(current) => current.arn.rsplit_once(':').map(|(family, _)| family.to_owned()),
        None => ecs.revision_arn(&plan.family),
    };
    family.map(|family| format!("{family}:0"))
}
