//! Running a task on its own
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_id-based-policy-examples.html#IAM_run_policies>).

use aws_client::policy::{Place, Statement};

use crate::names::ClusterName;
use crate::policy::{cluster_arn, logs, revisions_arn, service_arn, tasks_arn};
use crate::run_task::TaskInputs;
use crate::task_definition::TaskDefinition;

/// Starting it, seeing its end, stopping it, reading what it writes; on a dry run only where it shall run.
pub(super) fn runs(
    place: &Place,
    cluster: &ClusterName,
    task: &TaskInputs,
    definition: &TaskDefinition,
    dry_run: bool,
) -> Option<Vec<Statement>> {
    let mut statements = Vec::new();
    if let Some(host) = &task.service {
        statements.push(Statement::new("FindPlace", ["ecs:DescribeServices"]).on(service_arn(place, cluster, host)?));
    }
    if dry_run {
        return Some(statements);
    }
    let (cluster_arn, tasks) = (cluster_arn(place, cluster)?, tasks_arn(place, cluster)?);
    let run = Statement::new("RunTask", ["ecs:RunTask"]).on(revisions_arn(place, definition.family())?);
    statements.push(run.when("ArnEquals", "ecs:cluster", cluster_arn));
    if !task.tags.is_empty() {
        let tag = Statement::new("TagTask", ["ecs:TagResource"]).on(tasks.clone());
        statements.push(tag.when("StringEquals", "ecs:CreateAction", "RunTask"));
    }
    if let Some(volume) = &task.volume {
        let pass = Statement::new("PassTheTasksVolumeRole", ["iam:PassRole"]).on(volume.role());
        statements.push(pass.when("StringEquals", "iam:PassedToService", "ecs.amazonaws.com"));
    }
    if task.wait.is_some() {
        statements.push(Statement::new("SeeTask", ["ecs:DescribeTasks"]).on(tasks.clone()));
        statements.push(Statement::new("OptionalStopTask", ["ecs:StopTask"]).on(tasks));
        statements.push(logs::what_they_wrote(place, definition)?);
    }
    Some(statements)
}
