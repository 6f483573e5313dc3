//! How much a fuzz test does: little in a normal run, as much as is asked for in a long one. The one place that decides it.
//!
//! A fuzz test is a property test named `fuzz_*` that asks here for its number of cases. `cargo xtask fuzz` multiplies it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The environment variable that multiplies every number of cases.
pub const FACTOR: &str = "SLIPWAY_FUZZ_FACTOR";

/// What the line starts with by which a fuzz test tells how many cases it runs; the number follows.
pub const RAN: &str = "fuzz cases: ";

/// The number of cases to run where a normal run has `normal`.
///
/// It is also printed (captured by the test harness, and shown by `--show-output`), so that a long run can count.
pub fn cases(normal: u32) -> u32 {
    let cases = normal.saturating_mul(factor(std::env::var(FACTOR).ok().as_deref()));
    #[allow(clippy::print_stdout, reason = "the harness captures what a test prints")]
    {
        println!("{RAN}{cases}");
    }
    cases
}

/// The factor that `text` asks for; without a positive number everything stays as it is.
fn factor(text: Option<&str>) -> u32 {
    text.and_then(|text| text.parse().ok()).filter(|factor| *factor > 0).unwrap_or(1)
}

/// The work that this thread does from now on: the time it computes, not that it waits for a machine that is busy with something else.
#[derive(Debug, Clone, Copy)]
pub struct Work(Duration);

impl Work {
    /// Starts at nothing.
    pub fn start() -> Self {
        Self(thread_time())
    }

    /// Checks how much it was.
    ///
    /// # Panics
    ///
    /// When it was `seconds` or more.
    #[track_caller]
    pub fn assert_below(self, seconds: u64) {
        let done = thread_time().saturating_sub(self.0);
        assert!(done < Duration::from_secs(seconds), "this thread computed for {done:?}");
    }
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}

/// The share of a test's cases that gets past the first reader, at least.
const FAIR_SHARE: f64 = 0.2;

/// So many standard deviations below it are chance: a long run has many beginnings, and one of them is always unlucky.
const CHANCE: f64 = 4.0;

/// So many cases are seen before the share is judged: fewer say little.
const ENOUGH: u32 = 100;

/// Counts the cases that the outermost reader takes (the JSON's, the header's): where all are refused at the door, a test of what
/// is behind it tests nothing. One `static` for each test.
#[derive(Debug, Default)]
pub struct Share {
    seen: AtomicU32,
    taken: AtomicU32,
    /// Told once: proptest repeats a failing case to shrink it, and there is nothing to shrink.
    is_told: AtomicBool,
}

impl Share {
    /// Nothing seen yet.
    pub const fn new() -> Self {
        Self { seen: AtomicU32::new(0), taken: AtomicU32::new(0), is_told: AtomicBool::new(false) }
    }

    /// Notes a case.
    ///
    /// # Panics
    ///
    /// When, of at least a hundred cases, less than a fifth was taken, by more than chance.
    #[track_caller]
    pub fn note(&self, is_taken: bool) {
        let taken = self.taken.fetch_add(u32::from(is_taken), Ordering::Relaxed) + u32::from(is_taken);
        let seen = self.seen.fetch_add(1, Ordering::Relaxed) + 1;
        let is_right = seen < ENOUGH || is_fair(taken, seen) || self.is_told.swap(true, Ordering::Relaxed);
        assert!(is_right, "only {taken} of {seen} cases got past the first reader");
    }
}

/// Whether `taken` of `seen` random cases agree with a fair share.
fn is_fair(taken: u32, seen: u32) -> bool {
    let fair = f64::from(seen) * FAIR_SHARE;
    f64::from(taken) >= fair - CHANCE * (fair * (1.0 - FAIR_SHARE)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::{Share, Work, factor, is_fair};

    #[test]
    fn waiting_is_no_work_and_computing_is() {
        let work = Work::start();
        std::thread::park_timeout(std::time::Duration::from_millis(20));
        work.assert_below(1);
        let start = super::thread_time();
        while super::thread_time() == start {
            std::hint::black_box((0..1000).sum::<u64>());
        }
        assert!(std::panic::catch_unwind(|| work.assert_below(0)).is_err());
    }

    #[test]
    fn an_unlucky_beginning_is_no_finding_and_a_long_one_is() {
        assert!(is_fair(20, 101) && is_fair(4, 100) && is_fair(1937, 10_000));
        assert!(!is_fair(3, 100) && !is_fair(1839, 10_000) && !is_fair(0, 100));
    }

    #[test]
    fn a_test_that_is_refused_at_the_door_fails() {
        let note = |share: &Share, cases: u32, every: u32| (0..cases).for_each(|case| share.note(case % every == 0));
        note(&Share::new(), 500, 4);
        note(&Share::new(), 99, 1000);
        assert!(std::panic::catch_unwind(|| note(&Share::new(), 500, 20)).is_err());
    }

    #[test]
    fn only_a_positive_number_is_a_factor() {
        assert_eq!(factor(None), 1);
        assert_eq!(factor(Some("20")), 20);
        for text in ["", "0", "-3", "many"] {
            assert_eq!(factor(Some(text)), 1, "{text}");
        }
    }
}
