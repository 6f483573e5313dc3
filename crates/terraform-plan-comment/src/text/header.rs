//! The lines above a resource: what happens to it, and why.

use super::strings::{on_one_line, quote};
use crate::document::{Change, Step};

/// What happens to a resource as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    NoOp,
    Create,
    Update,
    Delete,
    DeleteThenCreate,
    CreateThenDelete,
    Read,
    Forget,
    CreateThenForget,
    /// Something that no one knows.
    Unknown,
}

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
const SILENT_REASONS: [&str; 4] =
    ["replace_because_cannot_update", "replace_because_tainted", "replace_by_request", "replace_by_triggers"];

impl Verb {
    pub(super) fn of(change: &Change) -> Self {
        let actions: Vec<&str> = change.actions.iter().map(String::as_str).collect();
        match actions.as_slice() {
            ["no-op"] => Self::NoOp,
            ["create"] => Self::Create,
            ["read"] => Self::Read,
            ["update"] => Self::Update,
            ["delete"] => Self::Delete,
            ["forget"] => Self::Forget,
            ["delete", "create"] => Self::DeleteThenCreate,
            ["create", "delete"] => Self::CreateThenDelete,
            // OpenTofu writes them in the other order.
            ["create", "forget"] | ["forget", "create"] => Self::CreateThenForget,
            _ => Self::Unknown,
        }
    }

    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::NoOp => "   ",
            Self::Create => "  +",
            Self::Update => "  ~",
            Self::Delete => "  -",
            Self::DeleteThenCreate => "-/+",
            Self::CreateThenDelete => "+/-",
            Self::Read => " <=",
            Self::Forget => " .",
            Self::CreateThenForget => " +/.",
            Self::Unknown => "  ?",
        }
    }

    /// Its line in the list of symbols; Terraform has none for what it forgets.
    pub(super) fn legend(self) -> Option<&'static str> {
        match self {
            Self::Create => Some("  + create"),
            Self::Update => Some("  ~ update in-place"),
            Self::Delete => Some("  - destroy"),
            Self::DeleteThenCreate => Some("-/+ destroy and then create replacement"),
            Self::CreateThenDelete => Some("+/- create replacement and then destroy"),
            Self::Read => Some(" <= read (data resources)"),
            Self::NoOp | Self::Forget | Self::CreateThenForget | Self::Unknown => None,
        }
    }

    fn replaces(self) -> bool {
        matches!(self, Self::DeleteThenCreate | Self::CreateThenDelete)
    }
}

/// Whether the object gets another address.
pub(super) fn is_moved(change: &Change) -> bool {
    change.previous_address.as_ref().is_some_and(|previous| !previous.is_empty() && *previous != change.address)
}

/// The lines above a resource.
pub(super) fn header(change: &Change, verb: Verb, tense: Tense) -> Vec<String> {
    let address = on_one_line(&change.address);
    let shown = match &change.deposed {
        Some(key) => format!("{address} (deposed object {})", on_one_line(key)),
        None => address,
    };
    let previous = change.previous_address.as_deref().map(on_one_line).unwrap_or_default();
    let mut lines = first_lines(change, (verb, tense), &shown, &previous);
    lines.extend(unknown_reason(change));
    if is_moved(change) && verb != Verb::NoOp {
        lines.push(format!("  # (moved from {previous})"));
    }
    if change.import.is_some() && (verb != Verb::NoOp || is_moved(change)) {
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

fn first_lines(change: &Change, (verb, tense): (Verb, Tense), shown: &str, previous: &str) -> Vec<String> {
    let line = |words: &str| vec![format!("  # {shown} {words}")];
    match (verb, tense) {
        (Verb::Create, _) => line("will be created"),
        (Verb::Read, _) => with(line("will be read during apply"), read_reason(change)),
        (Verb::Update, Tense::Planned) => line("will be updated in-place"),
        (Verb::Update, Tense::Detected) => line("has changed"),
        (Verb::DeleteThenCreate | Verb::CreateThenDelete, _) => line(match change.reason.as_deref() {
            Some("replace_because_tainted") => "is tainted, so must be replaced",
            Some("replace_by_request") => "will be replaced, as requested",
            Some("replace_by_triggers") => "will be replaced due to changes in replace_triggered_by",
            _ => "must be replaced",
        }),
        (Verb::CreateThenForget, _) => vec![
            format!(" # {shown} must be replaced, but the existing object will not be destroyed"),
            " # (destroy = false is set in the configuration)".to_owned(),
        ],
        (Verb::Forget, _) => forget(change, shown),
        (Verb::Delete, Tense::Planned) => with(line("will be destroyed"), delete_reasons(change)),
        (Verb::Delete, Tense::Detected) => with(line("has been deleted"), delete_reasons(change)),
        (Verb::NoOp, _) if is_moved(change) => vec![format!("  # {previous} has moved to {shown}")],
        (Verb::NoOp, _) => {
            let generated = change.generates_configuration.then(|| "  # (config will be generated)".to_owned());
            with(line("will be imported"), generated)
        }
        (Verb::Unknown, _) => {
            line(&format!("has actions that are not known: {}", on_one_line(&change.actions.join(", "))))
        }
    }
}

fn with(mut lines: Vec<String>, more: impl IntoIterator<Item = String>) -> Vec<String> {
    lines.extend(more);
    lines
}

fn forget(change: &Change, shown: &str) -> Vec<String> {
    let mut lines = if change.deposed.is_some() {
        vec![
            format!(" # {shown} will be removed from Terraform state, but will not be destroyed"),
            " # (left over from a partially-failed replacement of this instance)".to_owned(),
        ]
    } else {
        vec![format!(" # {shown} will no longer be managed by Terraform, but will not be destroyed")]
    };
    lines.push(" # (destroy = false is set in the configuration)".to_owned());
    lines
}

fn read_reason(change: &Change) -> Option<String> {
    let reason = change.reason.as_deref()?;
    let (_, words) = READ_REASONS.iter().find(|(known, _)| *known == reason)?;
    Some(format!("  # ({words})"))
}

fn delete_reasons(change: &Change) -> Vec<String> {
    let text = |text: &str| on_one_line(text);
    let why = match change.reason.as_deref() {
        Some("delete_because_no_resource_config") => {
            Some(format!("{}.{} is not in configuration", text(&change.kind), text(&change.name)))
        }
        Some("delete_because_no_move_target") => Some(format!(
            "{} was moved to {}, which is not in configuration",
            text(change.previous_address.as_deref().unwrap_or_default()),
            text(&change.address)
        )),
        Some("delete_because_no_module") => {
            Some(format!("{} is not in configuration", text(change.module.as_deref().unwrap_or_default())))
        }
        Some("delete_because_wrong_repetition") => Some(
            match change.index {
                None => "resource uses count or for_each",
                Some(Step::Index(_)) => "resource does not use count",
                Some(Step::Key(_)) => "resource does not use for_each",
            }
            .to_owned(),
        ),
        Some("delete_because_count_index") => Some(format!("index [{}] is out of range for count", index(change))),
        Some("delete_because_each_key") => Some(format!("key [{}] is not in for_each map", index(change))),
        _ => None,
    };
    let left_over =
        change.deposed.is_some().then_some("  # (left over from a partially-failed replacement of this instance)");
    why.map(|why| format!("  # (because {why})")).into_iter().chain(left_over.map(str::to_owned)).collect()
}

fn index(change: &Change) -> String {
    match &change.index {
        Some(Step::Index(number)) => number.to_string(),
        Some(Step::Key(key)) => quote(key),
        None => String::new(),
    }
}

/// A reason that Terraform 1.11 has no words for.
fn unknown_reason(change: &Change) -> Option<String> {
    let reason = change.reason.as_deref()?;
    let is_known = READ_REASONS.iter().any(|(known, _)| *known == reason)
        || SILENT_REASONS.contains(&reason)
        || (reason.starts_with("delete_because_") && crate::review::REASONS.iter().any(|(known, _)| *known == reason));
    (!is_known).then(|| format!("  # (reason: {})", on_one_line(reason)))
}
