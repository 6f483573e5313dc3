use serde_json::{Value, json};

use super::{Model, identify};
use crate::http::Request;

/// A request signed for a service; the head is `METHOD /path?query`.
fn request(service: &str, head: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let (method, address) = head.split_once(' ').expect("a method and an address");
    let (path, query) = address.split_once('?').map_or((address, None), |(path, query)| (path, Some(query)));
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host");
    let mut all = ::http::HeaderMap::new();
    for (name, value) in headers.iter().chain(&[("authorization", scope.as_str())]) {
        all.append(name.parse::<::http::HeaderName>().expect("a name"), value.parse().expect("a value"));
    }
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.map(str::to_owned),
        headers: all,
        body: body.to_owned().into(),
    }
}

#[track_caller]
fn check(request: &Request, operation: &str, parameters: &Value) {
    let found = identify(request).expect("the models are there");
    assert_eq!(found.map(|found| found.to_string()).as_deref(), Some(operation), "{request}");
    let model = Model::of(request).expect("the models are there").expect("the service is known");
    assert_eq!(&model.parameters(request), parameters, "{request}");
}

#[test]
fn json_operations_are_told_by_their_target() {
    let target = [("x-amz-target", "AmazonEC2ContainerServiceV20141113.DescribeServices")];
    let body = json!({"cluster": "prod", "services": ["web"]});
    check(&request("ecs", "POST /", &target, &body.to_string()), "ecs:DescribeServices", &body);
    let mut unsigned = request("ecs", "POST /", &target, "");
    unsigned.headers.remove("authorization");
    check(&unsigned, "ecs:DescribeServices", &json!({}));
    assert_eq!(identify(&request("ecr", "POST /", &target, "{}")).expect("the models are there"), None);
}

#[test]
fn query_operations_are_told_by_their_action() {
    let mut unsigned = request(
        "sts",
        "POST /",
        &[],
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws&DurationSeconds=900&PolicyArns.member.2.arn=b&PolicyArns.member.1.arn=a",
    );
    unsigned.headers.remove("authorization");
    let expect = json!({"RoleArn": "arn:aws", "DurationSeconds": 900, "PolicyArns": [{"arn": "a"}, {"arn": "b"}]});
    check(&unsigned, "sts:AssumeRoleWithWebIdentity", &expect);
}

#[test]
fn objects_keep_the_slashes_of_their_keys() {
    let headers = [("content-type", "text/css"), ("x-amz-meta-built", "now"), ("content-length", "2")];
    check(
        &request("s3", "PUT /site/assets/a%20b/c.css?x-id=PutObject", &headers, "{}"),
        "s3:PutObject",
        &json!({"Bucket": "site", "Key": "assets/a b/c.css", "ContentType": "text/css", "ContentLength": 2, "Metadata": {"built": "now"}, "Body": ""}),
    );
}

#[test]
fn what_only_one_operation_asks_for_decides() {
    let copy = [("x-amz-copy-source", "site/a")];
    let names = |head: &str, headers: &[(&str, &str)]| {
        let found = identify(&request("s3", head, headers, "")).expect("the models are there");
        found.map(|operation| operation.name).unwrap_or_default()
    };
    assert_eq!(names("PUT /site/b", &copy), "CopyObject");
    assert_eq!(names("PUT /site/b?partNumber=1&uploadId=u", &[]), "UploadPart");
    assert_eq!(names("PUT /site/b?partNumber=1&uploadId=u", &copy), "UploadPartCopy");
    assert_eq!(names("POST /site/b?uploads", &[]), "CreateMultipartUpload");
    assert_eq!(names("POST /site/b?uploadId=u", &[]), "CompleteMultipartUpload");
    assert_eq!(names("DELETE /site/b?uploadId=u", &[]), "AbortMultipartUpload");
    assert_eq!(names("DELETE /site/b", &[]), "DeleteObject");
    assert_eq!(names("GET /site?lifecycle", &[]), "GetBucketLifecycleConfiguration");
    assert_eq!(names("GET /site/?list-type=2&prefix=a%2Fb", &[]), "ListObjectsV2");
    assert_eq!(names("GET /site", &[]), "ListObjects");
    assert_eq!(names("GET /", &[]), "ListBuckets");
    assert_eq!(names("HEAD /site/a/b", &[]), "HeadObject");
    assert_eq!(names("PATCH /site/a/b", &[]), "");
}

#[test]
fn bodies_of_xml_become_members() {
    let body = "<Delete xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Object><Key>a</Key></Object><Object><Key>b</Key></Object><Quiet>true</Quiet></Delete>";
    check(
        &request("s3", "POST /site?delete", &[], body),
        "s3:DeleteObjects",
        &json!({"Bucket": "site", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b"}], "Quiet": true}}),
    );
    let body = "<InvalidationBatch><Paths><Quantity>1</Quantity><Items><Path>/*</Path></Items></Paths><CallerReference>r</CallerReference></InvalidationBatch>";
    check(
        &request("cloudfront", "POST /2020-05-31/distribution/E1/invalidation", &[], body),
        "cloudfront:CreateInvalidation",
        &json!({"DistributionId": "E1", "InvalidationBatch": {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "r"}}),
    );
}

#[test]
fn a_registry_or_a_stranger_is_no_operation() {
    for head in ["GET /v2/", "POST /2099-01-01/nothing"] {
        assert_eq!(identify(&request("cloudfront", head, &[], "")).expect("the models are there"), None);
    }
    assert_eq!(identify(&request("no-such-service", "GET /", &[], "")).expect("the models are there"), None);
    assert!(Model::load("../ecs").is_err());
}

#[test]
fn rest_operations_with_json_have_members_in_their_body_and_in_their_answer() {
    let sent =
        json!({"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "ON"}, "Target": {"Arn": "arn:x"}});
    let update = request("scheduler", "PUT /schedules/nightly", &[], &sent.to_string());
    let mut parameters = sent.clone();
    parameters["Name"] = json!("nightly");
    check(&update, "scheduler:UpdateSchedule", &parameters);
    let model = Model::of(&update).expect("the models are there").expect("the service is known");
    let found: Vec<String> = model.check_request(&update).iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        ["`FlexibleTimeWindow.Mode` is `ON`, the model has OFF, FLEXIBLE", "`Target.RoleArn` is required and missing"]
    );
    let get = request("scheduler", "GET /schedules/nightly", &[], "");
    let operation = identify(&get).expect("the models are there").expect("an operation");
    let answered = |answer: &Value| {
        let found = model.check_reply(&operation, &get, &crate::http::Reply::json(200, answer));
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(answered(&json!({"Name": "nightly", "CreationDate": 1_700_000_000.5})).is_empty());
    assert_eq!(answered(&json!({"Nmae": "nightly"})), ["`Nmae` is no member of the model"]);
}
