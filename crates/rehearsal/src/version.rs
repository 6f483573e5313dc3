//! Raising the version in a manifest, as a release commit would: the same manifests that `version-detect` reads.

use std::ops::Range;

/// What raising a version leaves.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Raised {
    /// The manifest's new text.
    pub(crate) text: String,
    /// The new version.
    pub(crate) version: String,
}

/// The manifest `file` with the patch number of its version raised; `None` where it holds no plain `x.y.z`.
pub(crate) fn raised(file: &str, text: &str) -> Option<Raised> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let range = if name == "pom.xml" { of_project(text) } else { keyed(text).or_else(|| alone(text)) }?;
    let numbers: Vec<u64> = text[range.clone()].split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [major, minor, patch] = numbers.as_slice() else { return None };
    let version = format!("{major}.{minor}.{}", patch.checked_add(1)?);
    Some(Raised { text: format!("{}{version}{}", &text[..range.start], &text[range.end..]), version })
}

/// The first text in quotes behind the key `version`.
fn keyed(text: &str) -> Option<Range<usize>> {
    text.split_inclusive('\n').scan(0, |at, line| Some((std::mem::replace(at, *at + line.len()), line))).find_map(
        |(at, line)| {
            let (key, value) = line.split_once(['=', ':'])?;
            if key.trim().trim_matches('"') != "version" {
                return None;
            }
            let start = at + key.len() + 1 + value.find('"')? + 1;
            Some(start..start + text[start..].find('"')?)
        },
    )
}

/// The whole text, for a file that holds a version and nothing else.
fn alone(text: &str) -> Option<Range<usize>> {
    let version = text.trim();
    let start = text.find(version)?;
    (!version.is_empty()).then(|| start..start + version.len())
}

/// The `<version>` of a `pom.xml` itself, not that of its parent or of a dependency.
fn of_project(text: &str) -> Option<Range<usize>> {
    let document = roxmltree::Document::parse(text).ok()?;
    let version = document.root_element().children().find(|node| node.tag_name().name() == "version")?;
    let inner = version.first_child().filter(roxmltree::Node::is_text)?;
    let start = inner.range().start + (inner.text()?.len() - inner.text()?.trim_start().len());
    Some(start..start + inner.text()?.trim().len())
}

#[cfg(test)]
mod tests {
    use super::raised;

    #[track_caller]
    fn check(file: &str, text: &str, expect: &str) {
        let raised = raised(file, text).unwrap();
        assert_eq!(raised.text, expect);
        assert!(raised.text.contains(&raised.version));
    }

    #[test]
    fn raises_the_patch_number() {
        check("Cargo.toml", "[package]\nversion = \"1.0.9\"\n", "[package]\nversion = \"1.0.10\"\n");
        check("package.json", "{\n  \"version\": \"2.3.4\",\n", "{\n  \"version\": \"2.3.5\",\n");
        check("backend/VERSION", "1.4.0\n", "1.4.1\n");
        check("VERSION", "1.4.0", "1.4.1");
    }

    #[test]
    fn raises_the_version_itself_and_not_a_text_like_it() {
        check(
            "Cargo.toml",
            "rust-version = \"1.0.0\"\nversion = \"1.0.0\"\n",
            "rust-version = \"1.0.0\"\nversion = \"1.0.1\"\n",
        );
        check(
            "pom.xml",
            "<project xmlns=\"x\"><parent><version>1.0.0</version></parent><version> 1.0.0 </version></project>",
            "<project xmlns=\"x\"><parent><version>1.0.0</version></parent><version> 1.0.1 </version></project>",
        );
    }

    #[test]
    fn a_version_that_is_not_plain_is_not_raised() {
        for (file, text) in [
            ("Cargo.toml", "version = \"1.0.0-SNAPSHOT\""),
            ("Cargo.toml", "version.workspace = true\n"),
            ("VERSION", "1.0"),
            ("VERSION", "\n"),
            ("pom.xml", "<project><version>${revision}</version></project>"),
            ("pom.xml", "<project><parent><version>1.0.0</version></parent></project>"),
            ("pom.xml", "1.0.0"),
        ] {
            assert_eq!(raised(file, text), None, "{file}: {text}");
        }
    }
}
