//! What of a plan is hidden, so that nobody can tell whether it is what was reviewed.

use super::lines::path;
use crate::canonical::{Attribute, Canonical, HIDDEN, Hidden, Leaf, Setup, Step};
use crate::diff::on_one_line;

/// The places of what is hidden of `plan`: an address and a path. Where a name is hidden, all that has the name may be another's.
pub(super) fn hidden(plan: &Canonical) -> Vec<String> {
    let Canonical { errored: _, refresh_only: _, objects, outputs, actions, providers, variables } = plan;
    let mut places = Places::default();
    for object in objects {
        places.of(&object.address);
        let names = [
            ("its address", Some(&object.address)),
            ("its deposed key", object.deposed.as_ref()),
            ("its type", Some(&object.kind)),
            ("its provider", Some(&object.provider)),
            ("where it moves from", object.moved_from.as_ref()),
            ("what is imported", object.import.as_ref()),
        ];
        places.names(&names);
        places.values("", &object.is, |attribute| attribute.before.as_ref());
        places.values("", &object.attributes, new);
        places.values("provisioner", &object.provisioners, new);
        for path in object.replaced_by.iter().filter(|path| has_hidden_step(path)) {
            places.at("replaced because of ", path);
        }
    }
    for output in outputs {
        places.of(&format!("output {}", output.name));
        places.names(&[("its name", Some(&output.name))]);
        places.values("", &output.values, new);
    }
    for action in actions {
        places.of(&action.address);
        let names = [("its address", Some(&action.address)), ("what triggers it", action.trigger.as_ref())];
        places.names(&names);
        places.values("", &action.configuration, new);
    }
    for (word, setups) in [("provider", providers), ("variable", variables)] {
        for setup in setups {
            places.setup(word, setup);
        }
    }
    places.found
}

/// The new value, where it counts: that one which is left as it is was hidden before too.
fn new(attribute: &Attribute) -> Option<&Leaf> {
    attribute.after.as_ref().filter(|_| attribute.hidden != Some(Hidden::Unchanged))
}

fn is_hidden(leaf: &Leaf) -> bool {
    match leaf {
        Leaf::Secret { .. } => true,
        Leaf::Text(text) => text.contains(HIDDEN),
        Leaf::Null | Leaf::Bool(_) | Leaf::Number(_) | Leaf::EmptyList | Leaf::EmptyMap | Leaf::Unknown { .. } => false,
    }
}

fn has_hidden_step(path: &[Step]) -> bool {
    path.iter().any(|step| matches!(step, Step::Key(key) if key.contains(HIDDEN)))
}

/// The places that were found, and what is looked at.
#[derive(Default)]
struct Places {
    what: String,
    found: Vec<String>,
}

impl Places {
    fn of(&mut self, what: &str) {
        self.what = on_one_line(what);
    }

    fn names(&mut self, names: &[(&str, Option<&String>)]) {
        let hidden = names.iter().filter(|(_, name)| name.is_some_and(|name| name.contains(HIDDEN)));
        self.found.extend(hidden.map(|(word, _)| format!("{}: {word}", self.what)));
    }

    fn values<'a>(
        &mut self,
        under: &str,
        attributes: &'a [Attribute],
        value: impl Fn(&'a Attribute) -> Option<&'a Leaf>,
    ) {
        for attribute in attributes {
            if has_hidden_step(&attribute.path) || value(attribute).is_some_and(is_hidden) {
                self.at(under, &attribute.path);
            }
        }
    }

    fn at(&mut self, under: &str, steps: &[Step]) {
        self.found.push(format!("{}: {under}{}", self.what, path(steps)));
    }

    fn setup(&mut self, word: &str, setup: &Setup) {
        self.of(&format!("{word} {}", setup.name));
        self.names(&[("its name", Some(&setup.name))]);
        self.values("", &setup.values, new);
    }
}
