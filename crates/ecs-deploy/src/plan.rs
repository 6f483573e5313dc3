//! All decisions: what is registered, what the service is told, and which deployment is then followed.

use serde::Serialize;

use crate::console;
use crate::error::Error;
use crate::image_assignment::ImageAssignment;
use crate::inputs::{Inputs, Propagation};
use crate::names::revision_name;
use crate::observe::{Registered, Snapshot};
use crate::service::{RolloutState, Service};
use crate::task_definition::{Change, TaskDefinition};

/// What will be done. Serialized it holds no value of the task definition but the images.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The cluster's name.
    pub(crate) cluster: String,
    /// The service's name.
    pub(crate) service: Option<String>,
    /// The task definition's family.
    pub(crate) family: String,
    /// Whether a revision is registered.
    pub(crate) registration: Registration,
    /// The images, container by container.
    pub(crate) images: Vec<ContainerImage>,
    /// The fields that change; names only.
    pub(crate) changes: Vec<Change>,
    /// What the service is told; `None` when there is nothing to tell.
    pub(crate) update: Option<ServiceUpdate>,
    /// The ARN of what the service runs now.
    pub(crate) previous: Option<String>,
    /// What the user should know before it is done.
    pub(crate) warnings: Vec<String>,
    /// The service's deployments in the AWS console.
    pub(crate) console: Option<String>,
    /// The task definition to register.
    #[serde(skip)]
    pub(crate) definition: TaskDefinition,
    /// The service as it was seen.
    #[serde(skip)]
    pub(crate) before: Option<Service>,
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

/// What `UpdateService` is told beside cluster and service: what the user gave, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ServiceUpdate {
    /// Whether the task definition is named.
    pub(crate) task_definition: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) desired_count: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) force_new_deployment: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) propagate_tags: Option<Propagation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enable_ecs_managed_tags: Option<bool>,
}

/// Decides.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    if let Some(service) = &snapshot.service {
        can_be_deployed(inputs, service)?;
    }
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
    let update = snapshot.service.as_ref().and_then(|service| update(inputs, service, &registration));
    Ok(Plan {
        cluster: inputs.cluster.to_string(),
        service: inputs.service.as_ref().map(ToString::to_string),
        family: definition.family().to_owned(),
        images: images(&definition, snapshot.current.as_ref()),
        changes: changes(&definition, snapshot.current.as_ref(), &registration),
        warnings: warnings(&definition, snapshot, update.as_ref()),
        previous: snapshot.service.as_ref().map(|service| service.task_definition.clone()),
        console: snapshot.service.as_ref().filter(|_| snapshot.is_aws).and_then(|s| console::deployments(&s.arn)),
        before: snapshot.service.clone(),
        file: snapshot.file.as_ref().map(|file| file.path.clone()),
        registration,
        update,
        definition,
    })
}

fn can_be_deployed(inputs: &Inputs, service: &Service) -> Result<(), Error> {
    let name = inputs.service.as_ref().map(ToString::to_string).unwrap_or_default();
    if !matches!(service.status.as_str(), "ACTIVE" | "") {
        return Err(Error::ServiceInactive { service: name, status: service.status.clone() });
    }
    if !matches!(service.controller.as_str(), "ECS" | "") {
        return Err(Error::UnsupportedController { service: name, controller: service.controller.clone() });
    }
    if service.scheduling == "DAEMON" && inputs.desired_count.is_some() {
        return Err(Error::DaemonCount { service: name });
    }
    Ok(())
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

/// What the service is told; `None` when it is as it was asked for.
fn update(inputs: &Inputs, service: &Service, registration: &Registration) -> Option<ServiceUpdate> {
    let new = *registration == Registration::New;
    let count = inputs.desired_count.filter(|count| i64::from(*count) != service.desired);
    let tags = inputs.propagate_tags.filter(|tags| {
        let present = if service.propagate_tags.is_empty() { "NONE" } else { &service.propagate_tags };
        tags.as_str() != present
    });
    let managed = inputs.enable_ecs_managed_tags.filter(|on| *on != service.managed_tags);
    let needed = new || inputs.force_new_deployment || count.is_some() || tags.is_some() || managed.is_some();
    needed.then_some(ServiceUpdate {
        task_definition: new,
        desired_count: inputs.desired_count,
        force_new_deployment: inputs.force_new_deployment.then_some(true),
        propagate_tags: inputs.propagate_tags,
        enable_ecs_managed_tags: inputs.enable_ecs_managed_tags,
    })
}

fn warnings(definition: &TaskDefinition, snapshot: &Snapshot, update: Option<&ServiceUpdate>) -> Vec<String> {
    let mut warnings: Vec<String> = definition
        .misspellings()
        .into_iter()
        .map(|(path, meant)| format!("the task definition's `{path}` is not a field of ECS; did you mean `{meant}`?"))
        .collect();
    let under_way = snapshot.service.as_ref().and_then(Service::primary);
    if let (Some(under_way), Some(_)) = (under_way.filter(|d| d.rollout == RolloutState::InProgress), update) {
        warnings.push(format!(
            "the deployment of `{}` is still under way; this one takes its place",
            revision_name(&under_way.task_definition)
        ));
    }
    warnings.extend(snapshot.blind_spots.iter().cloned());
    warnings
}

#[cfg(test)]
mod tests;
