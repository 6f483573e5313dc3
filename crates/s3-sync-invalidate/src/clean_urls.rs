//! Under which path a page is stored, so that its address looks as people write it.

use std::borrow::Cow;

/// The page of a folder.
const INDEX: &str = "index.html";

/// What the names of pages end with.
const PAGE: &str = ".html";

/// How pages are stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CleanUrls {
    /// Under their own names.
    #[default]
    Index,
    /// `about.html` as `about`.
    Extensionless,
    /// `docs/index.html` as `docs/`.
    Slash,
}

impl CleanUrls {
    /// Parses `index`, `extensionless` or `slash`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "index" => Ok(Self::Index),
            "extensionless" => Ok(Self::Extensionless),
            "slash" => Ok(Self::Slash),
            _ => Err("not `index`, `extensionless` or `slash`".to_owned()),
        }
    }

    /// The path that the file `path` is stored under.
    ///
    /// Index pages and error pages (`404.html`) keep their names with `extensionless`, and the start page with `slash`: the
    /// distribution names them.
    pub(crate) fn stored(self, path: &str) -> Cow<'_, str> {
        let short = match self {
            Self::Index => None,
            Self::Extensionless => path.strip_suffix(PAGE).filter(|short| is_page(short)),
            Self::Slash => path.strip_suffix(INDEX).filter(|folder| folder.ends_with('/')),
        };
        Cow::Borrowed(short.unwrap_or(path))
    }

    /// The names that a file may have that is stored under `path`.
    pub(crate) fn originals(self, path: &str) -> impl Iterator<Item = Cow<'_, str>> {
        let long = match self {
            Self::Index => None,
            Self::Extensionless => Some(format!("{path}{PAGE}")),
            Self::Slash => path.ends_with('/').then(|| format!("{path}{INDEX}")),
        };
        std::iter::once(Cow::Borrowed(path)).chain(long.map(Cow::Owned))
    }
}

/// Whether a page with so much of a name can do without the rest of it.
fn is_page(short: &str) -> bool {
    let name = short.rsplit('/').next().unwrap_or(short);
    let is_status = name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_digit());
    !name.is_empty() && name != "index" && !is_status
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(how: CleanUrls, path: &str, expect: &str) {
        assert_eq!(how.stored(path), expect, "{how:?} {path}");
    }

    #[test]
    fn pages_lose_their_extension_and_nothing_else_does() {
        for (path, expect) in [
            ("about.html", "about"),
            ("docs/v1.2.html", "docs/v1.2"),
            ("index.html", "index.html"),
            ("docs/index.html", "docs/index.html"),
            ("404.html", "404.html"),
            ("docs/500.html", "docs/500.html"),
            ("4040.html", "4040"),
            (".html", ".html"),
            ("docs/.html", "docs/.html"),
            ("about.htm", "about.htm"),
            ("about.html.gz", "about.html.gz"),
            ("app.js", "app.js"),
        ] {
            check(CleanUrls::Extensionless, path, expect);
            check(CleanUrls::Index, path, path);
        }
    }

    #[test]
    fn the_page_of_a_folder_becomes_the_folder() {
        for (path, expect) in [
            ("docs/index.html", "docs/"),
            ("a/b/index.html", "a/b/"),
            ("index.html", "index.html"),
            ("docs/myindex.html", "docs/myindex.html"),
            ("about.html", "about.html"),
        ] {
            check(CleanUrls::Slash, path, expect);
        }
    }

    proptest! {
        #[test]
        fn a_file_is_among_those_that_may_be_stored_there(path in "([a-b]/){0,2}(index|about|404|a\\.b)(\\.html|\\.js|)") {
            for how in [CleanUrls::Index, CleanUrls::Extensionless, CleanUrls::Slash] {
                let stored = how.stored(&path);
                prop_assert!(!stored.is_empty());
                prop_assert!(how.originals(&stored).any(|original| original == path.as_str()), "{how:?} {path}");
            }
        }
    }
}
