//! The built binary against scripted answers of ECS, and against an emulator.

mod emulator;
mod errors;
mod rollouts;
mod scene;
mod updates;
