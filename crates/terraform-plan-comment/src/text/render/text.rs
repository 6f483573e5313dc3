//! Texts: in quotes, as lines, or as the JSON they hold.

use super::{Action, Difference, Style, close, indent, push};
use crate::diff::shown;
use crate::text::sequence::align;
use crate::text::strings::push_quoted;

/// A text on one line, or as lines between marks.
pub(super) fn text(
    out: &mut String,
    difference: &Difference,
    (before, after): (Option<&str>, Option<&str>),
    depth: usize,
    style: Style,
) {
    let forces = style.forces(difference.forces);
    let null = style.null(difference.action);
    let (lines, is_changed) = match difference.action {
        Action::Create | Action::NoOp => (after, false),
        Action::Delete => (before, false),
        Action::Update => (after, true),
    };
    if !(lines.is_some_and(has_lines) || is_changed && before.is_some_and(has_lines)) {
        if is_changed {
            simple(out, before);
            out.push_str(" -> ");
        }
        simple(out, lines);
        // What was null before stays so.
        out.extend([if lines.is_some() { null } else { "" }, forces]);
        return;
    }
    out.extend(["<<-EOT", forces, "\n"]);
    if is_changed {
        changed_lines(out, whole(before), whole(after), depth, style);
    } else {
        let trimmed = lines.unwrap_or_default().trim();
        trimmed.split('\n').for_each(|text| line(out, Action::NoOp, text, depth, style));
    }
    close(out, "EOT", depth, style);
    out.push_str(null);
}

fn simple(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => push_quoted(out, text),
        None => out.push_str("null"),
    }
}

fn has_lines(text: &str) -> bool {
    text.contains('\n')
}

/// The text that is compared line by line.
fn whole(text: Option<&str>) -> &str {
    match text {
        None => "null",
        // White space around several lines does not count for Terraform.
        Some(text) if has_lines(text) => text.trim(),
        Some(text) => text,
    }
}

fn changed_lines(out: &mut String, before: &str, after: &str, depth: usize, style: Style) {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    for pair in align(&old, &new, &(|_| false, |_| false)) {
        match pair {
            (Some(before), Some(after)) if old[before] == new[after] => {
                line(out, Action::NoOp, old[before], depth, style);
            }
            (before, after) => {
                if let Some(index) = before {
                    line(out, Action::Delete, old[index], depth, style);
                }
                if let Some(index) = after {
                    line(out, Action::Create, new[index], depth, style);
                }
            }
        }
    }
}

fn line(out: &mut String, action: Action, text: &str, depth: usize, style: Style) {
    indent(out, depth + 1);
    out.extend([style.symbol(action), &shown(text), "\n"]);
}

/// The JSON in a text.
pub(super) fn encoded(out: &mut String, difference: &Difference, json: &Difference, depth: usize, style: Style) {
    let is_only_space = json.is_no_op() && difference.action == Action::Update;
    let (space, forces) = match (is_only_space, difference.forces) {
        (true, true) => (" # whitespace changes force replacement", ""),
        (true, false) => (" # whitespace changes", ""),
        (false, forces) => ("", style.forces(forces)),
    };
    let below = Style { no_null: true, all: style.all || is_only_space, ..style.below() };
    let mut text = String::new();
    push(&mut text, json, depth + 1, below);
    if !text.contains('\n') {
        out.extend(["jsonencode(", &text, ")", space, forces]);
        return;
    }
    let action = if is_only_space || difference.action != Action::Update { Action::NoOp } else { Action::Update };
    out.extend(["jsonencode(", space, "\n"]);
    indent(out, depth + 1);
    out.extend([style.symbol(action), &text, forces, "\n"]);
    close(out, ")", depth, style);
    out.push_str(style.null(difference.action));
}
