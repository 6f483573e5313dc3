//! One AWS configuration for every action: region, credentials (the job's OIDC token or ambient ones), TLS, retries,
//! time-outs, user agent, endpoint override, the account check, and the mapping of errors to what a person can do.
//!
//! It knows the operations of no service: an action makes the SDK's client from [`Aws::config`], or sends its own requests by [`call`] and
//! [`direct`].

mod args;
pub mod call;
mod claims;
mod connect;
pub mod direct;
mod download;
mod error;
mod http;
mod oidc;
pub mod policy;
mod refusal;

pub use args::{AccountId, AwsArgs, AwsInputs, RoleArn};
pub use claims::Claims;
pub use connect::{Aws, ConnectError};
pub use error::{ApiError, ApiErrorKind, api_error};
pub use refusal::{Acceptor, Refusal};
