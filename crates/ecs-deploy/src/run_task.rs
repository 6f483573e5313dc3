//! One task on its own: a gate before a deployment (migrations), or the whole of a run.
//!
//! [`request`] decides what is asked for, [`watch`] what the answers mean; both are pure. [`follow`] starts the task, writes what its
//! containers write into the log while they do, and stops the task when the run is cancelled or the time is up. Success is claimed
//! only when every essential container was seen to have ended with 0.

pub(crate) mod follow;
pub(crate) mod inputs;
pub(crate) mod logs;
pub(crate) mod outcome;
pub(crate) mod report;
pub(crate) mod request;
mod start;
mod watch;

pub(crate) use follow::{Job, run};
pub use inputs::TaskInputs;
pub use outcome::{TaskOutcome, TaskVerdict};
pub(crate) use request::{Placement, TaskPlan};
