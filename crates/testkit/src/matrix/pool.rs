//! Many runs at once: most of a run is waiting.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many runs go at the same time.
const WORKERS: usize = 8;

/// Does `work` for every item and returns what it came to, in the items' order. A panic becomes a problem of its item.
pub(super) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<Result<R, String>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(item)));
                    let result = result.map_err(|panic| words(&*panic));
                    done.lock().expect("no panic holds the lock").push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no panic holds the lock");
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}
