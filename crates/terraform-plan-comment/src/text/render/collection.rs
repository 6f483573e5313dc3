//! Objects, maps, lists and sets.

use super::{Action, Difference, Forced, Style, hidden, indent, render, warnings};
use crate::text::difference::{Body, Members};
use crate::text::strings::{name, pad, quote};

/// Attributes that say which object this is; they are always written.
pub(super) const IDENTIFYING: [&str; 3] = ["id", "name", "tags"];

/// An object's attributes.
pub(super) fn object(
    difference: &Difference,
    (attributes, nested): (&Members, bool),
    depth: usize,
    style: Style,
) -> String {
    let forces = style.forces(difference.forces);
    let null = style.null(difference.action);
    if attributes.is_empty() {
        return format!("{{}}{null}{forces}");
    }
    let below = Style { no_null: !nested, ..style.below() };
    let width = attributes.keys().map(|key| name(key).len()).max().unwrap_or_default();
    let mut text = format!("{{{forces}\n");
    let mut unchanged = 0;
    for (key, attribute) in attributes {
        let is_identifying = IDENTIFYING.contains(&key.as_str());
        if attribute.is_no_op() && !style.all && !is_identifying {
            unchanged += 1;
            continue;
        }
        let below = Style { all: below.all || is_identifying, ..below };
        text.push_str(&warnings(attribute, depth + 1));
        text.push_str(&format!("{}{}", indent(depth + 1), below.symbol(attribute.action)));
        text.push_str(&format!("{} = {}\n", pad(&name(key), width), render(attribute, depth + 1, below)));
    }
    text.push_str(&unchanged_line(unchanged, "attribute", depth, style));
    text.push_str(&format!("{}{}}}{null}", indent(depth), style.symbol(Action::NoOp)));
    text
}

/// A map's entries.
pub(super) fn map(difference: &Difference, (entries, nested): (&Members, bool), depth: usize, style: Style) -> String {
    let forces = if nested { style.forces(false) } else { style.forces(difference.forces) };
    let null = style.null(difference.action);
    if entries.is_empty() {
        return format!("{{}}{null}{forces}");
    }
    let says_so = if nested && difference.forces { Forced::Always } else { Forced::Itself };
    let below = Style { no_null: nested || difference.action == Action::Delete, forced: says_so, ..style };
    let width = if nested { 0 } else { entries.keys().map(|key| quote(key).len()).max().unwrap_or_default() };
    let mut text = format!("{{{forces}\n");
    let mut unchanged = 0;
    for (key, entry) in entries {
        if entry.is_no_op() && !style.all {
            unchanged += 1;
            continue;
        }
        let comma = if matches!(entry.body, Body::Object { .. }) { "," } else { "" };
        text.push_str(&warnings(entry, depth + 1));
        text.push_str(&format!("{}{}", indent(depth + 1), below.symbol(entry.action)));
        text.push_str(&format!("{} = {}{comma}\n", pad(&quote(key), width), render(entry, depth + 1, below)));
    }
    text.push_str(&unchanged_line(unchanged, "element", depth, style));
    text.push_str(&format!("{}{}}}{null}", indent(depth), style.symbol(Action::NoOp)));
    text
}

/// A set's elements.
pub(super) fn set(
    difference: &Difference,
    (elements, nested): (&[Difference], bool),
    depth: usize,
    style: Style,
) -> String {
    let forces = style.forces(difference.forces && !nested);
    let null = style.null(difference.action);
    if elements.is_empty() {
        return format!("[]{null}{forces}");
    }
    let says_so = if nested && difference.forces { Forced::Always } else { Forced::Itself };
    let below = Style { no_null: true, forced: says_so, ..style };
    let mut text = format!("[{forces}\n");
    let mut unchanged = 0;
    for element in elements {
        if element.is_no_op() && !style.all {
            unchanged += 1;
            continue;
        }
        text.push_str(&element_line(element, depth, below));
    }
    text.push_str(&unchanged_line(unchanged, "element", depth, style));
    text.push_str(&format!("{}{}]{null}", indent(depth), style.symbol(Action::NoOp)));
    text
}

/// A list's elements, with the neighbors of changes where `context` asks for them.
pub(super) fn list(
    difference: &Difference,
    (elements, context): (&[Difference], bool),
    depth: usize,
    style: Style,
) -> String {
    let forces = style.forces(difference.forces);
    let null = style.null(difference.action);
    if elements.is_empty() {
        return format!("[]{null}{forces}");
    }
    let changed = Style { no_null: true, ..style.below() };
    let neighbor = Style { all: true, ..style.below() };
    let mut text = format!("[{forces}\n");
    let mut unchanged: Vec<&Difference> = Vec::new();
    let mut follows_change = false;
    for element in elements {
        if element.is_no_op() && !follows_change && !style.all {
            unchanged.push(element);
            continue;
        }
        follows_change = false;
        if !context {
            text.push_str(&element_line(element, depth, changed));
            continue;
        }
        if let Some(last) = unchanged.pop() {
            text.push_str(&unchanged_line(unchanged.len(), "element", depth, style));
            text.push_str(&element_line(last, depth, neighbor));
            unchanged.clear();
        }
        follows_change = !element.is_no_op();
        text.push_str(&element_line(element, depth, if follows_change { changed } else { neighbor }));
    }
    text.push_str(&unchanged_line(unchanged.len(), "element", depth, style));
    text.push_str(&format!("{}{}]{null}", indent(depth), style.symbol(Action::NoOp)));
    text
}

fn element_line(element: &Difference, depth: usize, style: Style) -> String {
    let line = format!("{}{}", indent(depth + 1), style.symbol(element.action));
    format!("{}{line}{},\n", warnings(element, depth + 1), render(element, depth + 1, style))
}

/// The line that counts what is not shown; none where that is nothing.
pub(super) fn unchanged_line(count: usize, what: &str, depth: usize, style: Style) -> String {
    if count == 0 {
        return String::new();
    }
    format!("{}{}{}\n", indent(depth + 1), style.symbol(Action::NoOp), hidden(count, what))
}
