use serde_json::json;

use super::FakeAws;
use crate::http::{Reply, send};

fn post(aws: &FakeAws, header: (&str, &str), body: &str) -> Reply {
    send("POST", &aws.url(), &[header], body.as_bytes()).expect("the server answers")
}

fn target(aws: &FakeAws, operation: &str, body: &str) -> Reply {
    post(aws, ("x-amz-target", operation), body)
}

#[test]
fn answers_in_sequence_and_keeps_the_last() {
    let aws = FakeAws::start().expect("the server starts");
    aws.on("ECS.DescribeServices").sequence([json!({"n": 1}), json!({"n": 2})]);
    let bodies = [(); 3].map(|()| target(&aws, "ECS.DescribeServices", r#"{"cluster":"prod"}"#));
    assert_eq!(bodies.map(|reply| reply.to_json()["n"].clone()), [1, 2, 2]);
    assert_eq!(aws.operations(), ["DescribeServices"; 3]);
    assert_eq!(aws.calls_to("DescribeServices")[0].body["cluster"], "prod");
}

#[test]
fn errors_take_the_form_of_the_protocol() {
    let aws = FakeAws::start().expect("the server starts");
    aws.on("DescribeServices").error(400, "ClusterNotFoundException", "Cluster <x> not found.").then(json!({}));
    let answer = target(&aws, "ECS.DescribeServices", "{}");
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (400, Some("ClusterNotFoundException")));
    assert_eq!(answer.to_json()["__type"], "ClusterNotFoundException");
    assert_eq!(target(&aws, "ECS.DescribeServices", "{}").status, 200);

    aws.on("AssumeRoleWithWebIdentity").error(403, "AccessDenied", "a <b>");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let answer = post(&aws, form, "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws").to_text();
    assert!(answer.contains("<Code>AccessDenied</Code><Message>a &lt;b&gt;</Message>"), "{answer}");
    assert_eq!(aws.calls_to("AssumeRoleWithWebIdentity")[0].body["RoleArn"], "arn:aws");
}

#[test]
fn rest_calls_match_by_method_and_path() {
    let aws = FakeAws::start().expect("the server starts");
    aws.on_rest("GET", "/bucket*").raw(Reply::xml(200, "<ListBucketResult/>"));
    aws.on_rest("GET", "/bucket/secret").error(403, "AccessDenied", "no");
    let list = crate::http::get(&format!("{}/bucket?list-type=2", aws.url())).expect("an answer");
    assert_eq!(list.to_text(), "<ListBucketResult/>");
    let denied = crate::http::get(&format!("{}/bucket/secret", aws.url())).expect("an answer");
    assert_eq!(denied.status, 403);
    assert_eq!(aws.operations(), ["GET /bucket", "GET /bucket/secret"]);
}

#[test]
fn an_answer_may_depend_on_the_call() {
    let aws = FakeAws::start().expect("the server starts");
    aws.on("Echo").answer(|call| Reply::json(200, &call.body));
    assert_eq!(target(&aws, "S.Echo", r#"{"a":1}"#).to_json(), json!({"a": 1}));
}

#[test]
fn an_unscripted_operation_is_refused_and_reported() {
    let aws = FakeAws::start_lenient().expect("the server starts");
    assert_eq!(target(&aws, "ECS.DeleteCluster", "{}").status, 500);
    assert_eq!(aws.unexpected()[0].operation, "ECS.DeleteCluster");
    assert!(aws.unexpected().is_empty());
}

#[test]
#[should_panic(expected = "ECS.DeleteCluster")]
fn an_unscripted_operation_fails_the_test() {
    let aws = FakeAws::start().expect("the server starts");
    target(&aws, "ECS.DeleteCluster", "{}");
}
