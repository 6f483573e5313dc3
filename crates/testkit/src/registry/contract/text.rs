//! The grammars of the specification.

use std::sync::LazyLock;

use regex::Regex;

/// Section "Pulling manifests".
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let component = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*";
    Regex::new(&format!("^{component}(/{component})*$")).ok()
});
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$").ok());

/// The grammar of digests of the image specification, with the two algorithms it registers.
static DIGEST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$").ok());

static UUID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}").ok());

pub(super) fn is_name(text: &str) -> bool {
    matches(&NAME, text)
}

pub(super) fn is_tag(text: &str) -> bool {
    matches(&TAG, text)
}

pub(super) fn is_digest(text: &str) -> bool {
    matches(&DIGEST, text)
}

pub(super) fn has_uuid(text: &str) -> bool {
    matches(&UUID, text)
}

/// Reads `start-end` of a chunk, both inclusive (section "Pushing a blob in chunks").
pub(super) fn range(text: &str) -> Option<(usize, usize)> {
    let (start, end) = text.split_once('-')?;
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    Some((number(start)?, number(end)?))
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}
