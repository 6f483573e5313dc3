//! `--format`, and above all its `text`, which equals what Terraform prints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the tests say how much is equal, and what is skipped")]

mod aws;
mod builtin;
mod compare;
mod format;
mod golden;
mod workspace;
