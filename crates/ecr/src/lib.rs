//! ECR's registries, private and public: which hosts they are, the password of each, where it answers, and what a repository lets its
//! tags do.
//!
//! Invariants: a password goes to a host of ECR or to this machine; it is asked for once in a region, and masked before anybody has it.
//!
//! It deliberately pushes and pulls nothing: that is `oci-registry`. It needs no SDK crate; its calls are `aws_client::call`'s.

mod error;
mod host;
mod layer;
mod login;
mod private;
mod public;
mod repository;
mod wildcard;

pub use error::{Error, denied};
pub use host::{Host, PUBLIC_HOST, REGISTRY_OVERRIDE, endpoint, loopback, registry};
pub use layer::MOST_LAYERS;
pub use login::{Logins, PUBLIC_LOGIN};
pub use private::PrivateRegistry;
pub use public::{PublicName, PublicRegistry};
pub use repository::{Mutability, Repository, arn};
pub use wildcard::Wildcard;
