//! Which container gets which image.

use std::fmt;

use serde::Serialize;

/// An image as ECS takes it: a reference that is passed on as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image(String);

impl Image {
    /// Parses an image: 1 to 255 printable characters without spaces, as ECS allows
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>).
    pub fn parse(text: &str) -> Result<Self, String> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_:.@/#".contains(c);
        if text.is_empty() || text.len() > 255 || text.starts_with(['-', '/', ':', '.']) || !text.chars().all(allowed) {
            return Err("not an image; write for example registry/repository:tag".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The image as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An image for one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageAssignment {
    /// The container; `None` means the only one.
    pub container: Option<String>,
    /// The image it gets.
    pub image: Image,
}

impl ImageAssignment {
    /// Parses `container=image`, or a bare image for the only container.
    pub fn parse(line: &str) -> Result<Self, String> {
        match line.split_once('=') {
            Some((container, image)) => {
                Ok(Self { container: Some(parse_container(container.trim())?), image: Image::parse(image.trim())? })
            }
            None => Ok(Self { container: None, image: Image::parse(line)? }),
        }
    }
}

/// Parses a container's name.
pub(crate) fn parse_container(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=255).contains(&text.len()) && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("not a container's name; use letters, digits, `-` and `_`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_container_or_only_an_image() {
        let line = ImageAssignment::parse("app = 1.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:0a").unwrap();
        assert_eq!(line.container.as_deref(), Some("app"));
        assert_eq!(line.image.as_str(), "1.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:0a");
        assert_eq!(ImageAssignment::parse("nginx:1").unwrap().container, None);
    }

    #[test]
    fn refuses_what_is_no_image() {
        for bad in ["app=", "=nginx", "app=a b", "a b=c", "-rm", "$(touch x)", "app=\"nginx\"", "app=a=b"] {
            assert!(ImageAssignment::parse(bad).is_err(), "{bad}");
        }
    }
}
