//! The digest of what a plan does: a SHA-256 over all of it, each part with its length or its kind in front, so that two plans
//! that do not do the same never give the same bytes.

use sha2::{Digest as _, Sha256};

use super::{Action, Attribute, Canonical, Hidden, Leaf, Object, Output, Setup, Stage, Step};
use crate::provenance::hexadecimal;

/// What is hashed first; another form needs another one.
const DOMAIN: &str = "slipway terraform plan 2";

/// The digest of `plan`: 64 hexadecimal digits.
pub(super) fn of(plan: &Canonical) -> String {
    let Canonical { errored, refresh_only, objects, outputs, actions, providers, variables } = plan;
    let mut sum = Sum { sum: Sha256::new(), waiting: Vec::with_capacity(WAITING) };
    sum.text(DOMAIN);
    sum.flag(*errored);
    sum.flag(*refresh_only);
    sum.all(objects, Sum::object);
    sum.all(outputs, Sum::output);
    sum.all(actions, Sum::action);
    sum.all(providers, Sum::setup);
    sum.all(variables, Sum::setup);
    sum.sum.update(&sum.waiting);
    hexadecimal(&sum.sum.finalize())
}

/// So many bytes wait, one after the other, before they are added to a sum at once.
const WAITING: usize = 16 * 1024;

/// A sum that parts are added to.
struct Sum {
    sum: Sha256,
    waiting: Vec<u8>,
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        if self.waiting.len() + bytes.len() > WAITING {
            self.sum.update(&self.waiting);
            self.waiting.clear();
        }
        if bytes.len() > WAITING {
            self.sum.update(bytes);
        } else {
            self.waiting.extend_from_slice(bytes);
        }
    }

    fn kind(&mut self, kind: u8) {
        self.add(&[kind]);
    }

    fn flag(&mut self, flag: bool) {
        self.kind(u8::from(flag));
    }

    fn number(&mut self, number: u64) {
        self.add(&number.to_be_bytes());
    }

    fn length(&mut self, length: usize) {
        self.number(u64::try_from(length).unwrap_or(u64::MAX));
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.add(text.as_bytes());
    }

    fn maybe<T: ?Sized>(&mut self, part: Option<&T>, add: impl FnOnce(&mut Self, &T)) {
        self.flag(part.is_some());
        if let Some(part) = part {
            add(self, part);
        }
    }

    fn all<T>(&mut self, parts: &[T], add: impl Fn(&mut Self, &T)) {
        self.length(parts.len());
        for part in parts {
            add(self, part);
        }
    }

    // The fields are taken apart by name, so that none can be forgotten.

    fn object(&mut self, object: &Object) {
        let Object {
            address,
            deposed,
            stage,
            verb,
            mode,
            kind,
            provider,
            set_up_by,
            moved_from,
            import,
            is,
            replaced_by,
            attributes,
            provisioners,
        } = object;
        self.text(address);
        self.maybe(deposed.as_deref(), Self::text);
        self.kind(match stage {
            Stage::Applied => 0,
            Stage::Deferred => 1,
            Stage::Recorded => 2,
        });
        for word in [verb, mode, kind, provider] {
            self.text(word);
        }
        self.all(set_up_by, |sum, key| sum.text(key));
        self.maybe(moved_from.as_deref(), Self::text);
        self.maybe(import.as_deref(), Self::text);
        self.all(is, Self::attribute);
        self.all(replaced_by, |sum, path| sum.all(path, Self::step));
        self.all(attributes, Self::attribute);
        self.all(provisioners, Self::attribute);
    }

    fn setup(&mut self, setup: &Setup) {
        let Setup { name, values } = setup;
        self.text(name);
        self.all(values, Self::attribute);
    }

    fn output(&mut self, output: &Output) {
        let Output { name, verb, values } = output;
        self.text(name);
        self.text(verb);
        self.all(values, Self::attribute);
    }

    fn action(&mut self, action: &Action) {
        let Action { address, kind, provider, trigger, event, place, deferred, configuration } = action;
        for word in [address, kind, provider] {
            self.text(word);
        }
        self.maybe(trigger.as_deref(), Self::text);
        self.maybe(event.as_deref(), Self::text);
        self.number(place.0);
        self.number(place.1);
        self.flag(*deferred);
        self.all(configuration, Self::attribute);
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let Attribute { path, before, after, hidden } = attribute;
        self.all(path, Self::step);
        self.maybe(before.as_ref(), Self::leaf);
        self.maybe(after.as_ref(), Self::leaf);
        self.kind(match hidden {
            None => 0,
            Some(Hidden::Unchanged) => 1,
            Some(Hidden::Changed) => 2,
        });
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Index(index) => {
                self.kind(0);
                self.length(*index);
            }
            Step::Key(key) => {
                self.kind(1);
                self.text(key);
            }
        }
    }

    fn leaf(&mut self, leaf: &Leaf) {
        match leaf {
            Leaf::Null => self.kind(0),
            Leaf::Bool(value) => self.kind(if *value { 2 } else { 1 }),
            Leaf::Number(number) => {
                self.kind(3);
                self.text(number);
            }
            Leaf::Text(text) => {
                self.kind(4);
                self.text(text);
            }
            Leaf::EmptyList => self.kind(5),
            Leaf::EmptyMap => self.kind(6),
            Leaf::Secret { marked } => self.kind(if *marked { 8 } else { 7 }),
            Leaf::Unknown { sensitive } => self.kind(if *sensitive { 10 } else { 9 }),
        }
    }
}
