//! Task definitions: `DescribeTaskDefinition`, `RegisterTaskDefinition`, `DeregisterTaskDefinition`.

use aws_client::ApiError;
use aws_sdk_ecs::types::{SortOrder, TaskDefinitionField, TaskDefinitionStatus};
use serde_json::Value;

use crate::ecs::raw::RawJson;
use crate::ecs::{Ecs, with_arn};
use crate::names::revision_name;
use crate::policy::revisions_arn;
use crate::service::{list, owned};

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

    /// `ListTaskDefinitions`: the newest ten active revisions of a family, as `family:revision`; for a message.
    pub(crate) async fn active_revisions(&self, family: &str) -> Result<Vec<String>, ApiError> {
        let raw = RawJson::default();
        let call = self.client.list_task_definitions().family_prefix(family).status(TaskDefinitionStatus::Active);
        let call = call.sort(SortOrder::Desc).max_results(10);
        let sent = call.customize().interceptor(raw.clone()).send().await;
        let answer = raw.answer("ListTaskDefinitions", Some(family), sent)?;
        let arns = list(&answer, "taskDefinitionArns").filter_map(Value::as_str);
        Ok(arns.map(|arn| revision_name(arn).to_owned()).collect())
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
