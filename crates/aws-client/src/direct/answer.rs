//! What comes back: read whole, or piece by piece.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Limited};

use super::{Refused, late};
use crate::call::fault;
use crate::call::xml::Element;

/// How many bytes of an answer are read at most: a page of a listing may name 1,000 keys of 1 KiB, and most of it encoded.
const LARGEST: usize = 16 * 1024 * 1024;

/// An answer whose body was not read yet.
pub(super) type Begun = HttpResponse;

/// Reads the body, of which each piece may take so long. What is no success is an error, and so is a success that turns out to be
/// none.
pub(super) async fn whole(begun: Begun, patience: Duration) -> Result<HttpResponse, Refused> {
    let (status, headers) = (begun.status(), begun.headers().clone());
    let mut response = HttpResponse::new(status, SdkBody::empty());
    *response.headers_mut() = headers;
    let (mut rest, mut body) = (Limited::new(begun.into_body(), LARGEST), BytesMut::new());
    loop {
        match tokio::time::timeout(patience, rest.frame()).await {
            Err(_) => return Err(late(format!("the answer did not go on for {patience:?}"))),
            Ok(None) => break,
            Ok(Some(Err(error))) => return Err(SdkError::response_error(error, response)),
            Ok(Some(Ok(frame))) => body.extend_from_slice(frame.data_ref().map_or(&[], AsRef::as_ref)),
        }
    }
    let body = body.freeze();
    if status.is_success() && !is_error(&body) {
        *response.body_mut() = SdkBody::from(body);
        return Ok(response);
    }
    let fault = fault(&response, &body);
    *response.body_mut() = SdkBody::from(body);
    Err(SdkError::service_error(fault, response))
}

/// Whether an answer that says it is a success is a refusal: S3 begins some answers before it knows
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>). Most answers are none, and some are long: only what begins
/// like one is read as one.
fn is_error(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    let declared = body
        .strip_prefix(b"<?")
        .and_then(|rest| rest.iter().position(|byte| *byte == b'>').map(|end| &rest[end + 1..]));
    declared.unwrap_or(body).trim_ascii_start().starts_with(b"<Error")
        && Element::parse(body).is_ok_and(|root| root.named("Error").is_ok())
}

/// An answer whose body comes piece by piece.
#[derive(Debug)]
pub struct Opened {
    answer: Begun,
    /// How long the next piece may take.
    stalled: Duration,
}

impl Opened {
    pub(super) fn new(answer: Begun, stalled: Duration) -> Self {
        Self { answer, stalled }
    }

    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.headers().get(name)
    }

    /// The next piece of the body, `None` at its end; or why it breaks off.
    pub async fn next(&mut self) -> Result<Option<Bytes>, String> {
        loop {
            let frame = tokio::time::timeout(self.stalled, self.answer.body_mut().frame()).await;
            match frame.map_err(|_| format!("nothing of the body came for {:?}", self.stalled))? {
                None => return Ok(None),
                Some(Err(error)) => return Err(crate::error::causes(error.as_ref())),
                // What is no data is a trailer.
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data() {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;
    use futures::stream::{self, StreamExt as _};
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;
    use crate::error::{ApiErrorKind, api_error};

    #[tokio::test]
    async fn a_body_that_stands_still_is_not_waited_for() {
        let begun = || {
            let first = stream::iter([Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(b"a")))]);
            let body = SdkBody::from_body_1_x(StreamBody::new(first.chain(stream::pending())));
            HttpResponse::new(StatusCode::try_from(200).unwrap(), body)
        };
        let refused = whole(begun(), Duration::from_millis(20)).await.unwrap_err();
        assert_eq!(api_error("s3", "ListObjectsV2", None, &refused).kind, ApiErrorKind::TimedOut);
        let mut opened = Opened::new(begun(), Duration::from_millis(20));
        assert_eq!(opened.next().await, Ok(Some(Bytes::from_static(b"a"))));
        assert_eq!(opened.next().await, Err("nothing of the body came for 20ms".to_owned()));
    }

    #[test]
    fn a_refusal_is_found_in_a_success() {
        for body in
            ["<Error><Code>a</Code></Error>", " \n<?xml version=\"1.0\"?>\n\n<Error xmlns='x'><Code>a</Code></Error>\n"]
        {
            assert!(is_error(body.as_bytes()), "{body}");
        }
        for body in
            ["", "<Error>", "<Errors/>", "<?xml", "<A><Error/></A>", "Error", "<DeleteResult><Error/></DeleteResult>"]
        {
            assert!(!is_error(body.as_bytes()), "{body}");
        }
    }
}
