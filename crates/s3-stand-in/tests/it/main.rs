//! The stand-in as clients see it: raw HTTP over a socket.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;
mod conditions;
mod listing;
mod multipart;
mod wire;
