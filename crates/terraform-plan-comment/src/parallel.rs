//! The same work for many things, on all processors.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{Builder, available_parallelism, scope};

/// A thread has this many things to do at least: fewer are done before it has begun.
const LEAST: usize = 128;

/// As much as the main thread has: values are walked as deep as they are nested.
const STACK: usize = 8 << 20;

/// What `work` makes of the items, in one part for each processor, in their order.
pub(crate) fn parts<'a, T: Sync, R: Send>(items: &'a [T], work: impl Fn(&'a [T]) -> R + Sync) -> Vec<R> {
    let threads = available_parallelism().map_or(1, NonZero::get).min(items.len() / LEAST);
    if threads < 2 {
        return vec![work(items)];
    }
    let (first, rest) = items.split_at(items.len() / threads);
    let work = &work;
    scope(|scope| {
        let mut begun = Vec::new();
        for part in rest.chunks(rest.len().div_ceil(threads - 1)) {
            let thread = Builder::new().stack_size(STACK).spawn_scoped(scope, move || work(part));
            begun.push(thread.map_err(|_| part));
        }
        let first = work(first);
        let rest = begun.into_iter().map(|thread| match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // No thread is to be had: this one does it.
            Err(part) => work(part),
        });
        std::iter::once(first).chain(rest).collect()
    })
}

/// What `each` makes of the items, in their order.
pub(crate) fn map<'a, T: Sync, R: Send>(items: &'a [T], each: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let mut parts = parts(items, |part| part.iter().map(&each).collect::<Vec<R>>()).into_iter();
    let mut all = parts.next().unwrap_or_default();
    parts.for_each(|part| all.extend(part));
    all
}

/// What `each` writes of the items, in their order. The texts are not so long that they would be moved often while they grow.
pub(crate) fn written<'a, T: Sync, R: Default + Send>(
    items: &'a [T],
    each: impl Fn(&mut R, &'a T) + Sync,
) -> impl Iterator<Item = R> {
    let write = |few: &'a [T]| {
        let mut text = R::default();
        for item in few {
            each(&mut text, item);
        }
        text
    };
    parts(items, |part| part.chunks(LEAST).map(write).collect::<Vec<R>>()).into_iter().flatten()
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
    use super::{map, written};

    #[test]
    fn the_order_stays() {
        for count in [0, 1, 127, 128, 255, 256, 257, 1_000, 10_007] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(map(&items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>(), "{count}");
            let same = written(&items, |few: &mut Vec<usize>, item| few.push(*item));
            assert_eq!(same.flatten().collect::<Vec<_>>(), items, "{count}");
        }
    }
}
