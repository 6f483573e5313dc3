//! A scripted AWS endpoint: tests queue answers per operation, everything else is refused and reported.
//!
//! Every request and every scripted answer is checked against botocore's model of the service ([`crate::aws_model`]): unknown
//! and missing members, types, enum values, lengths, ranges, patterns, statuses and error codes. What breaks the model is
//! answered as ever and fails the test in the end, unless the scenario declared it ([`FakeAws::declare_unknown`]). Answers that
//! come from [`Faults`] are not checked, as faults are what no model describes; requests that meet a fault are.
//!
//! For tests only: dropping a [`FakeAws`] that received a call nobody scripted, or that saw a violation, panics with the list.

mod call;
mod contract;
mod proxy;
mod script;

use std::sync::{Arc, Mutex, PoisonError};

pub use call::Call;
use contract::Contract;
pub use proxy::ContractProxy;
pub use script::Script;
use script::{Answers, Rule};
use serde_json::json;

use crate::fault::Faults;
use crate::http::{Exchange, Reply, Request};
use crate::server::{Server, StartError, blocking};

const REQUEST_ID: (&str, &str) = ("x-amzn-requestid", "00000000-0000-4000-8000-000000000000");

/// How our clients introduce themselves to AWS.
const OURS: &str = "app/slipway";

/// A running AWS stand-in.
#[derive(Debug)]
pub struct FakeAws {
    server: Server,
    state: Arc<Mutex<State>>,
    contract: Arc<Contract>,
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
        let contract = Arc::new(Contract::open()?);
        let (shared, checked) = (Arc::clone(&state), Arc::clone(&contract));
        let server = Server::start(blocking(move |request| {
            let reply = answer(&shared, request).with_header(REQUEST_ID.0, REQUEST_ID.1);
            checked.exchange(request, &reply);
            reply
        }))?;
        let unanswered = Arc::clone(&contract);
        server.watch_faults(move |request| drop(unanswered.request(request)));
        Ok(Self { server, state, contract, unexpected })
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

    /// Allows what stands at `path` of an operation's input or output, and below it, although the model does not know it. Items of
    /// lists are `[]`, values of maps `{}`: `containerDefinitions[].newField`.
    pub fn declare_unknown(&self, operation: &str, path: &str) {
        self.contract.declare_unknown(operation, path);
    }

    /// Returns what does the same as [`FakeAws::declare_unknown`], for answers that are computed.
    pub(crate) fn declarations(&self) -> impl Fn(&str, &str) + Send + Sync + 'static {
        let contract = Arc::clone(&self.contract);
        move |operation, path| contract.declare_unknown(operation, path)
    }

    /// Returns and forgets what broke the models.
    pub fn violations(&self) -> Vec<String> {
        self.contract.take()
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
        self.contract.assert_kept();
    }
}

/// Returns what in our own clients' requests breaks AWS's models; a registry below `/v2/` is no AWS operation, and other clients'
/// requests are their own affair. For a rehearsal, which reports it instead of failing by a panic.
pub fn violations(requests: &[Request]) -> Result<Vec<String>, StartError> {
    let contract = Contract::open()?;
    let agents = |request: &Request| {
        ["user-agent", "x-amz-user-agent"].map(|name| request.header(name).unwrap_or_default().to_owned())
    };
    let is_ours = |request: &&Request| agents(request).iter().any(|agent| agent.contains(OURS));
    for request in requests.iter().filter(is_ours).filter(|request| !request.path.starts_with("/v2/")) {
        contract.request(request);
    }
    let mut found = contract.take();
    found.sort();
    found.dedup();
    Ok(found)
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
    match answer {
        Some(answer) => answer.reply(&call),
        None => Reply::json(
            500,
            &json!({"__type": "UnscriptedOperation", "message": format!("the test scripted no answer to {}", call.operation)}),
        ),
    }
}

#[cfg(test)]
mod tests;
