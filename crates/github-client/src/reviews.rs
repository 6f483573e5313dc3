//! Reviews of a pull request.

use serde::Deserialize;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// A review of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullReview {
    /// Who wrote it; empty where the account is gone.
    pub author: String,
    /// What it says.
    pub verdict: ReviewVerdict,
    /// The commit that was reviewed; `None` where it is gone.
    pub commit: Option<String>,
}

/// What a review says of the pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewVerdict {
    /// It approves.
    Approved,
    /// It wants changes.
    ChangesRequested,
    /// It was taken back.
    Dismissed,
    /// It only comments, is not sent yet, or says what this version does not know.
    Other,
}

#[derive(Deserialize)]
struct Answered {
    user: Option<User>,
    state: String,
    commit_id: Option<String>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

impl From<Answered> for PullReview {
    fn from(review: Answered) -> Self {
        Self {
            author: review.user.map(|user| user.login).unwrap_or_default(),
            verdict: match review.state.as_str() {
                "APPROVED" => ReviewVerdict::Approved,
                "CHANGES_REQUESTED" => ReviewVerdict::ChangesRequested,
                "DISMISSED" => ReviewVerdict::Dismissed,
                _ => ReviewVerdict::Other,
            },
            commit: review.commit_id,
        }
    }
}

impl GitHub {
    /// The reviews of the pull request `number`, the oldest first
    /// (<https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request>).
    pub async fn pull_reviews(&self, number: u64) -> Result<Vec<PullReview>, GitHubError> {
        let path = self.path(&["pulls", &number.to_string(), "reviews"]);
        let call =
            Call::get(format!("read the reviews of pull request #{number}"), path, Permission::ReadPulls).paged();
        let reviews: Vec<Answered> = self.list(&call).await?;
        Ok(reviews.into_iter().map(Into::into).collect())
    }
}
