//! What is known of the providers' types and attributes: data, no rules.
//!
//! The names are those of the AWS provider (<https://registry.terraform.io/providers/hashicorp/aws/latest/docs>). An attribute's name
//! counts in every type unless its row names types; a name with dots is the end of a path.

/// A type that holds data.
pub(super) struct Store {
    pub(super) kind: &'static str,
    /// What is gone with it.
    pub(super) holds: &'static str,
}

const fn store(kind: &'static str, holds: &'static str) -> Store {
    Store { kind, holds }
}

/// The types whose destruction loses what cannot be made again.
pub(super) const STORES: &[Store] = &[
    store("aws_backup_vault", "its recovery points"),
    store("aws_cloudtrail_event_data_store", "its events"),
    store("aws_cloudwatch_log_group", "its logs"),
    store("aws_codeartifact_domain", "its packages"),
    store("aws_codeartifact_repository", "its packages"),
    store("aws_codecommit_repository", "its commits"),
    store("aws_cognito_user_pool", "its users"),
    store("aws_db_cluster_snapshot", "the snapshot"),
    store("aws_db_instance", "its databases and automated backups"),
    store("aws_db_snapshot", "the snapshot"),
    store("aws_directory_service_directory", "its users"),
    store("aws_docdb_cluster", "its databases and automated backups"),
    store("aws_docdbelastic_cluster", "its databases"),
    store("aws_dynamodb_table", "its items"),
    store("aws_dynamodb_table_replica", "the copy of the items in its region"),
    store("aws_dynamodb_global_table", "its items"),
    store("aws_ebs_snapshot", "the snapshot"),
    store("aws_ebs_volume", "what is on the volume"),
    store("aws_ecr_repository", "its images"),
    store("aws_ecrpublic_repository", "its images"),
    store("aws_efs_file_system", "its files"),
    store("aws_elasticache_cluster", "what is in memory"),
    store("aws_elasticache_replication_group", "what is in memory"),
    store("aws_elasticache_serverless_cache", "what is in memory"),
    store("aws_elasticsearch_domain", "its indexes"),
    store("aws_fsx_lustre_file_system", "its files"),
    store("aws_fsx_ontap_file_system", "its files"),
    store("aws_fsx_openzfs_file_system", "its files"),
    store("aws_fsx_windows_file_system", "its files"),
    store("aws_glacier_vault", "its archives"),
    store("aws_iam_access_key", "a key that cannot be made again"),
    store("aws_keyspaces_keyspace", "its tables"),
    store("aws_keyspaces_table", "its rows"),
    store("aws_kinesis_stream", "the records in the stream"),
    store("aws_kms_external_key", "everything that is encrypted with it"),
    store("aws_kms_key", "everything that is encrypted with it"),
    store("aws_kms_replica_key", "what is encrypted with it in its region"),
    store("aws_lightsail_database", "its databases"),
    store("aws_memorydb_cluster", "its data"),
    store("aws_mq_broker", "the messages in its queues"),
    store("aws_msk_cluster", "the records in its topics"),
    store("aws_neptune_cluster", "its databases and automated backups"),
    store("aws_neptunegraph_graph", "its data"),
    store("aws_opensearch_domain", "its indexes"),
    store("aws_opensearchserverless_collection", "its indexes"),
    store("aws_qldb_ledger", "its documents"),
    store("aws_rds_cluster", "its databases and automated backups"),
    store("aws_rds_global_cluster", "what holds its clusters together"),
    store("aws_redshift_cluster", "its databases"),
    store("aws_redshiftserverless_namespace", "its databases"),
    store("aws_route53_zone", "its records, and the name servers that its registrar names"),
    store("aws_s3_bucket", "its objects"),
    store("aws_s3_directory_bucket", "its objects"),
    store("aws_s3tables_table", "its rows"),
    store("aws_secretsmanager_secret", "the secret"),
    store("aws_sqs_queue", "the messages in the queue"),
    store("aws_ssm_parameter", "its value"),
    store("aws_timestreamwrite_database", "its tables"),
    store("aws_timestreamwrite_table", "its records"),
    store("aws_workspaces_workspace", "its volumes"),
];

/// What stands in the way of a loss, or softens it: an attribute of the object that goes, with the value that does, and words for it.
pub(super) const RELIEFS: &[(&str, &str, &str)] = &[
    ("deletion_protection", "true", "deletion protection refuses that until it is switched off"),
    ("deletion_protection", "ACTIVE", "deletion protection refuses that until it is switched off"),
    ("deletion_protection_enabled", "true", "deletion protection refuses that until it is switched off"),
    ("skip_final_snapshot", "false", "a last snapshot is taken first"),
    ("force_destroy", "false", "AWS refuses that unless it is empty"),
    ("force_delete", "false", "AWS refuses that unless it is empty"),
    ("skip_destroy", "true", "`skip_destroy` leaves it where it is"),
];

/// Attributes that say for how many days something can be brought back.
pub(super) const WINDOWS: &[&str] = &["recovery_window_in_days", "deletion_window_in_days"];

/// Attributes that say how long something is kept, in days or seconds; a smaller number loses the rest. `true`: zero is for ever.
pub(super) const RETENTIONS: &[(&str, bool, &str)] = &[
    ("automatic_backup_retention_days", false, "automatic backups"),
    ("backup_retention_period", false, "automated backups"),
    ("message_retention_seconds", false, "messages"),
    ("retention_in_days", true, "logs"),
    ("retention_period", false, "records"),
    ("snapshot_retention_limit", false, "snapshots"),
];

/// The types that serve others: their replacement or destruction is noticed.
pub(super) const SERVERS: &[(&str, &str)] = &[
    ("aws_alb", "its listeners"),
    ("aws_alb_listener", "its connections"),
    ("aws_alb_target_group", "its targets"),
    ("aws_api_gateway_rest_api", "the API"),
    ("aws_api_gateway_stage", "the API"),
    ("aws_apigatewayv2_api", "the API"),
    ("aws_apigatewayv2_stage", "the API"),
    ("aws_apprunner_service", "the service"),
    ("aws_appsync_graphql_api", "the API"),
    ("aws_autoscaling_group", "its instances"),
    ("aws_cloudfront_distribution", "the distribution"),
    ("aws_customer_gateway", "the connection"),
    ("aws_db_instance", "the database"),
    ("aws_db_proxy", "its connections"),
    ("aws_docdb_cluster", "the database"),
    ("aws_dx_connection", "the connection"),
    ("aws_ec2_transit_gateway", "its networks"),
    ("aws_ecs_cluster", "its services"),
    ("aws_ecs_service", "the service"),
    ("aws_eip", "the address"),
    ("aws_eks_cluster", "the cluster"),
    ("aws_eks_fargate_profile", "its pods"),
    ("aws_eks_node_group", "its nodes"),
    ("aws_elastic_beanstalk_environment", "the environment"),
    ("aws_elasticache_cluster", "the cache"),
    ("aws_elasticache_replication_group", "the cache"),
    ("aws_elb", "its listeners"),
    ("aws_globalaccelerator_accelerator", "the accelerator"),
    ("aws_instance", "the instance"),
    ("aws_internet_gateway", "the way to the internet"),
    ("aws_lambda_function", "the function"),
    ("aws_lambda_function_url", "the URL"),
    ("aws_lb", "its listeners"),
    ("aws_lb_listener", "its connections"),
    ("aws_lb_target_group", "its targets"),
    ("aws_mq_broker", "the broker"),
    ("aws_msk_cluster", "the cluster"),
    ("aws_nat_gateway", "the way to the internet"),
    ("aws_neptune_cluster", "the database"),
    ("aws_network_interface", "the interface"),
    ("aws_opensearch_domain", "the domain"),
    ("aws_rds_cluster", "the database"),
    ("aws_rds_cluster_instance", "the database's instance"),
    ("aws_redshift_cluster", "the database"),
    ("aws_route", "the route"),
    ("aws_route53_record", "the name"),
    ("aws_route_table", "its routes"),
    ("aws_subnet", "what is in the subnet"),
    ("aws_transfer_server", "the server"),
    ("aws_vpc", "what is in the network"),
    ("aws_vpc_endpoint", "the endpoint"),
    ("aws_vpn_connection", "the connection"),
    ("aws_wafv2_web_acl", "what it guards"),
];

/// An attribute whose value opens something or takes a protection away.
pub(super) struct Flag {
    /// The end of its path.
    pub(super) name: &'static str,
    /// The values that do.
    pub(super) open: &'static [&'static str],
    /// The types it counts in; none for all.
    pub(super) kinds: &'static [&'static str],
    /// Whether it counts only where it was something else before: what a new object does without was never there.
    pub(super) only_switched: bool,
    pub(super) words: &'static str,
}

/// An attribute that opens something, in a new object too.
const fn opens(name: &'static str, open: &'static [&'static str], words: &'static str) -> Flag {
    Flag { name, open, kinds: &[], only_switched: false, words }
}

/// A protection that is switched off.
const fn guards(name: &'static str, open: &'static [&'static str], words: &'static str) -> Flag {
    Flag { name, open, kinds: &[], only_switched: true, words }
}

impl Flag {
    const fn of(self, kinds: &'static [&'static str]) -> Self {
        Self { kinds, ..self }
    }
}

const NO_PROTECTION: &str = "its deletion protection is switched off";
const NO_ENCRYPTION: &str = "its encryption is switched off";
const NO_PUBLIC_BLOCK: &str = "public access is not blocked any more";
const NO_WAY_BACK: &str = "what is overwritten or deleted cannot be brought back any more";
const NO_TRACE: &str = "who did what is not recorded any more";
const OFF: &[&str] = &["false"];
const ON: &[&str] = &["true"];

/// The attributes that expose.
pub(super) const FLAGS: &[Flag] = &[
    opens("acl", &["public-read", "public-read-write", "authenticated-read"], "everybody may read it"),
    opens("assign_public_ip", ON, "it gets a public address"),
    opens("associate_public_ip_address", ON, "it gets a public address"),
    opens("authorization_type", &["NONE"], "everybody may call it").of(&["aws_lambda_function_url"]),
    opens("endpoint_public_access", ON, "its endpoint is reachable from the internet"),
    opens("internal", OFF, "it is reachable from the internet").of(&["aws_lb", "aws_alb", "aws_elb"]),
    opens("map_public_ip_on_launch", ON, "what starts there gets a public address"),
    opens("publicly_accessible", ON, "it is reachable from the internet"),
    opens("viewer_protocol_policy", &["allow-all"], "it answers without TLS"),
    guards("block_public_acls", OFF, NO_PUBLIC_BLOCK),
    guards("block_public_policy", OFF, NO_PUBLIC_BLOCK),
    guards("ignore_public_acls", OFF, NO_PUBLIC_BLOCK),
    guards("restrict_public_buckets", OFF, NO_PUBLIC_BLOCK),
    guards("deletion_protection", &["false", "INACTIVE"], NO_PROTECTION),
    guards("deletion_protection_enabled", OFF, NO_PROTECTION),
    guards("disable_api_stop", OFF, "it can be stopped again"),
    guards("disable_api_termination", OFF, NO_PROTECTION),
    guards("enable_deletion_protection", OFF, NO_PROTECTION),
    guards("force_delete", ON, "it can be deleted with everything in it"),
    guards("force_destroy", ON, "it can be deleted with everything in it"),
    guards("skip_final_snapshot", ON, "no last snapshot is taken when it is deleted"),
    guards("termination_protection", OFF, NO_PROTECTION),
    guards("at_rest_encryption_enabled", OFF, NO_ENCRYPTION),
    guards("domain_endpoint_options.enforce_https", OFF, "it answers without TLS"),
    guards("encrypt_at_rest.enabled", OFF, NO_ENCRYPTION),
    guards("encrypted", OFF, NO_ENCRYPTION),
    guards("node_to_node_encryption.enabled", OFF, NO_ENCRYPTION),
    guards("sqs_managed_sse_enabled", OFF, NO_ENCRYPTION),
    guards("storage_encrypted", OFF, NO_ENCRYPTION),
    guards("transit_encryption_enabled", OFF, NO_ENCRYPTION),
    guards("point_in_time_recovery.enabled", OFF, NO_WAY_BACK),
    guards("versioning.enabled", OFF, NO_WAY_BACK),
    guards("versioning_configuration.status", &["Suspended", "Disabled"], NO_WAY_BACK),
    guards("enable_log_file_validation", OFF, "its log files are not signed any more"),
    guards("enable_logging", OFF, NO_TRACE),
    guards("image_tag_mutability", &["MUTABLE"], "tags can be moved to other images"),
    guards("iam_database_authentication_enabled", OFF, "it is opened with passwords alone"),
    guards("http_tokens", &["optional"], "credentials of the instance can be fetched with one plain request (IMDSv1)"),
    guards("enable_key_rotation", OFF, "its key is not rotated any more"),
];

/// Attributes that name a key; without one the protection is AWS's own, or none.
pub(super) const KEYS: &[&str] = &["kms_key_id", "kms_key_arn", "kms_master_key_id"];

/// The types that protect something else: their destruction takes that away.
pub(super) const GUARDIANS: &[(&str, &str)] = &[
    ("aws_backup_plan", "nothing is backed up by it any more"),
    ("aws_backup_selection", "what it selects is not backed up any more"),
    ("aws_backup_vault_lock_configuration", "recovery points can be deleted"),
    ("aws_cloudtrail", NO_TRACE),
    ("aws_config_configuration_recorder", "configurations are not recorded any more"),
    ("aws_ebs_encryption_by_default", "new volumes are not encrypted by default"),
    ("aws_ebs_snapshot_block_public_access", "snapshots can be made public"),
    ("aws_flow_log", "traffic is not recorded any more"),
    ("aws_guardduty_detector", "threats are not looked for any more"),
    ("aws_iam_account_password_policy", "passwords have no rules any more"),
    ("aws_inspector2_enabler", "vulnerabilities are not looked for any more"),
    ("aws_macie2_account", "data is not watched any more"),
    ("aws_s3_account_public_access_block", NO_PUBLIC_BLOCK),
    ("aws_s3_bucket_object_lock_configuration", "objects can be deleted before their time"),
    ("aws_s3_bucket_public_access_block", NO_PUBLIC_BLOCK),
    ("aws_s3_bucket_server_side_encryption_configuration", "the bucket's own rule of encryption goes"),
    ("aws_s3_bucket_versioning", NO_WAY_BACK),
    ("aws_securityhub_account", "findings are not gathered any more"),
    ("aws_shield_protection", "attacks are not kept off any more"),
    ("aws_wafv2_web_acl_association", "requests are not filtered any more"),
];

/// Policies of AWS's own that allow nearly everything, by the end of their ARN.
pub(super) const POWERFUL: &[&str] =
    &[":policy/AdministratorAccess", ":policy/IAMFullAccess", ":policy/PowerUserAccess"];

/// Attributes that attach policies by their ARN.
pub(super) const ATTACHED: &[&str] = &["policy_arn", "managed_policy_arns"];

/// Attributes that hold the addresses that may come in.
pub(super) const CIDRS: &[&str] = &[
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "cidr_ipv4",
    "cidr_ipv6",
    "cidr_block",
    "ipv6_cidr_block",
    "public_access_cidrs",
];

/// The types whose addresses are those of who may come in. Elsewhere (routes, networks) the same names mean something else.
pub(super) const FIREWALLS: &[&str] = &[
    "aws_default_network_acl",
    "aws_default_security_group",
    "aws_eks_cluster",
    "aws_network_acl",
    "aws_network_acl_rule",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
];

/// Everybody.
pub(super) const ANYWHERE: &[&str] = &["0.0.0.0/0", "::/0"];
