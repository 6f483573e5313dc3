//! The driver as a process: signals, panics, closed pipes.

mod commands;
mod endings;
mod signals;

/// The action that the tests run.
const SAMPLE: &str = env!("CARGO_BIN_EXE_core-sample");
