//! Tasks: `ListTasks` and `DescribeTasks`.

use aws_client::ApiError;
use aws_sdk_ecs::types::DesiredStatus;
use serde_json::Value;

use crate::ecs::Ecs;
use crate::ecs::raw::RawJson;
use crate::service::list;

/// How many stopped tasks are looked at, at most: one page of `ListTasks`, one call of `DescribeTasks`.
const STOPPED_TASKS: i32 = 100;

impl Ecs {
    /// The service's tasks that stopped lately.
    pub(crate) async fn stopped_tasks(&self, cluster: &str, service: &str) -> Result<Vec<Value>, ApiError> {
        let raw = RawJson::default();
        let call = self
            .client
            .list_tasks()
            .cluster(cluster)
            .service_name(service)
            .desired_status(DesiredStatus::Stopped)
            .max_results(STOPPED_TASKS);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let listed = raw.answer("ListTasks", Some(service), sent)?;
        let arns: Vec<String> = list(&listed, "taskArns").filter_map(Value::as_str).map(str::to_owned).collect();
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let raw = RawJson::default();
        let call = self.client.describe_tasks().cluster(cluster).set_tasks(Some(arns));
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let described = raw.answer("DescribeTasks", Some(cluster), sent)?;
        Ok(list(&described, "tasks").cloned().collect())
    }
}
