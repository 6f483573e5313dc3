//! Generated from botocore's model of ECS: run the tests of this crate with `SLIPWAY_WRITE_SHAPES=1` to write it anew.

use super::Kind;

const CONTAINER_CONDITION: &[&str] = &[
    "START",
    "COMPLETE",
    "SUCCESS",
    "HEALTHY",
];

const CONTAINER_DEPENDENCY: &[(&str, Kind)] = &[
    ("condition", Kind::Word(CONTAINER_CONDITION)),
    ("containerName", Kind::Text),
];

const KEY_VALUE_PAIR: &[(&str, Kind)] = &[
    ("name", Kind::Text),
    ("value", Kind::Text),
];

const ENVIRONMENT_FILE_TYPE: &[&str] = &[
    "s3",
];

const ENVIRONMENT_FILE: &[(&str, Kind)] = &[
    ("type", Kind::Word(ENVIRONMENT_FILE_TYPE)),
    ("value", Kind::Text),
];

const HOST_ENTRY: &[(&str, Kind)] = &[
    ("hostname", Kind::Text),
    ("ipAddress", Kind::Text),
];

const FIRELENS_CONFIGURATION_TYPE: &[&str] = &[
    "fluentd",
    "fluentbit",
];

const FIRELENS_CONFIGURATION: &[(&str, Kind)] = &[
    ("options", Kind::Map),
    ("type", Kind::Word(FIRELENS_CONFIGURATION_TYPE)),
];

const HEALTH_CHECK: &[(&str, Kind)] = &[
    ("command", Kind::List(&Kind::Text)),
    ("interval", Kind::Number),
    ("retries", Kind::Number),
    ("startPeriod", Kind::Number),
    ("timeout", Kind::Number),
];

const KERNEL_CAPABILITIES: &[(&str, Kind)] = &[
    ("add", Kind::List(&Kind::Text)),
    ("drop", Kind::List(&Kind::Text)),
];

const DEVICE_CGROUP_PERMISSION: &[&str] = &[
    "read",
    "write",
    "mknod",
];

const DEVICE: &[(&str, Kind)] = &[
    ("containerPath", Kind::Text),
    ("hostPath", Kind::Text),
    ("permissions", Kind::List(&Kind::Word(DEVICE_CGROUP_PERMISSION))),
];

const TMPFS: &[(&str, Kind)] = &[
    ("containerPath", Kind::Text),
    ("mountOptions", Kind::List(&Kind::Text)),
    ("size", Kind::Number),
];

const LINUX_PARAMETERS: &[(&str, Kind)] = &[
    ("capabilities", Kind::Structure(KERNEL_CAPABILITIES)),
    ("devices", Kind::List(&Kind::Structure(DEVICE))),
    ("initProcessEnabled", Kind::Boolean),
    ("maxSwap", Kind::Number),
    ("sharedMemorySize", Kind::Number),
    ("swappiness", Kind::Number),
    ("tmpfs", Kind::List(&Kind::Structure(TMPFS))),
];

const LOG_DRIVER: &[&str] = &[
    "json-file",
    "syslog",
    "journald",
    "gelf",
    "fluentd",
    "awslogs",
    "splunk",
    "awsfirelens",
];

const SECRET: &[(&str, Kind)] = &[
    ("name", Kind::Text),
    ("valueFrom", Kind::Text),
];

const LOG_CONFIGURATION: &[(&str, Kind)] = &[
    ("logDriver", Kind::Word(LOG_DRIVER)),
    ("options", Kind::Map),
    ("secretOptions", Kind::List(&Kind::Structure(SECRET))),
];

const MOUNT_POINT: &[(&str, Kind)] = &[
    ("containerPath", Kind::Text),
    ("readOnly", Kind::Boolean),
    ("sourceVolume", Kind::Text),
];

const APPLICATION_PROTOCOL: &[&str] = &[
    "http",
    "http2",
    "grpc",
];

const TRANSPORT_PROTOCOL: &[&str] = &[
    "tcp",
    "udp",
];

const PORT_MAPPING: &[(&str, Kind)] = &[
    ("appProtocol", Kind::Word(APPLICATION_PROTOCOL)),
    ("containerPort", Kind::Number),
    ("containerPortRange", Kind::Text),
    ("hostPort", Kind::Number),
    ("name", Kind::Text),
    ("protocol", Kind::Word(TRANSPORT_PROTOCOL)),
];

const REPOSITORY_CREDENTIALS: &[(&str, Kind)] = &[
    ("credentialsParameter", Kind::Text),
];

const RESOURCE_TYPE: &[&str] = &[
    "GPU",
    "InferenceAccelerator",
    "NeuronDevice",
];

const RESOURCE_REQUIREMENT: &[(&str, Kind)] = &[
    ("type", Kind::Word(RESOURCE_TYPE)),
    ("value", Kind::Text),
];

const CONTAINER_RESTART_POLICY: &[(&str, Kind)] = &[
    ("enabled", Kind::Boolean),
    ("ignoredExitCodes", Kind::List(&Kind::Number)),
    ("restartAttemptPeriod", Kind::Number),
];

const SYSTEM_CONTROL: &[(&str, Kind)] = &[
    ("namespace", Kind::Text),
    ("value", Kind::Text),
];

const ULIMIT_NAME: &[&str] = &[
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

const ULIMIT: &[(&str, Kind)] = &[
    ("hardLimit", Kind::Number),
    ("name", Kind::Word(ULIMIT_NAME)),
    ("softLimit", Kind::Number),
];

const VERSION_CONSISTENCY: &[&str] = &[
    "enabled",
    "disabled",
];

const VOLUME_FROM: &[(&str, Kind)] = &[
    ("readOnly", Kind::Boolean),
    ("sourceContainer", Kind::Text),
];

const CONTAINER_DEFINITION: &[(&str, Kind)] = &[
    ("command", Kind::List(&Kind::Text)),
    ("cpu", Kind::Number),
    ("credentialSpecs", Kind::List(&Kind::Text)),
    ("dependsOn", Kind::List(&Kind::Structure(CONTAINER_DEPENDENCY))),
    ("disableNetworking", Kind::Boolean),
    ("dnsSearchDomains", Kind::List(&Kind::Text)),
    ("dnsServers", Kind::List(&Kind::Text)),
    ("dockerLabels", Kind::Map),
    ("dockerSecurityOptions", Kind::List(&Kind::Text)),
    ("entryPoint", Kind::List(&Kind::Text)),
    ("environment", Kind::List(&Kind::Structure(KEY_VALUE_PAIR))),
    ("environmentFiles", Kind::List(&Kind::Structure(ENVIRONMENT_FILE))),
    ("essential", Kind::Boolean),
    ("extraHosts", Kind::List(&Kind::Structure(HOST_ENTRY))),
    ("firelensConfiguration", Kind::Structure(FIRELENS_CONFIGURATION)),
    ("healthCheck", Kind::Structure(HEALTH_CHECK)),
    ("hostname", Kind::Text),
    ("image", Kind::Text),
    ("interactive", Kind::Boolean),
    ("links", Kind::List(&Kind::Text)),
    ("linuxParameters", Kind::Structure(LINUX_PARAMETERS)),
    ("logConfiguration", Kind::Structure(LOG_CONFIGURATION)),
    ("memory", Kind::Number),
    ("memoryReservation", Kind::Number),
    ("mountPoints", Kind::List(&Kind::Structure(MOUNT_POINT))),
    ("name", Kind::Text),
    ("portMappings", Kind::List(&Kind::Structure(PORT_MAPPING))),
    ("privileged", Kind::Boolean),
    ("pseudoTerminal", Kind::Boolean),
    ("readonlyRootFilesystem", Kind::Boolean),
    ("repositoryCredentials", Kind::Structure(REPOSITORY_CREDENTIALS)),
    ("resourceRequirements", Kind::List(&Kind::Structure(RESOURCE_REQUIREMENT))),
    ("restartPolicy", Kind::Structure(CONTAINER_RESTART_POLICY)),
    ("secrets", Kind::List(&Kind::Structure(SECRET))),
    ("startTimeout", Kind::Number),
    ("stopTimeout", Kind::Number),
    ("systemControls", Kind::List(&Kind::Structure(SYSTEM_CONTROL))),
    ("ulimits", Kind::List(&Kind::Structure(ULIMIT))),
    ("user", Kind::Text),
    ("versionConsistency", Kind::Word(VERSION_CONSISTENCY)),
    ("volumesFrom", Kind::List(&Kind::Structure(VOLUME_FROM))),
    ("workingDirectory", Kind::Text),
];

const EPHEMERAL_STORAGE: &[(&str, Kind)] = &[
    ("sizeInGiB", Kind::Number),
];

const INFERENCE_ACCELERATOR: &[(&str, Kind)] = &[
    ("deviceName", Kind::Text),
    ("deviceType", Kind::Text),
];

const IPC_MODE: &[&str] = &[
    "host",
    "task",
    "none",
];

const NETWORK_MODE: &[&str] = &[
    "bridge",
    "host",
    "awsvpc",
    "none",
];

const PID_MODE: &[&str] = &[
    "host",
    "task",
];

const TASK_DEFINITION_PLACEMENT_CONSTRAINT_TYPE: &[&str] = &[
    "memberOf",
];

const TASK_DEFINITION_PLACEMENT_CONSTRAINT: &[(&str, Kind)] = &[
    ("expression", Kind::Text),
    ("type", Kind::Word(TASK_DEFINITION_PLACEMENT_CONSTRAINT_TYPE)),
];

const PROXY_CONFIGURATION_TYPE: &[&str] = &[
    "APPMESH",
];

const PROXY_CONFIGURATION: &[(&str, Kind)] = &[
    ("containerName", Kind::Text),
    ("properties", Kind::List(&Kind::Structure(KEY_VALUE_PAIR))),
    ("type", Kind::Word(PROXY_CONFIGURATION_TYPE)),
];

const COMPATIBILITY: &[&str] = &[
    "EC2",
    "FARGATE",
    "EXTERNAL",
    "MANAGED_INSTANCES",
];

const CPU_ARCHITECTURE: &[&str] = &[
    "X86_64",
    "ARM64",
];

const OS_FAMILY: &[&str] = &[
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2016_FULL",
    "WINDOWS_SERVER_2004_CORE",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
    "WINDOWS_SERVER_2025_CORE",
    "WINDOWS_SERVER_2025_FULL",
    "WINDOWS_SERVER_20H2_CORE",
    "LINUX",
];

const RUNTIME_PLATFORM: &[(&str, Kind)] = &[
    ("cpuArchitecture", Kind::Word(CPU_ARCHITECTURE)),
    ("operatingSystemFamily", Kind::Word(OS_FAMILY)),
];

pub(super) const TAG: &[(&str, Kind)] = &[
    ("key", Kind::Text),
    ("value", Kind::Text),
];

const SCOPE: &[&str] = &[
    "task",
    "shared",
];

const DOCKER_VOLUME_CONFIGURATION: &[(&str, Kind)] = &[
    ("autoprovision", Kind::Boolean),
    ("driver", Kind::Text),
    ("driverOpts", Kind::Map),
    ("labels", Kind::Map),
    ("scope", Kind::Word(SCOPE)),
];

const EFS_AUTHORIZATION_CONFIG_IAM: &[&str] = &[
    "ENABLED",
    "DISABLED",
];

const EFS_AUTHORIZATION_CONFIG: &[(&str, Kind)] = &[
    ("accessPointId", Kind::Text),
    ("iam", Kind::Word(EFS_AUTHORIZATION_CONFIG_IAM)),
];

const EFS_TRANSIT_ENCRYPTION: &[&str] = &[
    "ENABLED",
    "DISABLED",
];

const EFS_VOLUME_CONFIGURATION: &[(&str, Kind)] = &[
    ("authorizationConfig", Kind::Structure(EFS_AUTHORIZATION_CONFIG)),
    ("fileSystemId", Kind::Text),
    ("rootDirectory", Kind::Text),
    ("transitEncryption", Kind::Word(EFS_TRANSIT_ENCRYPTION)),
    ("transitEncryptionPort", Kind::Number),
];

const F_SX_WINDOWS_FILE_SERVER_AUTHORIZATION_CONFIG: &[(&str, Kind)] = &[
    ("credentialsParameter", Kind::Text),
    ("domain", Kind::Text),
];

const F_SX_WINDOWS_FILE_SERVER_VOLUME_CONFIGURATION: &[(&str, Kind)] = &[
    ("authorizationConfig", Kind::Structure(F_SX_WINDOWS_FILE_SERVER_AUTHORIZATION_CONFIG)),
    ("fileSystemId", Kind::Text),
    ("rootDirectory", Kind::Text),
];

const HOST_VOLUME_PROPERTIES: &[(&str, Kind)] = &[
    ("sourcePath", Kind::Text),
];

const S3_FILES_VOLUME_CONFIGURATION: &[(&str, Kind)] = &[
    ("accessPointArn", Kind::Text),
    ("fileSystemArn", Kind::Text),
    ("rootDirectory", Kind::Text),
    ("transitEncryptionPort", Kind::Number),
];

const VOLUME: &[(&str, Kind)] = &[
    ("configuredAtLaunch", Kind::Boolean),
    ("dockerVolumeConfiguration", Kind::Structure(DOCKER_VOLUME_CONFIGURATION)),
    ("efsVolumeConfiguration", Kind::Structure(EFS_VOLUME_CONFIGURATION)),
    ("fsxWindowsFileServerVolumeConfiguration", Kind::Structure(F_SX_WINDOWS_FILE_SERVER_VOLUME_CONFIGURATION)),
    ("host", Kind::Structure(HOST_VOLUME_PROPERTIES)),
    ("name", Kind::Text),
    ("s3filesVolumeConfiguration", Kind::Structure(S3_FILES_VOLUME_CONFIGURATION)),
];

pub(super) const REGISTER_TASK_DEFINITION_REQUEST: &[(&str, Kind)] = &[
    ("containerDefinitions", Kind::List(&Kind::Structure(CONTAINER_DEFINITION))),
    ("cpu", Kind::Text),
    ("enableFaultInjection", Kind::Boolean),
    ("ephemeralStorage", Kind::Structure(EPHEMERAL_STORAGE)),
    ("executionRoleArn", Kind::Text),
    ("family", Kind::Text),
    ("inferenceAccelerators", Kind::List(&Kind::Structure(INFERENCE_ACCELERATOR))),
    ("ipcMode", Kind::Word(IPC_MODE)),
    ("memory", Kind::Text),
    ("networkMode", Kind::Word(NETWORK_MODE)),
    ("pidMode", Kind::Word(PID_MODE)),
    ("placementConstraints", Kind::List(&Kind::Structure(TASK_DEFINITION_PLACEMENT_CONSTRAINT))),
    ("proxyConfiguration", Kind::Structure(PROXY_CONFIGURATION)),
    ("requiresCompatibilities", Kind::List(&Kind::Word(COMPATIBILITY))),
    ("runtimePlatform", Kind::Structure(RUNTIME_PLATFORM)),
    ("tags", Kind::List(&Kind::Structure(TAG))),
    ("taskRoleArn", Kind::Text),
    ("volumes", Kind::List(&Kind::Structure(VOLUME))),
];

pub(super) const CONTAINER_OVERRIDE: &[(&str, Kind)] = &[
    ("command", Kind::List(&Kind::Text)),
    ("cpu", Kind::Number),
    ("environment", Kind::List(&Kind::Structure(KEY_VALUE_PAIR))),
    ("environmentFiles", Kind::List(&Kind::Structure(ENVIRONMENT_FILE))),
    ("memory", Kind::Number),
    ("memoryReservation", Kind::Number),
    ("name", Kind::Text),
    ("resourceRequirements", Kind::List(&Kind::Structure(RESOURCE_REQUIREMENT))),
];

pub(super) const CAPACITY_PROVIDER_STRATEGY_ITEM: &[(&str, Kind)] = &[
    ("base", Kind::Number),
    ("capacityProvider", Kind::Text),
    ("weight", Kind::Number),
];

const TASK_FILESYSTEM_TYPE: &[&str] = &[
    "ext3",
    "ext4",
    "xfs",
    "ntfs",
];

const PROPAGATE_TAGS: &[&str] = &[
    "TASK_DEFINITION",
    "SERVICE",
    "NONE",
];

const EBS_RESOURCE_TYPE: &[&str] = &[
    "volume",
];

const EBS_TAG_SPECIFICATION: &[(&str, Kind)] = &[
    ("propagateTags", Kind::Word(PROPAGATE_TAGS)),
    ("resourceType", Kind::Word(EBS_RESOURCE_TYPE)),
    ("tags", Kind::List(&Kind::Structure(TAG))),
];

const TASK_MANAGED_EBS_VOLUME_TERMINATION_POLICY: &[(&str, Kind)] = &[
    ("deleteOnTermination", Kind::Boolean),
];

pub(super) const TASK_MANAGED_EBS_VOLUME_CONFIGURATION: &[(&str, Kind)] = &[
    ("encrypted", Kind::Boolean),
    ("filesystemType", Kind::Word(TASK_FILESYSTEM_TYPE)),
    ("iops", Kind::Number),
    ("kmsKeyId", Kind::Text),
    ("roleArn", Kind::Text),
    ("sizeInGiB", Kind::Number),
    ("snapshotId", Kind::Text),
    ("tagSpecifications", Kind::List(&Kind::Structure(EBS_TAG_SPECIFICATION))),
    ("terminationPolicy", Kind::Structure(TASK_MANAGED_EBS_VOLUME_TERMINATION_POLICY)),
    ("throughput", Kind::Number),
    ("volumeInitializationRate", Kind::Number),
    ("volumeType", Kind::Text),
];
