//! Whose words the text has: OpenTofu's renderer is Terraform's with its own name and a few lines of its own.

use std::borrow::Cow;

use crate::document::{Change, Document};
use crate::verb::Verb;

/// The program whose `show` the text equals.
///
/// OpenTofu's lines are those of `internal/command/jsonformat/plan.go` of its tags v1.6.0 to v1.12.6 and of its main
/// branch of August 2026, 1.13 (<https://github.com/opentofu/opentofu>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    Terraform,
    /// OpenTofu 1.`minor`, or a later one where its version is not known.
    OpenTofu {
        minor: u32,
    },
}

impl Product {
    pub(super) fn of(document: &Document) -> Self {
        if !document.is_of_opentofu {
            return Self::Terraform;
        }
        let version = document.terraform_version.as_deref().unwrap_or_default();
        let minor = version.strip_prefix("1.").and_then(|rest| rest.split(['.', '-']).next()?.parse().ok());
        Self::OpenTofu { minor: minor.unwrap_or(u32::MAX) }
    }

    /// A sentence of Terraform's as the program says it.
    pub(super) fn says(self, sentence: &str) -> Cow<'_, str> {
        match self {
            Self::Terraform => Cow::Borrowed(sentence),
            Self::OpenTofu { .. } => {
                Cow::Owned(sentence.replace("Terraform", "OpenTofu").replace("terraform ", "tofu "))
            }
        }
    }

    /// Whether it is OpenTofu 1.`minor` or a later one.
    pub(super) fn is_opentofu(self, least: u32) -> bool {
        matches!(self, Self::OpenTofu { minor } if minor >= least)
    }

    /// The symbol in front of a resource.
    pub(super) fn symbol(self, verb: &Verb) -> &'static str {
        match (verb, self) {
            (Verb::Nothing, _) => "   ",
            (Verb::Create, _) => "  +",
            (Verb::Update, _) => "  ~",
            (Verb::Delete, _) => "  -",
            (Verb::DeleteThenCreate, _) => "-/+",
            (Verb::CreateThenDelete, _) => "+/-",
            (Verb::Read, _) => " <=",
            (Verb::Open, _) => "  *",
            (Verb::Forget, Self::Terraform) => " .",
            (Verb::Forget, Self::OpenTofu { .. }) => "  .",
            (Verb::CreateAndForget, Self::Terraform) => " +/.",
            (Verb::CreateAndForget, Self::OpenTofu { .. }) => "  ./+",
            (Verb::Unknown(_), _) => "  ?",
        }
    }

    /// The lines of the list of symbols, in their order; Terraform has none for what it forgets.
    pub(super) fn legend(self, is_there: impl Fn(&Verb) -> bool) -> Vec<&'static str> {
        let update =
            if self.is_opentofu(11) { "  ~ update in-place (current -> planned)" } else { "  ~ update in-place" };
        let mut lines = vec![
            (Verb::Create, "  + create"),
            (Verb::Update, update),
            (Verb::Delete, "  - destroy"),
            (Verb::DeleteThenCreate, "-/+ destroy and then create replacement"),
            (Verb::CreateThenDelete, "+/- create replacement and then destroy"),
            (Verb::Read, " <= read (data resources)"),
        ];
        if self.is_opentofu(0) {
            lines.push((Verb::CreateAndForget, "./+ forget and then create replacement"));
            lines.push((Verb::Forget, "  . forget"));
        }
        lines.into_iter().filter(|(verb, _)| is_there(verb)).map(|(_, line)| line).collect()
    }

    /// The lines above an object that is forgotten and, where `is_replaced`, made again.
    pub(super) fn forgotten(self, change: &Change, shown: &str, replaced: Option<&str>) -> Vec<String> {
        let left_over = "# (left over from a partially-failed replacement of this instance)";
        let is_left_over = change.deposed.is_some();
        match (self, replaced) {
            (Self::Terraform, Some(_)) => vec![
                format!(" # {shown} must be replaced, but the existing object will not be destroyed"),
                " # (destroy = false is set in the configuration)".to_owned(),
            ],
            (Self::Terraform, None) => {
                let first = if is_left_over {
                    format!(" # {shown} will be removed from Terraform state, but will not be destroyed")
                } else {
                    format!(" # {shown} will no longer be managed by Terraform, but will not be destroyed")
                };
                let second = is_left_over.then(|| format!(" {left_over}"));
                let last = " # (destroy = false is set in the configuration)".to_owned();
                [Some(first), second, Some(last)].into_iter().flatten().collect()
            }
            (Self::OpenTofu { .. }, replaced) => {
                let first = match replaced {
                    Some(how) => {
                        format!("  # {shown} {how} - older instance will not be destroyed (lifecycle.destroy = false)")
                    }
                    None => format!("  # {shown} will be removed from the OpenTofu state but will not be destroyed"),
                };
                let why = replaced.is_none().then(|| forgotten_because(change)).flatten();
                // The reason is a line of the sentence above it, which ends in a space.
                let first = if why.is_some() { first + " " } else { first };
                let last = is_left_over.then(|| format!("  {left_over}"));
                [Some(first), why.map(str::to_owned), last].into_iter().flatten().collect()
            }
        }
    }

    /// What is said of an object that is replaced.
    pub(super) fn replaced(self, reason: Option<&str>) -> &'static str {
        match reason {
            Some("replace_because_tainted") if self == Self::Terraform => "is tainted, so must be replaced",
            Some("replace_because_tainted") => "is tainted, so it must be replaced",
            Some("replace_by_request") => "will be replaced, as requested",
            Some("replace_by_triggers") => "will be replaced due to changes in replace_triggered_by",
            _ => "must be replaced",
        }
    }
}

fn forgotten_because(change: &Change) -> Option<&'static str> {
    match change.reason.as_deref()? {
        "forgot_because_lifecycle_destroy_in_state" => Some(
            " (because lifecycle.destroy = false was configured before this resource was removed from the configuration)",
        ),
        "forgot_because_lifecycle_destroy_in_config" => {
            Some(" (because lifecycle.destroy = false is set in the configuration)")
        }
        _ => None,
    }
}
