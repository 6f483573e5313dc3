//! The agreement between our requests, the scripted answers and AWS's models.

use std::sync::{Arc, Mutex, PoisonError};

use crate::aws_model::{Model, Operation, Violation};
use crate::http::{Reply, Request};
use crate::server::StartError;
use crate::violations::Violations;

/// What a scenario declared, and what was broken.
#[derive(Debug, Default)]
pub(super) struct Contract {
    declared: Mutex<Vec<Declared>>,
    broken: Violations,
}

/// A member that no model knows.
#[derive(Debug)]
struct Declared {
    operation: String,
    path: String,
    /// Whether its operation was called at all.
    is_due: bool,
    is_seen: bool,
}

impl Contract {
    /// Makes sure that the models are there: a client would not wait for an installation.
    pub(super) fn open() -> Result<Self, StartError> {
        Model::load("sts").map_err(|source| StartError::Model { source: Box::new(source) })?;
        Ok(Self::default())
    }

    pub(super) fn declare_unknown(&self, operation: &str, path: &str) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let (operation, path) = (operation.to_owned(), path.to_owned());
        declared.push(Declared { operation, path, is_due: false, is_seen: false });
    }

    /// Takes note of what in a request and its answer breaks the models. The client gets its answer as ever: a refusal would be
    /// retried, or swallowed as a hint that could not be had.
    pub(super) fn exchange(&self, request: &Request, reply: &Reply) {
        let Some((model, operation)) = self.request(request) else {
            return;
        };
        // The stand-in's own refusal of what nobody scripted is reported on its own.
        if reply.to_json()["__type"] == "UnscriptedOperation" {
            return;
        }
        let found = self.undeclared(&operation, &model.check_reply(&operation, request, reply));
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.iter_mut().filter(|one| one.operation == operation.name).for_each(|one| one.is_due = true);
        drop(declared);
        self.note(&format!("the answer to {operation}"), &found);
    }

    /// Finds the operation of a request and checks its parameters; `None` when there is no such operation.
    pub(super) fn request(&self, request: &Request) -> Option<(Arc<Model>, Operation)> {
        let nameless = |reason: String| {
            self.note(&request.to_string(), &[reason]);
            None
        };
        let model = match Model::of(request) {
            Ok(Some(model)) => model,
            Ok(None) => return nameless("neither signature, target nor version names a service".to_owned()),
            Err(error) => return nameless(error.to_string()),
        };
        let Some(operation) = model.identify(request) else {
            return nameless(format!("{} has no such operation", model.service()));
        };
        let found = self.undeclared(&operation, &model.check_request(request));
        self.note(&format!("the request {operation}"), &found);
        Some((model, operation))
    }

    /// Returns and forgets what was broken.
    pub(super) fn take(&self) -> Vec<String> {
        self.broken.take()
    }

    /// Fails the test when something was broken.
    pub(super) fn assert_kept(&self) {
        self.broken.note(self.never_seen());
        self.broken.assert_none("AWS's own models");
    }

    fn undeclared(&self, operation: &Operation, found: &[Violation]) -> Vec<String> {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let mut is_declared = |violation: &Violation| {
            let mut same =
                declared.iter_mut().filter(|one| one.operation == operation.name && one.path == violation.path);
            let known = same.next().filter(|_| violation.is_unknown);
            known.map(|one| one.is_seen = true).is_some()
        };
        found.iter().filter(|violation| !is_declared(violation)).map(ToString::to_string).collect()
    }

    /// What was declared, and was in no request and no answer although its operation was called: an exemption without a use.
    fn never_seen(&self) -> Vec<String> {
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let member = |one: &Declared| one.path.rsplit('.').next().unwrap_or_default().to_owned();
        // Declared for a request and its answers, a member is seen in any of them: an answer may be an error.
        let is_seen = |name: &str| declared.iter().any(|one| one.is_seen && member(one) == name);
        let unseen = declared.iter().filter(|one| one.is_due && !is_seen(&member(one)));
        unseen.map(|one| format!("{}: `{}` is declared, and was never seen", one.operation, one.path)).collect()
    }

    fn note(&self, subject: &str, reasons: &[String]) {
        if !reasons.is_empty() {
            self.broken.note([format!("{subject}: {}", reasons.join("; "))]);
        }
    }
}
