//! Which versions keep a tag that moves from going back. Pure.
//!
//! An image that is a stable version takes `latest` along, and `1` and `1.4` where they are among its tags. None of them goes back to it
//! from a higher version: that happens when the job of an old release is run again, or two releases are under way.
//!
//! A variant has versions of its own: `1.4.0-slim` takes `latest-slim` and `1-slim` along, and they go by what ends in `-slim`, as
//! docker/metadata-action's `flavor` names them. Which prereleases are variants the tags themselves say: those that a tag which moves ends like.

use std::cmp::Ordering;

use image_ref::{ImageTag, is_snapshot, is_stable, tag_version};
use semver::Version;
use serde::Serialize;

/// Whether tags that move may go back to a lower version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum MovingTags {
    /// They stay with the highest stable version.
    #[default]
    Forward,
    /// They go where they are sent.
    Any,
}

/// The versions that a tag which moves stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// All of them, as `latest` does.
    Every,
    /// Those of one major version, as `1` and `1-slim` do.
    Major(u64),
    /// Those of one minor version, as `1.4` does.
    Minor(u64, u64),
}

impl Line {
    /// The line of `tag`; `None` when it is a version of its own, such as `1.1.0-SNAPSHOT`, which has nothing to go back behind.
    fn of(tag: &str) -> Option<Self> {
        if tag_version(tag).is_some() {
            return None;
        }
        let numbers = tag.strip_prefix('v').unwrap_or(tag).split('-').next().unwrap_or_default();
        let numbers: Option<Vec<u64>> = numbers.split('.').map(|number| number.parse().ok()).collect();
        Some(match numbers.as_deref() {
            Some([major]) => Self::Major(*major),
            Some([major, minor]) => Self::Minor(*major, *minor),
            _ => Self::Every,
        })
    }

    fn has(self, version: &Version) -> bool {
        match self {
            Self::Every => true,
            Self::Major(major) => version.major == major,
            Self::Minor(major, minor) => (version.major, version.minor) == (major, minor),
        }
    }
}

/// The tags among `tags` that name versions.
pub(crate) fn releases(tags: impl IntoIterator<Item = String>) -> Vec<ImageTag> {
    tags.into_iter().filter(|tag| tag_version(tag).is_some()).filter_map(|tag| ImageTag::parse(&tag).ok()).collect()
}

/// Of the tags `own` of one image the one whose version `moving` goes by: the highest stable one, else the highest of a variant.
pub(crate) fn release<'a>(own: &'a [ImageTag], moving: &[&ImageTag]) -> Option<&'a ImageTag> {
    let versions = || own.iter().filter_map(|tag| Some((tag_version(tag.as_str())?, tag)));
    let has_followers = |version: &Version| moving.iter().any(|tag| follows(tag) && ends_like(tag, version));
    highest(versions().filter(|(version, _)| is_stable(version)))
        .or_else(|| highest(versions().filter(|(version, tag)| !moving.contains(tag) && has_followers(version))))
}

/// Whether `tag` follows versions at all.
pub(crate) fn follows(tag: &ImageTag) -> bool {
    Line::of(tag.as_str()).is_some()
}

/// Whether `tag` names a line, as `1` and `1.4` do, and none of the versions among `own`, the tags of its image, is a release of it. No
/// image without a version is judged.
pub(crate) fn is_astray<'a>(tag: &ImageTag, own: impl IntoIterator<Item = &'a ImageTag>) -> bool {
    let Some(line) = Line::of(tag.as_str()).filter(|line| *line != Line::Every) else { return false };
    let mut versions = own.into_iter().filter_map(|tag| tag_version(tag.as_str())).peekable();
    versions.peek().is_some() && !versions.any(|version| !is_snapshot(&version) && line.has(&version))
}

/// Whether `tag` goes by the versions of the variant that `own` is one of: all tags go by stable versions.
fn ends_like(tag: &ImageTag, own: &Version) -> bool {
    own.pre.is_empty() || tag.as_str().strip_suffix(own.pre.as_str()).is_some_and(|head| head.ends_with('-'))
}

/// The highest of the `releases` that keeps `tag` from an image which is the version `release`; `None` where none is higher.
pub(crate) fn higher<'a>(tag: &ImageTag, release: &ImageTag, releases: &'a [ImageTag]) -> Option<&'a ImageTag> {
    let (line, own) = (Line::of(tag.as_str())?, tag_version(release.as_str())?);
    if !ends_like(tag, &own) {
        return None;
    }
    let is_higher = |version: &Version| {
        version.pre == own.pre && line.has(version) && version.cmp_precedence(&own) == Ordering::Greater
    };
    highest(releases.iter().filter_map(|tag| Some((tag_version(tag.as_str()).filter(is_higher)?, tag))))
}

fn highest<'a>(versions: impl Iterator<Item = (Version, &'a ImageTag)>) -> Option<&'a ImageTag> {
    versions.max_by(|(one, _), (other, _)| one.cmp_precedence(other)).map(|(_, tag)| tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> ImageTag {
        ImageTag::parse(text).unwrap()
    }

    #[track_caller]
    fn check(moving: &str, own: &str, there: &[&str], expected: Option<&str>) {
        let there = releases(there.iter().map(ToString::to_string));
        assert_eq!(higher(&tag(moving), &tag(own), &there).map(ImageTag::as_str), expected, "{moving} {own}");
    }

    #[test]
    fn a_tag_of_a_line_goes_with_the_releases_of_that_line() {
        let is_astray = |moving: &str, own: &[&str]| {
            let own: Vec<ImageTag> = own.iter().map(|text| tag(text)).collect();
            is_astray(&tag(moving), &own)
        };
        for (moving, own) in [
            ("1.0", &["1.1.0"] as &[&str]),
            ("v1.0", &["v1.1.0"]),
            ("1", &["2.0.0", "latest"]),
            ("1.0", &["1.0.0-SNAPSHOT", "develop"]),
        ] {
            assert!(is_astray(moving, own), "{moving} {own:?}");
        }
        for (moving, own) in [
            ("1.0", &["1.0.4", "1.0"] as &[&str]),
            ("1", &["1.4.0-slim"]),
            ("1.0", &["nightly"]),
            ("latest", &["1.0.0"]),
            ("develop", &["1.1.0-SNAPSHOT"]),
        ] {
            assert!(!is_astray(moving, own), "{moving} {own:?}");
        }
    }

    #[test]
    fn a_tag_stays_with_the_highest_version_of_its_line() {
        let there = ["1.0.4", "1.0.5", "1.4.0", "1.10.0", "2.0.0", "v3.0.0", "4.0.0-rc.1", "5", "latest"];
        check("latest", "1.0.5", &there, Some("v3.0.0"));
        check("1", "1.0.5", &there, Some("1.10.0"));
        check("v1", "1.0.5", &there, Some("1.10.0"));
        check("1-slim", "1.0.5", &there, Some("1.10.0"));
        check("1.0", "1.0.5", &there, None);
        check("1.4", "1.4.0", &there, None);
        check("latest", "v3.0.0", &there, None);
        check("latest", "3.0.1", &there, None);
        check("stable-slim", "2.0.0", &there, Some("v3.0.0"));
    }

    #[test]
    fn a_version_follows_no_other_one() {
        for version in ["1.1.0-SNAPSHOT", "1.0.0", "1.0.0_build.1", "v2.0.0-rc.1"] {
            assert!(!follows(&tag(version)), "{version}");
            check(version, "1.0.0", &["9.0.0"], None);
        }
        for moving in ["latest", "develop", "1", "1.0", "v1.0", "1.0.0.1", "release-1"] {
            assert!(follows(&tag(moving)), "{moving}");
        }
    }

    #[test]
    fn builds_of_one_version_are_equal_and_what_is_not_stable_is_no_release() {
        check("latest", "1.0.0_build.1", &["1.0.0_build.9", "1.0.0"], None);
        let tags = ["1.1.0-SNAPSHOT", "develop", "1.0.0", "0.9.0"].map(tag);
        let moving: Vec<&ImageTag> = tags[..2].iter().collect();
        assert_eq!(release(&tags, &moving), Some(&tags[2]));
        assert_eq!(release(&tags[..2], &moving), None);
    }

    #[test]
    fn a_tag_of_a_variant_goes_by_the_versions_of_that_variant() {
        let there =
            ["1.3.9-slim", "1.4.0-slim", "2.0.0-slim", "3.0.0", "4.0.0-alpine", "5.0.0-slim-bookworm", "6.0.0-rc.1"];
        check("latest-slim", "1.4.0-slim", &there, Some("2.0.0-slim"));
        check("1-slim", "1.4.0-slim", &there, None);
        check("1-slim", "1.3.9-slim", &there, Some("1.4.0-slim"));
        check("1.3-slim", "1.3.9-slim", &there, None);
        check("latest-slim", "3.0.0-slim", &there, None);
        check("latest-slim-bookworm", "1.0.0-slim-bookworm", &there, Some("5.0.0-slim-bookworm"));
        check("latest-bookworm", "1.0.0-slim-bookworm", &there, None);
        check("latest", "1.4.0-slim", &there, None);
    }

    #[test]
    fn a_prerelease_is_a_variant_where_a_tag_that_moves_ends_like_it() {
        let tags = ["1.4.0-slim", "1.5.0-slim", "1.4.0-rc.1"].map(tag);
        let of = |moving: &[&str]| {
            let moving: Vec<ImageTag> = moving.iter().map(|text| tag(text)).collect();
            release(&tags, &moving.iter().collect::<Vec<_>>()).map(|tag| tag.as_str().to_owned())
        };
        assert_eq!(of(&["latest-slim"]).as_deref(), Some("1.5.0-slim"));
        assert_eq!(of(&["latest-slim", "1.5.0-slim"]).as_deref(), Some("1.4.0-slim"), "snapshots are not compared");
        for moving in [&["latest"][..], &["rc"], &["latestslim"], &["2.0.0-slim"], &[]] {
            assert_eq!(of(moving), None, "{moving:?}");
        }
    }
}
