//! The lines above a resource: what happens to it, and why.

use super::product::Product;
use super::strings::json_quote;
use crate::diff::on_one_line;
use crate::document::{Change, Step};
use crate::verb::Verb;

/// What the lines say: what will happen, or what has happened already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    Planned,
    Detected,
}

/// Reasons for reading a data source later.
const READ_REASONS: [(&str, &str); 3] = [
    ("read_because_config_unknown", "config refers to values not yet known"),
    ("read_because_dependency_pending", "depends on a resource or a module with changes pending"),
    ("read_because_check_nested", "config will be reloaded to verify a check block"),
];

/// Reasons that are told in the first line or not at all.
const SILENT_REASONS: [&str; 6] = [
    "replace_because_cannot_update",
    "replace_because_tainted",
    "replace_by_request",
    "replace_by_triggers",
    "forgot_because_lifecycle_destroy_in_config",
    "forgot_because_lifecycle_destroy_in_state",
];

/// Whether the object gets another address.
pub(super) fn is_moved(change: &Change) -> bool {
    change.previous_address.as_ref().is_some_and(|previous| !previous.is_empty() && *previous != change.address)
}

/// The lines above a resource.
pub(super) fn header(change: &Change, verb: &Verb, tense: Tense, product: Product) -> Vec<String> {
    let address = on_one_line(&change.address);
    let shown = match &change.deposed {
        Some(key) => format!("{address} (deposed object {})", on_one_line(key)),
        None => address,
    };
    let previous = change.previous_address.as_deref().map(on_one_line).unwrap_or_default();
    let mut lines = match &change.set {
        Some(set) => set.lines(&shown, verb),
        None => first_lines(change, (verb, tense, product), &shown, &previous),
    };
    lines.extend(unknown_reason(change));
    if is_moved(change) && *verb != Verb::Nothing {
        lines.push(format!("  # (moved from {previous})"));
    }
    if change.import.is_some() && (*verb != Verb::Nothing || is_moved(change)) {
        lines.push(match change.imported_id.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => format!("  # (imported from \"{}\")", on_one_line(id)),
            None => "  # (will be imported first)".to_owned(),
        });
    }
    if change.import.is_some() && verb.replaces() {
        lines.push("  # Warning: this will destroy the imported resource".to_owned());
    }
    lines
}

fn first_lines(
    change: &Change,
    (verb, tense, product): (&Verb, Tense, Product),
    shown: &str,
    previous: &str,
) -> Vec<String> {
    let line = |words: &str| vec![format!("  # {shown} {words}")];
    let reason = change.reason.as_deref();
    match (verb, tense) {
        (Verb::Create, _) => line("will be created"),
        (Verb::Read, _) => with(line("will be read during apply"), read_reason(change)),
        (Verb::Open, _) => line("will be opened during apply"),
        (Verb::Update, Tense::Planned) => line("will be updated in-place"),
        (Verb::Update, Tense::Detected) => line("has changed"),
        (Verb::DeleteThenCreate | Verb::CreateThenDelete, _) => line(product.replaced(reason)),
        (Verb::CreateAndForget, _) => product.forgotten(change, shown, Some(product.replaced(reason))),
        (Verb::Forget, _) => product.forgotten(change, shown, None),
        (Verb::Delete, Tense::Planned) => with(line("will be destroyed"), delete_reasons(change)),
        (Verb::Delete, Tense::Detected) => with(line("has been deleted"), delete_reasons(change)),
        (Verb::Nothing, _) if is_moved(change) => vec![format!("  # {previous} has moved to {shown}")],
        (Verb::Nothing, _) => {
            let generated = change.generates_configuration.then(|| "  # (config will be generated)".to_owned());
            with(line("will be imported"), generated)
        }
        (Verb::Unknown(actions), _) => {
            line(&format!("has actions that are not known: {}", actions.join(", ").replace('\n', "\\n")))
        }
    }
}

fn with(mut lines: Vec<String>, more: impl IntoIterator<Item = String>) -> Vec<String> {
    lines.extend(more);
    lines
}

fn read_reason(change: &Change) -> Option<String> {
    let reason = change.reason.as_deref()?;
    let (_, words) = READ_REASONS.iter().find(|(known, _)| *known == reason)?;
    Some(format!("  # ({words})"))
}

fn delete_reasons(change: &Change) -> Vec<String> {
    let why = change.reason.as_deref().and_then(|reason| delete_reason(change, reason));
    let left_over =
        change.deposed.is_some().then_some("  # (left over from a partially-failed replacement of this instance)");
    why.map(|why| format!("  # (because {why})")).into_iter().chain(left_over.map(str::to_owned)).collect()
}

/// Why an object is destroyed; `None` of a reason without words.
fn delete_reason(change: &Change, reason: &str) -> Option<String> {
    let text = |text: Option<&str>| on_one_line(text.unwrap_or_default());
    Some(match reason {
        "delete_because_no_resource_config" => {
            format!("{}.{} is not in configuration", on_one_line(&change.kind), on_one_line(&change.name))
        }
        "delete_because_no_move_target" => format!(
            "{} was moved to {}, which is not in configuration",
            text(change.previous_address.as_deref()),
            on_one_line(&change.address)
        ),
        "delete_because_no_module" => format!("{} is not in configuration", text(change.module.as_deref())),
        "delete_because_wrong_repetition" => match change.index {
            None => "resource uses count or for_each",
            Some(Step::Index(_)) => "resource does not use count",
            Some(Step::Key(_)) => "resource does not use for_each",
        }
        .to_owned(),
        "delete_because_count_index" => format!("index [{}] is out of range for count", index(change)),
        "delete_because_each_key" => format!("key [{}] is not in for_each map", index(change)),
        // OpenTofu's.
        "delete_because_enabled_false" => "enabled is false".to_owned(),
        _ => return None,
    })
}

/// An instance's key as the plan's JSON has it.
fn index(change: &Change) -> String {
    match &change.index {
        Some(Step::Index(number)) => number.to_string(),
        Some(Step::Key(key)) => json_quote(key),
        None => String::new(),
    }
}

/// A reason that no line has words for.
fn unknown_reason(change: &Change) -> Option<String> {
    let reason = change.reason.as_deref()?;
    let is_known = READ_REASONS.iter().any(|(known, _)| *known == reason)
        || SILENT_REASONS.contains(&reason)
        || delete_reason(change, reason).is_some();
    (!is_known).then(|| format!("  # (reason: {})", on_one_line(reason)))
}
