//! What was released before, as the tags tell it.

use image_ref::HighestStable;
use semver::Version;
use serde::Serialize;

/// Who was asked for the tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    /// GitHub's API.
    GitHub,
    /// The local clone.
    Git,
}

/// The tags, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tags {
    /// They are known.
    Known {
        /// Who was asked.
        source: Source,
        /// The stable versions that have a tag, lowest first.
        released: Vec<Version>,
        /// The commit that the project's own version is tagged at.
        own: Option<String>,
    },
    /// They are not known.
    Unknown {
        /// Why.
        reason: String,
    },
}

impl Tags {
    /// The stable versions that have a tag, lowest first; none when the tags are not known.
    pub(crate) fn released(&self) -> &[Version] {
        match self {
            Self::Known { released, .. } => released,
            Self::Unknown { .. } => &[],
        }
    }

    /// The highest stable version that has a tag.
    pub(crate) fn highest(&self) -> Option<&Version> {
        self.released().last()
    }

    /// The same as the rules of image tags want it. A clone without any release may lack the tags rather than the releases;
    /// GitHub has them all.
    pub(crate) fn highest_stable(&self) -> HighestStable<'_> {
        match (self, self.highest()) {
            (_, Some(version)) => HighestStable::Version(version),
            (Self::Known { source: Source::GitHub, .. }, None) => HighestStable::None,
            (Self::Known { source: Source::Git, .. } | Self::Unknown { .. }, None) => HighestStable::Unknown,
        }
    }

    /// The highest stable version below `version` that has a tag.
    pub(crate) fn before(&self, version: &Version) -> Option<&Version> {
        self.released().iter().rev().find(|released| *released < version)
    }
}

#[cfg(test)]
mod tests {
    use git_repository::released;

    use super::*;

    #[test]
    fn the_version_before_is_the_next_lower_stable_one() {
        let names = ["v1.10.0", "v1.9.0", "v2.0.0-rc.1", "nightly", "v1", "backend-v3.0.0", "v1.0.0+build"];
        let tags = Tags::Known { source: Source::Git, released: released(&names, "v"), own: None };
        let before = |text: &str| tags.before(&Version::parse(text).unwrap()).map(ToString::to_string);
        assert_eq!(before("2.0.0").as_deref(), Some("1.10.0"));
        assert_eq!(before("1.10.0").as_deref(), Some("1.9.0"));
        assert_eq!(before("1.10.0-SNAPSHOT").as_deref(), Some("1.9.0"));
        assert_eq!(before("1.9.0"), None);
        assert_eq!(tags.highest().map(ToString::to_string).as_deref(), Some("1.10.0"));
    }

    #[test]
    fn only_github_can_say_that_nothing_was_released() {
        let without = |source| Tags::Known { source, released: Vec::new(), own: None };
        assert_eq!(without(Source::GitHub).highest_stable(), HighestStable::None);
        assert_eq!(without(Source::Git).highest_stable(), HighestStable::Unknown);
        assert_eq!(Tags::Unknown { reason: "x".into() }.highest_stable(), HighestStable::Unknown);
        let one = Tags::Known { source: Source::Git, released: vec![Version::new(1, 0, 0)], own: None };
        assert_eq!(one.highest_stable(), HighestStable::Version(&Version::new(1, 0, 0)));
    }
}
