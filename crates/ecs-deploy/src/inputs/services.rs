//! The services that were named.

use actions_core::{InputErrors, lines_or_commas};

use crate::args::EcsDeployArgs;
use crate::names::{ClusterName, ServiceName};

/// `service`, then those of `services`.
pub(super) fn services(args: &EcsDeployArgs, cluster: Option<&ClusterName>, bad: &mut InputErrors) -> Vec<ServiceName> {
    let mut services = Vec::new();
    for (input, given) in [
        ("service", bad.optional("service", args.service.as_deref(), ServiceName::parse).into_iter().collect()),
        ("services", bad.list("services", &lines_or_commas(&args.services), ServiceName::parse)),
    ] {
        let given: Vec<ServiceName> = given;
        for service in given {
            same_cluster(cluster, input, &service, bad);
            if services.iter().any(|other: &ServiceName| other.name() == service.name()) {
                bad.add(input, format!("names `{service}` twice"), Some("name each service once".to_owned()));
            }
            services.push(service);
        }
    }
    services
}

pub(super) fn no_service_is_named(args: &EcsDeployArgs) -> bool {
    args.service.as_deref().is_none_or(str::is_empty) && lines_or_commas(&args.services).is_empty()
}

/// The ARN of a service names its cluster; ECS would answer that the service is not there.
pub(crate) fn same_cluster(cluster: Option<&ClusterName>, input: &str, service: &ServiceName, bad: &mut InputErrors) {
    let (Some(cluster), Some(named)) = (cluster, service.cluster()) else { return };
    if cluster.name() != named {
        let problem = format!("is `{cluster}`, and the ARN of `{input}` names the cluster `{named}`");
        bad.add("cluster", problem, Some(format!("set `cluster: {named}`")));
    }
}
