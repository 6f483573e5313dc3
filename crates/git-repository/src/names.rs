//! Names of branches and tags as people type them.

use semver::Version;

/// The longest message of a tag, in bytes.
const LONGEST_MESSAGE: usize = 16 * 1024;

/// Parses a branch's name; `refs/heads/` in front is dropped.
pub fn branch_name(text: &str) -> Result<String, &'static str> {
    let name = text.strip_prefix("refs/heads/").unwrap_or(text);
    if name.is_empty() || name.starts_with("refs/") || name.chars().any(char::is_control) {
        return Err("not the name of a branch");
    }
    Ok(name.to_owned())
}

/// Parses what stands before the version in a tag's name, by the rules of `git check-ref-format`.
pub fn tag_prefix(text: &str) -> Result<String, &'static str> {
    let is_bad = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    let is_bad_part = |part: &str| part.starts_with('.') || part.strip_suffix(".lock").is_some();
    let parts: Vec<&str> = text.split('/').collect();
    let inner = &parts[..parts.len() - 1];
    if text.contains(is_bad) || text.contains("..") || text.contains("@{") || text.starts_with('-') {
        return Err("Git allows no tag that begins so");
    }
    if inner.iter().any(|part| part.is_empty()) || parts.iter().any(|part| is_bad_part(part)) {
        return Err("Git allows no tag that begins so");
    }
    Ok(text.to_owned())
}

/// Parses the message of an annotated tag.
pub fn tag_message(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("a message has text"),
        _ if text.contains('\0') => Err("a message cannot hold a NUL character"),
        _ if text.len() > LONGEST_MESSAGE => Err("a message has 16 KiB at most"),
        text => Ok(text.to_owned()),
    }
}

/// A message of a tag with `{version}` and `{tag}` in place of those words. Neither has braces, so neither can stand for the other.
pub fn filled(message: &str, version: &str, tag: &str) -> String {
    message.replace("{version}", version).replace("{tag}", tag)
}

/// The stable versions among tag names that begin with `prefix`, lowest first.
pub fn released<S: AsRef<str>>(names: &[S], prefix: &str) -> Vec<Version> {
    let mut versions: Vec<Version> = names
        .iter()
        .filter_map(|name| Version::parse(name.as_ref().strip_prefix(prefix)?).ok())
        .filter(|version| version.pre.is_empty() && version.build.is_empty())
        .collect();
    versions.sort();
    versions.dedup();
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_that_git_refuses_is_refused() {
        for good in ["v", "", "release-", "backend/v", "backend-v", "ü"] {
            assert_eq!(tag_prefix(good).as_deref(), Ok(good));
        }
        for bad in ["-v", "v ", "a..b", "v~", "/v", "a//b", ".v", "a/.v", "v\n", "@{", "x.lock/v"] {
            assert!(tag_prefix(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_branch_is_a_short_name() {
        assert_eq!(branch_name("refs/heads/main").as_deref(), Ok("main"));
        assert_eq!(branch_name("$(touch x)").as_deref(), Ok("$(touch x)"));
        assert!(branch_name("refs/tags/v1").is_err());
        assert!(branch_name("a\nb").is_err());
    }

    #[test]
    fn releases_are_the_stable_versions_of_one_prefix_lowest_first() {
        let names = ["v1.10.0", "v1.9.0", "v2.0.0-rc.1", "vendor", "v1", "backend-v3.0.0", "v1.0.0+build", "v1.9.0"];
        assert_eq!(released(&names, "v"), [Version::new(1, 9, 0), Version::new(1, 10, 0)]);
        assert_eq!(released(&names, "backend-v"), [Version::new(3, 0, 0)]);
    }
}
