//! Tags: read, listed, created; never moved.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// How many tag objects may point at each other before the last one points at a commit. Git sets no limit; people nest none.
const MAX_NESTING: usize = 8;

/// A tag and the commit it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The tag's name, without `refs/tags/`.
    pub name: String,
    /// The commit. An annotated tag is followed to the commit it names.
    pub sha: String,
}

/// What became of the wish to create a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CreateTag {
    /// It was created.
    Created,
    /// It was there, at the same commit.
    AlreadyThere,
    /// It was there, at another commit, and stays there.
    Conflict {
        /// The other commit.
        sha: String,
    },
}

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "ref")]
    name: String,
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    kind: String,
    sha: String,
}

#[derive(Deserialize)]
struct TagObject {
    object: Object,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    commit: ListedCommit,
}

#[derive(Deserialize)]
struct ListedCommit {
    sha: String,
}

impl GitHub {
    /// The names of the tags that begin with `prefix`; the cheapest list there is. GitHub answers with all of them at once.
    pub async fn tag_names(&self, prefix: &str) -> Result<Vec<String>, GitHubError> {
        let path = self.path(&["git", "matching-refs", &format!("tags/{prefix}")]);
        let call = Call::get("list the tags", path, Permission::ReadContents);
        let references: Vec<Reference> = self.list(&call).await?;
        let names = references.into_iter().filter_map(|reference| {
            let name = reference.name.strip_prefix("refs/tags/")?;
            name.starts_with(prefix).then(|| name.to_owned())
        });
        Ok(names.collect())
    }

    /// The tags that begin with `prefix`, with their commits.
    pub async fn tags(&self, prefix: &str) -> Result<Vec<Tag>, GitHubError> {
        let call = Call::get("list the tags", self.path(&["tags"]), Permission::ReadContents).paged();
        let tags: Vec<Listed> = self.list(&call).await?;
        let tags = tags.into_iter().filter(|tag| tag.name.starts_with(prefix));
        Ok(tags.map(|tag| Tag { name: tag.name, sha: tag.commit.sha }).collect())
    }

    /// The tag `name`, or `None` when the repository has none of that name.
    pub async fn tag(&self, name: &str) -> Result<Option<Tag>, GitHubError> {
        let what = format!("read the tag `{name}`");
        let path = self.path(&["git", "ref", &format!("tags/{name}")]);
        let call = Call::get(what, path, Permission::ReadContents);
        let Some(reference) = self.find::<Reference>(&call).await? else { return Ok(None) };
        let sha = self.peel(reference.object, &call.what).await?;
        Ok(Some(Tag { name: name.to_owned(), sha }))
    }

    /// Creates the tag `name` at the commit `sha`. A tag that is there stays where it is.
    pub async fn create_tag(&self, name: &str, sha: &str) -> Result<CreateTag, GitHubError> {
        let call = Call::new(
            format!("create the tag `{name}`"),
            Method::POST,
            self.path(&["git", "refs"]),
            Permission::WriteContents,
        )
        .body(json!({ "ref": format!("refs/tags/{name}"), "sha": sha }))
        .repeatable();
        let refusal = match self.send(&call).await {
            Ok(_) => return Ok(CreateTag::Created),
            Err(refusal @ (GitHubError::Invalid { .. } | GitHubError::RuleViolation { .. })) => refusal,
            Err(error) => return Err(error),
        };
        // 422 says "Reference already exists" when somebody, or an attempt of ours whose answer was lost, was faster.
        match self.tag(name).await? {
            Some(tag) if tag.sha == sha => Ok(CreateTag::AlreadyThere),
            Some(tag) => Ok(CreateTag::Conflict { sha: tag.sha }),
            None => Err(refusal),
        }
    }

    /// Follows tag objects to the commit.
    async fn peel(&self, mut object: Object, what: &str) -> Result<String, GitHubError> {
        for _ in 0..MAX_NESTING {
            if object.kind != "tag" {
                return Ok(object.sha);
            }
            let path = self.path(&["git", "tags", &object.sha]);
            let call = Call::get(what, path, Permission::ReadContents);
            object = self.json::<TagObject>(&call).await?.object;
        }
        Err(GitHubError::UnexpectedAnswer { what: what.to_owned(), reason: "its tag objects never end".to_owned() })
    }
}
