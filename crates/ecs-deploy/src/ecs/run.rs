//! A task on its own: `RunTask`, `DescribeTasks` of one, `StopTask`.

use aws_client::ApiError;
use serde_json::Value;

use crate::ecs::raw::RawJson;
use crate::ecs::{Ecs, with_arn};
use crate::policy::revisions_arn;
use crate::service::list;
use crate::task_definition::text;

/// Why `RunTask` gave no answer to read.
#[derive(Debug)]
pub(crate) enum NotRun {
    /// ECS, or something before it, refused each request: no task was started.
    Refused(ApiError),
    /// A request was sent and not answered: a task may have been started.
    Unanswered(ApiError),
}

impl Ecs {
    /// `RunTask` with `body` as it is, its token included.
    pub(crate) async fn run_task(&self, body: &Value) -> Result<Value, NotRun> {
        let raw = RawJson::sending(body);
        let revision = text(body, "taskDefinition");
        let sent = self.client.run_task().task_definition(revision).customize().interceptor(raw.clone()).send().await;
        let family = crate::names::family(revision);
        raw.answer("RunTask", Some(revision), sent).map_err(|error| {
            let error = with_arn(error, revisions_arn(&self.place, family));
            if raw.is_open() { NotRun::Unanswered(error) } else { NotRun::Refused(error) }
        })
    }

    /// `DescribeTasks` for one task; `None` when ECS does not know it.
    pub(crate) async fn described_task(&self, cluster: &str, arn: &str) -> Result<Option<Value>, ApiError> {
        let raw = RawJson::default();
        let sent =
            self.client.describe_tasks().cluster(cluster).tasks(arn).customize().interceptor(raw.clone()).send().await;
        let answer = raw.answer("DescribeTasks", Some(arn), sent)?;
        Ok(list(&answer, "tasks").find(|task| text(task, "taskArn") == arn).cloned())
    }

    /// `StopTask`.
    pub(crate) async fn stop_task(&self, cluster: &str, arn: &str, reason: &str) -> Result<(), ApiError> {
        let raw = RawJson::default();
        let call = self.client.stop_task().cluster(cluster).task(arn).reason(reason);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        raw.answer("StopTask", Some(arn), sent).map(|_| ())
    }
}
