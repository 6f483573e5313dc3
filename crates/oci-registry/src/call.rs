//! One request to a registry.

use image_ref::RepositoryName;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use crate::answer::Subject;
use crate::source::BlobSource;

use bytes::Bytes;

/// What a request may do with its repository; the scope of the token it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Pull,
    Push,
}

/// The body of a request. It can be made anew for each attempt.
#[derive(Debug, Clone)]
pub(crate) enum Payload<'a> {
    Empty,
    Bytes(Bytes),
    Blob(&'a BlobSource),
}

/// A request, to be sent once or several times.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) repository: &'a RepositoryName,
    pub(crate) subject: Subject<'a>,
    pub(crate) access: Access,
    /// Another repository that the request reads from.
    pub(crate) from: Option<&'a RepositoryName>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) payload: Payload<'a>,
}

impl<'a> Call<'a> {
    /// A request without body and headers that only reads.
    pub(crate) fn new(method: Method, url: Url, repository: &'a RepositoryName, subject: Subject<'a>) -> Self {
        Self {
            method,
            url,
            repository,
            subject,
            access: Access::Pull,
            from: None,
            headers: Vec::new(),
            payload: Payload::Empty,
        }
    }

    /// The same request with the right to write.
    pub(crate) fn pushing(mut self) -> Self {
        self.access = Access::Push;
        self
    }

    /// The same request with the right to read another repository.
    pub(crate) fn reading(mut self, from: &'a RepositoryName) -> Self {
        self.from = Some(from);
        self
    }

    /// The same request with a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same request with a body.
    pub(crate) fn with_payload(mut self, payload: Payload<'a>) -> Self {
        self.payload = payload;
        self
    }

    /// The scopes of the token the request needs, with a space between them.
    pub(crate) fn scope(&self) -> String {
        let actions = match self.access {
            Access::Pull => "pull",
            Access::Push => "pull,push",
        };
        let own = format!("repository:{}:{actions}", self.repository);
        self.from.map_or_else(|| own.clone(), |from| format!("{own} repository:{from}:pull"))
    }
}
