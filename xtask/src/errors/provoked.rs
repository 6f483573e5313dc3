//! The proof that a test provokes each code: what real processes printed while `cargo test` ran.

use std::collections::BTreeMap;
use std::path::Path;

use testkit::provoked::{Seen, seen};

use super::Catalogue;
use super::entry::{Entry, Origin};

/// The codes that nothing on a machine of ours can bring about, each with the reason.
const LIST: &str = include_str!("not-provoked.txt");

impl Catalogue {
    /// What is wrong with what was seen in `folder`: codes that no process printed, printed with another exit code than their
    /// documentation says, or listed as impossible all the same.
    pub(crate) fn unproven(&self, folder: &Path) -> Result<Vec<String>, String> {
        let seen = seen(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(problems(&self.entries, &seen, LIST))
    }
}

/// As [`Catalogue::unproven`], on data.
pub(crate) fn problems(entries: &[Entry], seen: &Seen, list: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let listed: BTreeMap<&str, &str> = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(": ").unwrap_or((line, "")))
        .collect();
    for (code, reason) in &listed {
        if !entries.iter().any(|entry| entry.code == *code) {
            problems.push(format!("`{code}` is in not-provoked.txt and in no program"));
        }
        if reason.trim().is_empty() {
            problems.push(format!("`{code}` is in not-provoked.txt without a reason"));
        }
    }
    for entry in entries {
        let exits: Vec<i32> = aliases(entry).iter().filter_map(|code| seen.get(code)).flatten().copied().collect();
        let is_seen = aliases(entry).iter().any(|code| seen.contains_key(code));
        match (is_seen, listed.contains_key(entry.code.as_str())) {
            (false, false) => problems.push(format!("`{}` was printed by no program that a test ran", entry.code)),
            (true, true) => {
                problems.push(format!("`{}` was printed, so it does not belong in not-provoked.txt", entry.code));
            }
            (true, false) | (false, true) => {}
        }
        let documented = entry.exit_codes();
        for exit in exits.iter().filter(|exit| !documented.contains(exit)) {
            problems
                .push(format!("`{}` ended with exit code {exit}; its documentation says {documented:?}", entry.code));
        }
    }
    problems
}

/// The code, and where the driver makes it for each action, that of the driver's sample.
fn aliases(entry: &Entry) -> Vec<String> {
    let sample = entry.code.split_once('/').filter(|_| entry.origin == Origin::EachAction);
    let sample = sample.map(|(_, name)| format!("core-sample/{name}"));
    std::iter::once(entry.code.clone()).chain(sample).collect()
}
