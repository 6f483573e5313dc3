//! How many resources something happens to.

use serde::Serialize;

use super::{Resource, Verb};

/// The counts of a plan. `add`, `change` and `destroy` are those of Terraform's own "Plan:" line, which counts a
/// replacement as one added and one destroyed object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Counts {
    pub(crate) add: usize,
    pub(crate) change: usize,
    pub(crate) destroy: usize,
    /// Replacements; they are also in `add`, and in `destroy` unless the old object is kept.
    pub(crate) replace: usize,
    pub(crate) import: usize,
    #[serde(rename = "move")]
    pub(crate) moved: usize,
    /// Objects that leave the state and stay alive.
    pub(crate) forget: usize,
    pub(crate) read: usize,
    /// Resources with actions that neither tool documents.
    pub(crate) unknown: usize,
}

impl Counts {
    pub(super) fn of(resources: &[Resource]) -> Self {
        let mut counts = Self::default();
        for resource in resources {
            counts.replace += usize::from(resource.verb.replaces());
            counts.destroy += usize::from(resource.verb.destroys());
            counts.import += usize::from(resource.import.is_some());
            counts.moved += usize::from(resource.moved_from.is_some());
            match resource.verb {
                Verb::Create | Verb::DeleteThenCreate | Verb::CreateThenDelete => counts.add += 1,
                Verb::CreateAndForget => {
                    counts.add += 1;
                    counts.forget += 1;
                }
                Verb::Update => counts.change += 1,
                Verb::Forget => counts.forget += 1,
                Verb::Read => counts.read += 1,
                Verb::Unknown(_) => counts.unknown += 1,
                Verb::Delete | Verb::Nothing => {}
            }
        }
        counts
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to add, {} to change, {} to destroy", self.add, self.change, self.destroy)?;
        match self.replace {
            0 => {}
            1 => f.write_str(" (1 replacement included)")?,
            many => write!(f, " ({many} replacements included)")?,
        }
        let others = [
            (self.import, "import"),
            (self.moved, "move"),
            (self.forget, "forget"),
            (self.read, "read"),
            (self.unknown, "do something unknown to"),
        ];
        others.iter().filter(|(count, _)| *count > 0).try_for_each(|(count, verb)| write!(f, ", {count} to {verb}"))
    }
}
