//! A gate at which requests wait until a test lets them pass.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// How long [`Gate::wait_for`] waits.
const PATIENCE: Duration = Duration::from_mins(1);

/// Holds the requests of [`Fault::gate`](super::Fault::gate) up until it is opened. It is shut at first; clones are the same gate.
///
/// A test that has to do something while a request is under way takes a gate and not a delay: a delay is over too soon when
/// the machine is busy.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// How many requests have come to it.
    come: Mutex<usize>,
    comes: Condvar,
    is_open: watch::Sender<bool>,
}

impl Gate {
    /// Waits until so many requests have come to the gate, those that passed it included.
    ///
    /// # Panics
    ///
    /// After a minute.
    #[track_caller]
    pub fn wait_for(&self, requests: usize) {
        let deadline = Instant::now() + PATIENCE;
        let mut come = self.0.come.lock().unwrap_or_else(PoisonError::into_inner);
        while *come < requests {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{come} of {requests} requests came to the gate");
            come = self.0.comes.wait_timeout(come, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Lets every request pass, those that wait and those to come.
    pub fn open(&self) {
        self.0.is_open.send_replace(true);
    }

    /// Comes to the gate and waits until it is open.
    pub(crate) async fn pass(&self) {
        *self.0.come.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.comes.notify_all();
        // The sender lives as long as this gate: there is no other end of the wait.
        let _ = self.0.is_open.subscribe().wait_for(|is_open| *is_open).await;
    }
}
