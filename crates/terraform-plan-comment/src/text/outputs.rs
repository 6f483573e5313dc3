//! The outputs that change.

use super::difference::{Action, Difference};
use super::dynamic;
use super::render::{Style, push};
use super::sides::Sides;
use super::strings::{name, push_padded};
use crate::document::{Document, Output};
use crate::sealed::reveal;

/// The difference of an output.
pub(super) fn difference(output: &Output) -> Difference {
    dynamic::difference(&Sides::new(output.before.as_ref(), output.after.as_ref()).implicit())
}

/// The outputs that change, one below the other, without a line feed at the end.
pub(super) fn text(document: &Document) -> String {
    let shown_name = |output: &Output| reveal(&name(&output.name));
    // Outputs that stay as they are count too.
    let width = document.outputs.iter().map(|output| shown_name(output).len()).max().unwrap_or_default();
    let lines = document.outputs.iter().filter_map(|output| {
        let difference = difference(output);
        let symbol = match difference.action {
            Action::NoOp => return None,
            Action::Create => "  +",
            Action::Update => "  ~",
            Action::Delete => "  -",
        };
        let mut line = format!("{symbol} ");
        push_padded(&mut line, &shown_name(output), width);
        line.push_str(" = ");
        push(&mut line, &difference, 0, Style::default());
        Some(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}
