//! The form a fault takes in each protocol.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::Namer;
use super::call::{Named, Service};
use super::rule::Kind;
use crate::fault::{Fault, Target};
use crate::http::{Reply, Request};

/// How long a slow answer pauses: well inside of every divided time-out.
const SLOW: Duration = Duration::from_millis(200);

/// Longer than any divided time-out.
const NEVER: Duration = Duration::from_mins(2);

/// The divisor of waits: a second of back-off is a twentieth.
pub(super) const DIVISOR: u32 = 20;

/// The divisor where a time-out is waited for: a minute is a second.
const TIME_OUT_DIVISOR: u32 = 60;

/// The divisor where a cancelled run shall end what it is at: it has seconds for it, and the fault takes a part of them.
const CANCELLED_DIVISOR: u32 = 2;

/// How fast the program's clock goes for a fault.
pub(super) fn divisor(kind: Kind) -> u32 {
    match kind {
        Kind::Cancelled => CANCELLED_DIVISOR,
        kind if kind.is_waited_for() => TIME_OUT_DIVISOR,
        _ => DIVISOR,
    }
}

/// The fault of `kind` at the `nth` request that is `call`.
pub(super) fn fault(call: &Named, kind: Kind, nth: u64, namer: &Namer, target: &Target) -> Fault {
    let (namer, wanted) = (namer.clone(), call.clone());
    let is_it = move |request: &Request| namer(request).as_ref() == Some(&wanted);
    let fault = match kind {
        Kind::ThrottledOnce => Fault::reply(throttled(call.service, Limit::Soon)),
        Kind::ThrottledAlways => Fault::reply(throttled(call.service, Limit::Later)),
        Kind::ErrorOnce => {
            Fault::reply(refusal(call.service, 500, "InternalError", "We encountered an internal error."))
        }
        Kind::ErrorAlways => Fault::reply(page()),
        Kind::ResetOnce | Kind::ResetAlways => Fault::reset(),
        Kind::AnswerLost => Fault::lose(),
        Kind::TimedOutOnce | Kind::TimedOutAlways => Fault::hang(),
        Kind::Slow => Fault::slow(SLOW),
        Kind::Truncated => Fault::halve(),
        Kind::Stalled => Fault::slow(NEVER),
        Kind::Abandoned => Fault::abandon(target),
        Kind::Expired => Fault::reply(expired(call.service)),
        Kind::Denied => Fault::reply(denied(call.service)),
        Kind::Cancelled => Fault::interrupt(target),
    };
    let fault = fault.matching(is_it);
    match kind {
        Kind::ThrottledAlways
        | Kind::ErrorAlways
        | Kind::ResetAlways
        | Kind::TimedOutAlways
        | Kind::Expired
        | Kind::Denied => fault.from(nth),
        _ => fault.nth(nth),
    }
}

enum Limit {
    Soon,
    Later,
}

fn throttled(service: Service, limit: Limit) -> Reply {
    match (service, limit) {
        (Service::GitHub, Limit::Soon) => {
            github(429, "You have exceeded a secondary rate limit").with_header("retry-after", "1")
        }
        (Service::GitHub, Limit::Later) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
            github(403, "API rate limit exceeded for installation ID 1.")
                .with_header("x-ratelimit-limit", "5000")
                .with_header("x-ratelimit-remaining", "0")
                .with_header("x-ratelimit-reset", (now + 3000).to_string())
        }
        (Service::S3, _) => refusal(service, 503, "SlowDown", "Please reduce your request rate."),
        (Service::AwsXml, _) => refusal(service, 400, "Throttling", "Rate exceeded"),
        (Service::AwsJson, _) => refusal(service, 400, "ThrottlingException", "Rate exceeded"),
        (Service::Registry, _) => refusal(service, 429, "TOOMANYREQUESTS", "Rate exceeded"),
        (Service::TokenService, _) => refusal(service, 429, "", "Too many requests"),
    }
}

fn expired(service: Service) -> Reply {
    let text = "The security token included in the request is expired";
    match service {
        Service::GitHub => github(401, "Bad credentials"),
        Service::Registry => {
            refusal(service, 401, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
        }
        Service::S3 => refusal(service, 400, "ExpiredToken", "The provided token has expired."),
        Service::AwsXml => refusal(service, 403, "ExpiredToken", text),
        Service::AwsJson => refusal(service, 400, "ExpiredTokenException", text),
        Service::TokenService => refusal(service, 401, "", "expired"),
    }
}

fn denied(service: Service) -> Reply {
    let text = "User: arn:aws:sts::000000000000:assumed-role/deploy/run is not authorized to perform this action";
    match service {
        Service::GitHub => github(403, "Resource not accessible by integration"),
        Service::Registry => refusal(service, 403, "DENIED", text),
        Service::S3 => refusal(service, 403, "AccessDenied", "Access Denied"),
        Service::AwsXml => refusal(service, 403, "AccessDenied", text),
        Service::AwsJson => refusal(service, 400, "AccessDeniedException", text),
        Service::TokenService => refusal(service, 403, "", "forbidden"),
    }
}

/// The page of a proxy between us and the service.
fn page() -> Reply {
    let page = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";
    Reply::new(502).with_header("content-type", "text/html").with_body(page)
}

fn github(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message, "documentation_url": "https://docs.github.com/rest"}))
}

fn refusal(service: Service, status: u16, code: &str, message: &str) -> Reply {
    match service {
        Service::AwsJson => {
            let body = json!({"__type": code, "message": message});
            Reply::json(status, &body).with_header("x-amzn-errortype", code)
        }
        Service::S3 => Reply::xml(status, format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>")),
        Service::AwsXml => Reply::xml(
            status,
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>0</RequestId></ErrorResponse>"
            ),
        ),
        Service::GitHub => github(status, message),
        Service::Registry => Reply::json(status, &json!({"errors": [{"code": code, "message": message}]})),
        Service::TokenService => Reply::json(status, &json!({"message": message})),
    }
}
