//! How fast a client's clock goes.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::is_loopback_url;

/// The variable that divides waits and time-outs in tests and rehearsals.
const TIME_DIVISOR: &str = "SLIPWAY_TIME_DIVISOR";

/// Divides the waits and time-outs of one client. It changes how long things take, never how often they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(NonZeroU32);

impl Pace {
    /// Nothing is divided.
    pub const USUAL: Self = Self(NonZeroU32::MIN);

    /// The pace of a client of `endpoint`: `SLIPWAY_TIME_DIVISOR` of this process counts on this machine only, since a
    /// real service needs the time that it is given.
    pub fn towards(endpoint: &str) -> Self {
        Self::chosen(std::env::var(TIME_DIVISOR).ok().as_deref(), endpoint)
    }

    fn chosen(divisor: Option<&str>, endpoint: &str) -> Self {
        let divisor = divisor.and_then(|text| text.parse().ok()).filter(|_| is_loopback_url(endpoint));
        divisor.map_or(Self::USUAL, Self)
    }

    /// The slower of two, for a client of several endpoints.
    #[must_use]
    pub fn slower(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// The time that is really taken for `time`.
    pub fn of(self, time: Duration) -> Duration {
        time / self.0.get()
    }

    /// The time that counts as passed when `time` really has.
    pub fn passed(self, time: Duration) -> Duration {
        time.saturating_mul(self.0.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_divided_on_this_machine_only() {
        let minute = Duration::from_mins(1);
        let taken = |divisor, endpoint| Pace::chosen(divisor, endpoint).of(minute);
        assert_eq!(taken(Some("60"), "http://127.0.0.1:4566"), Duration::from_secs(1));
        assert_eq!(taken(Some("60"), "https://sts.eu-west-1.amazonaws.com"), minute);
        assert_eq!(taken(Some("60"), "https://api.github.com"), minute);
        for nothing in [None, Some(""), Some("0"), Some("-1"), Some("a lot")] {
            assert_eq!(taken(nothing, "http://127.0.0.1:4566"), minute, "{nothing:?}");
        }
    }
}
