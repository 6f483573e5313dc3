//! Tags: read, listed, created; never moved.

use std::collections::BTreeMap;

use actions_core::CancellationToken;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;
use crate::graphql::{self, Refusal};

/// How many tag objects may point at each other before the last one points at a commit. Git sets no limit; people nest none.
const MAX_NESTING: usize = 8;

/// How many annotated tags are asked for their commits at once.
const AT_ONCE: usize = 100;

/// What is asked of the object of an annotated tag (<https://docs.github.com/en/graphql/reference/objects#tag>).
const TARGET: &str = "on Tag { target { __typename oid } }";

/// What GitHub calls the object of an annotated tag.
const TAG_OBJECT: &str = "tag";

/// A tag and the commit it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The tag's name, without `refs/tags/`.
    pub name: String,
    /// The commit. An annotated tag is followed to the commit it names.
    pub sha: String,
}

/// A tag and what it points at itself, as the list of references has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagRef {
    /// The tag's name, without `refs/tags/`.
    pub name: String,
    /// The object it points at: of a lightweight tag the commit, of an annotated one a tag object.
    pub object: String,
    /// Which of the two it is.
    pub kind: TagKind,
}

/// How a tag names its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagKind {
    /// By itself.
    Lightweight,
    /// By an object that has a message.
    Annotated,
}

/// A tag to create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTag<'a> {
    /// The tag's name, without `refs/tags/`.
    pub name: &'a str,
    /// The commit.
    pub sha: &'a str,
    /// The message of an annotated tag; `None` for a lightweight one.
    pub message: Option<&'a str>,
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
    /// The run was cancelled before it was created.
    Cancelled,
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
struct CreatedTag {
    sha: String,
}

#[derive(Deserialize)]
struct Answered {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Refusal>,
}

#[derive(Deserialize)]
struct Data {
    repository: Option<BTreeMap<String, Option<Annotated>>>,
}

#[derive(Deserialize)]
struct Annotated {
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    #[serde(rename = "__typename")]
    kind: String,
    oid: String,
}

impl GitHub {
    /// The tags that begin with `prefix` and what each points at, in one request: GitHub answers with all of them at once
    /// (<https://docs.github.com/en/rest/git/refs#list-matching-references>).
    pub async fn tag_refs(&self, prefix: &str) -> Result<Vec<TagRef>, GitHubError> {
        let path = self.path(&["git", "matching-refs", &format!("tags/{prefix}")]);
        let call = Call::get("list the tags", path, Permission::ReadContents);
        let references: Vec<Reference> = self.list(&call).await?;
        let tags = references.into_iter().filter_map(|Reference { name, object }| {
            let name = name.strip_prefix("refs/tags/").filter(|name| name.starts_with(prefix))?.to_owned();
            let kind = if object.kind == TAG_OBJECT { TagKind::Annotated } else { TagKind::Lightweight };
            Some(TagRef { name, object: object.sha, kind })
        });
        Ok(tags.collect())
    }

    /// The commit that a listed tag stands for. Only an annotated one costs a request.
    pub async fn commit_of(&self, tag: &TagRef) -> Result<String, GitHubError> {
        match tag.kind {
            TagKind::Lightweight => Ok(tag.object.clone()),
            TagKind::Annotated => {
                let object = Object { kind: TAG_OBJECT.to_owned(), sha: tag.object.clone() };
                self.peel(object, &format!("read the tag `{}`", tag.name)).await
            }
        }
    }

    /// The commits that listed tags stand for, by what each tag points at. Of several annotated ones a hundred cost one question.
    pub async fn commits_of(&self, tags: &[&TagRef]) -> Result<BTreeMap<String, String>, GitHubError> {
        let mut commits = BTreeMap::new();
        let (annotated, lightweight): (Vec<&TagRef>, Vec<&TagRef>) =
            tags.iter().partition(|tag| tag.kind == TagKind::Annotated);
        commits.extend(lightweight.iter().map(|tag| (tag.object.clone(), tag.object.clone())));
        for some in annotated.chunks(AT_ONCE) {
            let mut told = if some.len() > 1 { self.targets_of(some).await? } else { BTreeMap::new() };
            for (at, tag) in some.iter().enumerate() {
                let target = told.remove(&format!("c{at}")).flatten().and_then(|annotated| annotated.target);
                let commit = match target.filter(|target| target.kind == "Commit") {
                    Some(target) => target.oid,
                    // A tag of a tag, which few make.
                    None => self.commit_of(tag).await?,
                };
                commits.insert(tag.object.clone(), commit);
            }
        }
        Ok(commits)
    }

    async fn targets_of(&self, tags: &[&TagRef]) -> Result<BTreeMap<String, Option<Annotated>>, GitHubError> {
        let ids: Vec<&str> = tags.iter().map(|tag| tag.object.as_str()).collect();
        let call = self.objects_call("read the tags", Permission::ReadContents, &ids, ("tagged", TARGET));
        let answered: Answered = self.json_from(&call, &self.graphql).await?;
        match answered.errors.into_iter().next() {
            Some(refusal) => Err(graphql::explain(&call, refusal)),
            None => Ok(answered.data.and_then(|data| data.repository).unwrap_or_default()),
        }
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

    /// Creates a tag; an annotated one costs a request more. One that is there stays where it is.
    pub async fn create_tag(&self, tag: NewTag<'_>, cancel: &CancellationToken) -> Result<CreateTag, GitHubError> {
        let NewTag { name, sha, message } = tag;
        let object = match message {
            Some(message) => Some(self.create_tag_object(name, sha, message).await?),
            None => None,
        };
        if cancel.is_cancelled() {
            return Ok(CreateTag::Cancelled);
        }
        let call = Call::new(
            format!("create the tag `{name}`"),
            Method::POST,
            self.path(&["git", "refs"]),
            Permission::WriteContents,
        )
        .body(json!({ "ref": format!("refs/tags/{name}"), "sha": object.as_deref().unwrap_or(sha) }))
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

    /// Creates the object of an annotated tag and returns its id. Nobody sees it before a reference points at it, so one
    /// that is left over by a cancelled run does no harm.
    async fn create_tag_object(&self, name: &str, sha: &str, message: &str) -> Result<String, GitHubError> {
        let what = format!("create the tag `{name}`");
        let call = Call::new(what, Method::POST, self.path(&["git", "tags"]), Permission::WriteContents)
            .body(json!({ "tag": name, "message": message, "object": sha, "type": "commit" }))
            .repeatable();
        Ok(self.json::<CreatedTag>(&call).await?.sha)
    }

    /// Follows tag objects to the commit.
    async fn peel(&self, mut object: Object, what: &str) -> Result<String, GitHubError> {
        for _ in 0..MAX_NESTING {
            if object.kind != TAG_OBJECT {
                return Ok(object.sha);
            }
            let path = self.path(&["git", "tags", &object.sha]);
            let call = Call::get(what, path, Permission::ReadContents);
            object = self.json::<TagObject>(&call).await?.object;
        }
        Err(GitHubError::UnexpectedAnswer { what: what.to_owned(), reason: "its tag objects never end".to_owned() })
    }
}
