//! How much a Dockerfile may ask for: each limit is far above what people write and far below what a machine has.

use std::cell::Cell;

/// The most stages of a Dockerfile.
pub(crate) const STAGES: usize = 1_000;

/// The most instructions of a Dockerfile, over all stages.
pub(crate) const INSTRUCTIONS: usize = 10_000;

/// The most text that variables, labels, ports and inherited configurations may add up to.
pub(crate) const TEXT: usize = 16 * 1024 * 1024;

/// The most rules of a `.dockerignore`.
pub(crate) const IGNORE_RULES: usize = 4_096;

/// The longest rule of a `.dockerignore`, the longest path in an image and the longest target of a link.
pub(crate) const PATH: usize = 4_096;

/// The most steps that comparing files with the patterns of a `.dockerignore`, and with those of all instructions, may take: some
/// ten seconds. A hundred rules and as many thousand files take a third of them.
pub(crate) const STEPS: u64 = 4_000_000_000;

/// The most files of a build context, of an archive, and of all layers of a base image.
pub(crate) const ENTRIES: usize = 1_000_000;

/// The most files of all stages that are held at a time.
pub(crate) const NODES: usize = 4_000_000;

/// The most bytes that the paths of a file system may have; the stages that are held at a time may have twice as many.
pub(crate) const NAMES: usize = 256 * 1024 * 1024;

/// The longest name of a file, as file systems have it.
pub(crate) const NAME: usize = 255;

/// The most that one build unpacks, and the most that one instruction copies: as much as a layer may have.
pub(crate) const LAYER_BYTES: u64 = oci_image::LAYER_LIMIT;

/// Counts text that is made while a Dockerfile is evaluated.
#[derive(Debug)]
pub(crate) struct TextBudget(Cell<usize>);

impl TextBudget {
    /// A budget of [`TEXT`] bytes.
    pub(crate) fn new() -> Self {
        Self(Cell::new(TEXT))
    }

    /// Takes `bytes`; `false` when so much is not left.
    #[must_use]
    pub(crate) fn spend(&self, bytes: usize) -> bool {
        let left = self.0.get().checked_sub(bytes);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_budget_stays_spent() {
        let budget = TextBudget::new();
        assert!(budget.spend(TEXT - 1) && budget.spend(1) && !budget.spend(1) && !budget.spend(1));
        assert!(budget.spend(0));
    }
}
