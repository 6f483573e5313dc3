//! Which container gets which image.

use image_ref::ImageReference;
use serde::Serialize;

/// The longest image ECS takes (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>).
const LONGEST: usize = 255;

/// An image for one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageAssignment {
    /// The container; `None` means the only one.
    pub container: Option<String>,
    /// The image it gets; it is passed on as it was written.
    pub image: ImageReference,
}

impl ImageAssignment {
    /// Parses `container=image`, or a bare image for the only container.
    pub fn parse(line: &str) -> Result<Self, String> {
        match line.split_once('=') {
            Some((container, image)) => {
                Ok(Self { container: Some(parse_container(container.trim())?), image: parse_image(image.trim())? })
            }
            None => Ok(Self { container: None, image: parse_image(line)? }),
        }
    }
}

/// Parses an image.
pub(crate) fn parse_image(text: &str) -> Result<ImageReference, String> {
    if text.len() > LONGEST {
        return Err(format!("longer than the {LONGEST} characters that ECS takes for an image"));
    }
    let example = "write for example registry/repository:tag";
    ImageReference::parse(text).map_err(|problem| format!("not an image: {problem}; {example}"))
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
        let image = format!("1.dkr.ecr.eu-west-1.amazonaws.com/shop:1@sha256:{}", "0a".repeat(32));
        let line = ImageAssignment::parse(&format!("app = {image}")).unwrap();
        assert_eq!(line.container.as_deref(), Some("app"));
        assert_eq!(line.image.to_string(), image, "it is passed on as it was written");
        assert_eq!(ImageAssignment::parse("nginx:1").unwrap().container, None);
    }

    #[test]
    fn refuses_what_is_no_image() {
        let long = format!("app=a/{}", "b".repeat(LONGEST));
        for bad in [
            "app=",
            "=nginx",
            "app=a b",
            "a b=c",
            "-rm",
            "$(touch x)",
            "app=\"nginx\"",
            "app=a=b",
            "app=shop@sha256:0a",
            "app=Shop:1",
            &long,
        ] {
            assert!(ImageAssignment::parse(bad).is_err(), "{bad}");
        }
    }
}
