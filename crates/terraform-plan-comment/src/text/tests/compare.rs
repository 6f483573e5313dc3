//! How much of a text equals another, line by line.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Two texts, compared.
#[derive(Default)]
pub(super) struct Comparison {
    pub(super) equal: usize,
    /// The lines of the longer text.
    pub(super) lines: usize,
    /// Lines that are not the same: ours and Terraform's, by place. One is empty where there is none.
    pub(super) different: Vec<(String, String)>,
}

impl Comparison {
    pub(super) fn of(ours: &str, theirs: &str) -> Self {
        let lines = |text: &str| -> Vec<String> { text.split('\n').map(str::to_owned).collect() };
        let (ours, theirs) = (lines(ours), lines(theirs));
        let mut comparison = Self { equal: 0, lines: ours.len().max(theirs.len()), different: Vec::new() };
        for operation in capture_diff_slices(Algorithm::Myers, &ours, &theirs) {
            if let DiffOp::Equal { len, .. } = operation {
                comparison.equal += len;
                continue;
            }
            let (mut old, mut new) = (ours[operation.old_range()].iter(), theirs[operation.new_range()].iter());
            loop {
                let pair = (old.next().cloned(), new.next().cloned());
                if pair == (None, None) {
                    break;
                }
                comparison.different.push((pair.0.unwrap_or_default(), pair.1.unwrap_or_default()));
            }
        }
        comparison
    }

    /// Adds what another comparison found.
    pub(super) fn add(&mut self, other: Self) {
        self.equal += other.equal;
        self.lines += other.lines;
        self.different.extend(other.different);
    }

    /// Takes out the lines in which Terraform prints one of `secrets`, which it marks elsewhere, and ours hide nothing but that.
    pub(super) fn without_copies_of(mut self, secrets: &[&str]) -> Self {
        self.different.retain(|(ours, theirs)| {
            let hidden = |secret: &&str| {
                theirs.contains(*secret)
                    && (theirs.replace(&format!("\"{secret}\""), "(sensitive value)") == *ours
                        || theirs.replace(*secret, "(sensitive value)") == *ours)
            };
            !secrets.iter().any(hidden)
        });
        self
    }

    /// The part that is equal, for people.
    pub(super) fn percentage(&self) -> String {
        let tenths = self.equal * 1000 / self.lines.max(1);
        format!("{}.{} % of {} lines", tenths / 10, tenths % 10, self.lines)
    }
}

impl std::fmt::Display for Comparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (ours, theirs) in &self.different {
            writeln!(f, "  ours:      {ours}\n  Terraform: {theirs}")?;
        }
        write!(f, "{}", self.percentage())
    }
}
