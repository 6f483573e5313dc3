//! A plain blocking HTTP client, so that evidence can be read back without any client of our own product.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use bytes::Bytes;

use super::Reply;

/// How long a server may be silent: one that serves many tests at the same time is slow, not dead.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ClientError {
    /// The address is no `http://host:port/path` URL.
    #[error("`{url}` is no plain HTTP address")]
    #[diagnostic(code(testkit::http_url), help("pass `http://host:port/path`"))]
    Url {
        /// What was asked for.
        url: String,
    },
    /// The server could not be reached or cut the connection.
    #[error("`{method} {url}` got no answer")]
    #[diagnostic(code(testkit::http_io), help("check that the server runs and listens on that port"))]
    Io {
        /// How it was asked for.
        method: String,
        /// What was asked for.
        url: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The answer is no HTTP/1.x.
    #[error("the answer to `{method} {url}` is no HTTP")]
    #[diagnostic(code(testkit::http_answer), help("another service may listen on that port"))]
    Answer {
        /// How it was asked for.
        method: String,
        /// What was asked for.
        url: String,
    },
}

/// Sends one GET over a new connection and returns the answer, whatever its status.
pub fn get(url: &str) -> Result<Reply, ClientError> {
    send("GET", url, &[], b"")
}

/// Sends one request over a new connection and returns the answer, whatever its status.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Reply, ClientError> {
    let parsed = url::Url::parse(url).ok().filter(|url| url.scheme() == "http");
    let Some(parsed) = parsed else {
        return Err(ClientError::Url { url: url.to_owned() });
    };
    let mut head = format!("{method} {}", parsed.path());
    if let Some(query) = parsed.query() {
        head.push('?');
        head.push_str(query);
    }
    let (host, port) = (parsed.host_str().unwrap_or_default(), parsed.port_or_known_default().unwrap_or(80));
    head.push_str(" HTTP/1.1\r\n");
    let length = body.len().to_string();
    let authority = format!("{host}:{port}");
    let own = [("host", authority.as_str()), ("connection", "close"), ("content-length", &length)];
    let has_agent = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
    let agent = (!has_agent).then_some(("user-agent", "testkit"));
    for (name, value) in own.iter().chain(&agent).chain(headers) {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let raw = exchange((host, port), head.as_bytes(), body).map_err(|source| ClientError::Io {
        method: method.to_owned(),
        url: url.to_owned(),
        source,
    })?;
    parse(&raw).ok_or_else(|| ClientError::Answer { method: method.to_owned(), url: url.to_owned() })
}

fn exchange(address: (&str, u16), head: &[u8], body: &[u8]) -> std::io::Result<Vec<u8>> {
    let address = address.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(head)?;
    stream.write_all(body)?;
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw)?;
    Ok(raw)
}

fn parse(raw: &[u8]) -> Option<Reply> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&raw[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut reply = Reply { status: status.parse().ok()?, headers, body: Bytes::new() };
    let body = &raw[end + 4..];
    let chunked = reply.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    reply.body = if chunked { dechunk(body)?.into() } else { Bytes::copy_from_slice(body) };
    Some(reply)
}

fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let start = end + 2;
        body.extend_from_slice(rest.get(start..start + size)?);
        rest = rest.get(start + size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientError, get, parse};

    #[test]
    fn reads_a_chunked_answer() {
        let raw = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
        let reply = parse(raw).expect("the answer is well-formed");
        assert_eq!((reply.status, reply.to_text().as_str()), (200, "abcde"));
    }

    #[test]
    fn refuses_what_is_not_plain_http() {
        assert!(matches!(get("https://127.0.0.1/"), Err(ClientError::Url { .. })));
        assert!(parse(b"SSH-2.0-OpenSSH\r\n\r\n").is_none());
    }
}
