//! Looking for everything that may use a revision, before old ones are deregistered.

use aws_client::policy::{Place, Statement};

/// Reading services, tasks, rules and schedules of the whole account, and deregistering where that is not allowed already
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html>).
pub(super) fn prunes(place: &Place, deregisters: bool) -> Option<[Statement; 8]> {
    // Of all clusters, buses and groups.
    let of_ecs = |resource: &str| place.arn("ecs", resource);
    let (services, tasks) = (of_ecs("service/*/*")?, of_ecs("task/*/*")?);
    let (clusters, rules) = (of_ecs("cluster/*")?, place.arn("events", "rule/*")?);
    // They know no resource.
    let lists = [
        "ecs:ListTaskDefinitions",
        "ecs:ListClusters",
        "ecs:ListServices",
        "events:ListEventBuses",
        "events:ListRuleNamesByTarget",
        "scheduler:ListSchedules",
    ];
    Some([
        Statement::new("OptionalPrune", lists).and("ecs:DeregisterTaskDefinition", deregisters).on("*"),
        Statement::new("OptionalSeeServices", ["ecs:DescribeServices", "ecs:ListServiceDeployments"])
            .on(services.clone()),
        Statement::new("OptionalSeeServiceDeployments", ["ecs:DescribeServiceDeployments"])
            .on_all([services.clone(), of_ecs("service-deployment/*/*/*")?]),
        Statement::new("OptionalSeeServiceRevisions", ["ecs:DescribeServiceRevisions"])
            .on_all([services, of_ecs("service-revision/*/*/*")?]),
        // It knows no resource but container instances.
        Statement::new("OptionalListTasks", ["ecs:ListTasks"]).on("*").when("ArnLike", "ecs:cluster", clusters),
        Statement::new("OptionalSeeTasks", ["ecs:DescribeTasks"]).on(tasks),
        Statement::new("OptionalSeeRules", ["events:ListTargetsByRule"]).on(rules),
        Statement::new("OptionalSeeSchedules", ["scheduler:GetSchedule"]).on(place.arn("scheduler", "schedule/*/*")?),
    ])
}
