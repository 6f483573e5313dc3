//! Which versions keep a tag that moves from going back. Pure.
//!
//! An image that is a stable version takes `latest` along, and `1` and `1.4` where they are among its tags. None of them goes back to it
//! from a higher version: that happens when the job of an old release is run again, or two releases are under way.

use std::cmp::Ordering;

use image_ref::{ImageTag, is_stable};
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
        if version(tag).is_some() {
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

/// The version that a tag names: `1.0.0`, `v1.0.0`, and `1.0.0_build.7` for what no tag can hold.
fn version(tag: &str) -> Option<Version> {
    Version::parse(&tag.strip_prefix('v').unwrap_or(tag).replace('_', "+")).ok()
}

fn stable(tag: &ImageTag) -> Option<Version> {
    version(tag.as_str()).filter(is_stable)
}

/// The tags among `tags` that name stable versions.
pub(crate) fn releases(tags: impl IntoIterator<Item = String>) -> Vec<ImageTag> {
    tags.into_iter().filter_map(|tag| ImageTag::parse(&tag).ok()).filter(|tag| stable(tag).is_some()).collect()
}

/// Of the tags of one image the one that names its highest stable version.
pub(crate) fn release(tags: &[ImageTag]) -> Option<&ImageTag> {
    highest(tags.iter().filter_map(|tag| Some((stable(tag)?, tag))))
}

/// Whether `tag` follows versions at all.
pub(crate) fn follows(tag: &ImageTag) -> bool {
    Line::of(tag.as_str()).is_some()
}

/// The highest of the `releases` that keeps `tag` from an image which is the version `release`; `None` where none is higher.
pub(crate) fn higher<'a>(tag: &ImageTag, release: &ImageTag, releases: &'a [ImageTag]) -> Option<&'a ImageTag> {
    let (line, own) = (Line::of(tag.as_str())?, stable(release)?);
    let is_higher = |version: &Version| line.has(version) && version.cmp_precedence(&own) == Ordering::Greater;
    highest(releases.iter().filter_map(|tag| Some((stable(tag).filter(is_higher)?, tag))))
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
        assert_eq!(release(&tags), Some(&tags[2]));
        assert_eq!(release(&tags[..2]), None);
    }
}
