//! Tests of what is not Rust: the script that finds a binary, the actions and the workflows.

mod run_action;
mod workflows;
