//! Places in a text, as people count them.

/// A place in a text; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// The first character.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place of the byte `offset` of `text`.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// The byte of `text` at which `serde_json` gave up: it counts lines, and a line's bytes.
pub fn json_error_offset(text: &str, error: &serde_json::Error) -> usize {
    let lines_before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    lines_before + error.column().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::{Place, json_error_offset};

    #[test]
    fn columns_are_characters() {
        let text = "é\n\u{f0000}x";
        let places = [(0, 1, 1), (1, 1, 1), (2, 1, 2), (3, 2, 1), (5, 2, 1), (7, 2, 2), (99, 2, 3)];
        for (offset, line, column) in places {
            assert_eq!(Place::of(text, offset), Place { line, column }, "{offset}");
        }
    }

    #[test]
    fn an_error_of_serde_is_at_its_character() {
        let place = |text: &str| {
            let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
            Place::of(text, json_error_offset(text, &error))
        };
        assert_eq!(place("{\n\"a\": \"b\" x}"), Place { line: 2, column: 10 });
        assert_eq!(place("{\n\"\u{f0000}é\": \"b\" x}"), Place { line: 2, column: 11 });
        assert_eq!(place("x"), Place::START);
        assert_eq!(place(""), Place::START);
    }
}
