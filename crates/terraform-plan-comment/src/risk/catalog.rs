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
    store("aws_acmpca_certificate_authority", "the authority's key, and with it every certificate's chain"),
    store("aws_ami", "the image"),
    store("aws_ami_copy", "the image"),
    store("aws_ami_from_instance", "the image"),
    store("aws_backup_logically_air_gapped_vault", "its recovery points"),
    store("aws_backup_vault", "its recovery points"),
    store("aws_cloudformation_stack", "everything in the stack"),
    store("aws_cloudformation_stack_instances", "everything in its stacks"),
    store("aws_cloudformation_stack_set_instance", "everything in its stack"),
    store("aws_cloudfront_key_value_store", "its values"),
    store("aws_cloudhsm_v2_cluster", "its keys"),
    store("aws_cloudsearch_domain", "its indexes"),
    store("aws_cloudtrail_event_data_store", "its events"),
    store("aws_cloudwatch_event_archive", "its events"),
    store("aws_cloudwatch_log_group", "its logs"),
    store("aws_cloudwatch_log_stream", "its logs"),
    store("aws_codeartifact_domain", "its packages"),
    store("aws_codeartifact_repository", "its packages"),
    store("aws_codecommit_repository", "its commits"),
    store("aws_cognito_identity_pool", "its identities"),
    store("aws_cognito_user", "the user"),
    store("aws_cognito_user_pool", "its users"),
    store("aws_connect_instance", "its contacts and recordings"),
    store("aws_customerprofiles_domain", "its profiles"),
    store("aws_db_cluster_snapshot", "the snapshot"),
    store("aws_db_instance", "its databases and automated backups"),
    store("aws_db_instance_automated_backups_replication", "the copies of the backups in its region"),
    store("aws_db_snapshot", "the snapshot"),
    store("aws_db_snapshot_copy", "the snapshot"),
    store("aws_directory_service_directory", "its users"),
    store("aws_docdb_cluster", "its databases and automated backups"),
    store("aws_docdb_cluster_snapshot", "the snapshot"),
    store("aws_docdbelastic_cluster", "its databases"),
    store("aws_dsql_cluster", "its databases"),
    store("aws_dynamodb_global_table", "its items"),
    store("aws_dynamodb_table", "its items"),
    store("aws_dynamodb_table_item", "the item"),
    store("aws_dynamodb_table_replica", "the copy of the items in its region"),
    store("aws_ebs_snapshot", "the snapshot"),
    store("aws_ebs_snapshot_copy", "the snapshot"),
    store("aws_ebs_snapshot_import", "the snapshot"),
    store("aws_ebs_volume", "what is on the volume"),
    store("aws_ecr_repository", "its images"),
    store("aws_ecrpublic_repository", "its images"),
    store("aws_efs_file_system", "its files"),
    store("aws_eks_cluster", "every object in the cluster"),
    store("aws_elasticache_cluster", "what is in memory"),
    store("aws_elasticache_replication_group", "what is in memory"),
    store("aws_elasticache_serverless_cache", "what is in memory"),
    store("aws_elasticsearch_domain", "its indexes"),
    store("aws_emr_cluster", "what is in its own file system"),
    store("aws_finspace_kx_database", "its data"),
    store("aws_fsx_backup", "the backup"),
    store("aws_fsx_file_cache", "what is not written back yet"),
    store("aws_fsx_lustre_file_system", "its files"),
    store("aws_fsx_ontap_file_system", "its files"),
    store("aws_fsx_ontap_storage_virtual_machine", "its volumes"),
    store("aws_fsx_ontap_volume", "its files"),
    store("aws_fsx_openzfs_file_system", "its files"),
    store("aws_fsx_openzfs_snapshot", "the snapshot"),
    store("aws_fsx_openzfs_volume", "its files"),
    store("aws_fsx_windows_file_system", "its files"),
    store("aws_glacier_vault", "its archives"),
    store("aws_glue_catalog_database", "its tables"),
    store("aws_glue_catalog_table", "the table's description"),
    store("aws_grafana_workspace", "its dashboards"),
    store("aws_iam_server_certificate", "the certificate's key"),
    store("aws_identitystore_user", "the user"),
    store("aws_instance", "what is on its root volume and in its instance store"),
    store("aws_kendra_index", "its documents"),
    store("aws_keyspaces_keyspace", "its tables"),
    store("aws_keyspaces_table", "its rows"),
    store("aws_kinesis_stream", "the records in the stream"),
    store("aws_kinesis_video_stream", "its recordings"),
    store("aws_kms_custom_key_store", "the way to its keys"),
    store("aws_kms_external_key", "what is encrypted with it, from the moment its deletion is scheduled"),
    store("aws_kms_key", "what is encrypted with it, from the moment its deletion is scheduled"),
    store("aws_kms_replica_external_key", "what is encrypted with it in its region"),
    store("aws_kms_replica_key", "what is encrypted with it in its region"),
    store("aws_lightsail_bucket", "its objects"),
    store("aws_lightsail_database", "its databases"),
    store("aws_lightsail_disk", "what is on the disk"),
    store("aws_lightsail_instance", "what is on its disk"),
    store("aws_memorydb_cluster", "its data"),
    store("aws_memorydb_snapshot", "the snapshot"),
    store("aws_mq_broker", "the messages in its queues"),
    store("aws_msk_cluster", "the records in its topics"),
    store("aws_msk_serverless_cluster", "the records in its topics"),
    store("aws_neptune_cluster", "its databases and automated backups"),
    store("aws_neptune_cluster_snapshot", "the snapshot"),
    store("aws_neptunegraph_graph", "its data"),
    store("aws_opensearch_domain", "its indexes"),
    store("aws_opensearchserverless_collection", "its indexes"),
    store("aws_organizations_account", "the account, where it is closed with it"),
    store("aws_pinpoint_app", "its segments and campaigns"),
    store("aws_prometheus_workspace", "its metrics"),
    store("aws_qldb_ledger", "its documents"),
    store("aws_rds_cluster", "its databases and automated backups"),
    store("aws_rds_cluster_snapshot_copy", "the snapshot"),
    store("aws_rds_shard_group", "its data"),
    store("aws_redshift_cluster", "its databases"),
    store("aws_redshift_cluster_snapshot", "the snapshot"),
    store("aws_redshiftserverless_namespace", "its databases"),
    store("aws_redshiftserverless_snapshot", "the snapshot"),
    store("aws_route53_zone", "its records, and the name servers that its registrar names"),
    store("aws_route53domains_domain", "the domain's registration"),
    store("aws_s3_bucket", "its objects"),
    store("aws_s3_bucket_object", "the object"),
    store("aws_s3_directory_bucket", "its objects"),
    store("aws_s3_object", "the object"),
    store("aws_s3control_bucket", "its objects"),
    store("aws_s3tables_namespace", "its tables"),
    store("aws_s3tables_table", "its rows"),
    store("aws_s3tables_table_bucket", "its tables"),
    store("aws_sagemaker_domain", "its home directories"),
    store("aws_sagemaker_feature_group", "its records"),
    store("aws_sagemaker_notebook_instance", "what is on its volume"),
    store("aws_sagemaker_space", "what is on its volume"),
    store("aws_secretsmanager_secret", "the secret"),
    store("aws_secretsmanager_secret_version", "the secret's value"),
    store("aws_securitylake_data_lake", "its records"),
    store("aws_serverlessapplicationrepository_cloudformation_stack", "everything in the stack"),
    store("aws_sqs_queue", "the messages in the queue"),
    store("aws_storagegateway_cached_iscsi_volume", "what is on the volume"),
    store("aws_storagegateway_stored_iscsi_volume", "what is on the volume"),
    store("aws_timestreaminfluxdb_db_instance", "its databases"),
    store("aws_timestreamwrite_database", "its tables"),
    store("aws_timestreamwrite_table", "its records"),
    store("aws_verifiedpermissions_policy_store", "its policies"),
    store("aws_workspaces_workspace", "its volumes"),
];

/// What stands in the way of a loss, or softens it: an attribute of the object that goes, with the value that does, and words for it.
pub(super) const RELIEFS: &[(&str, &str, &str)] = &[
    ("deletion_protection", "true", "deletion protection refuses that until it is switched off"),
    ("deletion_protection", "ACTIVE", "deletion protection refuses that until it is switched off"),
    ("deletion_protection_enabled", "true", "deletion protection refuses that until it is switched off"),
    ("enable_deletion_protection", "true", "deletion protection refuses that until it is switched off"),
    ("termination_protection_enabled", "true", "termination protection refuses that until it is switched off"),
    ("final_snapshot", "true", "a last snapshot is taken first"),
    ("skip_final_backup", "false", "a last backup is taken first"),
    ("skip_final_backup", "true", "no last backup is taken"),
    ("skip_final_snapshot", "false", "a last snapshot is taken first"),
    ("skip_final_snapshot", "true", "no last snapshot is taken"),
    ("root_block_device.delete_on_termination", "false", "its root volume is kept"),
    ("force_destroy", "false", "AWS refuses that while anything is in it"),
    ("force_delete", "false", "AWS refuses that while anything is in it"),
];

/// The types whose replacement is another version of the same: what was there stands in the configuration, or in the version before it.
pub(super) const VERSIONS: &[&str] = &["aws_s3_bucket_object", "aws_s3_object", "aws_secretsmanager_secret_version"];

/// Attributes with which what an object holds is left alone when it goes: it only leaves the state.
pub(super) const LEFT_ALONE: &[&str] = &["retain_stack", "retain_stacks", "skip_destroy"];

/// The start of the types of providers whose types are known: what stands in no list here holds nothing.
pub(super) const KNOWN_PROVIDERS: &[&str] = &["AWS::", "aws_", "null_", "random_", "terraform_data", "time_"];

/// Attributes that name what an object is a copy of: what it holds is not lost with it.
pub(super) const COPIES: &[&str] = &["replicate_source_db", "replication_source_identifier"];

/// How a guardian names what it protects.
pub(super) struct Ward {
    /// The guardian's attribute.
    pub(super) name: &'static str,
    /// The types that it names; none for all.
    pub(super) kinds: &'static [&'static str],
    /// Their attributes that hold the same.
    pub(super) is: &'static [&'static str],
}

const fn ward(name: &'static str, kinds: &'static [&'static str], is: &'static [&'static str]) -> Ward {
    Ward { name, kinds, is }
}

/// The attributes with which guardians name what they protect. A name is that of one type alone: a repository and a bucket may share it.
pub(super) const WARDS: &[Ward] = &[
    ward("backup_vault_name", &["aws_backup_logically_air_gapped_vault", "aws_backup_vault"], &["id", "name"]),
    ward("bucket", &["aws_s3_bucket", "aws_s3_directory_bucket"], &["bucket", "id"]),
    ward("db_instance_identifier", &["aws_db_instance"], &["identifier", "id"]),
    ward("hosted_zone_id", &["aws_route53_zone"], &["zone_id", "id"]),
    ward("resource_arn", &[], &["arn"]),
    ward("vault_name", &["aws_glacier_vault"], &["name", "id"]),
    ward("zone_id", &["aws_route53_zone"], &["zone_id", "id"]),
];

/// Attributes that say for how many days something can be brought back.
pub(super) const WINDOWS: &[&str] =
    &["recovery_window_in_days", "deletion_window_in_days", "permanent_deletion_time_in_days"];

/// An attribute that says how long something is kept; a smaller number loses the rest.
pub(super) struct Retention {
    pub(super) name: &'static str,
    pub(super) zero_is_forever: bool,
    pub(super) unit: &'static str,
    pub(super) what: &'static str,
}

const fn retention(name: &'static str, unit: &'static str, what: &'static str) -> Retention {
    Retention { name, zero_is_forever: false, unit, what }
}

const fn retention_or_forever(name: &'static str, unit: &'static str, what: &'static str) -> Retention {
    Retention { name, zero_is_forever: true, unit, what }
}

/// The attributes that say how long something is kept. Providers give `retention_period` other units in other types.
pub(super) const RETENTIONS: &[Retention] = &[
    retention("automated_snapshot_retention_period", "days", "automated snapshots"),
    retention("automatic_backup_retention_days", "days", "automatic backups"),
    retention("backup_retention_period", "days", "automated backups"),
    retention("data_retention_in_hours", "hours", "what is streamed"),
    retention("delete_after", "days", "recovery points"),
    retention("magnetic_store_retention_period_in_days", "days", "records"),
    retention("memory_store_retention_period_in_hours", "hours", "records in memory"),
    retention("message_retention_seconds", "seconds", "messages"),
    retention_or_forever("retention_days", "days", "events"),
    retention_or_forever("retention_in_days", "days", "logs"),
    retention("retention_period", "units", "records"),
    retention("retention_period_in_days", "days", "what is recorded"),
    retention("retention_period_value", "units", "what was deleted"),
    retention("snapshot_retention_limit", "days", "snapshots"),
];

/// The ends of paths of what deletes by itself: new ones, and ones that delete sooner, lose data.
pub(super) const EXPIRIES: &[(&str, &str)] = &[
    ("default_time_to_live", "rows are deleted by themselves after a time"),
    ("lifecycle_rule.expiration.days", "objects are deleted by themselves after some days"),
    ("lifecycle_rule.noncurrent_version_expiration.days", "old versions are deleted by themselves after some days"),
    ("rule.expiration.days", "objects are deleted by themselves after some days"),
    ("rule.noncurrent_version_expiration.noncurrent_days", "old versions are deleted by themselves after some days"),
    ("ttl.enabled", "items are deleted by themselves when their time is over"),
];

/// The types that serve others: their replacement or destruction is noticed.
pub(super) const SERVERS: &[(&str, &str)] = &[
    ("aws_alb", "its listeners"),
    ("aws_alb_listener", "its connections"),
    ("aws_alb_listener_rule", "what the rule sends on"),
    ("aws_alb_target_group", "its targets"),
    ("aws_alb_target_group_attachment", "the target"),
    ("aws_amplify_app", "the app"),
    ("aws_api_gateway_base_path_mapping", "the way to the API"),
    ("aws_api_gateway_domain_name", "the API's name"),
    ("aws_api_gateway_rest_api", "the API"),
    ("aws_api_gateway_stage", "the API"),
    ("aws_apigatewayv2_api", "the API"),
    ("aws_apigatewayv2_api_mapping", "the way to the API"),
    ("aws_apigatewayv2_domain_name", "the API's name"),
    ("aws_apigatewayv2_stage", "the API"),
    ("aws_apprunner_service", "the service"),
    ("aws_appsync_graphql_api", "the API"),
    ("aws_autoscaling_group", "its instances"),
    ("aws_batch_compute_environment", "its jobs"),
    ("aws_cloudfront_distribution", "the distribution"),
    ("aws_cloudfront_function", "the function"),
    ("aws_customer_gateway", "the connection"),
    ("aws_db_instance", "the database"),
    ("aws_db_proxy", "its connections"),
    ("aws_docdb_cluster", "the database"),
    ("aws_docdb_cluster_instance", "the database's instance"),
    ("aws_dx_connection", "the connection"),
    ("aws_dx_gateway", "the connection"),
    ("aws_dx_private_virtual_interface", "the connection"),
    ("aws_dx_public_virtual_interface", "the connection"),
    ("aws_dx_transit_virtual_interface", "the connection"),
    ("aws_ec2_transit_gateway", "its networks"),
    ("aws_ec2_transit_gateway_route", "the route"),
    ("aws_ec2_transit_gateway_vpc_attachment", "the network's connection"),
    ("aws_ecs_cluster", "its services"),
    ("aws_ecs_service", "the service"),
    ("aws_efs_mount_target", "the way to the files"),
    ("aws_egress_only_internet_gateway", "the way to the internet"),
    ("aws_eip", "the address"),
    ("aws_eip_association", "the address"),
    ("aws_eks_addon", "the add-on"),
    ("aws_eks_cluster", "the cluster"),
    ("aws_eks_fargate_profile", "its pods"),
    ("aws_eks_node_group", "its nodes"),
    ("aws_elastic_beanstalk_environment", "the environment"),
    ("aws_elasticache_cluster", "the cache"),
    ("aws_elasticache_replication_group", "the cache"),
    ("aws_elasticache_serverless_cache", "the cache"),
    ("aws_elasticsearch_domain", "the domain"),
    ("aws_elb", "its listeners"),
    ("aws_globalaccelerator_accelerator", "the accelerator"),
    ("aws_globalaccelerator_endpoint_group", "its endpoints"),
    ("aws_globalaccelerator_listener", "its connections"),
    ("aws_iam_role", "who acts as it"),
    ("aws_instance", "the instance"),
    ("aws_internet_gateway", "the way to the internet"),
    ("aws_lambda_alias", "the function's alias"),
    ("aws_lambda_event_source_mapping", "what feeds the function"),
    ("aws_lambda_function", "the function"),
    ("aws_lambda_function_url", "the URL"),
    ("aws_lb", "its listeners"),
    ("aws_lb_listener", "its connections"),
    ("aws_lb_listener_rule", "what the rule sends on"),
    ("aws_lb_target_group", "its targets"),
    ("aws_lb_target_group_attachment", "the target"),
    ("aws_lightsail_container_service", "the service"),
    ("aws_lightsail_database", "the database"),
    ("aws_lightsail_instance", "the instance"),
    ("aws_lightsail_lb", "its instances"),
    ("aws_main_route_table_association", "the network's routes"),
    ("aws_memorydb_cluster", "the database"),
    ("aws_mq_broker", "the broker"),
    ("aws_msk_cluster", "the cluster"),
    ("aws_msk_serverless_cluster", "the cluster"),
    ("aws_mwaa_environment", "its workflows"),
    ("aws_nat_gateway", "the way to the internet"),
    ("aws_neptune_cluster", "the database"),
    ("aws_neptune_cluster_instance", "the database's instance"),
    ("aws_network_interface", "the interface"),
    ("aws_opensearch_domain", "the domain"),
    ("aws_opensearchserverless_collection", "the collection"),
    ("aws_rds_cluster", "the database"),
    ("aws_rds_cluster_instance", "the database's instance"),
    ("aws_rds_global_cluster", "the replication between its clusters"),
    ("aws_redshift_cluster", "the database"),
    ("aws_redshiftserverless_workgroup", "the database"),
    ("aws_route", "the route"),
    ("aws_route53_record", "the name"),
    ("aws_route53_zone", "its names"),
    ("aws_route_table", "its routes"),
    ("aws_route_table_association", "the subnet's routes"),
    ("aws_sagemaker_endpoint", "the endpoint"),
    ("aws_service_discovery_service", "its names"),
    ("aws_sfn_state_machine", "its executions"),
    ("aws_sns_topic", "its subscriptions"),
    ("aws_sqs_queue", "the queue"),
    ("aws_subnet", "what is in the subnet"),
    ("aws_transfer_server", "the server"),
    ("aws_volume_attachment", "the volume"),
    ("aws_vpc", "what is in the network"),
    ("aws_vpc_endpoint", "the endpoint"),
    ("aws_vpc_peering_connection", "the connection"),
    ("aws_vpn_connection", "the connection"),
    ("aws_vpn_gateway", "the connection"),
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
    /// Whether AWS opens a new object that says nothing about it.
    pub(super) is_default: bool,
    pub(super) words: &'static str,
}

/// An attribute that opens something, in a new object too.
const fn opens(name: &'static str, open: &'static [&'static str], words: &'static str) -> Flag {
    Flag { name, open, kinds: &[], only_switched: false, is_default: false, words }
}

/// A protection that is switched off.
const fn guards(name: &'static str, open: &'static [&'static str], words: &'static str) -> Flag {
    Flag { name, open, kinds: &[], only_switched: true, is_default: false, words }
}

impl Flag {
    /// Whether a protection that nothing is said of is off.
    pub(super) fn is_off_unsaid(&self) -> bool {
        self.open.iter().any(|value| matches!(*value, "false" | "INACTIVE" | "Suspended"))
    }

    const fn by_default(self) -> Self {
        Self { is_default: true, ..self }
    }

    const fn of(self, kinds: &'static [&'static str]) -> Self {
        Self { kinds, ..self }
    }
}

const NO_PROTECTION: &str = "its deletion protection is switched off";
const NO_ENCRYPTION: &str = "its encryption is switched off";
const NO_PUBLIC_BLOCK: &str = "public access is not blocked any more";
const NO_WAY_BACK: &str = "what is overwritten or deleted cannot be brought back any more";
const NO_TRACE: &str = "who did what is not recorded any more";
/// The types whose attributes block public access.
const PUBLIC_BLOCKS: &[&str] = &[
    "aws_s3_access_point",
    "aws_s3_account_public_access_block",
    "aws_s3_bucket_public_access_block",
    "aws_s3control_multi_region_access_point",
];

/// The groups of everybody in ACLs (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>).
const EVERYBODY_URIS: &[&str] =
    &["http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"];
/// The types that `force_destroy` empties.
const FORCIBLE: &[&str] =
    &["aws_backup_vault", "aws_route53_zone", "aws_s3_bucket", "aws_s3_directory_bucket", "aws_s3tables_table_bucket"];

const ANYBODY: &[&str] = &["*"];
const OFF: &[&str] = &["false"];
const ON: &[&str] = &["true"];

/// The attributes that expose.
pub(super) const FLAGS: &[Flag] = &[
    opens("acl", &["authenticated-read"], "everybody with an AWS account may read it"),
    opens("acl", &["public-read"], "everybody may read it"),
    opens("acl", &["public-read-write"], "everybody may read it and write to it"),
    opens("allow_external_principals", ON, "it can be shared with other organizations").of(&["aws_ram_resource_share"]),
    opens("allow_unauthenticated_identities", ON, "everybody gets credentials without signing in"),
    opens("assign_public_ip", ON, "it gets a public address"),
    opens("associate_public_ip_address", ON, "it gets a public address"),
    opens("authorization", &["NONE"], "everybody may call it").of(&["aws_api_gateway_method"]),
    opens("authorization_type", &["NONE"], "everybody may call it")
        .of(&["aws_apigatewayv2_route", "aws_lambda_function_url"]),
    opens("direct_internet_access", &["Enabled"], "it reaches the internet past the network")
        .of(&["aws_sagemaker_notebook_instance"]),
    opens("endpoint_public_access", ON, "its endpoint is reachable from the internet"),
    opens("internal", OFF, "it is reachable from the internet").of(&["aws_lb", "aws_alb", "aws_elb"]).by_default(),
    opens("is_publicly_accessible", ON, "it is reachable from the internet"),
    guards("map_public_ip_on_launch", ON, "what starts there gets a public address"),
    opens("grant.uri", EVERYBODY_URIS, "everybody may use it").of(&["aws_s3_bucket"]),
    opens("grant.grantee.uri", EVERYBODY_URIS, "everybody may use it").of(&["aws_s3_bucket_acl"]),
    opens("group", &["all"], "everybody may start it").of(&["aws_ami_launch_permission"]),
    opens("allowed_principals", ANYBODY, "everybody may connect to it").of(&["aws_vpc_endpoint_service"]),
    opens("principal", ANYBODY, "everybody may call it").of(&[
        "aws_cloudwatch_event_permission",
        "aws_lambda_layer_version_permission",
        "aws_lambda_permission",
    ]),
    opens("principal_arn", ANYBODY, "everybody may connect to it").of(&["aws_vpc_endpoint_service_allowed_principal"]),
    opens("shared_accounts", &["all"], "everybody may restore it"),
    opens("public_access.type", &["SERVICE_PROVIDED_EIPS"], "it is reachable from the internet")
        .of(&["aws_msk_cluster"]),
    opens("publicly_accessible", ON, "it is reachable from the internet"),
    opens("viewer_protocol_policy", &["allow-all"], "it answers without TLS"),
    opens("block_public_acls", OFF, "public access is not blocked").of(PUBLIC_BLOCKS),
    opens("block_public_policy", OFF, "public access is not blocked").of(PUBLIC_BLOCKS),
    opens("ignore_public_acls", OFF, "public access is not blocked").of(PUBLIC_BLOCKS),
    opens("restrict_public_buckets", OFF, "public access is not blocked").of(PUBLIC_BLOCKS),
    guards("deletion_protection", &["false", "INACTIVE"], NO_PROTECTION),
    guards("deletion_protection_enabled", OFF, NO_PROTECTION),
    guards("disable_api_stop", OFF, "it can be stopped again"),
    guards("disable_api_termination", OFF, NO_PROTECTION),
    guards("enable_deletion_protection", OFF, NO_PROTECTION),
    guards("force_delete", ON, "it can be deleted with everything in it").of(&["aws_ecr_repository"]),
    guards("force_destroy", ON, "it can be deleted with everything in it").of(FORCIBLE),
    guards("skip_final_snapshot", ON, "no last snapshot is taken when it is deleted"),
    guards("termination_protection", OFF, NO_PROTECTION),
    guards("termination_protection_enabled", OFF, NO_PROTECTION),
    guards("advanced_security_options.enabled", OFF, "who may do what in it is not controlled any more"),
    guards("at_rest_encryption_enabled", OFF, NO_ENCRYPTION),
    guards("domain_endpoint_options.enforce_https", OFF, "it answers without TLS"),
    guards("encrypt_at_rest.enabled", OFF, NO_ENCRYPTION),
    guards("encrypted", OFF, NO_ENCRYPTION),
    guards("encryption_in_transit.client_broker", &["PLAINTEXT", "TLS_PLAINTEXT"], "it answers without TLS"),
    guards("encryption_type", &["NONE"], NO_ENCRYPTION).of(&["aws_kinesis_stream"]),
    guards("node_to_node_encryption.enabled", OFF, NO_ENCRYPTION),
    guards("protocol", &["HTTP", "TCP"], "it answers without TLS").of(&["aws_alb_listener", "aws_lb_listener"]),
    guards("server_side_encryption.enabled", OFF, "it is not encrypted with its own key any more"),
    guards("sqs_managed_sse_enabled", OFF, NO_ENCRYPTION),
    guards("sse_algorithm", &["AES256"], "it is not encrypted with its own key any more"),
    guards("storage_encrypted", OFF, NO_ENCRYPTION),
    guards("transit_encryption_enabled", OFF, NO_ENCRYPTION),
    guards("rule.object_ownership", &["ObjectWriter", "BucketOwnerPreferred"], "ACLs may count again"),
    guards("point_in_time_recovery.enabled", OFF, NO_WAY_BACK),
    guards("versioning.enabled", OFF, NO_WAY_BACK),
    guards("versioning_configuration.status", &["Suspended", "Disabled"], NO_WAY_BACK),
    guards("enable_log_file_validation", OFF, "its log files are not signed any more"),
    guards("enable_logging", OFF, NO_TRACE),
    guards("include_global_service_events", OFF, "what is done in global services is not recorded any more"),
    guards("is_multi_region_trail", OFF, "what is done in other regions is not recorded any more"),
    guards("enable", OFF, "threats are not looked for any more").of(&["aws_guardduty_detector"]),
    guards("is_enabled", OFF, "configurations are not recorded any more")
        .of(&["aws_config_configuration_recorder_status"]),
    guards("mfa_configuration", &["OFF"], "nobody is asked for a second factor any more"),
    guards("scan_on_push", OFF, "images are not scanned any more"),
    guards("image_tag_mutability", &["MUTABLE"], "tags can be moved to other images"),
    guards("iam_database_authentication_enabled", OFF, "it is opened with passwords alone"),
    guards("http_tokens", &["optional"], "credentials of the instance can be fetched with one plain request (IMDSv1)"),
    guards("enable_key_rotation", OFF, "its key is not rotated any more"),
];

/// Attributes that tell one block of several from another.
pub(super) const BLOCK_NAMES: &[&str] = &["device_name", "path_pattern", "name", "id"];

/// Attributes that name a key; without one the protection is AWS's own, or none.
pub(super) const KEYS: &[&str] =
    &["encryption_configuration.kms_key", "kms_key_arn", "kms_key_id", "kms_master_key_id"];

/// The types that protect something else: their destruction takes that away.
pub(super) const GUARDIANS: &[(&str, &str)] = &[
    ("aws_accessanalyzer_analyzer", "what is shared with others is not looked for any more"),
    ("aws_backup_plan", "nothing is backed up by it any more"),
    ("aws_backup_selection", "what it selects is not backed up any more"),
    ("aws_backup_vault_lock_configuration", "recovery points can be deleted"),
    ("aws_cloudtrail", NO_TRACE),
    ("aws_cloudwatch_composite_alarm", "nobody is told any more"),
    ("aws_cloudwatch_metric_alarm", "nobody is told any more"),
    ("aws_config_config_rule", "its rule is not checked any more"),
    ("aws_config_configuration_recorder", "configurations are not recorded any more"),
    ("aws_config_delivery_channel", "configurations are not kept any more"),
    ("aws_dlm_lifecycle_policy", "nothing is backed up by it any more"),
    ("aws_ebs_default_kms_key", "new volumes are not encrypted with its key any more"),
    ("aws_ebs_encryption_by_default", "new volumes are not encrypted by default"),
    ("aws_ebs_snapshot_block_public_access", "snapshots can be made public"),
    ("aws_ec2_image_block_public_access", "images can be made public"),
    ("aws_emr_block_public_access_configuration", "clusters can be opened to everybody"),
    ("aws_flow_log", "traffic is not recorded any more"),
    ("aws_fms_policy", "what it protected is not protected any more"),
    ("aws_guardduty_detector", "threats are not looked for any more"),
    ("aws_guardduty_detector_feature", "threats are not looked for any more"),
    ("aws_guardduty_member", "threats are not looked for in the account any more"),
    ("aws_iam_account_password_policy", "passwords have no rules any more"),
    ("aws_inspector2_enabler", "vulnerabilities are not looked for any more"),
    ("aws_lambda_code_signing_config", "code without a signature can run"),
    ("aws_macie2_account", "data is not watched any more"),
    ("aws_networkfirewall_firewall", "traffic is not filtered any more"),
    ("aws_organizations_policy", "what it denied is not denied any more"),
    ("aws_organizations_policy_attachment", "what it denied is not denied any more"),
    ("aws_route53_hosted_zone_dnssec", "its answers are not signed any more"),
    ("aws_route53_query_log", "queries are not recorded any more"),
    ("aws_route53_resolver_firewall_rule_group_association", "queries are not filtered any more"),
    ("aws_s3_account_public_access_block", NO_PUBLIC_BLOCK),
    ("aws_s3_bucket_logging", "requests are not recorded any more"),
    ("aws_s3_bucket_object_lock_configuration", "objects can be deleted before their time"),
    ("aws_s3_bucket_ownership_controls", "ACLs may count again"),
    ("aws_s3_bucket_public_access_block", NO_PUBLIC_BLOCK),
    ("aws_s3_bucket_replication_configuration", "objects are not copied any more"),
    ("aws_s3_bucket_server_side_encryption_configuration", "the bucket's own rule of encryption goes"),
    ("aws_s3_bucket_versioning", NO_WAY_BACK),
    ("aws_securityhub_account", "findings are not gathered any more"),
    ("aws_securityhub_standards_subscription", "its rules are not checked any more"),
    ("aws_shield_protection", "attacks are not kept off any more"),
    ("aws_vpc_block_public_access_options", "networks can be opened to the internet"),
    ("aws_waf_web_acl", "requests are not filtered any more"),
    ("aws_wafregional_web_acl", "requests are not filtered any more"),
    ("aws_wafregional_web_acl_association", "requests are not filtered any more"),
    ("aws_wafv2_web_acl", "requests are not filtered any more"),
    ("aws_wafv2_web_acl_association", "requests are not filtered any more"),
    ("aws_wafv2_web_acl_logging_configuration", "requests are not recorded any more"),
];

/// Policies of AWS's own that allow nearly everything, by the end of their ARN.
pub(super) const POWERFUL: &[&str] = &[
    ":cluster-access-policy/AmazonEKSAdminPolicy",
    ":cluster-access-policy/AmazonEKSClusterAdminPolicy",
    ":policy/AdministratorAccess",
    ":policy/PowerUserAccess",
    ":policy/SecretsManagerReadWrite",
    ":policy/job-function/SystemAdministrator",
    // Each service has one: everything of it, on everything.
    "FullAccess",
];

/// Attributes that attach policies by their ARN.
pub(super) const ATTACHED: &[&str] = &["managed_policy_arn", "managed_policy_arns", "policy_arn", "policy_arns"];

/// Attributes that hold the addresses that may come in.
pub(super) const CIDRS: &[&str] = &[
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "cidr_ipv4",
    "cidr_ipv6",
    "cidr_block",
    "ipv6_cidr_block",
    "public_access_cidrs",
    "cidr",
    "cidrs",
    "ipv6_cidrs",
];

/// The types whose addresses are those of who may come in. Elsewhere (routes, networks) the same names mean something else.
pub(super) const FIREWALLS: &[&str] = &[
    "aws_default_network_acl",
    "aws_default_security_group",
    "aws_ec2_managed_prefix_list",
    "aws_ec2_managed_prefix_list_entry",
    "aws_eks_cluster",
    "aws_lightsail_instance_public_ports",
    "aws_network_acl",
    "aws_network_acl_rule",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
];

/// A network with fewer bits of prefix, of IPv4 and of IPv6, is that of everybody: it cannot be one's own.
pub(super) const LEAST_BITS: (u8, u8) = (8, 16);

/// An attribute that says whose a grant or a rule is: with another value it is a new one.
pub(super) struct Target {
    pub(super) name: &'static str,
    /// The types in which it names the object itself, or something else that gets no more by it.
    pub(super) not_in: &'static [&'static str],
    /// The types that it counts in; none for all others.
    pub(super) kinds: &'static [&'static str],
}

const fn target(name: &'static str) -> Target {
    Target { name, not_in: &[], kinds: &[] }
}

impl Target {
    const fn but_in(self, not_in: &'static [&'static str]) -> Self {
        Self { not_in, ..self }
    }

    const fn of(self, kinds: &'static [&'static str]) -> Self {
        Self { kinds, ..self }
    }

    /// Whether it says whose objects of a type are.
    pub(super) fn counts_in(&self, kind: &str) -> bool {
        !self.not_in.contains(&kind) && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}

/// The attributes that say whose a grant or a rule is. Nearly every type has an `arn`, which is that of the object itself.
pub(super) const TARGETS: &[Target] = &[
    target("arn").of(&["aws_sns_topic_policy"]),
    target("bucket").but_in(&["aws_s3_bucket", "aws_s3_directory_bucket", "aws_s3control_bucket"]),
    target("cluster_name").but_in(&["aws_dax_cluster", "aws_msk_cluster", "aws_msk_serverless_cluster"]),
    target("function_name").but_in(&["aws_lambda_function"]),
    target("group"),
    target("key_id"),
    target("network_acl_id"),
    target("principal_arn"),
    target("queue_url"),
    target("repository").but_in(&["aws_amplify_app", "aws_codeartifact_repository"]),
    target("repository_name").but_in(&["aws_codecommit_repository", "aws_ecrpublic_repository"]),
    target("resource_arn"),
    target("role").but_in(&["aws_lambda_function"]),
    target("secret_arn"),
    target("security_group_id"),
    target("target_id"),
    target("topic_arn"),
    target("user"),
];

/// Attributes that say who gets an attached policy.
pub(super) const ATTACHED_TO: &[&str] = &["groups", "roles", "users"];

/// The types whose policy is required, and the attribute that holds it: a policy that is not known yet is one.
pub(super) const POLICIES: &[(&str, &str)] = &[
    ("aws_acmpca_policy", "policy"),
    ("aws_api_gateway_rest_api_policy", "policy"),
    ("aws_backup_vault_policy", "policy"),
    ("aws_cloudsearch_domain_service_access_policy", "access_policy"),
    ("aws_cloudwatch_event_bus_policy", "policy"),
    ("aws_cloudwatch_log_delivery_destination_policy", "delivery_destination_policy"),
    ("aws_cloudwatch_log_destination_policy", "access_policy"),
    ("aws_cloudwatch_log_resource_policy", "policy_document"),
    ("aws_codeartifact_domain_permissions_policy", "policy_document"),
    ("aws_codeartifact_repository_permissions_policy", "policy_document"),
    ("aws_codebuild_resource_policy", "policy"),
    ("aws_dynamodb_resource_policy", "policy"),
    ("aws_ecr_registry_policy", "policy"),
    ("aws_ecr_repository_policy", "policy"),
    ("aws_ecrpublic_repository_policy", "policy"),
    ("aws_efs_file_system_policy", "policy"),
    ("aws_elasticsearch_domain_policy", "access_policies"),
    ("aws_glacier_vault_lock", "policy"),
    ("aws_glue_resource_policy", "policy"),
    ("aws_iam_group_policy", "policy"),
    ("aws_iam_policy", "policy"),
    ("aws_iam_role", "assume_role_policy"),
    ("aws_iam_role_policy", "policy"),
    ("aws_iam_user_policy", "policy"),
    ("aws_iot_policy", "policy"),
    ("aws_kinesis_resource_policy", "policy"),
    ("aws_kms_key_policy", "policy"),
    ("aws_media_store_container_policy", "policy"),
    ("aws_msk_cluster_policy", "policy"),
    ("aws_networkfirewall_resource_policy", "policy"),
    ("aws_oam_sink_policy", "policy"),
    ("aws_opensearch_domain_policy", "access_policies"),
    ("aws_organizations_policy", "content"),
    ("aws_organizations_resource_policy", "content"),
    ("aws_redshift_resource_policy", "policy"),
    ("aws_redshiftserverless_resource_policy", "policy"),
    ("aws_s3_bucket_policy", "policy"),
    ("aws_s3control_access_grants_instance_resource_policy", "policy"),
    ("aws_s3control_access_point_policy", "policy"),
    ("aws_s3control_bucket_policy", "policy"),
    ("aws_s3control_multi_region_access_point_policy", "policy"),
    ("aws_s3control_object_lambda_access_point_policy", "policy"),
    ("aws_s3tables_table_bucket_policy", "resource_policy"),
    ("aws_s3tables_table_policy", "resource_policy"),
    ("aws_sagemaker_model_package_group_policy", "resource_policy"),
    ("aws_schemas_registry_policy", "policy"),
    ("aws_secretsmanager_secret_policy", "policy"),
    ("aws_ses_identity_policy", "policy"),
    ("aws_sesv2_email_identity_policy", "policy"),
    ("aws_sns_topic_policy", "policy"),
    ("aws_sqs_queue_policy", "policy"),
    ("aws_ssoadmin_permission_set_inline_policy", "inline_policy"),
    ("aws_xray_resource_policy", "policy_document"),
];

/// Attributes that hold policies in other types too.
pub(super) const POLICY_NAMES: &[&str] = &[
    "access_policies",
    "access_policy",
    "assume_role_policy",
    "delivery_destination_policy",
    "inline_policy",
    "policy",
    "policy_document",
    "repository_policy",
    "resource_policy",
    "session_policy",
];

/// Keys of conditions that say who it is, or from where; besides them each issuer's `:sub`
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>).
pub(super) const BINDINGS: &[&str] = &[
    "accounts.google.com:aud",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "aws:vpcsourceip",
    "cognito-identity.amazonaws.com:aud",
    "elasticfilesystem:accessedviamounttarget",
    "graph.facebook.com:app_id",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "sns:endpoint",
    "www.amazon.com:app_id",
];

/// The ends of the names of issuers that sign for everybody who asks them
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html>).
pub(super) const PUBLIC_ISSUERS: &[&str] = &[
    "accounts.google.com",
    "agent.buildkite.com",
    "app.terraform.io",
    "cognito-identity.amazonaws.com",
    "gitlab.com",
    "graph.facebook.com",
    "token.actions.githubusercontent.com",
    "www.amazon.com",
];

/// Actions that, on everything, lead to everything: who may do one of them can take more.
pub(super) const ESCALATIONS: &[&str] = &[
    "iam:addusertogroup",
    "iam:attachgrouppolicy",
    "iam:attachrolepolicy",
    "iam:attachuserpolicy",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createpolicyversion",
    "iam:passrole",
    "iam:putgrouppolicy",
    "iam:putrolepolicy",
    "iam:putuserpolicy",
    "iam:setdefaultpolicyversion",
    "iam:updateassumerolepolicy",
    "iam:updateloginprofile",
    "kms:decrypt",
    "secretsmanager:getsecretvalue",
    "sts:assumerole",
];

/// All types that something is known of.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    let pairs = SERVERS.iter().chain(GUARDIANS).map(|(kind, _)| *kind);
    let of_flags = FLAGS.iter().flat_map(|flag| flag.kinds.iter().copied());
    let of_targets = TARGETS.iter().flat_map(|target| target.kinds.iter().chain(target.not_in).copied());
    let of_wards = WARDS.iter().flat_map(|ward| ward.kinds.iter().copied());
    let pairs = pairs.chain(POLICIES.iter().map(|(kind, _)| *kind)).chain(of_targets).chain(of_wards);
    STORES.iter().map(|store| store.kind).chain(pairs).chain(of_flags).chain(FIREWALLS.iter().copied())
}

/// All attributes that something is known of, as the ends of their paths.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let reliefs = RELIEFS.iter().map(|(name, ..)| *name).chain(RETENTIONS.iter().map(|retention| retention.name));
    let lists =
        WINDOWS.iter().chain(KEYS).chain(ATTACHED).chain(CIDRS).chain(ATTACHED_TO).chain(POLICY_NAMES).chain(OTHERS);
    let expiries = EXPIRIES.iter().map(|(name, _)| *name);
    let wards = WARDS.iter().flat_map(|ward| ward.is.iter().copied().chain([ward.name]));
    let targets = TARGETS.iter().map(|target| target.name).chain(wards);
    FLAGS.iter().map(|flag| flag.name).chain(reliefs).chain(expiries).chain(targets).chain(lists.copied())
}

/// Attributes that rules of their own look at.
const OTHERS: &[&str] = &[
    "content",
    "egress",
    "from_port",
    "ip_protocol",
    "permissions_boundary",
    "protocol",
    "rule_action",
    "tag",
    "tags",
    "tags_all",
    "to_port",
];
