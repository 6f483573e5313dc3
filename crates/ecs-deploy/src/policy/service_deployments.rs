//! Following a service deployment: without these rights a rolling deployment is followed by its rollout state, and one of
//! another strategy is not begun.

use aws_client::policy::{Place, Statement};

use crate::names::{ClusterName, ServiceName};
use crate::policy::{beside, in_cluster, service_arn};

/// Each action on the resource types that the service authorization reference lists for it: all of them are needed.
pub(crate) fn follow(place: &Place, cluster: &ClusterName, services: &[ServiceName]) -> Option<[Statement; 3]> {
    let arns = |kind: &str| -> Option<Vec<String>> {
        services.iter().map(|service| below(place, cluster, service, kind)).collect()
    };
    let own: Vec<String> =
        services.iter().map(|service| service_arn(place, cluster, service)).collect::<Option<_>>()?;
    let on = |sid: &'static str, action: &str| Statement::new(sid, [action]).on_all(own.clone());
    Some([
        on("OptionalFindServiceDeployments", "ecs:ListServiceDeployments"),
        on("OptionalFollowServiceDeployments", "ecs:DescribeServiceDeployments").on_all(arns("service-deployment")?),
        on("OptionalReadServiceRevisions", "ecs:DescribeServiceRevisions").on_all(arns("service-revision")?),
    ])
}

/// Having ECS roll a service deployment back; without it the service is updated.
pub(crate) fn roll_back(place: &Place, cluster: &ClusterName, services: &[ServiceName]) -> Option<Statement> {
    let arns = services.iter().map(|service| with_deployments(place, cluster, service));
    let arns: Vec<[String; 2]> = arns.collect::<Option<_>>()?;
    Some(Statement::new("OptionalRollBack", ["ecs:StopServiceDeployment"]).on_all(arns.into_iter().flatten()))
}

/// What an action on a service deployment needs: the service and its deployments.
pub(crate) fn with_deployments(place: &Place, cluster: &ClusterName, service: &ServiceName) -> Option<[String; 2]> {
    Some([service_arn(place, cluster, service)?, below(place, cluster, service, "service-deployment")?])
}

/// The ARN of all resources of a kind that belong to a service.
pub(crate) fn below(place: &Place, cluster: &ClusterName, service: &ServiceName, kind: &str) -> Option<String> {
    let resource = format!("{kind}/{}/{}/*", cluster.name(), service.name());
    beside(service.as_str(), &resource).or_else(|| in_cluster(place, cluster, &resource))
}
