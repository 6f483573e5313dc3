//! The service's clock, by which requests are signed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// A clock that is off by less is right: signatures are valid for five minutes.
const TOLERATED: i64 = 4 * 60;

/// An answer that took longer says too little about the time.
const SLOW: Duration = Duration::from_mins(1);

/// A time to sign with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    /// As the service has it, as far as is known.
    pub(super) now: SystemTime,
    /// By how many seconds it was corrected.
    correction: i64,
}

/// How far this machine's clock is off.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// In seconds; positive where the service is ahead.
    correction: AtomicI64,
    /// What the last answer said.
    seen: AtomicI64,
}

impl Clock {
    /// The time as the service has it.
    pub(super) fn now(&self) -> Time {
        let (now, correction) = (SystemTime::now(), self.correction.load(Ordering::Relaxed));
        let by = Duration::from_secs(correction.unsigned_abs());
        let corrected = if correction >= 0 { now.checked_add(by) } else { now.checked_sub(by) };
        Time { now: corrected.unwrap_or(now), correction }
    }

    /// Notes what an answer says of the time.
    pub(super) fn look(&self, sent: SystemTime, headers: &Headers) {
        let now = SystemTime::now();
        let is_quick = now.duration_since(sent).is_ok_and(|took| took < SLOW);
        let theirs = headers.get("date").and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        if let Some(theirs) = theirs.filter(|_| is_quick && !headers.contains_key("age")) {
            let ours = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
            self.seen.store(theirs.secs() - i64::try_from(ours).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }

    /// Follows the service after it refused a signature of the time `signed`. Returns whether that can change anything, or has
    /// already: of many requests under way the first one that is refused corrects the clock for all.
    pub(super) fn correct(&self, signed: Time) -> bool {
        let before = self.correction.load(Ordering::Relaxed);
        if (before - signed.correction).abs() > TOLERATED {
            return true;
        }
        let seen = self.seen.load(Ordering::Relaxed);
        let is_other = (seen - before).abs() > TOLERATED;
        if is_other {
            self.correction.store(seen, Ordering::Relaxed);
        }
        is_other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(date: &str) -> Headers {
        let mut headers = Headers::new();
        headers.insert("date", date.to_owned());
        headers
    }

    #[test]
    fn a_clock_that_is_far_off_is_corrected_once() {
        let clock = Clock::default();
        let wrong = clock.now();
        assert!(!clock.correct(wrong));
        clock.look(SystemTime::now(), &answer("Tue, 19 Jan 2038 03:14:07 GMT"));
        assert!(clock.correct(wrong));
        let theirs = clock.now().now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        assert!(theirs.abs_diff(2_147_483_647) < 10, "{theirs}");
        assert!(clock.correct(wrong), "what was signed before is signed again");
        assert!(!clock.correct(clock.now()), "the same answer cannot help again");
    }

    #[test]
    fn a_stored_answer_says_nothing() {
        let clock = Clock::default();
        let mut headers = answer("Tue, 19 Jan 2038 03:14:07 GMT");
        headers.insert("age", "1");
        clock.look(SystemTime::now(), &headers);
        assert!(!clock.correct(clock.now()));
    }
}
