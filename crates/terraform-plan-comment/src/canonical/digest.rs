//! The digest of what a plan does: a SHA-256 over all of it, each part with its length or its kind in front, so that two plans
//! that do not do the same never give the same bytes.

use sha2::{Digest as _, Sha256};

use super::{Action, Attribute, Canonical, Hidden, Leaf, Object, Output, Setup, Stage, Step};
use crate::provenance::hexadecimal;

/// What is hashed first; another form needs another one.
const DOMAIN: &str = "slipway terraform plan 2";

/// The digest of `plan`: 64 hexadecimal digits.
pub(super) fn of(plan: &Canonical) -> String {
    with_objects(plan, plan.objects.iter().map(spelled))
}

/// The digest of `plan` with these objects instead of its own, each as [`spelled`] makes it.
pub(super) fn with_objects(plan: &Canonical, objects: impl ExactSizeIterator<Item = Vec<u8>>) -> String {
    let Canonical { errored, refresh_only, objects: _, outputs, actions, providers, variables } = plan;
    let mut before = Spelling::default();
    before.text(DOMAIN);
    before.flag(*errored);
    before.flag(*refresh_only);
    before.length(objects.len());
    let mut sum = Sha256::new_with_prefix(before.0);
    objects.for_each(|object| sum.update(object));
    let mut after = Spelling::default();
    after.all(outputs, Spelling::output);
    after.all(actions, Spelling::action);
    after.all(providers, Spelling::setup);
    after.all(variables, Spelling::setup);
    hexadecimal(&sum.chain_update(after.0).finalize())
}

/// What of an object is hashed.
pub(super) fn spelled(object: &Object) -> Vec<u8> {
    let mut spelling = Spelling::default();
    spelling.object(object);
    spelling.0
}

/// Parts, one after the other, as they are hashed.
#[derive(Default)]
struct Spelling(Vec<u8>);

impl Spelling {
    fn kind(&mut self, kind: u8) {
        self.0.push(kind);
    }

    fn flag(&mut self, flag: bool) {
        self.kind(u8::from(flag));
    }

    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn length(&mut self, length: usize) {
        self.number(u64::try_from(length).unwrap_or(u64::MAX));
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
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
        self.all(set_up_by, |spelling, key| spelling.text(key));
        self.maybe(moved_from.as_deref(), Self::text);
        self.maybe(import.as_deref(), Self::text);
        self.all(is, Self::attribute);
        self.all(replaced_by, |spelling, path| spelling.all(path, Self::step));
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
