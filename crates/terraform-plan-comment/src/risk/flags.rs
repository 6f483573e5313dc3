//! Attributes that open something or take a protection away, and objects that protect others.

use crate::diff::on_one_line;
use crate::sealed::Sealed;
use crate::verb::Verb;

use super::catalog::{ATTACHED, FLAGS, Flag, GUARDIANS, KEYS, POWERFUL};
use super::tree::{entry, items, text, walk, word};
use super::{Grade, Risk};

/// The risks of exposure by single attributes.
pub(super) fn risks(kind: &str, verb: &Verb, before: Option<&Sealed>, after: Option<&Sealed>) -> Vec<Risk> {
    let mut reasons = Vec::new();
    if *verb == Verb::Delete {
        reasons.extend(GUARDIANS.iter().find(|(known, _)| *known == kind).map(|(_, words)| (*words).to_owned()));
        return exposures(reasons);
    }
    let counts = FLAGS.iter().filter(|flag| flag.kinds.is_empty() || flag.kinds.contains(&kind));
    reasons.extend(counts.filter(|flag| is_opened(flag, before, after)).map(|flag| {
        let name = flag.name;
        format!("{} (`{name}`)", flag.words)
    }));
    for name in KEYS {
        if is_key(entry(before, name)) && !is_key(entry(after, name)) {
            reasons.push(format!("it is not encrypted with its own key any more (`{name}`)"));
        }
    }
    reasons.extend(attached(before, after));
    if text(entry(before, "permissions_boundary")).is_some()
        && matches!(entry(after, "permissions_boundary"), None | Some(Sealed::Null))
    {
        reasons.push("nothing bounds its permissions any more (`permissions_boundary`)".to_owned());
    }
    exposures(reasons)
}

fn exposures(reasons: Vec<String>) -> Vec<Risk> {
    reasons.into_iter().map(|reason| Risk::new(Grade::Exposure, reason)).collect()
}

/// Whether more values are open than before.
fn is_opened(flag: &Flag, before: Option<&Sealed>, after: Option<&Sealed>) -> bool {
    let (old, new) = (Values::of(flag, before), Values::of(flag, after));
    let was_closed = !flag.only_switched || old.closed > new.closed;
    new.open > old.open && was_closed
}

/// How many values of a flag are open, and how many are not.
#[derive(Default)]
struct Values {
    open: usize,
    closed: usize,
}

impl Values {
    fn of(flag: &Flag, side: Option<&Sealed>) -> Self {
        let path: Vec<&str> = flag.name.split('.').collect();
        let mut values = Self::default();
        walk(side, &mut |names, value, _| {
            if let (true, Some(word)) = (names.ends_with(&path), word(Some(value))) {
                let count = if flag.open.contains(&word) { &mut values.open } else { &mut values.closed };
                *count += 1;
            }
        });
        values
    }
}

/// Whether a value names a key; what is hidden or known later may.
fn is_key(value: Option<&Sealed>) -> bool {
    match value {
        None | Some(Sealed::Null) => false,
        Some(Sealed::Text(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

/// The powerful policies that are attached, in words.
fn attached(before: Option<&Sealed>, after: Option<&Sealed>) -> Vec<String> {
    let arns = |side| {
        let mut arns = Vec::new();
        walk(side, &mut |names, value, _| {
            if names.last().is_some_and(|name| ATTACHED.contains(name)) {
                arns.extend(items(Some(value)).iter().filter_map(|item| text(Some(item))));
            }
        });
        arns
    };
    let known = arns(before);
    let is_new = |arn: &&str| !known.contains(arn) && POWERFUL.iter().any(|end| arn.ends_with(end));
    arns(after).into_iter().filter(is_new).map(|arn| format!("attaches {}", on_one_line(arn))).collect()
}
