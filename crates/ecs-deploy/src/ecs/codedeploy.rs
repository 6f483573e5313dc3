//! The calls of `CodeDeploy`, with the same credentials.

use aws_client::ApiError;
use aws_client::call::CODEDEPLOY;
use serde_json::Value;

use crate::ecs::{Ecs, with_arn};

impl Ecs {
    /// A call of `CodeDeploy` about a deployment group, tried again as any other.
    pub(crate) async fn codedeploy(
        &self,
        operation: &str,
        group: Option<(&str, &str)>,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let answer = CODEDEPLOY.call(&self.aws, operation, body).await;
        answer.map_err(|error| with_arn(error, self.group_arn(group)))
    }

    /// The same, tried once: what it does must not be done twice.
    pub(crate) async fn codedeploy_once(
        &self,
        operation: &str,
        group: Option<(&str, &str)>,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let answer = CODEDEPLOY.call_once(&self.aws, operation, body).await;
        answer.map_err(|error| with_arn(error, self.group_arn(group)))
    }

    fn group_arn(&self, group: Option<(&str, &str)>) -> Option<String> {
        let (application, group) = group?;
        self.place.arn("codedeploy", &format!("deploymentgroup:{application}/{group}"))
    }
}
