//! Whole image references.

use std::fmt;

use crate::text::checked_text;
use crate::{Digest, ImageTag, ParseError, RegistryHost, RepositoryName};

/// What names a manifest inside a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A tag, which may move.
    Tag(ImageTag),
    /// A digest, which names one content for ever.
    Digest(Digest),
}

impl Reference {
    /// Parses a tag or a digest; a digest is what holds a colon.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.contains(':') { Digest::parse(text).map(Self::Digest) } else { ImageTag::parse(text).map(Self::Tag) }
    }

    /// The text as it stands in a registry's URL.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Tag(tag) => tag.as_str(),
            Self::Digest(digest) => digest.as_str(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

checked_text!(Reference);

/// An image reference, `registry/repository:tag@digest`; every part but the repository may be absent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference {
    /// The registry; `None` where none was written.
    pub registry: Option<RegistryHost>,
    /// The repository.
    pub repository: RepositoryName,
    /// The tag.
    pub tag: Option<ImageTag>,
    /// The digest; where it stands the tag is only a word for people.
    pub digest: Option<Digest>,
}

impl ImageReference {
    /// Parses a reference.
    ///
    /// What stands before the first `/` is a registry when it holds `.` or `:` or is `localhost`, as for Docker.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(Digest::parse(digest)?)),
            None => (text, None),
        };
        let (registry, rest) = match name.split_once('/') {
            Some((first, rest)) if is_registry(first) => (Some(RegistryHost::parse(first)?), rest),
            _ => (None, name),
        };
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(ImageTag::parse(tag)?)),
            None => (rest, None),
        };
        Ok(Self { registry, repository: RepositoryName::parse(repository)?, tag, digest })
    }

    /// What names the manifest: the digest, else the tag, else nothing.
    pub fn reference(&self) -> Option<Reference> {
        let digest = self.digest.clone().map(Reference::Digest);
        digest.or_else(|| self.tag.clone().map(Reference::Tag))
    }

    /// The reference as Docker completes it: the registry `docker.io`, its `library/` for a name of one part, and the
    /// tag `latest` where there is neither tag nor digest.
    #[must_use]
    pub fn with_docker_defaults(self) -> Self {
        let registry = self.registry.unwrap_or_else(|| RegistryHost::known("docker.io"));
        let official = registry.as_str() == "docker.io" && !self.repository.as_str().contains('/');
        let repository = if official { self.repository.official() } else { self.repository };
        let unnamed = self.tag.is_none() && self.digest.is_none();
        let tag = if unnamed { Some(ImageTag::sanitize("latest")) } else { self.tag };
        Self { registry: Some(registry), repository, tag, digest: self.digest }
    }
}

fn is_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost"
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(f, "{registry}/")?;
        }
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

checked_text!(ImageReference);

#[cfg(test)]
mod tests;
