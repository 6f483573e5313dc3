//! Versions of Python in their normal form, as far as branches and tags are concerned.

use semver::{BuildMetadata, Prerelease, Version};

/// Whether the version is a development release: `1.1.0.dev0`.
pub fn is_dev(text: &str) -> bool {
    let public = text.split('+').next().unwrap_or_default();
    public.rsplit_once(".dev").is_some_and(|(_, number)| is_number(number))
}

/// Whether a text that is no semantic version says something in Python: a development release, a candidate.
pub(super) fn is_pythons(text: &str) -> bool {
    is_dev(text) || semantic(text).is_some()
}

/// The semantic version that stands for it: three numbers as they are, `.devN` as `-SNAPSHOT`, `aN`, `bN` and `rcN` as
/// `-a.N` and so on. Others (`1.0`, `1.0.post1`, an epoch) have none.
pub(super) fn semantic(text: &str) -> Option<Version> {
    let (public, local) = text.split_once('+').map_or((text, ""), |(public, local)| (public, local));
    let (public, dev) = match public.rsplit_once(".dev") {
        Some((public, number)) if is_number(number) => (public, true),
        _ => (public, false),
    };
    let end = public.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(public.len());
    let (numbers, rest) = public.split_at(end);
    let version = Version::parse(numbers).ok()?;
    let pre = match (rest, dev) {
        ("", false) => Prerelease::EMPTY,
        ("", true) => Prerelease::new("SNAPSHOT").ok()?,
        (rest, false) => prerelease(rest)?,
        // A development release of a prerelease is no snapshot of the release.
        (rest, true) => Prerelease::new(&format!("{}.dev", prerelease(rest)?)).ok()?,
    };
    Some(Version { pre, build: BuildMetadata::new(local).ok()?, ..version })
}

fn prerelease(text: &str) -> Option<Prerelease> {
    let kind = ["rc", "a", "b"].into_iter().find(|kind| text.strip_prefix(kind).is_some_and(is_number))?;
    Prerelease::new(&format!("{kind}.{}", &text[kind.len()..])).ok()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
