//! Snapshots that a Maven project is built with: its parent, its dependencies, its plugins.

use super::interpolate::{Link, Scope};
use super::uses::Use;
use crate::manifest::{UseKind, Written};

/// What ends the version of a snapshot.
const SNAPSHOT: &str = "-SNAPSHOT";

/// A snapshot, with the index of the pom that its version is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) index: usize,
    pub(crate) kind: UseKind,
    pub(crate) name: String,
    pub(crate) version: Written,
}

/// The snapshots of the first pom of the chain, its parents' included. What has no value here is left out: the version of
/// the project does not hang on it.
pub(crate) fn find(scope: &Scope<'_>) -> Vec<Snapshot> {
    let parent = scope.chain.first().and_then(|own| own.pom.parent.as_ref()).and_then(|parent| {
        let name = |part: &Option<String>| part.clone().unwrap_or_default();
        let name = format!("{}:{}", name(&parent.group), name(&parent.artifact));
        snapshot(scope, 0, UseKind::Parent, &name, parent.version.as_ref()?)
    });
    parent.into_iter().chain(used(scope)).collect()
}

fn used(scope: &Scope<'_>) -> Vec<Snapshot> {
    let mut found = Vec::new();
    for (index, link) in scope.chain.iter().enumerate() {
        let uses = &link.pom.uses;
        // Whoever imports the project takes what it manages; what its parents manage counts where it is used.
        let own: &[Use] = if index == 0 { &uses.managed } else { &[] };
        for item in uses.used.iter().chain(own) {
            let here = item.version.as_ref().map(|version| (index, version));
            let Some((home, version)) = here.or_else(|| managed(scope.chain, item)) else { continue };
            found.extend(snapshot(scope, home, item.kind, &item.name, version));
        }
    }
    found.dedup();
    found
}

/// The version that the nearest pom manages for what names none.
fn managed<'a>(chain: &'a [Link], wanted: &Use) -> Option<(usize, &'a Written)> {
    chain.iter().enumerate().find_map(|(index, link)| {
        let is_it = |item: &&Use| item.kind == wanted.kind && item.name == wanted.name;
        Some((index, link.pom.uses.managed.iter().find(is_it)?.version.as_ref()?))
    })
}

fn snapshot(scope: &Scope<'_>, index: usize, kind: UseKind, name: &str, version: &Written) -> Option<Snapshot> {
    let text = scope.resolve(index, version).ok().filter(|text| text.ends_with(SNAPSHOT))?;
    let name = Written { text: name.to_owned(), place: version.place };
    let name = scope.resolve(index, &name).unwrap_or(name.text);
    let (index, place) = scope.home_of(&version.text).unwrap_or((index, version.place));
    Some(Snapshot { index, kind, name, version: Written { text, place } })
}
