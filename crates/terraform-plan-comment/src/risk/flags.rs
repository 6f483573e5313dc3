//! Attributes that open something or take a protection away, and objects that protect others.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

use crate::diff::on_one_line;
use crate::sealed::Sealed;
use crate::verb::Verb;

use super::catalog::{ATTACHED, ATTACHED_TO, BLOCK_NAMES, FLAGS, Flag, GUARDIANS, KEYS, POWERFUL};
use super::tree::{Ending, Tree, entry, items, text, word};
use super::{Grade, Risk};

/// The endings of the flags' names.
static ENDINGS: LazyLock<Vec<Ending>> = LazyLock::new(|| FLAGS.iter().map(|flag| Ending::of(flag.name)).collect());

/// The risks of exposure by single attributes.
pub(super) fn risks(kind: &str, verb: &Verb, before: &Tree<'_>, after: &Tree<'_>) -> Vec<Risk> {
    let mut reasons = Vec::new();
    if *verb == Verb::Delete {
        reasons.extend(GUARDIANS.iter().find(|(known, _)| *known == kind).map(|(_, words)| (*words).to_owned()));
        return exposures(reasons);
    }
    let is_said = |ending: Ending| before.may_have_one(ending) || after.may_have_one(ending);
    let counts = FLAGS.iter().zip(&*ENDINGS).filter(|(flag, ending)| flag.is_default || is_said(**ending));
    let counts = counts.map(|(flag, _)| flag);
    let counts = counts.filter(|flag| flag.kinds.is_empty() || flag.kinds.contains(&kind));
    reasons.extend(counts.filter(|flag| is_opened(flag, verb, before, after)).map(|flag| {
        let name = flag.name;
        format!("{} (`{name}`)", flag.words)
    }));
    for name in KEYS {
        let keys = |side: &Tree<'_>| side.ending(name).filter(|place| is_key(Some(place.value))).count();
        if keys(after) < keys(before) {
            reasons.push(format!("it is not encrypted with its own key any more (`{name}`)"));
        }
    }
    reasons.extend(attached(before, after));
    if is_key(before.entry("permissions_boundary")) && !is_key(after.entry("permissions_boundary")) {
        reasons.push("nothing bounds its permissions any more (`permissions_boundary`)".to_owned());
    }
    exposures(reasons)
}

fn exposures(reasons: Vec<String>) -> Vec<Risk> {
    reasons.into_iter().map(|reason| Risk::new(Grade::Exposure, reason)).collect()
}

/// Whether more values are open than before.
fn is_opened(flag: &Flag, verb: &Verb, before: &Tree<'_>, after: &Tree<'_>) -> bool {
    let (old, new) = (Values::of(flag, before), Values::of(flag, after));
    // A protection that is not said any more is off; an opening that is not said any more is closed.
    let is_gone = flag.only_switched && flag.is_off_unsaid() && old.closed > new.closed + new.unseen;
    let is_new = !before.is_there() || (verb.replaces() && old.closed > 0);
    let is_unsaid = flag.is_default && is_new && after.is_there() && new.open + new.closed == 0;
    let is_hidden = !flag.only_switched && new.hidden > old.hidden;
    is_gone
        || is_unsaid
        || is_hidden
        || is_switched(flag, before, after)
        || (new.open > old.open && (!flag.only_switched || old.closed > new.closed))
}

/// Whether one of several blocks is opened, though another one may be closed in its place: the same block is the one of the same name.
fn is_switched(flag: &Flag, before: &Tree<'_>, after: &Tree<'_>) -> bool {
    let is_open = |value: &Sealed| word(Some(value)).map(|word| flag.open.contains(&word));
    let old = named(flag, before);
    if old.is_empty() {
        return false;
    }
    let new = named(flag, after);
    old.iter().any(|(name, old)| {
        let new = new.get(name).copied().flatten();
        old.is_some_and(|old| is_open(old) == Some(false)) && new.is_some_and(|new| is_open(new) == Some(true))
    })
}

/// The values of a flag by what names the block that each is in; `None` where two blocks have the same name.
fn named<'a>(flag: &Flag, side: &Tree<'a>) -> HashMap<(Rc<[&'a str]>, &'a str), Option<&'a Sealed>> {
    let mut named = HashMap::new();
    for place in side.ending(flag.name) {
        let name = BLOCK_NAMES.iter().find_map(|name| text(entry(Some(place.map), name)));
        if let Some(name) = name {
            named
                .entry((Rc::clone(&place.parents), name))
                .and_modify(|value| *value = None)
                .or_insert(Some(place.value));
        }
    }
    named
}

/// How many values of a flag are open, how many are not, and how many nobody can see.
#[derive(Default)]
struct Values {
    open: usize,
    closed: usize,
    /// Hidden, or known after apply.
    unseen: usize,
    hidden: usize,
}

impl Values {
    fn of(flag: &Flag, side: &Tree<'_>) -> Self {
        let mut values = Self::default();
        for value in side.ending(flag.name).flat_map(|place| items(Some(place.value))) {
            match word(Some(value)) {
                Some(word) if flag.open.contains(&word) => values.open += 1,
                Some(_) => values.closed += 1,
                None => {
                    let is_hidden = matches!(value, Sealed::Secret(_));
                    values.hidden += usize::from(is_hidden);
                    values.unseen += usize::from(is_hidden || matches!(value, Sealed::Unknown { .. }));
                }
            }
        }
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

/// The powerful policies that are attached, or attached to more, in words.
fn attached(before: &Tree<'_>, after: &Tree<'_>) -> Vec<String> {
    fn arns<'a>(side: &Tree<'a>) -> Vec<&'a str> {
        let places = ATTACHED.iter().flat_map(|name| side.ending(name));
        places.flat_map(|place| items(Some(place.value))).filter_map(|item| text(Some(item))).collect()
    }
    let known = arns(before);
    let is_powerful = |arn: &&str| POWERFUL.iter().any(|end| arn.ends_with(end));
    let gets_more = |name: &&str| {
        let had = items(before.entry(name));
        items(after.entry(name)).iter().any(|item| !had.contains(item))
    };
    let has_more = before.is_there() && ATTACHED_TO.iter().any(gets_more);
    let powerful = arns(after).into_iter().filter(is_powerful);
    let words = |arn: &str| {
        let is_known = known.contains(&arn);
        (!is_known || has_more)
            .then(|| format!("attaches {}{}", on_one_line(arn), if is_known { " to more" } else { "" }))
    };
    powerful.filter_map(words).collect()
}
