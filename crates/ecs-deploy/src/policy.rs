//! What the action must be allowed in IAM, for its inputs
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html>).

mod logs;
mod preflight;
mod prune;
pub(crate) mod service_deployments;
pub(crate) mod targets;
mod task;

pub(crate) use logs::stream_arn;

use actions_core::{InputErrors, Session};
use aws_client::policy::{Needs, Place, Policy, Statement};

use crate::codedeploy;
use crate::inputs::{Inputs, Preflight, Volume};
use crate::names::{ClusterName, ServiceName};
use crate::plan::put_images;
use crate::task_definition::TaskDefinition;

/// How to give the policy what only AWS knows.
const WITHOUT_FILE: &str = "name a file for this printing alone, with what the service runs now: `aws ecs describe-task-definition \
     --task-definition FAMILY --include TAGS >task-definition.json`; the statement `OptionalCompare` is then needed";

/// The least policy; on a dry run it only reads.
pub(crate) fn policy(inputs: &Inputs, session: &Session) -> Result<String, InputErrors> {
    let mut bad = InputErrors::new();
    let place = Place::of(&inputs.connection.aws, Needs::Account, session, &mut bad);
    let definition = definition(inputs, session, &mut bad);
    bad.finish(|| Some(statements(inputs, &place?, &definition?, session.dry_run)?.to_json()))
}

/// What is registered. The roles and the family are in the file and in the inputs; without a file they are only known to AWS,
/// which is not asked.
fn definition(inputs: &Inputs, session: &Session, bad: &mut InputErrors) -> Option<Registered> {
    const INPUT: &str = "task-definition";
    let is_edited = !inputs.images.is_empty() || !inputs.definition.edits.is_empty();
    // A task is given the roles of its definition, so they must be known.
    if inputs.definition.source.registered().is_some() && !is_edited && inputs.task.is_none() {
        return Some(Registered::AsItIs);
    }
    let file = match crate::observe::file(inputs, session) {
        Ok(Some(file)) => file,
        Ok(None) => {
            let help = Some(WITHOUT_FILE.to_owned());
            bad.add(INPUT, "is empty, and only AWS knows the roles that a policy must name", help);
            return None;
        }
        Err(error) => {
            bad.add(INPUT, format!("cannot be used: {error}"), None);
            return None;
        }
    };
    let mut definition = file.definition;
    // Where an edit cannot be made the run ends before it needs any right.
    let _ = put_images(&mut definition, &inputs.images);
    let _ = definition.edit(&inputs.definition.edits);
    Some(Registered::Anew(Box::new(definition)))
}

/// Whether a run registers a revision.
enum Registered {
    /// It deploys one that is there.
    AsItIs,
    /// It registers this one.
    Anew(Box<TaskDefinition>),
}

/// Registering, and taking back what ECS did not keep whole.
fn registers(place: &Place, definition: &TaskDefinition) -> Option<[Statement; 3]> {
    let roles: Option<Vec<String>> = definition.roles().map(|role| role_arn(place, role)).collect();
    let register =
        Statement::new("Register", ["ecs:RegisterTaskDefinition"]).and("ecs:TagResource", definition.has_tags());
    Some([
        register.on(revisions_arn(place, definition.family())?),
        Statement::pass_roles_to_tasks(roles?),
        // It knows no resource.
        Statement::new("OptionalTakeBack", ["ecs:DeregisterTaskDefinition"]).on("*"),
    ])
}

fn statements(inputs: &Inputs, place: &Place, registered: &Registered, dry_run: bool) -> Option<Policy> {
    let mut policy = Policy::new();
    if let (Registered::Anew(definition), false) = (registered, dry_run) {
        policy = registers(place, definition)?.into_iter().fold(policy, Policy::allow);
    }
    if !inputs.services.is_empty() {
        let arns = inputs.services.iter().map(|service| service_arn(place, &inputs.cluster, service));
        let deploy =
            Statement::new("Deploy", ["ecs:DescribeServices"]).and("ecs:UpdateService", !dry_run && is_updated(inputs));
        policy = policy.allow(deploy.on_all(arns.collect::<Option<Vec<String>>>()?));
    }
    policy = codedeploy::statements(inputs, place, dry_run)?.into_iter().fold(policy, Policy::allow);
    if let (Some(volume), false) = (&inputs.volume, dry_run) {
        policy = policy.allow(pass_volume_role(volume));
    }
    let by_ecs = !inputs.services.is_empty() && !inputs.codedeploy.is_given;
    if by_ecs && inputs.asks_for_history() {
        let follow = service_deployments::follow(place, &inputs.cluster, &inputs.services)?;
        policy = follow.into_iter().fold(policy, Policy::allow);
    }
    if by_ecs && inputs.remedies.asked_for().next().is_some() && !dry_run {
        policy = policy.allow(service_deployments::roll_back(place, &inputs.cluster, &inputs.services)?);
    }
    if let (Some(task), Registered::Anew(definition)) = (&inputs.task, registered) {
        policy = task::runs(place, &inputs.cluster, task, definition, dry_run)?.into_iter().fold(policy, Policy::allow);
    }
    if let (Registered::Anew(definition), true) = (registered, inputs.preflight != Preflight::Off) {
        let look = preflight::look(place, definition, !inputs.services.is_empty())?;
        policy = look.into_iter().fold(policy, Policy::allow);
    }
    policy = targets::moves(place, &inputs.targets, dry_run)?.into_iter().fold(policy, Policy::allow);
    if inputs.keep_revisions.is_some() {
        // What registers may take back, and so deregister.
        let deregisters = !dry_run && matches!(registered, Registered::AsItIs);
        policy = prune::prunes(place, deregisters)?.into_iter().fold(policy, Policy::allow);
    }
    // It knows no resource.
    let compares = match registered {
        Registered::AsItIs => "Read",
        Registered::Anew(_) => "OptionalCompare",
    };
    policy = policy.allow(Statement::new(compares, ["ecs:DescribeTaskDefinition"]).on("*"));
    if !inputs.services.is_empty() && inputs.wait.is_some() && !dry_run {
        policy = why_tasks_stopped(place, &inputs.cluster)?.into_iter().fold(policy, Policy::allow);
        if let Registered::Anew(definition) = registered {
            policy = policy.allow(logs::what_they_wrote(place, definition)?);
        }
    }
    Some(policy)
}

/// Whether the service itself is updated: CodeDeploy brings the revision, and `UpdateService` sets what stands beside it.
fn is_updated(inputs: &Inputs) -> bool {
    let settings =
        [inputs.desired_count.is_some(), inputs.propagate_tags.is_some(), inputs.enable_ecs_managed_tags.is_some()];
    !inputs.codedeploy.is_given || settings.contains(&true)
}

/// Passing the role that makes volumes to ECS itself
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html>).
fn pass_volume_role(volume: &Volume) -> Statement {
    let pass = Statement::new("PassTheVolumesRole", ["iam:PassRole"]).on(volume.role());
    pass.when("StringEquals", "iam:PassedToService", "ecs.amazonaws.com")
}

/// Listing the tasks of a service knows no resource but container instances; the cluster is the tightest condition there is.
pub(crate) fn why_tasks_stopped(place: &Place, cluster: &ClusterName) -> Option<[Statement; 2]> {
    let (arn, tasks) = (cluster_arn(place, cluster)?, tasks_arn(place, cluster)?);
    let find = Statement::new("OptionalFindStoppedTasks", ["ecs:ListTasks"]).on("*");
    Some([
        find.when("ArnEquals", "ecs:cluster", arn),
        Statement::new("OptionalWhyTasksStopped", ["ecs:DescribeTasks"]).on(tasks),
    ])
}

/// The ARN of all revisions of a family.
pub(crate) fn revisions_arn(place: &Place, family: &str) -> Option<String> {
    place.arn("ecs", &format!("task-definition/{}:*", aws_client::policy::literal(family)))
}

/// The ARN of a service, in the form that names its cluster.
pub(crate) fn service_arn(place: &Place, cluster: &ClusterName, service: &ServiceName) -> Option<String> {
    let resource = format!("service/{}/{}", cluster.name(), service.name());
    beside(service.as_str(), &resource).or_else(|| in_cluster(place, cluster, &resource))
}

/// The ARN of a cluster.
fn cluster_arn(place: &Place, cluster: &ClusterName) -> Option<String> {
    in_cluster(place, cluster, &format!("cluster/{}", cluster.name()))
}

/// The ARN of all tasks of a cluster.
fn tasks_arn(place: &Place, cluster: &ClusterName) -> Option<String> {
    in_cluster(place, cluster, &format!("task/{}/*", cluster.name()))
}

/// A cluster that was named by its ARN tells the place of what is in it.
fn in_cluster(place: &Place, cluster: &ClusterName, resource: &str) -> Option<String> {
    beside(cluster.as_str(), resource).or_else(|| place.arn("ecs", resource))
}

/// The ARN of `resource` in the account and region of the ARN `known`; `None` when that is a bare name.
fn beside(known: &str, resource: &str) -> Option<String> {
    let parts: Vec<&str> = known.splitn(6, ':').collect();
    let [arn @ "arn", partition, "ecs", region, account, _] = parts.as_slice() else { return None };
    Some(format!("{arn}:{partition}:ecs:{region}:{account}:{resource}"))
}

/// A role is named by its ARN, or by its name alone
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>).
fn role_arn(place: &Place, role: &str) -> Option<String> {
    if role.starts_with("arn:") { Some(role.to_owned()) } else { place.global_arn("iam", &format!("role/{role}")) }
}
