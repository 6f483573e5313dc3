//! The built binary against scripted answers of ECS, and against an emulator.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod cancelled;
mod codedeploy;
mod codedeploy_rollback;
mod conflicts;
mod containers;
mod continuation;
mod definitions;
mod diagnosis;
mod echo;
mod edits;
mod emulator;
mod errors;
mod faults;
mod least_privilege;
mod official;
mod preflight;
mod prune;
mod reluctant;
mod restores;
mod rollback;
mod rollouts;
mod scene;
mod secrets;
mod service_deployments;
mod services;
mod stand_in;
mod targets;
mod task_answers;
mod tasks;
mod updates;
