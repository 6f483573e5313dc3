//! Whether the log groups are there: without its group a container with the driver `awslogs` does not start.

use aws_client::call;
use serde_json::{Value, json};

use crate::ecs::Ecs;
use crate::preflight::Answer;
use crate::service::{list, owned};
use crate::task_definition::text;

/// A log group that containers write to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LogGroup {
    pub(crate) name: String,
    /// The region; `None` is the service's.
    pub(crate) region: Option<String>,
    /// Whether it is made when it is missing.
    pub(crate) is_made: bool,
}

/// The group of one container.
pub(crate) fn of_container(container: &Value) -> Option<LogGroup> {
    let configuration = &container["logConfiguration"];
    let options = &configuration["options"];
    let name = Some(owned(options, "awslogs-group")).filter(|name| !name.is_empty())?;
    (text(configuration, "logDriver") == "awslogs").then(|| LogGroup {
        name,
        region: Some(owned(options, "awslogs-region")).filter(|region| !region.is_empty()),
        is_made: text(options, "awslogs-create-group").eq_ignore_ascii_case("true"),
    })
}

/// Looks for the group by its name: what begins with it comes behind it.
pub(super) async fn check(ecs: &Ecs, group: &LogGroup) -> Answer {
    if group.is_made {
        return Answer::Passed("it is made when it is missing (`awslogs-create-group`)".to_owned());
    }
    let there = ecs.aws_in(group.region.as_deref());
    match call::LOGS.call(&there, "DescribeLogGroups", &json!({"logGroupNamePrefix": group.name, "limit": 1})).await {
        Ok(answer) if list(&answer, "logGroups").any(|other| text(other, "logGroupName") == group.name) => {
            Answer::Passed("it is there".to_owned())
        }
        Ok(_) => Answer::Failed(format!(
            "it is not in {}: create it, or set the option `awslogs-create-group: true`",
            group.region.as_deref().unwrap_or(&ecs.region)
        )),
        Err(error) => Answer::unknown(&error),
    }
}
