//! `cargo xtask bench`: figures, never a verdict of a test.

pub(crate) mod script;
mod statistics;
