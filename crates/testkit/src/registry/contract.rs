//! The agreement between the registry, its clients and the OCI distribution specification, version 1.1.
//!
//! Each [`Rule`] stands in one of two tables with the section it comes from (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md>).
//! The registry's own answers keep to all of [`answers::RULES`], whoever asked; requests must keep to [`requests::RULES`] when
//! they come from our own clients, which a user agent tells. Answers that a fault gives are none of the registry's.

mod answers;
mod endpoint;
mod listings;
mod requests;
mod sessions;
mod text;

use std::sync::{Mutex, PoisonError};

use endpoint::Endpoint;
use sessions::{Session, Sessions};

use crate::http::{Reply, Request};
use crate::violations::{OUR_AGENT, Violations};

/// One sentence of the specification.
pub(super) struct Rule {
    /// Its name, for [`Quirk`]s.
    name: &'static str,
    /// The title of the section it stands in.
    section: &'static str,
    /// What is demanded.
    says: &'static str,
    /// Whether an exchange breaks it, and how.
    broken: fn(&Seen<'_>) -> Option<String>,
}

/// A rule the registry breaks on purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quirk {
    pub(super) rule: &'static str,
    /// The methods it is broken for.
    pub(super) methods: &'static [&'static str],
    /// Whose habit it is, and where that is written down. Read by people alone.
    #[expect(dead_code, reason = "a declaration without a reason would be none")]
    pub(super) reason: &'static str,
}

/// An exchange as the rules see it.
pub(super) struct Seen<'a> {
    endpoint: Endpoint,
    request: &'a Request,
    /// The registry's answer, for rules about answers.
    reply: &'a Reply,
    /// The upload the address belongs to, as it was before the request.
    session: Option<Session>,
}

/// What was seen, and what was broken.
#[derive(Debug, Default)]
pub(super) struct Contract {
    quirks: Vec<Quirk>,
    sessions: Mutex<Sessions>,
    broken: Violations,
}

impl Contract {
    pub(super) fn new(quirks: Vec<Quirk>) -> Self {
        Self { quirks, ..Self::default() }
    }

    /// Checks a request that a fault answers.
    pub(super) fn request(&self, request: &Request) {
        if is_for_a_token(request) {
            return;
        }
        let session = self.sessions().find(request);
        let nothing = Reply::new(0);
        self.apply(requests::RULES, &Seen::new(request, &nothing, session));
    }

    /// Checks a request and the answer the registry gives it.
    pub(super) fn exchange(&self, request: &Request, reply: &Reply) {
        if is_for_a_token(request) {
            return;
        }
        let session = self.sessions().find(request);
        let seen = Seen::new(request, reply, session);
        self.apply(requests::RULES, &seen);
        self.apply(answers::RULES, &seen);
        self.apply(listings::RULES, &seen);
        self.sessions().follow(&seen);
    }

    /// Returns and forgets what was broken.
    pub(super) fn take(&self) -> Vec<String> {
        self.broken.take()
    }

    /// Fails the test when something was broken.
    pub(super) fn assert_kept(&self) {
        self.broken.assert_none("the OCI distribution specification");
    }

    fn apply(&self, rules: &[Rule], seen: &Seen<'_>) {
        let is_request = std::ptr::eq(rules, requests::RULES);
        if is_request && !seen.is_ours() {
            return;
        }
        let party = if is_request { "the request" } else { "the answer to" };
        let method = seen.request.method.as_str();
        let is_quirk =
            |rule: &Rule| self.quirks.iter().any(|quirk| quirk.rule == rule.name && quirk.methods.contains(&method));
        for rule in rules.iter().filter(|rule| !is_quirk(rule)) {
            if let Some(reason) = (rule.broken)(seen) {
                let (says, section) = (rule.says, rule.section);
                let message =
                    format!("{party} {}: {reason} ({}: {says}; section \"{section}\")", seen.request, rule.name);
                self.broken.note([message]);
            }
        }
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it goes to the token server, which is no part of the specification.
fn is_for_a_token(request: &Request) -> bool {
    request.path == "/token"
}

impl<'a> Seen<'a> {
    fn new(request: &'a Request, reply: &'a Reply, session: Option<Session>) -> Self {
        Self { endpoint: Endpoint::of(request), request, reply, session }
    }

    fn is_ours(&self) -> bool {
        self.request.header("user-agent").is_some_and(|agent| agent.starts_with(OUR_AGENT))
    }

    fn is(&self, method: &str) -> bool {
        self.request.method == method
    }

    /// Whether the registry answered this to that method.
    fn answered(&self, method: &str, status: u16) -> bool {
        self.is(method) && self.reply.status == status
    }

    fn query(&self, name: &str) -> Option<String> {
        self.request.query_value(name)
    }
}

#[cfg(test)]
mod tests;
