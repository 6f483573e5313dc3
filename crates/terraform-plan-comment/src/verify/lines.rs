//! The lines of a difference: what was reviewed with `-`, what this plan does with `+`. Everything passes `crate::diff`, which writes out
//! what a reader would not see, and hides what is hidden.

use std::collections::BTreeMap;

use crate::canonical::{Attribute, HIDDEN, Hidden, Leaf, PLAN_TIME, Step};
use crate::diff::{self, Scope, on_one_line, show};
use crate::markdown::diff_lines;
use crate::sealed::Sealed;

/// Texts longer than this are compared within.
const LONG: usize = 80;

/// One part of a change, in words.
pub(super) fn field(lines: &mut Vec<String>, name: &str, reviewed: &[String], now: &[String]) {
    lines.extend(reviewed.iter().filter(|word| !now.contains(word)).map(|word| format!("- {name}: {word}")));
    lines.extend(now.iter().filter(|word| !reviewed.contains(word)).map(|word| format!("+ {name}: {word}")));
}

/// The values that both sides do not have alike; `under` says what they are of, where that is not the object itself.
pub(super) fn attributes(lines: &mut Vec<String>, under: &str, reviewed: &[Attribute], now: &[Attribute]) {
    let line = |attribute: &Attribute| format!("{under}{}", line(attribute));
    let mut sides: BTreeMap<&[Step], [Vec<&Attribute>; 2]> = BTreeMap::new();
    for (side, all) in [reviewed, now].into_iter().enumerate() {
        for attribute in all {
            sides.entry(&attribute.path).or_default()[side].push(attribute);
        }
    }
    for [mut reviewed, mut now] in sides.into_values() {
        reviewed.retain(|attribute| match now.iter().position(|other| other == attribute) {
            Some(place) => {
                now.remove(place);
                false
            }
            None => true,
        });
        if let ([old], [new]) = (reviewed.as_slice(), now.as_slice())
            && let Some(within) = within(old, new, under)
        {
            lines.extend(within);
            continue;
        }
        lines.extend(reviewed.into_iter().map(|attribute| format!("- {}", line(attribute))));
        lines.extend(now.into_iter().map(|attribute| format!("+ {}", line(attribute))));
    }
}

/// Two long texts that are to become one value, compared with each other.
fn within(old: &Attribute, new: &Attribute, under: &str) -> Option<Vec<String>> {
    let (Some(Leaf::Text(reviewed)), Some(Leaf::Text(now))) = (&old.after, &new.after) else { return None };
    let is_long = |text: &str| text.contains('\n') || text.chars().count() > LONG;
    if old.before != new.before || old.hidden != new.hidden || !(is_long(reviewed) || is_long(now)) {
        return None;
    }
    let text = |text: &str| Sealed::Text(timed(text));
    let name = format!("{under}{} (reviewed -> now)", plain_path(&old.path));
    let node = diff::value(Some(&name), Some(&text(reviewed)), Some(&text(now)), &Scope::resource(&[]))?;
    Some(diff_lines(&[node]))
}

fn line(attribute: &Attribute) -> String {
    let Attribute { before, after, hidden, .. } = attribute;
    let values = match (before, after) {
        (Some(Leaf::Secret { .. }), Some(Leaf::Secret { .. })) => leaf(&Leaf::Secret { marked: true }),
        (Some(before), Some(after)) => format!("{} -> {}", leaf(before), leaf(after)),
        (None, Some(after)) => leaf(after),
        (Some(before), None) => format!("{} -> (removed)", leaf(before)),
        (None, None) => "(nothing)".to_owned(),
    };
    let marks = match (before, after) {
        (Some(Leaf::Secret { marked: true }), Some(Leaf::Secret { marked: false })) => {
            ", no longer marked as sensitive"
        }
        (Some(Leaf::Secret { marked: false }), Some(Leaf::Secret { marked: true })) => ", newly marked as sensitive",
        (None, Some(Leaf::Secret { marked: false })) => "  # not marked as sensitive",
        _ => "",
    };
    let hidden = match hidden {
        Some(Hidden::Changed) => "  # what is hidden changes",
        Some(Hidden::Unchanged) => "  # what is hidden stays the same",
        None => "",
    };
    format!("{} = {values}{hidden}{marks}", path(&attribute.path))
}

/// A value on one line.
pub(super) fn leaf(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Null => "null".to_owned(),
        Leaf::Bool(value) => value.to_string(),
        Leaf::Number(number) => on_one_line(number),
        Leaf::Text(text) => show(&Sealed::Text(timed(text))),
        Leaf::EmptyList => "[]".to_owned(),
        Leaf::EmptyMap => "{}".to_owned(),
        Leaf::Secret { .. } => on_one_line(&HIDDEN.to_string()),
        Leaf::Unknown { sensitive } => show(&Sealed::Unknown { sensitive: *sensitive }),
    }
}

fn timed(text: &str) -> String {
    text.replace(PLAN_TIME, "(time of the plan)")
}

/// A path as it is written in the configuration.
pub(super) fn path(steps: &[Step]) -> String {
    if steps.is_empty() { "value".to_owned() } else { on_one_line(&plain_path(steps)) }
}

fn plain_path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) if is_word(key) && text.is_empty() => text.push_str(key),
            Step::Key(key) if is_word(key) => text.push_str(&format!(".{key}")),
            Step::Key(key) => text.push_str(&format!("[\"{}\"]", timed(key).replace('"', "\\\""))),
        }
    }
    text
}

fn is_word(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
