//! What a task definition names beside ECS, all of it there: images, roles, secrets, parameters, log groups, target groups.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::aws::{Call, FakeAws};
use crate::http::Reply;

/// The digest of every image.
pub const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// Has `aws` answer that everything is there which is asked for. A later `on` for an operation says otherwise.
pub fn all_is_there(aws: &FakeAws) {
    aws.on("BatchGetImage").answer(|call: &Call| Reply::json(200, &images(&call.body)));
    aws.on("DescribePullThroughCacheRules").reply(json!({"pullThroughCacheRules": []}));
    aws.on("DescribeLogGroups").answer(|call: &Call| {
        Reply::json(200, &json!({"logGroups": [{"logGroupName": call.body["logGroupNamePrefix"]}]}))
    });
    aws.on("DescribeSecret").answer(|call: &Call| Reply::json(200, &json!({"ARN": call.body["SecretId"]})));
    aws.on("DescribeParameters").answer(|call: &Call| {
        let name = &call.body["ParameterFilters"][0]["Values"][0];
        Reply::json(200, &json!({"Parameters": [{"Name": name, "Type": "SecureString"}]}))
    });
    aws.on("GetRole").answer(|call: &Call| role(call.body["RoleName"].as_str().unwrap_or_default(), TRUST));
    aws.on("DescribeTargetGroups").answer(|_: &Call| target_group("ip"));
}

/// What lets tasks have a role.
pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// IAM's answer: the role `name` with the trust policy `trust`.
pub fn role(name: &str, trust: &str) -> Reply {
    let encoded = trust.bytes().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "%{byte:02X}");
        text
    });
    Reply::xml(
        200,
        format!(
            "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role><Path>/</Path>\
             <RoleName>{name}</RoleName><RoleId>AROA0123456789EXAMPLE</RoleId><Arn>arn:aws:iam::123456789012:role/{name}</Arn>\
             <CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>{encoded}</AssumeRolePolicyDocument></Role>\
             </GetRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetRoleResponse>"
        ),
    )
}

/// Elastic Load Balancing's answer: a target group whose targets are of the type `kind`.
pub fn target_group(kind: &str) -> Reply {
    Reply::xml(
        200,
        format!(
            "<DescribeTargetGroupsResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">\
             <DescribeTargetGroupsResult><TargetGroups><member><TargetGroupName>web</TargetGroupName>\
             <TargetType>{kind}</TargetType></member></TargetGroups></DescribeTargetGroupsResult>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeTargetGroupsResponse>"
        ),
    )
}

/// Each image, as an index for both processors.
fn images(body: &Value) -> Value {
    let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
        {"digest": DIGEST, "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": DIGEST, "platform": {"os": "linux", "architecture": "arm64"}}
    ]});
    let image = |id: &Value| {
        let digest = id["imageDigest"].as_str().unwrap_or(DIGEST);
        let mut id = id.clone();
        id["imageDigest"] = json!(digest);
        json!({"registryId": body["registryId"], "repositoryName": body["repositoryName"], "imageId": id,
               "imageManifest": manifest.to_string()})
    };
    let ids = body["imageIds"].as_array();
    json!({"images": ids.into_iter().flatten().map(image).collect::<Vec<_>>(), "failures": []})
}
