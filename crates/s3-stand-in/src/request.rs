//! The head of a request, and what a body means that is sent in signed chunks.

use std::borrow::Cow;
use std::io::{Error, ErrorKind};

use percent_encoding::percent_decode_str;

/// More headers than any client sends.
const HEADERS: usize = 64;

/// What is read of a request's head.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// The bucket and the key below it, decoded: `site/a b.txt`; without a slash where no key is named.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) content_length: u64,
    pub(crate) content_md5: Option<[u8; 16]>,
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
    pub(crate) copy_source: Option<String>,
    /// The lines of the headers that an object in parts keeps.
    pub(crate) kept: String,
    /// The algorithm and the kind of the sums that an upload in parts will have.
    pub(crate) checksum: (Option<String>, Option<String>),
    /// What is within the chunks, where the body is sent in chunks of AWS's own framing.
    pub(crate) decoded_length: Option<u64>,
    pub(crate) expects_continue: bool,
    pub(crate) closes: bool,
}

impl Head {
    /// The first head in `bytes` and its length, if it is whole.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Error> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let wrong = |error: httparse::Error| Error::new(ErrorKind::InvalidData, error.to_string());
        let httparse::Status::Complete(length) = request.parse(bytes).map_err(wrong)? else { return Ok(None) };
        let target = request.path.unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut head = Self {
            method: request.method.unwrap_or_default().to_owned(),
            path: decode(path.trim_start_matches('/')).into_owned(),
            query: query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect(),
            ..Self::default()
        };
        for header in request.headers {
            head.read(header.name, std::str::from_utf8(header.value).unwrap_or_default())?;
        }
        Ok(Some((head, length)))
    }

    fn read(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let value = value.trim();
        if self.method == "POST" && is_kept(name) {
            self.kept.push_str(&format!("{name}: {value}\r\n"));
        }
        if is("content-length") {
            self.content_length = value.parse().map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
        } else if is("content-md5") {
            self.content_md5 = md5(value);
        } else if is("if-match") {
            self.if_match = Some(value.trim_matches('"').to_owned());
        } else if is("if-none-match") {
            self.if_none_match = Some(value.trim_matches('"').to_owned());
        } else if is("x-amz-copy-source") {
            self.copy_source = Some(decode(value.trim_start_matches('/')).into_owned());
        } else if is("x-amz-checksum-algorithm") {
            self.checksum.0 = Some(value.to_owned());
        } else if is("x-amz-checksum-type") {
            self.checksum.1 = Some(value.to_owned());
        } else if is("x-amz-decoded-content-length") {
            self.decoded_length = value.parse().ok();
        } else if is("expect") {
            self.expects_continue = value.eq_ignore_ascii_case("100-continue");
        } else if is("connection") {
            self.closes = value.eq_ignore_ascii_case("close");
        } else if is("transfer-encoding") {
            return Err(Error::new(ErrorKind::Unsupported, "S3 wants a Content-Length"));
        }
        Ok(())
    }

    /// The value of `name` in the query; empty where the name stands alone.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The bucket, and the key where one is named.
    pub(crate) fn names(&self) -> (&str, Option<&str>) {
        match self.path.split_once('/') {
            Some((bucket, key)) => (bucket, Some(key).filter(|key| !key.is_empty())),
            None => (&self.path, None),
        }
    }
}

/// Whether an object has such a header.
fn is_kept(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let own = ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type"];
    own.contains(&name.as_str()) || name.starts_with("x-amz-meta-")
}

/// The digest in a header `Content-MD5`.
fn md5(value: &str) -> Option<[u8; 16]> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(value).ok()?.try_into().ok()
}

fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (decode(name).into_owned(), decode(&value.replace('+', " ")).into_owned())
}

/// The content of AWS's own chunks: `SIZE[;chunk-signature=..]\r\n` before each, and a chunk of size 0 before the trailers.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>
pub(crate) fn unchunk(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::with_capacity(body.len());
    loop {
        let end = body.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(body.get(..end)?).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?, 16).ok()?;
        if size == 0 {
            return Some(content);
        }
        let start = end + 2;
        content.extend_from_slice(body.get(start..start + size)?);
        body = body.get(start + size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::{Head, unchunk};

    #[test]
    fn a_head_that_is_not_whole_is_waited_for() {
        assert!(Head::parse(b"GET /site/a HTTP/1.1\r\nhost: x\r\n").unwrap().is_none());
        let whole = b"GET /site/a%20b%2B?prefix=a+b%2B&acl HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
        let (head, length) = Head::parse(whole).unwrap().unwrap();
        assert_eq!((head.names(), head.content_length, length), (("site", Some("a b+")), 3, whole.len() - 3));
        assert_eq!((head.query("prefix"), head.query("acl"), head.query("no")), (Some("a b+"), Some(""), None));
    }

    #[test]
    fn chunks_are_taken_apart() {
        let body = b"4;chunk-signature=00\r\nabcd\r\n2\r\nef\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        assert_eq!(unchunk(body).as_deref(), Some(&b"abcdef"[..]));
        assert_eq!(unchunk(b"4\r\nab"), None);
    }
}
