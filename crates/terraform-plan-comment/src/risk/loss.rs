//! What is lost with an object that goes, or with a shorter retention.

use crate::sealed::Sealed;
use crate::verb::Verb;

use super::catalog::{RELIEFS, RETENTIONS, STORES, WINDOWS};
use super::tree::{entry, number, walk, word};
use super::{Grade, Risk};

/// The risks of data loss.
pub(super) fn risks(kind: &str, verb: &Verb, before: Option<&Sealed>, after: Option<&Sealed>) -> Vec<Risk> {
    let store = STORES.iter().find(|store| store.kind == kind);
    let gone = store.and_then(|store| match verb {
        _ if verb.destroys() => Some(format!("destroys {}{}", store.holds, relief(before))),
        Verb::Unknown(_) => Some(format!("may destroy {}: its action is not known", store.holds)),
        _ => None,
    });
    // What is replaced keeps nothing, however long it is kept.
    let shorter = if verb.destroys() { Vec::new() } else { shortened(before, after) };
    gone.into_iter().chain(shorter).map(|reason| Risk::new(Grade::DataLoss, reason)).collect()
}

/// What stands in the way, or softens it.
fn relief(before: Option<&Sealed>) -> String {
    let words = RELIEFS.iter().find(|(name, value, _)| word(entry(before, name)) == Some(value));
    let window = WINDOWS.iter().find_map(|name| number(entry(before, name)).filter(|days| *days > 0));
    match (words, window) {
        (Some((_, _, words)), _) => format!("; {words}"),
        (None, Some(1)) => "; it can be brought back for a day".to_owned(),
        (None, Some(days)) => format!("; it can be brought back for {days} days"),
        (None, None) => String::new(),
    }
}

/// The retentions that become shorter, in words.
fn shortened(before: Option<&Sealed>, after: Option<&Sealed>) -> Vec<String> {
    let mut reasons = Vec::new();
    for (name, zero_is_forever, what) in RETENTIONS {
        let length = |side: Option<&Sealed>| longest(side, name, *zero_is_forever);
        if let (Some(old), Some(new)) = (length(before), length(after))
            && new < old
        {
            let shown = |length: u64| if length == u64::MAX { "for ever".to_owned() } else { length.to_string() };
            reasons.push(format!("keeps {what} for a shorter time: `{name}` {} → {}", shown(old), shown(new)));
        }
    }
    reasons
}

/// The longest retention of this name.
fn longest(side: Option<&Sealed>, name: &str, zero_is_forever: bool) -> Option<u64> {
    let mut longest = None;
    walk(side, &mut |names, value, _| {
        if names.last() == Some(&name)
            && let Some(length) = number(Some(value))
        {
            let length = if length == 0 && zero_is_forever { u64::MAX } else { length };
            longest = longest.max(Some(length));
        }
    });
    longest
}
