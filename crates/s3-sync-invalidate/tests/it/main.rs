//! The built binary against an S3 and a CloudFront on loopback; what it did is read back with plain HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod browser;
mod cache_tags;
mod calls;
mod compressed;
mod counts;
mod deletes;
mod errors;
mod faults;
mod faults_large;
mod garbled;
mod headers;
mod invalidations;
mod keys;
mod least_privilege;
mod manifest;
mod multipart;
mod names;
mod notes;
mod peers;
mod publish;
mod release_prefix;
mod rollback;
mod round_trips;
mod secrets;
mod site;
mod slow_down;
mod stops;
mod visitor;
