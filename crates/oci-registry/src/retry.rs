//! Trying again what may succeed a moment later.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::Duration;

use loopback::Pace;

use crate::error::Error;
use crate::statistics::Counter;

/// How often one operation is tried, at least.
const ATTEMPTS: u32 = 5;

/// The first wait; each further one is twice as long, up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(400);

/// The longest wait of our own choice.
const LONGEST: Duration = Duration::from_secs(15);

/// The longest wait a registry may ask for.
pub(crate) const LONGEST_ASKED: Duration = Duration::from_mins(1);

/// How long, in all, an operation waits for a registry that says when to come back, however often that is.
const PATIENCE: Duration = Duration::from_mins(5);

/// Runs `work` until it succeeds, fails for good, or was tried often enough.
pub(crate) async fn retrying<T>(
    retries: &Counter,
    pace: Pace,
    mut work: impl AsyncFnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let (mut attempt, mut waited) = (1, Duration::ZERO);
    loop {
        match work().await {
            Err(error) if error.is_transient() && goes_on(attempt, waited, error.retry_after()) => {
                retries.add(1);
                let wait = wait(attempt, error.retry_after(), random_fraction());
                tokio::time::sleep(pace.of(wait)).await;
                attempt += 1;
                waited += wait;
            }
            result => return result,
        }
    }
}

/// Whether there is another attempt after the failed one number `attempt`.
fn goes_on(attempt: u32, waited: Duration, asked: Option<Duration>) -> bool {
    attempt < ATTEMPTS || (asked.is_some_and(|asked| !asked.is_zero()) && waited < PATIENCE)
}

/// The wait after the failed attempt number `attempt`: between half and the whole of the exponential step, so that
/// several uploads do not come back at once; what the registry asks for wins where it is longer.
fn wait(attempt: u32, asked: Option<Duration>, fraction: f64) -> Duration {
    let step = FIRST.saturating_mul(2_u32.saturating_pow(attempt - 1)).min(LONGEST);
    let own = step.mul_f64(0.5 + fraction / 2.0);
    asked.map_or(own, |asked| asked.min(LONGEST_ASKED).max(own))
}

/// A number from 0 to 1. The hasher's random keys are enough for spreading retries.
fn random_fraction() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(0) >> 32).unwrap_or_default();
    f64::from(bits) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_spread() {
        assert_eq!(wait(1, None, 0.0), FIRST / 2);
        assert_eq!(wait(1, None, 1.0), FIRST);
        assert_eq!(wait(3, None, 1.0), FIRST * 4);
        assert_eq!(wait(40, None, 1.0), LONGEST);
    }

    #[test]
    fn the_registrys_wish_is_honored_within_reason() {
        assert_eq!(wait(1, Some(Duration::from_secs(3)), 1.0), Duration::from_secs(3));
        assert_eq!(wait(1, Some(Duration::from_hours(24)), 1.0), LONGEST_ASKED);
        assert_eq!(wait(4, Some(Duration::ZERO), 1.0), FIRST * 8);
    }

    #[test]
    fn a_registry_that_says_when_gets_more_than_five_attempts() {
        let second = Some(Duration::from_secs(1));
        assert!(goes_on(4, PATIENCE, None) && !goes_on(5, Duration::ZERO, None));
        assert!(goes_on(5, Duration::from_secs(4), second) && !goes_on(5, PATIENCE, second));
        assert!(!goes_on(5, Duration::ZERO, Some(Duration::ZERO)));
    }

    #[test]
    fn random_fractions_stay_in_range() {
        for _ in 0..100 {
            assert!((0.0..=1.0).contains(&random_fraction()));
        }
    }
}
