//! Publishes a GitHub Release with notes.
mod notes;
pub use notes::{Config, ConfigFlaw, History, notes};
