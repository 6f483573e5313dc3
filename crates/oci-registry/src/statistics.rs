//! Counting what went over the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a client did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Requests, those for tokens and repeated ones included, redirects not.
    pub requests: u64,
    /// Bytes of blobs and manifests that were sent, repeated ones included.
    pub bytes_sent: u64,
    /// Operations that were tried again.
    pub retries: u64,
}

/// The counters behind [`Statistics`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    pub(crate) requests: Counter,
    pub(crate) bytes_sent: Counter,
    pub(crate) retries: Counter,
}

impl Counters {
    pub(crate) fn read(&self) -> Statistics {
        Statistics { requests: self.requests.get(), bytes_sent: self.bytes_sent.get(), retries: self.retries.get() }
    }
}

/// One number that several uploads count up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<AtomicU64>);

impl Counter {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
