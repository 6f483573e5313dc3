//! All decisions: what is registered, what the service is told, and which deployment is then followed.

mod service;

pub(crate) use service::{ServicePlan, ServiceUpdate};

use serde::Serialize;

use crate::error::Error;
use crate::image_assignment::ImageAssignment;
use crate::inputs::Inputs;
use crate::observe::{Registered, Snapshot};
use crate::plan::service::can_be_deployed;
use crate::task_definition::{Change, TaskDefinition};

/// What will be done. Serialized it holds no value of the task definition but the images.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The cluster's name.
    pub(crate) cluster: String,
    /// What is done to each service, in the order of the inputs; none when the task definition is only registered.
    pub(crate) services: Vec<ServicePlan>,
    /// The task definition's family.
    pub(crate) family: String,
    /// Whether a revision is registered.
    pub(crate) registration: Registration,
    /// The images, container by container.
    pub(crate) images: Vec<ContainerImage>,
    /// The fields that change; names only.
    pub(crate) changes: Vec<Change>,
    /// What the user should know before it is done.
    pub(crate) warnings: Vec<String>,
    /// The task definition to register.
    #[serde(skip)]
    pub(crate) definition: TaskDefinition,
    /// The file to point at when ECS refuses the task definition.
    #[serde(skip)]
    pub(crate) file: Option<String>,
}

/// Whether a revision is registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Registration {
    /// A new revision is registered.
    New,
    /// The revision with this ARN is the same and is used.
    Reuse(String),
}

/// The image of one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ContainerImage {
    pub(crate) container: String,
    /// The image it runs now; `None` when it is not known or there is no such container yet.
    pub(crate) before: Option<String>,
    pub(crate) after: String,
}

/// Decides.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    let seen = || inputs.services.iter().zip(&snapshot.services);
    seen().try_for_each(|(target, service)| can_be_deployed(inputs, target, service))?;
    let base = snapshot.file.as_ref().map(|file| &file.definition);
    let base = base.or(snapshot.current.as_ref().map(|current| &current.definition));
    // Without a file the observation has what the service runs, or has failed.
    let Some(base) = base else {
        return Err(Error::UnexpectedAnswer {
            operation: "DescribeTaskDefinition",
            why: "there is no task definition to start from".to_owned(),
        });
    };
    let mut definition = base.clone();
    put_images(&mut definition, &inputs.images)?;
    let same = snapshot.current.as_ref().filter(|current| definition.is_same(&current.definition));
    let registration = same.map_or(Registration::New, |current| Registration::Reuse(current.arn.clone()));
    let service = |(target, before)| ServicePlan::new(inputs, target, before, &registration, snapshot.is_aws);
    let services: Vec<ServicePlan> = seen().map(service).collect();
    Ok(Plan {
        cluster: inputs.cluster.to_string(),
        family: definition.family().to_owned(),
        images: images(&definition, snapshot.current.as_ref()),
        changes: changes(&definition, snapshot.current.as_ref(), &registration),
        warnings: warnings(&definition, snapshot, &services),
        services,
        file: snapshot.file.as_ref().map(|file| file.path.clone()),
        registration,
        definition,
    })
}

fn put_images(definition: &mut TaskDefinition, images: &[ImageAssignment]) -> Result<(), Error> {
    let found: Vec<String> = definition.containers().iter().map(|container| container.name.to_owned()).collect();
    for assignment in images {
        let container = match (&assignment.container, found.as_slice()) {
            (Some(container), _) => container,
            (None, [only]) => only,
            (None, _) => return Err(Error::AmbiguousImage { image: assignment.image.to_string(), found }),
        };
        if !definition.set_image(container, &assignment.image.to_string()) {
            return Err(Error::UnknownContainer { container: container.clone(), found });
        }
    }
    Ok(())
}

fn images(definition: &TaskDefinition, current: Option<&Registered>) -> Vec<ContainerImage> {
    let before = |name: &str| current.and_then(|current| current.definition.image(name)).map(str::to_owned);
    definition
        .containers()
        .into_iter()
        .map(|container| ContainerImage {
            container: container.name.to_owned(),
            before: before(container.name),
            after: container.image.to_owned(),
        })
        .collect()
}

fn changes(definition: &TaskDefinition, current: Option<&Registered>, registration: &Registration) -> Vec<Change> {
    match (registration, current) {
        (Registration::New, Some(current)) => definition.changes_from(&current.definition),
        _ => Vec::new(),
    }
}

fn warnings(definition: &TaskDefinition, snapshot: &Snapshot, services: &[ServicePlan]) -> Vec<String> {
    let mut warnings: Vec<String> = definition
        .misspellings()
        .into_iter()
        .map(|(path, meant)| format!("the task definition's `{path}` is not a field of ECS; did you mean `{meant}`?"))
        .collect();
    let several = services.len() > 1;
    warnings.extend(services.iter().filter_map(|service| {
        let warning = service.warning()?;
        Some(if several { format!("{}: {warning}", service.service) } else { warning })
    }));
    warnings.extend(snapshot.blind_spots.iter().cloned());
    warnings
}

#[cfg(test)]
mod tests;
