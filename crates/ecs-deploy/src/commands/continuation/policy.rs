//! What the action must be allowed in IAM, for its inputs.

use actions_core::{InputErrors, Session};
use aws_client::policy::{Needs, Place, Policy, Statement};

use crate::commands::continuation::inputs::ContinueInputs;
use crate::policy::{service_arn, service_deployments, why_tasks_stopped};

/// The least policy; on a dry run it only reads.
pub(super) fn policy(inputs: &ContinueInputs, session: &Session) -> Result<String, InputErrors> {
    let mut bad = InputErrors::new();
    let place = Place::of(&inputs.connection.aws, Needs::Account, session, &mut bad);
    bad.finish(|| Some(statements(inputs, &place?, session.dry_run)?.to_json()))
}

fn statements(inputs: &ContinueInputs, place: &Place, dry_run: bool) -> Option<Policy> {
    let (cluster, service) = (&inputs.cluster, &inputs.service);
    let own = service_arn(place, cluster, service)?;
    let below = |kind: &str| service_deployments::below(place, cluster, service, kind);
    let policy = Policy::new()
        .allow(Statement::new("FindService", ["ecs:DescribeServices"]).on(own.clone()))
        .allow(
            Statement::new("FollowServiceDeployments", ["ecs:DescribeServiceDeployments"])
                .on_all([own.clone(), below("service-deployment")?]),
        )
        .allow(
            Statement::new("ReadServiceRevisions", ["ecs:DescribeServiceRevisions"])
                .on_all([own.clone(), below("service-revision")?]),
        )
        // It knows no resource.
        .allow(Statement::new("OptionalReadDefinition", ["ecs:DescribeTaskDefinition"]).on("*"));
    if dry_run {
        return Some(policy);
    }
    let act = Statement::new("ActOnHook", ["ecs:ContinueServiceDeployment"]).on(below("service-deployment")?);
    let find = Statement::new("OptionalFindServiceDeployments", ["ecs:ListServiceDeployments"]).on(own);
    let why = why_tasks_stopped(place, cluster)?;
    Some(why.into_iter().fold(policy.allow(act).allow(find), Policy::allow))
}
