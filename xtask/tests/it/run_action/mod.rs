//! `scripts/run-action.sh`, run for real from a copy beside a made-up `release.lock`.

mod attestation;
mod cache;
mod download;
mod install;
mod mirror;
mod provided;
mod release;
mod usage;
