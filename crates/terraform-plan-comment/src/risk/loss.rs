//! What is lost with an object that goes, or with a shorter retention.

use std::sync::LazyLock;

use crate::sealed::Sealed;
use crate::verb::Verb;

use super::catalog::{COPIES, EXPIRIES, LEFT_ALONE, RELIEFS, RETENTIONS, Retention, STORES, VERSIONS, WINDOWS};
use super::tree::{Ending, Tree, is_same, number, word};
use super::{Grade, Risk};

/// The endings of the names of what is kept for a time, and of what deletes by itself.
static KEPT: LazyLock<Vec<Ending>> = LazyLock::new(|| RETENTIONS.iter().map(|one| Ending::of(one.name)).collect());
static DELETING: LazyLock<Vec<Ending>> = LazyLock::new(|| EXPIRIES.iter().map(|(name, _)| Ending::of(name)).collect());

/// The risks of data loss.
pub(super) fn risks(kind: &str, verb: &Verb, before: &Tree<'_>, after: &Tree<'_>) -> Vec<Risk> {
    let store = STORES.iter().find(|store| store.kind == kind);
    let is_left = LEFT_ALONE.iter().any(|name| word(before.entry(name)) == Some("true"));
    let is_kept = is_left || is_copy(before) || (verb.replaces() && VERSIONS.contains(&kind));
    let gone = store.filter(|_| !is_kept).and_then(|store| match verb {
        Verb::Unknown(_) => Some(format!("may destroy {}: its action is not known", store.holds)),
        _ if verb.destroys() => Some(format!("destroys {}{}", store.holds, relief(before))),
        _ => None,
    });
    // What is replaced keeps nothing, however long it is kept.
    let shorter = if verb.destroys() { Vec::new() } else { shortened(before, after) };
    let expiring = expiring(before, after);
    let unsure = if verb.destroys() { Vec::new() } else { unsure(before, after) };
    let unsure = unsure.into_iter().map(|reason| Risk::new(Grade::Routine, reason));
    let lost = gone.into_iter().chain(shorter).chain(expiring).map(|reason| Risk::new(Grade::DataLoss, reason));
    lost.chain(unsure).collect()
}

/// Whether the object only repeats what another one holds.
fn is_copy(object: &Tree<'_>) -> bool {
    COPIES.iter().any(|name| word(object.entry(name)).is_some_and(|source| !source.is_empty()))
}

/// What stands in the way, softens it or makes it worse.
fn relief(before: &Tree<'_>) -> String {
    let depth = |name: &str| name.split('.').count();
    let holds = |(name, value, _): &&(&str, &str, &str)| {
        before
            .ending(name)
            .any(|place| place.parents.len() + 1 == depth(name) && word(Some(place.value)) == Some(value))
    };
    let mut words: Vec<String> = RELIEFS.iter().filter(holds).map(|(_, _, words)| format!("; {words}")).collect();
    let window = WINDOWS.iter().find_map(|name| number(before.entry(name)));
    words.extend(window.map(|days| match days {
        0 => "; at once, without a way back".to_owned(),
        1 => "; it can be brought back for a day".to_owned(),
        days => format!("; it can be brought back for {days} days"),
    }));
    words.concat()
}

/// Those of which an object may say something.
fn retentions(object: &Tree<'_>) -> impl Iterator<Item = &'static Retention> {
    RETENTIONS.iter().zip(&*KEPT).filter(|(_, ending)| object.may_have_one(**ending)).map(|(retention, _)| retention)
}

/// The retentions that become shorter, in words.
fn shortened(before: &Tree<'_>, after: &Tree<'_>) -> Vec<String> {
    let mut reasons = Vec::new();
    for Retention { name, zero_is_forever, unit, what } in retentions(before) {
        let old = lengths(before, name, *zero_is_forever);
        let mut new = lengths(after, name, *zero_is_forever);
        if after.is_there() {
            // One that is not said any more is none, or for ever where that is what zero means. One that nobody sees is neither.
            let said = old.len().saturating_sub(unseen(after, name));
            new.resize(new.len().max(said), if *zero_is_forever { u64::MAX } else { 0 });
        }
        new.sort_unstable();
        if let Some((old, new)) = old.iter().zip(&new).find(|(old, new)| new < old) {
            let shown =
                |length: u64| if length == u64::MAX { "for ever".to_owned() } else { format!("{length} {unit}") };
            reasons.push(format!("keeps {what} for a shorter time: `{name}` {} → {}", shown(*old), shown(*new)));
        }
    }
    reasons
}

/// The retentions of which nobody sees whether they become shorter, in words.
fn unsure(before: &Tree<'_>, after: &Tree<'_>) -> Vec<String> {
    fn values<'a>(side: &Tree<'a>, name: &str) -> Vec<&'a Sealed> {
        side.ending(name).map(|place| place.value).filter(|value| **value != Sealed::Null).collect()
    }
    let is_unsure = |retention: &&Retention| {
        let (old, new) = (values(before, retention.name), values(after, retention.name));
        let is_kept = old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| is_same(old, new));
        !old.is_empty() && !is_kept && unseen(after, retention.name) > 0
    };
    let words = |Retention { name, what, .. }: &Retention| {
        format!("how long it keeps {what} is hidden or only known after apply (`{name}`)")
    };
    retentions(before).filter(is_unsure).map(words).collect()
}

/// How many values of this name nobody sees: hidden ones, and ones that are only known after apply.
fn unseen(side: &Tree<'_>, name: &str) -> usize {
    side.ending(name).filter(|place| matches!(place.value, Sealed::Secret(_) | Sealed::Unknown { .. })).count()
}

/// The rules that delete by themselves and are new, or delete sooner.
fn expiring(before: &Tree<'_>, after: &Tree<'_>) -> Vec<String> {
    let is_new = |(name, _): &&(&str, &str)| {
        let (old, new) = (lengths(before, name, false), lengths(after, name, false));
        let sooner = old.iter().zip(&new).any(|(old, new)| new < old);
        new.iter().any(|length| *length > 0) && (sooner || new.len() > old.len())
    };
    let said =
        EXPIRIES.iter().zip(&*DELETING).filter(|(_, ending)| after.may_have_one(**ending)).map(|(expiry, _)| expiry);
    said.filter(is_new).map(|(name, words)| format!("{words} (`{name}`)")).collect()
}

/// The lengths of this name, the shortest first. One that is switched on counts as one.
fn lengths(side: &Tree<'_>, name: &str, zero_is_forever: bool) -> Vec<u64> {
    let length = |value| number(Some(value)).or_else(|| (word(Some(value)) == Some("true")).then_some(1));
    let found = side.ending(name).filter_map(|place| length(place.value));
    let mut lengths: Vec<u64> =
        found.map(|length| if length == 0 && zero_is_forever { u64::MAX } else { length }).collect();
    lengths.sort_unstable();
    lengths
}
