//! One spelling for each number: `1.0`, `1e0` and `1` are the same value.

/// Numbers with more zeros than this are written with an exponent.
const MOST_ZEROS: i64 = 40;

/// The one spelling of a JSON number. A number whose exponent no machine counts to is kept as it is.
pub(super) fn canonical(number: &str) -> String {
    spelled(number).unwrap_or_else(|| number.to_owned())
}

fn spelled(number: &str) -> Option<String> {
    let (sign, unsigned) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_end_matches('0');
    let exponent = exponent
        .checked_sub(i64::try_from(fraction.len()).ok()?)?
        .checked_add(i64::try_from(digits.len() - significant.len()).ok()?)?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    Some(format!("{sign}{}", placed(significant, exponent)))
}

/// `digits` times ten to the power of `exponent`.
fn placed(digits: &str, exponent: i64) -> String {
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    // Where the point is, counted from the first digit.
    let point = exponent.saturating_add(length);
    if !(-MOST_ZEROS..=length.saturating_add(MOST_ZEROS)).contains(&point) {
        return format!("{digits}e{exponent}");
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    match usize::try_from(point) {
        Err(_) | Ok(0) => format!("0.{}{digits}", zeros(-point)),
        Ok(point) if point < digits.len() => format!("{}.{}", &digits[..point], &digits[point..]),
        Ok(_) => format!("{digits}{}", zeros(exponent)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_numbers_have_one_spelling() {
        for (spelling, expected) in [
            ("1", "1"),
            ("1.0", "1"),
            ("1e0", "1"),
            ("10E-1", "1"),
            ("-0", "0"),
            ("-0.00e9", "0"),
            ("1.50", "1.5"),
            ("15e-1", "1.5"),
            ("-1e3", "-1000"),
            ("0.001", "0.001"),
            ("1E-3", "0.001"),
            ("100", "100"),
            ("12345678901234567890.10", "12345678901234567890.1"),
            ("1e400", "1e400"),
            ("10e399", "1e400"),
            ("2.5e-400", "25e-401"),
        ] {
            assert_eq!(canonical(spelling), expected, "{spelling}");
        }
    }

    #[test]
    fn an_exponent_that_cannot_be_counted_is_kept() {
        assert_eq!(canonical("1e99999999999999999999"), "1e99999999999999999999");
        assert_eq!(canonical(&format!("0.1e{}", i64::MIN)), format!("0.1e{}", i64::MIN));
    }

    proptest! {
        #[test]
        fn a_canonical_number_is_canonical(whole in "(0|[1-9][0-9]{0,30})", fraction in "(\\.[0-9]{1,20})?", exponent in -60_i32..60) {
            let once = canonical(&format!("-{whole}{fraction}e{exponent}"));
            prop_assert_eq!(canonical(&once), once);
        }

        #[test]
        fn different_whole_numbers_differ(a in any::<u128>(), b in any::<u128>(), zeros in 0_usize..5) {
            let spelled = format!("{b}.{}", "0".repeat(zeros + 1));
            prop_assert_eq!(canonical(&a.to_string()) == canonical(&spelled), a == b);
        }
    }
}
