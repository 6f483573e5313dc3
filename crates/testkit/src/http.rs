//! Requests as the stand-ins record them and replies as they send them.

mod client;
mod reply;
mod request;

pub use client::{ClientError, get, send};
pub use reply::Reply;
pub use request::Request;

/// A request and what it was answered; no reply when the connection was cut on purpose.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What arrived.
    pub request: Request,
    /// What was sent back.
    pub reply: Option<Reply>,
}
