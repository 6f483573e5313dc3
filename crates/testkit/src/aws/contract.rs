//! The agreement between our requests, the scripted answers and AWS's models.

use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::aws_model::{Model, Operation, Violation};
use crate::http::{Reply, Request};
use crate::server::StartError;

/// What a scenario declared, and what was broken.
#[derive(Debug, Default)]
pub(super) struct Contract {
    declared: Mutex<Vec<(String, String)>>,
    broken: Mutex<Vec<String>>,
}

impl Contract {
    /// Makes sure that the models are there: a client would not wait for an installation.
    pub(super) fn open() -> Result<Self, StartError> {
        Model::load("sts").map_err(|source| StartError::Model { source: Box::new(source) })?;
        Ok(Self::default())
    }

    pub(super) fn declare_unknown(&self, operation: &str, path: &str) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.push((operation.to_owned(), path.to_owned()));
    }

    /// Answers with `answer` when the request keeps the contract, and with that answer when it does as well.
    pub(super) fn guard(&self, request: &Request, answer: impl FnOnce(&Operation) -> Reply) -> Reply {
        let (model, operation) = match self.request(request) {
            Ok(known) => known,
            Err(refusal) => return refusal,
        };
        let reply = answer(&operation);
        // The stand-in's own refusal of what nobody scripted is reported on its own.
        if reply.to_json()["__type"] == "UnscriptedOperation" {
            return reply;
        }
        let found = self.undeclared(&operation, &model.check_reply(&operation, request, &reply));
        if found.is_empty() { reply } else { self.refuse(&format!("the answer to {operation}"), &found) }
    }

    /// Finds the operation of a request and checks its parameters.
    pub(super) fn request(&self, request: &Request) -> Result<(std::sync::Arc<Model>, Operation), Reply> {
        let refuse = |reason: String| Err(self.refuse(&request.to_string(), &[reason]));
        let model = match Model::of(request) {
            Ok(Some(model)) => model,
            Ok(None) => return refuse("neither signature, target nor version names a service".to_owned()),
            Err(error) => return refuse(error.to_string()),
        };
        let Some(operation) = model.identify(request) else {
            return refuse(format!("{} has no such operation", model.service()));
        };
        let found = self.undeclared(&operation, &model.check_request(request));
        if found.is_empty() {
            return Ok((model, operation));
        }
        Err(self.refuse(&format!("the request {operation}"), &found))
    }

    /// Returns and forgets what was broken.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.broken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fails the test when something was broken.
    pub(super) fn assert_kept(&self) {
        let broken = self.take();
        if std::thread::panicking() {
            // What fails the test may well be the consequence.
            for violation in &broken {
                report(violation);
            }
            return;
        }
        assert!(broken.is_empty(), "requests or scripted answers break AWS's own models: {broken:#?}");
    }

    fn undeclared(&self, operation: &Operation, found: &[Violation]) -> Vec<String> {
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let is_declared = |violation: &Violation| {
            violation.is_unknown
                && declared.iter().any(|(name, path)| *name == operation.name && *path == violation.path)
        };
        found.iter().filter(|violation| !is_declared(violation)).map(ToString::to_string).collect()
    }

    fn refuse(&self, subject: &str, reasons: &[String]) -> Reply {
        let message = format!("{subject}: {}", reasons.join("; "));
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        Reply::json(500, &json!({"__type": "ContractViolation", "message": message}))
            .with_header("x-amzn-errortype", "ContractViolation")
    }
}

#[expect(clippy::print_stderr, reason = "the output of a failing test is where its reasons are looked for")]
fn report(violation: &str) {
    eprintln!("breaks AWS's own models: {violation}");
}
