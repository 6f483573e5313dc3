//! Image tags, and making one of any text.

use std::fmt;

use crate::text::checked_text;
use crate::{Digest, ParseError};

/// The longest tag a registry takes.
pub(crate) const LONGEST: usize = 128;

/// How many digits of a hash tell two texts apart that became one tag.
const HASH_DIGITS: usize = 8;

/// A tag: `[\w][\w.-]{0,127}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageTag(String);

impl ImageTag {
    /// Parses a tag.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let fits = (1..=LONGEST).contains(&text.len());
        if fits && text.chars().all(is_tag_character) && !text.starts_with(['.', '-']) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError::Tag)
        }
    }

    /// Makes a tag of any text: what a tag cannot hold becomes `-`.
    ///
    /// When that (or the length limit) changed something, a hash of the text is added, so that `feature/a` and
    /// `feature-a` do not share one tag. A text that is a tag already is kept as it is.
    pub fn sanitize(text: &str) -> Self {
        Self::sanitize_within(text, LONGEST)
    }

    /// Makes a tag of a text that a person or another tool gave for one: a tag stays as it is, a version with build metadata
    /// gets `_` for its `+`, as its own tag does, and anything else is [`ImageTag::sanitize`]d, with its hash.
    pub fn of_given(text: &str) -> Self {
        if let Ok(tag) = Self::parse(text) {
            return tag;
        }
        let mapped = text.replace('+', "_");
        let is_version = semver::Version::parse(text.strip_prefix('v').unwrap_or(text)).is_ok();
        Self::parse(&mapped).ok().filter(|_| is_version).unwrap_or_else(|| Self::sanitize(text))
    }

    /// The same with a shorter limit, for a tag that is to become a part of another one.
    pub(crate) fn sanitize_within(text: &str, limit: usize) -> Self {
        if let Some(tag) = Self::parse(text).ok().filter(|tag| tag.0.len() <= limit) {
            return tag;
        }
        let hash = Digest::of(text.as_bytes()).hex()[..HASH_DIGITS].to_owned();
        let mut readable = readable(text);
        readable.truncate(limit.saturating_sub(HASH_DIGITS + 1));
        let readable = readable.trim_end_matches(['-', '.']);
        Self(if readable.is_empty() { hash } else { format!("{readable}-{hash}") })
    }

    /// The tag's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `text` with each run of other characters as one `-`, and neither `-` nor `.` in front. The result is ASCII.
fn readable(text: &str) -> String {
    let mut readable = String::new();
    for character in text.chars() {
        if is_tag_character(character) {
            readable.push(character);
        } else if !readable.ends_with('-') {
            readable.push('-');
        }
    }
    readable.trim_start_matches(['-', '.']).to_owned()
}

fn is_tag_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-')
}

impl fmt::Display for ImageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for ImageTag {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

checked_text!(ImageTag);

#[cfg(test)]
mod tests;
