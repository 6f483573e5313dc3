mod opened;

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use loopback::Pace;
use serde_json::json;
use testkit::http::{Reply, Request as Received};
use testkit::{FakeAws, Fault, Tools};

use super::*;
use crate::error::{ApiErrorKind, api_error};

/// Credentials `KEY1`, `KEY2` and so on.
#[derive(Debug, Default)]
struct Numbered(AtomicUsize);

impl ProvideCredentials for Numbered {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        future::ProvideCredentials::ready(Ok::<_, CredentialsError>(credentials(number)))
    }
}

fn credentials(number: usize) -> Credentials {
    Credentials::new(format!("KEY{number}"), "secret", Some("session/token+of=the==job".to_owned()), None, "test")
}

fn aws(pace: Pace) -> Aws {
    let pauses = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1));
    let config = aws_types::SdkConfig::builder()
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(Numbered(AtomicUsize::new(0))))
        .app_name(AppName::new("slipway-test").unwrap())
        .retry_config(pauses)
        .build();
    Aws::of(config, credentials(0), pace)
}

fn put(path: &str, body: &'static [u8]) -> Request {
    Request {
        method: "PUT",
        path: path.to_owned(),
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: Bytes::from_static(body),
        patience: Duration::from_secs(30),
    }
}

/// Sends one request to `url`.
fn send_watched(url: &str, request: &Request, watch: &impl Watch) -> Result<HttpResponse, Refused> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let direct = Direct::new(&aws(Pace::towards(url)), "s3", &format!("{url}/bucket"));
        direct.connections().send(request, watch).await
    })
}

fn send(url: &str, request: &Request) -> Result<HttpResponse, Refused> {
    send_watched(url, request, &())
}

fn fake() -> FakeAws {
    let fake = FakeAws::start_lenient().unwrap();
    fake.on_rest("*", "*").raw(Reply::xml(200, ""));
    fake
}

fn key(request: &Received) -> String {
    let header = request.header("authorization").unwrap_or_default();
    header.split_once("Credential=").map_or("", |(_, rest)| rest).split('/').next().unwrap_or_default().to_owned()
}

/// The signature that botocore makes of the same request to S3 at the same time.
const BOTOCORE: &str = r"
import json, sys
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
sent = json.loads(sys.argv[1])
request = AWSRequest(method=sent['method'], url=sent['url'], headers=sent['headers'])
request.context['timestamp'] = sent['headers']['x-amz-date']
auth = S3SigV4Auth(Credentials('KEY0', 'secret', 'session/token+of=the==job'), 's3', 'eu-west-1')
string = auth.string_to_sign(request, auth.canonical_request(request))
print(auth.signature(string, request))
";

#[test]
fn signatures_are_those_of_botocore_and_the_path_goes_out_as_it_is() {
    let fake = fake();
    let part = |header: &str, name: &str| {
        let rest = header.split_once(&format!("{name}=")).map_or("", |(_, rest)| rest).to_owned();
        rest.split(',').next().unwrap_or_default().to_owned()
    };
    for path in ["/a//b/../c%20d%2B%C3%A9~.js", "/x.bin?partNumber=7&uploadId=a%2Fb%3D"] {
        let before = fake.requests().len();
        send(&fake.url(), &put(path, b"hello")).unwrap();
        let request = fake.requests().remove(before);
        let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        assert_eq!(format!("{}{query}", request.path), format!("/bucket{path}"));
        assert_eq!((request.text(), request.header("content-length")), ("hello".into(), Some("5")));
        assert_eq!(request.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
        assert!(request.header("user-agent").unwrap().contains("app/slipway-test"));
        let header = request.header("authorization").unwrap();
        let signed = part(header, "SignedHeaders");
        for name in ["content-type", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"] {
            assert!(signed.split(';').any(|part| part == name), "{name} is not signed: {signed}");
        }
        let headers: serde_json::Map<String, serde_json::Value> =
            signed.split(';').map(|name| (name.to_owned(), json!(request.header(name).unwrap_or_default()))).collect();
        let sent = json!({
            "method": "PUT", "url": format!("{}{}{query}", fake.url(), request.path), "headers": headers
        });
        let python = Tools::locate().unwrap().python();
        let output = Command::new(python).args(["-c", BOTOCORE, &sent.to_string()]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(part(header, "Signature"), String::from_utf8_lossy(&output.stdout).trim(), "{request}");
    }
}

#[test]
fn where_others_can_listen_the_body_is_signed() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for (url, is_signed) in [
            ("https://b.s3.eu-west-1.amazonaws.com", false),
            ("http://127.0.0.1:1", false),
            ("http://storage.example", true),
        ] {
            let direct = Direct::new(&aws(Pace::USUAL), "s3", url);
            assert_eq!(direct.0.signer.signs_body, is_signed, "{url}");
        }
    });
}

fn error(status: u16, code: &str) -> Reply {
    Reply::xml(status, format!("<Error><Code>{code}</Code><Message>why</Message></Error>"))
}

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<Ended>>);

impl Watch for Seen {
    fn begin(&self) -> u64 {
        self.0.lock().unwrap().len() as u64
    }

    fn end(&self, begun: u64, how: Ended) {
        let mut seen = self.0.lock().unwrap();
        assert_eq!(begun, seen.len() as u64);
        seen.push(how);
    }
}

#[test]
fn what_passes_is_tried_again_and_each_try_is_told() {
    let fake = fake();
    fake.faults().add(Fault::reply(error(503, "SlowDown")).on("PUT", "*"));
    fake.faults().add(Fault::reply(error(200, "InternalError")).on("PUT", "*").nth(2));
    let seen = Seen::default();
    send_watched(&fake.url(), &put("/x", b"x"), &seen).unwrap();
    assert_eq!(*seen.0.lock().unwrap(), [Ended::Throttled, Ended::Otherwise, Ended::Well]);
}

#[test]
fn tries_end() {
    let fake = fake();
    fake.faults().add(Fault::reply(error(503, "SlowDown")).on("PUT", "*").always());
    let refused = send(&fake.url(), &put("/x", b"x")).unwrap_err();
    // Two refusals for want of room count as one of three tries.
    assert_eq!(fake.requests().len(), 5);
    let told = api_error("s3", "PutObject", None, &refused);
    assert_eq!(
        (told.kind, told.code.as_deref(), told.message.as_str()),
        (ApiErrorKind::Throttled, Some("SlowDown"), "why")
    );
}

#[test]
fn another_trouble_uses_every_try() {
    let fake = fake();
    fake.faults().add(Fault::reply(error(500, "InternalError")).on("PUT", "*").always());
    assert!(send(&fake.url(), &put("/a", b"x")).is_err());
    assert_eq!(fake.requests().len(), 3);
}

#[test]
fn a_refusal_is_final() {
    let fake = fake();
    fake.faults().add(Fault::reply(error(403, "AccessDenied")).on("PUT", "*").always());
    let refused = send(&fake.url(), &put("/x", b"x")).unwrap_err();
    assert_eq!(fake.requests().len(), 1);
    assert_eq!(refused.as_service_error().and_then(|fault| fault.code()), Some("AccessDenied"));
}

#[test]
fn a_refusal_that_repeats_what_xml_cannot_carry_is_understood() {
    let fake = fake();
    for key in ["a\u{7}b", "a&#x7;b"] {
        let body = format!("<Error><Code>NoSuchKey</Code><Message>gone</Message><Key>{key}</Key></Error>");
        fake.faults().clear();
        fake.faults().add(Fault::reply(Reply::xml(404, body)).on("PUT", "*").always());
        let refused = send(&fake.url(), &put("/x", b"x")).unwrap_err();
        let fault = refused.as_service_error().unwrap();
        assert_eq!((fault.code(), fault.message()), (Some("NoSuchKey"), Some("gone")));
    }
}

#[test]
fn credentials_that_expired_are_renewed_once() {
    let fake = fake();
    fake.faults().add(Fault::reply(error(400, "ExpiredToken")).on("PUT", "*"));
    send(&fake.url(), &put("/x", b"x")).unwrap();
    assert_eq!(fake.requests().iter().map(key).collect::<Vec<_>>(), ["KEY0", "KEY1"]);

    fake.faults().add(Fault::reply(error(400, "ExpiredToken")).on("PUT", "*").always());
    let refused = send(&fake.url(), &put("/x", b"x")).unwrap_err();
    assert_eq!(api_error("s3", "PutObject", None, &refused).kind, ApiErrorKind::Expired);
    assert_eq!(fake.requests().len(), 4);
}

#[test]
fn a_clock_that_is_wrong_is_corrected() {
    let fake = fake();
    let late = error(403, "RequestTimeTooSkewed").with_header("date", "Tue, 19 Jan 2038 03:14:07 GMT");
    fake.faults().add(Fault::reply(late).on("PUT", "*"));
    send(&fake.url(), &put("/x", b"x")).unwrap();
    let dates: Vec<bool> = fake
        .requests()
        .iter()
        .map(|request| request.header("x-amz-date").unwrap().starts_with("20380119T0314"))
        .collect();
    assert_eq!(dates, [false, true]);
}

/// What refuses a HEAD has no body.
fn head(path: &str) -> Request {
    Request { method: "HEAD", headers: Vec::new(), body: Bytes::new(), ..put(path, b"") }
}

fn wordless(status: u16) -> Reply {
    Reply::xml(status, "")
}

#[test]
fn a_clock_that_is_wrong_is_corrected_without_a_word() {
    let fake = fake();
    let late = wordless(403).with_header("date", "Tue, 19 Jan 2038 03:14:07 GMT");
    fake.faults().add(Fault::reply(late).on("HEAD", "*"));
    send(&fake.url(), &head("/x")).unwrap();
    assert_eq!(fake.requests().len(), 2);
    fake.faults().add(Fault::reply(wordless(403)).on("HEAD", "*").always());
    send(&fake.url(), &head("/x")).unwrap_err();
    assert_eq!(fake.requests().len(), 3, "a clock that is right is not why");
}

#[test]
fn credentials_are_renewed_once_without_a_word() {
    let fake = fake();
    fake.faults().add(Fault::reply(wordless(400)).on("HEAD", "*").always());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let connections = Direct::new(&aws(Pace::towards(&fake.url())), "s3", &fake.url()).connections();
        for _ in 0..2 {
            connections.send(&head("/x"), &()).await.unwrap_err();
        }
    });
    assert_eq!(fake.requests().iter().map(key).collect::<Vec<_>>(), ["KEY0", "KEY1", "KEY1"]);
}

/// Sends so many requests at the same time, and all of them are signed before the first one is answered.
fn send_together(url: &str, count: usize) -> Vec<Result<HttpResponse, Refused>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let connections = Direct::new(&aws(Pace::towards(url)), "s3", &format!("{url}/bucket")).connections();
        let requests: Vec<Request> = (0..count).map(|number| put(&format!("/{number}"), b"x")).collect();
        futures::future::join_all(requests.iter().map(|request| connections.send(request, &()))).await
    })
}

#[test]
fn a_clock_that_is_wrong_is_corrected_for_all_requests_under_way() {
    let fake = fake();
    let is_late =
        |request: &Received| !request.header("x-amz-date").is_some_and(|date| date.starts_with("20380119T03"));
    let late = error(403, "RequestTimeTooSkewed").with_header("date", "Tue, 19 Jan 2038 03:14:07 GMT");
    fake.faults().add(Fault::reply(late).on("PUT", "*").matching(is_late).always());
    for answer in send_together(&fake.url(), 8) {
        answer.unwrap();
    }
    let requests = fake.requests();
    assert_eq!(requests.iter().filter(|request| is_late(request)).count(), 8);
    assert_eq!(requests.len(), 16);
}

#[test]
fn credentials_that_expired_are_renewed_once_for_all_requests_under_way() {
    let fake = fake();
    let is_old = |request: &Received| key(request) == "KEY0";
    fake.faults().add(Fault::reply(error(400, "ExpiredToken")).on("PUT", "*").matching(is_old).always());
    for answer in send_together(&fake.url(), 8) {
        answer.unwrap();
    }
    let mut keys: Vec<String> = fake.requests().iter().map(key).collect();
    keys.sort();
    assert_eq!(keys, [["KEY0"; 8], ["KEY1"; 8]].concat());
}

#[test]
fn an_answer_that_does_not_come_is_not_waited_for() {
    let fake = fake();
    fake.faults().add(Fault::delay(Duration::from_secs(20)).on("PUT", "*").always());
    let request = Request { patience: Duration::from_millis(100), ..put("/x", b"x") };
    let start = Instant::now();
    let refused = send(&fake.url(), &request).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!(api_error("s3", "PutObject", None, &refused).kind, ApiErrorKind::TimedOut);
}
