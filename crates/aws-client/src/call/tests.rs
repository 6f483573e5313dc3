mod endpoints;
mod errors;
mod signature;
mod xml;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use serde_json::json;
use testkit::FakeAws;
use testkit::http::Reply;

use super::*;

/// Credentials that count how often they are asked for.
#[derive(Debug, Clone, Default)]
struct Counted(Arc<AtomicUsize>);

impl ProvideCredentials for Counted {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.0.fetch_add(1, Ordering::Relaxed);
        let session = Some("session/token+of=the==job".to_owned());
        future::ProvideCredentials::ready(Ok(Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", session, None, "test")))
    }
}

/// A configuration as `Aws::connect` makes it, with short pauses.
fn config(url: &str, credentials: Counted) -> aws_types::SdkConfig {
    let pauses = aws_smithy_types::retry::RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(1));
    let limits = aws_smithy_types::timeout::TimeoutConfig::builder().read_timeout(Duration::from_millis(500)).build();
    aws_types::SdkConfig::builder()
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .identity_cache(IdentityCache::lazy().build())
        .http_client(crate::http::client(false))
        .app_name(AppName::new("slipway-test").unwrap())
        .endpoint_url(url)
        .retry_config(pauses)
        .timeout_config(limits)
        .build()
}

/// A call in a runtime of its own.
fn run(config: &aws_types::SdkConfig, service: &Service, operation: &str, unsent: Unsent) -> Result<Value, ApiError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(send(config, service, operation, unsent))
}

fn json_call(aws: &FakeAws, service: &JsonService, operation: &str, body: &Value) -> Result<Value, ApiError> {
    let config = config(&aws.url(), Counted::default());
    run(&config, &service.service, operation, service.request(operation, body))
}

fn events(aws: &FakeAws) -> Result<Value, ApiError> {
    json_call(aws, &LOGS, "GetLogEvents", &json!({"logGroupName": "/ecs/shop", "logStreamName": "web/app/1"}))
}

/// Requests and answers are checked with botocore's models when the stand-in is dropped.
#[test]
fn each_service_gets_what_its_model_describes() {
    let aws = FakeAws::start().unwrap();
    let token = json!({"authorizationData": {"authorizationToken": "QVdTOng="}});
    let calls: [(JsonService, &str, Value, Value); 7] = [
        (
            LOGS,
            "GetLogEvents",
            json!({"logGroupName": "/ecs/shop", "logStreamName": "web/app/1", "limit": 50}),
            json!({"events": [{"timestamp": 1, "message": "zwölf", "ingestionTime": 2}], "nextForwardToken": "f/1"}),
        ),
        (SECRETS_MANAGER, "DescribeSecret", json!({"SecretId": "shop"}), json!({"Name": "shop"})),
        (
            CODEDEPLOY,
            "GetDeployment",
            json!({"deploymentId": "d-1"}),
            json!({"deploymentInfo": {"deploymentId": "d-1", "status": "Ready"}}),
        ),
        (
            EVENTS,
            "ListTargetsByRule",
            json!({"Rule": "nightly"}),
            json!({"Targets": [{"Id": "1", "Arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"}]}),
        ),
        (SSM, "DescribeParameters", json!({}), json!({"Parameters": []})),
        (ECR, "DescribeRepositories", json!({"repositoryNames": ["shop"]}), json!({"repositories": []})),
        (ECR_PUBLIC, "GetAuthorizationToken", json!({}), token),
    ];
    for (service, operation, body, answer) in calls {
        aws.on(operation).reply(answer.clone());
        assert_eq!(json_call(&aws, &service, operation, &body), Ok(answer), "{operation}");
        assert_eq!(aws.calls_to(operation)[0].body, body, "{operation}");
    }
}

#[test]
fn paths_and_queries_are_encoded() {
    let aws = FakeAws::start().unwrap();
    let schedule = json!({"Name": "nightly.report-1_x", "State": "ENABLED"});
    aws.on_rest("*", "/schedules/*").raw(Reply::json(200, &schedule));
    let rest = Rest {
        operation: "GetSchedule",
        method: "GET",
        path: &["schedules", "nightly.report-1_x"],
        query: &[("groupName", "night_shift")],
    };
    let config = config(&aws.url(), Counted::default());
    assert_eq!(run(&config, &SCHEDULER.service, rest.operation, rest.request(None)), Ok(schedule));
    assert_eq!(aws.requests()[0].to_string(), "GET /schedules/nightly.report-1_x?groupName=night_shift");
    let hostile = Rest { path: &["schedules", "a/../b?c=d#é"], query: &[("groupName", "x&y=z")], ..rest };
    let encoded = hostile.request(None).path;
    assert_eq!(encoded, "/schedules/a%2F..%2Fb%3Fc%3Dd%23%C3%A9?groupName=x%26y%3Dz");
}

#[test]
fn a_change_is_sent_with_its_body() {
    let aws = FakeAws::start().unwrap();
    aws.on_rest("PUT", "/schedules/*").raw(Reply::json(
        200,
        &json!({"ScheduleArn": "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/nightly"}),
    ));
    let rest = Rest { operation: "UpdateSchedule", method: "PUT", path: &["schedules", "nightly"], query: &[] };
    let body = json!({
        "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod", "RoleArn": "arn:aws:iam::123456789012:role/x"}
    });
    let config = config(&aws.url(), Counted::default());
    run(&config, &SCHEDULER.service, rest.operation, rest.request(json(&body))).unwrap();
    assert_eq!(aws.calls()[0].body, body);
}

#[test]
fn the_user_agent_is_ours_and_each_attempt_is_numbered() {
    let aws = FakeAws::start().unwrap();
    aws.on("GetLogEvents").error(400, "ThrottlingException", "Rate exceeded").then(json!({"events": []}));
    events(&aws).unwrap();
    let requests = aws.requests();
    for (request, attempt) in requests.iter().zip(["attempt=1; max=3", "attempt=2; max=3"]) {
        assert!(request.header("x-amz-user-agent").is_some_and(|agent| agent.contains("app/slipway-test")));
        assert!(request.header("amz-sdk-request").is_some_and(|header| header.contains(attempt)), "{request}");
    }
    let ids: Vec<_> = requests.iter().map(|request| request.header("amz-sdk-invocation-id")).collect();
    assert!(ids.len() == 2 && ids[0].is_some() && ids[0] == ids[1]);
}

#[test]
fn credentials_are_obtained_once_for_many_calls() {
    let aws = FakeAws::start().unwrap();
    aws.on("GetLogEvents").reply(json!({"events": []}));
    let credentials = Counted::default();
    let config = config(&aws.url(), credentials.clone());
    let body = json!({"logGroupName": "a", "logStreamName": "b"});
    for _ in 0..3 {
        run(&config, &LOGS.service, "GetLogEvents", LOGS.request("GetLogEvents", &body)).unwrap();
    }
    assert_eq!(credentials.0.load(Ordering::Relaxed), 1);
}

#[test]
fn what_may_be_secret_is_not_shown() {
    let unsent = LOGS.request("GetLogEvents", &json!({"password": "hunter2"}));
    assert_eq!(format!("{unsent:?}"), "POST /");
}
