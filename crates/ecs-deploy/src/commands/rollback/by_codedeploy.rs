//! Services that `CodeDeploy` deploys: what their deployment group remembers, and how they go back.

use actions_core::Session;

use crate::codedeploy::{Api, AppSpec, Begin, Deployment, Memory, Seen, Status as Word, of_group};
use crate::commands::rollback::choice::{Choice, Failure, Nowhere, Past, Present, Success, choose};
use crate::commands::rollback::error::RollbackError;
use crate::commands::rollback::inputs::{RollbackInputs, To};
use crate::commands::rollback::observe::{Found, Unknown, now};
use crate::commands::rollback::plan::How;
use crate::ecs::Ecs;
use crate::names::{ServiceName, revision_name};
use crate::observe::SeenService;
use crate::plan::{Plan, ServicePlan, UnderWay};
use crate::service::Service;
use crate::service_deployment::Status;
use crate::site::Site;

/// Finds out where a service goes.
pub(super) async fn look(
    inputs: &RollbackInputs,
    name: &ServiceName,
    service: Service,
    ecs: &Ecs,
    session: &Session,
) -> Result<Found, RollbackError> {
    let (codedeploy, cluster) = (&inputs.deploy.codedeploy, &inputs.deploy.cluster);
    let (application, group) = (codedeploy.application(cluster, name), codedeploy.group(cluster, name));
    let api = Api { ecs, application: &application, group: &group };
    let by = if let To::Time { at, .. } = inputs.to { Some(at) } else { None };
    let memory = api.settled_memory(by, now(), session).await.map_err(|error| of_group(error, &api))?;
    let past = past(&memory, &service.task_definition);
    let on_its_way = memory.under_way().map(Deployment::task_definition).filter(|arn| !arn.is_empty());
    let from = on_its_way.unwrap_or_else(|| service.task_definition.clone());
    let chosen = choose(&inputs.to, &from, &past, now());
    let found = match &chosen {
        Ok(Choice::Go { to, .. }) => appspec(&memory, to),
        Ok(Choice::Stay { .. }) | Err(_) => None,
    };
    let needs_none = |to: &str| from == to || past.present.as_ref().is_some_and(|own| is_source(own, to));
    let chosen = match chosen {
        Ok(Choice::Go { to, .. }) if found.is_none() && !needs_none(&to) => Err(Nowhere::NoAppSpec),
        chosen => chosen,
    };
    let seen = Seen::for_rollback(&api, found.unwrap_or_default(), memory.under_way().cloned()).await?;
    let before = SeenService { service, codedeploy: Some(seen), ..SeenService::default() };
    Ok(Found { before, from, past, choice: chosen.map_err(Unknown::Nowhere) })
}

/// The `AppSpec` that brought a revision successfully, or else the newest that is known.
fn appspec(memory: &Memory, to: &str) -> Option<AppSpec> {
    let brought = |own: &&Deployment| revision_name(&own.task_definition()) == revision_name(to);
    let own = memory.successes.iter().find(brought).and_then(|own| own.appspec.clone());
    let mut others = memory.successes.iter().chain(&memory.newest).chain(&memory.undone);
    own.or_else(|| others.find_map(|own| own.appspec.clone()))
}

/// The same as what ECS remembers of the services that it deploys itself. `primary` is the ARN of what has the traffic.
fn past(memory: &Memory, primary: &str) -> Past {
    let success = |own: &Deployment| Success {
        ended: own.ended(),
        revision: own.id.clone(),
        task_definition: own.task_definition(),
    };
    let mut successes: Vec<Success> =
        memory.successes.iter().map(success).filter(|own| !own.task_definition.is_empty()).collect();
    let present = present(memory, &successes);
    // What the service was made with was never deployed, and is what the first deployment goes back to.
    let made_with = present.as_ref().filter(|own| own.status == Status::InProgress && successes.is_empty());
    let present = match made_with.filter(|own| own.task_definition != primary) {
        Some(own) => {
            successes.push(Success { task_definition: primary.to_owned(), ..Success::default() });
            Some(Present { source: Some((String::new(), primary.to_owned())), ..own.clone() })
        }
        None => present,
    };
    let failures = memory.failures.iter().filter_map(failure).collect();
    Past { successes, failures, present, oldest: memory.oldest }
}

/// `None` where it is not told what it deployed.
fn failure(own: &Deployment) -> Option<Failure> {
    let how = if own.status == Word::Stopped { "was stopped" } else { "failed" };
    let failure = Failure { ended: own.ended(), task_definition: own.task_definition(), how };
    (!failure.task_definition.is_empty()).then_some(failure)
}

/// The newest deployment that somebody made; one that undoes it belongs to it.
fn present(memory: &Memory, successes: &[Success]) -> Option<Present> {
    let newest = memory.newest.as_ref()?;
    let own = memory.undone.as_ref().filter(|_| newest.is_rollback).unwrap_or(newest);
    let made = own.created.unwrap_or(f64::MAX);
    let before = successes.iter().filter(|success| success.revision != own.id && success.ended <= made);
    let source = before.max_by(|a, b| a.ended.total_cmp(&b.ended));
    let status = status(newest);
    Some(Present {
        arn: own.id.clone(),
        // CodeDeploy goes there by a deployment of its own, which is waited for.
        source: source
            .filter(|_| status != Status::RollbackInProgress)
            .map(|source| (source.revision.clone(), source.task_definition.clone())),
        status,
        revision: own.id.clone(),
        task_definition: own.task_definition(),
    })
}

/// How far the newest deployment is, in the words of ECS.
fn status(newest: &Deployment) -> Status {
    match (&newest.status, newest.is_rollback) {
        (Word::Succeeded, true) => Status::RollbackSuccessful,
        (Word::Failed | Word::Stopped, true) => Status::RollbackFailed,
        (_, true) => Status::RollbackInProgress,
        (Word::Succeeded, false) => Status::Successful,
        (Word::Failed | Word::Stopped, false) => Status::Stopped,
        (Word::Unknown(word), false) => Status::Unknown(word.clone()),
        (Word::Created | Word::Queued | Word::InProgress | Word::Baking | Word::Ready, false) => Status::InProgress,
    }
}

/// Whether stopping the present deployment brings `to` back.
fn is_source(present: &Present, to: &str) -> bool {
    let is = present.source.as_ref().is_some_and(|(_, source)| revision_name(source) == revision_name(to));
    is && present.status == Status::InProgress
}

/// How it goes to `to`: the deployment under way is stopped, where that brings it back, or it is deployed again.
pub(super) fn how(seen: &Seen, present: Option<&Present>, to: &str) -> How {
    match present.filter(|present| is_source(present, to)) {
        Some(present) => How::StopDeployment { deployment: present.arn.clone() },
        None => How::Deploy { displaces: seen.under_way().map(|other| other.id.clone()) },
    }
}

/// Makes of the plan of a deployment that of this rollback: CodeDeploy is told what `how` says, and `UpdateService` nothing.
pub(super) fn direct(plan: &mut Plan, how: &How, seen: Option<&Seen>) {
    let ([own], Some(seen)) = (plan.services.as_mut_slice(), seen) else { return };
    let Some(code) = &mut own.codedeploy else { return };
    let other = seen.under_way();
    code.begin = match (how, other) {
        (How::Deploy { .. }, _) => Begin::Create,
        (_, Some(other)) => Begin::Join(other.id.clone()),
        (_, None) => Begin::Nothing,
    };
    own.under_way = other.filter(|_| code.begin == Begin::Create).map(|other| UnderWay {
        deployment: other.id.clone(),
        task_definition: other.task_definition(),
        service_deployment: None,
    });
    if code.begin != Begin::Create {
        own.update = None;
    }
}

/// Why what was planned does not hold any more; `None` when it does.
pub(super) async fn moved(site: Site<'_>, plan: &ServicePlan, how: &How) -> Result<Option<String>, RollbackError> {
    let Some(code) = &plan.codedeploy else { return Ok(None) };
    let expected = match how {
        How::StopDeployment { deployment } => Some(deployment.as_str()),
        How::Deploy { displaces } => displaces.as_deref(),
        How::Stop { .. } | How::Update | How::Nothing(_) => return Ok(None),
    };
    let other = code.api(site.ecs).under_way().await?.map(|other| other.id);
    let ended = |id: &str| format!("deployment {id}, which was under way, has ended");
    Ok(match (expected, other.as_deref()) {
        (Some(expected), Some(other)) if expected == other => None,
        (_, Some(other)) => Some(format!("deployment {other} began")),
        (Some(expected), None) => Some(ended(expected)),
        (None, None) => {
            let (was, is) = (&plan.before.task_definition, site.look(site.ecs).await?.task_definition);
            (*was != is).then(|| format!("it runs {} in place of {}", revision_name(&is), revision_name(was)))
        }
    })
}

#[cfg(test)]
mod tests;
