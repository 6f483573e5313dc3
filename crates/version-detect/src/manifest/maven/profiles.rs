//! Profiles of a pom (<https://maven.apache.org/guides/introduction/introduction-to-profiles.html>): which of them are
//! active as far as files tell, and what that makes of the pom's properties.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::config::Options;
use super::uses::{self, Uses};
use crate::manifest::xml::{child, children, place, text_of, written};
use crate::manifest::{Lines, Place, Written};

/// What begins the name of a property that the machine gives: the environment, the JVM, Maven itself.
const OF_THE_MACHINE: [&str; 10] =
    ["env.", "java.", "os.", "user.", "file.", "line.", "path.", "sun.", "jdk.", "maven."];

/// A profile, as far as versions are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    id: String,
    by_default: bool,
    conditions: Vec<Condition>,
    properties: BTreeMap<String, Written>,
    pub(crate) uses: Uses,
}

/// What must hold for a profile to be active.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    /// A property is there, or has a value.
    Property { name: String, value: String, place: Place },
    /// A file or folder is there.
    Exists(String, Place),
    /// It is not there.
    Missing(String, Place),
    /// Something that only the machine of the build knows; the text says what.
    Machine(&'static str, Place),
}

/// Whether a profile is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Activity {
    Active,
    Inactive,
    /// Files do not tell; the text says why.
    Unknown(Doubt),
}

/// Why a property's value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(crate) why: String,
    pub(crate) place: Place,
}

/// A property of a pom, with its profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Property {
    Known(Written),
    Doubtful(Doubt),
}

/// Whether a file or folder is there, by its path relative to the project's folder.
pub(crate) type Exists<'a> = dyn Fn(&str) -> bool + 'a;

/// The properties in a `<properties>` element; the last of a name counts.
pub(crate) fn properties(parent: Node<'_, '_>, lines: &Lines<'_>) -> BTreeMap<String, Written> {
    let list = child(parent, "properties").into_iter().flat_map(|list| list.children());
    let elements = list.filter(Node::is_element);
    elements.map(|property| (property.tag_name().name().to_owned(), written(property, lines))).collect()
}

/// The profiles of a pom, in their order.
pub(crate) fn parse(project: Node<'_, '_>, lines: &Lines<'_>) -> Vec<Profile> {
    let profiles = child(project, "profiles").into_iter().flat_map(|list| children(list, "profile"));
    profiles.map(|it| profile(it, lines)).collect()
}

fn profile(profile: Node<'_, '_>, lines: &Lines<'_>) -> Profile {
    let activation = child(profile, "activation");
    let text = |node, name| child(node, name).map(text_of).unwrap_or_default();
    Profile {
        id: text(profile, "id"),
        by_default: activation.is_some_and(|activation| text(activation, "activeByDefault") == "true"),
        conditions: activation.map(|activation| conditions(activation, lines)).unwrap_or_default(),
        properties: properties(profile, lines),
        uses: uses::parse(profile, lines),
    }
}

fn conditions(activation: Node<'_, '_>, lines: &Lines<'_>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for condition in activation.children().filter(Node::is_element) {
        let part = |name| child(condition, name).map(text_of).unwrap_or_default();
        conditions.extend(match condition.tag_name().name() {
            "property" => {
                Some(Condition::Property { name: part("name"), value: part("value"), place: place(condition, lines) })
            }
            "file" if !part("exists").is_empty() => Some(Condition::Exists(part("exists"), place(condition, lines))),
            "file" => Some(Condition::Missing(part("missing"), place(condition, lines))),
            "jdk" => Some(Condition::Machine("the version of Java", place(condition, lines))),
            "os" => Some(Condition::Machine("the operating system", place(condition, lines))),
            "packaging" | "condition" => Some(Condition::Machine("a condition of Maven 4", place(condition, lines))),
            _ => None,
        });
    }
    conditions
}

/// The pom's properties with those of its active profiles.
pub(crate) fn applied(
    own: &BTreeMap<String, Written>,
    profiles: &[Profile],
    options: &Options,
    exists: &Exists<'_>,
) -> BTreeMap<String, Property> {
    let mut result: BTreeMap<String, Property> =
        own.iter().map(|(name, value)| (name.clone(), Property::Known(value.clone()))).collect();
    for (profile, activity) in activities(profiles, options, exists) {
        apply(&mut result, profile, &activity);
    }
    result
}

/// Which of the profiles are active, in the order in which they are applied. Profiles that are active by default are so only
/// where no other one of the same pom is.
pub(crate) fn activities<'p>(
    profiles: &'p [Profile],
    options: &Options,
    exists: &Exists<'_>,
) -> Vec<(&'p Profile, Activity)> {
    let (mut result, mut decides) = (Vec::with_capacity(profiles.len()), Activity::Active);
    let mut defaults = Vec::new();
    for profile in profiles {
        let activity = profile.activity(options, exists);
        if profile.by_default && activity == Activity::Inactive && !options.inactive.contains(&profile.id) {
            defaults.push(profile);
        }
        result.push((profile, activity.clone()));
        decides = match (decides, activity) {
            (Activity::Inactive, _) | (_, Activity::Active) => Activity::Inactive,
            (Activity::Active, Activity::Unknown(doubt)) => Activity::Unknown(doubt),
            (decides, _) => decides,
        };
    }
    result.extend(defaults.into_iter().map(|profile| (profile, decides.clone())));
    result
}

fn apply(result: &mut BTreeMap<String, Property>, profile: &Profile, activity: &Activity) {
    for (name, value) in &profile.properties {
        match activity {
            Activity::Inactive => {}
            Activity::Active => {
                result.insert(name.clone(), Property::Known(value.clone()));
            }
            Activity::Unknown(doubt) => {
                // Where both ways lead to the same value there is no doubt.
                let same = matches!(result.get(name), Some(Property::Known(known)) if known.text == value.text);
                if !same {
                    result.insert(name.clone(), Property::Doubtful(doubt.clone()));
                }
            }
        }
    }
}

impl Profile {
    /// Whether the profile is active, leaving aside that it may be so by default.
    fn activity(&self, options: &Options, exists: &Exists<'_>) -> Activity {
        if options.inactive.contains(&self.id) {
            return Activity::Inactive;
        }
        if options.active.contains(&self.id) {
            return Activity::Active;
        }
        let mut activity = if self.conditions.is_empty() { Activity::Inactive } else { Activity::Active };
        for condition in &self.conditions {
            match condition.holds(options, exists) {
                Activity::Active => {}
                Activity::Inactive => return Activity::Inactive,
                Activity::Unknown(doubt) => activity = Activity::Unknown(doubt.of(&self.id)),
            }
        }
        activity
    }
}

impl Doubt {
    fn of(self, profile: &str) -> Self {
        Self { why: format!("the profile `{profile}` defines it, and {}", self.why), ..self }
    }
}

impl Condition {
    fn holds(&self, options: &Options, exists: &Exists<'_>) -> Activity {
        let path = |path: &str, place: Place, wanted: bool| match below_basedir(path) {
            Some(relative) if exists(relative) == wanted => Activity::Active,
            Some(_) => Activity::Inactive,
            None => {
                Activity::Unknown(Doubt { why: format!("whether `{path}` exists is known to the build only"), place })
            }
        };
        match self {
            Self::Property { name, value, place } => property_holds(name, value, *place, options),
            Self::Exists(file, place) => path(file, *place, true),
            Self::Missing(file, place) => path(file, *place, false),
            Self::Machine(what, place) => {
                Activity::Unknown(Doubt { why: format!("its activity depends on {what}"), place: *place })
            }
        }
    }
}

/// The path below the project's folder; `None` when it lies elsewhere or holds other expressions.
fn below_basedir(path: &str) -> Option<&str> {
    let path = ["${basedir}/", "${project.basedir}/"].iter().find_map(|base| path.strip_prefix(base)).unwrap_or(path);
    (!path.contains("${") && !path.starts_with(['/', '~']) && !path.contains(':')).then_some(path)
}

/// Whether a property has the value that a profile asks for. Properties of the pom itself do not count here.
fn property_holds(name: &str, value: &str, place: Place, options: &Options) -> Activity {
    let (name, unless_named) = name.strip_prefix('!').map_or((name, false), |name| (name, true));
    let known = options.properties.get(name).map(String::as_str);
    if known.is_none() && OF_THE_MACHINE.iter().any(|begin| name.starts_with(begin)) {
        let why = format!("its activity depends on `{name}` of the machine");
        return Activity::Unknown(Doubt { why, place });
    }
    let holds = match value.strip_prefix('!') {
        Some(other) => known != Some(other),
        None if !value.is_empty() => known == Some(value),
        None => known.is_some_and(|known| !known.is_empty()) != unless_named,
    };
    if holds { Activity::Active } else { Activity::Inactive }
}
