//! How many resources something happens to.

use serde::{Deserialize, Serialize};

use super::{Resource, Verb};

/// The counts of a plan. `add`, `change` and `destroy` are those of Terraform's own "Plan:" line, which counts a
/// replacement as one added and one destroyed object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            add: self.add + other.add,
            change: self.change + other.change,
            destroy: self.destroy + other.destroy,
            replace: self.replace + other.replace,
            import: self.import + other.import,
            moved: self.moved + other.moved,
            forget: self.forget + other.forget,
            read: self.read + other.read,
            unknown: self.unknown + other.unknown,
        }
    }

    pub(super) fn of(resources: &[Resource]) -> Self {
        let mut counts = Self::default();
        for resource in resources {
            let verb = &resource.verb;
            counts.add += usize::from(verb.creates());
            counts.change += usize::from(*verb == Verb::Update);
            counts.destroy += usize::from(verb.destroys());
            counts.replace += usize::from(verb.replaces());
            counts.import += usize::from(resource.import.is_some());
            counts.moved += usize::from(resource.moved_from.is_some());
            counts.forget += usize::from(matches!(verb, Verb::Forget | Verb::CreateAndForget));
            counts.read += usize::from(*verb == Verb::Read);
            counts.unknown += usize::from(matches!(verb, Verb::Unknown(_)));
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
