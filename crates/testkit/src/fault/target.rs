//! A program that a fault sends signals to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::activity;

/// How often, a millisecond apart, a signal waits for the program to be named: it may send its first request sooner.
const PATIENCE: usize = 5000;

/// How often, ten milliseconds apart, a signal waits for the program to have done what it does about it.
const NOTICING: usize = 100;

/// How many looks in a row must find every thread of the program asleep.
const LOOKS: usize = 3;

/// The program whose requests a server receives, as soon as it is known.
#[derive(Debug, Clone, Default)]
pub struct Target(Arc<Mutex<Aim>>);

#[derive(Debug, Clone, Copy, Default)]
struct Aim {
    program: Option<Pid>,
    is_killed: bool,
}

impl Target {
    /// Names the program. Its parent must not have waited for it, so that the id is still its own.
    pub fn aim(&self, program: Option<Pid>) {
        self.lock().program = program;
    }

    /// Sends SIGINT and waits until the program has noticed it: the signal is delivered, and no thread of the program is still at work.
    /// A program that works on for a second has had its time.
    pub(crate) async fn interrupt(&self) {
        self.send(Signal::INT).await;
        let Some(program) = self.lock().program else { return };
        for _ in 0..PATIENCE {
            if !activity::is_pending(program, Signal::INT) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut asleep = 0;
        for _ in 0..NOTICING {
            asleep = if activity::is_asleep(program) { asleep + 1 } else { 0 };
            if asleep == LOOKS {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn kill(&self) {
        self.send(Signal::KILL).await;
        self.lock().is_killed = true;
    }

    /// Waits until the program has been killed.
    pub(crate) async fn until_killed(&self) {
        for _ in 0..PATIENCE {
            if self.lock().is_killed {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn send(&self, signal: Signal) {
        for _ in 0..PATIENCE {
            let known = self.lock().program;
            if let Some(program) = known {
                // It may have ended by itself meanwhile; it is not reaped yet, so nobody else is hit.
                let _ = kill_process(program, signal);
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Aim> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
