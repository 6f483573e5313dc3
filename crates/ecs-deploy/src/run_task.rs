//! One task on its own: a gate before a deployment (migrations), or the whole of a run.
//!
//! [`request`] decides what is asked for, [`watch`] what the answers mean; both are pure. [`job`] starts the task, [`follow`] writes what its
//! containers write into the log while they do, and [`stop`] ends it when the run is cancelled or the time is up. Success is claimed
//! only when every essential container was seen to have ended with 0.

mod diagnose;
mod follow;
pub(crate) mod inputs;
mod job;
pub(crate) mod logs;
pub(crate) mod outcome;
pub(crate) mod report;
pub(crate) mod request;
mod start;
mod stop;
mod watch;

pub use inputs::TaskInputs;
pub(crate) use job::{Job, run};
pub use outcome::{TaskOutcome, TaskVerdict};
pub(crate) use request::{Placement, TaskPlan};
