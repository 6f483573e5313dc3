//! The further actions of the binary: each has inputs, a plan and a report of its own, and follows with the same machine.

pub(crate) mod continuation;
pub(crate) mod rollback;
pub(crate) mod run_task;
