//! Releases: found, created, published; never deleted.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// The most characters that GitHub keeps of a release's text: it answers 422 "body is too long" above.
pub const LONGEST_RELEASE_BODY: usize = 125_000;

/// A release that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Release {
    /// Its id.
    pub id: u64,
    /// Its tag. A draft's may not exist.
    pub tag: String,
    /// Whether only those who may write see it.
    pub draft: bool,
    /// Whether it is marked as not ready for production.
    pub prerelease: bool,
    /// The commit or branch that its tag is made at when it is published; of no meaning where the tag exists.
    pub target: String,
    /// Its web page.
    pub url: String,
    /// Its text.
    #[serde(skip)]
    pub body: String,
}

/// A release, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NewRelease {
    /// Its tag.
    pub tag: String,
    /// The commit its tag is made at where there is none yet.
    pub commit: String,
    /// Its title.
    pub name: String,
    /// Its text: Markdown of at most [`LONGEST_RELEASE_BODY`] characters.
    pub body: String,
    /// Whether only those who may write see it.
    pub draft: bool,
    /// Whether it is marked as not ready for production.
    pub prerelease: bool,
    /// Whether it becomes the repository's latest; a draft and a prerelease cannot.
    pub latest: bool,
}

/// What became of the wish to create a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CreateRelease {
    /// It was created.
    Created(Release),
    /// Its tag had a release.
    AlreadyThere(Release),
}

#[derive(Deserialize)]
struct Answered {
    id: u64,
    tag_name: String,
    draft: bool,
    prerelease: bool,
    target_commitish: String,
    html_url: String,
    body: Option<String>,
}

impl From<Answered> for Release {
    fn from(release: Answered) -> Self {
        Self {
            id: release.id,
            tag: release.tag_name,
            draft: release.draft,
            prerelease: release.prerelease,
            target: release.target_commitish,
            url: release.html_url,
            body: release.body.unwrap_or_default(),
        }
    }
}

impl NewRelease {
    fn body(&self) -> Value {
        json!({
            "tag_name": self.tag,
            "target_commitish": self.commit,
            "name": self.name,
            "body": self.body,
            "draft": self.draft,
            "prerelease": self.prerelease,
            // The words `true` and `false`, as text: the field has a third value.
            "make_latest": self.latest.to_string(),
        })
    }
}

impl GitHub {
    /// The published release of a tag (<https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name>).
    pub async fn release_by_tag(&self, tag: &str) -> Result<Option<Release>, GitHubError> {
        let path = self.path(&["releases", "tags", tag]);
        let call = Call::get(format!("read the release of `{tag}`"), path, Permission::ReadContents);
        Ok(self.find::<Answered>(&call).await?.map(Release::from))
    }

    /// The drafts for a tag, newest first; a token that may not write sees none. No question but the list tells of drafts
    /// (<https://docs.github.com/en/rest/releases/releases#list-releases>).
    pub async fn draft_releases(&self, tag: &str) -> Result<Vec<Release>, GitHubError> {
        let call = Call::get("list the releases", self.path(&["releases"]), Permission::ReadContents).paged();
        let releases: Vec<Answered> = self.list(&call).await?;
        let releases = releases.into_iter().map(Release::from);
        Ok(releases.filter(|release| release.draft && release.tag == tag).collect())
    }

    /// Creates a release. A published one of the same tag stays as it is. GitHub takes any number of drafts for one tag, so a draft
    /// whose answer is lost is not sent again.
    pub async fn create_release(&self, release: &NewRelease) -> Result<CreateRelease, GitHubError> {
        let what = format!("create the release of `{}`", release.tag);
        let call = Call::new(what, Method::POST, self.path(&["releases"]), Permission::WriteContents);
        let call = call.body(release.body());
        let call = if release.draft { call } else { call.repeatable() };
        let refusal = match self.json::<Answered>(&call).await {
            Ok(created) => return Ok(CreateRelease::Created(created.into())),
            Err(refusal @ GitHubError::Invalid { .. }) => refusal,
            Err(error) => return Err(error),
        };
        // 422 says `already_exists` when somebody, or an attempt of ours whose answer was lost, was faster.
        match self.release_by_tag(&release.tag).await? {
            Some(there) => Ok(CreateRelease::AlreadyThere(there)),
            None => Err(refusal),
        }
    }

    /// Publishes a draft; its title and text stay (<https://docs.github.com/en/rest/releases/releases#update-a-release>).
    pub async fn publish_release(&self, draft: &Release, release: &NewRelease) -> Result<Release, GitHubError> {
        let what = format!("publish the release of `{}`", draft.tag);
        let path = self.path(&["releases", &draft.id.to_string()]);
        let call = Call::new(what, Method::PATCH, path, Permission::WriteContents).body(json!({
            "target_commitish": release.commit,
            "draft": false,
            "prerelease": release.prerelease,
            "make_latest": release.latest.to_string(),
        }));
        self.json::<Answered>(&call).await.map(Release::from)
    }

    /// Replaces the text of a release.
    pub async fn update_release_body(&self, release: &Release, body: &str) -> Result<(), GitHubError> {
        let what = format!("update the text of the release of `{}`", release.tag);
        let path = self.path(&["releases", &release.id.to_string()]);
        let call = Call::new(what, Method::PATCH, path, Permission::WriteContents).body(json!({ "body": body }));
        self.send(&call).await.map(|_| ())
    }
}
