//! Walks a tree of differences and writes it as Terraform does.

mod block;
mod collection;
mod text;

use super::difference::{Action, Body, Difference, Sensitivity};
use super::strings::quote;
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

/// A difference as text. `depth` counts for all lines but the first.
pub(super) fn render(difference: &Difference, depth: usize, style: Style) -> String {
    let Difference { action, forces, body } = difference;
    match body {
        Body::Scalar(before, after) => scalar(difference, (before.as_ref(), after.as_ref()), style),
        Body::Text(before, after) => text::text(difference, (before.as_deref(), after.as_deref()), depth, style),
        Body::Encoded(inner) => text::encoded(difference, inner, depth, style),
        Body::Object { attributes, nested } => collection::object(difference, (attributes, *nested), depth, style),
        Body::Map { entries, nested } => collection::map(difference, (entries, *nested), depth, style),
        Body::List { elements, context } => collection::list(difference, (elements, *context), depth, style),
        Body::Set { elements, nested } => collection::set(difference, (elements, *nested), depth, style),
        Body::Block { attributes, blocks } => block::block(difference, (attributes, blocks), depth, style),
        Body::Sensitive(_) => format!("{SENSITIVE}{}{}", style.null(*action), style.forces(*forces)),
        Body::SensitiveBlock(_) => block::sensitive(difference, depth, style),
        Body::Unknown(before) => unknown(difference, before.as_deref(), depth, style),
        Body::TypeChange(before, after) => {
            let style = Style { no_null: true, ..style };
            format!("{} -> {}", render(before, depth, style), render(after, depth, style))
        }
        Body::WriteOnly { sensitive } => {
            let kind = if *sensitive { "(sensitive, write-only attribute)" } else { "(write-only attribute)" };
            format!("{kind}{}{}", style.null(*action), style.forces(*forces))
        }
    }
}

fn scalar(difference: &Difference, (before, after): (Option<&Sealed>, Option<&Sealed>), style: Style) -> String {
    let (before, after) = (simple(before), simple(after));
    let forces = style.forces(difference.forces);
    match difference.action {
        Action::Create => format!("{after}{forces}"),
        Action::Delete => format!("{before}{}{forces}", style.null(Action::Delete)),
        Action::NoOp => format!("{before}{forces}"),
        Action::Update => format!("{before} -> {after}{forces}"),
    }
}

fn simple(value: Option<&Sealed>) -> String {
    match value {
        None | Some(Sealed::Null) => "null".to_owned(),
        Some(Sealed::Bool(value)) => value.to_string(),
        Some(Sealed::Number(number)) => number.clone(),
        Some(Sealed::Text(text)) => quote(text),
        Some(Sealed::Secret(_)) => SENSITIVE.to_owned(),
        Some(Sealed::Unknown { .. }) => "(known after apply)".to_owned(),
        // Values with parts have a body of their own.
        Some(Sealed::List(_)) => "[]".to_owned(),
        Some(Sealed::Map(_)) => "{}".to_owned(),
    }
}

fn unknown(difference: &Difference, before: Option<&Difference>, depth: usize, style: Style) -> String {
    let forces = style.forces(difference.forces);
    let Some(before) = before.filter(|_| difference.action != Action::Create) else {
        return format!("(known after apply){forces}");
    };
    let says_so = if difference.forces { Forced::Never } else { Forced::Itself };
    let before = render(before, depth, Style { no_null: true, forced: says_so, ..style });
    format!("{before} -> (known after apply){forces}")
}

/// What is said in front of a difference, in lines that are indented already.
fn warnings(difference: &Difference, depth: usize) -> String {
    let (Sensitivity { before, after, inner }, what) = match &difference.body {
        Body::Sensitive(sensitivity) => (*sensitivity, "attribute value"),
        Body::SensitiveBlock(sensitivity) => (*sensitivity, "block"),
        _ => return String::new(),
    };
    if before == after || matches!(inner, Action::Create | Action::Delete) {
        return String::new();
    }
    let indent = indent(depth);
    let (first, second) = if before {
        ("will no longer be marked as sensitive", "after applying this change.")
    } else {
        ("will be marked as sensitive and will not", "display in UI output after applying this change.")
    };
    let is_value = matches!(difference.body, Body::Sensitive(_));
    let unchanged = if inner == Action::NoOp && is_value { " The value is unchanged." } else { "" };
    format!("{indent}  # Warning: this {what} {first}\n{indent}  # {second}{unchanged}\n")
}

fn indent(depth: usize) -> String {
    "    ".repeat(depth)
}

/// How many things are not shown.
fn hidden(count: usize, what: &str) -> String {
    format!("# ({count} unchanged {} hidden)", plural(count, what))
}
