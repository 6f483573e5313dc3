//! A text as whoever decodes it sees it, with the place of each byte in the text itself.

use std::borrow::Cow;
use std::ops::Range;

/// A line of base64 that is broken into lines is at least this long; shorter ones are words on lines of their own.
const SHORTEST_BASE64_LINE: usize = 60;

/// The first characters of a word must decode to plain text, so many of them.
const PLAIN: usize = 16;

/// The shortest word of base64 that has room for a secret.
const SHORTEST_PLAIN: usize = 8;

/// A decoded text.
#[derive(Debug)]
pub(super) struct View<'a> {
    bytes: Cow<'a, [u8]>,
    /// Where each byte, and the end, is in the text; `None` where it is the text.
    places: Option<Vec<u32>>,
}

impl<'a> View<'a> {
    /// A text as it is.
    pub(super) fn of(text: &'a str) -> Self {
        Self { bytes: Cow::Borrowed(text.as_bytes()), places: None }
    }

    /// Bytes that have no place in the text.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes: Cow::Owned(bytes), places: None }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where a range of the view is in the text.
    pub(super) fn place(&self, range: Range<usize>) -> Range<usize> {
        self.at(range.start)..self.at(range.end)
    }

    fn at(&self, index: usize) -> usize {
        self.places.as_ref().map_or(index, |places| places[index] as usize)
    }

    /// With the escapes of JSON undone (<https://www.rfc-editor.org/rfc/rfc8259#section-7>); `None` where there are none.
    pub(super) fn unescaped(&self) -> Option<View<'static>> {
        self.decoded(b'\\', |rest| match rest.get(1)? {
            b'"' => Some((2, '"')),
            b'\\' => Some((2, '\\')),
            b'/' => Some((2, '/')),
            b'b' => Some((2, '\u{8}')),
            b'f' => Some((2, '\u{c}')),
            b'n' => Some((2, '\n')),
            b'r' => Some((2, '\r')),
            b't' => Some((2, '\t')),
            b'u' => {
                let high = unit(rest)?;
                if let Some(character) = char::from_u32(high) {
                    return Some((6, character));
                }
                let low = rest.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(unit)?;
                let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
                Some((12, char::decode_utf16(pair).next()?.ok()?))
            }
            _ => None,
        })
    }

    /// What `decode` makes of each place where `mark` stands: how many bytes it takes, and the character.
    fn decoded(&self, mark: u8, decode: impl Fn(&[u8]) -> Option<(usize, char)>) -> Option<View<'static>> {
        if !self.bytes.contains(&mark) {
            return None;
        }
        let mut buffer = [0; 4];
        self.rewritten(|rest, bytes| {
            let found = if rest[0] == mark { decode(rest) } else { None };
            let Some((length, character)) = found else { return 0 };
            bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            length
        })
    }

    /// With what is percent-encoded decoded (<https://www.rfc-editor.org/rfc/rfc3986#section-2.1>), as a form a plus sign as a space too; `None`
    /// where there is nothing to decode.
    pub(super) fn percent_decoded(&self, is_form: bool) -> Option<View<'static>> {
        let is_encoded = self.bytes.contains(&b'%') || (is_form && self.bytes.contains(&b'+'));
        if !is_encoded {
            return None;
        }
        self.rewritten(|rest, bytes| match rest {
            [b'+', ..] if is_form => {
                bytes.push(b' ');
                1
            }
            [b'%', high, low, ..] => match digit(*high).zip(digit(*low)) {
                Some((high, low)) => {
                    bytes.push(high * 16 + low);
                    3
                }
                None => 0,
            },
            _ => 0,
        })
    }

    /// The view that `step` makes: it writes what stands in place of the first bytes and says how many they are, none where they stay.
    fn rewritten(&self, mut step: impl FnMut(&[u8], &mut Vec<u8>) -> usize) -> Option<View<'static>> {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut places = Vec::with_capacity(self.bytes.len() + 1);
        let mut index = 0;
        while index < self.bytes.len() {
            let before = bytes.len();
            let taken = step(&self.bytes[index..], &mut bytes);
            if taken == 0 {
                bytes.push(self.bytes[index]);
            }
            places.extend((before..bytes.len()).map(|_| place(self.at(index))));
            index += taken.max(1);
        }
        places.push(place(self.at(self.bytes.len())));
        let is_new = bytes.len() < self.bytes.len() || bytes != *self.bytes;
        is_new.then_some(View { bytes: Cow::Owned(bytes), places: Some(places) })
    }
}

/// A place in a text; no plan is as long as this can count.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The code unit that an escape of four hexadecimal digits at the start stands for.
fn unit(rest: &[u8]) -> Option<u32> {
    rest.get(2..6)?.iter().try_fold(0, |number, byte| Some(number * 16 + u32::from(digit(*byte)?)))
}

/// The value of a hexadecimal digit.
fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The six bits of a character of base64, of either alphabet (<https://www.rfc-editor.org/rfc/rfc4648#section-5>).
fn six_bits(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// The word of base64 around a place, its padding included. A long line goes on in the next one.
pub(super) fn base64_word(bytes: &[u8], place: Range<usize>) -> Range<usize> {
    let is_part = |byte: &&u8| six_bits(**byte).is_some();
    let mut start = place.start;
    loop {
        let line = bytes[..start].iter().rev().take_while(is_part).count();
        start -= line;
        let feed = feeds(bytes[..start].iter().rev());
        let before = bytes[..start - feed].iter().rev().take_while(is_part).count();
        if feed == 0 || before < SHORTEST_BASE64_LINE {
            break;
        }
        start -= feed;
    }
    let mut end = place.end;
    loop {
        let from = bytes[..end].iter().rev().take_while(is_part).count();
        let rest = bytes[end..].iter().take_while(is_part).count();
        end += rest;
        let feed = feeds(bytes[end..].iter());
        let next = bytes.get(end + feed).is_some_and(|byte| six_bits(*byte).is_some());
        if feed == 0 || from + rest < SHORTEST_BASE64_LINE || !next {
            break;
        }
        end += feed;
    }
    end += bytes[end..].iter().take_while(|byte| **byte == b'=').count().min(2);
    start..end
}

/// Words that are base64 of plain text, by their first characters: anything else would hardly decode to so many letters.
pub(super) fn plain_words(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut index = 0;
    std::iter::from_fn(move || {
        while index < bytes.len() {
            let length = bytes[index..].iter().take_while(|byte| six_bits(**byte).is_some()).count();
            let word = index..index + length;
            index += length.max(1);
            if length >= SHORTEST_PLAIN && is_plain(&bytes[word.start..word.start + length.min(PLAIN)]) {
                return Some(word);
            }
        }
        None
    })
}

/// Whether characters of base64 decode to letters, digits and signs.
fn is_plain(word: &[u8]) -> bool {
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    decoded(word).iter().any(|bytes| bytes.len() >= SHORTEST_PLAIN / 4 * 3 && bytes.iter().all(is_text))
}

/// How many bytes of a line's end come next.
fn feeds<'a>(bytes: impl Iterator<Item = &'a u8>) -> usize {
    let ends: Vec<&u8> = bytes.take(2).collect();
    match ends.as_slice() {
        [b'\r', b'\n'] | [b'\n', b'\r'] => 2,
        [b'\n', ..] => 1,
        _ => 0,
    }
}

/// What a word of base64 may stand for: what stands before it may have joined it, so it is read from each of its first four characters.
pub(super) fn decoded(word: &[u8]) -> [Vec<u8>; 4] {
    let bits: Vec<u32> = word.iter().filter_map(|byte| six_bits(*byte)).collect();
    [0, 1, 2, 3].map(|skipped| {
        let rest = bits.get(skipped..).unwrap_or_default();
        let mut bytes = Vec::with_capacity(rest.len() * 3 / 4);
        for four in rest.chunks(4) {
            let joined = four.iter().fold(0, |joined, six| joined << 6 | six) << (6 * (4 - four.len()));
            bytes.extend_from_slice(&joined.to_be_bytes()[1..four.len().max(1)]);
        }
        bytes
    })
}
