//! What git says of the context: the commit, its date, the versions released so far. Read-only, and git may be missing.

use std::path::Path;

use semver::Version;

use crate::process::Invocation;

/// The commit that is built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) revision: Option<String>,
    /// The commit's date in seconds since 1970.
    pub(crate) date: Option<i64>,
}

/// The commit of the repository around `folder`; nothing where git cannot tell.
pub(crate) async fn commit(folder: &Path) -> Commit {
    let answer = git(["log", "-1", "--format=%H %ct"]).ask(Some(folder)).await.unwrap_or_default();
    let mut words = answer.split(' ');
    let revision = words.next().filter(|hash| hash.len() >= 40).map(str::to_owned);
    Commit { revision, date: words.next().and_then(|date| date.parse().ok()) }
}

/// The highest stable version among the tags `v*` of the repository around `folder`; nothing where it is not known, as in a
/// shallow clone, which may lack any tag.
pub(crate) async fn highest_stable(folder: &Path) -> Option<Version> {
    let shallow = git(["rev-parse", "--is-shallow-repository"]).ask(Some(folder)).await.ok()?;
    if shallow.trim() != "false" {
        return None;
    }
    let tags = git(["tag", "--list", "v*"]).ask(Some(folder)).await.unwrap_or_default();
    highest(&tags)
}

fn git<const N: usize>(args: [&str; N]) -> Invocation {
    Invocation::new("git", args)
}

fn highest(tags: &str) -> Option<Version> {
    let versions = tags.lines().filter_map(|tag| Version::parse(tag.strip_prefix('v')?).ok());
    versions.filter(image_ref::is_stable).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_stable_version_is_found_among_other_tags() {
        let highest = highest("v1.9.0\nv1.10.0\nv2.0.0-rc.1\nvendor\nv1\n");
        assert_eq!(highest, Some(Version::new(1, 10, 0)));
    }
}
