//! The calls of `CodeDeploy`, with the same credentials.

use aws_client::ApiError;
use aws_client::call::CODEDEPLOY;
use serde_json::Value;

use crate::ecs::{Ecs, with_arn};

impl Ecs {
    /// A call of `CodeDeploy` about a resource, such as `application:shop`; tried again as any other.
    pub(crate) async fn codedeploy(
        &self,
        operation: &str,
        about: Option<&str>,
        body: &Value,
    ) -> Result<Value, ApiError> {
        CODEDEPLOY.call(&self.aws, operation, body).await.map_err(|error| with_arn(error, self.codedeploy_arn(about)))
    }

    /// The same, tried once: what it does must not be done twice.
    pub(crate) async fn codedeploy_once(
        &self,
        operation: &str,
        about: Option<&str>,
        body: &Value,
    ) -> Result<Value, ApiError> {
        CODEDEPLOY
            .call_once(&self.aws, operation, body)
            .await
            .map_err(|error| with_arn(error, self.codedeploy_arn(about)))
    }

    fn codedeploy_arn(&self, resource: Option<&str>) -> Option<String> {
        self.place.arn("codedeploy", resource?)
    }
}
