//! What containers wrote: `CloudWatch` Logs.

use aws_client::{ApiError, call};
use serde_json::Value;

use crate::ecs::{Ecs, with_arn};
use crate::policy::stream_arn;
use crate::task_definition::text;

impl Ecs {
    /// `GetLogEvents` in a region; `None` is the service's own.
    pub(crate) async fn log_events(&self, region: Option<&str>, question: &Value) -> Result<Value, ApiError> {
        let other = region.filter(|region| *region != self.region).map(|region| self.aws.in_region(region));
        let aws = other.as_ref().unwrap_or(&self.aws);
        let answer = call::LOGS.call(aws, "GetLogEvents", question).await;
        let arn = stream_arn(aws.place(), text(question, "logGroupName"), text(question, "logStreamName"));
        answer.map_err(|error| with_arn(error, arn))
    }
}
