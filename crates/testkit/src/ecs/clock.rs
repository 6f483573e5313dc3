//! The stand-in's own time: it moves with each look at it, or with the real time and faster.

use std::time::{Duration, Instant};

/// How the stand-in's time moves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// By this much with each look at the service, or at the task of `RunTask`: the same answers on a busy machine as on an idle one.
    EachLook(Duration),
    /// With the real time, so many times as fast: what is late is seen to be late.
    Faster(u32),
}

/// A running clock; it stands still until [`Running::start`].
#[derive(Debug)]
pub(super) struct Running {
    clock: Clock,
    looks: u32,
    since: Option<Instant>,
}

impl Running {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, looks: 0, since: None }
    }

    /// Starts the time, once.
    pub(super) fn start(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// Notes a look: the first one after the start sees the start.
    pub(super) fn look(&mut self) {
        if self.since.is_some() {
            self.looks += 1;
        }
    }

    /// The time since the start.
    pub(super) fn now(&self) -> Duration {
        match self.clock {
            Clock::EachLook(step) => step * self.looks.saturating_sub(1),
            Clock::Faster(times) => self.since.map_or(Duration::ZERO, |since| since.elapsed() * times),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_look_but_the_first_moves_the_time() {
        let mut clock = Running::new(Clock::EachLook(Duration::from_secs(5)));
        clock.look();
        assert_eq!(clock.now(), Duration::ZERO, "nothing was started");
        clock.start();
        let seen = [(); 3].map(|()| {
            clock.look();
            clock.now().as_secs()
        });
        assert_eq!(seen, [0, 5, 10]);
    }

    #[test]
    fn real_time_goes_on_without_looks() {
        let mut clock = Running::new(Clock::Faster(1_000_000));
        assert_eq!(clock.now(), Duration::ZERO);
        clock.start();
        let first = clock.now();
        while clock.now() == first {}
        assert!(clock.now() > first);
    }
}
