//! What there is: the file, the service, what it runs. Changes nothing, decides nothing.

use actions_core::Session;
use aws_client::{ApiError, ApiErrorKind};
use futures::future::try_join_all;
use serde_json::Value;

use crate::codedeploy;
use crate::ecs::{Ecs, registered_arn};
use crate::error::{DefinitionError, Error};
use crate::follow::refusal;
use crate::foresight::foresee;
use crate::history::{History, history};
use crate::inputs::{Inputs, Preflight};
use crate::last_good::last_good;
use crate::names::{ClusterName, ServiceName, revision_name};
use crate::plan::plan;
use crate::preflight::{Finding, Wiring, lines, preflight};
use crate::service::{Service, owned};
use crate::task_definition::{File, TaskDefinition};

/// ECS takes 64 KiB (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>).
const LARGEST_FILE: u64 = 1024 * 1024;

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The task definition in the file.
    pub(crate) file: Option<File>,
    /// The services, in the order of the inputs.
    pub(crate) services: Vec<SeenService>,
    /// Where no service is deployed: the one that a task shares its place with.
    pub(crate) host: Option<Service>,
    /// The registered revision that was named to start from.
    pub(crate) named: Option<Registered>,
    /// What the first service runs, or without a service the family's newest revision.
    pub(crate) current: Option<Registered>,
    /// What could not be seen, for want of a permission that is not strictly needed.
    pub(crate) blind_spots: Vec<String>,
    /// What was found of all that the task definition names; empty where nothing will be changed.
    pub(crate) preflight: Vec<Finding>,
    /// What would be done once all is deployed, on a dry run.
    pub(crate) foreseen: Vec<String>,
    /// Whether AWS itself answers, so that its console has something to show.
    pub(crate) is_aws: bool,
}

/// A service, and the service deployments it had.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SeenService {
    pub(crate) service: Service,
    /// Empty where nothing asks for it.
    pub(crate) history: History,
    /// The ARN of the task definition it can go back to, or why there is none; `None` where nothing asks for it.
    pub(crate) last_good: Option<Result<String, String>>,
    /// Where CodeDeploy deploys it.
    pub(crate) codedeploy: Option<codedeploy::Seen>,
}

impl SeenService {
    /// What a new revision is made of and compared with: what the service aims at. Where CodeDeploy deploys, a deployment under way is
    /// that, so that a second run finds its own revision.
    fn starts_from(&self) -> String {
        let on_its_way = self.codedeploy.as_ref().and_then(codedeploy::Seen::on_its_way);
        on_its_way.unwrap_or_else(|| self.service.task_definition.clone())
    }

    /// What the new tasks are connected to: CodeDeploy makes that anew.
    pub(crate) fn wiring(&self) -> Wiring {
        self.codedeploy.as_ref().map_or_else(|| self.service.wiring.clone(), codedeploy::Seen::wiring)
    }
}

/// A task definition that is registered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Registered {
    pub(crate) arn: String,
    /// `ACTIVE`, `INACTIVE` or `DELETE_IN_PROGRESS`.
    pub(crate) status: String,
    pub(crate) definition: TaskDefinition,
}

/// Observes everything the plan needs.
pub(crate) async fn observe(inputs: &Inputs, ecs: &Ecs, session: &Session) -> Result<Snapshot, Error> {
    let file = file(inputs, session)?;
    let services = try_join_all(inputs.services.iter().map(|name| seen(inputs, name, ecs, session))).await?;
    let named = match inputs.definition.source.registered() {
        Some(name) => Some(named(ecs, name).await?),
        None => None,
    };
    let mut blind_spots = Vec::new();
    let host = match inputs.task.as_ref().and_then(|task| task.service.as_ref()).filter(|_| services.is_empty()) {
        Some(name) => Some(service(&inputs.cluster, name, ecs).await?),
        None => None,
    };
    let start = services.first().map(SeenService::starts_from);
    let current = match (start.or(host.as_ref().map(|host| host.task_definition.clone())), &file, &named) {
        (Some(arn), None, None) => Some(registered(&ecs.task_definition(&arn).await?)?),
        (Some(arn), _, Some(named)) if arn == named.arn => Some(named.clone()),
        (Some(arn), _, _) => compared(ecs, &arn, &mut blind_spots).await?,
        (None, Some(file), _) => compared(ecs, file.definition.family(), &mut blind_spots).await?,
        (None, None, named) => named.clone(),
    };
    let (preflight, foreseen, is_aws) = (Vec::new(), Vec::new(), ecs.is_aws);
    let mut snapshot = Snapshot { file, services, host, named, current, blind_spots, preflight, foreseen, is_aws };
    hide_secrets(&snapshot, session);
    snapshot.preflight = looked(inputs, &snapshot, ecs).await;
    if !snapshot.preflight.is_empty() {
        session.log.group("preflight:", &lines(&snapshot.preflight));
    }
    if let (true, Ok(plan)) = (session.dry_run, plan(inputs, &snapshot)) {
        snapshot.foreseen = foresee(inputs, &plan, &snapshot, ecs).await;
        snapshot.foreseen.iter().for_each(|line| session.log.line(line));
    }
    Ok(snapshot)
}

/// Looks at what the task definition names that will be registered, unless all stays as it is. What cannot be planned at all is
/// the plan's to tell.
///
/// What will be registered only the plan knows, so it is made here too, of what was seen so far; the driver makes it again with the
/// findings. It is pure, so both decide the same.
async fn looked(inputs: &Inputs, snapshot: &Snapshot, ecs: &Ecs) -> Vec<Finding> {
    match plan(inputs, snapshot) {
        Ok(plan) if inputs.preflight != Preflight::Off && plan.changes_something() => {
            let wirings: Vec<Wiring> = snapshot.services.iter().map(SeenService::wiring).collect();
            preflight(ecs, &plan.definition, &wirings.iter().collect::<Vec<_>>()).await
        }
        _ => Vec::new(),
    }
}

/// Reads the file, when there is one.
pub(crate) fn file(inputs: &Inputs, session: &Session) -> Result<Option<File>, DefinitionError> {
    let Some(path) = inputs.definition.source.file() else { return Ok(None) };
    let shown = session.annotation_path(path);
    let text = actions_core::read_text_limited(path, LARGEST_FILE)
        .map_err(|source| DefinitionError::FileUnreadable { path: shown.clone(), source })?;
    File::parse(&shown, path, &text, &inputs.definition.new_fields).map(Some)
}

/// A secret that is written in the clear is masked, whoever repeats it.
fn hide_secrets(snapshot: &Snapshot, session: &Session) {
    let registered = [&snapshot.named, &snapshot.current].into_iter().flatten().map(|known| &known.definition);
    hide(registered.chain(snapshot.file.iter().map(|file| &file.definition)), session);
}

/// Masks the secrets that `definitions` hold in the clear.
pub(crate) fn hide<'a>(definitions: impl Iterator<Item = &'a TaskDefinition>, session: &Session) {
    for secret in definitions.flat_map(TaskDefinition::plain_secrets) {
        session.log.redactor().add(secret.to_mask().unwrap_or_default());
    }
}

/// The registered task definition that was asked for.
pub(crate) async fn named(ecs: &Ecs, name: &str) -> Result<Registered, Error> {
    match ecs.task_definition(name).await {
        Ok(answer) => registered(&answer),
        Err(error) if is_unknown_family(&error) => {
            Err(DefinitionError::NotFound { name: revision_name(name).to_owned(), region: ecs.region.clone() }.into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn seen(inputs: &Inputs, name: &ServiceName, ecs: &Ecs, session: &Session) -> Result<SeenService, Error> {
    let found = service(&inputs.cluster, name, ecs).await?;
    if found.controller == codedeploy::CONTROLLER {
        let codedeploy = Some(codedeploy::seen(inputs, name, ecs, session).await?);
        // What was under way then may be what the service runs now.
        let service = service(&inputs.cluster, name, ecs).await?;
        return Ok(SeenService { service, codedeploy, ..SeenService::default() });
    }
    let service = found;
    let history = if inputs.asks_for_history() {
        match history(ecs, inputs.cluster.as_str(), name.as_str(), &service).await {
            Ok(history) => history,
            // The counts of a rolling deployment tell its end too, but not what it may be taken back by.
            Err(error) if service.is_rolling() && inputs.remedies.asked_for().next().is_none() => {
                session.log.line(format!("{error}; the deployment is followed by its `rolloutState`"));
                History { refused: Some(refusal(&error)), ..History::default() }
            }
            Err(error) => return Err(error.into()),
        }
    } else {
        History::default()
    };
    let last_good = match inputs.remedies.asked_for().next() {
        Some(_) => Some(last_good(ecs, &service, &history).await?),
        None => None,
    };
    Ok(SeenService { service, history, last_good, codedeploy: None })
}

/// The service, or why there is none. Whether it can be deployed is the plan's to decide.
pub(crate) async fn service(cluster: &ClusterName, name: &ServiceName, ecs: &Ecs) -> Result<Service, Error> {
    let found = match ecs.service(cluster.as_str(), name.as_str()).await {
        Err(error) if error.code.as_deref() == Some("ClusterNotFoundException") => {
            return Err(Error::ClusterNotFound {
                cluster: cluster.to_string(),
                region: ecs.region.clone(),
                // The names are a courtesy: without the permission there are none.
                known: ecs.cluster_names().await,
            });
        }
        other => other?,
    };
    match found {
        Some(found) => Ok(Service::from_answer(&found)),
        None => Err(Error::ServiceNotFound {
            service: name.to_string(),
            cluster: cluster.to_string(),
            region: ecs.region.clone(),
            known: ecs.service_names(cluster.as_str()).await,
        }),
    }
}

/// The registered task definition to compare the file with: a convenience, so a missing permission is no error.
async fn compared(ecs: &Ecs, name: &str, blind_spots: &mut Vec<String>) -> Result<Option<Registered>, Error> {
    match ecs.task_definition(name).await {
        Ok(answer) => Ok(Some(registered(&answer)?)),
        Err(error) if error.kind == ApiErrorKind::AccessDenied => {
            blind_spots.push(format!(
                "grant `{}` to see what changes and to skip what is deployed already",
                error.iam_action()
            ));
            Ok(None)
        }
        Err(error) if is_unknown_family(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// ECS answers `ClientException: Unable to describe task definition.` for a family it does not know.
fn is_unknown_family(error: &ApiError) -> bool {
    error.code.as_deref() == Some("ClientException") || error.kind == ApiErrorKind::NotFound
}

/// The task definition in an answer.
pub(crate) fn registered(answer: &Value) -> Result<Registered, Error> {
    const OPERATION: &str = "DescribeTaskDefinition";
    let unexpected = |why: String| Error::UnexpectedAnswer { operation: OPERATION, why };
    let (arn, _) = registered_arn(answer).ok_or_else(|| unexpected("it has no `taskDefinitionArn`".to_owned()))?;
    let definition = TaskDefinition::from_answer(answer).map_err(|error| unexpected(error.to_string()))?;
    Ok(Registered { arn, status: owned(&answer["taskDefinition"], "status"), definition })
}
