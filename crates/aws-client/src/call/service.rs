//! The services that somebody calls so.

use super::{Host, JsonService, QueryService, RestService, RestXmlService, Service};

/// All of them: an address that replaces one's is looked at before anything is sent.
pub(crate) const ALL: [Service; 13] = [
    CLOUDFORMATION.service,
    CLOUDFRONT.service,
    CODEDEPLOY.service,
    ECR.service,
    ECR_PUBLIC.service,
    ECS.service,
    ELASTIC_LOAD_BALANCING.service,
    EVENTS.service,
    IAM.service,
    LOGS.service,
    SCHEDULER.service,
    SECRETS_MANAGER.service,
    SSM.service,
];

/// `CloudWatch` Logs.
pub const LOGS: JsonService = json("logs", "CloudWatch Logs", Host::FipsInGov("logs"), "Logs_20140328");
/// `CodeDeploy`.
pub const CODEDEPLOY: JsonService =
    json("codedeploy", "CodeDeploy", Host::Regular("codedeploy"), "CodeDeploy_20141006");
/// `EventBridge`.
pub const EVENTS: JsonService = json("events", "EventBridge", Host::FipsInGov("events"), "AWSEvents");
/// ECS, for callers that need no types of its answers.
pub const ECS: JsonService = json("ecs", "ECS", Host::Regular("ecs"), "AmazonEC2ContainerServiceV20141113");
/// Secrets Manager.
pub const SECRETS_MANAGER: JsonService =
    json("secretsmanager", "Secrets Manager", Host::Regular("secretsmanager"), "secretsmanager");
/// Systems Manager.
pub const SSM: JsonService = json("ssm", "SSM", Host::FipsInGov("ssm"), "AmazonSSM");
/// The API of the registry.
pub const ECR: JsonService = json("ecr", "ECR", Host::Ecr, "AmazonEC2ContainerRegistry_V20150921");
/// The API of the public registry; it answers in `us-east-1`
/// (<https://docs.aws.amazon.com/general/latest/gr/ecr-public.html>).
pub const ECR_PUBLIC: JsonService = json("ecr-public", "ECR PUBLIC", Host::EcrPublic, "SpencerFrontendService");
/// The scheduler of `EventBridge`.
pub const SCHEDULER: RestService =
    RestService { service: Service { name: "scheduler", id: "Scheduler", host: Host::Regular("scheduler") } };

/// `CloudFront`, version 2020-05-31 of its API; the version is the first part of its paths.
pub const CLOUDFRONT: RestXmlService =
    RestXmlService { service: Service { name: "cloudfront", id: "CloudFront", host: Host::CloudFront } };

/// `CloudFormation`.
pub const CLOUDFORMATION: QueryService = QueryService {
    service: Service { name: "cloudformation", id: "CloudFormation", host: Host::FipsInGov("cloudformation") },
    version: "2010-05-15",
};
/// Identity and Access Management.
pub const IAM: QueryService =
    QueryService { service: Service { name: "iam", id: "IAM", host: Host::Iam }, version: "2010-05-08" };
/// Application and network load balancers.
pub const ELASTIC_LOAD_BALANCING: QueryService = QueryService {
    service: Service {
        name: "elasticloadbalancing",
        id: "Elastic Load Balancing v2",
        host: Host::FipsInGov("elasticloadbalancing"),
    },
    version: "2015-12-01",
};

const fn json(name: &'static str, id: &'static str, host: Host, target_prefix: &'static str) -> JsonService {
    JsonService { service: Service { name, id, host }, target_prefix, version: "1.1" }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_service_is_among_all() {
        let text = include_str!("service.rs");
        let named: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(':').next()).collect();
        let list = text.split("];").next().unwrap_or_default();
        for name in &named {
            assert!(list.contains(&format!("    {name}.service,")), "{name}");
        }
        assert_eq!(named.len(), super::ALL.len());
    }
}
