//! Uploads under way, as their answers told them.

use std::collections::BTreeMap;

use super::Seen;
use super::endpoint::Endpoint;
use super::text::range;
use crate::http::Request;

/// An upload the registry began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Session {
    /// How many bytes it took.
    pub(super) length: usize,
    /// A `PUT` or `DELETE` ended it.
    pub(super) ended: bool,
}

/// All uploads by the path of their address.
#[derive(Debug, Default)]
pub(super) struct Sessions(BTreeMap<String, Session>);

impl Sessions {
    pub(super) fn find(&self, request: &Request) -> Option<Session> {
        self.0.get(&request.path).cloned()
    }

    /// Takes note of what the answer means for the uploads.
    pub(super) fn follow(&mut self, seen: &Seen<'_>) {
        let success = seen.reply.is_success();
        match (&seen.endpoint, seen.request.method.as_str()) {
            (Endpoint::Uploads(_), "POST") if seen.reply.status == 202 => {
                if let Some(path) = seen.reply.header("location").map(path) {
                    self.0.insert(path, Session::default());
                }
            }
            (Endpoint::Upload(_), "PATCH") if success => {
                let session = self.0.entry(seen.request.path.clone()).or_default();
                session.length += seen.request.body.len();
                let next = session.clone();
                if let Some(path) = seen.reply.header("location").map(path) {
                    self.0.insert(path, next);
                }
            }
            (Endpoint::Upload(_), "PUT" | "DELETE") if success || seen.reply.status == 400 => {
                self.0.entry(seen.request.path.clone()).or_default().ended = true;
            }
            _ => {}
        }
    }
}

/// Whether a chunk, where the request says which it is, starts where the upload ends.
pub(super) fn is_in_order(seen: &Seen<'_>) -> bool {
    let Some(session) = &seen.session else {
        return true;
    };
    let given = seen.request.header("content-range");
    given.is_none_or(|text| range(text).is_some_and(|(start, _)| start == session.length))
}

/// The path of an absolute or relative address.
fn path(location: &str) -> String {
    let absolute = url::Url::parse(location).map(|url| url.path().to_owned());
    absolute.unwrap_or_else(|_| location.split(['?', '#']).next().unwrap_or_default().to_owned())
}
