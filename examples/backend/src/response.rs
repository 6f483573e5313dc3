//! One answer and its bytes on the wire.

use std::fmt::Write as _;
use std::io::{self, Write};

/// An answer with a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The reason phrase that belongs to the code.
    pub reason: &'static str,
    /// The value of the `Allow` header, with 405 only.
    pub allow: Option<&'static str>,
    /// The JSON document.
    pub body: String,
    /// Whether the body is sent; `HEAD` is answered with the headers alone.
    pub with_body: bool,
}

impl Response {
    /// Builds an answer whose body is sent.
    pub fn new(status: u16, reason: &'static str, body: String) -> Self {
        Self { status, reason, allow: None, body, with_body: true }
    }

    /// Writes the answer; the connection closes behind it.
    pub fn write_to(&self, stream: &mut impl Write) -> io::Result<()> {
        let mut message = self.head();
        if self.with_body {
            message.push_str(&self.body);
        }
        stream.write_all(message.as_bytes())?;
        stream.flush()
    }

    fn head(&self) -> String {
        let mut head = format!(
            "HTTP/1.1 {} {}\r\n\
             Content-Type: application/json\r\n\
             Content-Length: {}\r\n\
             Cache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\n\
             Connection: close\r\n",
            self.status,
            self.reason,
            self.body.len()
        );
        if let Some(methods) = self.allow {
            // Writing to a `String` cannot fail.
            let _ = write!(head, "Allow: {methods}\r\n");
        }
        head.push_str("\r\n");
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(response: &Response) -> String {
        let mut sink = Vec::new();
        response.write_to(&mut sink).unwrap();
        String::from_utf8(sink).unwrap()
    }

    #[test]
    fn writes_a_complete_message() {
        let text = bytes(&Response::new(200, "OK", "{}".to_owned()));
        assert_eq!(
            text,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{}"
        );
    }

    #[test]
    fn keeps_the_length_but_not_the_body_for_head() {
        let response = Response { with_body: false, ..Response::new(200, "OK", "{}".to_owned()) };
        let text = bytes(&response);
        assert!(text.contains("Content-Length: 2\r\n"));
        assert!(text.ends_with("\r\n\r\n"));
    }

    #[test]
    fn names_the_allowed_methods() {
        let response =
            Response { allow: Some("GET, HEAD"), ..Response::new(405, "Method Not Allowed", "{}".to_owned()) };
        assert!(bytes(&response).contains("\r\nAllow: GET, HEAD\r\n"));
    }
}
