//! What the action must be allowed in IAM, for its inputs.

use actions_core::{InputErrors, Session};
use aws_client::policy::{Needs, Place, Policy, Statement};

use crate::codedeploy;
use crate::commands::rollback::args::Mode;
use crate::commands::rollback::inputs::RollbackInputs;
use crate::policy::{service_arn, service_deployments, targets, why_tasks_stopped};

/// The least policy; to plan it only reads.
pub(super) fn policy(inputs: &RollbackInputs, session: &Session) -> Result<String, InputErrors> {
    let mut bad = InputErrors::new();
    let place = Place::of(&inputs.deploy.connection.aws, Needs::Account, session, &mut bad);
    let only_reads = session.dry_run || inputs.mode == Mode::Plan;
    bad.finish(|| Some(statements(inputs, &place?, only_reads)?.to_json()))
}

fn statements(inputs: &RollbackInputs, place: &Place, only_reads: bool) -> Option<Policy> {
    let (cluster, services) = (&inputs.deploy.cluster, &inputs.deploy.services);
    let by_codedeploy = inputs.deploy.codedeploy.is_given;
    let own = services.iter().map(|service| service_arn(place, cluster, service));
    let restore =
        Statement::new("Restore", ["ecs:DescribeServices"]).and("ecs:UpdateService", !only_reads && !by_codedeploy);
    let mut policy = Policy::new().allow(restore.on_all(own.collect::<Option<Vec<String>>>()?));
    // It knows no resource.
    policy = policy.allow(Statement::new("Read", ["ecs:DescribeTaskDefinition"]).on("*"));
    let follow: Vec<Statement> = if by_codedeploy {
        codedeploy::of_rollback(&inputs.deploy, place, only_reads)?
    } else {
        service_deployments::follow(place, cluster, services)?.into()
    };
    policy = follow.into_iter().fold(policy, Policy::allow);
    policy = targets::moves(place, &inputs.deploy.targets, only_reads)?.into_iter().fold(policy, Policy::allow);
    // Which repositories its images are in only AWS knows.
    if only_reads {
        return Some(policy);
    }
    if !by_codedeploy {
        policy = policy.allow(service_deployments::roll_back(place, cluster, services)?);
    }
    Some(why_tasks_stopped(place, cluster)?.into_iter().fold(policy, Policy::allow))
}
