//! How many blobs are under way at once: more as long as all goes well, half as many when the registry is pressed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use loopback::Pace;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::error::Error;
use crate::retry::LONGEST_ASKED;

/// How many blobs begin at once. Inside one blob a registry takes one stream only.
const FIRST: usize = 8;

/// The most blobs at once: each holds a piece of its file in memory.
const MOST: usize = 16;

/// How a try to push a blob ended, as far as the registry's load goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Success,
    /// It throttles, fails, or broke the connection.
    Pressure,
}

/// The size of the window: one more after as many successes as it is wide, half of it under pressure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    size: usize,
    successes: usize,
    /// How many tries that began before the last halving have not told yet: they met the same pressure.
    outstanding: usize,
}

impl Window {
    const fn new() -> Self {
        Self { size: FIRST, successes: 0, outstanding: 0 }
    }

    fn after(self, signal: Signal) -> Self {
        let outstanding = self.outstanding.saturating_sub(1);
        match signal {
            Signal::Success if self.successes + 1 < self.size => {
                Self { successes: self.successes + 1, outstanding, ..self }
            }
            Signal::Success => Self { size: (self.size + 1).min(MOST), successes: 0, outstanding },
            Signal::Pressure if self.outstanding > 0 => Self { outstanding, ..self },
            Signal::Pressure => Self { size: (self.size / 2).max(1), successes: 0, outstanding: self.size - 1 },
        }
    }
}

/// Lets blobs in, in the order in which they ask, and holds all of them back while the registry asks for a pause.
#[derive(Debug)]
pub(crate) struct Limiter {
    places: Semaphore,
    state: Mutex<State>,
    pace: Pace,
}

#[derive(Debug)]
struct State {
    window: Window,
    /// Places that are gone as soon as they are left.
    surplus: usize,
    paused_until: Option<Instant>,
}

impl Limiter {
    pub(crate) fn new(pace: Pace) -> Self {
        let window = Window::new();
        let state = State { window, surplus: 0, paused_until: None };
        Self { places: Semaphore::new(window.size), state: Mutex::new(state), pace }
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self) -> Place<'_> {
        // The semaphore is never closed; without it there would be no limit, and no harm.
        Place { limiter: self, permit: self.places.acquire().await.ok() }
    }

    /// Waits for the end of the pause that the registry asked for.
    pub(crate) async fn pause(&self) {
        let until = self.state().paused_until;
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
    }

    /// Hears how a try ended.
    pub(crate) fn hear<T>(&self, result: &Result<T, Error>) {
        let mut state = self.state();
        let signal = match result {
            Err(error) if error.is_transient() => {
                let pause = error.retry_after().unwrap_or_default().min(LONGEST_ASKED);
                if !pause.is_zero() {
                    let until = Instant::now() + self.pace.of(pause);
                    state.paused_until = Some(state.paused_until.map_or(until, |known| known.max(until)));
                }
                Signal::Pressure
            }
            Ok(_) | Err(_) => Signal::Success,
        };
        let before = state.window.size;
        state.window = state.window.after(signal);
        let after = state.window.size;
        if after > before {
            let kept = state.surplus.min(after - before);
            state.surplus -= kept;
            self.places.add_permits(after - before - kept);
        } else if after < before {
            state.surplus += before - after - self.places.forget_permits(before - after);
        }
    }

    fn leave(&self, permit: SemaphorePermit<'_>) {
        let mut state = self.state();
        if state.surplus > 0 {
            state.surplus -= 1;
            permit.forget();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is left when it is dropped.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    limiter: &'a Limiter,
    permit: Option<SemaphorePermit<'a>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            self.limiter.leave(permit);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn after(signals: &[Signal]) -> usize {
        signals.iter().fold(Window::new(), |window, signal| window.after(*signal)).size
    }

    #[test]
    fn it_widens_by_one_for_each_whole_window() {
        assert_eq!(after(&[Signal::Success; 7]), 8);
        assert_eq!(after(&[Signal::Success; 8]), 9);
        assert_eq!(after(&[Signal::Success; 17]), 10);
        assert_eq!(after(&[Signal::Success; 1000]), MOST);
    }

    #[test]
    fn one_burst_of_refusals_halves_once() {
        assert_eq!(after(&[Signal::Pressure]), 4);
        assert_eq!(after(&[Signal::Pressure; 8]), 4);
        assert_eq!(after(&[Signal::Pressure; 9]), 2);
        assert_eq!(after(&[Signal::Pressure; 100]), 1);
    }

    proptest! {
        #[test]
        fn it_stays_between_one_and_the_most(signals in proptest::collection::vec(any::<bool>(), 0..300)) {
            let mut window = Window::new();
            for success in signals {
                let signal = if success { Signal::Success } else { Signal::Pressure };
                let next = window.after(signal);
                prop_assert!((1..=MOST).contains(&next.size));
                prop_assert!(success || next.size <= window.size, "pressure never widens");
                prop_assert!(next.size <= window.size + 1);
                window = next;
            }
        }
    }

    fn throttled() -> Result<(), Error> {
        Err(Error::Service {
            registry: String::new(),
            repository: String::new(),
            status: 429,
            code: String::new(),
            message: String::new(),
            retry_after: Some(Duration::from_millis(50)),
        })
    }

    #[tokio::test]
    async fn places_follow_the_window() {
        let limiter = Limiter::new(Pace::USUAL);
        let mut inside = Vec::new();
        for _ in 0..FIRST {
            inside.push(limiter.enter().await);
        }
        limiter.hear(&throttled());
        assert_eq!(limiter.state().surplus, FIRST / 2);
        inside.truncate(FIRST / 2);
        assert_eq!((limiter.places.available_permits(), limiter.state().surplus), (0, 0));
        inside.clear();
        assert_eq!(limiter.places.available_permits(), FIRST / 2);
        (0..FIRST / 2).for_each(|_| limiter.hear(&Ok(())));
        assert_eq!(limiter.places.available_permits(), FIRST / 2 + 1);
    }

    #[tokio::test]
    async fn a_pause_that_is_asked_for_holds_everybody_back() {
        let limiter = Limiter::new(Pace::USUAL);
        let start = Instant::now();
        limiter.pause().await;
        assert!(start.elapsed() < Duration::from_millis(50), "{:?}", start.elapsed());
        limiter.hear(&throttled());
        limiter.pause().await;
        assert!(start.elapsed() >= Duration::from_millis(50), "{:?}", start.elapsed());
    }
}
