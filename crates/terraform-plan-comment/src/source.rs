//! From the bytes of a plan to its JSON.

mod lookalike;
mod plan_json;
mod strays;

pub(crate) use lookalike::Lookalike;
pub(crate) use plan_json::PlanJson;
pub(crate) use strays::Strays;

use crate::json::{Json, JsonError, Reader, checked_prefix};
use crate::likely::Detector;
use crate::parallel::both;

/// The first bytes of a binary plan, which is a zip archive.
const ZIP: &[u8] = b"PK\x03\x04";

/// The largest plan; the largest known ones have some tens of megabytes.
pub(crate) const LARGEST: u64 = 256 * 1024 * 1024;

/// What every plan has; in a text of a plan its quotes are escaped.
const VERSION: &str = "\"format_version\"";

/// So many lines in front of a version are taken for the beginning of its plan, one after the other.
const MOST_STARTS: usize = 64;

/// What the bytes are.
#[derive(Debug)]
pub(crate) enum Content {
    /// Plans of versions that are understood, one after the other, one at least; and what stands beside them.
    Plans(Vec<PlanJson>, Strays),
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

/// Whether the bytes are a binary plan.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP)
}

/// Reads a plan, with whatever a wrapper or a shell put around it: byte order marks, UTF-16, lines before and after. `detector` says what
/// is a secret besides what is marked.
pub(crate) fn read(bytes: impl Into<Vec<u8>>, detector: &Detector) -> Result<Content, Refusal> {
    let bytes = bytes.into();
    if is_binary(&bytes) {
        return Ok(Content::Binary);
    }
    let text = decode(bytes).ok_or(Refusal::NotText)?;
    if text.trim().is_empty() {
        return Err(Refusal::NotAPlan(Lookalike::Nothing));
    }
    let (plans, strays) = parse(&text, detector)?;
    plans.iter().try_for_each(|plan| check_version(&plan.json))?;
    Ok(Content::Plans(plans, strays))
}

/// The text in `bytes`, with or without a byte order mark, in UTF-8 or UTF-16.
pub(crate) fn decode(bytes: impl Into<Vec<u8>>) -> Option<String> {
    let bytes = bytes.into();
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match &bytes[..] {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'{', 0, ..] => utf16(&bytes, u16::from_le_bytes),
        [0, b'{', ..] => utf16(&bytes, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
}

/// The plans in a text, one at least, and what stands beside them.
fn parse(text: &str, detector: &Detector) -> Result<(Vec<PlanJson>, Strays), Refusal> {
    let (mut plans, mut end) = one_after_the_other(text, detector)?.unwrap_or_default();
    let mut strays = Strays::default();
    let (mut at, mut broken) = (end, None);
    while let Some(found) = text[at..].find(VERSION) {
        let place = at + found;
        at = place + VERSION.len();
        // In a text of a plan its quotes are escaped.
        if text[..place].ends_with('\\') {
            continue;
        }
        match plan_around(text, end, place, detector) {
            Ok(Some((plan, start, next))) => {
                strays.look_before(text, end..start);
                plans.push(plan);
                (end, at) = (next, next);
            }
            Ok(None) => {}
            // What begins with its version is a plan, and one that is cut off.
            Err(error) if text[end..place].trim_end().ends_with('{') => return Err(Refusal::Json(error)),
            Err(error) => broken = broken.or(Some(error)),
        }
    }
    match broken {
        _ if plans.is_empty() => Err(not_a_plan(text)),
        // A plan that is broken must not pass for noise beside one that is whole.
        Some(error) => Err(Refusal::Json(error)),
        None => {
            strays.look(text, end..text.len());
            Ok((plans, strays))
        }
    }
}

/// The plan whose version stands at `place` and that begins behind `end`, also behind what a tool writes in front of a line; where it begins
/// and where it ends.
/// Terraform writes the version first; a tool that sorts the members does not.
fn plan_around(
    text: &str,
    end: usize,
    place: usize,
    detector: &Detector,
) -> Result<Option<(PlanJson, usize, usize)>, JsonError> {
    let read = |start: usize| {
        let read = plan_at(&text[start..], detector).map_err(|error| error.after(&text[..start]));
        read.map(|(plan, length)| (plan, start, start + length))
    };
    let before = text[end..place].trim_end();
    if before.ends_with('{') {
        return read(end + before.len() - 1).map(Some);
    }
    let (mut line, mut broken) = (end, None);
    let starts = text[end..place].split_inclusive('\n').filter_map(|words| {
        let start = words.find('{').map(|brace| line + brace);
        line += words.len();
        start
    });
    for start in starts.take(MOST_STARTS) {
        match read(start) {
            Ok((plan, start, next)) if next > place && plan.json.get("format_version").is_some() => {
                return Ok(Some((plan, start, next)));
            }
            Ok(_) => {}
            Err(error) => broken = broken.or(Some(error)),
        }
    }
    broken.map_or(Ok(None), Err)
}

/// The plans that `text` begins with, and the number of bytes they took; `None` where it begins with something else.
fn one_after_the_other(text: &str, detector: &Detector) -> Result<Option<(Vec<PlanJson>, usize)>, Refusal> {
    let (mut plans, mut end) = (Vec::new(), 0);
    loop {
        let rest = text[end..].trim_start();
        let start = text.len() - rest.len();
        match plan_at_once(rest, detector) {
            Ok((plan, length)) if plan.json.get("format_version").is_some() => {
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

/// The plan at the start of `text`, and the number of bytes it takes.
fn plan_at(text: &str, detector: &Detector) -> Result<(PlanJson, usize), JsonError> {
    let (mut reader, length) = checked_prefix(text)?;
    Ok((PlanJson::read(&mut reader, detector)?, length))
}

/// The same, read while it is checked: what was read of a text that is no JSON is left aside. That takes as long as reading all of it, so no
/// more than one text of a file may be in vain.
fn plan_at_once(text: &str, detector: &Detector) -> Result<(PlanJson, usize), JsonError> {
    let check = || checked_prefix(text).map(|(_, length)| length);
    let (checked, plan) = both(check, || PlanJson::read(&mut Reader::of_checked(text), detector));
    let length = checked?;
    Ok((plan?, length))
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
