//! The tasks of a service.

use aws_client::ApiError;
use aws_sdk_ecs::types::DesiredStatus;
use serde_json::Value;

use crate::ecs::Ecs;
use crate::ecs::raw::RawJson;
use crate::service::{list, owned};

/// `DescribeTasks` takes no more at once.
const AT_ONCE: usize = 100;
/// How many tasks are looked at, at most: ECS keeps stopped ones for about an hour, and a loop of failures makes many.
const MOST: usize = 1000;

/// Which tasks are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tasks {
    /// Those that stopped lately.
    Stopped,
    /// Those that run, or are to run.
    Running,
}

impl Ecs {
    /// The service's tasks, all pages.
    pub(crate) async fn tasks(&self, cluster: &str, service: &str, which: Tasks) -> Result<Vec<Value>, ApiError> {
        let arns = self.task_arns(cluster, service, which).await?;
        let mut tasks = Vec::new();
        for some in arns.chunks(AT_ONCE) {
            let raw = RawJson::default();
            let call = self.client.describe_tasks().cluster(cluster).set_tasks(Some(some.to_vec()));
            let sent = call.customize().interceptor(raw.clone()).send().await;
            let described = raw.answer("DescribeTasks", Some(cluster), sent)?;
            tasks.extend(list(&described, "tasks").cloned());
        }
        Ok(tasks)
    }

    async fn task_arns(&self, cluster: &str, service: &str, which: Tasks) -> Result<Vec<String>, ApiError> {
        let status = match which {
            Tasks::Stopped => DesiredStatus::Stopped,
            Tasks::Running => DesiredStatus::Running,
        };
        let mut arns: Vec<String> = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let raw = RawJson::default();
            let call = self.client.list_tasks().cluster(cluster).service_name(service).desired_status(status.clone());
            let sent =
                call.max_results(100).set_next_token(next.clone()).customize().interceptor(raw.clone()).send().await;
            let page = raw.answer("ListTasks", Some(service), sent)?;
            arns.extend(list(&page, "taskArns").filter_map(Value::as_str).map(str::to_owned));
            let token = Some(owned(&page, "nextToken")).filter(|token| !token.is_empty());
            // The same token again would go on for ever.
            if token.is_none() || token == next || arns.len() >= MOST {
                arns.truncate(MOST);
                return Ok(arns);
            }
            next = token;
        }
    }
}
