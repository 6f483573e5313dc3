//! One request head: read with a limit on size and time, then parsed.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The methods the service distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `HEAD`: the same answer without its body.
    Head,
    /// Anything else that is a well-formed token.
    Other,
}

/// A parsed request line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path without the query.
    pub path: String,
}

/// Why a request is not answered by a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The head is not HTTP.
    Malformed,
    /// The head is longer than the limit.
    TooLarge,
    /// The head did not arrive in time.
    TooSlow,
    /// Another major version of HTTP.
    Version,
    /// The connection ended before the head did; nobody is left to answer.
    Gone,
}

impl Request {
    /// Reads a request head of at most `limit` bytes within `time`.
    pub fn read(stream: &mut TcpStream, limit: usize, time: Duration) -> Result<Self, Rejection> {
        let deadline = Instant::now() + time;
        let mut head = Vec::with_capacity(1024);
        let mut chunk = [0; 1024];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Rejection::TooSlow);
            }
            stream.set_read_timeout(Some(left)).map_err(|_| Rejection::Gone)?;
            let count = stream.read(&mut chunk).map_err(|error| refusal(&error))?;
            if count == 0 {
                return Err(Rejection::Gone);
            }
            head.extend_from_slice(&chunk[..count]);
            if let Some(end) = end_of_head(&head) {
                return if end > limit { Err(Rejection::TooLarge) } else { Self::parse(&head[..end]) };
            }
            if head.len() > limit {
                return Err(Rejection::TooLarge);
            }
        }
    }

    /// Parses a request head that ends with its empty line.
    pub fn parse(head: &[u8]) -> Result<Self, Rejection> {
        let text = std::str::from_utf8(head).map_err(|_| Rejection::Malformed)?;
        let mut lines = text.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(Rejection::Malformed);
        };
        check_version(version)?;
        if !lines.take_while(|line| !line.is_empty()).all(is_header) {
            return Err(Rejection::Malformed);
        }
        Ok(Self { method: parse_method(method)?, path: parse_path(target)? })
    }
}

fn refusal(error: &io::Error) -> Rejection {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Rejection::TooSlow,
        _ => Rejection::Gone,
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|start| start + 4)
}

fn check_version(text: &str) -> Result<(), Rejection> {
    match text {
        "HTTP/1.1" | "HTTP/1.0" => Ok(()),
        _ if text.starts_with("HTTP/") => Err(Rejection::Version),
        _ => Err(Rejection::Malformed),
    }
}

fn is_header(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, value)| is_token(name) && !value.contains(['\r', '\n', '\0']))
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn parse_method(text: &str) -> Result<Method, Rejection> {
    match text {
        "GET" => Ok(Method::Get),
        "HEAD" => Ok(Method::Head),
        _ if is_token(text) => Ok(Method::Other),
        _ => Err(Rejection::Malformed),
    }
}

fn parse_path(target: &str) -> Result<String, Rejection> {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let graphic = path.bytes().all(|byte| byte.is_ascii_graphic());
    if (path.starts_with('/') && graphic) || path == "*" { Ok(path.to_owned()) } else { Err(Rejection::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(head: &str) -> Result<(Method, String), Rejection> {
        Request::parse(head.as_bytes()).map(|request| (request.method, request.path))
    }

    #[test]
    fn parses_a_request_line_with_headers() {
        let head = "GET /health HTTP/1.1\r\nHost: example.test\r\nAccept: */*\r\n\r\n";
        assert_eq!(parse(head), Ok((Method::Get, "/health".to_owned())));
    }

    #[test]
    fn drops_the_query() {
        assert_eq!(parse("HEAD /version?x=/health HTTP/1.0\r\n\r\n"), Ok((Method::Head, "/version".to_owned())));
    }

    #[test]
    fn keeps_other_methods_apart_from_malformed_ones() {
        assert_eq!(parse("DELETE / HTTP/1.1\r\n\r\n"), Ok((Method::Other, "/".to_owned())));
        assert_eq!(parse("GE(T / HTTP/1.1\r\n\r\n"), Err(Rejection::Malformed));
        assert_eq!(parse("get / HTTP/1.1\r\n\r\n"), Ok((Method::Other, "/".to_owned())));
    }

    #[test]
    fn refuses_what_is_not_http() {
        for head in
            ["\r\n\r\n", "GET /\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / SPDY\r\n\r\n", "GET x HTTP/1.1\r\n\r\n"]
        {
            assert_eq!(parse(head), Err(Rejection::Malformed), "{head:?}");
        }
        assert_eq!(Request::parse(b"GET /\xff HTTP/1.1\r\n\r\n"), Err(Rejection::Malformed));
    }

    #[test]
    fn refuses_control_characters_in_the_path() {
        assert_eq!(parse("GET /a\tb HTTP/1.1\r\n\r\n"), Err(Rejection::Malformed));
        assert_eq!(parse("GET /a\nb HTTP/1.1\r\n\r\n"), Err(Rejection::Malformed));
    }

    #[test]
    fn refuses_a_header_without_a_name() {
        assert_eq!(parse("GET / HTTP/1.1\r\n: x\r\n\r\n"), Err(Rejection::Malformed));
        assert_eq!(parse("GET / HTTP/1.1\r\nno colon\r\n\r\n"), Err(Rejection::Malformed));
        assert_eq!(parse("GET / HTTP/1.1\r\nX: a\nY: b\r\n\r\n"), Err(Rejection::Malformed));
    }

    #[test]
    fn names_an_unknown_version() {
        assert_eq!(parse("GET / HTTP/2.0\r\n\r\n"), Err(Rejection::Version));
    }

    #[test]
    fn finds_the_end_of_the_head() {
        assert_eq!(end_of_head(b"a\r\n\r\nbody"), Some(5));
        assert_eq!(end_of_head(b"a\r\n"), None);
    }
}
