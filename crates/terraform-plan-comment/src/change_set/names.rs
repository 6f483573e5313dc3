//! What Terraform's AWS provider calls CloudFormation's types and properties: data, so that the rules of `risk` are written once.
//!
//! CloudFormation's names are those of its resource and property types reference
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html>). A property that is not listed
//! here has the same name in Terraform but for its spelling (`PubliclyAccessible`, `publicly_accessible`).

use super::secrets::words;
use crate::json::Json;
use crate::risk;

/// The types that rules know, with Terraform's names; sorted.
const KINDS: &[(&str, &str)] = &[
    ("AWS::AmazonMQ::Broker", "aws_mq_broker"),
    ("AWS::ApiGateway::RestApi", "aws_api_gateway_rest_api"),
    ("AWS::ApiGateway::Stage", "aws_api_gateway_stage"),
    ("AWS::ApiGatewayV2::Api", "aws_apigatewayv2_api"),
    ("AWS::ApiGatewayV2::Stage", "aws_apigatewayv2_stage"),
    ("AWS::AppRunner::Service", "aws_apprunner_service"),
    ("AWS::AppSync::GraphQLApi", "aws_appsync_graphql_api"),
    ("AWS::AutoScaling::AutoScalingGroup", "aws_autoscaling_group"),
    ("AWS::Backup::BackupPlan", "aws_backup_plan"),
    ("AWS::Backup::BackupSelection", "aws_backup_selection"),
    ("AWS::Backup::BackupVault", "aws_backup_vault"),
    ("AWS::Cassandra::Keyspace", "aws_keyspaces_keyspace"),
    ("AWS::Cassandra::Table", "aws_keyspaces_table"),
    ("AWS::CloudFront::Distribution", "aws_cloudfront_distribution"),
    ("AWS::CloudTrail::EventDataStore", "aws_cloudtrail_event_data_store"),
    ("AWS::CloudTrail::Trail", "aws_cloudtrail"),
    ("AWS::CodeArtifact::Domain", "aws_codeartifact_domain"),
    ("AWS::CodeArtifact::Repository", "aws_codeartifact_repository"),
    ("AWS::CodeCommit::Repository", "aws_codecommit_repository"),
    ("AWS::Cognito::UserPool", "aws_cognito_user_pool"),
    ("AWS::Config::ConfigurationRecorder", "aws_config_configuration_recorder"),
    ("AWS::DirectoryService::MicrosoftAD", "aws_directory_service_directory"),
    ("AWS::DirectoryService::SimpleAD", "aws_directory_service_directory"),
    ("AWS::DocDB::DBCluster", "aws_docdb_cluster"),
    ("AWS::DocDBElastic::Cluster", "aws_docdbelastic_cluster"),
    ("AWS::DynamoDB::GlobalTable", "aws_dynamodb_table"),
    ("AWS::DynamoDB::Table", "aws_dynamodb_table"),
    ("AWS::EC2::CustomerGateway", "aws_customer_gateway"),
    ("AWS::EC2::EIP", "aws_eip"),
    ("AWS::EC2::FlowLog", "aws_flow_log"),
    ("AWS::EC2::Instance", "aws_instance"),
    ("AWS::EC2::InternetGateway", "aws_internet_gateway"),
    ("AWS::EC2::NatGateway", "aws_nat_gateway"),
    ("AWS::EC2::NetworkAcl", "aws_network_acl"),
    ("AWS::EC2::NetworkAclEntry", "aws_network_acl_rule"),
    ("AWS::EC2::NetworkInterface", "aws_network_interface"),
    ("AWS::EC2::PrefixList", "aws_ec2_managed_prefix_list"),
    ("AWS::EC2::Route", "aws_route"),
    ("AWS::EC2::RouteTable", "aws_route_table"),
    ("AWS::EC2::SecurityGroup", "aws_security_group"),
    ("AWS::EC2::SecurityGroupIngress", "aws_vpc_security_group_ingress_rule"),
    ("AWS::EC2::SnapshotBlockPublicAccess", "aws_ebs_snapshot_block_public_access"),
    ("AWS::EC2::Subnet", "aws_subnet"),
    ("AWS::EC2::TransitGateway", "aws_ec2_transit_gateway"),
    ("AWS::EC2::VPC", "aws_vpc"),
    ("AWS::EC2::VPCEndpoint", "aws_vpc_endpoint"),
    ("AWS::EC2::VPCEndpointServicePermissions", "aws_vpc_endpoint_service"),
    ("AWS::EC2::VPNConnection", "aws_vpn_connection"),
    ("AWS::EC2::Volume", "aws_ebs_volume"),
    ("AWS::ECR::PublicRepository", "aws_ecrpublic_repository"),
    ("AWS::ECR::RegistryPolicy", "aws_ecr_registry_policy"),
    ("AWS::ECR::Repository", "aws_ecr_repository"),
    ("AWS::ECS::Cluster", "aws_ecs_cluster"),
    ("AWS::ECS::Service", "aws_ecs_service"),
    ("AWS::EFS::FileSystem", "aws_efs_file_system"),
    ("AWS::EKS::Cluster", "aws_eks_cluster"),
    ("AWS::EKS::FargateProfile", "aws_eks_fargate_profile"),
    ("AWS::EKS::Nodegroup", "aws_eks_node_group"),
    ("AWS::ElastiCache::CacheCluster", "aws_elasticache_cluster"),
    ("AWS::ElastiCache::ReplicationGroup", "aws_elasticache_replication_group"),
    ("AWS::ElastiCache::ServerlessCache", "aws_elasticache_serverless_cache"),
    ("AWS::ElasticBeanstalk::Environment", "aws_elastic_beanstalk_environment"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "aws_elb"),
    ("AWS::ElasticLoadBalancingV2::Listener", "aws_lb_listener"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "aws_lb"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "aws_lb_target_group"),
    ("AWS::Elasticsearch::Domain", "aws_elasticsearch_domain"),
    ("AWS::Events::EventBusPolicy", "aws_cloudwatch_event_bus_policy"),
    ("AWS::GlobalAccelerator::Accelerator", "aws_globalaccelerator_accelerator"),
    ("AWS::GuardDuty::Detector", "aws_guardduty_detector"),
    ("AWS::IAM::GroupPolicy", "aws_iam_group_policy"),
    ("AWS::IAM::ManagedPolicy", "aws_iam_policy"),
    ("AWS::IAM::Policy", "aws_iam_role_policy"),
    ("AWS::IAM::Role", "aws_iam_role"),
    ("AWS::IAM::RolePolicy", "aws_iam_role_policy"),
    ("AWS::IAM::UserPolicy", "aws_iam_user_policy"),
    ("AWS::IoT::Policy", "aws_iot_policy"),
    ("AWS::KMS::Key", "aws_kms_key"),
    ("AWS::KMS::ReplicaKey", "aws_kms_replica_key"),
    ("AWS::Kinesis::ResourcePolicy", "aws_kinesis_resource_policy"),
    ("AWS::Kinesis::Stream", "aws_kinesis_stream"),
    ("AWS::Lambda::Function", "aws_lambda_function"),
    ("AWS::Lambda::LayerVersionPermission", "aws_lambda_layer_version_permission"),
    ("AWS::Lambda::Permission", "aws_lambda_permission"),
    ("AWS::Lambda::Url", "aws_lambda_function_url"),
    ("AWS::Lightsail::Database", "aws_lightsail_database"),
    ("AWS::Logs::LogGroup", "aws_cloudwatch_log_group"),
    ("AWS::Logs::ResourcePolicy", "aws_cloudwatch_log_resource_policy"),
    ("AWS::MSK::Cluster", "aws_msk_cluster"),
    ("AWS::MSK::ClusterPolicy", "aws_msk_cluster_policy"),
    ("AWS::Macie::Session", "aws_macie2_account"),
    ("AWS::MemoryDB::Cluster", "aws_memorydb_cluster"),
    ("AWS::Neptune::DBCluster", "aws_neptune_cluster"),
    ("AWS::NeptuneGraph::Graph", "aws_neptunegraph_graph"),
    ("AWS::OpenSearchServerless::Collection", "aws_opensearchserverless_collection"),
    ("AWS::OpenSearchService::Domain", "aws_opensearch_domain"),
    ("AWS::Organizations::Policy", "aws_organizations_policy"),
    ("AWS::QLDB::Ledger", "aws_qldb_ledger"),
    ("AWS::RDS::DBCluster", "aws_rds_cluster"),
    ("AWS::RDS::DBInstance", "aws_db_instance"),
    ("AWS::RDS::DBProxy", "aws_db_proxy"),
    ("AWS::Redshift::Cluster", "aws_redshift_cluster"),
    ("AWS::RedshiftServerless::Namespace", "aws_redshiftserverless_namespace"),
    ("AWS::Route53::HostedZone", "aws_route53_zone"),
    ("AWS::Route53::RecordSet", "aws_route53_record"),
    ("AWS::S3::AccessPoint", "aws_s3_access_point"),
    ("AWS::S3::Bucket", "aws_s3_bucket"),
    ("AWS::S3::BucketPolicy", "aws_s3_bucket_policy"),
    ("AWS::S3Express::DirectoryBucket", "aws_s3_directory_bucket"),
    ("AWS::S3Tables::Table", "aws_s3tables_table"),
    ("AWS::SNS::TopicPolicy", "aws_sns_topic_policy"),
    ("AWS::SQS::Queue", "aws_sqs_queue"),
    ("AWS::SQS::QueuePolicy", "aws_sqs_queue_policy"),
    ("AWS::SecretsManager::ResourcePolicy", "aws_secretsmanager_secret_policy"),
    ("AWS::SecretsManager::Secret", "aws_secretsmanager_secret"),
    ("AWS::SecurityHub::Hub", "aws_securityhub_account"),
    ("AWS::Shield::Protection", "aws_shield_protection"),
    ("AWS::Timestream::Database", "aws_timestreamwrite_database"),
    ("AWS::Timestream::Table", "aws_timestreamwrite_table"),
    ("AWS::Transfer::Server", "aws_transfer_server"),
    ("AWS::WAFv2::WebACL", "aws_wafv2_web_acl"),
    ("AWS::WAFv2::WebACLAssociation", "aws_wafv2_web_acl_association"),
    ("AWS::WorkSpaces::Workspace", "aws_workspaces_workspace"),
];

/// The properties with another name in Terraform: the type (any, where it is empty), the property, and Terraform's name. Sorted. A name
/// with dots is one in a block.
const NAMES: &[(&str, &str, &str)] = &[
    ("", "AccessControl", "acl"),
    ("", "AssumeRolePolicyDocument", "assume_role_policy"),
    ("", "CidrIp", "cidr_ipv4"),
    ("", "EmptyOnDelete", "force_delete"),
    ("", "EnableIAMDatabaseAuthentication", "iam_database_authentication_enabled"),
    ("", "EncryptionAtRestOptions", "encrypt_at_rest"),
    ("", "FileSystemPolicy", "policy"),
    ("", "IsLogging", "enable_logging"),
    ("", "KeyPolicy", "policy"),
    ("", "MessageRetentionPeriod", "message_retention_seconds"),
    ("", "NodeToNodeEncryptionOptions", "node_to_node_encryption"),
    ("", "PendingWindowInDays", "deletion_window_in_days"),
    ("", "PointInTimeRecoveryEnabled", "enabled"),
    ("", "PointInTimeRecoverySpecification", "point_in_time_recovery"),
    ("", "RepositoryPolicyText", "repository_policy"),
    ("", "RetentionPeriodHours", "retention_period"),
    ("", "SecurityGroupEgress", "egress"),
    ("", "SecurityGroupIngress", "ingress"),
    ("", "TimeToLiveSpecification", "ttl"),
    ("AWS::CloudTrail::EventDataStore", "RetentionPeriod", "retention_period_in_days"),
    ("AWS::EC2::PrefixList", "Entries", "entry"),
    ("AWS::EC2::SecurityGroupIngress", "GroupId", "security_group_id"),
    ("AWS::ECR::RegistryPolicy", "PolicyText", "policy"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "Scheme", "internal"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Scheme", "internal"),
    ("AWS::Events::EventBusPolicy", "Statement", "policy"),
    ("AWS::Lambda::Url", "AuthType", "authorization_type"),
    ("AWS::Lambda::Url", "TargetFunctionArn", "function_name"),
    ("AWS::S3::Bucket", "ExpirationInDays", "expiration.days"),
    ("AWS::S3::Bucket", "NoncurrentVersionExpirationInDays", "noncurrent_version_expiration.noncurrent_days"),
    ("AWS::S3::Bucket", "Rules", "rule"),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", "policy"),
    ("AWS::SecretsManager::ResourcePolicy", "SecretId", "secret_arn"),
];

/// The values that Terraform writes in another way: its name of the property, CloudFormation's value, Terraform's.
const VALUES: &[(&str, &str, &str)] = &[
    ("acl", "AuthenticatedRead", "authenticated-read"),
    ("acl", "PublicRead", "public-read"),
    ("acl", "PublicReadWrite", "public-read-write"),
    ("assign_public_ip", "DISABLED", "false"),
    ("assign_public_ip", "ENABLED", "true"),
    ("internal", "internal", "true"),
    ("internal", "internet-facing", "false"),
];

/// Options that are a list of keys with values: the type, the property, the key, and Terraform's name.
const OPTIONS: &[(&str, &str, &str, &str)] = &[(
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "LoadBalancerAttributes",
    "deletion_protection.enabled",
    "enable_deletion_protection",
)];

/// The properties that are objects of their own in Terraform: the type, the property, and Terraform's type.
pub(super) const PARTS: &[(&str, &str, &str)] = &[
    ("AWS::S3::Bucket", "BucketEncryption", "aws_s3_bucket_server_side_encryption_configuration"),
    ("AWS::S3::Bucket", "ObjectLockConfiguration", "aws_s3_bucket_object_lock_configuration"),
    ("AWS::S3::Bucket", "OwnershipControls", "aws_s3_bucket_ownership_controls"),
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration", "aws_s3_bucket_public_access_block"),
    ("AWS::S3::AccessPoint", "PublicAccessBlockConfiguration", "aws_s3_access_point"),
];

/// What CloudFormation does where nothing is said: the type, Terraform's name, its value. A bucket or a repository that is not empty is not
/// deleted (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html>), a key waits for 30 days
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html>).
pub(super) const DEFAULTS: &[(&str, &str, &str)] = &[
    ("AWS::ECR::Repository", "force_delete", "false"),
    ("AWS::KMS::Key", "deletion_window_in_days", "30"),
    ("AWS::S3::Bucket", "force_destroy", "false"),
];

/// An instance in a cluster holds no data of its own: Terraform has another type for it.
const IN_CLUSTER: (&str, &str, &str) = ("AWS::RDS::DBInstance", "DBClusterIdentifier", "aws_rds_cluster_instance");

/// Terraform's name of a type of which rules know something; `sides` are the object before and after.
pub(super) fn known_kind(kind: &str, sides: [&Json; 2]) -> Option<&'static str> {
    let (instance, cluster, name) = IN_CLUSTER;
    if kind == instance && sides.iter().any(|side| side.get(cluster).is_some()) {
        return risk::known_kind(name);
    }
    let row = KINDS.binary_search_by(|(known, _)| (*known).cmp(kind)).ok()?;
    risk::known_kind(KINDS[row].1)
}

/// Terraform's name of a property, with dots where it is in a block there.
pub(super) fn name(kind: &str, property: &str) -> String {
    let row = |kind: &str| NAMES.binary_search_by(|(known, name, _)| (*known, *name).cmp(&(kind, property))).ok();
    match row(kind).or_else(|| row("")) {
        Some(row) => NAMES[row].2.to_owned(),
        None => words(property).join("_"),
    }
}

/// Terraform's value of a property that has Terraform's name.
pub(super) fn value<'a>(name: &str, value: &'a str) -> &'a str {
    VALUES.iter().find(|(known, from, _)| *known == name && *from == value).map_or(value, |(.., to)| to)
}

/// Terraform's name of an option of a list of keys with values.
pub(super) fn option(kind: &str, property: &str, key: &str) -> Option<&'static str> {
    OPTIONS.iter().find(|row| (row.0, row.1, row.2) == (kind, property, key)).map(|row| row.3)
}

/// Whether rules are about properties of this name.
pub(crate) fn is_known_name(property: &str) -> bool {
    NAMES.iter().any(|(_, known, _)| *known == property)
        || OPTIONS.iter().any(|(_, known, ..)| *known == property)
        || PARTS.iter().any(|(_, known, _)| *known == property)
        || risk::is_known_name(&words(property).join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_say_nothing_twice() {
        assert!(
            KINDS.windows(2).all(|two| two[0].0 < two[1].0),
            "{:?}",
            KINDS.windows(2).find(|two| two[0].0 >= two[1].0)
        );
        let key = |row: &(&'static str, &'static str, &'static str)| (row.0, row.1);
        assert!(NAMES.windows(2).all(|two| key(&two[0]) < key(&two[1])));
        assert!(VALUES.windows(2).all(|two| two[0] < two[1]));
    }

    #[test]
    fn every_type_is_one_that_rules_know() {
        let parts = PARTS.iter().map(|(.., kind)| *kind).chain([IN_CLUSTER.2]);
        let unknown: Vec<&str> =
            KINDS.iter().map(|(_, kind)| *kind).chain(parts).filter(|kind| risk::known_kind(kind).is_none()).collect();
        assert_eq!(unknown, Vec::<&str>::new());
    }

    #[test]
    fn every_name_is_one_that_rules_know() {
        let names = NAMES.iter().map(|row| row.2).chain(OPTIONS.iter().map(|row| row.3));
        let known = |name: &&str| name.split('.').all(risk::is_known_name);
        let unknown: Vec<&str> = names.filter(|name| !known(name)).collect();
        // Blocks around rules.
        assert_eq!(unknown, ["ingress", "entry"]);
    }

    #[test]
    fn names_are_translated() {
        for (kind, property, terraform) in [
            ("AWS::RDS::DBInstance", "PubliclyAccessible", "publicly_accessible"),
            ("AWS::RDS::DBInstance", "EnableIAMDatabaseAuthentication", "iam_database_authentication_enabled"),
            ("AWS::EC2::SecurityGroup", "CidrIpv6", "cidr_ipv6"),
            ("AWS::OpenSearchService::Domain", "EnforceHTTPS", "enforce_https"),
            ("AWS::S3::Bucket", "ExpirationInDays", "expiration.days"),
            ("AWS::WAFv2::WebACL", "Rules", "rules"),
        ] {
            assert_eq!(name(kind, property), terraform);
        }
        assert_eq!(value("internal", "internet-facing"), "false");
    }

    #[test]
    fn an_instance_of_a_cluster_is_another_type() {
        let alone = Json::parse("{}").unwrap();
        let member = Json::parse(r#"{"DBClusterIdentifier":"c"}"#).unwrap();
        assert_eq!(known_kind("AWS::RDS::DBInstance", [&alone, &Json::Null]), Some("aws_db_instance"));
        assert_eq!(known_kind("AWS::RDS::DBInstance", [&Json::Null, &member]), Some("aws_rds_cluster_instance"));
        assert_eq!(known_kind("Custom::Thing", [&alone, &alone]), None);
    }
}
