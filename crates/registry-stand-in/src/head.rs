//! The head of a request.

use std::io::{Error, ErrorKind};

use percent_encoding::percent_decode_str;

/// More headers than any client sends.
const HEADERS: usize = 64;

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Known(u64),
    Chunked,
}

/// What is read of a request's head.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) length: Length,
    pub(crate) content_type: String,
    /// The operation of ECR's API.
    pub(crate) target: Option<String>,
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
            path: decode(path),
            query: query.split('&').filter_map(|pair| pair.split_once('=')).map(pair).collect(),
            length: Length::Known(0),
            content_type: String::new(),
            target: None,
            expects_continue: false,
            closes: false,
        };
        for header in request.headers {
            head.read(header.name, std::str::from_utf8(header.value).unwrap_or_default().trim())?;
        }
        Ok(Some((head, length)))
    }

    fn read(&mut self, name: &str, value: &str) -> Result<(), Error> {
        match name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let length = value.parse().map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
                self.length = Length::Known(length);
            }
            "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => self.length = Length::Chunked,
            "content-type" => value.clone_into(&mut self.content_type),
            "x-amz-target" => self.target = value.rsplit('.').next().map(str::to_owned),
            "expect" => self.expects_continue = value.eq_ignore_ascii_case("100-continue"),
            "connection" => self.closes = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
        Ok(())
    }

    /// A parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn pair((name, value): (&str, &str)) -> (String, String) {
    (decode(name), decode(value))
}
