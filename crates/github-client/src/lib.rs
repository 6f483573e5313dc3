//! GitHub's REST API with Slipway's policies, on top of `octocrab`.
//!
//! [`GitHub`] knows one repository and one token. It finds the API where the run's context says (GitHub Enterprise Server
//! included), retries what may be retried, honors primary and secondary rate limits within a bound, follows every page of
//! every list, and turns each refusal into an error that names the `permissions:` line to add.
//!
//! The models are our own and hold the few fields that are used: `octocrab`'s require fields that older servers leave out.
//! It decides nothing for the actions and never changes what it did not create: a tag is never moved, a branch never forced.

mod answer;
mod call;
mod checks;
mod client;
mod comments;
mod commits;
mod dispatch;
mod error;
#[cfg(test)]
mod fuzz;
mod git_data;
mod graphql;
mod help;
mod labels;
mod objects;
mod pages;
mod pulls;
mod refusal;
mod releases;
mod retry;
mod reviews;
mod runs;
mod send;
mod tags;
mod transport;

pub use checks::{CheckRun, Conclusion, FoundCheckRun};
pub use client::GitHub;
pub use comments::Comment;
pub use commits::{Commit, Comparison, MergedPull};
pub use error::GitHubError;
pub use git_data::{NewFile, PLAIN_FILE, SetBranch};
pub use objects::{Depth, GitCommit, Tree, TreeEntry};
pub use pulls::{CreatePull, NewPull, PullRequest};
pub use releases::{CreateRelease, LONGEST_RELEASE_BODY, NewRelease, Release};
pub use reviews::{PullReview, ReviewVerdict};
pub use runs::WorkflowRun;
pub use tags::{CreateTag, NewTag, Tag, TagKind, TagRef};
