//! What `CodeDeploy` must allow, where its inputs are given: offline nobody knows which controller a service has.
//!
//! Which resource each action knows is told by the service authorization reference
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html>): a deployment is covered by its group,
//! and `StopDeployment`, `ContinueDeployment` and `GetDeploymentTarget` know no resource. That `CreateDeployment` needs two more actions is
//! told by `CodeDeploy`'s own guide
//! (<https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html>).

use aws_client::policy::{Place, Statement};

use crate::inputs::{Inputs, OnConflict, Remedy};

/// The statements; none when no input of `CodeDeploy` is given.
pub(crate) fn statements(inputs: &Inputs, place: &Place, dry_run: bool) -> Option<Vec<Statement>> {
    let Some(service) = inputs.services.first().filter(|_| inputs.codedeploy.is_given) else {
        return Some(Vec::new());
    };
    let application = inputs.codedeploy.application(&inputs.cluster, service);
    let group = inputs.codedeploy.group(&inputs.cluster, service);
    let group = place.arn("codedeploy", &format!("deploymentgroup:{application}/{group}"))?;
    let application = place.arn("codedeploy", &format!("application:{application}"))?;
    let config = inputs.codedeploy.config.as_deref().unwrap_or("*");
    let config = place.arn("codedeploy", &format!("deploymentconfig:{config}"))?;
    let mut all = vec![
        Statement::new("CodeDeploy", ["codedeploy:GetDeployment", "codedeploy:ListDeployments"])
            .and("codedeploy:CreateDeployment", !dry_run)
            .on(group.clone()),
        Statement::new("OptionalCodeDeployGroup", ["codedeploy:GetDeploymentGroup"]).on(group),
        Statement::new("OptionalCodeDeployContent", ["codedeploy:GetApplicationRevision"]).on(application.clone()),
    ];
    if dry_run {
        return Some(all);
    }
    // `CreateDeployment` asks for both.
    all.push(Statement::new("CodeDeployRevision", ["codedeploy:RegisterApplicationRevision"]).on(application));
    all.push(Statement::new("CodeDeployConfig", ["codedeploy:GetDeploymentConfig"]).on(config));
    if inputs.wait.is_some() {
        all.push(Statement::new("OptionalCodeDeployLifecycle", ["codedeploy:GetDeploymentTarget"]).on("*"));
    }
    let remedies = [inputs.remedies.on_timeout, inputs.remedies.on_cancel];
    if inputs.on_conflict == OnConflict::Supersede || remedies.contains(&Remedy::Rollback) {
        all.push(Statement::new("CodeDeployStop", ["codedeploy:StopDeployment"]).on("*"));
    }
    Some(all)
}
