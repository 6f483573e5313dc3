//! The tags, from GitHub where it can be asked, else from the clone.

use std::collections::BTreeSet;
use std::path::Path;

use git_repository::released;
use github_client::{GitHub, TagKind, TagRef};

use crate::error::Error;
use crate::history::{Source, Tags};

/// All tags that begin alike.
pub(super) enum Listed {
    /// GitHub's, in the order of their names: one request for all of them.
    GitHub(Vec<TagRef>),
    /// The clone's with their commits, in the order of their names.
    Clone(Vec<(String, String)>),
    /// They are not known; the text says why.
    Unknown(String),
}

impl Listed {
    /// The tags that begin with `prefix`.
    pub(super) async fn of(prefix: &str, github: Option<&GitHub>, folder: &Path) -> Result<Self, Error> {
        if let Some(github) = github {
            let mut tags = github.tag_refs(prefix).await?;
            tags.sort_unstable_by(|one, other| one.name.cmp(&other.name));
            return Ok(Self::GitHub(tags));
        }
        Ok(match git_repository::tag_commits(folder).await {
            Ok(mut tags) => {
                tags.sort_unstable();
                Self::Clone(tags)
            }
            Err(reason) => Self::Unknown(format!("there is no token, and {reason}")),
        })
    }

    /// Follows those of the tags with these names that are annotated to their commits, all at once.
    pub(super) async fn follow(&mut self, names: &[String], github: Option<&GitHub>) -> Result<(), Error> {
        let (Self::GitHub(tags), Some(github)) = (self, github) else { return Ok(()) };
        let places: BTreeSet<usize> =
            names.iter().filter_map(|name| tags.binary_search_by(|tag| tag.name.cmp(name)).ok()).collect();
        let wanted: Vec<&TagRef> = places.iter().map(|place| &tags[*place]).collect();
        let commits = github.commits_of(&wanted).await?;
        for tag in places {
            if let Some(commit) = commits.get(&tags[tag].object) {
                tags[tag] = TagRef { object: commit.clone(), kind: TagKind::Lightweight, ..tags[tag].clone() };
            }
        }
        Ok(())
    }

    /// The tags of a project. Of an own tag that is annotated and was not followed the object stands for the commit.
    pub(super) fn of_project(&self, prefix: &str, own: &str) -> Tags {
        match self {
            Self::GitHub(tags) => {
                let tags = beginning(tags, prefix, |tag| &tag.name);
                let own = found(tags, own, |tag| &tag.name).map(|tag| tag.object.clone());
                let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
                Tags::Known { source: Source::GitHub, released: released(&names, prefix), own }
            }
            Self::Clone(tags) => {
                let tags = beginning(tags, prefix, |(name, _)| name);
                let own = found(tags, own, |(name, _)| name).map(|(_, commit)| commit.clone());
                let names: Vec<&str> = tags.iter().map(|(name, _)| name.as_str()).collect();
                Tags::Known { source: Source::Git, released: released(&names, prefix), own }
            }
            Self::Unknown(reason) => Tags::Unknown { reason: reason.clone() },
        }
    }

    /// The object of the tag with a name: the commit of one that was followed.
    pub(super) fn object_of(&self, name: &str) -> Option<&str> {
        match self {
            Self::GitHub(tags) => found(tags, name, |tag| &tag.name).map(|tag| tag.object.as_str()),
            Self::Clone(tags) => found(tags, name, |(name, _)| name).map(|(_, commit)| commit.as_str()),
            Self::Unknown(_) => None,
        }
    }
}

/// The one of a sorted list that is called `name`.
fn found<'a, T>(list: &'a [T], wanted: &str, name: impl Fn(&T) -> &String) -> Option<&'a T> {
    list.binary_search_by(|item| name(item).as_str().cmp(wanted)).ok().map(|place| &list[place])
}

/// Those of a sorted list that begin with `prefix`.
fn beginning<'a, T>(list: &'a [T], prefix: &str, name: impl Fn(&T) -> &String) -> &'a [T] {
    let begin = list.partition_point(|item| name(item).as_str() < prefix);
    let count = list[begin..].partition_point(|item| name(item).starts_with(prefix));
    &list[begin..begin + count]
}
