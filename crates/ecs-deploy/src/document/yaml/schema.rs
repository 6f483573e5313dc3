//! What a scalar is in YAML 1.2's core schema.

use saphyr_parser::Tag;

use crate::document::{Content, Flaw, number};

pub(super) const FOREIGN_TAG: &str = "its tag means nothing in a task definition";

/// The value of a scalar as it stands there, without its quotes.
pub(super) fn scalar(text: &str, is_plain: bool, tag: Option<&Tag>) -> Result<Content, Flaw> {
    let Some(tag) = tag else {
        return if is_plain { plain(text) } else { Ok(Content::Text(text.to_owned())) };
    };
    let foreign = || Flaw::Syntax(FOREIGN_TAG.to_owned());
    if tag.handle.is_empty() && tag.suffix == "!" || tag.handle == "!" && tag.suffix.is_empty() {
        return Ok(Content::Text(text.to_owned()));
    }
    if !tag.is_yaml_core_schema() {
        return Err(foreign());
    }
    let value = plain(text)?;
    match (tag.suffix.as_str(), &value) {
        ("str", _) => Ok(Content::Text(text.to_owned())),
        ("null", Content::Null) | ("bool", Content::Bool(_)) | ("int" | "float", Content::Number(_)) => Ok(value),
        _ => Err(foreign()),
    }
}

fn plain(text: &str) -> Result<Content, Flaw> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Bool(true),
        "false" | "False" | "FALSE" => Content::Bool(false),
        _ => match number(text) {
            Some(written) => match number::kept(&written) {
                Some(number) => Content::Number(number),
                None => return Err(Flaw::ChangedNumber(text.chars().take(40).collect())),
            },
            None if is_no_number(text) => {
                return Err(Flaw::Syntax(
                    "JSON has no infinity and no not-a-number: quote it if it is text".to_owned(),
                ));
            }
            None => Content::Text(text.to_owned()),
        },
    })
}

/// The number that `text` writes, as JSON writes it; `None` when it is text.
fn number(text: &str) -> Option<String> {
    if let Some(digits) = text.strip_prefix("0o").filter(|digits| all(digits, |c| matches!(c, '0'..='7'))) {
        return Some(u128::from_str_radix(digits, 8).map_or_else(|_| "1e999".to_owned(), |number| number.to_string()));
    }
    if let Some(digits) = text.strip_prefix("0x").filter(|digits| all(digits, |c| c.is_ascii_hexdigit())) {
        return Some(u128::from_str_radix(digits, 16).map_or_else(|_| "1e999".to_owned(), |number| number.to_string()));
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let power = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    if !is_digits(whole)
        || !is_digits(fraction)
        || whole.len() + fraction.len() == 0
        || power.is_some_and(|power| power.is_empty() || !is_digits(power))
    {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    let exponent = exponent.map(|exponent| format!("e{exponent}")).unwrap_or_default();
    Some(format!("{sign}{whole}{fraction}{exponent}"))
}

fn all(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(allowed)
}

fn is_no_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}
