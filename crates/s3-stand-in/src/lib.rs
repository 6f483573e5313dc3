//! An S3 on loopback that costs so little that its clients can be measured against it.
//!
//! One thread, HTTP/1.1 read by `httparse`, a sorted map. Every answer leaves a set time after its request arrived, however many
//! wait, and every request is counted by the name of its operation. Conditions on writes and deletes, both versions of the listing,
//! multipart uploads and copies work as S3 documents them.
//!
//! It checks no signature and no checksum, keeps no header of an object but of one that came in parts, and keeps no body above 64 KiB: it is not what a client is
//! tested against.
//!
//! It is a program of its own so that it can be built for speed in seconds, and so that its processor time is known apart:
//! `s3-stand-in` prints its address and serves until its standard input ends. Below `/-/` it is told what to hold
//! ([`control`]).

mod answer;
pub mod control;
mod delete;
mod listing;
mod multipart;
mod object;
mod operation;
mod request;
mod server;
mod store;

pub use server::serve;
