//! Queued answers.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::call::{Call, Protocol};
use crate::http::Reply;
use crate::wildcard;

/// The answers of one rule; the last one stays.
pub(super) type Answers = Arc<Mutex<VecDeque<Answer>>>;

type Compute = Arc<dyn Fn(&Call) -> Reply + Send + Sync>;

/// Queues answers for one operation. Each call to a method adds to the queue; the last answer stays.
#[derive(Debug)]
pub struct Script {
    answers: Answers,
}

#[derive(Clone)]
pub(super) enum Answer {
    Reply(Reply),
    Error { status: u16, code: String, message: String },
    Compute(Compute),
}

/// Which calls a script is for.
#[derive(Debug)]
pub(super) struct Rule {
    target: Target,
    answers: Answers,
}

#[derive(Debug)]
enum Target {
    Operation(String),
    Rest { method: String, path: String },
}

impl Script {
    pub(super) fn new(answers: Answers) -> Self {
        Self { answers }
    }

    /// Answers 200 with a JSON body.
    #[expect(clippy::needless_pass_by_value, reason = "tests pass a `json!` literal")]
    pub fn reply(&self, body: Value) -> &Self {
        self.push(Answer::Reply(json_reply(&body)))
    }

    /// As [`Script::reply`], for the call after those scripted so far.
    pub fn then(&self, body: Value) -> &Self {
        self.reply(body)
    }

    /// Answers one JSON body after the other.
    pub fn sequence(&self, bodies: impl IntoIterator<Item = Value>) -> &Self {
        for body in bodies {
            self.reply(body);
        }
        self
    }

    /// Answers with a service error, in the form of the caller's protocol.
    pub fn error(&self, status: u16, code: &str, message: &str) -> &Self {
        self.push(Answer::Error { status, code: code.to_owned(), message: message.to_owned() })
    }

    /// As [`Script::error`], for the call after those scripted so far.
    pub fn then_error(&self, status: u16, code: &str, message: &str) -> &Self {
        self.error(status, code, message)
    }

    /// Answers exactly this.
    pub fn raw(&self, reply: Reply) -> &Self {
        self.push(Answer::Reply(reply))
    }

    /// Computes the answer from the call.
    pub fn answer(&self, compute: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> &Self {
        self.push(Answer::Compute(Arc::new(compute)))
    }

    fn push(&self, answer: Answer) -> &Self {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push_back(answer);
        self
    }
}

impl Rule {
    pub(super) fn operation(name: &str) -> Self {
        Self::new(Target::Operation(name.to_owned()))
    }

    pub(super) fn rest(method: &str, path: &str) -> Self {
        Self::new(Target::Rest { method: method.to_owned(), path: path.to_owned() })
    }

    fn new(target: Target) -> Self {
        Self { target, answers: Answers::default() }
    }

    pub(super) fn answers(&self) -> Answers {
        Arc::clone(&self.answers)
    }

    /// Takes the next answer when the call is of this rule; the last answer is kept.
    pub(super) fn next(&self, call: &Call) -> Option<Answer> {
        if !self.target.covers(call) {
            return None;
        }
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    }
}

impl Target {
    fn covers(&self, call: &Call) -> bool {
        match self {
            Self::Operation(name) => call.is(name),
            Self::Rest { method, path } => {
                call.protocol() == Protocol::Rest
                    && wildcard::matches(method, &call.request.method)
                    && wildcard::matches(path, &call.request.path)
            }
        }
    }
}

impl Answer {
    pub(super) fn reply(&self, call: &Call) -> Reply {
        match self {
            Self::Reply(reply) => reply.clone(),
            Self::Compute(compute) => compute(call),
            Self::Error { status, code, message } => error(call.protocol(), *status, code, message),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(reply) => write!(f, "Reply({})", reply.status),
            Self::Error { status, code, .. } => write!(f, "Error({status} {code})"),
            Self::Compute(_) => f.write_str("Compute"),
        }
    }
}

fn json_reply(body: &Value) -> Reply {
    Reply::new(200).with_header("content-type", "application/x-amz-json-1.1").with_body(body.to_string())
}

fn error(protocol: Protocol, status: u16, code: &str, message: &str) -> Reply {
    let (name, text) = (escape(code), escape(message));
    match protocol {
        Protocol::Json => Reply::new(status)
            .with_header("content-type", "application/x-amz-json-1.1")
            .with_header("x-amzn-errortype", code)
            .with_body(json!({"__type": code, "message": message}).to_string()),
        Protocol::Query => Reply::xml(
            status,
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{name}</Code><Message>{text}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
            ),
        ),
        Protocol::Rest => Reply::xml(
            status,
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{name}</Code><Message>{text}</Message><RequestId>0</RequestId></Error>"
            ),
        ),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
