//! The grammar of `registry/repository:tag@digest`, and the one implementation of Slipway's image tag rules.
//!
//! The grammar is the one of `distribution/reference`
//! (<https://github.com/distribution/reference/blob/main/regexp.go>). A reference without a registry stays without one:
//! nothing is completed silently, and Docker's defaults (`docker.io`, `library/`, `latest`) are applied only by
//! [`ImageReference::with_docker_defaults`].
//!
//! It deliberately does no I/O and knows no registry's protocol.

mod digest;
mod ecr;
mod error;
#[cfg(test)]
mod fuzz;
mod host;
mod reference;
mod release;
mod repository;
mod tag;
mod text;

pub use digest::{Algorithm, Digest, Hasher};
pub use ecr::{EcrRegistry, EcrUri};
pub use error::ParseError;
pub use host::RegistryHost;
pub use reference::{ImageReference, Reference};
pub use release::{
    HighestStable, LatestPolicy, Release, ReleaseTagsError, is_snapshot, is_stable, pull_branch, release_tags,
    tag_version, version_tag,
};
pub use repository::RepositoryName;
pub use tag::ImageTag;
