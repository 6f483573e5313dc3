//! The permissions of AWS operations.

use serde_json::Value;

use super::need::Need;
use super::{registry, text};
use crate::aws_model::Model;
use crate::http::Request;

/// Where the resources are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The region.
    pub region: String,
    /// The account.
    pub account: String,
    /// The alias of the account's public registry in ECR, where that is what answers below `/v2/`.
    pub public_alias: Option<String>,
}

impl Place {
    /// A place in AWS's first partition.
    pub fn new(region: &str, account: &str) -> Self {
        Self { region: region.to_owned(), account: account.to_owned(), public_alias: None }
    }

    /// The public registry of an account in ECR.
    pub fn public(account: &str, alias: &str) -> Self {
        Self { public_alias: Some(alias.to_owned()), ..Self::new("us-east-1", account) }
    }

    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }

    pub(super) fn global(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}::{}:{resource}", self.account)
    }
}

/// A request, its permissions, and who checks them.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The service as the refusal is written; `registry` is ECR's HTTP side.
    pub(super) service: String,
    /// The operation, empty for the registry.
    pub(super) operation: String,
    /// The permissions; all are needed.
    pub(super) needs: Vec<Need>,
}

/// What a request asks for; `None` when nobody wrote it down.
pub(super) fn asked(place: &Place, request: &Request) -> Option<Asked> {
    // Whether the token server takes the password.
    if request.path == "/token" {
        return Some(Asked { service: "registry".to_owned(), operation: String::new(), needs: Vec::new() });
    }
    if request.path == "/v2" || request.path.starts_with("/v2/") {
        let needs = registry::needs(place, request)?;
        return Some(Asked { service: "registry".to_owned(), operation: String::new(), needs });
    }
    let model = Model::of(request).ok()??;
    let operation = model.identify(request)?;
    let needs = needs(place, &operation.service, &operation.name, &model.parameters(request))?;
    Some(Asked { service: operation.service, operation: operation.name, needs })
}

fn needs(place: &Place, service: &str, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    match service {
        "ecr" => ecr(place, operation, parameters),
        "ecr-public" => ecr_public(place, operation, parameters),
        "ecs" => ecs(place, operation, parameters),
        "s3" => s3(place, operation, parameters),
        "cloudfront" => cloudfront(place, operation, parameters),
        "logs" => logs(place, operation, parameters),
        "iam" if operation == "GetRole" => {
            Some(vec![Need::new("iam:GetRole", place.global("iam", &format!("role/{}", text(parameters, "RoleName"))))])
        }
        "secretsmanager" if operation == "DescribeSecret" => {
            Some(vec![Need::new("secretsmanager:DescribeSecret", text(parameters, "SecretId"))])
        }
        // They know no resource.
        "ssm" if operation == "DescribeParameters" => Some(vec![Need::new("ssm:DescribeParameters", "*")]),
        "elasticloadbalancing" if operation == "DescribeTargetGroups" => {
            Some(vec![Need::new("elasticloadbalancing:DescribeTargetGroups", "*")])
        }
        "events" => events(place, operation, parameters),
        "cloudformation" if operation == "DescribeChangeSet" => Some(vec![change_set(place, parameters)]),
        "scheduler" => scheduler(place, operation, parameters),
        "codedeploy" => codedeploy(place, operation, parameters),
        // No permission is needed: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.
        "sts" if matches!(operation, "GetCallerIdentity" | "AssumeRoleWithWebIdentity") => Some(Vec::new()),
        _ => None,
    }
}

/// IAM asks for the stack
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html>). The ARN of a change set does not
/// say it: a stand-in's nested change set has the name of its stack.
fn change_set(place: &Place, parameters: &Value) -> Need {
    let named =
        [text(parameters, "StackName"), text(parameters, "ChangeSetName")].into_iter().find(|name| !name.is_empty());
    let named = named.unwrap_or_default();
    let stack = if named.starts_with("arn:") { named.split('/').nth(1).unwrap_or_default() } else { named };
    let resource = place.arn("cloudformation", &format!("stack/{stack}/01234567-89ab-cdef-0123-456789abcdef"));
    Need::new("cloudformation:DescribeChangeSet", resource)
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn ecr(place: &Place, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    let account = parameters["registryId"].as_str().unwrap_or(&place.account);
    let place = Place::new(&place.region, account);
    let repository = |name: &str| place.arn("ecr", &format!("repository/{name}"));
    match operation {
        "GetAuthorizationToken" => Some(vec![Need::new("ecr:GetAuthorizationToken", "*")]),
        "CreateRepository" => {
            let on = repository(text(parameters, "repositoryName"));
            let tagged = parameters["tags"].as_array().map(|_| Need::new("ecr:TagResource", &on));
            // A key of one's own (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html>).
            let key = parameters["encryptionConfiguration"]["kmsKey"].as_str();
            let key =
                key.into_iter().flat_map(|key| ["kms:CreateGrant", "kms:DescribeKey"].map(|name| Need::new(name, key)));
            Some(std::iter::once(Need::new("ecr:CreateRepository", &on)).chain(tagged).chain(key).collect())
        }
        "ListTagsForResource" => Some(vec![Need::new("ecr:ListTagsForResource", text(parameters, "resourceArn"))]),
        "BatchCheckLayerAvailability"
        | "BatchGetImage"
        | "GetDownloadUrlForLayer"
        | "GetLifecyclePolicy"
        | "PutLifecyclePolicy"
        | "DescribeImageScanFindings"
        | "StartImageScan"
        | "DescribeImageSigningStatus" => {
            Some(vec![Need::new(&format!("ecr:{operation}"), repository(text(parameters, "repositoryName")))])
        }
        "DescribePullThroughCacheRules" => Some(vec![Need::new("ecr:DescribePullThroughCacheRules", "*")]),
        "DescribeRepositories" => {
            let names = strings(&parameters["repositoryNames"]);
            let names = if names.is_empty() { vec!["*"] } else { names };
            Some(names.into_iter().map(|name| Need::new("ecr:DescribeRepositories", repository(name))).collect())
        }
        _ => None,
    }
}

/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html>)
fn ecr_public(place: &Place, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    let account = parameters["registryId"].as_str().unwrap_or(&place.account);
    let repository = |name: &str| format!("arn:aws:ecr-public::{account}:repository/{name}");
    let on = |name: &str| Need::new(&format!("ecr-public:{operation}"), repository(name));
    match operation {
        // (<https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html>)
        "GetAuthorizationToken" => Some(
            ["ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"].map(|name| Need::new(name, "*")).into(),
        ),
        "DescribeRegistries" => {
            let registry = place.global("ecr-public", &format!("registry/{account}"));
            Some(vec![Need::new("ecr-public:DescribeRegistries", registry)])
        }
        "DescribeRepositories" => {
            let names = strings(&parameters["repositoryNames"]);
            let names = if names.is_empty() { vec!["*"] } else { names };
            Some(names.into_iter().map(on).collect())
        }
        "CreateRepository" => {
            let name = text(parameters, "repositoryName");
            let tagged = parameters["tags"].as_array().map(|_| Need::new("ecr-public:TagResource", repository(name)));
            Some(std::iter::once(on(name)).chain(tagged).collect())
        }
        "BatchCheckLayerAvailability" => Some(vec![on(text(parameters, "repositoryName"))]),
        _ => None,
    }
}

fn ecs(place: &Place, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    let cluster = last(parameters["cluster"].as_str().unwrap_or("default"));
    let service = |name: &str| place.arn("ecs", &format!("service/{cluster}/{}", last(name)));
    let action = format!("ecs:{operation}");
    match operation {
        "RegisterTaskDefinition" => Some(registration(place, parameters)),
        "UpdateService" => {
            let volumes = parameters["volumeConfigurations"].as_array().into_iter().flatten();
            let roles = volumes.map(|volume| text(&volume["managedEBSVolume"], "roleArn"));
            let pass =
                roles.map(|role| Need::new("iam:PassRole", role).with("iam:PassedToService", "ecs.amazonaws.com"));
            Some(pass.chain([Need::new(&action, service(text(parameters, "service")))]).collect())
        }
        "ListServiceDeployments" => Some(vec![Need::new(&action, service(text(parameters, "service")))]),
        "DescribeServices" => {
            Some(strings(&parameters["services"]).into_iter().map(|name| Need::new(&action, service(name))).collect())
        }
        "DescribeServiceDeployments" => {
            Some(with_service(&action, &parameters["serviceDeploymentArns"], "service-deployment"))
        }
        // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
        "StopServiceDeployment" | "ContinueServiceDeployment" => {
            Some(with_service(&action, &parameters["serviceDeploymentArn"], "service-deployment"))
        }
        "DescribeServiceRevisions" => {
            Some(with_service(&action, &parameters["serviceRevisionArns"], "service-revision"))
        }
        "DescribeTasks" => {
            let task = |name: &str| place.arn("ecs", &format!("task/{cluster}/{}", last(name)));
            Some(strings(&parameters["tasks"]).into_iter().map(|name| Need::new(&action, task(name))).collect())
        }
        "RunTask" => Some(running(place, cluster, parameters)),
        "StopTask" => Some(vec![Need::new(
            &action,
            place.arn("ecs", &format!("task/{cluster}/{}", last(text(parameters, "task")))),
        )]),
        "ListTasks" => {
            Some(vec![Need::new(&action, "*").with("ecs:cluster", place.arn("ecs", &format!("cluster/{cluster}")))])
        }
        // They know no resource.
        "ListTaskDefinitions" => Some(vec![Need::new(&action, "*")]),
        "DescribeTaskDefinition" | "DeregisterTaskDefinition" | "ListServices" | "ListClusters" => {
            Some(vec![Need::new(&action, "*")])
        }
        _ => None,
    }
}

/// The resources named by one ARN or a list of them, and the services they belong to: `service-deployment/CLUSTER/SERVICE/ID`.
fn with_service(action: &str, arns: &Value, kind: &str) -> Vec<Need> {
    let service = |arn: &str| {
        let (before, own) = arn.split_once(&format!(":{kind}/")).unwrap_or((arn, ""));
        format!("{before}:service/{}", own.rsplit_once('/').map_or(own, |(service, _)| service))
    };
    let arns = arns.as_str().map_or_else(|| strings(arns), |arn| vec![arn]);
    arns.into_iter().flat_map(|arn| [Need::new(action, arn), Need::new(action, service(arn))]).collect()
}

/// Registering needs the roles to be passed and, with tags, the right to tag
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html>).
fn registration(place: &Place, parameters: &Value) -> Vec<Need> {
    let revision = place.arn("ecs", &format!("task-definition/{}:1", text(parameters, "family")));
    let mut needs = vec![Need::new("ecs:RegisterTaskDefinition", &revision)];
    if parameters["tags"].as_array().is_some_and(|tags| !tags.is_empty()) {
        needs.push(Need::new("ecs:TagResource", &revision));
    }
    for field in ["taskRoleArn", "executionRoleArn"] {
        let role = text(parameters, field);
        if !role.is_empty() {
            let arn =
                if role.starts_with("arn:") { role.to_owned() } else { place.global("iam", &format!("role/{role}")) };
            needs.push(Need::new("iam:PassRole", arn).with("iam:PassedToService", "ecs-tasks.amazonaws.com"));
        }
    }
    needs
}

/// Running needs the revision in the cluster, with tags the right to tag, and the roles of overrides and volumes; those of the task
/// definition stand in no request
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html>).
fn running(place: &Place, cluster: &str, parameters: &Value) -> Vec<Need> {
    let revision = place.arn("ecs", &format!("task-definition/{}", last(text(parameters, "taskDefinition"))));
    let mut needs =
        vec![Need::new("ecs:RunTask", revision).with("ecs:cluster", place.arn("ecs", &format!("cluster/{cluster}")))];
    if parameters["tags"].as_array().is_some_and(|tags| !tags.is_empty()) {
        let task = place.arn("ecs", &format!("task/{cluster}/0123456789abcdef0123456789abcdef"));
        needs.push(Need::new("ecs:TagResource", task).with("ecs:CreateAction", "RunTask"));
    }
    for volume in parameters["volumeConfigurations"].as_array().into_iter().flatten() {
        let role = text(&volume["managedEBSVolume"], "roleArn");
        needs.push(Need::new("iam:PassRole", role).with("iam:PassedToService", "ecs.amazonaws.com"));
    }
    needs
}

fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// A deployment's own group is not in its id: that of the stand-in is the only one.
fn codedeploy(place: &Place, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    let application = parameters["applicationName"].as_str().unwrap_or("AppECS-prod-web");
    let group = parameters["deploymentGroupName"].as_str().unwrap_or("DgpECS-prod-web");
    let on_group = || {
        let arn = place.arn("codedeploy", &format!("deploymentgroup:{application}/{group}"));
        Need::new(&format!("codedeploy:{operation}"), arn)
    };
    match operation {
        "BatchGetDeployments" | "GetDeployment" | "GetDeploymentGroup" | "ListDeployments" => Some(vec![on_group()]),
        "GetApplicationRevision" => {
            let application = place.arn("codedeploy", &format!("application:{application}"));
            Some(vec![Need::new("codedeploy:GetApplicationRevision", application)])
        }
        "CreateDeployment" => {
            let config = parameters["deploymentConfigName"].as_str().unwrap_or("CodeDeployDefault.ECSAllAtOnce");
            let config = place.arn("codedeploy", &format!("deploymentconfig:{config}"));
            let application = place.arn("codedeploy", &format!("application:{application}"));
            Some(vec![
                on_group(),
                Need::new("codedeploy:GetDeploymentConfig", config),
                Need::new("codedeploy:RegisterApplicationRevision", application),
            ])
        }
        // They know no resource.
        "GetDeploymentTarget" | "StopDeployment" | "ContinueDeployment" => {
            Some(vec![Need::new(&format!("codedeploy:{operation}"), "*")])
        }
        _ => None,
    }
}

fn logs(place: &Place, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    if operation == "DescribeLogGroups" {
        // It knows no resource.
        return Some(vec![Need::new("logs:DescribeLogGroups", "*")]);
    }
    let (group, stream) = (text(parameters, "logGroupName"), text(parameters, "logStreamName"));
    let stream = place.arn("logs", &format!("log-group:{group}:log-stream:{stream}"));
    (operation == "GetLogEvents").then(|| vec![Need::new("logs:GetLogEvents", stream)])
}

/// A rule of the default bus has no bus in its ARN. The role that `iam:PassRole` is needed for stands in the targets
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html>).
fn events(place: &Place, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    if matches!(operation, "ListEventBuses" | "ListRuleNamesByTarget") {
        // They know no resource.
        return Some(vec![Need::new(&format!("events:{operation}"), "*")]);
    }
    let name = if operation == "DescribeRule" { "Name" } else { "Rule" };
    let rule = match parameters["EventBusName"].as_str().filter(|bus| *bus != "default") {
        Some(bus) => format!("rule/{bus}/{}", text(parameters, name)),
        None => format!("rule/{}", text(parameters, name)),
    };
    matches!(operation, "DescribeRule" | "ListTargetsByRule" | "PutTargets")
        .then(|| vec![Need::new(&format!("events:{operation}"), place.arn("events", &rule))])
}

fn scheduler(place: &Place, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    if operation == "ListSchedules" {
        return Some(vec![Need::new("scheduler:ListSchedules", "*")]);
    }
    let group = parameters["GroupName"].as_str().unwrap_or("default");
    let schedule = place.arn("scheduler", &format!("schedule/{group}/{}", text(parameters, "Name")));
    matches!(operation, "GetSchedule" | "UpdateSchedule")
        .then(|| vec![Need::new(&format!("scheduler:{operation}"), schedule)])
}

/// What is set beside the content has permissions of its own
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).
fn put_object(place: &Place, parameters: &Value, object: &str) -> Vec<Need> {
    let is_set = |name: &str| !text(parameters, name).is_empty();
    let mut needs = conditional("s3:PutObject", object.to_owned(), &parameters["IfMatch"]);
    if is_set("Tagging") {
        needs.push(Need::new("s3:PutObjectTagging", object));
    }
    if is_set("ACL") {
        needs.push(Need::new("s3:PutObjectAcl", object));
    }
    if is_set("SSEKMSKeyId") {
        let key = text(parameters, "SSEKMSKeyId");
        let arn = if key.starts_with("arn:") { key.to_owned() } else { place.arn("kms", &format!("key/{key}")) };
        needs.push(Need::new("kms:GenerateDataKey", arn));
    }
    needs
}

/// What is copied is read: one version of it where the source names one
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>). Its tags come along unless they are replaced, and that needs
/// rights of its own where it has some (<https://repost.aws/knowledge-center/s3-troubleshoot-copy-between-buckets>). Whether it has is not
/// in the request, so it is taken to have some.
fn copy_object(place: &Place, parameters: &Value, object: &str) -> Vec<Need> {
    let (source, version) =
        text(parameters, "CopySource").split_once('?').unwrap_or((text(parameters, "CopySource"), ""));
    let source = percent_encoding::percent_decode_str(source.trim_start_matches('/')).decode_utf8_lossy();
    let source = format!("arn:aws:s3:::{source}");
    let (read, read_tags) = match version {
        "" => ("s3:GetObject", "s3:GetObjectTagging"),
        _ => ("s3:GetObjectVersion", "s3:GetObjectVersionTagging"),
    };
    let mut needs = put_object(place, parameters, object);
    needs.push(Need::new(read, source.clone()));
    if text(parameters, "TaggingDirective") != "REPLACE" {
        needs.extend([Need::new(read_tags, source), Need::new("s3:PutObjectTagging", object)]);
    }
    needs
}

/// Parts that were encrypted are read again when they are put together
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>).
fn create_multipart_upload(place: &Place, parameters: &Value, object: &str) -> Vec<Need> {
    let mut needs = put_object(place, parameters, object);
    let keys = needs.iter().filter(|need| need.action == "kms:GenerateDataKey");
    let reads: Vec<Need> = keys.map(|need| Need::new("kms:Decrypt", need.resource.clone())).collect();
    needs.extend(reads);
    needs
}

fn s3(place: &Place, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    let bucket = format!("arn:aws:s3:::{}", text(parameters, "Bucket"));
    let object = format!("{bucket}/{}", text(parameters, "Key"));
    match operation {
        "ListObjectsV2" => Some(vec![Need::new("s3:ListBucket", bucket).with("s3:prefix", text(parameters, "Prefix"))]),
        "ListObjectVersions" => {
            Some(vec![Need::new("s3:ListBucketVersions", bucket).with("s3:prefix", text(parameters, "Prefix"))])
        }
        "GetBucketVersioning" => Some(vec![Need::new("s3:GetBucketVersioning", bucket)]),
        "GetObject" | "HeadObject" if parameters["VersionId"].is_string() => {
            Some(vec![Need::new("s3:GetObjectVersion", object)])
        }
        "GetObject" | "HeadObject" => Some(vec![Need::new("s3:GetObject", object)]),
        "CopyObject" => Some(copy_object(place, parameters, &object)),
        "PutObject" => Some(put_object(place, parameters, &object)),
        "CreateMultipartUpload" => Some(create_multipart_upload(place, parameters, &object)),
        "UploadPart" | "CompleteMultipartUpload" => Some(vec![Need::new("s3:PutObject", object)]),
        "AbortMultipartUpload" => Some(vec![Need::new("s3:AbortMultipartUpload", object)]),
        "DeleteObject" => Some(conditional("s3:DeleteObject", object, &parameters["IfMatch"])),
        // Each key is checked by itself: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>.
        "DeleteObjects" => {
            let objects = parameters["Delete"]["Objects"].as_array()?.iter();
            let needs = |object: &Value| {
                conditional("s3:DeleteObject", format!("{bucket}/{}", text(object, "Key")), &object["ETag"])
            };
            Some(objects.flat_map(needs).collect())
        }
        _ => None,
    }
}

/// What is changed only where its `ETag` is the given one is read, too
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>).
fn conditional(action: &str, object: String, etag: &Value) -> Vec<Need> {
    let read = etag.is_string().then(|| Need::new("s3:GetObject", object.clone()));
    std::iter::once(Need::new(action, object)).chain(read).collect()
}

fn cloudfront(place: &Place, operation: &str, parameters: &Value) -> Option<Vec<Need>> {
    let member = match operation {
        "GetDistribution" | "GetDistributionConfig" | "UpdateDistribution" => "Id",
        "CreateInvalidation" | "GetInvalidation" => "DistributionId",
        _ => return None,
    };
    let distribution = place.global("cloudfront", &format!("distribution/{}", text(parameters, member)));
    Some(vec![Need::new(&format!("cloudfront:{operation}"), distribution)])
}
