//! Everything Slipway is tested and rehearsed with: loopback stand-ins of GitHub, its OIDC issuer, OCI registries and
//! AWS, faults to inject into them, a fake runner for the built binaries, and the pinned third-party tools.
//!
//! Every server listens on 127.0.0.1 only, runs on its own thread with its own runtime (so it serves synchronous tests and
//! tests inside tokio alike), records what it received, and stops when dropped. The modules [`runner`] and [`aws`]
//! are for tests and panic with an explanation; whatever a rehearsal uses returns typed errors.

pub mod act;
pub mod aws;
pub mod aws_model;
pub mod bomb;
pub mod browser;
pub mod budget;
pub mod canary;
pub mod codedeploy;
pub mod docker;
pub mod ecs;
pub mod fault;
pub mod github;
pub mod hostile;
pub mod http;
pub mod iam;
pub mod matrix;
pub mod ministack;
mod mutate;
pub mod oidc;
#[cfg(feature = "openapi")]
pub mod openapi;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "openapi")]
pub mod prism;
pub mod process;
pub mod provoked;
pub mod registry;
pub mod runner;
mod server;
pub mod tools;
mod violations;
mod wildcard;

pub use act::{ActEvent, ActOutcome, ActRun, Conclusion, EventKind};
pub use aws::FakeAws;
pub use codedeploy::FakeCodeDeploy;
pub use ecs::FakeEcs;
pub use fault::{Fault, FaultProxy, Faults};
pub use github::FakeGitHub;
pub use ministack::Ministack;
pub use mutate::{Edit, mutate, mutate_json};
pub use oidc::FakeOidc;
pub use registry::FakeRegistry;
pub use runner::{FakeRunner, RunOutput};
pub use server::StartError;
pub use tools::{Tools, ToolsError};
