//! Numbers that would be registered as others: a file's are as long as they like, ours have 64 bits.

use serde_json::Number;

/// The number that `text` writes; `None` when reading and writing it makes another one of it.
pub(super) fn kept(text: &str) -> Option<Number> {
    let read = serde_json::from_str::<Number>(text).ok()?;
    let decimal = Decimal::of(text)?;
    (Decimal::of(&read.to_string())? == decimal).then_some(read)
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
    use super::kept;

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
            assert!(kept(number).is_some(), "{number}");
        }
    }

    #[test]
    fn what_they_do_not_hold_is_found() {
        for number in [
            "18446744073709551616",
            "-9223372036854775809",
            "0.1234567890123456789",
            "1e-400",
            "9007199254740993.5",
            "1e99999999999999999999",
        ] {
            assert_eq!(kept(number), None, "{number}");
        }
    }
}
