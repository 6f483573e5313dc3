//! IAM as AWS enforces it: a proxy that tells what permission each request needs, and refuses what a policy does not allow;
//! and the proof that a policy is the least one.
//!
//! Permissions come from the service authorization reference
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>)
//! and are written down here apart from the actions' own policies, so that one checks the other.

mod definitions;
mod denial;
mod need;
mod neighbors;
mod operations;
pub mod pattern;
mod policy;
mod proof;
mod registry;

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

pub use definitions::{Definitions, DefinitionsError};
pub use need::Need;
pub use operations::Place;
pub use policy::{Part, Policy};
pub use proof::{Scenario, passes, prove, prove_beyond};

use crate::fault::FaultProxy;
use crate::http::{Reply, Request};
use crate::server::StartError;

/// What one role may do, and what it was seen to do. Several proxies share it.
#[derive(Debug, Clone)]
pub struct Role {
    place: Place,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    policy: Policy,
    needed: Vec<Need>,
    denied: Vec<Need>,
    unknown: Vec<String>,
}

impl Role {
    /// A role with one policy.
    pub fn new(place: &Place, policy: Policy) -> Self {
        let state = State { policy, needed: Vec::new(), denied: Vec::new(), unknown: Vec::new() };
        Self { place: place.clone(), state: Arc::new(Mutex::new(state)) }
    }

    /// The same role where the resources of another account are: what it may do and was seen to do is shared.
    #[must_use]
    pub fn at(&self, place: &Place) -> Self {
        Self { place: place.clone(), state: Arc::clone(&self.state) }
    }

    /// Starts a proxy in front of an AWS emulator or a registry: it passes on what the role may do.
    pub fn guard(&self, upstream: &str) -> Result<FaultProxy, StartError> {
        let role = self.clone();
        FaultProxy::start_checked(upstream, move |request| role.refusal(request))
    }

    /// The permissions that were needed so far, in order.
    pub fn needed(&self) -> Vec<Need> {
        self.lock().needed.clone()
    }

    /// Those that were refused.
    pub fn denied(&self) -> Vec<Need> {
        self.lock().denied.clone()
    }

    /// Requests of which nobody wrote down what permission they need.
    pub fn unknown(&self) -> Vec<String> {
        self.lock().unknown.clone()
    }

    fn refusal(&self, request: &Request) -> Option<Reply> {
        let Some(asked) = operations::asked(&self.place, request) else {
            self.lock().unknown.push(request.line());
            return Some(Reply::text(500, format!("no permission is written down for {request}")));
        };
        let denied: Vec<Need> = {
            let mut state = self.lock();
            let denied = asked.needs.iter().filter(|need| !state.policy.allows(need)).cloned().collect::<Vec<_>>();
            state.needed.extend(asked.needs.iter().cloned());
            state.denied.extend(denied.iter().cloned());
            denied
        };
        (!denied.is_empty()).then(|| denial::reply(&self.place, &asked, &denied, request))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The permissions that a request needs; `None` when nobody wrote them down.
pub fn needs(place: &Place, request: &Request) -> Option<Vec<Need>> {
    operations::asked(place, request).map(|asked| asked.needs)
}

/// Text members of a request's parameters.
fn text<'a>(parameters: &'a Value, member: &str) -> &'a str {
    parameters[member].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
