//! Several images of one run, as JSON.

use std::collections::BTreeSet;

use actions_core::InputErrors;
use image_ref::ImageTag;
use serde::Deserialize;

use super::ImageInputs;
use crate::destination::Destination;
use crate::source::Source;

/// The most images of one run.
const MOST: usize = 100;

/// One image as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    source: String,
    repository: String,
    tags: Tags,
}

/// A list, or lines.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tags {
    List(Vec<String>),
    Lines(String),
}

impl Tags {
    fn texts(&self) -> Vec<&str> {
        let texts = match self {
            Self::List(list) => list.iter().map(String::as_str).collect::<Vec<_>>(),
            Self::Lines(lines) => lines.lines().collect(),
        };
        texts.into_iter().map(str::trim).filter(|text| !text.is_empty()).collect()
    }
}

/// Parses `[{"source": "oci:a", "repository": "a", "tags": ["1.0.0"]}, ...]`, noting everything that is wrong with it.
pub(super) fn parse(text: &str, bad: &mut InputErrors) -> Vec<ImageInputs> {
    let help = || Some(r#"write [{"source": "oci:FOLDER", "repository": "NAME", "tags": ["TAG"]}, ...]"#.to_owned());
    let entries: Vec<Entry> = match serde_json::from_str(text) {
        Ok(entries) => entries,
        Err(error) => {
            bad.add("images", format!("is not such a list: {error}"), help());
            return Vec::new();
        }
    };
    if entries.is_empty() || entries.len() > MOST {
        bad.add("images", format!("has {} images, and takes 1 to {MOST}", entries.len()), help());
        return Vec::new();
    }
    let (mut images, mut problems, mut written) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (at, entry) in entries.iter().enumerate() {
        match image(entry) {
            Ok(image) => {
                for tag in &image.tags {
                    if !written.insert((image.repository.clone(), tag.clone())) {
                        problems.push(format!(
                            "image {}: `{}:{tag}` is the tag of an image before it, too",
                            at + 1,
                            image.repository
                        ));
                    }
                }
                images.push(image);
            }
            Err(problem) => problems.push(format!("image {}: {problem}", at + 1)),
        }
    }
    if !problems.is_empty() {
        bad.add("images", problems.join("; "), help());
    }
    images
}

fn image(entry: &Entry) -> Result<ImageInputs, String> {
    let named = |name: &str, problem: &dyn std::fmt::Display| format!("`{name}` is wrong: {problem}");
    let source = Source::parse(&entry.source).map_err(|problem| named("source", &problem))?;
    let Destination { registry, repository } =
        Destination::parse(&entry.repository).map_err(|problem| named("repository", &problem))?;
    let (mut tags, mut seen) = (Vec::new(), BTreeSet::new());
    for text in entry.tags.texts() {
        let tag = ImageTag::parse(text).map_err(|problem| named(&format!("tags` has `{text}"), &problem))?;
        if seen.insert(tag.clone()) {
            tags.push(tag);
        }
    }
    if tags.is_empty() {
        return Err("`tags` is empty".to_owned());
    }
    Ok(ImageInputs { source, registry, repository, tags })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<ImageInputs>, String> {
        let mut bad = InputErrors::new();
        let images = parse(text, &mut bad);
        if bad.is_empty() { Ok(images) } else { Err(bad.to_string()) }
    }

    #[test]
    fn tags_are_a_list_or_lines() {
        let text = r#"[{"source": "oci:a", "repository": "a", "tags": ["1.0.0", "latest"]},
                       {"source": "oci:b", "repository": "b", "tags": "1.0.0\nlatest\n1.0.0\n"}]"#;
        let images = parsed(text).unwrap();
        assert_eq!((images[0].tags.clone(), images[1].repository.as_str()), (images[1].tags.clone(), "b"));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let text = r#"[{"source": "", "repository": "A", "tags": []}, {"source": "oci:b", "repository": "B", "tags": []},
                       {"source": "oci:b", "repository": "b", "tags": ["a b"]}]"#;
        let told = parsed(text).unwrap_err();
        for words in ["image 1: `source`", "image 2: `repository`", "image 3: `tags` has `a b`"] {
            assert!(told.contains(words), "{words}: {told}");
        }
    }

    #[test]
    fn one_tag_is_of_one_image() {
        let image = |source: &str| format!(r#"{{"source": "{source}", "repository": "a", "tags": ["1.0.0"]}}"#);
        let told = parsed(&format!("[{}, {}]", image("oci:a"), image("oci:b"))).unwrap_err();
        assert!(told.contains("image 2: `a:1.0.0` is the tag of an image before it, too"), "{told}");
    }

    #[test]
    fn what_is_no_such_list_is_refused() {
        for bad in ["", "{}", "[]", "[1]", r#"[{"source": "oci:a", "repository": "a", "tags": ["1"], "tag": "2"}]"#] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
        let image = r#"{"source": "oci:a", "repository": "a", "tags": ["1"]}"#;
        assert!(parsed(&format!("[{}]", vec![image; 101].join(","))).is_err());
    }
}
