//! The same work for many things, on all processors.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{Builder, available_parallelism, scope};

/// A thread has this many things to do at least: fewer are done before it has begun.
const LEAST: usize = 128;

/// As much as the main thread has: values are walked as deep as they are nested.
const STACK: usize = 8 << 20;

/// What `each` makes of the items, in their order.
pub(crate) fn map<'a, T: Sync, R: Send>(items: &'a [T], each: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let threads = available_parallelism().map_or(1, NonZero::get).min(items.len() / LEAST);
    if threads < 2 {
        return items.iter().map(each).collect();
    }
    let (first, rest) = items.split_at(items.len() / threads);
    let work = &|chunk: &'a [T]| chunk.iter().map(&each).collect::<Vec<R>>();
    scope(|scope| {
        let mut begun = Vec::new();
        for chunk in rest.chunks(rest.len().div_ceil(threads - 1)) {
            let thread = Builder::new().stack_size(STACK).spawn_scoped(scope, move || work(chunk));
            begun.push(thread.map_err(|_| chunk));
        }
        let mut all = work(first);
        for thread in begun {
            all.extend(match thread {
                Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                // No thread is to be had: this one does it.
                Err(chunk) => work(chunk),
            });
        }
        all
    })
}

/// What both come to, the first one on a thread of its own where one is to be had.
pub(crate) fn both<A: Send, B>(first: impl Fn() -> A + Sync, second: impl FnOnce() -> B) -> (A, B) {
    scope(|scope| {
        let thread = Builder::new().stack_size(STACK).spawn_scoped(scope, &first);
        let second = second();
        let first =
            thread.map_or_else(|_| first(), |thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        (first, second)
    })
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn the_order_stays() {
        for count in [0, 1, 127, 128, 255, 256, 257, 1_000, 10_007] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(map(&items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>(), "{count}");
        }
    }
}
