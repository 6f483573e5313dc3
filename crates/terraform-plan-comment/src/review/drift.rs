//! What changed outside of Terraform, and whether this plan depends on it.

use super::Resource;
use super::resource::is_concerned;
use crate::document::{Change, Document, Step};
use crate::node::Sign;
use crate::paths::Paths;
use crate::risk::{Doomed, Setting};
use crate::rules::Rules;
use crate::sealed::Sealed;
use crate::verb::Verb;

/// The drift that matters to the plan, and how many other objects drifted: of an object that the plan depends on in part,
/// one of these parts must have changed. Terraform 1.0 and older also list objects of which nothing changed but how it is written.
pub(super) fn of(document: &Document) -> (Vec<Resource>, usize) {
    let drifted: Vec<&Change> = document.drift.iter().filter(|change| is_concerned(change)).collect();
    let (doomed, rules) = (Doomed::default(), Rules::default());
    let setting = Setting { doomed: &doomed, rules: &rules };
    let shown = |change: &&Change| {
        let resource = || Resource { risks: Vec::new(), ..Resource::of(change, setting) };
        match Paths::relevant(document, change)? {
            Paths::All => Some(resource()).filter(says_anything),
            Paths::Some(paths) | Paths::Below(paths) => {
                let differs = |path: &&[Step]| differs_at(change.before.as_ref(), change.after.as_ref(), path);
                paths.iter().any(differs).then(resource)
            }
        }
    };
    let shown: Vec<Resource> = drifted.iter().filter_map(shown).collect();
    let others = drifted.len() - shown.len();
    (shown, others)
}

/// Whether there is anything to show: Terraform 1.0 and older also list what only a null differs in.
fn says_anything(resource: &Resource) -> bool {
    let is_changed = resource.attributes.iter().any(|node| node.sign != Sign::Unchanged);
    is_changed || resource.verb != Verb::Update || resource.moved_from.is_some()
}

/// Whether two values differ at `path` or below it; a path that leads nowhere in both does not.
fn differs_at(before: Option<&Sealed>, after: Option<&Sealed>, path: &[Step]) -> bool {
    let Some((first, rest)) = path.split_first() else { return before != after };
    differs_at(member(before, first), member(after, first), rest)
}

fn member<'a>(value: Option<&'a Sealed>, step: &Step) -> Option<&'a Sealed> {
    match (value?, step) {
        (Sealed::Map(entries), Step::Key(key)) => entries.get(key.as_str()),
        (Sealed::List(items), Step::Index(index)) => items.get(*index),
        (Sealed::List(items), Step::Key(key)) => items.get(key.parse::<usize>().ok()?),
        // What is sealed as a whole differs as a whole.
        (whole @ Sealed::Secret(_), _) => Some(whole),
        _ => None,
    }
}
