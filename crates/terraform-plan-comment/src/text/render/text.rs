//! Texts: in quotes, as lines, or as the JSON they hold.

use super::{Action, Difference, Style, indent, render};
use crate::diff::shown;
use crate::text::sequence::align;
use crate::text::strings::quote;

/// A text on one line, or as lines between marks.
pub(super) fn text(
    difference: &Difference,
    (before, after): (Option<&str>, Option<&str>),
    depth: usize,
    style: Style,
) -> String {
    let forces = style.forces(difference.forces);
    let null = style.null(difference.action);
    let lines = match difference.action {
        Action::Create | Action::NoOp => match after.filter(|text| has_lines(text)) {
            Some(text) => unchanged_lines(text, depth, style),
            None => return format!("{}{forces}", simple(after)),
        },
        Action::Delete => match before {
            None => return format!("null{forces}"),
            Some(text) if has_lines(text) => unchanged_lines(text, depth, style),
            Some(text) => return format!("{}{null}{forces}", quote(text)),
        },
        Action::Update => {
            if !before.is_some_and(has_lines) && !after.is_some_and(has_lines) {
                return format!("{} -> {}{forces}", simple(before), simple(after));
            }
            changed_lines(whole(before), whole(after), depth, style)
        }
    };
    let end = format!("{}{}EOT{null}", indent(depth), style.symbol(Action::NoOp));
    format!("<<-EOT{forces}\n{lines}{end}")
}

fn simple(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), quote)
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

fn unchanged_lines(text: &str, depth: usize, style: Style) -> String {
    let text = text.trim();
    text.split('\n').map(|text| line(Action::NoOp, text, depth, style)).collect()
}

fn changed_lines(before: &str, after: &str, depth: usize, style: Style) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    let mut lines = String::new();
    for pair in align(&old, &new, &(|_| false, |_| false)) {
        match pair {
            (Some(before), Some(after)) if old[before] == new[after] => {
                lines.push_str(&line(Action::NoOp, old[before], depth, style));
            }
            (before, after) => {
                let deleted = before.map(|index| line(Action::Delete, old[index], depth, style));
                let created = after.map(|index| line(Action::Create, new[index], depth, style));
                lines.extend([deleted, created].into_iter().flatten());
            }
        }
    }
    lines
}

fn line(action: Action, text: &str, depth: usize, style: Style) -> String {
    format!("{}{}{}\n", indent(depth + 1), style.symbol(action), shown(text))
}

/// The JSON in a text.
pub(super) fn encoded(difference: &Difference, json: &Difference, depth: usize, style: Style) -> String {
    let is_only_space = json.is_no_op() && difference.action == Action::Update;
    let (space, forces) = match (is_only_space, difference.forces) {
        (true, true) => (" # whitespace changes force replacement", ""),
        (true, false) => (" # whitespace changes", ""),
        (false, forces) => ("", style.forces(forces)),
    };
    let below = Style { no_null: true, all: style.all || is_only_space, ..style.below() };
    let json = render(json, depth + 1, below);
    if !json.contains('\n') {
        return format!("jsonencode({json}){space}{forces}");
    }
    let action = if is_only_space || difference.action != Action::Update { Action::NoOp } else { Action::Update };
    let (symbol, end) = (style.symbol(action), style.symbol(Action::NoOp));
    let null = style.null(difference.action);
    format!("jsonencode({space}\n{}{symbol}{json}{forces}\n{}{end}){null}", indent(depth + 1), indent(depth))
}
