//! A client of the OCI distribution API
//! (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md>): manifests, streaming blob uploads, verified
//! downloads, basic and token authentication.
//!
//! Invariants: a layer is never held in memory; what is pulled is checked against its digest; credentials go to the
//! registry and to the token server it names, to no other host, and into no log; plain HTTP is for loopback hosts only.
//!
//! It deliberately knows no image format: blobs are sections of files or lie in another registry, manifests are bytes.

mod answer;
mod auth;
mod blob;
mod call;
mod download;
mod endpoint;
mod error;
#[cfg(test)]
mod fuzz;
mod limiter;
mod manifest;
mod pages;
mod referrers;
mod registry;
mod remote;
mod retry;
mod source;
mod statistics;
mod tags;
mod upload;

pub use auth::Auth;
pub use blob::BlobPush;
pub use endpoint::Endpoint;
pub use error::Error;
pub use manifest::{Manifest, ManifestHead};
pub use referrers::Referrer;
pub use registry::Registry;
pub use remote::RemoteBlob;
pub use source::{BlobFile, BlobSource};
pub use statistics::Statistics;
pub use upload::{Presence, Upload};
