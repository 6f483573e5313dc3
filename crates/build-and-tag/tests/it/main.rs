//! The built binary on real folders: embedded builds, their reproducibility, refusals, other builders.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]
#![expect(clippy::print_stderr, reason = "a test that cannot run here says SKIPPED")]

mod bases;
#[cfg(target_os = "linux")]
mod buildah_login;
mod builders;
#[cfg(unix)]
mod buildx;
mod codes;
#[cfg(target_os = "linux")]
mod docker_login;
mod ecr;
mod embedded;
mod emulator;
mod errors;
mod faults;
#[cfg(unix)]
mod foreign_builder;
#[cfg(target_os = "linux")]
mod hostile;
mod instructions;
mod layers;
mod least_privilege;
mod metadata;
#[cfg(unix)]
mod oracle;
#[cfg(unix)]
mod platforms;
mod published;
mod pushed;
mod refused;
mod reproducible;
mod secrets;
mod support;
#[cfg(unix)]
mod told;
