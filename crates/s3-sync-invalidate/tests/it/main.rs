//! The built binary against an S3 and a CloudFront on loopback; what it did is read back with plain HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod calls;
mod counts;
mod errors;
mod faults;
mod invalidations;
mod least_privilege;
mod publish;
mod secrets;
mod site;
mod stops;
