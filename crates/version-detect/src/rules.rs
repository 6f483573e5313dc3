//! The rules of branches: which versions a branch takes, and what becomes of them.

use serde::Serialize;

use crate::pattern::Pattern;
use project_version::{Form, Height, ProjectVersion};

/// The rules, of which the first that matches a branch is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rules(Vec<Rule>);

/// The rule of the branches of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) pattern: Pattern,
    pub(crate) takes: Takes,
    pub(crate) publish: Publish,
    /// Whether `create-tag` tags its versions.
    pub(crate) tag: bool,
    /// Whether it is a line of maintenance, whose versions may be lower than the highest release.
    pub(crate) line: bool,
}

/// Which versions a branch takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Takes {
    Stable,
    Snapshot,
    StableOrSnapshot,
    Prerelease,
    Any,
}

/// Which versions of a branch are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Publish {
    /// Those that have no tag yet, and snapshots.
    New,
    /// All.
    Always,
    /// None.
    Never,
}

impl Takes {
    /// Each value as it is written.
    pub(crate) const ALL: [(&'static str, Self); 5] = [
        ("stable", Self::Stable),
        ("snapshot", Self::Snapshot),
        ("stable-or-snapshot", Self::StableOrSnapshot),
        ("prerelease", Self::Prerelease),
        ("any", Self::Any),
    ];

    /// What is published where nothing else is said.
    pub(crate) fn publish(self) -> Publish {
        match self {
            Self::Stable | Self::StableOrSnapshot | Self::Prerelease => Publish::New,
            Self::Snapshot => Publish::Always,
            Self::Any => Publish::Never,
        }
    }

    /// Whether versions are tagged where nothing else is said.
    pub(crate) fn tag(self) -> bool {
        matches!(self, Self::Stable | Self::StableOrSnapshot | Self::Prerelease)
    }
}

impl Publish {
    /// Each value as it is written.
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("new", Self::New), ("always", Self::Always), ("never", Self::Never)];
}

impl Rule {
    /// The rule that a pattern has where only the versions are said.
    pub(crate) fn new(pattern: Pattern, takes: Takes) -> Self {
        Self { pattern, takes, publish: takes.publish(), tag: takes.tag(), line: false }
    }

    /// How high its versions have to be.
    pub(crate) fn height(&self) -> Height {
        if self.line { Height::OwnLine } else { Height::AboveAll }
    }

    /// The form that `version` must have; `None` when any will do.
    pub(crate) fn form(&self, version: &ProjectVersion) -> Option<Form> {
        match self.takes {
            Takes::Snapshot => Some(Form::Snapshot),
            Takes::StableOrSnapshot if version.is_snapshot() => Some(Form::Snapshot),
            Takes::Stable | Takes::StableOrSnapshot => Some(Form::Stable),
            Takes::Prerelease => Some(Form::Prerelease),
            Takes::Any => None,
        }
    }
}

impl Rules {
    /// The rules in their order.
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    /// The convention: releases on one branch, snapshots on another, anything elsewhere.
    pub(crate) fn convention(stable: &str, snapshot: &str) -> Self {
        let rule = |branch, takes| Rule::new(Pattern::file(branch), takes);
        Self(vec![rule(stable, Takes::Stable), rule(snapshot, Takes::Snapshot)])
    }

    /// One branch for both: a snapshot is published with every commit, a release once.
    pub(crate) fn trunk(branch: &str) -> Self {
        Self(vec![Rule::new(Pattern::file(branch), Takes::StableOrSnapshot)])
    }

    /// The same, with a branch that takes these versions before all others.
    pub(crate) fn before(mut self, branch: &str, takes: Takes) -> Self {
        self.0.insert(0, Rule::new(Pattern::file(branch), takes));
        self
    }

    /// The same, with lines of maintenance before all others.
    pub(crate) fn with_lines(mut self, pattern: Pattern) -> Self {
        self.0.insert(0, Rule { line: true, ..Rule::new(pattern, Takes::Stable) });
        self
    }

    /// Whether older releases are corrected on branches that are known.
    pub(crate) fn have_lines(&self) -> bool {
        self.0.iter().any(|rule| rule.line)
    }

    /// The rule of a branch; `None` for a branch that takes anything and publishes nothing.
    pub(crate) fn of(&self, branch: &str) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.pattern.matches(branch))
    }

    /// The branches whose versions are tagged, as a list.
    pub(crate) fn tagged(&self) -> String {
        let patterns: Vec<String> =
            self.0.iter().filter(|rule| rule.tag).map(|rule| rule.pattern.to_string()).collect();
        if patterns.is_empty() { "no branch".to_owned() } else { format!("branch {}", patterns.join(", ")) }
    }
}
