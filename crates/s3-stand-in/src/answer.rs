//! Answers and the errors among them.

use std::fmt::Write as _;

use crate::object::{Object, rfc7231};

/// An answer; its body is XML unless it is an object's.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
    /// What `Content-Length` says where the body is left out.
    length: Option<u64>,
}

impl Answer {
    /// Without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// A document.
    pub(crate) fn xml(root: &str, content: &str) -> Self {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</{root}>"
        );
        Self { status: 200, body: body.into_bytes(), ..Self::default() }.header("content-type", "application/xml")
    }

    /// Plain text.
    pub(crate) fn text(body: String) -> Self {
        Self { status: 200, body: body.into_bytes(), ..Self::default() }.header("content-type", "text/plain")
    }

    /// An error of S3.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    pub(crate) fn error(status: u16, code: &str) -> Self {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{code}</Message></Error>"
        );
        Self { status, body: body.into_bytes(), ..Self::default() }.header("content-type", "application/xml")
    }

    /// An object; without its content for HEAD.
    pub(crate) fn object(object: &Object, is_head: bool) -> Self {
        let body = object.body.as_deref().filter(|_| !is_head).unwrap_or_default().to_vec();
        let headers = object.headers.as_deref().unwrap_or("content-type: binary/octet-stream\r\n").to_owned();
        Self { status: 200, body, length: Some(object.size).filter(|_| is_head), headers }
            .header("etag", &format!("\"{}\"", object.tag))
            .header("last-modified", &rfc7231(object.modified))
    }

    /// With a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(name);
        self.headers.push_str(": ");
        self.headers.push_str(value);
        self.headers.push_str("\r\n");
        self
    }

    /// Writes it as it goes over the wire, without its body for HEAD.
    pub(crate) fn write(&self, wire: &mut Vec<u8>, is_head: bool) {
        let reason = match self.status {
            200 => "OK",
            204 => "No Content",
            304 => "Not Modified",
            404 => "Not Found",
            412 => "Precondition Failed",
            _ => "Error",
        };
        let length = self.length.unwrap_or(self.body.len() as u64);
        let mut head = String::with_capacity(192 + self.headers.len());
        // Writing to a string does not fail.
        let _ = write!(head, "HTTP/1.1 {} {reason}\r\nx-amz-request-id: STANDIN\r\n{}", self.status, self.headers);
        if self.status != 204 && self.status != 304 {
            let _ = write!(head, "content-length: {length}\r\n");
        }
        head.push_str("\r\n");
        wire.extend_from_slice(head.as_bytes());
        if !is_head {
            wire.extend_from_slice(&self.body);
        }
    }
}

/// Text within XML.
pub(crate) fn escape(text: &str, xml: &mut String) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\r' => xml.push_str("&#13;"),
            other => xml.push(other),
        }
    }
}
