//! The certificate authorities of this machine, by which TLS tells a server from anybody who answers in its name.
//!
//! Linux keeps them twice: in one file, and one by one in a folder of some 300 names. Reading either takes a process that lives for
//! milliseconds most of its time, so the file is enough where it is whole, it is read once for all clients, and not before TLS
//! needs it: a rehearsal speaks plain HTTP to this machine.

mod pem;
mod roots;
mod verifier;

pub use roots::{lacking, text};
pub use verifier::client_config;
