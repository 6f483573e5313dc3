//! When a request is sent again: for what, how often and after which pause an SDK's client would.
//!
//! Only where a service asks for fewer requests it is more patient. What runs at the same time runs into it together, and a pause that may
//! be next to nothing lets one request use its tries up while the others wait: such a pause is at least half of the longest, and two such
//! answers count as one.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use aws_smithy_types::retry::RetryConfig;

use super::Refused;
use super::clock::{Clock, Time};

/// Statuses that say "later", whatever the body says.
const PASSING: &[u16] = &[429, 500, 502, 503, 504];

/// Codes of a service that has trouble; some come with status 200
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
const TROUBLE: &[&str] = &["InternalError", "ServiceUnavailable"];

/// Codes of a signature that is refused, which a wrong clock can be the reason of.
const SKEWED: &[&str] = &["RequestTimeTooSkewed", "SignatureDoesNotMatch", "RequestExpired"];

/// Codes of credentials that were valid before.
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"];

/// Who is told of each try.
pub trait Watch {
    /// A request goes out. What is returned comes back with its end.
    fn begin(&self) -> u64;
    /// It ended.
    fn end(&self, begun: u64, how: Ended);
}

/// Nobody.
impl Watch for () {
    fn begin(&self) -> u64 {
        0
    }

    fn end(&self, _: u64, _: Ended) {}
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With success.
    Well,
    /// The service asks for fewer requests.
    Throttled,
    /// In any other way.
    Otherwise,
}

impl Ended {
    pub(super) fn of<T>(answer: &Result<T, Refused>) -> Self {
        match answer {
            Ok(_) => Self::Well,
            Err(error) if is_throttled(error) => Self::Throttled,
            Err(_) => Self::Otherwise,
        }
    }
}

fn is_throttled(error: &Refused) -> bool {
    matches!(status(error), Some(429 | 503)) || code(error).is_some_and(|code| THROTTLING_ERRORS.contains(&code))
}

fn status(error: &Refused) -> Option<u16> {
    error.raw_response().map(|raw| raw.status().as_u16())
}

fn code(error: &Refused) -> Option<&str> {
    error.as_service_error().and_then(|fault| fault.code())
}

/// How often, and after which pauses.
#[derive(Debug)]
pub(super) struct Retries {
    attempts: u32,
    first: Duration,
    longest: Duration,
}

/// What comes after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing.
    Fail,
    /// The same at once.
    Again,
    /// The same with other credentials.
    Renew,
    /// The same with other credentials, unless that was tried in vain: the answer has no words.
    Doubt,
    /// The same after a pause.
    After(Duration),
}

impl Retries {
    pub(super) fn new(config: &RetryConfig) -> Self {
        let attempts = if config.has_retry() { config.max_attempts() } else { 1 };
        Self { attempts, first: config.initial_backoff(), longest: config.max_backoff() }
    }

    pub(super) fn start(&self) -> Tries<'_> {
        Tries { retries: self, made: 0, throttled: 0, is_renewed: false }
    }
}

/// The tries of one request.
#[derive(Debug)]
pub(super) struct Tries<'a> {
    retries: &'a Retries,
    made: u32,
    /// How many of them the service refused because there were too many.
    throttled: u32,
    is_renewed: bool,
}

impl Tries<'_> {
    /// Decides after a failure of a request that was signed at the time `signed`.
    pub(super) fn next(&mut self, error: &Refused, clock: &Clock, signed: Time) -> Next {
        self.made += 1;
        let is_throttled = is_throttled(error);
        self.throttled += u32::from(is_throttled);
        if self.made - self.throttled / 2 >= self.retries.attempts {
            return Next::Fail;
        }
        match code(error) {
            Some(code) if EXPIRED.contains(&code) && !self.is_renewed => {
                self.is_renewed = true;
                Next::Renew
            }
            Some(code) if SKEWED.contains(&code) && clock.correct(signed) => Next::Again,
            // What refuses a HEAD has no body, and so no code: a clock that is right is not why, nor are credentials that were renewed.
            None if status(error) == Some(403) && clock.correct(signed) => Next::Again,
            None if status(error) == Some(400) && !self.is_renewed => {
                self.is_renewed = true;
                Next::Doubt
            }
            _ if is_throttled => Next::After(self.pause(0.5 + random() / 2.0)),
            _ if is_passing(error) => Next::After(self.pause(random())),
            _ => Next::Fail,
        }
    }

    /// A part of the longest pause after so many tries; `share` is from 0 to 1.
    fn pause(&self, share: f64) -> Duration {
        let doubled = self.retries.first.saturating_mul(1u32.checked_shl(self.made - 1).unwrap_or(u32::MAX));
        doubled.min(self.retries.longest).mul_f64(share)
    }
}

/// Whether the same request may succeed later.
fn is_passing(error: &Refused) -> bool {
    match error {
        Refused::TimeoutError(_) | Refused::ResponseError(_) => true,
        Refused::DispatchFailure(failure) => failure.is_io() || failure.is_timeout() || failure.as_other().is_some(),
        Refused::ServiceError(service) => {
            let codes = [THROTTLING_ERRORS, TRANSIENT_ERRORS, TROUBLE];
            PASSING.contains(&service.raw().status().as_u16())
                || code(error).is_some_and(|code| codes.iter().any(|codes| codes.contains(&code)))
        }
        _ => false,
    }
}

/// From 0 to 1. Pauses need no better randomness than that of a hash map.
fn random() -> f64 {
    let number = u32::try_from(RandomState::new().hash_one(()) >> 32).unwrap_or_default();
    f64::from(number) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let retries = Retries { attempts: 9, first: Duration::from_secs(1), longest: Duration::from_secs(20) };
        let after = |made| Tries { made, ..retries.start() }.pause(1.0).as_secs();
        assert_eq!([1, 2, 3, 5, 6, 40].map(after), [1, 2, 4, 16, 20, 20]);
        assert!((0..100).map(|_| random()).all(|share| (0.0..=1.0).contains(&share)));
    }
}
