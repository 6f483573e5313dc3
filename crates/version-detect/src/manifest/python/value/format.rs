//! Texts of Python: how numbers are written, escapes, and the two ways to put values into a text.

use super::Value;

/// What `str()` makes of a number; none that Python would write otherwise than the shortest decimals.
pub(super) fn number(text: &str) -> Option<Value> {
    let digits = text.replace('_', "");
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return (digits == "0" || !digits.starts_with('0')).then(|| Value::Number(digits.into()));
    }
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && digits.len() <= 15;
    let shortest = format!("{:?}", digits.parse::<f64>().ok().filter(|_| is_decimal)?);
    (!shortest.contains('e')).then(|| Value::Number(shortest.into()))
}

/// The text of a string literal; `None` for the escapes that no version has.
pub(super) fn unescaped(inner: &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next()? } else { ' ' }) {
            ('\\', 'n') => text.push('\n'),
            ('\\', 't') => text.push('\t'),
            ('\\', 'r') => text.push('\r'),
            ('\\', '\n') => {}
            ('\\', escaped @ ('\\' | '"' | '\'')) => text.push(escaped),
            ('\\', _) => return None,
            _ => text.push(c),
        }
    }
    Some(text)
}

/// `"%s.%d" % values`
pub(super) fn percent(format: &str, values: &[Value]) -> Option<Value> {
    let (mut text, mut values) = (String::new(), values.iter());
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '%' { chars.next()? } else { ' ' }) {
            ('%', '%') => text.push('%'),
            ('%', 's') => text.push_str(values.next()?.text()?),
            ('%', 'd' | 'i') => match values.next()? {
                Value::Number(number) if !number.contains('.') => text.push_str(number),
                _ => return None,
            },
            ('%', _) => return None,
            _ => text.push(c),
        }
    }
    values.next().is_none().then(|| Value::of_text(text))
}

/// `"{}.{1}".format(values)`, with empty braces or a number in them.
pub(super) fn braces(format: &str, values: &[Value]) -> Option<Value> {
    let (mut text, mut next, mut rest) = (String::new(), 0, format);
    while let Some(brace) = rest.find(['{', '}']) {
        text.push_str(&rest[..brace]);
        let end = rest[brace..].find('}').filter(|end| *end > 0)? + brace;
        let index = match &rest[brace + 1..end] {
            "" => {
                next += 1;
                next - 1
            }
            number => number.parse().ok()?,
        };
        text.push_str(values.get(index)?.text()?);
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    Some(Value::of_text(text))
}
