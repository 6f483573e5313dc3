//! The agreement between our requests, the stand-in's answers and GitHub's OpenAPI document.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use super::graphql;
use crate::http::{Reply, Request};
use crate::openapi::{self, Store};
use crate::violations::{OUR_AGENT, Violations};

/// What GitHub's document leaves to words: the headers of every request
/// (<https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#headers>).
const HEADERS: [(&str, &str); 2] = [("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")];

/// Says once a process that there is nothing to check against.
static SKIPPED: Once = Once::new();

/// What was broken.
#[derive(Debug)]
pub(super) struct Contract {
    document: Option<&'static Store>,
    bad_requests: AtomicBool,
    broken: Violations,
}

impl Contract {
    #[expect(clippy::print_stderr, reason = "the list of tests says what was skipped")]
    pub(super) fn open() -> Self {
        let document = openapi::github();
        if let Err(reason) = &document {
            SKIPPED.call_once(|| eprintln!("SKIPPED the contract of the GitHub stand-in: {reason}"));
        }
        Self { document: document.ok(), bad_requests: AtomicBool::new(false), broken: Violations::default() }
    }

    /// Lets requests pass that are none.
    pub(super) fn allow_bad_requests(&self) {
        self.bad_requests.store(true, Ordering::Release);
    }

    /// Takes note of what in a request is not as the document describes it, whatever its answer.
    pub(super) fn request(&self, request: &Request) {
        let Some(document) = self.document.filter(|_| !self.bad_requests.load(Ordering::Acquire)) else {
            return;
        };
        self.broken.note(if is_graphql(request) {
            graphql::problems(&request.json())
        } else {
            document.check_sent(request).err().unwrap_or_default()
        });
        self.broken.note(headers(request));
    }

    /// Takes note of what in an exchange is not as the document describes it. The client gets its answer as ever.
    pub(super) fn exchange(&self, request: &Request, reply: &Reply) {
        self.request(request);
        if let Some(document) = self.document.filter(|_| !is_graphql(request)) {
            let checked = document.check_response(&request.method, &request.path, reply.status, &reply.to_json());
            self.broken.note(checked.err().unwrap_or_default());
        }
    }

    pub(super) fn take(&self) -> Vec<String> {
        self.broken.take()
    }

    /// Fails the test when something was broken.
    pub(super) fn assert_kept(&self) {
        self.broken.assert_none("GitHub's own description");
    }
}

/// Whether the request is one of GraphQL, which the document does not describe.
fn is_graphql(request: &Request) -> bool {
    request.path.ends_with("/graphql")
}

/// What the headers of a request lack. GitHub refuses requests without a user agent; the others keep our own clients at
/// the version of the API they were written for.
fn headers(request: &Request) -> Vec<String> {
    let Some(agent) = request.header("user-agent") else {
        return vec![format!("request {request}: it has no `user-agent`")];
    };
    let lacks = |(name, value): &(&str, &str)| {
        let given = request.header(name).unwrap_or_default();
        (given != *value).then(|| format!("request {request}: `{name}: {given}` instead of `{value}`"))
    };
    if agent.starts_with(OUR_AGENT) { HEADERS.iter().filter_map(lacks).collect() } else { Vec::new() }
}
