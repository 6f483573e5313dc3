//! The forms in which a secret could stand somewhere.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a query leaves as it is is not the same everywhere.
const LOOSE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'&').add(b'+').add(b'/').add(b'=');

/// A form of a secret.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) name: &'static str,
    pub(super) text: Vec<u8>,
    /// The text without its lines' ends.
    pub(super) joined: Vec<u8>,
}

/// Every form of `secret`. A form that is the same as another one is there once.
pub(super) fn of(secret: &str) -> Vec<Form> {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let go_json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let hex = secret.bytes().fold(String::new(), |mut hex, byte| {
        hex.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or_default()));
        hex
    });
    let mut forms = vec![
        ("as it is", secret.to_owned()),
        ("as JSON", json),
        ("as Go's JSON", go_json),
        ("as HTML", html.replace('\'', "&#39;")),
        ("as XML", html),
        ("as a URL", utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string()),
        ("as a query", utf8_percent_encode(secret, LOOSE).to_string()),
        ("as a form", utf8_percent_encode(secret, LOOSE).to_string().replace("%20", "+")),
        ("as a workflow command", secret.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")),
        ("in hexadecimal", hex.clone()),
        ("in upper-case hexadecimal", hex.to_uppercase()),
        ("reversed", secret.chars().rev().collect()),
        ("as Rust's Debug", format!("{secret:?}").trim_matches('"').to_owned()),
    ];
    for (name, engine) in [("in base64", &STANDARD_NO_PAD), ("in base64url", &URL_SAFE_NO_PAD)] {
        for before in 0..3 {
            forms.push((
                name,
                aligned(&engine.encode([&vec![0; before], secret.as_bytes()].concat()), before, secret.len()),
            ));
        }
    }
    let mut kept: Vec<Form> = Vec::new();
    for (name, form) in forms {
        if !form.is_empty() && !kept.iter().any(|known| known.text == form.as_bytes()) {
            let text = form.into_bytes();
            kept.push(Form { name, joined: joined(&text).unwrap_or_else(|| text.clone()), text });
        }
    }
    kept
}

/// `text` with its lines joined to one, without what they are indented by; `None` for a text of one line.
pub(super) fn joined(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    let mut whole = lines.next().unwrap_or_default().to_vec();
    let mut is_split = false;
    for line in lines {
        whole.extend_from_slice(line.trim_ascii_start());
        is_split = true;
    }
    is_split.then_some(whole)
}

/// The characters of `encoded` that depend on the secret alone: `before` bytes stand in front of its `length`, anything behind it.
fn aligned(encoded: &str, before: usize, length: usize) -> String {
    let first = (before * 8).div_ceil(6);
    let end = (before + length) * 8 / 6;
    if end > first + 4 { encoded[first..end].to_owned() } else { String::new() }
}
