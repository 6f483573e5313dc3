//! Comments of a pull request.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// A comment in a pull request's conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: u64,
    /// Its id in GraphQL.
    pub node_id: String,
    /// Its Markdown; empty where there is none.
    pub body: String,
    /// Its web page.
    pub url: String,
    /// The login of who wrote it; empty for an account that is gone.
    pub author: String,
}

#[derive(Deserialize)]
struct Answered {
    id: u64,
    node_id: String,
    body: Option<String>,
    html_url: String,
    user: Option<User>,
}

#[derive(Deserialize)]
struct User {
    login: String,
    #[serde(rename = "type", default)]
    kind: String,
}

/// Whose comments count as our own.
enum Author {
    /// Any bot's. A job's token cannot ask who it is, and no person can write as a bot.
    Bot,
    /// This user's.
    User(String),
}

impl Author {
    fn wrote(&self, comment: &Answered) -> bool {
        comment.user.as_ref().is_some_and(|user| match self {
            Self::Bot => user.kind == "Bot",
            Self::User(login) => user.login.eq_ignore_ascii_case(login),
        })
    }
}

impl From<Answered> for Comment {
    fn from(comment: Answered) -> Self {
        Self {
            id: comment.id,
            node_id: comment.node_id,
            body: comment.body.unwrap_or_default(),
            url: comment.html_url,
            author: comment.user.map(|user| user.login).unwrap_or_default(),
        }
    }
}

impl GitHub {
    /// The oldest comment of the pull request that begins with `marker` and is the token's own. Somebody else's comment with the
    /// same marker is never found, so nobody can have theirs overwritten or hide ours; nor is a bot's that quotes it.
    pub async fn find_sticky_comment(&self, pull_request: u64, marker: &str) -> Result<Option<Comment>, GitHubError> {
        let what = format!("read the comments of pull request #{pull_request}");
        let path = self.path(&["issues", &pull_request.to_string(), "comments"]);
        let comments: Vec<Answered> = self.list(&Call::get(what, path, Permission::ReadPulls).paged()).await?;
        let candidates: Vec<Answered> = comments
            .into_iter()
            .filter(|comment| comment.body.as_ref().is_some_and(|body| body.trim_start().starts_with(marker)))
            .collect();
        if candidates.is_empty() {
            return Ok(None);
        }
        let author = self.author().await?;
        Ok(candidates
            .into_iter()
            .filter(|comment| author.wrote(comment))
            .min_by_key(|comment| comment.id)
            .map(Into::into))
    }

    /// Writes a comment.
    pub async fn create_comment(&self, pull_request: u64, body: &str) -> Result<Comment, GitHubError> {
        let what = format!("comment on pull request #{pull_request}");
        let path = self.path(&["issues", &pull_request.to_string(), "comments"]);
        let call = Call::new(what, Method::POST, path, Permission::WritePulls).body(json!({ "body": body }));
        self.json::<Answered>(&call).await.map(Into::into)
    }

    /// Replaces the text of a comment.
    pub async fn update_comment(&self, id: u64, body: &str) -> Result<Comment, GitHubError> {
        let path = self.path(&["issues", "comments", &id.to_string()]);
        let call = Call::new(format!("update comment {id}"), Method::PATCH, path, Permission::WritePulls);
        let call = call.body(json!({ "body": body }));
        self.json::<Answered>(&call).await.map(Into::into)
    }

    /// A comment; `None` where it is gone.
    pub async fn comment(&self, id: u64) -> Result<Option<Comment>, GitHubError> {
        let path = self.path(&["issues", "comments", &id.to_string()]);
        let call = Call::get(format!("read comment {id}"), path, Permission::ReadPulls);
        self.find::<Answered>(&call).await.map(|found| found.map(Into::into))
    }

    /// Removes a comment; one that is gone is removed.
    pub async fn delete_comment(&self, id: u64) -> Result<(), GitHubError> {
        let path = self.path(&["issues", "comments", &id.to_string()]);
        let call = Call::new(format!("remove comment {id}"), Method::DELETE, path, Permission::WritePulls);
        match self.send(&call).await {
            Ok(_) | Err(GitHubError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Who the token writes as.
    async fn author(&self) -> Result<Author, GitHubError> {
        if self.app_token {
            return Ok(Author::Bot);
        }
        let call = Call::get("ask who the token belongs to", vec!["user".to_owned()], Permission::ReadPulls);
        match self.json::<User>(&call).await {
            Ok(user) => Ok(Author::User(user.login)),
            Err(GitHubError::Forbidden { .. } | GitHubError::NotFound { .. }) => Ok(Author::Bot),
            Err(error) => Err(error),
        }
    }
}
