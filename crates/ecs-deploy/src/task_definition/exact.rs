//! Numbers that would be registered as others: a file's are as long as they like, ours have 64 bits.

/// The first number of `text`, which is JSON, that is another one after it was read and written, with its line.
pub(crate) fn changed_number(text: &str) -> Option<(usize, &str)> {
    numbers(text).find(|(_, number)| !survives(number))
}

/// The numbers of a JSON text, each with its line.
fn numbers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut position, mut line) = (0, 1);
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        while position < bytes.len() {
            match bytes[position] {
                b'"' => position = end_of_string(bytes, position),
                b'-' | b'0'..=b'9' => {
                    let start = position;
                    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                    position += bytes[start..].iter().take_while(|byte| is_part(byte)).count();
                    return Some((line, &text[start..position]));
                }
                byte => {
                    line += usize::from(byte == b'\n');
                    position += 1;
                }
            }
        }
        None
    })
}

/// The position behind the string that begins at `start`. A string of JSON is on one line.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut position = start + 1;
    while position < bytes.len() && bytes[position] != b'"' {
        position += if bytes[position] == b'\\' { 2 } else { 1 };
    }
    position + 1
}

fn survives(number: &str) -> bool {
    let read = serde_json::from_str::<serde_json::Number>(number);
    let decimal = Decimal::of(number);
    decimal.is_some() && read.is_ok_and(|read| Decimal::of(&read.to_string()) == decimal)
}

/// The value of a number, without the ways there are to write it.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(text: &str) -> Option<Self> {
        let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_end_matches('0');
        let shift = i64::try_from(all.len() - digits.len()).ok()? - i64::try_from(fraction.len()).ok()?;
        let digits = digits.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits, exponent: 0 });
        }
        Some(Self { is_negative, digits, exponent: exponent.parse::<i64>().ok()?.checked_add(shift)? })
    }
}

#[cfg(test)]
mod tests {
    use super::changed_number;

    #[test]
    fn what_64_bits_hold_is_kept() {
        for number in [
            "0",
            "-0",
            "0.0",
            "256",
            "-1",
            "18446744073709551615",
            "-9223372036854775808",
            "0.1",
            "1e2",
            "1E+2",
            "10.50",
            "1.7e308",
            "0.25e-3",
        ] {
            assert_eq!(changed_number(&format!("{{\"a\": [{number}]}}")), None, "{number}");
        }
    }

    #[test]
    fn what_they_do_not_hold_is_found_with_its_line() {
        for number in [
            "18446744073709551616",
            "-9223372036854775809",
            "0.1234567890123456789",
            "1e-400",
            "9007199254740993.5",
            "1e99999999999999999999",
        ] {
            let text = format!("{{\n\"9\\\"9e9\": 1,\n\"b\": {number}}}");
            assert_eq!(changed_number(&text), Some((3, number)), "{number}");
        }
    }
}
