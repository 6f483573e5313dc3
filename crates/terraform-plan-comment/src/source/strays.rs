//! What stands beside the plans in a file.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Lines beside the plans that speak of an error. Whoever prints the plans of many roots into one file prints there, too, why one of them
/// has none: it must not pass for noise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Strays {
    /// How many lines they are.
    pub(crate) errors: usize,
    /// The first of them, from 1.
    pub(crate) first: usize,
}

impl Strays {
    /// Looks at the lines of `text` at `place`.
    pub(super) fn look(&mut self, text: &str, place: Range<usize>) {
        let before = text[..place.start].matches('\n').count();
        for (index, line) in text[place].split('\n').enumerate() {
            if speaks_of_an_error(line) {
                self.errors += 1;
                if self.first == 0 {
                    self.first = before + index + 1;
                }
            }
        }
    }

    /// The same before a plan: what a tool writes in front of the plan's own line names where it is from.
    pub(super) fn look_before(&mut self, text: &str, place: Range<usize>) {
        let end = text[place.clone()].rfind('\n').map_or(place.start, |newline| place.start + newline);
        self.look(text, place.start..end);
    }
}

/// Whether a line holds the word `error`, as `Error: ...`, `level=error` or the member of an object.
fn speaks_of_an_error(line: &str) -> bool {
    let is_word = |at: usize| {
        let is_letter = |side: Option<u8>| side.is_some_and(|byte| byte.is_ascii_alphabetic());
        !is_letter(at.checked_sub(1).map(|before| line.as_bytes()[before]))
            && !is_letter(line.as_bytes().get(at + 5).copied())
    };
    let lower = line.to_ascii_lowercase();
    lower.match_indices("error").any(|(at, _)| is_word(at))
}
