//! What the stand-ins promise to the outside, checked against the documents of those they stand in for.

mod github_contract;
