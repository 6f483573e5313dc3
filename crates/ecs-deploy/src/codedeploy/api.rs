//! `CodeDeploy`'s API, as far as it is used (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/Welcome.html>).

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_client::{ApiError, ApiErrorKind};
use serde_json::{Value, json};

use crate::codedeploy::answer::{Deployment, Group, Target};
use crate::codedeploy::appspec::{AppSpec, Content};
use crate::codedeploy::plan::CodeDeployPlan;
use crate::ecs::Ecs;
use crate::service::{list, owned};

/// The statuses of a deployment that has not ended.
const UNDER_WAY: [&str; 5] = ["Created", "Queued", "InProgress", "Baking", "Ready"];
/// How far back deployments are looked for that were made lately; clocks do not differ by more.
const LATELY: Duration = Duration::from_hours(24);

/// The application and the deployment group of a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api<'a> {
    pub(crate) ecs: &'a Ecs,
    pub(crate) application: &'a str,
    pub(crate) group: &'a str,
}

impl Api<'_> {
    /// A call about the deployment group.
    pub(super) async fn of_group(&self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let group = format!("deploymentgroup:{}/{}", self.application, self.group);
        self.ecs.codedeploy(operation, Some(&group), body).await
    }

    /// `GetDeploymentGroup`.
    pub(super) async fn group(&self) -> Result<Group, ApiError> {
        let body = json!({"applicationName": self.application, "deploymentGroupName": self.group});
        let answer = self.of_group("GetDeploymentGroup", &body).await?;
        Ok(Group::from_answer(&answer["deploymentGroupInfo"]))
    }

    /// `ListDeployments`: the ids of those of the group that `filter` lets pass, page by page.
    pub(crate) async fn list(&self, filter: &[(&str, Value)]) -> Result<Vec<String>, ApiError> {
        let mut body = json!({"applicationName": self.application, "deploymentGroupName": self.group});
        for (name, value) in filter {
            body[*name] = value.clone();
        }
        let mut ids = Vec::new();
        loop {
            let answer = self.of_group("ListDeployments", &body).await?;
            ids.extend(list(&answer, "deployments").filter_map(Value::as_str).map(str::to_owned));
            match owned(&answer, "nextToken") {
                next if next.is_empty() => return Ok(ids),
                next => body["nextToken"] = next.into(),
            }
        }
    }

    /// The deployment of the group that is under way: there is one at most.
    pub(crate) async fn under_way(&self) -> Result<Option<Deployment>, ApiError> {
        for id in self.list(&[("includeOnlyStatuses", json!(UNDER_WAY))]).await? {
            let found = self.deployment(&id).await?;
            if !found.status.has_ended() {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The ids of those that were made lately.
    pub(super) async fn made_lately(&self) -> Result<BTreeSet<String>, ApiError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let since = json!({"start": now.saturating_sub(LATELY).as_secs()});
        Ok(self.list(&[("createTimeRange", since)]).await?.into_iter().collect())
    }

    /// The newest deployment that somebody made after `ours`, with what it deploys where that may be read.
    pub(super) async fn newer(&self, ours: &Deployment) -> Result<Option<Deployment>, ApiError> {
        let Some(made) = ours.created else { return Ok(None) };
        let mut newest: Option<Deployment> = None;
        let since = self.list(&[("createTimeRange", json!({"start": made}))]).await?;
        for id in since.iter().filter(|id| **id != ours.id).take(10) {
            let found = self.deployment(id).await?;
            let is_newer = found.created > newest.as_ref().map_or(Some(made), |newest| newest.created);
            if is_newer && !found.is_rollback {
                newest = Some(found);
            }
        }
        let Some(newest) = newest else { return Ok(None) };
        Ok(Some(self.read(newest.clone()).await.unwrap_or(newest)))
    }

    /// `GetDeployment`. What it deploys is told by its hash alone: see [`Self::read`].
    pub(crate) async fn deployment(&self, id: &str) -> Result<Deployment, ApiError> {
        let answer = self.of_group("GetDeployment", &json!({"deploymentId": id})).await?;
        Ok(Deployment::from_answer(&answer["deploymentInfo"]))
    }

    /// The deployment with what it deploys, which `GetApplicationRevision` alone tells: the content in an answer of `GetDeployment` is
    /// always null (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html>).
    pub(crate) async fn read(&self, mut deployment: Deployment) -> Result<Deployment, ApiError> {
        if deployment.appspec.is_none() && !deployment.hash.is_empty() {
            deployment.appspec = self.content(&deployment.application, &deployment.hash).await?;
        }
        Ok(deployment)
    }

    /// `GetApplicationRevision`; `None` where it is none of ECS, or is not kept.
    async fn content(&self, application: &str, hash: &str) -> Result<Option<AppSpec>, ApiError> {
        let revision = json!({"revisionType": "AppSpecContent", "appSpecContent": {"sha256": hash}});
        let body = json!({"applicationName": application, "revision": revision});
        let about = format!("application:{application}");
        match self.ecs.codedeploy("GetApplicationRevision", Some(&about), &body).await {
            Ok(answer) => Ok(AppSpec::of_revision(&answer["revision"])),
            Err(error) if error.code.as_deref() == Some("RevisionDoesNotExistException") => Ok(None),
            Err(error) if error.kind == ApiErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `GetDeploymentTarget`: the service, whose id is `CLUSTER:SERVICE`.
    pub(crate) async fn target(&self, id: &str, target: &str) -> Result<Target, ApiError> {
        let body = json!({"deploymentId": id, "targetId": target});
        let answer = self.ecs.codedeploy("GetDeploymentTarget", None, &body).await?;
        Ok(Target::from_answer(&answer["deploymentTarget"]))
    }

    /// `CreateDeployment`, once; the new deployment's id.
    pub(super) async fn create(&self, plan: &CodeDeployPlan, content: &Content) -> Result<String, ApiError> {
        let mut body = json!({
            "applicationName": self.application,
            "deploymentGroupName": self.group,
            "revision": {
                "revisionType": "AppSpecContent",
                "appSpecContent": {"content": content.text(), "sha256": content.hash()},
            },
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
        let group = format!("deploymentgroup:{}/{}", self.application, self.group);
        Ok(owned(&self.ecs.codedeploy_once("CreateDeployment", Some(&group), &body).await?, "deploymentId"))
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
