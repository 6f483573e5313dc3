//! How many uploads, copies and looks at objects run at the same time: as many as S3 takes.
//!
//! S3 serves at least 3,500 writes a second below a prefix, and answers 503 `SlowDown` while it makes room for more
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>). So the limit is halved when it says so, and
//! grows by one whenever as many requests as it allows went well. It knows no clock: a round trip is what began before the last cut.

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_client::direct::{Ended, Watch};
use futures::stream::FuturesUnordered;
use futures::{StreamExt as _, TryStreamExt as _};

/// The limit at the start.
const START: u32 = 64;

/// The limit is never cut below this.
const FLOOR: u32 = 4;

/// The state of the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit {
    now: u32,
    most: u32,
    /// How many tries have begun.
    begun: u64,
    /// How many had begun when the limit was last cut.
    cut: u64,
    /// How many went well since the limit last changed.
    well: u32,
}

impl Limit {
    fn new(most: u32) -> Self {
        Self { now: START.min(most), most, begun: 0, cut: 0, well: 0 }
    }

    /// Counts a try, and returns its number.
    fn begin(&mut self) -> u64 {
        self.begun += 1;
        self.begun
    }

    fn well(&mut self) {
        self.well += 1;
        if self.well >= self.now {
            self.well = 0;
            self.now = (self.now + 1).min(self.most);
        }
    }

    /// A try that began before the last cut says nothing new.
    fn throttled(&mut self, number: u64) {
        if number > self.cut {
            self.now = (self.now / 2).max(FLOOR).min(self.most);
            self.cut = self.begun;
            self.well = 0;
        }
    }
}

/// The limit of all threads together.
#[derive(Debug)]
pub(crate) struct Gate(Mutex<Limit>);

impl Gate {
    /// At most `most` at the same time.
    pub(crate) fn new(most: u32) -> Self {
        Self(Mutex::new(Limit::new(most)))
    }

    /// How many one of `threads` threads may run at the same time.
    pub(crate) fn share(&self, threads: usize) -> usize {
        (self.limit().now as usize).div_ceil(threads.max(1))
    }

    /// Runs `work` on this thread, as much of it at the same time as the limit allows, and tells `ended` how each ends. When that says
    /// so nothing more begins; what is under way ends.
    pub(crate) async fn each<F: Future>(
        &self,
        work: impl IntoIterator<Item = F>,
        mut ended: impl FnMut(F::Output) -> ControlFlow<()>,
    ) {
        let mut left = work.into_iter();
        let mut flying = FuturesUnordered::new();
        let mut is_over = false;
        loop {
            if !is_over {
                flying.extend(left.by_ref().take(self.room(flying.len())));
            }
            let Some(one) = flying.next().await else { return };
            is_over |= ended(one).is_break();
        }
    }

    /// Runs `work` in the same way until the first failure. Returns what all of it ends with, in no order.
    pub(crate) async fn all<T, E>(
        &self,
        work: impl IntoIterator<Item = impl Future<Output = Result<T, E>>>,
    ) -> Result<Vec<T>, E> {
        let mut left = work.into_iter();
        let (mut flying, mut all) = (FuturesUnordered::new(), Vec::new());
        loop {
            flying.extend(left.by_ref().take(self.room(flying.len())));
            let Some(one) = flying.try_next().await? else { return Ok(all) };
            all.push(one);
        }
    }

    /// How many more may begin while so many are under way.
    fn room(&self, flying: usize) -> usize {
        self.share(1).saturating_sub(flying)
    }

    fn limit(&self) -> MutexGuard<'_, Limit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Gate {
    fn begin(&self) -> u64 {
        self.limit().begin()
    }

    fn end(&self, begun: u64, how: Ended) {
        match how {
            Ended::Well => self.limit().well(),
            Ended::Throttled => self.limit().throttled(begun),
            Ended::Otherwise => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_round_trip_cuts_once() {
        let mut limit = Limit::new(256);
        let numbers: Vec<u64> = (0..64).map(|_| limit.begin()).collect();
        for number in numbers {
            limit.throttled(number);
        }
        assert_eq!(limit.now, 32);
        let next = limit.begin();
        limit.throttled(next);
        assert_eq!(limit.now, 16);
    }

    #[test]
    fn it_grows_by_one_for_each_full_round() {
        let mut limit = Limit::new(66);
        for _ in 0..64 {
            limit.well();
        }
        assert_eq!(limit.now, 65);
        for _ in 0..1000 {
            limit.well();
        }
        assert_eq!(limit.now, 66);
    }

    #[test]
    fn a_storm_ends_at_the_floor_and_a_small_cap_is_kept() {
        for (most, expect) in [(256, FLOOR), (2, 2), (1, 1)] {
            let mut limit = Limit::new(most);
            for _ in 0..20 {
                let number = limit.begin();
                limit.throttled(number);
            }
            assert_eq!(limit.now, expect);
        }
    }

    #[test]
    fn the_shares_of_all_threads_make_the_limit() {
        let gate = Gate::new(256);
        assert_eq!([1, 2, 4].map(|threads| gate.share(threads) * threads), [64, 64, 64]);
        assert_eq!(Gate::new(1).share(4), 1);
    }

    #[tokio::test]
    async fn no_more_runs_than_the_limit_allows_and_nothing_begins_after_the_end() {
        let gate = Gate::new(2);
        let (now, most) = (Cell::new(0), Cell::new(0));
        let one = |number: u32| {
            let (now, most) = (&now, &most);
            async move {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                tokio::task::yield_now().await;
                now.set(now.get() - 1);
                if number == 4 { Err(number) } else { Ok(number) }
            }
        };
        let mut ends = Vec::new();
        let stops = |end: Result<u32, u32>| {
            ends.push(end);
            if end.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        gate.each((0..20).map(one), stops).await;
        assert_eq!((most.get(), now.get()), (2, 0));
        // What was under way with the failure ends.
        assert!((1..=2).contains(&ends.iter().skip_while(|end| end.is_ok()).count()), "{ends:?}");
        assert_eq!(gate.all((0..4).map(one)).await.map(|all| all.len()), Ok(4));
        assert_eq!((gate.all((0..20).map(one)).await, most.get()), (Err(4), 2));
    }

    /// What a server of so much room does to the limit.
    fn settle(room: u32, most: u32, rounds: usize) -> Vec<u32> {
        let mut limit = Limit::new(most);
        let round = |_| {
            let numbers: Vec<u64> = (0..limit.now).map(|_| limit.begin()).collect();
            for (place, number) in (0u32..).zip(numbers) {
                if place < room { limit.well() } else { limit.throttled(number) }
            }
            limit.now
        };
        (0..rounds).map(round).collect()
    }

    proptest! {
        #[test]
        fn the_limit_stays_in_its_bounds_and_near_what_the_server_takes(room in 4u32..300, most in 1u32..1024) {
            let seen = settle(room, most, 2000);
            let floor = FLOOR.min(most);
            prop_assert!(seen.iter().all(|limit| (floor..=most).contains(limit)));
            let late = &seen[1500..];
            let top = room.min(most);
            prop_assert!(late.iter().all(|limit| *limit <= top + 1 && *limit + 1 >= (top / 2).max(floor)), "{:?}", late);
        }
    }
}
