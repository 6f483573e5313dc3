//! A scripted AWS endpoint: tests queue answers per operation, everything else is refused and reported.
//!
//! For tests only: dropping a [`FakeAws`] that received a call nobody scripted panics with the list of such calls.

mod call;
mod script;

use std::sync::{Arc, Mutex, PoisonError};

pub use call::Call;
pub use script::Script;
use script::{Answers, Rule};
use serde_json::json;

use crate::fault::Faults;
use crate::http::{Exchange, Reply, Request};
use crate::server::{Server, StartError, blocking};

/// A running AWS stand-in.
#[derive(Debug)]
pub struct FakeAws {
    server: Server,
    state: Arc<Mutex<State>>,
    unexpected: OnUnexpected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnUnexpected {
    Panic,
    Keep,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    calls: Vec<Call>,
    unexpected: Vec<Call>,
}

impl FakeAws {
    /// Starts an endpoint that panics on drop when a call was not scripted.
    pub fn start() -> Result<Self, StartError> {
        Self::start_as(OnUnexpected::Panic)
    }

    /// Starts an endpoint whose unexpected calls the test inspects itself.
    pub fn start_lenient() -> Result<Self, StartError> {
        Self::start_as(OnUnexpected::Keep)
    }

    fn start_as(unexpected: OnUnexpected) -> Result<Self, StartError> {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(blocking(move |request| answer(&shared, request)))?;
        Ok(Self { server, state, unexpected })
    }

    /// Scripts an operation: the whole `X-Amz-Target`, its part after the dot, or the `Action` of a query protocol.
    pub fn on(&self, operation: &str) -> Script {
        self.script(Rule::operation(operation))
    }

    /// Scripts a REST call by method (`*`: any) and path pattern (`*` matches any text, `/` included).
    pub fn on_rest(&self, method: &str, path: &str) -> Script {
        self.script(Rule::rest(method, path))
    }

    /// Puts a new rule in front: a test may script over what a helper has scripted.
    fn script(&self, rule: Rule) -> Script {
        let answers: Answers = rule.answers();
        self.lock().rules.insert(0, rule);
        Script::new(answers)
    }

    /// Returns the server's address, for `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the variables that lead an AWS client here: endpoint, region, dummy credentials, no metadata service, no files.
    pub fn env(&self) -> Vec<(String, String)> {
        env(&self.url())
    }

    /// Returns all calls in order of arrival; those a fault answered are only in [`FakeAws::requests`].
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// Returns the calls to one operation, named as for [`FakeAws::on`].
    pub fn calls_to(&self, operation: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.is(operation)).collect()
    }

    /// Returns the names of the operations called, without their service prefix; REST calls are `METHOD /path`.
    pub fn operations(&self) -> Vec<String> {
        self.calls().iter().map(|call| call.name().to_owned()).collect()
    }

    /// Returns and forgets the calls nothing was scripted for.
    pub fn unexpected(&self) -> Vec<Call> {
        std::mem::take(&mut self.lock().unexpected)
    }

    /// Returns the recorded requests.
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// Returns the recorded requests with their answers.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.server.exchanges()
    }

    /// Forgets the recorded requests and calls.
    pub fn clear_requests(&self) {
        self.server.clear_requests();
        self.lock().calls.clear();
    }

    /// Returns the faults of this server.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        let unexpected = self.unexpected();
        let tolerated = self.unexpected == OnUnexpected::Keep || std::thread::panicking();
        assert!(
            tolerated || unexpected.is_empty(),
            "the program called AWS operations which the test did not script: {unexpected:#?}"
        );
    }
}

/// Returns the variables that lead an AWS client to `endpoint` and to nothing of the machine's own.
pub(crate) fn env(endpoint: &str) -> Vec<(String, String)> {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn answer(state: &Mutex<State>, request: &Request) -> Reply {
    let call = Call::read(request);
    let answer = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.calls.push(call.clone());
        let answer = state.rules.iter().find_map(|rule| rule.next(&call));
        if answer.is_none() {
            state.unexpected.push(call.clone());
        }
        answer
    };
    let id = |reply: Reply| reply.with_header("x-amzn-requestid", "00000000-0000-4000-8000-000000000000");
    match answer {
        Some(answer) => id(answer.reply(&call)),
        None => id(Reply::json(
            500,
            &json!({"__type": "UnscriptedOperation", "message": format!("the test scripted no answer to {}", call.operation)}),
        )),
    }
}

#[cfg(test)]
mod tests;
