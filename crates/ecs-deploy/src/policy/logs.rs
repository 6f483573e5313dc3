//! Reading what failing containers wrote
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html>).

use aws_client::policy::{Place, Statement, literal};

use crate::diagnosis::logs::{Group, stream_patterns};
use crate::task_definition::TaskDefinition;

/// Reading the streams of the task definition's containers, and no others. It names nothing where none writes to `CloudWatch` Logs.
pub(super) fn what_they_wrote(place: &Place, definition: &TaskDefinition) -> Option<Statement> {
    let streams = stream_patterns(&definition.body())
        .into_iter()
        .map(|(group, container)| streams_arn(place, &group, &container));
    Some(Statement::new("OptionalReadLogs", ["logs:GetLogEvents"]).on_all(streams.collect::<Option<Vec<String>>>()?))
}

/// The ARN of a container's streams: only their last part differs from task to task; without a prefix all of it does.
fn streams_arn(place: &Place, group: &Group, container: &str) -> Option<String> {
    let region = group.region.as_deref().unwrap_or(&place.region);
    let there = Place::new(region, place.account.clone());
    let streams = group
        .prefix
        .as_ref()
        .map_or_else(|| "*".to_owned(), |prefix| format!("{}/*", literal(&format!("{prefix}/{container}"))));
    there.arn("logs", &format!("log-group:{}:log-stream:{streams}", literal(&group.name)))
}

/// The ARN of one stream.
pub(crate) fn stream_arn(place: &Place, group: &str, stream: &str) -> Option<String> {
    place.arn("logs", &format!("log-group:{}:log-stream:{}", literal(group), literal(stream)))
}
