//! A container registry on loopback that costs so little that its clients can be measured against it.
//!
//! One thread, HTTP/1.1 read by `httparse`, a map. Every answer leaves a set time after its request arrived, however many wait,
//! and every request is counted. Uploads in one piece and in chunks, mounts, manifests, tags and their list work as the distribution
//! specification has them; beside it three operations of ECR's API tell the same, so that who asks there pays for it. A
//! manifest is taken only when everything it names is there and as long as it says.
//!
//! It checks no password, and keeps no body of a blob. It hashes blobs only when it is told to, in a run whose time does not count.
//!
//! It is a program of its own so that it can be built for speed in seconds, and so that its processor time is known apart:
//! `registry-stand-in` prints its address and serves until its standard input ends. Below `/-/` it is told what to do
//! ([`control`]).

mod answer;
mod body;
pub mod control;
mod ecr;
mod head;
mod registry;
mod server;
mod store;

pub use server::serve;
