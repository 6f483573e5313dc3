//! What stands beside the plans in a file.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Lines beside the plans that speak of an error. Whoever prints the plans of many roots into one file prints there, too, why one of them
/// has none: it must not pass for noise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Strays {
    /// How many lines they are.
    pub(crate) errors: usize,
    /// The first of them, from 1; 0 where there is none.
    pub(crate) first: usize,
}

impl Strays {
    /// These, where there are any.
    pub(crate) fn found(self) -> Option<Self> {
        Some(self).filter(|strays| strays.errors > 0)
    }

    /// Looks at the lines of `text` at `place`.
    pub(super) fn look(&mut self, text: &str, place: Range<usize>) {
        for (index, line) in text[place.clone()].split('\n').enumerate() {
            if !speaks_of_an_error(line) {
                continue;
            }
            self.errors += 1;
            if self.first == 0 {
                self.first = text[..place.start].matches('\n').count() + index + 1;
            }
        }
    }

    /// The same before a plan: what a tool writes in front of the plan's own line names where it is from.
    pub(super) fn look_before(&mut self, text: &str, place: Range<usize>) {
        let end = text[place.clone()].rfind('\n').map_or(place.start, |newline| place.start + newline);
        self.look(text, place.start..end);
    }
}

/// Whether a line tells an error: `Error: ...`, `level=error`, the member of an object. What a runner echoes of a command tells none, nor
/// does a path or a count of nothing.
fn speaks_of_an_error(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    if lower.trim_start().starts_with("[command]") {
        return false;
    }
    lower.match_indices("error").any(|(at, word)| {
        let (before, behind) = (&lower[..at], &lower[at + word.len()..]);
        // Of several there may be a number only.
        let behind = behind.strip_prefix("s occurred").unwrap_or(behind);
        is_apart(without_color(before).chars().next_back())
            && is_apart(behind.chars().next())
            && before.trim_end().rsplit(|c: char| !c.is_ascii_digit()).next() != Some("0")
            && !before.ends_with("no ")
            && !is_empty_member(behind)
    })
}

/// Whether a word ends beside this character.
fn is_apart(beside: Option<char>) -> bool {
    beside.is_none_or(|character| !character.is_alphanumeric() && !matches!(character, '/' | '-' | '_' | '.'))
}

/// `before` without the color that it ends with, whose last sign is a letter: `ESC [ 31 m`, however the first is written.
fn without_color(before: &str) -> &str {
    let code = before.strip_suffix('m').map(|code| code.trim_end_matches(|c: char| c.is_ascii_digit() || c == ';'));
    code.filter(|code| code.ends_with('[')).unwrap_or(before)
}

/// Whether the member that `behind` is of has no error: `": null`.
fn is_empty_member(behind: &str) -> bool {
    let value = behind.strip_prefix("\":").map(str::trim_start);
    value.is_some_and(|value| ["null", "false", "\"\"", "0", "[]", "{}"].iter().any(|empty| value.starts_with(empty)))
}
