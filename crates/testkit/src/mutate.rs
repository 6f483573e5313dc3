//! Damaged copies of real files, for fuzz tests: what random text never hits, a file with a few wrong bytes does.

use serde_json::{Value, json};

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

/// Values that a reader may not expect.
fn odd(number: u8) -> Value {
    match number % 12 {
        0 => Value::Null,
        1 => json!(-1),
        2 => json!(u64::MAX),
        3 => json!(1.5),
        4 => json!(true),
        5 => json!(""),
        6 => json!([]),
        7 => json!({}),
        8 => json!("../\u{202E}`\n\0"),
        9 => json!([null, [[{}]]]),
        10 => json!("x".repeat(300)),
        _ => (0..u32::from(number) / 3).fold(json!("deep"), |inner, _| json!([inner])),
    }
}

/// Takes this apart a key from its double, until the text is written.
const DOUBLE: char = '\u{10FFFF}';

/// `original` as JSON after the edits, which keep it JSON: a value removed, replaced by an odd one, doubled (a member with the same
/// name), wrapped, or given the name of another member. It passes the reader of JSON, so that what stands behind it is tested.
pub fn mutate_json(original: &Value, edits: &[Edit]) -> String {
    let mut document = original.clone();
    for (place, kind, number) in edits {
        let at = usize::from(*place) * count(&document) / (usize::from(u16::MAX) + 1);
        change(&mut document, &mut at.clone(), kind % 6, *number);
    }
    document.to_string().replace(DOUBLE, "")
}

/// How many values `value` holds, itself not counted.
fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|item| 1 + count(item)).sum(),
        Value::Object(members) => members.values().map(|member| 1 + count(member)).sum(),
        _ => 0,
    }
}

/// Changes the value at `left` (in the order of the text) below `value`; counts `left` down on the way. True once it is done.
fn change(value: &mut Value, left: &mut usize, kind: u8, number: u8) -> bool {
    match value {
        Value::Array(items) => {
            let length = items.len();
            for index in 0..length {
                if *left == 0 {
                    match kind {
                        0 => drop(items.remove(index)),
                        1 | 2 => items[index] = odd(number),
                        3 => {
                            let double = items[index].clone();
                            items.insert(index, double);
                        }
                        4 => items[index] = json!([items[index]]),
                        _ => {
                            let count = items.len();
                            items.rotate_left(usize::from(number) % count);
                        }
                    }
                    return true;
                }
                *left -= 1;
                if change(&mut items[index], left, kind, number) {
                    return true;
                }
            }
            false
        }
        Value::Object(members) => {
            let names: Vec<String> = members.keys().cloned().collect();
            for name in &names {
                if *left == 0 {
                    let other = &names[usize::from(number) % names.len()];
                    match kind {
                        0 => drop(members.remove(name)),
                        1 | 2 => drop(members.insert(name.clone(), odd(number))),
                        3 => drop(members.insert(format!("{name}{DOUBLE}"), odd(number))),
                        4 => drop(members.insert(name.clone(), json!({ name: members[name] }))),
                        _ => drop(members.insert(other.clone(), members[name].clone())),
                    }
                    return true;
                }
                *left -= 1;
                if members.get_mut(name).is_some_and(|member| change(member, left, kind, number)) {
                    return true;
                }
            }
            false
        }
        _ => false,
    }
}

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
    use serde_json::json;

    use super::{mutate, mutate_json};

    #[test]
    fn edits_of_json_leave_json() {
        let original = json!({ "a": [1, 2], "b": { "c": "x" } });
        let edited = |edits: &[super::Edit]| mutate_json(&original, edits);
        assert_eq!(edited(&[]), original.to_string());
        assert_eq!(edited(&[(0, 0, 0)]), r#"{"b":{"c":"x"}}"#);
        assert_eq!(edited(&[(0x4000, 1, 0)]), r#"{"a":[null,2],"b":{"c":"x"}}"#);
        assert_eq!(edited(&[(0, 3, 4)]), r#"{"a":[1,2],"b":{"c":"x"},"a":true}"#);
        assert_eq!(edited(&[(0xFFFF, 4, 0)]), r#"{"a":[1,2],"b":{"c":{"c":"x"}}}"#);
        assert_eq!(edited(&[(0, 5, 1)]), r#"{"a":[1,2],"b":[1,2]}"#);
        assert_eq!(mutate_json(&json!(1), &[(9, 1, 1)]), "1");
        for edit in (0..=u16::MAX).step_by(61) {
            let text = edited(&[(edit, edit.to_le_bytes()[0], edit.to_le_bytes()[1]), (edit, 1, 11)]);
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
        }
    }

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
