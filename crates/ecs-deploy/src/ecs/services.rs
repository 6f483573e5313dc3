//! Services: `DescribeServices`, `UpdateService`, and names for messages.

use std::future::Future;
use std::time::Duration;

use aws_client::ApiError;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::ecs::raw::RawJson;
use crate::ecs::{Ecs, names, with_arn};
use crate::names::{ClusterName, ServiceName};
use crate::plan::ServiceUpdate;
use crate::policy::service_arn;
use crate::service::list;

/// How long names for a message are waited for.
const COURTESY: Duration = Duration::from_secs(2);

impl Ecs {
    /// `DescribeServices` for one service: its entry, or `None` when it is missing.
    pub(crate) async fn service(&self, cluster: &str, service: &str) -> Result<Option<Value>, ApiError> {
        let raw = RawJson::default();
        let call = self.client.describe_services().cluster(cluster).services(service);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let answer = raw
            .answer("DescribeServices", Some(service), sent)
            .map_err(|error| self.of_service(error, cluster, service))?;
        Ok(list(&answer, "services").next().cloned())
    }

    pub(super) fn of_service(&self, error: ApiError, cluster: &str, service: &str) -> ApiError {
        let names = ClusterName::parse(cluster).ok().zip(ServiceName::parse(service).ok());
        with_arn(error, names.and_then(|(cluster, service)| service_arn(&self.place, &cluster, &service)))
    }

    /// `UpdateService` with the fields of `update` and no others.
    pub(crate) async fn update(
        &self,
        cluster: &str,
        service: &str,
        update: &ServiceUpdate,
        task_definition: Option<&str>,
    ) -> Result<Value, ApiError> {
        let mut body = json!({"cluster": cluster, "service": service});
        let fields = [
            ("taskDefinition", task_definition.map(Value::from)),
            ("desiredCount", update.desired_count.map(Value::from)),
            ("forceNewDeployment", update.force_new_deployment.map(Value::from)),
            ("propagateTags", update.propagate_tags.map(|tags| Value::from(tags.as_str()))),
            ("enableECSManagedTags", update.enable_ecs_managed_tags.map(Value::from)),
            ("volumeConfigurations", update.volume.as_ref().map(|volume| json!([volume]))),
        ];
        for (name, value) in fields.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            body[name] = value;
        }
        let raw = RawJson::sending(&body);
        let call = self.client.update_service().cluster(cluster).service(service);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let answer = raw
            .answer("UpdateService", Some(service), sent)
            .map_err(|error| self.of_service(error, cluster, service))?;
        Ok(answer["service"].clone())
    }

    /// The names of some of the cluster's services, for a message: none where they cannot be had soon.
    pub(crate) async fn service_names(&self, cluster: &str) -> Vec<String> {
        self.soon(self.list_services(cluster)).await
    }

    /// The names of some of the region's clusters, for a message: none where they cannot be had soon.
    pub(crate) async fn cluster_names(&self) -> Vec<String> {
        self.soon(self.list_clusters()).await
    }

    /// A courtesy is not waited for.
    async fn soon(&self, names: impl Future<Output = Result<Vec<String>, ApiError>>) -> Vec<String> {
        timeout(self.at_least(COURTESY), names).await.ok().and_then(Result::ok).unwrap_or_default()
    }

    async fn list_services(&self, cluster: &str) -> Result<Vec<String>, ApiError> {
        let raw = RawJson::default();
        let call = self.client.list_services().cluster(cluster).max_results(100);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        Ok(names(&raw.answer("ListServices", Some(cluster), sent)?, "serviceArns"))
    }

    async fn list_clusters(&self) -> Result<Vec<String>, ApiError> {
        let raw = RawJson::default();
        let sent = self.client.list_clusters().customize().interceptor(raw.clone()).send().await;
        Ok(names(&raw.answer("ListClusters", None, sent)?, "clusterArns"))
    }
}
