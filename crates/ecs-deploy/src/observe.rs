//! What there is: the file, the service, what it runs. Changes nothing, decides nothing.

use std::path::Path;

use actions_core::Session;
use aws_client::{ApiError, ApiErrorKind};
use futures::future::try_join_all;
use serde_json::Value;

use crate::ecs::{Ecs, registered_arn};
use crate::error::Error;
use crate::inputs::Inputs;
use crate::names::ServiceName;
use crate::service::Service;
use crate::task_definition::{TaskDefinition, changed_number};

/// ECS takes 64 KiB.
const LARGEST_FILE: u64 = 1024 * 1024;

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The task definition in the file.
    pub(crate) file: Option<File>,
    /// The services, in the order of the inputs.
    pub(crate) services: Vec<Service>,
    /// What the first service runs, or without a service the family's newest revision.
    pub(crate) current: Option<Registered>,
    /// What could not be seen, for want of a permission that is not strictly needed.
    pub(crate) blind_spots: Vec<String>,
    /// Whether AWS itself answers, so that its console has something to show.
    pub(crate) is_aws: bool,
}

/// A task definition file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct File {
    /// The path for annotations.
    pub(crate) path: String,
    pub(crate) definition: TaskDefinition,
}

/// A task definition that is registered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Registered {
    pub(crate) arn: String,
    pub(crate) definition: TaskDefinition,
}

/// Observes everything the plan needs.
pub(crate) async fn observe(inputs: &Inputs, ecs: &Ecs, session: &Session) -> Result<Snapshot, Error> {
    let file = inputs.task_definition.as_deref().map(|path| read(path, session)).transpose()?;
    let services = try_join_all(inputs.services.iter().map(|name| service(inputs, name, ecs))).await?;
    let mut blind_spots = Vec::new();
    let current = match (services.first(), &file) {
        (Some(service), None) => Some(registered(&ecs.task_definition(&service.task_definition).await?)?),
        (Some(service), Some(_)) => compared(ecs, &service.task_definition, &mut blind_spots).await?,
        (None, Some(file)) => compared(ecs, file.definition.family(), &mut blind_spots).await?,
        (None, None) => None,
    };
    Ok(Snapshot { file, services, current, blind_spots, is_aws: ecs.is_aws })
}

/// Reads the file.
pub(crate) fn read(path: &Path, session: &Session) -> Result<File, Error> {
    let shown = session.annotation_path(path);
    let text = actions_core::read_text_limited(path, LARGEST_FILE)
        .map_err(|source| Error::FileUnreadable { path: shown.clone(), source })?;
    let document = serde_json::from_str(text.trim_start_matches('\u{FEFF}'))
        .map_err(|source| Error::FileNotJson { path: shown.clone(), source })?;
    if let Some((line, number)) = changed_number(&text) {
        let number: String = number.chars().take(40).collect();
        let why = format!(
            "the number {number} on line {line} has more digits than can be kept, so another one would be registered"
        );
        return Err(Error::NotATaskDefinition { path: shown, why });
    }
    let definition = TaskDefinition::from_document(document)
        .map_err(|error| Error::NotATaskDefinition { path: shown.clone(), why: error.to_string() })?;
    Ok(File { path: shown, definition })
}

/// The service, or why there is none. Whether it can be deployed is the plan's to decide.
async fn service(inputs: &Inputs, name: &ServiceName, ecs: &Ecs) -> Result<Service, Error> {
    let found = match ecs.service(inputs.cluster.as_str(), name.as_str()).await {
        Err(error) if error.code.as_deref() == Some("ClusterNotFoundException") => {
            return Err(Error::ClusterNotFound {
                cluster: inputs.cluster.to_string(),
                region: ecs.region.clone(),
                // The names are a courtesy: without the permission there are none.
                known: ecs.cluster_names().await.unwrap_or_default(),
            });
        }
        other => other?,
    };
    match found {
        Some(found) => Ok(Service::from_answer(&found)),
        None => Err(Error::ServiceNotFound {
            service: name.to_string(),
            cluster: inputs.cluster.to_string(),
            region: ecs.region.clone(),
            known: ecs.service_names(inputs.cluster.as_str()).await.unwrap_or_default(),
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

fn registered(answer: &Value) -> Result<Registered, Error> {
    const OPERATION: &str = "DescribeTaskDefinition";
    let unexpected = |why: String| Error::UnexpectedAnswer { operation: OPERATION, why };
    let (arn, _) = registered_arn(answer).ok_or_else(|| unexpected("it has no `taskDefinitionArn`".to_owned()))?;
    let definition = TaskDefinition::from_document(answer.clone()).map_err(|error| unexpected(error.to_string()))?;
    Ok(Registered { arn, definition })
}
