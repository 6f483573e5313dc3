//! The agreement between our requests, the stand-in's answers and GitHub's OpenAPI document.

use std::sync::{Mutex, Once, PoisonError};

use serde_json::json;

use crate::http::{Exchange, Reply, Request};
use crate::openapi::{self, Store};

/// Says once a process that there is nothing to check against.
static SKIPPED: Once = Once::new();

/// What was broken.
#[derive(Debug)]
pub(super) struct Contract {
    document: Option<&'static Store>,
    broken: Mutex<Vec<String>>,
}

impl Contract {
    #[expect(clippy::print_stderr, reason = "the list of tests says what was skipped")]
    pub(super) fn open() -> Self {
        let document = openapi::github();
        if let Err(reason) = &document {
            SKIPPED.call_once(|| eprintln!("SKIPPED the contract of the GitHub stand-in: {reason}"));
        }
        Self { document: document.ok(), broken: Mutex::default() }
    }

    /// Returns the answer when request and answer are as the document describes them, else a refusal.
    pub(super) fn guard(&self, request: &Request, reply: Reply) -> Reply {
        let Some(document) = self.document else {
            return reply;
        };
        let exchange = Exchange { request: request.clone(), reply: Some(reply.clone()) };
        let Err(problems) = document.check_exchange(&exchange) else {
            return reply;
        };
        let message = problems.join("; ");
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        Reply::json(500, &json!({"message": format!("ContractViolation: {message}")}))
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.broken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fails the test when something was broken.
    #[expect(clippy::print_stderr, reason = "the output of a failing test is where its reasons are looked for")]
    pub(super) fn assert_kept(&self) {
        let broken = self.take();
        if std::thread::panicking() {
            for violation in &broken {
                eprintln!("breaks GitHub's description: {violation}");
            }
            return;
        }
        assert!(broken.is_empty(), "requests or answers break GitHub's own description: {broken:#?}");
    }
}
