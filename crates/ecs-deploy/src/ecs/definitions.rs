//! Task definitions: `DescribeTaskDefinition`, `RegisterTaskDefinition`, `DeregisterTaskDefinition`.

use aws_client::ApiError;
use aws_sdk_ecs::types::TaskDefinitionField;
use serde_json::Value;

use crate::ecs::raw::RawJson;
use crate::ecs::{Ecs, with_arn};
use crate::policy::revisions_arn;
use crate::service::owned;

impl Ecs {
    /// `DescribeTaskDefinition` of an ARN, or of a family's newest revision.
    pub(crate) async fn task_definition(&self, name: &str) -> Result<Value, ApiError> {
        let raw = RawJson::default();
        let call = self.client.describe_task_definition().task_definition(name).include(TaskDefinitionField::Tags);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        raw.answer("DescribeTaskDefinition", Some(name), sent)
    }

    /// `RegisterTaskDefinition` with `body` as it is.
    pub(crate) async fn register(&self, family: &str, body: &Value) -> Result<Value, ApiError> {
        let raw = RawJson::sending(body);
        let call = self.client.register_task_definition().family(family);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        raw.answer("RegisterTaskDefinition", Some(family), sent)
            .map_err(|error| with_arn(error, revisions_arn(&self.place, family)))
    }

    /// `DeregisterTaskDefinition` of a revision.
    pub(crate) async fn deregister(&self, arn: &str) -> Result<(), ApiError> {
        let raw = RawJson::default();
        let call = self.client.deregister_task_definition().task_definition(arn);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        raw.answer("DeregisterTaskDefinition", Some(arn), sent).map(|_| ())
    }
}

/// The ARN and the revision in an answer that holds a task definition.
pub(crate) fn registered_arn(answer: &Value) -> Option<(String, i64)> {
    let definition = &answer["taskDefinition"];
    let arn = owned(definition, "taskDefinitionArn");
    (!arn.is_empty()).then(|| (arn, definition["revision"].as_i64().unwrap_or_default()))
}
