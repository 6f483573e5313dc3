//! A small HTTP/1.1 service: `/health` and `/version`, standard library only.
//!
//! The flow: [`run`] reads the command line, [`Config`] checks the environment, [`Server`] accepts connections on a
//! fixed number of threads, [`Request`] bounds and parses one request head, [`route`] answers it.
//!
//! It deliberately has no keep-alive, no request bodies and no signal handling; the README says what follows from that.

mod build;
mod command;
mod config;
mod health;
mod request;
mod response;
mod routes;
mod server;

pub use build::Build;
pub use command::run;
pub use config::{Config, ConfigError};
pub use health::{ProbeError, probe};
pub use request::{Rejection, Request};
pub use response::Response;
pub use routes::route;
pub use server::{Limits, Server};
