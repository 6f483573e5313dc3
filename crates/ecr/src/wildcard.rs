//! Wildcards for tags, as ECR's tag mutability exclusion filters have them.

use std::fmt;

use image_ref::ImageTag;
use serde::Serialize;

/// The longest pattern ECR takes.
const LONGEST: usize = 128;

/// The most `*` ECR takes in one pattern.
const MOST_STARS: usize = 2;

/// A pattern for tags: `*` stands for any text, also none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Wildcard(String);

impl Wildcard {
    /// Parses a pattern in the characters of tags and `*`
    /// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html>).
    pub fn parse(text: &str) -> Result<Self, String> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._*-".contains(c);
        if text.is_empty() || text.len() > LONGEST || !text.chars().all(allowed) {
            return Err("not a pattern: use 1 to 128 letters, digits, `.`, `_`, `-` and `*`".to_owned());
        }
        if text.matches('*').count() > MOST_STARS {
            return Err("not a pattern for ECR: it takes at most two `*`".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// A pattern that ECR itself gave.
    pub fn of_ecr(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The pattern's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern covers `tag` as a whole.
    pub fn covers(&self, tag: &ImageTag) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| tag.as_str().strip_prefix(first)) else { return false };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else { return rest.is_empty() };
        for part in parts {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
}

impl fmt::Display for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
