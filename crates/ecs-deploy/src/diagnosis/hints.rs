//! Advice that is found by words in what ECS says.

/// Words, and what to do when they appear.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hint {
    /// In lower case; one of them is enough.
    pub(super) any: &'static [&'static str],
    /// The advice.
    pub(super) says: &'static str,
}

/// The advice of the first hint whose words are in `lower`.
pub(super) fn first(hints: &[Hint], lower: &str) -> Option<&'static str> {
    hints.iter().find(|hint| hint.any.iter().any(|words| lower.contains(words))).map(|hint| hint.says)
}
