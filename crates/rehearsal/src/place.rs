//! A place in `rehearsal.toml`, shown as a compiler shows one.

use std::fmt;
use std::ops::Range;

/// A place in a text. It displays as `rehearsal.toml:3:1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    line: usize,
    column: usize,
    /// The line's text.
    text: String,
    /// How many characters are meant.
    length: usize,
}

impl Place {
    /// The place of the bytes `span` of `text`.
    pub(crate) fn of(text: &str, span: Range<usize>) -> Self {
        let start = floor(text, span.start);
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[begin..].find('\n').map_or(text.len(), |at| begin + at);
        let end = floor(text, span.end).clamp(start, line_end.max(start));
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: text[begin..start].chars().count() + 1,
            text: text[begin..line_end].trim_end().to_owned(),
            length: text[start..end].chars().count().max(1),
        }
    }

    /// The line with carets below what is meant.
    pub(crate) fn excerpt(&self) -> String {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        // A tab stays one, so that the carets stand where they belong.
        let blank: String =
            self.text.chars().take(self.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        format!("{number} | {}\n{margin} | {blank}{}", self.text, "^".repeat(self.length))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", crate::config::FILE, self.line, self.column)
    }
}

/// The last character boundary at or before `index`.
fn floor(text: &str, index: usize) -> usize {
    (0..=index.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn carets_stand_below_what_is_meant() {
        let text = "a = 1\n\tgrün = x\n";
        let place = Place::of(text, 7..12);
        assert_eq!(place.to_string(), "rehearsal.toml:2:2");
        assert_eq!(place.excerpt(), "2 | \tgrün = x\n  | \t^^^^");
    }

    #[test]
    fn the_end_of_a_text_is_a_place() {
        assert_eq!(Place::of("a", 9..9).excerpt(), "1 | a\n  |  ^");
        assert_eq!(Place::of("", 0..0).to_string(), "rehearsal.toml:1:1");
    }
}
