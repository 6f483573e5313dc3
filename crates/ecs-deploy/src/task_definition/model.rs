//! What AWS's model of `RegisterTaskDefinition` knows: names and types, to recognize a mistake before it is registered.
//!
//! Nothing is ever left out for not being known here: ECS has new fields before any table has them.

mod likeness;
mod wrong;
#[rustfmt::skip]
mod shapes;

use serde_json::Value;

pub(crate) use wrong::Wrong;

use super::canonical::item_names;
use crate::document::Step;

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    Number,
    Boolean,
    /// Members with names of ECS.
    Structure(&'static [(&'static str, Kind)]),
    List(&'static Kind),
    /// Text by names of the user.
    Map,
}

/// What a whole task definition may be.
pub(super) const TASK_DEFINITION: Kind = Kind::Structure(shapes::REGISTER_TASK_DEFINITION_REQUEST);

/// The JSON that inputs hold, each one object of it.
pub(crate) const CONTAINER_OVERRIDE: Kind = Kind::Structure(shapes::CONTAINER_OVERRIDE);
/// An item of a capacity provider strategy.
pub(crate) const CAPACITY_PROVIDER_STRATEGY_ITEM: Kind = Kind::Structure(shapes::CAPACITY_PROVIDER_STRATEGY_ITEM);
/// A tag.
pub(crate) const TAG: Kind = Kind::Structure(shapes::TAG);
/// A `managedEBSVolume`; a task's has all that a service's has.
pub(crate) const MANAGED_VOLUME: Kind = Kind::Structure(shapes::TASK_MANAGED_EBS_VOLUME_CONFIGURATION);

impl Kind {
    /// What the member `name` may be; `None` when the model does not know it.
    pub(super) fn member(self, name: &str) -> Option<Self> {
        match self {
            Self::Structure(members) => members.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind),
            Self::Map => Some(Self::Text),
            Self::Text | Self::Word(_) | Self::Number | Self::Boolean | Self::List(_) => None,
        }
    }

    /// What an item of the list may be.
    pub(super) fn item(self) -> Option<Self> {
        match self {
            Self::List(item) => Some(*item),
            Self::Text | Self::Word(_) | Self::Number | Self::Boolean | Self::Structure(_) | Self::Map => None,
        }
    }

    /// Whether `value` is of the type that the model describes, itself and not what is in it.
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text | Self::Word(_) => value.is_string(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Structure(_) | Self::Map => value.is_object(),
            Self::List(_) => value.is_array(),
        }
    }

    /// What to write, for a message.
    fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Word(_) => "a text (in quotes)",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Structure(_) | Self::Map => "an object",
            Self::List(_) => "a list",
        }
    }
}

/// A place in a task definition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The way to it in the document.
    pub(crate) steps: Vec<Step>,
    /// How it is shown: `containerDefinitions.app.environment.LOG_LEVEL`.
    pub(crate) shown: String,
}

impl Spot {
    fn at_member(&self, name: &str) -> Self {
        let shown = if self.shown.is_empty() { name.to_owned() } else { format!("{}.{name}", self.shown) };
        self.step(Step::Member(name.to_owned()), shown)
    }

    fn item(&self, index: usize, name: Option<&str>) -> Self {
        let shown = match name {
            Some(name) => format!("{}.{name}", self.shown),
            None => format!("{}[{index}]", self.shown),
        };
        self.step(Step::Item(index), shown)
    }

    /// The name of the field that it is, or is in.
    pub(super) fn field(&self) -> Option<&str> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::Member(name) => Some(name.as_str()),
            Step::Item(_) => None,
        })
    }

    /// Whether what is shown as `path` is this, or is in it.
    pub(crate) fn holds(&self, path: &str) -> bool {
        path.strip_prefix(&self.shown).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }

    fn step(&self, step: Step, shown: String) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self { steps, shown }
    }
}

/// A member whose name the model does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stranger {
    pub(crate) spot: Spot,
    /// The name.
    pub(crate) name: String,
    /// The name that was probably meant.
    pub(crate) meant: Option<&'static str>,
}

/// A value that is none of the model's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistyped {
    pub(crate) spot: Spot,
    pub(crate) wrong: Wrong,
}

/// What the model does not describe.
#[derive(Debug, Default)]
pub(crate) struct Deviations {
    pub(crate) strangers: Vec<Stranger>,
    pub(crate) mistyped: Vec<Mistyped>,
}

/// Compares a task definition with the model.
pub(super) fn deviations(definition: &Value) -> Deviations {
    let mut found = Deviations::default();
    walk(&Spot::default(), definition, TASK_DEFINITION, &mut found);
    found
}

/// What in `value`, the JSON of an input, is certainly a mistake: a name that is close to one that ECS knows, and a value of another type.
/// A name or a word that is close to none may be newer than this program. But for such a word no value is quoted.
pub(crate) fn mistakes(value: &Value, kind: Kind) -> Option<String> {
    let mut found = Deviations::default();
    walk(&Spot::default(), value, kind, &mut found);
    let names = found.strangers.into_iter().filter_map(|stranger| {
        Some(format!("`{}`, which ECS does not know: did you mean `{}`?", stranger.spot.shown, stranger.meant?))
    });
    let types = found.mistyped.into_iter().filter_map(|mistyped| {
        let shown = &mistyped.spot.shown;
        let place = if shown.is_empty() { String::new() } else { format!("in `{shown}` ") };
        Some(format!("{place}{}", mistyped.wrong.surely()?))
    });
    let all: Vec<String> = names.chain(types).collect();
    (!all.is_empty()).then(|| format!("has {}", all.join("; ")))
}

fn walk(spot: &Spot, value: &Value, kind: Kind, found: &mut Deviations) {
    match (value, kind) {
        (Value::Null, _) => {}
        (Value::Object(fields), Kind::Structure(members)) => {
            for (name, value) in fields {
                let spot = spot.at_member(name);
                if let Some(kind) = kind.member(name) {
                    walk(&spot, value, kind, found);
                } else {
                    let meant = likeness::meant(name, members.iter().map(|(known, _)| *known));
                    found.strangers.push(Stranger { spot, name: name.clone(), meant });
                }
            }
        }
        (Value::Object(fields), Kind::Map) => {
            for (name, value) in fields {
                walk(&spot.at_member(name), value, Kind::Text, found);
            }
        }
        (Value::Array(items), Kind::List(kind)) => {
            let names = spot.steps.last().and_then(|step| match step {
                Step::Member(list) => item_names(list, items),
                Step::Item(_) => None,
            });
            for (index, item) in items.iter().enumerate() {
                let name = names.as_ref().and_then(|names| names.get(index)).copied();
                walk(&spot.item(index, name), item, *kind, found);
            }
        }
        _ => found.mistyped.extend(Wrong::of(value, kind).map(|wrong| Mistyped { spot: spot.clone(), wrong })),
    }
}

#[cfg(test)]
mod tests;
