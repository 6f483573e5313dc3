//! Tests of what is not Rust: the script that finds a binary, the actions and the workflows.
#![expect(clippy::expect_used, reason = "a test stops where it cannot go on")]

mod documentation;
mod run_action;
mod workflows;
