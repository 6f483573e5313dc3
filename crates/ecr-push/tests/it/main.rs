//! The built binary against stand-ins of ECR's API and of the registry, and against an emulator.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod cancel;
mod creation;
mod emulator;
mod errors;
mod faults;
mod foreign;
mod gate;
mod inputs;
mod least_privilege;
mod odd_registry;
mod promote;
mod public;
mod push;
mod refusals;
mod secrets;
mod several;
mod sources;
mod world;

use world::{World, write_image, write_index};
