//! The first line of a commit, and its footers, by the rules of Conventional Commits.

/// A title as it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Title<'a> {
    /// `feat`, `fix` and so on, in lower case; `None` for a title that follows no convention.
    pub(super) kind: Option<String>,
    pub(super) scope: Option<&'a str>,
    /// Whether `!` stands before the colon.
    pub(super) breaking: bool,
    /// What is behind the colon, or the whole title.
    pub(super) text: &'a str,
}

/// Parses `type(scope)!: text`. A type is a word of letters, digits and `-`.
pub(super) fn title(line: &str) -> Title<'_> {
    let line = line.trim();
    let plain = Title { kind: None, scope: None, breaking: false, text: line };
    let Some((head, text)) = line.split_once(':') else { return plain };
    let (head, breaking) = head.strip_suffix('!').map_or((head, false), |head| (head, true));
    let (kind, scope) = match head.split_once('(') {
        Some((kind, rest)) => match rest.strip_suffix(')') {
            Some(scope) => (kind, Some(scope.trim())),
            None => return plain,
        },
        None => (head, None),
    };
    let is_word = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let text = text.trim_start();
    // `https://...` and `a: b` of prose are none: a known word is not needed, but a blank behind the colon is.
    if !is_word || text.is_empty() || !line.contains(": ") || line.find(':') != line.find(": ") {
        return plain;
    }
    let scope = scope.filter(|scope| !scope.is_empty());
    Title { kind: Some(kind.to_ascii_lowercase()), scope, breaking, text }
}

/// The text of the footer `BREAKING CHANGE:` (or `BREAKING-CHANGE:`) of a message, on one line; it ends at the next footer or blank line.
pub(super) fn breaking_footer(message: &str) -> Option<String> {
    let mut lines = message.lines().skip(1);
    let first = lines.find_map(|line| {
        let rest = line.strip_prefix("BREAKING CHANGE").or_else(|| line.strip_prefix("BREAKING-CHANGE"))?;
        rest.strip_prefix(':')
    })?;
    let more = lines.take_while(|line| !line.trim().is_empty() && !is_footer(line));
    let words: Vec<&str> = std::iter::once(first).chain(more).flat_map(str::split_whitespace).collect();
    Some(words.join(" "))
}

/// Whether a line begins a footer such as `Refs: #1` or `Closes #1`.
fn is_footer(line: &str) -> bool {
    let Some((token, _)) = line.split_once(": ").or_else(|| line.split_once(" #")) else { return false };
    !token.is_empty() && token.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// The number that GitHub puts behind the title of a squashed pull request, and the title without it: `Add (#12)`.
pub(super) fn squashed(line: &str) -> (&str, Option<u64>) {
    let line = line.trim_end();
    let parts = line.strip_suffix(')').and_then(|inner| inner.rsplit_once("(#"));
    match parts.and_then(|(title, number)| Some((title.trim_end(), pull_number(number)?))) {
        Some((title, number)) => (title, Some(number)),
        None => (line, None),
    }
}

/// The number in `Merge pull request #12 from owner/branch`.
pub(super) fn merged(line: &str) -> Option<u64> {
    pull_number(line.strip_prefix("Merge pull request #")?.split(' ').next()?)
}

fn pull_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// What a commit takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reverted {
    /// The commit with this hash, which may be shortened.
    Commit(String),
    /// The change with this title.
    Title(String),
}

/// What a message takes back: `This reverts commit <hash>` counts, else `Revert "<title>"` and `Reapply "<title>"`.
pub(super) fn reverted(message: &str) -> Option<Reverted> {
    let line = squashed(message.lines().next().unwrap_or_default()).0;
    let named = message.match_indices("This reverts commit ").next().map(|(at, words)| &message[at + words.len()..]);
    let hash: Option<String> = named.map(|rest| rest.chars().take_while(char::is_ascii_hexdigit).collect());
    if let Some(hash) = hash.filter(|hash| (7..=40).contains(&hash.len())) {
        return Some(Reverted::Commit(hash.to_ascii_lowercase()));
    }
    let quoted =
        |word: &str| Some(line.strip_prefix(word)?.trim_start().strip_prefix('"')?.strip_suffix('"')?.to_owned());
    if let Some(title) = quoted("Reapply") {
        return Some(Reverted::Title(format!("Revert \"{title}\"")));
    }
    quoted("Revert").or_else(|| quoted("revert:")).map(Reverted::Title)
}
