//! Work on files that all cores share.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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

/// What `work` makes of each of the first `number` numbers, in their order. `tool` makes what a thread works with.
///
/// After an error no other work begins; of several the first one by number is told, with its number.
pub(super) fn each<T: Send, W>(
    number: usize,
    is_stopped: &AtomicBool,
    tool: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, usize) -> std::io::Result<T> + Sync,
) -> Result<Vec<T>, (usize, std::io::Error)> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(number);
    let some = || {
        let mut tool = tool();
        let mut done = Vec::new();
        while !is_stopped.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= number {
                break;
            }
            let result = work(&mut tool, index);
            if result.is_err() {
                is_stopped.store(true, Ordering::Relaxed);
            }
            done.push((index, result));
        }
        done
    };
    let mut done: Vec<(usize, std::io::Result<T>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(some)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(index, result)| result.map_err(|error| (index, error))).collect()
}
