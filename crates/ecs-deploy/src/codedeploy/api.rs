//! `CodeDeploy`'s API, as far as it is used (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/Welcome.html>).

use aws_client::ApiError;
use serde_json::{Value, json};

use crate::codedeploy::answer::{Deployment, Group, Target};
use crate::codedeploy::plan::CodeDeployPlan;
use crate::ecs::Ecs;
use crate::service::{list, owned};

/// The statuses of a deployment that has not ended.
const UNDER_WAY: [&str; 5] = ["Created", "Queued", "InProgress", "Baking", "Ready"];

/// The application and the deployment group of a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api<'a> {
    pub(crate) ecs: &'a Ecs,
    pub(crate) application: &'a str,
    pub(crate) group: &'a str,
}

impl Api<'_> {
    fn place(&self) -> (&str, &str) {
        (self.application, self.group)
    }

    /// `GetDeploymentGroup`.
    pub(super) async fn group(&self) -> Result<Group, ApiError> {
        let body = json!({"applicationName": self.application, "deploymentGroupName": self.group});
        let answer = self.ecs.codedeploy("GetDeploymentGroup", Some(self.place()), &body).await?;
        Ok(Group::from_answer(&answer["deploymentGroupInfo"]))
    }

    /// `ListDeployments`: the ids of those under way, or of all that were made after a moment.
    async fn list(&self, after: Option<f64>) -> Result<Vec<String>, ApiError> {
        let mut body = json!({"applicationName": self.application, "deploymentGroupName": self.group});
        match after {
            Some(after) => body["createTimeRange"] = json!({"start": after}),
            None => body["includeOnlyStatuses"] = json!(UNDER_WAY),
        }
        let answer = self.ecs.codedeploy("ListDeployments", Some(self.place()), &body).await?;
        Ok(list(&answer, "deployments").filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The deployment of the group that is under way: there is one at most.
    pub(super) async fn under_way(&self) -> Result<Option<Deployment>, ApiError> {
        for id in self.list(None).await? {
            let found = self.deployment(&id).await?;
            if !found.status.has_ended() {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The newest deployment that somebody made after `ours`.
    pub(super) async fn newer(&self, ours: &Deployment) -> Result<Option<Deployment>, ApiError> {
        let Some(made) = ours.created else { return Ok(None) };
        let mut newest: Option<Deployment> = None;
        for id in self.list(Some(made)).await?.iter().filter(|id| **id != ours.id).take(10) {
            let found = self.deployment(id).await?;
            let is_newer = found.created > newest.as_ref().map_or(Some(made), |newest| newest.created);
            if is_newer && !found.is_rollback {
                newest = Some(found);
            }
        }
        Ok(newest)
    }

    /// `GetDeployment`.
    pub(crate) async fn deployment(&self, id: &str) -> Result<Deployment, ApiError> {
        let answer = self.ecs.codedeploy("GetDeployment", Some(self.place()), &json!({"deploymentId": id})).await?;
        Ok(Deployment::from_answer(&answer["deploymentInfo"]))
    }

    /// `GetDeploymentTarget`: the service, whose id is `CLUSTER:SERVICE`.
    pub(crate) async fn target(&self, id: &str, target: &str) -> Result<Target, ApiError> {
        let body = json!({"deploymentId": id, "targetId": target});
        let answer = self.ecs.codedeploy("GetDeploymentTarget", None, &body).await?;
        Ok(Target::from_answer(&answer["deploymentTarget"]))
    }

    /// `CreateDeployment`, once; the new deployment's id.
    pub(super) async fn create(&self, plan: &CodeDeployPlan, appspec: &Value) -> Result<String, ApiError> {
        let mut body = json!({
            "applicationName": self.application,
            "deploymentGroupName": self.group,
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec.to_string()}},
        });
        let given = [
            ("deploymentConfigName", plan.config.as_deref().map(Value::from)),
            ("description", plan.description.as_deref().map(Value::from)),
            (
                "autoRollbackConfiguration",
                plan.rollback_events.as_ref().map(|on| json!({"enabled": true, "events": on})),
            ),
        ];
        for (name, value) in given.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            body[name] = value;
        }
        Ok(owned(&self.ecs.codedeploy_once("CreateDeployment", Some(self.place()), &body).await?, "deploymentId"))
    }

    /// `StopDeployment`; `CodeDeploy` then goes back to what ran before.
    pub(crate) async fn stop(&self, id: &str) -> Result<(), ApiError> {
        let body = json!({"deploymentId": id, "autoRollbackEnabled": true});
        self.ecs.codedeploy("StopDeployment", None, &body).await.map(|_| ())
    }

    /// `ContinueDeployment`, once: the traffic moves.
    pub(crate) async fn go_on(&self, id: &str) -> Result<(), ApiError> {
        let body = json!({"deploymentId": id, "deploymentWaitType": "READY_WAIT"});
        self.ecs.codedeploy_once("ContinueDeployment", None, &body).await.map(|_| ())
    }
}
