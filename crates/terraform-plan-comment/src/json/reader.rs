//! Reads JSON value by value, out of a text that was checked: each byte is looked at once, and what is not wanted is passed over.

use std::borrow::Cow;

use actions_core::Place;
use memchr::memchr2;

use crate::entries::entries;

use super::{DEPTH_LIMIT, Json, JsonError};

/// Stands at a place of a text that is known to be JSON.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    whole: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// At the start of `text`, which begins with a JSON value. Where it does not, what is read is some other value, or an error.
    pub(crate) fn of_checked(text: &'a str) -> Self {
        Self { whole: text, at: 0, depth: 0 }
    }

    /// Whether the next value is a map.
    pub(crate) fn is_at_map(&mut self) -> bool {
        self.next_byte() == b'{'
    }

    /// Whether the next value is a list.
    pub(crate) fn is_at_list(&mut self) -> bool {
        self.next_byte() == b'['
    }

    /// The next value.
    pub(crate) fn value(&mut self) -> Result<Json, JsonError> {
        match self.next_byte() {
            b'{' => {
                let mut all = Vec::new();
                self.entries(|reader, key| {
                    all.push((key.into(), reader.value()?));
                    Ok(())
                })?;
                Ok(Json::Map(entries(all)))
            }
            b'[' => {
                let mut items = Vec::new();
                self.items(|reader| {
                    items.push(reader.value()?);
                    Ok(())
                })?;
                items.shrink_to_fit();
                Ok(Json::List(items))
            }
            b'"' => Ok(Json::Text(self.string()?.into_owned())),
            _ => Ok(match self.scalar() {
                "null" => Json::Null,
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                number => Json::Number(number.to_owned()),
            }),
        }
    }

    /// Calls `each` with the key of each entry of the next value, to read its value or to [`skip`](Self::skip) it. What is no map has none.
    pub(crate) fn entries<E: From<JsonError>>(
        &mut self,
        mut each: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.members(b'{', |reader| {
            let key = reader.string()?;
            if reader.next_byte() == b':' {
                reader.at += 1;
            }
            each(reader, key)
        })
    }

    /// Calls `each` in front of each item of the next value, to read it or to [`skip`](Self::skip) it. What is no list has none.
    pub(crate) fn items<E: From<JsonError>>(&mut self, each: impl FnMut(&mut Self) -> Result<(), E>) -> Result<(), E> {
        self.members(b'[', each)
    }

    fn members<E: From<JsonError>>(
        &mut self,
        opening: u8,
        mut each: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.next_byte() != opening {
            self.skip();
            return Ok(());
        }
        if self.depth == DEPTH_LIMIT {
            return Err(self.error(self.at, format!("values are nested more than {DEPTH_LIMIT} deep")).into());
        }
        (self.at, self.depth) = (self.at + 1, self.depth + 1);
        while !matches!(self.next_byte(), b']' | b'}' | END) {
            each(self)?;
            if self.next_byte() == b',' {
                self.at += 1;
            }
        }
        (self.at, self.depth) = (self.end_of(1), self.depth - 1);
        Ok(())
    }

    /// Passes over the next value; gives its text.
    pub(crate) fn skip(&mut self) -> &'a str {
        self.next_byte();
        let start = self.at;
        let bytes = self.whole.as_bytes();
        if !matches!(bytes.get(start), Some(b'{' | b'[')) {
            match bytes.get(start) {
                Some(b'"') => self.at = self.end_of_string().0,
                // What closes or parts values is none.
                Some(b'}' | b']' | b',' | b':') => self.at += 1,
                _ => {
                    self.scalar();
                }
            }
            return &self.whole[start..self.at];
        }
        // Everything but strings and brackets is passed byte by byte.
        let mut depth = 0_usize;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at = self.end_of_string().0;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        &self.whole[start..self.at]
    }

    /// The next value, where it is a string.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.next_byte();
        let start = self.at;
        let (end, has_escapes) = self.end_of_string();
        self.at = end;
        let quoted = &self.whole[start..end];
        if has_escapes {
            let read = serde_json::from_str(quoted).map(Cow::Owned);
            return read.map_err(|error| JsonError::inside(&error, self.whole, start));
        }
        Ok(Cow::Borrowed(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default()))
    }

    /// Where the string that begins here ends, behind its quote, and whether there are escapes in it.
    fn end_of_string(&self) -> (usize, bool) {
        let bytes = self.whole.as_bytes();
        let (mut at, mut has_escapes) = (self.end_of(1), false);
        while let Some(mark) = next_mark(bytes, at) {
            if bytes[mark] == b'"' {
                return (mark + 1, has_escapes);
            }
            has_escapes = true;
            // Both quotes and backslashes are ASCII, and so is what follows in a text that was checked.
            at = (mark + 2).min(bytes.len());
        }
        (bytes.len(), has_escapes)
    }

    /// A number, or one of the three words.
    fn scalar(&mut self) -> &'a str {
        let rest = &self.whole[self.at..];
        let end = rest.bytes().position(|byte| matches!(byte, b',' | b']' | b'}' | b':' | b'"') || is_space(byte));
        // At one character at least, so that there is an end.
        let length = end.unwrap_or(rest.len()).max(rest.chars().next().map_or(0, char::len_utf8));
        self.at += length;
        &rest[..length]
    }

    /// The byte of the next value or sign, behind white space; it is not passed. [`END`] at the end.
    fn next_byte(&mut self) -> u8 {
        let rest = &self.whole.as_bytes()[self.at..];
        if let Some(byte) = rest.first()
            && *byte > b' '
        {
            return *byte;
        }
        let space = rest.iter().position(|byte| !is_space(*byte));
        self.at += space.unwrap_or(rest.len());
        space.map_or(END, |space| rest[space])
    }

    fn end_of(&self, length: usize) -> usize {
        (self.at + length).min(self.whole.len())
    }

    fn error(&self, at: usize, reason: String) -> JsonError {
        JsonError { place: Place::of(self.whole, at), reason }
    }
}

/// So many times eight bytes are looked through before the rest is searched: most strings are short, and for them a search costs more than it
/// saves.
const SHORT: usize = 4;

/// Where the first quote or backslash from `at` on is.
fn next_mark(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..SHORT {
        let Some(eight) = bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()) else { break };
        match first_mark(u64::from_le_bytes(eight)) {
            None => at += 8,
            Some(place) => return Some(at + place),
        }
    }
    memchr2(b'"', b'\\', &bytes[at..]).map(|found| at + found)
}

/// Which of eight bytes, the first being the lowest, is the first quote or backslash.
fn first_mark(eight: u64) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    // The high bit of each byte that is `byte`; behind the first one others may be set, too
    // (<https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord>).
    let is = |byte: u8| {
        let zero = eight ^ (ONES * u64::from(byte));
        zero.wrapping_sub(ONES) & !zero & (ONES << 7)
    };
    let marks = is(b'"') | is(b'\\');
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

/// No byte of a JSON text.
const END: u8 = 0;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}
