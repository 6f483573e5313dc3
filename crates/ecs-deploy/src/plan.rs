//! All decisions: what is registered, what the service is told, and which deployment is then followed.

mod definition;
mod service;

pub(crate) use definition::{Lint, put_images};
pub(crate) use service::{ServicePlan, ServiceUpdate, UnderWay, can_be_deployed};

use serde::Serialize;

use crate::error::{ConflictError, Error};
use crate::inputs::{Inputs, OnConflict, Preflight, Source};
use crate::names::{ServiceName, revision_name};
use crate::observe::{Registered, SeenService, Snapshot};
use crate::plan::definition::{Made, lints, made};
use crate::preflight::Finding;
use crate::run_task::{self, Placement, TaskPlan};
use crate::targets::TargetInputs;
use crate::task_definition::{Change, File, TaskDefinition};

/// What will be done. Serialized it holds no value of the task definition that may be a secret.
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
    /// The fields that change, with the values that cannot be secrets.
    pub(crate) changes: Vec<Change>,
    /// What the user should know before it is done.
    pub(crate) warnings: Vec<String>,
    /// What the user may like to know: how the deployment is followed.
    pub(crate) notices: Vec<String>,
    /// What the user should know of the task definition.
    pub(crate) lints: Vec<Lint>,
    /// The inputs that ask for a rollback of a deployment that does not end well.
    pub(crate) remedies: Vec<&'static str>,
    /// The task that is run before; `None` when none is.
    pub(crate) task: Option<TaskPlan>,
    /// What was found of all that the task definition names.
    pub(crate) preflight: Vec<Finding>,
    /// What keeps it from being done.
    pub(crate) obstacles: Vec<String>,
    /// The rules and schedules that are moved afterwards.
    pub(crate) targets: TargetInputs,
    /// What a dry run saw of what would be done afterwards.
    pub(crate) foreseen: Vec<String>,
    /// The task definition to register.
    #[serde(skip)]
    pub(crate) definition: TaskDefinition,
    /// Whether it was made of what the service runs, so that it must not undo what someone else deploys meanwhile.
    #[serde(skip)]
    pub(crate) is_from_service: bool,
    /// The file to point at when ECS does not take the task definition as it is.
    #[serde(skip)]
    pub(crate) file: Option<File>,
}

impl Plan {
    /// A deployment of a revision that is there, to one service.
    pub(crate) fn of_existing(
        inputs: &Inputs,
        service: &ServiceName,
        seen: &SeenService,
        revision: &Registered,
        is_aws: bool,
    ) -> Self {
        let registration = Registration::Reuse(revision.arn.clone());
        Self {
            cluster: inputs.cluster.to_string(),
            services: vec![ServicePlan::new(inputs, service, seen, &registration, is_aws)],
            family: revision.definition.family().to_owned(),
            registration,
            images: Vec::new(),
            changes: Vec::new(),
            warnings: Vec::new(),
            notices: Vec::new(),
            lints: Vec::new(),
            remedies: Vec::new(),
            preflight: Vec::new(),
            obstacles: Vec::new(),
            definition: revision.definition.clone(),
            task: None,
            targets: inputs.targets.clone(),
            foreseen: Vec::new(),
            is_from_service: false,
            file: None,
        }
    }
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
    seen().try_for_each(|(target, seen)| can_be_deployed(inputs, target, seen))?;
    let made = made(inputs, snapshot)?;
    let lints = lints(inputs, snapshot, &made)?;
    let Made { definition, registration, .. } = made;
    let service = |(target, seen)| ServicePlan::new(inputs, target, seen, &registration, snapshot.is_aws);
    let services: Vec<ServicePlan> = seen().map(service).collect();
    refuse_under_way(inputs, &services)?;
    let task = task(inputs, snapshot, &definition, &services)?;
    Ok(Plan {
        cluster: inputs.cluster.to_string(),
        family: definition.family().to_owned(),
        images: images(&definition, snapshot.current.as_ref()),
        changes: changes(&definition, snapshot.current.as_ref(), &registration),
        warnings: warnings(inputs, snapshot, &definition, (&services, task.as_ref())),
        notices: notices(&services),
        lints,
        task,
        preflight: snapshot.preflight.clone(),
        obstacles: if inputs.preflight == Preflight::Fail { problems(snapshot) } else { Vec::new() },
        targets: inputs.targets.clone(),
        foreseen: snapshot.foreseen.clone(),
        services,
        is_from_service: inputs.definition.source == Source::Service,
        file: snapshot.file.clone(),
        remedies: inputs.remedies.asked_for().collect(),
        registration,
        definition,
    })
}

impl Plan {
    /// Whether anything is registered, run or updated.
    pub(crate) fn changes_something(&self) -> bool {
        self.registration == Registration::New
            || self.task.is_some()
            || self.services.iter().any(|service| service.update.is_some())
    }
}

/// What is certainly not there, or does not fit.
fn problems(snapshot: &Snapshot) -> Vec<String> {
    snapshot.preflight.iter().filter_map(Finding::problem).collect()
}

/// Another deployment that is under way is an error where that was asked for.
fn refuse_under_way(inputs: &Inputs, services: &[ServicePlan]) -> Result<(), Error> {
    let busy = services.iter().find_map(|plan| Some((plan, plan.under_way.as_ref()?)));
    match busy.filter(|_| inputs.on_conflict == OnConflict::Fail) {
        Some((plan, other)) => Err(ConflictError::UnderWay {
            service: plan.service.clone(),
            revision: revision_name(&other.task_definition).to_owned(),
            waited: false,
        }
        .into()),
        None => Ok(()),
    }
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
        (Registration::Reuse(arn), Some(current)) if *arn == current.arn => Vec::new(),
        (_, Some(current)) => definition.changes_from(&current.definition),
        (_, None) => Vec::new(),
    }
}

/// The task that is run first, unless there is nothing that it would be first of.
fn task(
    inputs: &Inputs,
    snapshot: &Snapshot,
    definition: &TaskDefinition,
    services: &[ServicePlan],
) -> Result<Option<TaskPlan>, Error> {
    let is_needed = services.is_empty() || services.iter().any(|service| service.update.is_some());
    let Some(task) = inputs.task.as_ref().filter(|_| is_needed) else { return Ok(None) };
    let placements: Vec<(&str, &Placement)> = inputs
        .services
        .iter()
        .zip(&snapshot.services)
        .map(|(name, seen)| (name.name(), &seen.service.placement))
        .chain(task.service.as_ref().zip(snapshot.host.as_ref()).map(|(name, host)| (name.name(), &host.placement)))
        .collect();
    Ok(Some(run_task::request::plan(task, &definition.body(), &placements)?))
}

fn warnings(
    inputs: &Inputs,
    snapshot: &Snapshot,
    definition: &TaskDefinition,
    (services, task): (&[ServicePlan], Option<&TaskPlan>),
) -> Vec<String> {
    let several = services.len() > 1;
    let of_service = |service: &ServicePlan| {
        let warning = service.warning().filter(|_| inputs.on_conflict == OnConflict::Supersede)?;
        Some(if several { format!("{}: {warning}", service.service) } else { warning })
    };
    let mut warnings: Vec<String> = services.iter().filter_map(of_service).collect();
    if inputs.preflight == Preflight::Warn {
        warnings.extend(problems(snapshot));
    }
    warnings.extend(snapshot.preflight.iter().filter_map(Finding::doubt));
    warnings.extend(snapshot.blind_spots.iter().cloned());
    warnings.extend(inputs.asks_for_nothing().then(|| {
        "nothing was given to deploy: `task-definition` and `images` are empty; did an earlier step's output come empty?".to_owned()
    }));
    warnings.extend(strange_families(definition.family(), services));
    warnings.extend(task.iter().flat_map(|task| task.warnings.iter().cloned()));
    warnings
}

/// A service that is given the task definition of another one runs another program from then on.
fn strange_families(family: &str, services: &[ServicePlan]) -> Vec<String> {
    let moved = services.iter().filter_map(|plan| {
        let runs = revision_name(&plan.previous).rsplit_once(':')?.0;
        let warning =
            format!("service {} runs the family {runs} so far, and is given one of the family {family}", plan.service);
        (runs != family && plan.update.is_some()).then_some(warning)
    });
    moved.collect()
}

/// Each notice once, however many services it is about.
fn notices(services: &[ServicePlan]) -> Vec<String> {
    let mut notices: Vec<String> = services.iter().filter_map(ServicePlan::notice).collect();
    notices.dedup();
    notices
}

#[cfg(test)]
mod tests;
