//! The built binary against an S3 and a CloudFront on loopback; what it did is read back with plain HTTP.

mod errors;
mod faults;
mod least_privilege;
mod publish;
mod secrets;
mod site;
