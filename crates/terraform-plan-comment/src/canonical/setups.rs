//! How the providers of what is changed are set up, and the variables that this is made of.

use std::collections::{BTreeMap, BTreeSet};

use super::attributes::Collector;
use super::{Setup, Stage, open};
use crate::document::{self, Change, Document};
use crate::verb::Verb;

/// Whether something is asked of the object's provider when the plan is applied.
pub(super) fn is_set_up(stage: Stage) -> bool {
    match stage {
        Stage::Applied | Stage::Deferred => true,
        Stage::Recorded => false,
    }
}

/// Whether provisioners may run: the plan does not say which of them are for the creation, and which for the destruction.
pub(super) fn runs_provisioners(verb: &Verb, stage: Stage) -> bool {
    match verb {
        Verb::Unknown(_)
        | Verb::Create
        | Verb::Delete
        | Verb::DeleteThenCreate
        | Verb::CreateThenDelete
        | Verb::CreateAndForget => is_set_up(stage),
        Verb::Update | Verb::Forget | Verb::Nothing | Verb::Read | Verb::Open => false,
    }
}

/// The provider configurations behind `changes` and the provider actions, and the variables behind those and the provisioners.
pub(super) fn of(document: &Document, changes: &[(&Change, Stage)]) -> (Vec<Setup>, Vec<Setup>) {
    let known = &document.configuration;
    let time = document.timestamp.as_deref();
    let mut providers: BTreeMap<&str, &document::Setup> = BTreeMap::new();
    let mut unnamed: BTreeSet<&str> = document.invocations.iter().map(|invocation| &*invocation.provider).collect();
    let mut uses: BTreeSet<&str> = BTreeSet::new();
    for (change, _) in changes.iter().filter(|(_, stage)| is_set_up(*stage)) {
        let keys = change.wiring.providers.iter();
        let named: Vec<_> = keys.filter_map(|key| known.providers.get_key_value(key)).collect();
        if named.is_empty() {
            unnamed.insert(&change.provider);
        }
        providers.extend(named.into_iter().map(|(key, setup)| (key.as_str(), setup)));
    }
    for (change, stage) in changes {
        if runs_provisioners(&Verb::of(&change.actions), *stage) {
            uses.extend(change.wiring.uses.iter().map(String::as_str));
        }
    }
    // What the configuration does not have any more may be destroyed through any of its provider's.
    let of_unnamed = known.providers.iter().filter(|(_, setup)| unnamed.contains(&*setup.of));
    providers.extend(of_unnamed.map(|(key, setup)| (key.as_str(), setup)));
    uses.extend(providers.values().flat_map(|setup| &setup.uses).map(String::as_str));
    let variables = reached(&known.variables, uses);
    let all = |setups: BTreeMap<&str, &document::Setup>| {
        let setup = |(name, setup): (&str, &document::Setup)| {
            let mut values = Collector::new(time);
            values.compare(None, Some(&setup.values));
            Setup { name: open(name, time), values: values.finish() }
        };
        let mut all: Vec<Setup> = setups.into_iter().map(setup).collect();
        all.sort();
        all
    };
    (all(providers), all(variables))
}

/// The variables of `uses`, and those that they are made of.
fn reached<'a>(
    known: &'a BTreeMap<String, document::Setup>,
    uses: BTreeSet<&'a str>,
) -> BTreeMap<&'a str, &'a document::Setup> {
    let mut reached = BTreeMap::new();
    let mut open: Vec<&str> = uses.into_iter().collect();
    while let Some(name) = open.pop() {
        let Some((name, setup)) = known.get_key_value(name) else { continue };
        if reached.insert(name.as_str(), setup).is_none() {
            open.extend(setup.uses.iter().map(String::as_str));
        }
    }
    reached
}
