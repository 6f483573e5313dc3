//! What ECS remembers of a service.

use std::collections::{BTreeMap, BTreeSet};

use aws_client::ApiError;

use crate::commands::rollback::choice::{Failure, Past, Present, Success};
use crate::ecs::{DESCRIBED_AT_ONCE, Ecs};
use crate::history::History;
use crate::rollout::Candidate;
use crate::service::{list, owned};
use crate::service_deployment::{Brief, ServiceDeployment, Status};

/// How many of the newest deployments that were not successful are looked at.
const FAILURES: usize = 10;

/// What ECS remembers, and the same as following needs it.
pub(super) async fn read(ecs: &Ecs, cluster: &str, service: &str) -> Result<(Past, History), ApiError> {
    let known = ecs.all_service_deployments(cluster, service).await?;
    let newest = known.iter().max_by(|a, b| a.created.unwrap_or_default().total_cmp(&b.created.unwrap_or_default()));
    let present = match newest {
        Some(newest) => {
            let found = ecs.service_deployments(std::slice::from_ref(&newest.arn)).await;
            found?.into_iter().next()
        }
        None => None,
    };
    let source = present.as_ref().and_then(only_source);
    let successes: Vec<&Brief> = known.iter().filter(|brief| brief.status == Status::Successful).collect();
    let mut failures: Vec<(&Brief, &'static str)> =
        known.iter().filter_map(|brief| Some((brief, failed(&brief.status)?))).collect();
    failures.sort_by(|(a, _), (b, _)| b.ended().total_cmp(&a.ended()));
    failures.truncate(FAILURES);
    let bad = failures.iter().map(|(brief, _)| brief.target.clone());
    let mut wanted: BTreeSet<String> = successes.iter().map(|brief| brief.target.clone()).chain(bad).collect();
    wanted.extend(present.iter().map(|present| present.target.clone()).chain(source.clone()));
    wanted.remove("");
    let wanted: Vec<String> = wanted.into_iter().collect();
    let mut definitions = BTreeMap::new();
    for some in wanted.chunks(DESCRIBED_AT_ONCE) {
        definitions.extend(ecs.service_revisions(some).await?);
    }
    let of = |revision: &str| definitions.get(revision).cloned().unwrap_or_default();
    let successes = successes.into_iter().map(|brief| Success {
        ended: brief.ended(),
        revision: brief.target.clone(),
        task_definition: of(&brief.target),
    });
    let failures = failures.into_iter().map(|(brief, how)| Failure {
        ended: brief.ended(),
        task_definition: of(&brief.target),
        how,
    });
    let past = Past {
        successes: successes.filter(|success| !success.task_definition.is_empty()).collect(),
        failures: failures.filter(|failure| !failure.task_definition.is_empty()).collect(),
        oldest: known.iter().filter_map(|brief| brief.created).min_by(f64::total_cmp),
        present: present.as_ref().map(|present| Present {
            arn: present.arn.clone(),
            status: present.status.clone(),
            revision: present.target.clone(),
            source: source.map(|arn| (of(&arn), arn)).filter(|(own, _)| !own.is_empty()).map(|(own, arn)| (arn, own)),
            task_definition: of(&present.target),
        }),
    };
    let present = present.map(|deployment| Candidate { task_definition: of(&deployment.target), deployment });
    Ok((past, History { known, present, refused: None }))
}

/// What ran before it, where that was exactly one thing.
fn only_source(deployment: &ServiceDeployment) -> Option<String> {
    let mut sources = list(&deployment.raw, "sourceServiceRevisions").map(|source| owned(source, "arn"));
    match (sources.next(), sources.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// How a deployment failed; `None` when it did not, or has not ended. ECS stops one that fails without a rollback, and one whose place
/// another takes.
fn failed(status: &Status) -> Option<&'static str> {
    match status {
        Status::RollbackSuccessful => Some("was rolled back"),
        Status::RollbackFailed => Some("failed, and could not be rolled back"),
        Status::Stopped => Some("was stopped before it was complete"),
        Status::Pending
        | Status::InProgress
        | Status::Successful
        | Status::StopRequested
        | Status::RollbackRequested
        | Status::RollbackInProgress
        | Status::Unknown(_) => None,
    }
}
