//! What is invalidated besides what changed.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use super::path::{End, Item};

/// The longest path CloudFront takes, in characters
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html>).
const LONGEST: usize = 4000;

/// What is invalidated once something changed that a cache may hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing.
    None,
    /// What changed.
    #[default]
    Changed,
    /// Everything.
    All,
    /// What changed, by cache tags where those are better.
    Tags,
    /// What changed, and these paths.
    Also(BTreeSet<Item>),
}

impl Wanted {
    /// Parses `auto`, `all`, `none`, `tags`, or paths.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        match words {
            [] | ["auto"] => Ok(Self::Changed),
            ["all" | "/*"] => Ok(Self::All),
            ["none"] => Ok(Self::None),
            ["tags"] => Ok(Self::Tags),
            paths => paths.iter().map(|path| item(path)).collect::<Result<_, _>>().map(Self::Also),
        }
    }

    /// Adds what is wanted to `items` that are due; what is covered by something else in them is left to the cover.
    pub(super) fn extend(&self, items: &mut BTreeSet<Item>) {
        match self {
            Self::None | Self::Changed | Self::Tags => {}
            Self::All => *items = BTreeSet::from([Item { text: "/".to_owned(), end: End::Anything }]),
            Self::Also(paths) => items.extend(paths.iter().cloned()),
        }
    }
}

/// A path as a person or CloudFront writes it.
fn item(path: &str) -> Result<Item, String> {
    let Some(below) = path.strip_prefix('/') else {
        return Err(format!("`{path}` is no path: it begins with a slash, or is `auto`, `all`, `tags` or `none`"));
    };
    if below.trim_end_matches('*').contains('*') {
        return Err(format!("`{path}` has a `*` before its end, which CloudFront takes for a character"));
    }
    if below.contains('?') {
        return Err(format!(
            "`{path}` has a query; the distribution's cache policy says whether there are copies by query"
        ));
    }
    if path.chars().count() > LONGEST {
        return Err(format!("a path has more than {LONGEST} characters"));
    }
    let below = percent_decode_str(below).decode_utf8().map_err(|_| format!("`{path}` is not encoded as UTF-8"))?;
    if below.chars().any(char::is_control) {
        return Err(format!("`{}` holds a control character", path.escape_debug()));
    }
    Ok(Item::new(&below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], expect: &[&str]) {
        match Wanted::parse(words) {
            Ok(Wanted::Also(items)) => assert_eq!(items.iter().map(Item::written).collect::<Vec<_>>(), expect),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_and_paths_are_told_apart() {
        assert_eq!(Wanted::parse(&[]), Ok(Wanted::Changed));
        assert_eq!(Wanted::parse(&["auto"]), Ok(Wanted::Changed));
        assert_eq!(Wanted::parse(&["/*"]), Ok(Wanted::All));
        assert_eq!(Wanted::parse(&["none"]), Ok(Wanted::None));
        assert_eq!(Wanted::parse(&["tags"]), Ok(Wanted::Tags));
        check(&["/", "/index.html", "/foo/bar*"], &["/", "/foo/bar*", "/index.html"]);
    }

    #[test]
    fn a_path_is_written_as_cloudfront_wants_it_however_it_was_given() {
        check(&["/caf%C3%A9", "/caf\u{e9}"], &["/caf%C3%A9"]);
        check(&["/a~b"], &["/a*"]);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["index.html", "/a*b", "/a?x=1", "/%FF", "/%00", "all\u{2028}"] {
            assert!(Wanted::parse(&[path]).is_err(), "{path}");
        }
        assert!(Wanted::parse(&["/a", "all"]).is_err());
        assert!(Wanted::parse(&[&format!("/{}", "x".repeat(4000))]).is_err());
    }
}
