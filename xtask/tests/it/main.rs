//! Tests of what is not Rust: the script that finds a binary, the actions and the workflows.
#![expect(clippy::expect_used, reason = "a test stops where it cannot go on")]

mod documentation;
#[path = "../../src/listener.rs"]
mod listener;
mod run_action;
mod workflows;
