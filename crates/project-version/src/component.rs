//! Names of components.

/// A component's name: it becomes part of tags, of a matrix and of pages.
pub fn component_name(text: &str) -> Result<String, &'static str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if text.is_empty() || text.len() > 64 || !text.chars().all(is_part) {
        return Err("a name has 64 letters, digits and `._-` at most");
    }
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric())
        || text.contains("..")
        || matches!(text.rsplit_once('.'), Some((_, "lock" | "")))
    {
        return Err("a name begins with a letter or a digit, and is one that Git takes for a tag");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::component_name;

    #[test]
    fn a_name_can_be_a_tag_a_branch_and_a_page() {
        for name in ["api", "api.v2", "a_b-c", "2", &"x".repeat(64)] {
            assert_eq!(component_name(name).as_deref(), Ok(name));
        }
        for name in ["", "-rf", ".a", "_a", "a..b", "a.lock", "a.", "a/b", "a b", "ü", "a\n", &"x".repeat(65)] {
            assert!(component_name(name).is_err(), "{name:?}");
        }
    }
}
