//! What there is: the services, what ECS remembers of them, and the revisions they may go back to. Changes nothing.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use actions_core::Session;
use futures::future::{join, try_join_all};
use serde_json::Value;

use crate::codedeploy;
use crate::commands::rollback::args::Mode;
use crate::commands::rollback::by_codedeploy;
use crate::commands::rollback::candidates::candidates;
use crate::commands::rollback::choice::{Choice, Nowhere, Past, choose, family, number};
use crate::commands::rollback::error::RollbackError;
use crate::commands::rollback::inputs::{RollbackInputs, To};
use crate::commands::rollback::past::read;
use crate::ecs::Ecs;
use crate::error::Error;
use crate::follow::{lasting, refusal};
use crate::history::History;
use crate::image_check::{SeenImage, look_at_images};
use crate::inputs::Preflight;
use crate::names::ServiceName;
use crate::observe::{Registered, SeenService, hide, named, registered, service};
use crate::preflight::{Finding, lines, preflight_but_images};
use crate::rollout::Refusal;
use crate::service::{RolloutState, Service, list, owned};
use crate::targets;

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct RollbackSnapshot {
    /// The services, in the order of the inputs.
    pub(crate) services: Vec<Seen>,
    /// What would be done to rules and schedules, where nothing is done.
    pub(crate) foreseen: Vec<String>,
    /// Whether AWS itself answers, so that its console has something to show.
    pub(crate) is_aws: bool,
}

/// One service, and where it may go.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) before: SeenService,
    /// The ARN of what it aims at.
    pub(crate) from: String,
    /// What ECS or CodeDeploy remembers of it; empty when that cannot be read.
    pub(crate) past: Past,
    /// Where it goes, or why that is not known.
    pub(crate) choice: Result<Choice, Unknown>,
    /// What it then runs; where it stays, what it runs now.
    pub(crate) target: Option<Registered>,
    /// The newest active revisions of the target's family, where the target is not active.
    pub(crate) active: Vec<String>,
    /// What it could go to instead, where it cannot go where it was to: revisions that were successful, and whose images are there.
    pub(crate) candidates: Vec<String>,
    /// What it runs now, where that may be read.
    pub(crate) running: Option<Registered>,
    /// The images of what it goes back to.
    pub(crate) images: Vec<SeenImage>,
    /// What was found of all else that it names.
    pub(crate) preflight: Vec<Finding>,
}

/// Why it is not known where a service goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// What it ran cannot be read.
    Unreadable(Refusal),
    /// It is read, and there is nothing.
    Nowhere(Nowhere),
}

/// Observes everything the plan needs.
pub(super) async fn observe(
    inputs: &RollbackInputs,
    ecs: &Ecs,
    session: &Session,
) -> Result<RollbackSnapshot, RollbackError> {
    let looks = inputs.deploy.services.iter().map(|name| look(inputs, name, ecs, session));
    let services = try_join_all(looks).await?;
    for seen in &services {
        let known = [&seen.target, &seen.running].into_iter().flatten();
        hide(known.map(|known| &known.definition), session);
    }
    for (seen, name) in services.iter().zip(&inputs.deploy.services).filter(|(seen, _)| !seen.preflight.is_empty()) {
        let of = if services.len() > 1 { format!(" of {name}") } else { String::new() };
        session.log.group(&format!("preflight{of}:"), &lines(&seen.preflight));
    }
    let only_reads = session.dry_run || inputs.mode == Mode::Plan;
    let foreseen = if only_reads { foresee(inputs, &services, ecs).await } else { Vec::new() };
    for line in &foreseen {
        session.log.line(line);
    }
    Ok(RollbackSnapshot { services, foreseen, is_aws: ecs.is_aws })
}

/// What would be done to rules and schedules, which go to one revision alone.
async fn foresee(inputs: &RollbackInputs, services: &[Seen], ecs: &Ecs) -> Vec<String> {
    let mut to = services.iter().filter_map(|seen| seen.target.as_ref()).map(|target| target.arn.as_str());
    match to.next() {
        Some(first) if to.all(|other| other == first) => targets::foresee(ecs, &inputs.deploy.targets, first).await,
        _ => Vec::new(),
    }
}

async fn look(
    inputs: &RollbackInputs,
    name: &ServiceName,
    ecs: &Ecs,
    session: &Session,
) -> Result<Seen, RollbackError> {
    let service = service(&inputs.deploy.cluster, name, ecs).await?;
    let found = if service.controller == codedeploy::CONTROLLER {
        by_codedeploy::look(inputs, name, service, ecs, session).await?
    } else {
        by_ecs(inputs, name, service, ecs).await?
    };
    complete(found, inputs.deploy.preflight, ecs).await
}

/// What is found out of a service before its revisions are looked at.
pub(super) struct Found {
    pub(super) before: SeenService,
    /// The ARN of what it aims at.
    pub(super) from: String,
    pub(super) past: Past,
    pub(super) choice: Result<Choice, Unknown>,
}

async fn by_ecs(
    inputs: &RollbackInputs,
    name: &ServiceName,
    service: Service,
    ecs: &Ecs,
) -> Result<Found, RollbackError> {
    let (past, history) = match read(ecs, inputs.deploy.cluster.as_str(), name.as_str()).await {
        Ok((past, history)) => (Ok(past), history),
        Err(error) => {
            // What is named needs no history, and of a rolling deployment the counts tell the end too.
            let refused = match inputs.to {
                To::Number(_) | To::Revision(_) if service.is_rolling() => refusal(&error),
                _ => lasting(error).map_err(Error::from)?,
            };
            (Err(refused.clone()), History { refused: Some(refused), ..History::default() })
        }
    };
    let choice = chosen(&inputs.to, &service, past.as_ref());
    let from = aims_at(&service).to_owned();
    let before = SeenService { service, history, ..SeenService::default() };
    Ok(Found { before, from, past: past.unwrap_or_default(), choice })
}

/// Looks at what it goes back to, and at what it runs.
async fn complete(found: Found, preflight: Preflight, ecs: &Ecs) -> Result<Seen, RollbackError> {
    let Found { before, from, past, choice } = found;
    let to = match &choice {
        Ok(Choice::Go { to, .. }) => to.clone(),
        Ok(Choice::Stay { .. }) | Err(_) => from.clone(),
    };
    let goes = matches!(&choice, Ok(Choice::Go { .. }));
    let target = if choice.is_ok() { Some(named(ecs, &to).await?) } else { None };
    let running = match &target {
        Some(target) if target.arn == from => Some(target.clone()),
        // It is compared with; without it nothing is.
        _ => ecs.task_definition(&from).await.ok().and_then(|answer| registered(&answer).ok()),
    };
    let (active, images, found, other) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut seen =
        Seen { before, from, past, choice, target, active, candidates: other, running, images, preflight: found };
    if goes {
        look_at_target(&mut seen, preflight, ecs).await;
    }
    let is_stuck = matches!(seen.choice, Err(Unknown::Nowhere(_)));
    if is_stuck || preflight == Preflight::Fail && seen.images.iter().any(SeenImage::is_gone) {
        let undone = if let Err(Unknown::Nowhere(Nowhere::Undone(to))) = &seen.choice { Some(to) } else { None };
        let not = [Some(&seen.from), seen.target.as_ref().map(|target| &target.arn), undone];
        seen.candidates = candidates(ecs, &seen.past, &not.into_iter().flatten().collect::<Vec<_>>()).await;
    }
    Ok(seen)
}

/// What is to be known of the revision to go back to.
async fn look_at_target(seen: &mut Seen, preflight: Preflight, ecs: &Ecs) {
    let Some(target) = seen.target.as_ref().filter(|target| target.arn != seen.from) else { return };
    if target.status != "ACTIVE" {
        seen.active = ecs.active_revisions(family(&target.arn)).await.unwrap_or_default();
        return;
    }
    if preflight == Preflight::Off {
        return;
    }
    let ran = match &seen.choice {
        // What CodeDeploy deployed has no service revision.
        Ok(Choice::Go { revision, .. }) if !revision.is_empty() && seen.before.codedeploy.is_none() => {
            digests(ecs, revision).await
        }
        _ => BTreeMap::new(),
    };
    let wiring = seen.before.wiring();
    let images = look_at_images(ecs, &target.definition, &ran);
    (seen.images, seen.preflight) = join(images, preflight_but_images(ecs, &target.definition, &[&wiring])).await;
}

/// The digests that ran, by the container's name; a courtesy.
async fn digests(ecs: &Ecs, revision: &str) -> BTreeMap<String, String> {
    let found = ecs.whole_service_revisions(&[revision.to_owned()]).await.unwrap_or_default();
    let images = found.first().map(|revision| list(revision, "containerImages")).into_iter().flatten();
    images
        .map(|image: &Value| (owned(image, "containerName"), owned(image, "imageDigest")))
        .filter(|(_, digest)| !digest.is_empty())
        .collect()
}

/// What the service aims at.
fn aims_at(service: &Service) -> &str {
    let primary = service.primary().map(|primary| primary.task_definition.as_str()).filter(|arn| !arn.is_empty());
    primary.unwrap_or(&service.task_definition)
}

fn chosen(to: &To, service: &Service, past: Result<&Past, &Refusal>) -> Result<Choice, Unknown> {
    let nothing = Past::default();
    let past = match (past, to) {
        (Ok(past), _) => past,
        // What is named needs no history.
        (Err(_), To::Number(_) | To::Revision(_)) => &nothing,
        (Err(refused), To::Previous) => return live(service).ok_or_else(|| Unknown::Unreadable(refused.clone())),
        (Err(refused), To::LastSuccessful | To::Time { .. }) => return Err(Unknown::Unreadable(refused.clone())),
    };
    choose(to, aims_at(service), past, now()).map_err(Unknown::Nowhere)
}

/// The time, in seconds since 1970.
pub(super) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// While one deployment is under way and one other is there, that other is what ran before: the one of the lower number, so that
/// going back twice does not go forth again.
fn live(service: &Service) -> Option<Choice> {
    let primary = service.primary().filter(|primary| primary.rollout == RolloutState::InProgress)?;
    let mut others = service.deployments.iter().filter(|entry| entry.id != primary.id);
    let (Some(other), None) = (others.next(), others.next()) else { return None };
    let (now, before) = (primary.task_definition.as_str(), other.task_definition.as_str());
    if family(now) != family(before) || now == before {
        return None;
    }
    Some(if number(before) < number(now) {
        Choice::Go { to: before.to_owned(), revision: String::new() }
    } else {
        Choice::stay("the deployment under way takes the service back already".to_owned(), "")
    })
}
