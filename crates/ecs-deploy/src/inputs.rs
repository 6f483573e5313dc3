//! From what was typed to domain types; every bad field is noted.

mod definition;
mod images;
mod pairs;
mod services;
mod source;
mod volume;
mod watch;

pub use definition::DefinitionInputs;
pub(crate) use definition::SecretLint;
pub(crate) use services::same_cluster;
pub(crate) use source::Source;
pub use volume::Volume;
pub(crate) use volume::volume;
pub(crate) use watch::Watch;

use std::time::Duration;

use actions_core::InputErrors;
use serde::Serialize;

use crate::args::{EcsDeployArgs, PropagateTags};
pub(crate) use crate::args::{OnConflict, Preflight, Remedy};
use crate::codedeploy::{self, CodeDeployInputs};
use crate::ecs::Connection;
use crate::image_assignment::ImageAssignment;
use crate::names::{ClusterName, ServiceName};
use crate::rollout::WaitUntil;
use crate::run_task::{self, TaskInputs};
use crate::targets::{self, TargetInputs};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Region, role, accounts, tries.
    pub(crate) connection: Connection,
    /// The cluster.
    pub cluster: ClusterName,
    /// The services, each once; none means that the task definition is only registered.
    pub services: Vec<ServiceName>,
    /// Where the task definition comes from, and what is changed in it.
    pub definition: DefinitionInputs,
    /// The images to put in.
    pub images: Vec<ImageAssignment>,
    /// The number of tasks, when it shall be set.
    pub desired_count: Option<i32>,
    /// Whether new tasks are started although nothing changed.
    pub force_new_deployment: bool,
    /// How long to wait for the deployment; `None` means not at all.
    pub wait: Option<Duration>,
    /// What to wait for.
    pub wait_until: WaitUntil,
    /// How many tasks that stop for one cause end the wait; 0: none.
    pub fail_fast_after: usize,
    /// What to do about another deployment that is under way.
    pub on_conflict: OnConflict,
    /// What to do when it does not end well.
    pub remedies: Remedies,
    /// What to do when something that the task definition names is not there.
    pub preflight: Preflight,
    /// Where new tasks get their tags from, when it shall be set.
    pub propagate_tags: Option<Propagation>,
    /// Whether ECS tags new tasks, when it shall be set.
    pub enable_ecs_managed_tags: Option<bool>,
    /// What was asked for of CodeDeploy.
    pub codedeploy: CodeDeployInputs,
    /// Whether what CodeDeploy itself waits is added to `wait`: `wait-timeout` is not given.
    pub adds_waits: bool,
    /// The volume that ECS makes for each task, when it shall be set.
    pub volume: Option<Volume>,
    /// How many of the newest revisions stay registered, when older ones are not to.
    pub keep_revisions: Option<usize>,
    /// The rules and schedules that are moved to the new revision afterwards.
    pub targets: TargetInputs,
    /// The task that is run before any service is updated.
    pub task: Option<TaskInputs>,
}

impl Inputs {
    /// Whether the service deployments there were are to be known: ours is waited for, or others are not to be disturbed.
    pub(crate) fn asks_for_history(&self) -> bool {
        self.wait.is_some() || self.on_conflict != OnConflict::Supersede
    }

    /// Whether a service is named, and nothing that could change it.
    pub(crate) fn asks_for_nothing(&self) -> bool {
        let given = [
            self.services.is_empty(),
            self.definition.source != Source::Service,
            !self.images.is_empty(),
            !self.definition.edits.is_empty(),
            self.force_new_deployment,
            self.desired_count.is_some(),
            self.propagate_tags.is_some(),
            self.enable_ecs_managed_tags.is_some(),
            self.volume.is_some(),
        ];
        !given.contains(&true)
    }
}

/// What to do about a deployment that does not end well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "they are the names of the inputs")]
pub struct Remedies {
    /// It failed.
    pub on_failure: Remedy,
    /// It is not complete when the time is up.
    pub on_timeout: Remedy,
    /// The run was cancelled.
    pub on_cancel: Remedy,
}

impl Remedies {
    /// The inputs that ask for a rollback.
    pub(crate) fn asked_for(self) -> impl Iterator<Item = &'static str> {
        let all = [("on-failure", self.on_failure), ("on-timeout", self.on_timeout), ("on-cancel", self.on_cancel)];
        all.into_iter().filter(|(_, remedy)| *remedy == Remedy::Rollback).map(|(input, _)| input)
    }
}

/// Where new tasks get their tags from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Propagation {
    /// From the service.
    Service,
    /// From the task definition.
    TaskDefinition,
    /// From nowhere.
    None,
}

impl Propagation {
    /// The value as ECS writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "SERVICE",
            Self::TaskDefinition => "TASK_DEFINITION",
            Self::None => "NONE",
        }
    }
}

impl From<PropagateTags> for Propagation {
    fn from(typed: PropagateTags) -> Self {
        match typed {
            PropagateTags::Service => Self::Service,
            PropagateTags::TaskDefinition => Self::TaskDefinition,
            PropagateTags::None => Self::None,
        }
    }
}

/// Parses everything that was typed.
pub(crate) fn parse(args: &EcsDeployArgs) -> Result<Inputs, InputErrors> {
    let mut bad = InputErrors::new();
    let connection = Connection::parse(&args.connection, &mut bad);
    let cluster = bad.required("cluster", Some(&args.cluster), ClusterName::parse);
    let services = services::services(args, cluster.as_ref(), &mut bad);
    let mut definition = definition::parse(&args.definition, &mut bad);
    let images = images::images(args, &definition, &mut bad);
    let desired_count = bad.optional("desired-count", args.desired_count.as_deref(), parse_count);
    let watch = Watch::of(&args.watch, args.wait_for_minutes.as_deref(), &mut bad);
    let wait = args.wait_for_service_stability.then_some(watch.limit);
    let task = task(args, watch.limit, &services, &mut bad);
    definition.notes.extend(of_no_task(args).into_iter().chain(watch::too_many(args.wait_for_minutes.as_deref())));
    let targets = targets::parse(&args.targets, &mut bad);
    let keep_revisions = bad.optional("keep-revisions", args.keep_revisions.as_deref(), parse_revisions);
    if wait.is_none() && watch.until != WaitUntil::Deployed {
        let advice = "remove `wait-for-service-stability: false`, or `wait-until`".to_owned();
        bad.add("wait-until", "says what to wait for, and `wait-for-service-stability` says not to wait", Some(advice));
    }
    let remedies = remedies(args, wait, &mut bad);
    let codedeploy = codedeploy::parse(&args.codedeploy, &mut bad);
    let volume = volume::parse(&args.volume, &mut bad);
    if services::no_service_is_named(args) {
        let has_host = task.as_ref().is_some_and(|task| task.service.is_some());
        without_service(args, volume.is_some(), definition.source == Source::Service && !has_host, &mut bad);
    }
    bad.finish(|| {
        Some(Inputs {
            connection: connection?,
            cluster: cluster?,
            services,
            definition,
            images,
            desired_count,
            force_new_deployment: args.force_new_deployment,
            wait,
            wait_until: watch.until,
            fail_fast_after: watch.fail_fast_after,
            on_conflict: args.on_conflict,
            remedies,
            preflight: args.definition.preflight,
            propagate_tags: args.propagate_tags.map(Propagation::from),
            enable_ecs_managed_tags: args.enable_ecs_managed_tags,
            codedeploy,
            adds_waits: watch.adds_waits,
            volume,
            task,
            targets,
            keep_revisions,
        })
    })
}

/// Only a deployment that is waited for can be seen to fail.
fn remedies(args: &EcsDeployArgs, wait: Option<Duration>, bad: &mut InputErrors) -> Remedies {
    let remedies = Remedies { on_failure: args.on_failure, on_timeout: args.on_timeout, on_cancel: args.on_cancel };
    for input in remedies.asked_for().filter(|_| wait.is_none()) {
        let advice = format!("remove `wait-for-service-stability: false`, or `{input}`");
        bad.add(input, "needs a deployment that is waited for", Some(advice));
    }
    remedies
}

/// Notes each input that means nothing without a service.
fn without_service(args: &EcsDeployArgs, has_volume: bool, starts_from_service: bool, bad: &mut InputErrors) {
    if starts_from_service {
        bad.add(
            "service",
            "is missing, and `task-definition` too",
            Some("name the service to update, or the task definition file to register, or both".to_owned()),
        );
    }
    let given = [
        ("desired-count", args.desired_count.as_deref().is_some_and(|count| !count.is_empty())),
        ("force-new-deployment", args.force_new_deployment),
        ("propagate-tags", args.propagate_tags.is_some()),
        ("enable-ecs-managed-tags", args.enable_ecs_managed_tags.is_some() && !args.run_task),
        ("service-managed-ebs-volume", has_volume),
        ("on-failure", args.on_failure == Remedy::Rollback),
        ("on-timeout", args.on_timeout == Remedy::Rollback),
        ("on-cancel", args.on_cancel == Remedy::Rollback),
    ];
    for (name, _) in given.into_iter().filter(|(_, given)| *given) {
        bad.add(name, "needs `service`", Some("name the service, or remove this input".to_owned()));
    }
}

/// The task that is run first.
fn task(args: &EcsDeployArgs, limit: Duration, services: &[ServiceName], bad: &mut InputErrors) -> Option<TaskInputs> {
    const SERVICE: &str = "run-task-service";
    let service = bad.optional(SERVICE, args.run_task_service.as_deref(), ServiceName::parse);
    let is_deployed = |service: &&ServiceName| services.iter().any(|own| own.name() == service.name());
    if let Some(service) = service.as_ref().filter(|service| !services.is_empty() && !is_deployed(service)) {
        let help = Some("name one of `service` and `services`".to_owned());
        bad.add(SERVICE, format!("is `{service}`, which is not deployed"), help);
    }
    let inputs = run_task::inputs::parse(&args.task, limit, bad);
    args.run_task.then_some(TaskInputs { service, managed_tags: args.enable_ecs_managed_tags, ..inputs })
}

/// What is given for a task that is not run.
fn of_no_task(args: &EcsDeployArgs) -> Option<String> {
    let given: Vec<String> = run_task::inputs::given(&args.task).into_iter().map(|name| format!("`{name}`")).collect();
    (!args.run_task && !given.is_empty())
        .then(|| format!("{}: not used, because `run-task` is not true", given.join(", ")))
}

fn parse_revisions(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count >= 1).ok_or_else(|| "not a number of revisions from 1 on".to_owned())
}

fn parse_count(text: &str) -> Result<i32, String> {
    text.parse().ok().filter(|count| *count >= 0).ok_or_else(|| "not a number of tasks".to_owned())
}

#[cfg(test)]
mod tests;
