//! From the bytes of a plan to its JSON.

mod lookalike;

pub(crate) use lookalike::Lookalike;

use crate::json::{Json, JsonError};

/// The first bytes of a binary plan, which is a zip archive.
const ZIP: &[u8] = b"PK\x03\x04";

/// The largest plan; the largest known ones have some tens of megabytes.
pub(crate) const LARGEST: u64 = 256 * 1024 * 1024;

/// What the bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A plan of a version that is understood.
    Plan(Json),
    /// Several of them, one after the other.
    Several(Vec<Json>),
    /// A binary plan, which only terraform can read.
    Binary,
}

/// Why the bytes are no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Json(JsonError),
    NotText,
    NotAPlan(Lookalike),
    UnknownVersion(String),
    /// Several plans, where one binary plan is named.
    SeveralBesideOne,
}

/// Reads a plan, with whatever a wrapper or a shell put around it: byte order marks, UTF-16, lines before and after.
pub(crate) fn read(bytes: &[u8]) -> Result<Content, Refusal> {
    if bytes.starts_with(ZIP) {
        return Ok(Content::Binary);
    }
    let text = decode(bytes).ok_or(Refusal::NotText)?;
    if text.trim().is_empty() {
        return Err(Refusal::NotAPlan(Lookalike::Nothing));
    }
    let mut plans = parse(&text)?;
    plans.iter().try_for_each(check_version)?;
    match plans.pop() {
        Some(plan) if plans.is_empty() => Ok(Content::Plan(plan)),
        Some(last) => {
            plans.push(last);
            Ok(Content::Several(plans))
        }
        None => Err(Refusal::NotAPlan(Lookalike::Nothing)),
    }
}

/// The text in `bytes`, with or without a byte order mark, in UTF-8 or UTF-16.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'{', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'{', ..] => utf16(bytes, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// The plans in a text, one at least.
fn parse(text: &str) -> Result<Vec<Json>, Refusal> {
    // Terraform writes the version first; a tool that sorted the members did not.
    if let Some((plans, length)) = one_after_the_other(text)?
        && plan_starts(text).iter().all(|start| *start < length)
    {
        return Ok(plans);
    }
    let (mut plans, mut end) = (Vec::new(), 0);
    for start in plan_starts(text) {
        // What lies inside of a plan starts none.
        if start >= end {
            let read = Json::parse_prefix(&text[start..]);
            let (plan, length) = read.map_err(|error| Refusal::Json(error.after(&text[..start])))?;
            plans.push(plan);
            end = start + length;
        }
    }
    if plans.is_empty() { Err(not_a_plan(text)) } else { Ok(plans) }
}

/// The plans that `text` begins with, and the number of bytes they took; `None` where it begins with something else.
fn one_after_the_other(text: &str) -> Result<Option<(Vec<Json>, usize)>, Refusal> {
    let (mut plans, mut end) = (Vec::new(), 0);
    loop {
        let rest = text[end..].trim_start();
        let start = text.len() - rest.len();
        match Json::parse_prefix(rest) {
            Ok((plan, length)) if plan.get("format_version").is_some() => {
                plans.push(plan);
                end = start + length;
            }
            // A plan that is broken must not pass for noise behind one that is whole.
            Err(error) if !plans.is_empty() && rest.starts_with('{') && rest.contains("\"format_version\"") => {
                return Err(Refusal::Json(error.after(&text[..start])));
            }
            _ => return Ok((!plans.is_empty()).then_some((plans, end))),
        }
    }
}

/// Where a plan's JSON starts: at each line that begins with `{"format_version"`, with any white space in between.
fn plan_starts(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut end = 0;
    // Only the first brace of a line can be one: a plan is one long line, so each brace must not look for its start.
    for line in text.split_inclusive('\n') {
        let place = end + line.len() - line.trim_start().len();
        end += line.len();
        let inside = text[place..].strip_prefix('{').map(str::trim_start);
        if inside.is_some_and(|inside| inside.starts_with("\"format_version\"")) && place < end {
            starts.push(place);
        }
    }
    starts
}

fn not_a_plan(text: &str) -> Refusal {
    match Lookalike::of_text(text) {
        Some(lookalike) => Refusal::NotAPlan(lookalike),
        None => match Json::parse(text) {
            Ok(json) => check_version(&json).err().unwrap_or(Refusal::NotAPlan(Lookalike::OtherJson)),
            Err(error) => Refusal::Json(error),
        },
    }
}

fn check_version(plan: &Json) -> Result<(), Refusal> {
    if let Some(lookalike) = Lookalike::of_json(plan) {
        return Err(Refusal::NotAPlan(lookalike));
    }
    let Some(Json::Text(version) | Json::Number(version)) = plan.get("format_version") else {
        return Err(Refusal::NotAPlan(Lookalike::OtherJson));
    };
    match version.split('.').next() {
        Some("0" | "1") => Ok(()),
        _ => Err(Refusal::UnknownVersion(version.clone())),
    }
}

#[cfg(test)]
mod tests;
