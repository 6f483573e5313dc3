//! Runs the built binary, and the server in this process where a limit has to be shorter than in production.

#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod binary;
mod limits;
mod support;
