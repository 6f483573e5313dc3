//! What the action must be allowed in IAM, for its inputs.

use actions_core::{InputErrors, Session};
use aws_client::policy::{Needs, Place, Policy, Statement};

use crate::codedeploy::CodeDeployInputs;
use crate::commands::continuation::args::HookAction;
use crate::commands::continuation::inputs::ContinueInputs;
use crate::policy::{service_arn, service_deployments, why_tasks_stopped};

/// The least policy; on a dry run it only reads.
pub(super) fn policy(inputs: &ContinueInputs, session: &Session) -> Result<String, InputErrors> {
    let mut bad = InputErrors::new();
    let place = Place::of(&inputs.connection.aws, Needs::Account, session, &mut bad);
    bad.finish(|| Some(statements(inputs, &place?, session.dry_run)?.to_json()))
}

fn statements(inputs: &ContinueInputs, place: &Place, dry_run: bool) -> Option<Policy> {
    if inputs.hook.starts_with("d-") {
        return with_codedeploy(inputs, place, dry_run);
    }
    let (cluster, service) = (&inputs.cluster, &inputs.service);
    let own = service_arn(place, cluster, service)?;
    let deployments = service_deployments::with_deployments(place, cluster, service)?;
    let revisions = service_deployments::below(place, cluster, service, "service-revision")?;
    let policy = Policy::new()
        .allow(Statement::new("FindService", ["ecs:DescribeServices"]).on(own.clone()))
        .allow(
            Statement::new("FollowServiceDeployments", ["ecs:DescribeServiceDeployments"]).on_all(deployments.clone()),
        )
        .allow(
            Statement::new("ReadServiceRevisions", ["ecs:DescribeServiceRevisions"]).on_all([own.clone(), revisions]),
        )
        .allow(Statement::new("OptionalFindServiceDeployments", ["ecs:ListServiceDeployments"]).on(own))
        // It knows no resource.
        .allow(Statement::new("OptionalReadDefinition", ["ecs:DescribeTaskDefinition"]).on("*"));
    if dry_run {
        return Some(policy);
    }
    let act = Statement::new("ActOnHook", ["ecs:ContinueServiceDeployment"]).on_all(deployments);
    let why = why_tasks_stopped(place, cluster)?;
    Some(why.into_iter().fold(policy.allow(act), Policy::allow))
}

/// The same for a deployment of `CodeDeploy`, whose ids begin with `d-`, in the application and the group that the ECS console makes.
fn with_codedeploy(inputs: &ContinueInputs, place: &Place, dry_run: bool) -> Option<Policy> {
    let (cluster, service) = (&inputs.cluster, &inputs.service);
    let usual = CodeDeployInputs::default();
    let (application, group) = (usual.application(cluster, service), usual.group(cluster, service));
    let group = place.arn("codedeploy", &format!("deploymentgroup:{application}/{group}"))?;
    let application = place.arn("codedeploy", &format!("application:{application}"))?;
    let policy = Policy::new()
        .allow(Statement::new("FindService", ["ecs:DescribeServices"]).on(service_arn(place, cluster, service)?))
        .allow(Statement::new("FollowDeployment", ["codedeploy:GetDeployment"]).on(group))
        .allow(Statement::new("OptionalReadContent", ["codedeploy:GetApplicationRevision"]).on(application))
        // These know no resource.
        .allow(Statement::new("FindTarget", ["codedeploy:GetDeploymentTarget"]).on("*"))
        .allow(Statement::new("OptionalReadDefinition", ["ecs:DescribeTaskDefinition"]).on("*"));
    if dry_run {
        return Some(policy);
    }
    let action = match inputs.action {
        HookAction::Continue => "codedeploy:ContinueDeployment",
        HookAction::Rollback => "codedeploy:StopDeployment",
    };
    let act = Statement::new("ActOnDeployment", [action]).on("*");
    Some(why_tasks_stopped(place, cluster)?.into_iter().fold(policy.allow(act), Policy::allow))
}
