//! Work on files that all cores share.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// More threads than this only wait for the same disk.
const MOST_THREADS: usize = 8;

/// Nobody waits for the work any more, once this is dropped.
#[derive(Default)]
pub(super) struct StopOnDrop(pub(super) Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How many results a thread has before it hands them over.
const SOME: usize = 8;

/// How many threads there are for much work.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS)
}

/// Hands what `work` makes of each of the first `number` numbers to `take`, in their order and with them. `tool` makes what a thread
/// works with. No more results wait than are made while the next one in order is.
///
/// After an error no other work begins; of several the first one by number is told, with its number.
pub(super) fn each<T: Send, W, E: Send>(
    number: usize,
    is_stopped: &AtomicBool,
    tool: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, usize) -> Result<T, E> + Sync,
    take: impl FnMut(usize, T) + Send,
) -> Result<(), (usize, E)> {
    let next = AtomicUsize::new(0);
    let threads = threads().min(number);
    let results = Mutex::new(Results { waiting: BTreeMap::new(), next: 0, take });
    let hand_over = |done: &mut Vec<_>| results.lock().unwrap_or_else(PoisonError::into_inner).add(done.drain(..));
    let some = || {
        let mut tool = tool();
        let mut done = Vec::with_capacity(SOME);
        while !is_stopped.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= number {
                break;
            }
            match work(&mut tool, index) {
                Ok(result) => done.push((index, result)),
                Err(error) => {
                    is_stopped.store(true, Ordering::Relaxed);
                    hand_over(&mut done);
                    return Some((index, error));
                }
            }
            if done.len() >= SOME {
                hand_over(&mut done);
            }
        }
        hand_over(&mut done);
        None
    };
    let errors: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(some)).collect();
        workers.into_iter().filter_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    errors.into_iter().min_by_key(|(index, _)| *index).map_or(Ok(()), Err)
}

/// Results that are taken in their order.
struct Results<T, F> {
    waiting: BTreeMap<usize, T>,
    /// The number of the one that is taken next.
    next: usize,
    take: F,
}

impl<T, F: FnMut(usize, T)> Results<T, F> {
    fn add(&mut self, done: impl Iterator<Item = (usize, T)>) {
        self.waiting.extend(done);
        while let Some(result) = self.waiting.remove(&self.next) {
            (self.take)(self.next, result);
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_taken_in_order_however_long_each_takes() {
        let mut taken = Vec::new();
        let work = |(): &mut (), index: usize| {
            // The first one is done last.
            (0..if index == 0 { 2000 } else { index % 7 }).for_each(|_| thread::yield_now());
            Ok::<_, ()>(index * 2)
        };
        each(10_000, &AtomicBool::new(false), || (), work, |index, result| taken.push((index, result))).unwrap();
        assert!(taken.into_iter().eq((0..10_000).map(|index| (index, index * 2))));
    }

    #[test]
    fn the_first_error_is_told_and_what_comes_before_it_is_taken() {
        let mut taken = Vec::new();
        let work = |(): &mut (), index: usize| if index < 500 { Ok(()) } else { Err(std::io::Error::other("no")) };
        let (index, _) = each(1000, &AtomicBool::new(false), || (), work, |index, ()| taken.push(index)).unwrap_err();
        assert_eq!(index, 500);
        assert!(taken.into_iter().eq(0..500));
    }

    #[test]
    fn nothing_is_done_once_it_is_stopped() {
        let work = |(): &mut (), _| -> std::io::Result<()> { panic!("it was stopped") };
        assert_eq!(each(1000, &AtomicBool::new(true), || (), work, |_, ()| ()).ok(), Some(()));
    }
}
