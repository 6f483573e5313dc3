//! Walks a tree of differences and writes it as Terraform does.

mod block;
mod collection;
mod text;

use super::difference::{Action, Body, Difference, Sensitivity};
use super::strings::{push_padded, push_quoted};
use crate::diff::plural;
use crate::sealed::{SENSITIVE, Sealed};

/// How a difference is written; what is around it decides.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Style {
    /// Whether ` -> null` is left out behind what is removed.
    pub(super) no_null: bool,
    /// Whether it says that it forces the replacement though only its parent does.
    pub(super) forced: Forced,
    /// Whether everything unchanged is written too.
    pub(super) all: bool,
    /// Whether there are no symbols of actions.
    pub(super) bare: bool,
}

/// Who says that a replacement is forced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Forced {
    /// The difference that forces it.
    #[default]
    Itself,
    /// The parent, through each of its parts.
    Always,
    /// The parent alone.
    Never,
}

impl Style {
    /// The style of something below: who says what is forced is decided anew.
    fn below(self) -> Self {
        Self { forced: Forced::Itself, ..self }
    }

    fn null(self, action: Action) -> &'static str {
        if action == Action::Delete && !self.no_null { " -> null" } else { "" }
    }

    fn forces(self, forces: bool) -> &'static str {
        let says_so = match self.forced {
            Forced::Itself => forces,
            Forced::Always => true,
            Forced::Never => false,
        };
        if says_so { " # forces replacement" } else { "" }
    }

    fn symbol(self, action: Action) -> &'static str {
        match action {
            _ if self.bare => "",
            Action::NoOp => "    ",
            Action::Create => "  + ",
            Action::Update => "  ~ ",
            Action::Delete => "  - ",
        }
    }
}

/// Adds a difference as text. `depth` counts for all lines but the first.
pub(super) fn push(out: &mut String, difference: &Difference, depth: usize, style: Style) {
    let Difference { action, forces, body } = difference;
    match body {
        Body::Scalar(before, after) => scalar(out, difference, (before.as_ref(), after.as_ref()), style),
        Body::Text(before, after) => text::text(out, difference, (before.as_deref(), after.as_deref()), depth, style),
        Body::Encoded(inner) => text::encoded(out, difference, inner, depth, style),
        Body::Object { attributes, nested } => collection::object(out, difference, (attributes, *nested), depth, style),
        Body::Map { entries, nested } => collection::map(out, difference, (entries, *nested), depth, style),
        Body::List { elements, context } => collection::list(out, difference, (elements, *context), depth, style),
        Body::Set { elements, nested } => collection::set(out, difference, (elements, *nested), depth, style),
        Body::Block { attributes, blocks } => block::block(out, difference, (attributes, blocks), depth, style),
        Body::Sensitive(_) => out.extend([SENSITIVE, style.null(*action), style.forces(*forces)]),
        Body::SensitiveBlock(_) => block::sensitive(out, difference, depth, style),
        Body::Unknown(before) => unknown(out, difference, before.as_deref(), depth, style),
        Body::TypeChange(before, after) => {
            let style = Style { no_null: true, ..style };
            push(out, before, depth, style);
            out.push_str(" -> ");
            push(out, after, depth, style);
        }
        Body::WriteOnly { sensitive } => {
            let kind = if *sensitive { "(sensitive, write-only attribute)" } else { "(write-only attribute)" };
            out.extend([kind, style.null(*action), style.forces(*forces)]);
        }
    }
}

fn scalar(
    out: &mut String,
    difference: &Difference,
    (before, after): (Option<&Sealed>, Option<&Sealed>),
    style: Style,
) {
    match difference.action {
        Action::Create => simple(out, after),
        Action::Delete => {
            simple(out, before);
            out.push_str(style.null(Action::Delete));
        }
        Action::NoOp => simple(out, before),
        Action::Update => {
            simple(out, before);
            out.push_str(" -> ");
            simple(out, after);
        }
    }
    out.push_str(style.forces(difference.forces));
}

fn simple(out: &mut String, value: Option<&Sealed>) {
    out.push_str(match value {
        None | Some(Sealed::Null) => "null",
        Some(Sealed::Bool(true)) => "true",
        Some(Sealed::Bool(false)) => "false",
        Some(Sealed::Number(number)) => number,
        Some(Sealed::Text(text)) => return push_quoted(out, text),
        Some(Sealed::Secret(_)) => SENSITIVE,
        Some(Sealed::Unknown { .. }) => "(known after apply)",
        // Values with parts have a body of their own.
        Some(Sealed::List(_)) => "[]",
        Some(Sealed::Map(_)) => "{}",
    });
}

fn unknown(out: &mut String, difference: &Difference, before: Option<&Difference>, depth: usize, style: Style) {
    if let Some(before) = before.filter(|_| difference.action != Action::Create) {
        let says_so = if difference.forces { Forced::Never } else { Forced::Itself };
        push(out, before, depth, Style { no_null: true, forced: says_so, ..style });
        out.push_str(" -> ");
    }
    out.extend(["(known after apply)", style.forces(difference.forces)]);
}

/// Adds what is said in front of a difference, in lines that are indented already.
fn warnings(out: &mut String, difference: &Difference, depth: usize) {
    let (Sensitivity { before, after, inner }, what) = match &difference.body {
        Body::Sensitive(sensitivity) => (*sensitivity, "attribute value"),
        Body::SensitiveBlock(sensitivity) => (*sensitivity, "block"),
        _ => return,
    };
    if before == after || matches!(inner, Action::Create | Action::Delete) {
        return;
    }
    let (first, second) = if before {
        ("will no longer be marked as sensitive", "after applying this change.")
    } else {
        ("will be marked as sensitive and will not", "display in UI output after applying this change.")
    };
    let is_value = matches!(difference.body, Body::Sensitive(_));
    let unchanged = if inner == Action::NoOp && is_value { " The value is unchanged." } else { "" };
    indent(out, depth);
    out.extend(["  # Warning: this ", what, " ", first, "\n"]);
    indent(out, depth);
    out.extend(["  # ", second, unchanged, "\n"]);
}

/// Adds the start of a line.
fn indent(out: &mut String, depth: usize) {
    (0..depth).for_each(|_| out.push_str("    "));
}

/// Adds the line that counts what is not shown; none where that is nothing.
fn unchanged_line(out: &mut String, count: usize, what: &str, depth: usize, style: Style) {
    if count > 0 {
        indent(out, depth + 1);
        out.push_str(style.symbol(Action::NoOp));
        out.push_str(&format!("# ({count} unchanged {} hidden)\n", plural(count, what)));
    }
}

/// Adds the last line of something with parts.
fn close(out: &mut String, bracket: &str, depth: usize, style: Style) {
    indent(out, depth);
    out.extend([style.symbol(Action::NoOp), bracket]);
}

/// Adds `name = value` as a line. The value is behind `width`.
fn member_line(out: &mut String, (name, width): (&str, usize), value: &Difference, depth: usize, style: Style) {
    warnings(out, value, depth + 1);
    indent(out, depth + 1);
    out.push_str(style.symbol(value.action));
    push_padded(out, name, width);
    out.push_str(" = ");
    push(out, value, depth + 1, style);
}
