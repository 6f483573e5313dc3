//! From commits to changes: one for each pull request, without those that were taken back.

use std::collections::{BTreeMap, BTreeSet};

use github_client::{Commit, MergedPull};

use super::History;
use super::config::Config;
use super::conventional::{self, Reverted};

/// A change, as it is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// The pull request, where there is one.
    pub(super) pull: Option<u64>,
    /// The commits, oldest first.
    pub(super) commits: Vec<String>,
    /// The title as it was written.
    pub(super) title: String,
    /// `feat`, `fix` and so on; empty for none.
    pub(super) kind: String,
    pub(super) scope: Option<String>,
    /// The title without type and scope.
    pub(super) text: String,
    pub(super) breaking: bool,
    /// What breaks, in the words of the footers.
    pub(super) breaks: Vec<String>,
    pub(super) labels: Vec<String>,
    /// The accounts that it is by, in order.
    pub(super) logins: Vec<String>,
    reverts: Vec<Reverted>,
}

/// The changes to list, oldest first.
pub(super) fn of(history: &History, config: &Config) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut by_pull: BTreeMap<u64, usize> = BTreeMap::new();
    for commit in &history.commits {
        let pulls = history.pulls.get(&commit.sha).map(Vec::as_slice).unwrap_or_default();
        let line = commit.message.lines().next().unwrap_or_default();
        let (bare, squashed) = conventional::squashed(line);
        let pull = pick(pulls, squashed);
        let number = pull.map(|pull| pull.number).or(squashed).or_else(|| conventional::merged(line));
        let index = match number.and_then(|number| by_pull.get(&number).copied()) {
            Some(index) => index,
            // A merge of a branch into another brings no change of its own.
            None if number.is_none() && commit.parents > 1 => continue,
            None => {
                by_pull.extend(number.map(|number| (number, changes.len())));
                changes.push(Change { pull: number, ..Change::default() });
                changes.len() - 1
            }
        };
        changes[index].take_in(commit, pull, bare);
    }
    for change in &mut changes {
        change.understand();
    }
    cancel_out(&mut changes);
    changes.retain(|change| !config.excludes(change));
    changes
}

/// The pull request that a commit is told by: the one its title names, else the first that was merged.
fn pick(pulls: &[MergedPull], squashed: Option<u64>) -> Option<&MergedPull> {
    let named = squashed.and_then(|number| pulls.iter().find(|pull| pull.number == number));
    named.or_else(|| pulls.iter().min_by_key(|pull| pull.number))
}

impl Change {
    fn take_in(&mut self, commit: &Commit, pull: Option<&MergedPull>, line: &str) {
        let title = conventional::title(line);
        self.commits.push(commit.sha.clone());
        self.breaking |= title.breaking;
        let footer = conventional::breaking_footer(&commit.message);
        self.breaking |= footer.is_some();
        self.breaks.extend(footer.filter(|text| !text.is_empty() && !self.breaks.contains(text)));
        self.reverts.extend(conventional::reverted(&commit.message));
        // A merge commit's own line says nothing; a pull request that is known by its number only has the line of its commit.
        let merge = commit.parents > 1 && conventional::merged(line).is_some();
        let body = || commit.message.lines().skip(1).find(|line| !line.trim().is_empty());
        match pull {
            Some(pull) => {
                pull.title.clone_into(&mut self.title);
                self.labels.extend(
                    pull.labels.iter().filter(|label| !self.labels.contains(label)).cloned().collect::<Vec<_>>(),
                );
            }
            None if merge => body().unwrap_or(line).trim().clone_into(&mut self.title),
            None if self.title.is_empty() => line.clone_into(&mut self.title),
            None => {}
        }
        // The type of a pull request whose title has none is the weightiest of its commits'.
        let kind = title.kind.unwrap_or_default();
        if weight(&kind) > weight(&self.kind) {
            self.kind = kind;
        }
        let login =
            pull.map(|pull| pull.login.clone()).filter(|login| !login.is_empty()).or_else(|| commit.login.clone());
        self.logins.extend(login.filter(|login| !self.logins.contains(login)));
    }

    /// Reads the title, once it is known.
    fn understand(&mut self) {
        let (bare, number) = conventional::squashed(&self.title);
        let bare = if number.is_some() && number == self.pull { bare } else { &self.title };
        let title = conventional::title(bare);
        self.breaking |= title.breaking;
        self.reverts.extend(conventional::reverted(bare).filter(|_| self.reverts.is_empty()));
        if let Some(kind) = title.kind {
            self.kind = kind;
        }
        self.scope = title.scope.map(str::to_owned);
        self.text = title.text.to_owned();
        self.title = bare.to_owned();
    }
}

/// Which type tells most of a change with several.
fn weight(kind: &str) -> u8 {
    match kind {
        "feat" => 4,
        "fix" => 3,
        "perf" => 2,
        "" => 0,
        _ => 1,
    }
}

/// Leaves out what was taken back, and what took it back. From the newest on, so that a revert that was itself taken back is gone before it
/// could take anything back.
fn cancel_out(changes: &mut Vec<Change>) {
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    for newer in (0..changes.len()).rev() {
        // A pull request with more than a revert stays.
        let [reverted] = changes[newer].reverts.as_slice() else { continue };
        if gone.contains(&newer) || (changes[newer].commits.len() > 1 && !says_revert(&changes[newer].title)) {
            continue;
        }
        let is_it = |older: &usize| !gone.contains(older) && changes[*older].is(reverted);
        if let Some(older) = (0..newer).rev().find(is_it) {
            gone.extend([newer, older]);
        }
    }
    let mut at = 0;
    changes.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
}

fn says_revert(title: &str) -> bool {
    let title = title.to_ascii_lowercase();
    title.starts_with("revert") || title.starts_with("reapply")
}

impl Change {
    /// Whether all of the change was taken back. Of a pull request with several commits the last is its merge, or its tip.
    fn is(&self, reverted: &Reverted) -> bool {
        match reverted {
            Reverted::Commit(hash) => {
                let last = self.commits.last().is_some_and(|sha| sha.starts_with(hash.as_str()));
                last && (self.commits.len() == 1 || self.pull.is_some())
            }
            Reverted::Title(title) => *title == self.title || conventional::squashed(title).0 == self.title,
        }
    }
}
