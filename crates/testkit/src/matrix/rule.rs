//! How each kind of call must take each kind of fault. Written from the design, before any run; it knows no action.

use serde::Serialize;

use super::call::{Named, Service};

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Class {
    /// It reads what the run needs.
    Read,
    /// It reads again and again until something has happened.
    Poll,
    /// It reads what only makes a message better.
    Hint,
    /// It writes, and writing twice is the same as writing once.
    IdempotentWrite,
    /// It writes, and the client cannot know by itself whether writing twice is the same.
    AmbiguousWrite,
    /// It tidies up behind a result that is there: its failure is a warning.
    Tidy,
}

impl Class {
    /// Whether the call changes something.
    pub fn writes(self) -> bool {
        match self {
            Self::Read | Self::Poll | Self::Hint => false,
            Self::IdempotentWrite | Self::AmbiguousWrite | Self::Tidy => true,
        }
    }
}

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Throttled once.
    ThrottledOnce,
    /// Throttled from now on.
    ThrottledAlways,
    /// A server error once, in the service's own form.
    ErrorOnce,
    /// A server error from now on: the HTML page of a proxy.
    ErrorAlways,
    /// The connection is reset before the request arrives, once.
    ResetOnce,
    /// The connection is reset from now on.
    ResetAlways,
    /// The request is executed, its answer is lost.
    AnswerLost,
    /// The request is executed and never answered, once.
    TimedOutOnce,
    /// Requests are executed and never answered from now on.
    TimedOutAlways,
    /// The answer comes slowly, but it comes.
    Slow,
    /// The answer breaks off half-way, once.
    Truncated,
    /// The answer stops half-way and never goes on, once.
    Stalled,
    /// The credentials have expired.
    Expired,
    /// The credentials do not suffice.
    Denied,
    /// The run is cancelled while the request is under way.
    Cancelled,
    /// The run is cancelled while the request is under way, which is executed and never answered.
    Abandoned,
}

impl Kind {
    /// All faults, in the table's order.
    pub const ALL: [Self; 16] = [
        Self::ThrottledOnce,
        Self::ErrorOnce,
        Self::ResetOnce,
        Self::AnswerLost,
        Self::TimedOutOnce,
        Self::Truncated,
        Self::Stalled,
        Self::Slow,
        Self::ThrottledAlways,
        Self::ErrorAlways,
        Self::ResetAlways,
        Self::TimedOutAlways,
        Self::Expired,
        Self::Denied,
        Self::Cancelled,
        Self::Abandoned,
    ];

    /// Whether the fault concerns an answer's body, so that an answer without one cannot have it.
    pub fn needs_body(self) -> bool {
        matches!(self, Self::Slow | Self::Truncated | Self::Stalled)
    }

    /// Whether the run is cancelled.
    pub fn is_cancelled(self) -> bool {
        matches!(self, Self::Cancelled | Self::Abandoned)
    }

    /// Whether a time-out ends it.
    pub(super) fn is_waited_for(self) -> bool {
        matches!(self, Self::TimedOutOnce | Self::TimedOutAlways | Self::Stalled)
    }

    /// Whether the request may have been executed all the same.
    fn is_executed(self) -> bool {
        let is_cut = matches!(self, Self::AnswerLost | Self::Truncated | Self::Cancelled | Self::Abandoned);
        is_cut || self.is_waited_for()
    }
}

/// What a failed run left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// Everything as it was.
    Untouched,
    /// Some of the steps, in their order; the one that failed may be among them.
    Partly,
    /// Everything as it should be.
    Done,
}

/// How a run fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The code of the error.
    pub code: String,
    /// The exit code.
    pub exit: i32,
    /// What is left.
    pub left: Left,
}

/// How a run ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Expected {
    /// It succeeds after the call was made once more.
    Retried,
    /// It succeeds as if nothing had been.
    Unnoticed,
    /// It fails.
    Fails(Failure),
}

impl Expected {
    /// A failure.
    pub fn fails(code: &str, exit: i32, left: Left) -> Self {
        Self::Fails(Failure { code: code.to_owned(), exit, left })
    }
}

/// Where a call stands in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Nothing is written before it.
    pub first: bool,
    /// Nothing but tidying up comes behind it: when it is answered, the result is there.
    pub last: bool,
}

/// How a call of `class` must take a fault. `action` names the code of a cancelled run.
pub fn rule(action: &str, call: &Named, class: Class, kind: Kind, place: Place) -> Expected {
    if kind == Kind::Cancelled && (class == Class::Tidy || (class.writes() && place.last)) {
        // The result is there: it is told.
        return Expected::Unnoticed;
    }
    if kind.is_cancelled() {
        let left = if place.first && !class.writes() { Left::Untouched } else { Left::Partly };
        return Expected::fails(&format!("{action}/cancelled"), 130, left);
    }
    match (class, kind) {
        (_, Kind::Slow) | (Class::Hint, _) => return Expected::Unnoticed,
        // Only the service could say whether it was done; throttled, it was not.
        (
            Class::AmbiguousWrite,
            Kind::ErrorOnce | Kind::ResetOnce | Kind::AnswerLost | Kind::TimedOutOnce | Kind::Truncated | Kind::Stalled,
        ) => {}
        (
            _,
            Kind::ThrottledOnce
            | Kind::ErrorOnce
            | Kind::ResetOnce
            | Kind::AnswerLost
            | Kind::TimedOutOnce
            | Kind::Truncated
            | Kind::Stalled,
        ) => return Expected::Retried,
        // What is tidied up can wait for the next run.
        (Class::Tidy, _) => return Expected::Unnoticed,
        _ => {}
    }
    let (code, exit) = failure(call.service, kind, class);
    let left = if place.first && !(class.writes() && kind.is_executed()) { Left::Untouched } else { Left::Partly };
    Expected::fails(code, exit, left)
}

/// The code and the exit code of a call that failed for good.
fn failure(service: Service, kind: Kind, class: Class) -> (&'static str, i32) {
    let (aws, github, registry) = match kind {
        Kind::ThrottledOnce | Kind::ThrottledAlways => ("aws/throttled", "github/rate-limited", "oci-registry/service"),
        Kind::ErrorOnce | Kind::ErrorAlways => ("aws/service-error", "github/server", "oci-registry/service"),
        Kind::ResetOnce | Kind::ResetAlways | Kind::AnswerLost | Kind::Truncated => {
            ("aws/unreachable", "github/unreachable", "oci-registry/unreachable")
        }
        Kind::TimedOutOnce | Kind::TimedOutAlways | Kind::Stalled => {
            ("aws/timed-out", "github/timed-out", "oci-registry/stalled")
        }
        Kind::Expired => ("aws/credentials-expired", "github/unauthorized", "oci-registry/unauthorized"),
        Kind::Denied => ("aws/access-denied", "github/forbidden", "oci-registry/denied"),
        Kind::Slow | Kind::Cancelled | Kind::Abandoned => ("", "", ""),
    };
    let timed_out = kind.is_waited_for() && class.writes();
    match service {
        Service::AwsJson | Service::S3 | Service::AwsXml if kind == Kind::Expired => (aws, 2),
        Service::AwsJson | Service::S3 | Service::AwsXml => (aws, if timed_out { 4 } else { 1 }),
        Service::GitHub => (github, if timed_out { 4 } else { 1 }),
        Service::Registry => (registry, if timed_out { 4 } else { 1 }),
        Service::TokenService => ("aws/role-not-assumed", 1),
    }
}
