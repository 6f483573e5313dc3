//! Objects, maps, lists and sets.

use super::{Action, Difference, Forced, Style, close, indent, member_line, push, unchanged_line, warnings};
use crate::text::difference::{Body, Members};
use crate::text::strings::{name, quote};

/// Attributes that say which object this is; they are always written.
const IDENTIFYING: [&str; 3] = ["id", "name", "tags"];

/// An object's attributes.
pub(super) fn object(
    out: &mut String,
    difference: &Difference,
    (attributes, nested): (&Members, bool),
    depth: usize,
    style: Style,
) {
    let forces = style.forces(difference.forces);
    let null = style.null(difference.action);
    if attributes.is_empty() {
        out.extend(["{}", null, forces]);
        return;
    }
    out.extend(["{", forces, "\n"]);
    attribute_lines(out, attributes, depth, (style, Style { no_null: !nested, ..style.below() }));
    close(out, "}", depth, style);
    out.push_str(null);
}

/// The attributes of an object or a block. They are written as `below` says, unless they tell which object it is.
pub(super) fn attribute_lines(out: &mut String, attributes: &Members, depth: usize, (style, below): (Style, Style)) {
    let width = attributes.keys().map(|key| name(key).len()).max().unwrap_or_default();
    let mut unchanged = 0;
    for (key, attribute) in attributes {
        let is_identifying = IDENTIFYING.contains(&key.as_str());
        if attribute.is_no_op() && !style.all && !is_identifying {
            unchanged += 1;
            continue;
        }
        let below = Style { all: below.all || is_identifying, ..below };
        member_line(out, (&name(key), width), attribute, depth, below);
        out.push('\n');
    }
    unchanged_line(out, unchanged, "attribute", depth, style);
}

/// A map's entries.
pub(super) fn map(
    out: &mut String,
    difference: &Difference,
    (entries, nested): (&Members, bool),
    depth: usize,
    style: Style,
) {
    let forces = if nested { style.forces(false) } else { style.forces(difference.forces) };
    let null = style.null(difference.action);
    if entries.is_empty() {
        out.extend(["{}", null, forces]);
        return;
    }
    let says_so = if nested && difference.forces { Forced::Always } else { Forced::Itself };
    let below = Style { no_null: nested || difference.action == Action::Delete, forced: says_so, ..style };
    let width = if nested { 0 } else { entries.keys().map(|key| quote(key).len()).max().unwrap_or_default() };
    out.extend(["{", forces, "\n"]);
    let mut unchanged = 0;
    for (key, entry) in entries {
        if entry.is_no_op() && !style.all {
            unchanged += 1;
            continue;
        }
        member_line(out, (&quote(key), width), entry, depth, below);
        out.push_str(if matches!(entry.body, Body::Object { .. }) { ",\n" } else { "\n" });
    }
    unchanged_line(out, unchanged, "element", depth, style);
    close(out, "}", depth, style);
    out.push_str(null);
}

/// A set's elements.
pub(super) fn set(
    out: &mut String,
    difference: &Difference,
    (elements, nested): (&[Difference], bool),
    depth: usize,
    style: Style,
) {
    let forces = style.forces(difference.forces && !nested);
    let null = style.null(difference.action);
    if elements.is_empty() {
        out.extend(["[]", null, forces]);
        return;
    }
    let says_so = if nested && difference.forces { Forced::Always } else { Forced::Itself };
    let below = Style { no_null: true, forced: says_so, ..style };
    out.extend(["[", forces, "\n"]);
    let mut unchanged = 0;
    for element in elements {
        if element.is_no_op() && !style.all {
            unchanged += 1;
            continue;
        }
        element_line(out, element, depth, below);
    }
    unchanged_line(out, unchanged, "element", depth, style);
    close(out, "]", depth, style);
    out.push_str(null);
}

/// A list's elements, with the neighbors of changes where `context` asks for them.
pub(super) fn list(
    out: &mut String,
    difference: &Difference,
    (elements, context): (&[Difference], bool),
    depth: usize,
    style: Style,
) {
    let forces = style.forces(difference.forces);
    let null = style.null(difference.action);
    if elements.is_empty() {
        out.extend(["[]", null, forces]);
        return;
    }
    let changed = Style { no_null: true, ..style.below() };
    let neighbor = Style { all: true, ..style.below() };
    out.extend(["[", forces, "\n"]);
    let mut unchanged: Vec<&Difference> = Vec::new();
    let mut follows_change = false;
    for element in elements {
        if element.is_no_op() && !follows_change && !style.all {
            unchanged.push(element);
            continue;
        }
        follows_change = false;
        if !context {
            element_line(out, element, depth, changed);
            continue;
        }
        if let Some(last) = unchanged.pop() {
            unchanged_line(out, unchanged.len(), "element", depth, style);
            element_line(out, last, depth, neighbor);
            unchanged.clear();
        }
        follows_change = !element.is_no_op();
        element_line(out, element, depth, if follows_change { changed } else { neighbor });
    }
    unchanged_line(out, unchanged.len(), "element", depth, style);
    close(out, "]", depth, style);
    out.push_str(null);
}

fn element_line(out: &mut String, element: &Difference, depth: usize, style: Style) {
    warnings(out, element, depth + 1);
    indent(out, depth + 1);
    out.push_str(style.symbol(element.action));
    push(out, element, depth + 1, style);
    out.push_str(",\n");
}
