//! What two plans do differently: which changes appeared, which are gone, and where those that both have differ.

use std::collections::BTreeMap;

use serde::Serialize;

use super::lines::{attributes, field, leaf, path};
use crate::canonical::{Action, Attribute, Canonical, Object, Output, Setup, Stage};
use crate::diff::on_one_line;

/// What the title or the address of a change tells already.
const TOLD: [&str; 4] = ["action", "mode", "type", "provider"];

/// One change that is not the same in both plans. Its texts are for a reader: nothing in them is a secret, or acts on a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Difference {
    pub(super) kind: Kind,
    /// What it is about, and what happens to it.
    pub(super) title: String,
    /// The reviewed side begins with `-`, that of this plan with `+`.
    pub(super) lines: Vec<String>,
}

/// How it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// It was not reviewed.
    Appeared,
    /// It was reviewed, and the plan does not do it.
    Vanished,
    /// Both do it, and not alike.
    Differs,
}

impl Kind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Appeared => "not reviewed",
            Self::Vanished => "reviewed and not done any more",
            Self::Differs => "differs",
        }
    }
}

/// What `now` does differently from `reviewed`; empty where both do the same.
pub(super) fn between(reviewed: &Canonical, now: &Canonical) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut lines = Vec::new();
    let [old, new] = [reviewed, now].map(whole);
    field(&mut lines, "plan", &old, &new);
    if !lines.is_empty() {
        differences.push(Difference { kind: Kind::Differs, title: "the whole plan".to_owned(), lines });
    }
    let Canonical { errored: _, refresh_only: _, objects, outputs, actions, providers, variables } = reviewed;
    differences.extend(each(objects, &now.objects));
    differences.extend(each(outputs, &now.outputs));
    differences.extend(each(actions, &now.actions));
    let mut setups = each(&named(providers, "provider"), &named(&now.providers, "provider"));
    setups.extend(each(&named(variables, "variable"), &named(&now.variables, "variable")));
    // That a setup is needed, or is needed no more, follows from what needs it, and is told there.
    setups.retain(|setup| setup.kind == Kind::Differs || differences.is_empty());
    differences.extend(setups);
    differences
}

/// What kind of plan it is.
fn whole(plan: &Canonical) -> Vec<String> {
    let errored = if plan.errored { "planning failed on the way" } else { "planned whole" };
    let refresh_only =
        if plan.refresh_only { "it only records what changed (-refresh-only)" } else { "it changes objects" };
    vec![errored.to_owned(), refresh_only.to_owned()]
}

/// A provider's configuration or a variable, with the word for what it is.
#[derive(PartialEq)]
struct Named<'a> {
    word: &'static str,
    setup: &'a Setup,
}

fn named<'a>(setups: &'a [Setup], word: &'static str) -> Vec<Named<'a>> {
    setups.iter().map(|setup| Named { word, setup }).collect()
}

/// Something that a plan does.
trait Doing: PartialEq {
    type Key<'a>: Ord
    where
        Self: 'a;

    /// What it is done to.
    fn key(&self) -> Self::Key<'_>;

    /// The same in words, and what is done.
    fn title(&self) -> String;

    /// Its parts in words, by their names.
    fn fields(&self) -> Vec<(&'static str, Vec<String>)>;

    fn values(&self) -> &[Attribute];

    /// Further values, and what they are of.
    fn more_values(&self) -> Vec<(&'static str, &[Attribute])> {
        Vec::new()
    }
}

fn each<T: Doing>(reviewed: &[T], now: &[T]) -> Vec<Difference> {
    let mut sides: BTreeMap<T::Key<'_>, [Vec<&T>; 2]> = BTreeMap::new();
    for (side, all) in [reviewed, now].into_iter().enumerate() {
        for doing in all {
            sides.entry(doing.key()).or_default()[side].push(doing);
        }
    }
    let mut differences = Vec::new();
    for [mut reviewed, mut now] in sides.into_values() {
        without_common(&mut reviewed, &mut now);
        let both = reviewed.len().min(now.len());
        differences.extend(reviewed.iter().zip(&now).map(|(reviewed, now)| differs(*reviewed, *now)));
        differences.extend(reviewed[both..].iter().map(|reviewed| alone(Kind::Vanished, *reviewed)));
        differences.extend(now[both..].iter().map(|now| alone(Kind::Appeared, *now)));
    }
    differences
}

/// Takes out what both have. Several things may have one key where a part of their names is hidden.
fn without_common<T: PartialEq>(reviewed: &mut Vec<&T>, now: &mut Vec<&T>) {
    reviewed.retain(|doing| match now.iter().position(|other| other == doing) {
        Some(place) => {
            now.remove(place);
            false
        }
        None => true,
    });
}

fn alone<T: Doing>(kind: Kind, doing: &T) -> Difference {
    let (fields, values) = (doing.fields(), doing.values());
    let mut lines = Vec::new();
    let sides = |side: Vec<String>| if kind == Kind::Vanished { (side, Vec::new()) } else { (Vec::new(), side) };
    for (name, words) in fields.into_iter().filter(|(name, _)| !TOLD.contains(name)) {
        let (old, new) = sides(words);
        field(&mut lines, name, &old, &new);
    }
    let mut add = |under: &'static str, values: &[Attribute]| {
        if kind == Kind::Vanished {
            attributes(&mut lines, under, values, &[]);
        } else {
            attributes(&mut lines, under, &[], values);
        }
    };
    add("", values);
    doing.more_values().into_iter().for_each(|(under, values)| add(under, values));
    Difference { kind, title: doing.title(), lines }
}

fn differs<T: Doing>(reviewed: &T, now: &T) -> Difference {
    let mut lines = Vec::new();
    for ((name, old), (_, new)) in reviewed.fields().into_iter().zip(now.fields()) {
        if old != new {
            field(&mut lines, name, &old, &new);
        }
    }
    attributes(&mut lines, "", reviewed.values(), now.values());
    for ((under, old), (_, new)) in reviewed.more_values().into_iter().zip(now.more_values()) {
        attributes(&mut lines, under, old, new);
    }
    Difference { kind: Kind::Differs, title: now.title(), lines }
}

/// The word of a canonical verb for a reader.
fn action(verb: &str) -> String {
    match verb {
        "delete" => "destroy".to_owned(),
        "delete-then-create" => "replace (destroy, then create)".to_owned(),
        "create-then-delete" => "replace (create, then destroy)".to_owned(),
        "create-and-forget" => "replace (the old object is left alone)".to_owned(),
        "forget" => "forget".to_owned(),
        "update" => "update in place".to_owned(),
        "nothing" => "leave as it is".to_owned(),
        "create" => "create".to_owned(),
        "read" => "read".to_owned(),
        other => on_one_line(other),
    }
}

/// A text that may be missing.
fn maybe(text: Option<&String>) -> Vec<String> {
    text.into_iter().map(|text| on_one_line(text)).collect()
}

impl Doing for Object {
    type Key<'a> = (&'a str, Option<&'a str>, Stage);

    fn key(&self) -> Self::Key<'_> {
        (&self.address, self.deposed.as_deref(), self.stage)
    }

    fn title(&self) -> String {
        let deposed = self.deposed.as_ref().map(|key| format!(" (deposed {})", on_one_line(key))).unwrap_or_default();
        let address = on_one_line(&self.address);
        match self.stage {
            Stage::Applied => format!("{address}: {}{deposed}", action(&self.verb)),
            Stage::Deferred => format!("{address}: {}{deposed}, deferred", action(&self.verb)),
            Stage::Recorded => format!("{address}: {}{deposed}", happened(&self.verb)),
        }
    }

    fn fields(&self) -> Vec<(&'static str, Vec<String>)> {
        vec![
            ("action", vec![action(&self.verb)]),
            ("mode", vec![on_one_line(&self.mode)]),
            ("type", vec![on_one_line(&self.kind)]),
            ("provider", vec![on_one_line(&self.provider)]),
            ("provider configuration", self.set_up_by.iter().map(|key| on_one_line(key)).collect()),
            ("moved from", maybe(self.moved_from.as_ref())),
            ("imported", maybe(self.import.as_ref())),
            ("object", self.is.iter().map(identity).collect()),
            ("replaced because of", self.replaced_by.iter().map(|steps| path(steps)).collect()),
        ]
    }

    fn values(&self) -> &[Attribute] {
        &self.attributes
    }

    fn more_values(&self) -> Vec<(&'static str, &[Attribute])> {
        vec![("provisioner", &self.provisioners)]
    }
}

/// What happened to an object outside of Terraform, in words.
fn happened(verb: &str) -> String {
    match verb {
        "delete" => "record that it is gone".to_owned(),
        "update" => "record what changed".to_owned(),
        other => format!("record: {}", action(other)),
    }
}

/// One value that says which object it is.
fn identity(attribute: &Attribute) -> String {
    let value = attribute.before.as_ref().map(leaf).unwrap_or_default();
    format!("{} = {value}", path(&attribute.path))
}

impl Doing for Named<'_> {
    type Key<'a>
        = &'a str
    where
        Self: 'a;

    fn key(&self) -> &str {
        &self.setup.name
    }

    fn title(&self) -> String {
        format!("{} {}", self.word, on_one_line(&self.setup.name))
    }

    fn fields(&self) -> Vec<(&'static str, Vec<String>)> {
        Vec::new()
    }

    fn values(&self) -> &[Attribute] {
        &self.setup.values
    }
}

impl Doing for Output {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        &self.name
    }

    fn title(&self) -> String {
        format!("output {}: {}", on_one_line(&self.name), on_one_line(&self.verb))
    }

    fn fields(&self) -> Vec<(&'static str, Vec<String>)> {
        vec![("action", vec![on_one_line(&self.verb)])]
    }

    fn values(&self) -> &[Attribute] {
        &self.values
    }
}

impl Doing for Action {
    type Key<'a> = (&'a str, Option<&'a str>, Option<&'a str>, bool);

    fn key(&self) -> Self::Key<'_> {
        (&self.address, self.trigger.as_deref(), self.event.as_deref(), self.deferred)
    }

    fn title(&self) -> String {
        let trigger =
            self.trigger.as_ref().map(|trigger| format!(" with {}", on_one_line(trigger))).unwrap_or_default();
        let event = self.event.as_ref().map(|event| format!(", {}", on_one_line(event))).unwrap_or_default();
        let deferred = if self.deferred { ", deferred" } else { "" };
        format!("{}: run{trigger}{event}{deferred}", on_one_line(&self.address))
    }

    fn fields(&self) -> Vec<(&'static str, Vec<String>)> {
        vec![
            ("type", vec![on_one_line(&self.kind)]),
            ("provider", vec![on_one_line(&self.provider)]),
            ("place", vec![format!("{}, {}", self.place.0, self.place.1)]),
        ]
    }

    fn values(&self) -> &[Attribute] {
        &self.configuration
    }
}
