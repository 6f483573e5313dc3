//! Which object something happens to.

use super::attributes::Collector;
use super::{Attribute, Leaf, Step};
use crate::document::Change;
use crate::entries::Entries;
use crate::sealed::Sealed;
use crate::verb::Verb;

/// Attributes that say which object it is.
const IDENTIFYING: [&str; 4] = ["arn", "bucket", "id", "name"];

/// Where Kubernetes' objects have what they are called.
const METADATA: [&str; 3] = ["name", "namespace", "uid"];

/// The old values that say which object it is. Of one that is destroyed or left alone and has no such value, all of them do:
/// nothing else tells it from another object.
pub(super) fn of(change: &Change, verb: &Verb, time: Option<&str>) -> Vec<Attribute> {
    let mut found = Vec::new();
    if let Some(Sealed::Map(entries)) = &change.before {
        let named = IDENTIFYING.into_iter().filter_map(|name| Some((vec![key(name)], entries.get(name)?)));
        let metadata = METADATA.into_iter().filter_map(|name| Some((path(name), metadata(entries)?.get(name)?)));
        found.extend(named.chain(metadata).filter(|(_, value)| has_no_parts(value)).map(|(path, value)| Attribute {
            path,
            before: Some(Leaf::of(value, None)),
            after: None,
            hidden: None,
        }));
    }
    let mut rest = Collector::new(time);
    rest.compare(change.identity.as_ref(), None);
    let is_unnamed = found.is_empty() && change.identity.is_none();
    if is_unnamed && ends(verb) {
        rest.compare(change.before.as_ref(), None);
    }
    found.extend(rest.finish());
    found.sort();
    found
}

/// Whether the object is no longer Terraform's after the change.
fn ends(verb: &Verb) -> bool {
    match verb {
        Verb::Delete | Verb::DeleteThenCreate | Verb::CreateThenDelete | Verb::CreateAndForget | Verb::Forget => true,
        Verb::Unknown(_) | Verb::Update | Verb::Create | Verb::Nothing | Verb::Read | Verb::Open => false,
    }
}

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

fn path(name: &str) -> Vec<Step> {
    vec![key("metadata"), key(name)]
}

/// The block `metadata`, of which there is one.
fn metadata(entries: &Entries<Sealed>) -> Option<&Entries<Sealed>> {
    match entries.get("metadata")? {
        Sealed::Map(metadata) => Some(metadata),
        Sealed::List(items) => match items.as_slice() {
            [Sealed::Map(metadata)] => Some(metadata),
            _ => None,
        },
        _ => None,
    }
}

fn has_no_parts(value: &Sealed) -> bool {
    !matches!(value, Sealed::Null | Sealed::List(_) | Sealed::Map(_))
}
