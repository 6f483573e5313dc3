//! Looking for everything that may use a revision, before old ones are deregistered.

use aws_client::policy::{Place, Statement};

/// Reading services, tasks, rules and schedules of the whole account, and deregistering
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html>).
pub(super) fn prunes(place: &Place) -> Option<[Statement; 7]> {
    let all = |service: &str, kind: &str| place.arn(service, &format!("{kind}/*"));
    let (services, tasks, rules) = (all("ecs", "service")?, all("ecs", "task")?, all("events", "rule")?);
    // They know no resource.
    let lists = [
        "ecs:ListTaskDefinitions",
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:ListTasks",
        "events:ListEventBuses",
        "events:ListRuleNamesByTarget",
        "scheduler:ListSchedules",
        "ecs:DeregisterTaskDefinition",
    ];
    Some([
        Statement::new("OptionalPrune", lists).on("*"),
        Statement::new("OptionalSeeServices", ["ecs:DescribeServices", "ecs:ListServiceDeployments"])
            .on(services.clone()),
        Statement::new("OptionalSeeServiceDeployments", ["ecs:DescribeServiceDeployments"])
            .on_all([services.clone(), all("ecs", "service-deployment")?]),
        Statement::new("OptionalSeeServiceRevisions", ["ecs:DescribeServiceRevisions"])
            .on_all([services, all("ecs", "service-revision")?]),
        Statement::new("OptionalSeeTasks", ["ecs:DescribeTasks"]).on(tasks),
        Statement::new("OptionalSeeRules", ["events:ListTargetsByRule"]).on(rules),
        Statement::new("OptionalSeeSchedules", ["scheduler:GetSchedule"]).on(all("scheduler", "schedule")?),
    ])
}
