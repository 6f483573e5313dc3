//! What `CodeDeploy` must allow, where its inputs are given: offline nobody knows which controller a service has.
//!
//! Which resource each action knows is told by the service authorization reference
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html>): a deployment is covered by its group,
//! and `StopDeployment`, `ContinueDeployment` and `GetDeploymentTarget` know no resource. That `CreateDeployment` needs two more actions is
//! told by `CodeDeploy`'s own guide
//! (<https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html>).

use aws_client::policy::{Place, Statement};

use crate::inputs::{Inputs, OnConflict, Remedy};
use crate::names::ServiceName;

/// What a deployment needs; nothing when no input of `CodeDeploy` is given.
pub(crate) fn statements(inputs: &Inputs, place: &Place, dry_run: bool) -> Option<Vec<Statement>> {
    let Some(service) = inputs.services.first().filter(|_| inputs.codedeploy.is_given) else {
        return Some(Vec::new());
    };
    let arns = Arns::of(inputs, service, place)?;
    let follow = Statement::new("CodeDeploy", ["codedeploy:GetDeployment", "codedeploy:ListDeployments"])
        .and("codedeploy:CreateDeployment", !dry_run);
    let mut all = vec![
        follow.on(arns.group.clone()),
        arns.group_itself(),
        Statement::new("CodeDeployContent", ["codedeploy:GetApplicationRevision"]).on(arns.application.clone()),
    ];
    if dry_run {
        return Some(all);
    }
    all.extend(arns.of_creating());
    if inputs.wait.is_some() {
        all.push(lifecycle());
    }
    let remedies = [inputs.remedies.on_timeout, inputs.remedies.on_cancel];
    if inputs.on_conflict == OnConflict::Supersede || remedies.contains(&Remedy::Rollback) {
        all.push(stop());
    }
    Some(all)
}

/// What a rollback needs.
pub(crate) fn of_rollback(inputs: &Inputs, place: &Place, only_reads: bool) -> Option<Vec<Statement>> {
    let arns = Arns::of(inputs, inputs.services.first()?, place)?;
    let remember = Statement::new("CodeDeploy", ["codedeploy:BatchGetDeployments", "codedeploy:ListDeployments"])
        .and("codedeploy:GetDeployment", !only_reads)
        .and("codedeploy:CreateDeployment", !only_reads);
    let mut all = vec![
        remember.on(arns.group.clone()),
        arns.group_itself(),
        Statement::new("CodeDeployContent", ["codedeploy:GetApplicationRevision"]).on(arns.application.clone()),
    ];
    if !only_reads {
        all.extend(arns.of_creating());
        all.extend([lifecycle(), stop()]);
    }
    Some(all)
}

/// The resources of a service.
struct Arns {
    application: String,
    group: String,
    config: String,
}

impl Arns {
    /// `None` where the place is not known.
    fn of(inputs: &Inputs, service: &ServiceName, place: &Place) -> Option<Self> {
        let application = inputs.codedeploy.application(&inputs.cluster, service);
        let group = inputs.codedeploy.group(&inputs.cluster, service);
        let config = inputs.codedeploy.config.as_deref().unwrap_or("*");
        let arn = |resource: String| place.arn("codedeploy", &resource);
        Some(Self {
            application: arn(format!("application:{application}"))?,
            group: arn(format!("deploymentgroup:{application}/{group}"))?,
            config: arn(format!("deploymentconfig:{config}"))?,
        })
    }

    fn group_itself(&self) -> Statement {
        Statement::new("OptionalCodeDeployGroup", ["codedeploy:GetDeploymentGroup"]).on(self.group.clone())
    }

    /// What `CreateDeployment` asks for besides.
    fn of_creating(self) -> [Statement; 2] {
        [
            Statement::new("CodeDeployRevision", ["codedeploy:RegisterApplicationRevision"]).on(self.application),
            Statement::new("CodeDeployConfig", ["codedeploy:GetDeploymentConfig"]).on(self.config),
        ]
    }
}

fn lifecycle() -> Statement {
    Statement::new("OptionalCodeDeployLifecycle", ["codedeploy:GetDeploymentTarget"]).on("*")
}

fn stop() -> Statement {
    Statement::new("CodeDeployStop", ["codedeploy:StopDeployment"]).on("*")
}
