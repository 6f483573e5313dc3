//! Whether a publication changes the site where it is, or puts the new release beside the old one and has the distributions show it.

use crate::bucket::Prefix;
use crate::manifest::ReleaseId;

/// The folder below the prefix that holds the releases.
const RELEASES: &str = "releases/";

/// The longest origin path (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html>).
const LONGEST: usize = 255;

/// How a release gets to visitors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Its objects take the place of those that are there.
    #[default]
    InPlace,
    /// Its objects lie in a folder of their own, and the distributions' origin path is switched to it.
    ReleasePrefix(Adoption),
}

/// What becomes of an origin path that is the prefix itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// It is somebody else's.
    Refused,
    /// It may be switched.
    Allowed,
}

impl Mode {
    /// Parses `in-place` or `release-prefix`.
    pub(crate) fn parse(text: &str, adopt: bool) -> Result<Self, String> {
        match text {
            "in-place" => Ok(Self::InPlace),
            "release-prefix" => Ok(Self::ReleasePrefix(if adopt { Adoption::Allowed } else { Adoption::Refused })),
            _ => Err("not `in-place` or `release-prefix`".to_owned()),
        }
    }

    /// Whether each release has a folder of its own.
    pub(crate) fn has_folders(self) -> bool {
        self != Self::InPlace
    }
}

/// What the keys of the release in the folder `id` start with.
pub(crate) fn place(prefix: &Prefix, id: &ReleaseId) -> Prefix {
    prefix.within(&format!("{RELEASES}{}", id.as_str()))
}

/// What the keys of all releases start with.
pub(crate) fn folder(prefix: &Prefix) -> String {
    prefix.key(RELEASES)
}

/// The origin path that shows `place`.
pub(crate) fn origin_path(place: &Prefix) -> String {
    let path = place.as_str().trim_end_matches('/');
    if path.is_empty() { String::new() } else { format!("/{path}") }
}

/// The release in whose folder `path` lies, which is relative to the prefix; that folder itself is such a path too.
pub(crate) fn release_of(path: &str) -> Option<ReleaseId> {
    let path = path.strip_prefix(RELEASES)?;
    ReleaseId::parse(path.split('/').next().unwrap_or(path)).ok()
}

/// Why an origin path cannot show what lies below `prefix`, if so.
pub(crate) fn unfit(prefix: &Prefix) -> Option<String> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
    if !prefix.as_str().bytes().all(is_good) {
        return Some("has characters that an origin path cannot carry as they are".to_owned());
    }
    let longest = LONGEST - RELEASES.len() - "/20261121T161748Z-3f2a1b4c".len();
    (prefix.as_str().len() > longest)
        .then(|| format!("is longer than {longest} bytes, so no origin path can show a release"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_a_folder_and_an_origin_path() {
        let id = ReleaseId::parse("20261121T161748Z-3f2a1b4c").unwrap();
        let site = Prefix::parse("a/site").unwrap();
        let place = place(&site, &id);
        assert_eq!(place.as_str(), "a/site/releases/20261121T161748Z-3f2a1b4c/");
        assert_eq!(origin_path(&place), "/a/site/releases/20261121T161748Z-3f2a1b4c");
        assert_eq!(release_of(site.relative(&place.key("x/y")).unwrap()), Some(id.clone()));
        assert_eq!(release_of(&format!("releases/{}", id.as_str())), Some(id));
        assert_eq!(origin_path(&Prefix::default()), "");
        for path in
            ["releases/v1.html", "releases/", "release/20261121T161748Z-3f2a1b4c/a", "20261121T161748Z-3f2a1b4c/a"]
        {
            assert_eq!(release_of(path), None, "{path}");
        }
    }

    #[test]
    fn not_every_prefix_fits_into_an_origin_path() {
        for (text, expect) in [("", true), ("a/site-1.x_y", true), ("a b", false), ("é", false), ("a%20b", false)] {
            assert_eq!(unfit(&Prefix::parse(text).unwrap()).is_none(), expect, "{text}");
        }
        let path = |length: usize| Prefix::parse(&"x".repeat(length)).unwrap();
        let id = ReleaseId::parse("20261121T161748Z-3f2a1b4c").unwrap();
        let longest = (1..300).filter(|length| unfit(&path(*length)).is_none()).max().unwrap();
        assert_eq!(origin_path(&place(&path(longest), &id)).len(), LONGEST);
    }
}
