use testkit::http::Reply;
use testkit::{FakeAws, Fault};

use super::super::*;
use super::{Counted, config};

/// Reads an invalidation.
fn look(aws: &FakeAws) -> Result<Element, ApiError> {
    let settings = config(&aws.url(), Counted::default());
    let path = &["2020-05-31", "distribution", "E2QWRUHAPOMQZL", "invalidation", "I1"];
    let rest = Rest { operation: "GetInvalidation", method: "GET", path, query: &[] };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(send(&settings, &CLOUDFRONT.service, rest.operation, rest.request(None)))
}

fn answering() -> FakeAws {
    let aws = FakeAws::start().unwrap();
    let batch =
        "<Paths><Quantity>1</Quantity><Items><Path>/*</Path></Items></Paths><CallerReference>x</CallerReference>";
    let answer = format!(
        "<Invalidation xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Id>I1</Id><Status>Completed</Status>\
         <CreateTime>2026-01-01T00:00:00Z</CreateTime><InvalidationBatch>{batch}</InvalidationBatch></Invalidation>"
    );
    aws.on_rest("GET", "/2020-05-31/*").raw(Reply::xml(200, answer));
    aws
}

#[test]
fn an_answer_is_a_tree() {
    let aws = answering();
    let answer = look(&aws).unwrap();
    assert_eq!(answer.named("Invalidation").unwrap().child("Id").unwrap().text(), Ok("I1"));
    let request = &aws.requests()[0];
    assert_eq!(request.to_string(), "GET /2020-05-31/distribution/E2QWRUHAPOMQZL/invalidation/I1");
    assert!(request.header("authorization").is_some_and(|value| value.contains("/us-east-1/cloudfront/aws4_request")));
}

#[test]
fn a_refusal_has_its_code_whatever_type_it_says_it_has() {
    let refusal =
        "<ErrorResponse><Error><Code>NoSuchInvalidation</Code><Message>gone</Message></Error></ErrorResponse>";
    for reply in [Reply::xml(404, refusal), Reply::text(404, refusal)] {
        let aws = answering();
        aws.faults().add(Fault::reply(reply));
        let error = look(&aws).unwrap_err();
        assert_eq!((error.code.as_deref(), error.message.as_str()), (Some("NoSuchInvalidation"), "gone"));
        assert_eq!(error.kind, ApiErrorKind::NotFound);
    }
}

#[test]
fn a_broken_document_is_an_error() {
    for text in ["<Invalidation><Id>I1</Id>", "{}", ""] {
        let aws = answering();
        aws.faults().add(Fault::reply(Reply::xml(200, text)));
        let error = look(&aws).unwrap_err();
        assert!(error.message.contains("the answer is not XML"), "{}", error.message);
        assert_eq!((error.kind, aws.requests().len()), (ApiErrorKind::Service, 1), "{text}");
    }
}
