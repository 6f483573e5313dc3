use serde_json::json;

use super::{ContractProxy, FakeAws};
use crate::http::{Reply, send};

const ECS: &str = "AmazonEC2ContainerServiceV20141113";
const S3: &str = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host";

fn ecs(url: &str, operation: &str, body: &str) -> Reply {
    send("POST", url, &[("x-amz-target", &format!("{ECS}.{operation}"))], body.as_bytes()).expect("the server answers")
}

fn s3(aws: &FakeAws, path: &str) -> Reply {
    send("GET", &format!("{}{path}", aws.url()), &[("authorization", S3)], b"").expect("the server answers")
}

#[test]
fn answers_in_sequence_and_keeps_the_last() {
    let aws = FakeAws::start().expect("the server starts");
    let listed = |arn: &str| json!({"taskArns": [arn]});
    aws.on(&format!("{ECS}.ListTasks")).sequence([listed("one"), listed("two")]);
    let bodies = [(); 3].map(|()| ecs(&aws.url(), "ListTasks", r#"{"cluster":"prod"}"#));
    assert_eq!(bodies.map(|reply| reply.to_json()["taskArns"][0].clone()), ["one", "two", "two"]);
    assert_eq!(aws.operations(), ["ListTasks"; 3]);
    assert_eq!(aws.calls_to("ListTasks")[0].body["cluster"], "prod");
}

#[test]
fn errors_take_the_form_of_the_protocol() {
    let aws = FakeAws::start().expect("the server starts");
    let ask = r#"{"services":["web"]}"#;
    aws.on("DescribeServices").error(400, "ClusterNotFoundException", "Cluster <x> not found.").then(json!({}));
    let answer = ecs(&aws.url(), "DescribeServices", ask);
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (400, Some("ClusterNotFoundException")));
    assert_eq!(answer.to_json()["__type"], "ClusterNotFoundException");
    assert_eq!(ecs(&aws.url(), "DescribeServices", ask).status, 200);

    aws.on("AssumeRoleWithWebIdentity").error(403, "AccessDenied", "a <b>");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let role = "arn:aws:iam::123456789012:role/deploy";
    let body = format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=me&WebIdentityToken=t.o.k.e.n&RoleArn={role}"
    );
    let answer = send("POST", &aws.url(), &form, body.as_bytes()).expect("the server answers").to_text();
    assert!(answer.contains("<Code>AccessDenied</Code><Message>a &lt;b&gt;</Message>"), "{answer}");
    assert_eq!(aws.calls_to("AssumeRoleWithWebIdentity")[0].body["RoleArn"], role);
}

#[test]
fn rest_calls_match_by_method_and_path() {
    let aws = FakeAws::start().expect("the server starts");
    aws.on_rest("GET", "/bucket*").raw(Reply::xml(200, "<ListBucketResult/>"));
    aws.on_rest("GET", "/bucket/secret").error(403, "AccessDenied", "no");
    assert_eq!(s3(&aws, "/bucket?list-type=2").to_text(), "<ListBucketResult/>");
    assert_eq!(s3(&aws, "/bucket/secret").status, 403);
    assert_eq!(aws.operations(), ["GET /bucket", "GET /bucket/secret"]);
}

#[test]
fn an_answer_may_depend_on_the_call() {
    let aws = FakeAws::start().expect("the server starts");
    aws.on("ListTasks").answer(|call| Reply::json(200, &json!({"taskArns": [call.body["family"]]})));
    assert_eq!(ecs(&aws.url(), "ListTasks", r#"{"family":"a"}"#).to_json(), json!({"taskArns": ["a"]}));
}

#[test]
fn an_unscripted_operation_is_refused_and_reported() {
    let aws = FakeAws::start_lenient().expect("the server starts");
    assert_eq!(ecs(&aws.url(), "DeleteCluster", r#"{"cluster":"prod"}"#).status, 500);
    assert_eq!(aws.unexpected()[0].operation, format!("{ECS}.DeleteCluster"));
    assert!(aws.unexpected().is_empty());
}

#[test]
#[should_panic(expected = "DeleteCluster")]
fn an_unscripted_operation_fails_the_test() {
    let aws = FakeAws::start().expect("the server starts");
    ecs(&aws.url(), "DeleteCluster", r#"{"cluster":"prod"}"#);
}

/// Sends one request to a stand-in scripted with `answer` and returns what broke the models.
fn broken(body: &str, script: impl FnOnce(super::Script)) -> Vec<String> {
    let aws = FakeAws::start().expect("the server starts");
    script(aws.on("ListTasks"));
    let reply = ecs(&aws.url(), "ListTasks", body);
    let found = aws.violations();
    assert_ne!(reply.status, 500, "the client gets what was scripted");
    found
}

#[test]
fn requests_and_answers_which_no_model_knows_are_violations() {
    let fine = |script: super::Script| {
        script.reply(json!({"taskArns": []}));
    };
    assert!(broken("{}", fine).is_empty());
    let found = broken(r#"{"clutser":"prod"}"#, fine);
    assert_eq!(found, ["the request ecs:ListTasks: `clutser` is no member of the model"]);
    let found = broken("{}", |script| {
        script.reply(json!({"taskArns": [7]}));
    });
    assert_eq!(found, ["the answer to ecs:ListTasks: `taskArns[]` is a number, the model has a string"]);
    let found = broken("{}", |script| {
        script.error(400, "NoSuchBucket", "");
    });
    assert_eq!(found, ["the answer to ecs:ListTasks: the operation gives no error `NoSuchBucket`"]);
    assert!(
        broken("{}", |script| {
            script.error(400, "AccessDeniedException", "");
        })
        .is_empty()
    );
    let found = broken("{}", |script| {
        script.raw(Reply::json(202, &json!({})));
    });
    assert_eq!(found, ["the answer to ecs:ListTasks: the status is 202, the model has 200"]);
}

#[test]
fn answers_of_rest_services_are_read_by_their_headers_and_elements() {
    let aws = FakeAws::start().expect("the server starts");
    aws.on_rest("GET", "/site").raw(Reply::xml(200, "<ListBucketResult><KeyCount>many</KeyCount></ListBucketResult>"));
    aws.on_rest("GET", "/site/a").raw(Reply::new(200).with_header("last-modified", "yesterday"));
    aws.on_rest("GET", "/site/b").error(404, "NoSuchThing", "");
    for (path, status) in [("/site?list-type=2", 200), ("/site/a", 200), ("/site/b", 404)] {
        assert_eq!(s3(&aws, path).status, status, "{path}");
    }
    aws.on_rest("GET", "/site").raw(Reply::xml(200, "<ListBucketResult/>"));
    s3(&aws, "/site?list-type=2&prefx=a");
    assert_eq!(
        aws.violations(),
        [
            "the answer to s3:ListObjectsV2: `KeyCount` is a string, the model has a integer",
            "the answer to s3:GetObject: `LastModified` is a string, the model has a timestamp",
            "the answer to s3:GetObject: the operation gives no error `NoSuchThing`",
            "the request s3:ListObjectsV2: `prefx` is no query parameter of the operation",
        ]
    );
}

#[test]
#[should_panic(expected = "`clutser` is no member of the model")]
fn a_violation_fails_the_test() {
    let aws = FakeAws::start().expect("the server starts");
    aws.on("ListTasks").reply(json!({}));
    ecs(&aws.url(), "ListTasks", r#"{"clutser":"prod"}"#);
}

#[test]
fn what_a_scenario_declares_is_no_violation() {
    let aws = FakeAws::start().expect("the server starts");
    aws.declare_unknown("RegisterTaskDefinition", "containerDefinitions[].newField");
    aws.on("RegisterTaskDefinition").reply(json!({}));
    let task = json!({"family": "shop", "containerDefinitions": [{"name": "app", "newField": {"a": 1}}]});
    assert_eq!(ecs(&aws.url(), "RegisterTaskDefinition", &task.to_string()).status, 200);
    let task = json!({"family": "shop", "containerDefinitions": [], "newField": 1});
    ecs(&aws.url(), "RegisterTaskDefinition", &task.to_string());
    assert_eq!(aws.violations().len(), 1);
}

#[test]
#[should_panic(expected = "ListTasks: `newField` is declared, and was never seen")]
fn what_is_declared_for_nothing_fails_the_test() {
    let aws = FakeAws::start().expect("the server starts");
    aws.declare_unknown("ListTasks", "newField");
    aws.declare_unknown("DescribeTasks", "ofAnOperationThatIsNotCalled");
    aws.on("ListTasks").reply(json!({"taskArns": []}));
    ecs(&aws.url(), "ListTasks", "{}");
}

#[test]
fn a_proxy_passes_everything_on_and_tells_what_breaks_the_contract() {
    let aws = FakeAws::start().expect("the server starts");
    aws.on("ListTasks").reply(json!({"taskArns": []}));
    let proxy = ContractProxy::start(&aws.url()).expect("the proxy starts");
    assert_eq!(ecs(&proxy.url(), "ListTasks", "{}").status, 200);
    assert_eq!(ecs(&proxy.url(), "ListTasks", r#"{"maxResults":"all"}"#).status, 200);
    let wrong = "the request ecs:ListTasks: `maxResults` is a string, the model has a integer";
    assert_eq!((proxy.violations(), aws.violations()), (vec![wrong.to_owned()], vec![wrong.to_owned()]));
}

#[test]
fn recorded_requests_of_ours_can_be_checked_afterwards() {
    let aws = FakeAws::start_lenient().expect("the server starts");
    for agent in ["aws-cli/2", "aws-sdk-rust/1.3 app/slipway-0.1.0"] {
        let headers = [("x-amz-target", &*format!("{ECS}.ListTasks")), ("x-amz-user-agent", agent)];
        send("POST", &aws.url(), &headers, br#"{"clutser":"prod"}"#).expect("the server answers");
    }
    let found = super::violations(&aws.requests()).expect("the models are there");
    assert_eq!(found, ["the request ecs:ListTasks: `clutser` is no member of the model"]);
    assert_eq!(aws.violations().len(), 2);
}

#[test]
fn a_request_that_a_fault_answers_is_checked_too() {
    let aws = FakeAws::start().expect("the server starts");
    let proxy = ContractProxy::start(&aws.url()).expect("the proxy starts");
    for (url, faults) in [(aws.url(), aws.faults()), (proxy.url(), proxy.faults())] {
        faults.add(crate::Fault::status(503));
        assert_eq!(ecs(&url, "ListTasks", r#"{"clutser":"prod"}"#).status, 503);
    }
    assert_eq!((aws.violations().len(), proxy.violations().len()), (1, 1));
}
