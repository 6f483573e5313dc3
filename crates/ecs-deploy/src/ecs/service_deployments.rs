//! Service deployments and service revisions: `ListServiceDeployments`, `DescribeServiceDeployments`, `DescribeServiceRevisions`.

use aws_client::ApiError;
use aws_sdk_ecs::types::{CreatedAt, DeploymentLifecycleHookAction, StopServiceDeploymentStopType};
use aws_smithy_types::DateTime;
use aws_smithy_types::retry::RetryConfig;
use serde_json::Value;

use crate::commands::continuation::HookAction;
use crate::ecs::raw::RawJson;
use crate::ecs::{Ecs, with_arn};
use crate::rollout::Candidate;
use crate::service::{list, owned};
use crate::service_deployment::{Brief, ServiceDeployment};

/// `DescribeServiceDeployments` and `DescribeServiceRevisions` take no more at once.
pub(crate) const DESCRIBED_AT_ONCE: usize = 20;

impl Ecs {
    /// `ListServiceDeployments` of one service: the newest hundred, or those made after a moment.
    pub(crate) async fn list_service_deployments(
        &self,
        cluster: &str,
        service: &str,
        after: Option<f64>,
    ) -> Result<Vec<Brief>, ApiError> {
        let raw = RawJson::default();
        let created = after.map(|after| CreatedAt::builder().after(DateTime::from_secs_f64(after)).build());
        let call = self
            .client
            .list_service_deployments()
            .cluster(cluster)
            .service(service)
            .set_created_at(created)
            .max_results(100);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let answer = raw
            .answer("ListServiceDeployments", Some(service), sent)
            .map_err(|error| self.of_service(error, cluster, service))?;
        Ok(list(&answer, "serviceDeployments").map(Brief::from_answer).collect())
    }

    /// `ListServiceDeployments` of one service, all pages: ECS remembers 90 days.
    pub(crate) async fn all_service_deployments(&self, cluster: &str, service: &str) -> Result<Vec<Brief>, ApiError> {
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let raw = RawJson::default();
            let call = self.client.list_service_deployments().cluster(cluster).service(service).max_results(100);
            let sent = call.set_next_token(next.clone()).customize().interceptor(raw.clone()).send().await;
            let page = raw
                .answer("ListServiceDeployments", Some(service), sent)
                .map_err(|error| self.of_service(error, cluster, service))?;
            all.extend(list(&page, "serviceDeployments").map(Brief::from_answer));
            let token = Some(owned(&page, "nextToken")).filter(|token| !token.is_empty());
            // The same token again would go on for ever.
            if token.is_none() || token == next {
                return Ok(all);
            }
            next = token;
        }
    }

    /// `StopServiceDeployment`: ECS rolls it back.
    pub(crate) async fn roll_back(&self, arn: &str) -> Result<(), ApiError> {
        let raw = RawJson::default();
        let call = self.client.stop_service_deployment().service_deployment_arn(arn);
        let call = call.stop_type(StopServiceDeploymentStopType::Rollback);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let answer = raw.answer("StopServiceDeployment", Some(arn), sent);
        answer.map(|_| ()).map_err(|error| with_arn(error, Some(all_of_service(arn))))
    }

    /// `DescribeServiceDeployments`: those of `arns` that there are.
    pub(crate) async fn service_deployments(&self, arns: &[String]) -> Result<Vec<ServiceDeployment>, ApiError> {
        let raw = RawJson::default();
        let asked: Vec<String> = arns.iter().take(DESCRIBED_AT_ONCE).cloned().collect();
        let resource = asked.first().cloned();
        let call = self.client.describe_service_deployments().set_service_deployment_arns(Some(asked));
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let answer = raw.answer("DescribeServiceDeployments", resource.as_deref(), sent)?;
        Ok(list(&answer, "serviceDeployments").map(ServiceDeployment::from_answer).collect())
    }

    /// Service deployments, each with the task definition of its target revision.
    pub(crate) async fn candidates(&self, arns: &[String]) -> Result<Vec<Candidate>, ApiError> {
        let deployments = self.service_deployments(arns).await?;
        let targets: Vec<String> =
            deployments.iter().map(|own| own.target.clone()).filter(|arn| !arn.is_empty()).collect();
        let revisions = if targets.is_empty() { Vec::new() } else { self.service_revisions(&targets).await? };
        let task_definition =
            |target: &str| revisions.iter().find(|(arn, _)| arn == target).map(|(_, own)| own.clone());
        let candidate = |deployment: ServiceDeployment| {
            let task_definition = task_definition(&deployment.target).unwrap_or_default();
            Candidate { deployment, task_definition }
        };
        Ok(deployments.into_iter().map(candidate).collect())
    }

    /// `ContinueServiceDeployment`, once: whether a lost answer was heard is told by the hook, and a second try could meet another state.
    pub(crate) async fn act_on_hook(&self, arn: &str, hook: &str, action: HookAction) -> Result<(), ApiError> {
        let raw = RawJson::default();
        let action = match action {
            HookAction::Continue => DeploymentLifecycleHookAction::Continue,
            HookAction::Rollback => DeploymentLifecycleHookAction::Rollback,
        };
        let call = self.client.continue_service_deployment().service_deployment_arn(arn).hook_id(hook).action(action);
        let once = aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled());
        let sent = call.customize().config_override(once).interceptor(raw.clone()).send().await;
        let answer = raw.answer("ContinueServiceDeployment", Some(arn), sent);
        answer.map(|_| ()).map_err(|error| with_arn(error, Some(all_of_service(arn))))
    }

    /// `DescribeServiceRevisions`: the ARN of each service revision with that of its task definition.
    pub(crate) async fn service_revisions(&self, arns: &[String]) -> Result<Vec<(String, String)>, ApiError> {
        let pair = |revision: &Value| (owned(revision, "serviceRevisionArn"), owned(revision, "taskDefinition"));
        Ok(self.whole_service_revisions(arns).await?.iter().map(pair).collect())
    }

    /// `DescribeServiceRevisions`.
    pub(crate) async fn whole_service_revisions(&self, arns: &[String]) -> Result<Vec<Value>, ApiError> {
        let raw = RawJson::default();
        let asked: Vec<String> = arns.iter().take(DESCRIBED_AT_ONCE).cloned().collect();
        let resource = asked.first().cloned();
        let call = self.client.describe_service_revisions().set_service_revision_arns(Some(asked));
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let answer = raw.answer("DescribeServiceRevisions", resource.as_deref(), sent)?;
        Ok(list(&answer, "serviceRevisions").cloned().collect())
    }
}

/// Every service deployment of the service that `arn` is one of: the next run has another one.
fn all_of_service(arn: &str) -> String {
    arn.rsplit_once('/').map_or_else(|| arn.to_owned(), |(service, _)| format!("{service}/*"))
}
