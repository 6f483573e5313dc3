use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use actions_core::ActionError as _;
use serde_json::json;
use testkit::http::Reply;
use testkit::{FakeAws, Fault};

use super::super::*;
use super::{Counted, config, events, run};
use crate::error::ApiErrorKind;

fn answering() -> FakeAws {
    let aws = FakeAws::start().unwrap();
    aws.on("GetLogEvents").reply(json!({"events": []}));
    aws
}

/// The kind of a call's error, and how often it was tried.
fn failed(aws: &FakeAws) -> (ApiErrorKind, usize) {
    (events(aws).unwrap_err().kind, aws.requests().len())
}

#[test]
fn what_passes_is_tried_again() {
    for fault in [
        Fault::status(500),
        Fault::status(503),
        Fault::status(429),
        Fault::reset(),
        Fault::lose(),
        Fault::truncate(3),
        Fault::hang(),
    ] {
        let shown = format!("{fault:?}");
        let aws = answering();
        aws.faults().add(fault);
        assert_eq!(events(&aws), Ok(json!({"events": []})), "{shown}");
        assert_eq!(aws.requests().len(), 2, "{shown}");
    }
    for code in ["ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "RequestTimeoutException"] {
        let aws = answering();
        let refusal = Reply::json(400, &json!({"__type": code, "message": "later"}));
        aws.faults().add(Fault::reply(refusal));
        assert_eq!(events(&aws), Ok(json!({"events": []})), "{code}");
    }
}

#[test]
fn what_stays_is_told_after_the_last_attempt() {
    for (fault, kind) in [
        (Fault::status(500), ApiErrorKind::Service),
        (Fault::status(429), ApiErrorKind::Throttled),
        (Fault::reset(), ApiErrorKind::Unreachable),
        (Fault::truncate(3), ApiErrorKind::Service),
        (Fault::hang(), ApiErrorKind::TimedOut),
    ] {
        let shown = format!("{fault:?}");
        let aws = answering();
        aws.faults().add(fault.always());
        assert_eq!(failed(&aws), (kind, 3), "{shown}");
    }
}

#[test]
fn what_will_not_change_is_told_at_once() {
    for (code, kind) in [
        ("AccessDeniedException", ApiErrorKind::AccessDenied),
        ("ExpiredTokenException", ApiErrorKind::Expired),
        ("UnrecognizedClientException", ApiErrorKind::BadCredentials),
        ("ResourceNotFoundException", ApiErrorKind::NotFound),
        ("InvalidParameterException", ApiErrorKind::Invalid),
    ] {
        let aws = FakeAws::start().unwrap();
        aws.on("GetLogEvents").error(400, code, "words");
        assert_eq!(failed(&aws), (kind, 1), "{code}");
    }
}

#[test]
fn a_refusal_is_told_as_one_of_the_sdks() {
    let aws = FakeAws::start().unwrap();
    let words = "User: arn:aws:sts::1:assumed-role/d/r is not authorized to perform: logs:GetLogEvents on resource: \
                 arn:aws:logs:eu-west-1:1:log-group:/ecs/shop";
    aws.on("GetLogEvents").error(400, "AccessDeniedException", words);
    let error = events(&aws).unwrap_err();
    assert_eq!((error.service.as_str(), error.operation.as_str()), ("logs", "GetLogEvents"));
    assert_eq!((error.code.as_deref(), error.message.as_str()), (Some("AccessDeniedException"), words));
    assert_eq!(error.request_id.as_deref(), Some("00000000-0000-4000-8000-000000000000"));
    assert!(error.policy_statement().contains("arn:aws:logs:eu-west-1:1:log-group:/ecs/shop"));
    assert!(error.why().is_some_and(|why| why.starts_with("logs:GetLogEvents answered AccessDeniedException: ")));
}

#[test]
fn the_code_may_stand_in_the_body_alone() {
    let aws = answering();
    let body = json!({"__type": "com.amazonaws.logs#ResourceNotFoundException", "Message": "no such stream"});
    aws.faults().add(Fault::reply(Reply::json(400, &body)));
    let error = events(&aws).unwrap_err();
    assert_eq!((error.code.as_deref(), error.message.as_str()), (Some("ResourceNotFoundException"), "no such stream"));
}

#[test]
fn an_answer_that_is_no_json_is_an_error_and_does_not_show_itself() {
    let aws = answering();
    aws.faults().add(Fault::reply(Reply::text(200, "<html>hunter2</html>")).always());
    let error = events(&aws).unwrap_err();
    assert_eq!(error.kind, ApiErrorKind::Service);
    assert!(
        error.message.contains("the answer is not JSON") && !error.message.contains("hunter2"),
        "{}",
        error.message
    );
}

#[test]
fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = config(&format!("http://127.0.0.1:{port}"), Counted::default());
    let error = run(&config, &LOGS.service, "GetLogEvents", LOGS.request("GetLogEvents", &json!({}))).unwrap_err();
    assert_eq!(error.kind, ApiErrorKind::Unreachable);
}

#[test]
fn an_answer_that_announces_too_much_is_not_read() {
    let aws = answering();
    let long = json!({"events": [{"message": "x".repeat(4 * 1024 * 1024)}]});
    aws.on("GetLogEvents").reply(long);
    let error = events(&aws).unwrap_err();
    assert!(error.message.contains("at most 4194304 are read"), "{}", error.message);
    assert_eq!(aws.requests().len(), 1);
}

/// Sends chunks until the client goes away, and tells how many bytes it took.
fn endless() -> (String, std::thread::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let sender = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        let mut sent = 0;
        while sent < 1 << 30 && stream.write_all(chunk.as_bytes()).is_ok() {
            sent += 0x10000;
        }
        sent
    });
    (url, sender)
}

#[test]
fn an_answer_without_an_end_is_not_read_to_it() {
    let (url, sender) = endless();
    let mut settings = config(&url, Counted::default()).to_builder();
    settings.set_retry_config(Some(aws_smithy_types::retry::RetryConfig::disabled()));
    let request = LOGS.request("GetLogEvents", &json!({}));
    let error = run(&settings.build(), &LOGS.service, "GetLogEvents", request).unwrap_err();
    assert!(error.message.contains("length limit exceeded"), "{}", error.message);
    assert!(sender.join().unwrap() < 64 * 1024 * 1024);
}
