//! Damaged copies of real files, for fuzz tests: what random text never hits, a file with a few wrong bytes does.

/// One change to a text: where (as a part of the whole), what kind, and a number the kind makes use of.
pub type Edit = (u16, u8, u8);

/// What parsers stumble over, to be put into a file.
const PIECES: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b"&",
    b"${",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b"../",
    b"-1",
    b"18446744073709551616",
    b"1e999",
    b"null",
    "\u{202E}".as_bytes(),
    "\u{F0000}".as_bytes(),
    b"`",
    b"#",
];

/// `original` after the edits, one after the other: a byte replaced, a piece inserted, a stretch removed, repeated or moved,
/// the rest cut off.
pub fn mutate(original: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for (place, kind, number) in edits {
        let at = usize::from(*place) * bytes.len() / (usize::from(u16::MAX) + 1);
        let end = (at + usize::from(*number)).min(bytes.len());
        match kind % 6 {
            0 if at < bytes.len() => bytes[at] = *number,
            1 => {
                bytes.splice(at..at, PIECES[usize::from(*number) % PIECES.len()].iter().copied());
            }
            2 => drop(bytes.drain(at..end)),
            3 => {
                let stretch = bytes[at..end].to_vec();
                bytes.splice(at..at, stretch);
            }
            4 => {
                let stretch: Vec<u8> = bytes.drain(at..end).collect();
                bytes.extend(stretch);
            }
            _ if number % 8 == 0 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::mutate;

    #[test]
    fn edits_change_what_they_say() {
        assert_eq!(mutate(b"abcd", &[]), b"abcd");
        assert_eq!(mutate(b"abcd", &[(0, 0, b'x')]), b"xbcd");
        assert_eq!(mutate(b"abcd", &[(0x8000, 1, 0)]), b"ab\"cd");
        assert_eq!(mutate(b"abcd", &[(0, 2, 2)]), b"cd");
        assert_eq!(mutate(b"abcd", &[(0, 3, 2)]), b"ababcd");
        assert_eq!(mutate(b"abcd", &[(0, 4, 1)]), b"bcda");
        assert_eq!(mutate(b"abcd", &[(0xFFFF, 5, 8)]), b"abc");
        assert_eq!(mutate(b"", &[(0xFFFF, 0, 1), (9, 4, 200)]), b"");
    }
}
