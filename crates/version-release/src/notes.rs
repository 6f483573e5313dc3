//! The notes of a release, made of what was merged since the one before. Pure.
//!
//! A change is a merged pull request, or a commit that came in without one. What a change is comes from its title by the rules of
//! Conventional Commits (<https://www.conventionalcommits.org/en/v1.0.0/>), or from the pull request's labels where the repository has a
//! `.github/release.yml` with categories. Titles are hostile: all text goes through [`actions_core::markdown`].

mod changes;
mod config;
mod conventional;
mod render;

use std::collections::BTreeMap;

use github_client::{Commit, MergedPull};

pub use config::{Config, ConfigFlaw};

/// What the notes are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The repository's web page, `https://github.com/owner/name`.
    pub repository: String,
    /// The release's tag.
    pub tag: String,
    /// The tag of the release before; `None` for the first.
    pub previous: Option<String>,
    /// The commits since then, oldest first.
    pub commits: Vec<Commit>,
    /// How many older ones there are since then that are not in `commits`.
    pub more: usize,
    /// Whether there are older ones whose number is not known.
    pub is_cut: bool,
    /// The merged pull requests that each commit came in by, by the commit's hash.
    pub pulls: BTreeMap<String, Vec<MergedPull>>,
}

/// The notes as Markdown, never longer than GitHub keeps ([`github_client::LONGEST_RELEASE_BODY`], counted in bytes, which are never fewer
/// than characters): what has no room is left out with a sentence that says so.
pub fn notes(history: &History, config: &Config) -> String {
    render::render(history, config, changes::of(history, config))
}

#[cfg(test)]
mod tests;
