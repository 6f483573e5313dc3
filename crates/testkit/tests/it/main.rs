//! What the stand-ins promise to the outside, checked against the documents of those they stand in for.
#![allow(clippy::expect_used, reason = "helpers of tests have nobody to return an error to")]

mod ecs_scenarios;
mod github_contract;
