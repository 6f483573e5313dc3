//! What a plan does, in one form: two plans that do the same have the same [`Canonical`], and its digest is what is compared
//! before an apply.
//!
//! It is made of the sealed document, so it holds no secret, and no sum of one: a sum of a secret that can be guessed would
//! tell whether a guess is right. A hidden value counts by being there, and by whether the change leaves it as it is. That a
//! secret becomes another one than the reviewed one is therefore not seen; the sum of the binary plan sees it.
//!
//! Counted is each object that is created, updated, replaced, destroyed, forgotten, moved or imported, now or deferred, by its
//! addresses, type and provider, with the attributes that force a replacement; outputs that change; and the actions that
//! the apply runs. Of values counts what the change makes of them:
//!
//! - A new value counts where it differs from the old one. What stays as it is does not: refreshing alone may change it.
//! - An old value counts where the new one is known and differs: who reviewed that 2 becomes 5 has not reviewed that 9 does.
//! - An old value does not count where the new one is known after apply only: providers compute it, and refreshing changes it.
//! - The values of what is destroyed or forgotten do not count but for those that say which object it is. Of an object that has
//!   none of those all values count.
//!
//! How the providers of these objects are set up counts as far as the plan says it: constants, and the variables they are made
//! of. So do the provisioners of what is created or destroyed.
//!
//! Drift does not count in a plan that changes objects: the apply records it too, and what was reviewed is the change. In a plan
//! that only refreshes it is all that the apply does, and counts.
//!
//! Not counted are objects without a change, data sources, checks, what the plan depends on, reasons, versions, and
//! times: where a value has the plan's own time (`plantimestamp()`), that it is the plan's time counts. Numbers have one spelling; maps have no
//! order. Texts count as they are, JSON in them too.

mod attributes;
mod digest;
mod identity;
mod number;
mod setups;

use serde::{Deserialize, Serialize};

use crate::document::{self, Change, Document};
use crate::intent::Intent;
use crate::parallel;
use crate::sealed::{Sealed, is_token, may_have_tokens};
use crate::verb::Verb;
use attributes::Collector;

/// Stands in place of a hidden part of a text.
pub(crate) const HIDDEN: char = '\u{F0000}';

/// Stands in place of the time at which the plan was made.
pub(crate) const PLAN_TIME: char = '\u{F0001}';

/// What a plan does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Canonical {
    /// Whether planning failed on the way.
    pub(crate) errored: bool,
    /// Whether the plan only records what changed outside of Terraform.
    pub(crate) refresh_only: bool,
    pub(crate) objects: Vec<Object>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) actions: Vec<Action>,
    /// How the providers of the objects and actions are set up.
    pub(crate) providers: Vec<Setup>,
    /// The variables that the providers and provisioners are made of.
    pub(crate) variables: Vec<Setup>,
}

/// When something happens to an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    /// When the plan is applied.
    #[default]
    Applied,
    /// A later plan will do it.
    Deferred,
    /// It happened outside of Terraform, and applying records it in the state.
    Recorded,
}

/// An object that something happens to. The first three fields are what [`Canonical::digest_of`] sorts by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Object {
    pub(crate) address: String,
    pub(crate) deposed: Option<String>,
    pub(crate) stage: Stage,
    pub(crate) verb: String,
    pub(crate) mode: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) provider: String,
    /// The provider configurations that the configuration names for it.
    pub(crate) set_up_by: Vec<String>,
    pub(crate) moved_from: Option<String>,
    pub(crate) import: Option<String>,
    /// The attributes that say which object it is, before the change.
    pub(crate) is: Vec<Attribute>,
    pub(crate) replaced_by: Vec<Vec<Step>>,
    pub(crate) attributes: Vec<Attribute>,
    /// What is run beside, where it is created or destroyed.
    pub(crate) provisioners: Vec<Attribute>,
}

/// An output that changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) verb: String,
    pub(crate) values: Vec<Attribute>,
}

/// A provider's action that the apply runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Action {
    pub(crate) address: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) provider: String,
    pub(crate) trigger: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) place: (u64, u64),
    pub(crate) deferred: bool,
    pub(crate) configuration: Vec<Attribute>,
}

/// A provider's configuration, or a variable: what it is called, and its values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Setup {
    pub(crate) name: String,
    pub(crate) values: Vec<Attribute>,
}

/// One value that changes, at the end of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Attribute {
    pub(crate) path: Vec<Step>,
    /// The old value, where it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Leaf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Leaf>,
    /// Where both sides hide something, whether it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hidden: Option<Hidden>,
}

/// What becomes of what is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Hidden {
    Unchanged,
    Changed,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Step {
    Index(usize),
    Key(String),
}

/// A value without parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Leaf {
    Null,
    Bool(bool),
    /// In its one spelling.
    Number(String),
    /// May hold [`HIDDEN`] and [`PLAN_TIME`].
    Text(String),
    EmptyList,
    EmptyMap,
    Secret {
        /// Whether Terraform marks it as sensitive here.
        marked: bool,
    },
    /// Known after apply.
    Unknown {
        sensitive: bool,
    },
}

impl Canonical {
    /// What `document` does.
    pub(crate) fn of(document: &Document) -> Self {
        let time = document.timestamp.as_deref();
        let all = counted(document);
        let mut objects: Vec<Object> = parallel::map(&all, |(change, stage)| Object::of(change, *stage, time));
        objects.sort();
        Self { objects, ..Self::without_objects(document, &all) }
    }

    /// The digest of what `document` does. Its objects are as large as a plan, so each of them is left as soon as it is spelled.
    pub(crate) fn digest_of(document: &Document) -> String {
        let time = document.timestamp.as_deref();
        let all = counted(document);
        let mut spelled = parallel::map(&all, |(change, stage)| {
            let object = Object::of(change, *stage, time);
            let bytes = digest::spelled(&object);
            // By these they are sorted first; no two objects of a plan have all of them in common, but a plan may be a strange one.
            ((object.address, object.deposed, object.stage), (*change, bytes))
        });
        spelled.sort_by(|(one, (change, _)), (other, (other_change, _))| {
            let object = |change: &Change| Object::of(change, one.2, time);
            one.cmp(other).then_with(|| object(change).cmp(&object(other_change)))
        });
        let objects = spelled.into_iter().map(|(_, (_, bytes))| bytes);
        digest::with_objects(&Self::without_objects(document, &all), objects)
    }

    fn without_objects(document: &Document, changes: &[(&Change, Stage)]) -> Self {
        let time = document.timestamp.as_deref();
        let mut outputs: Vec<Output> = document.outputs.iter().filter_map(|output| Output::of(output, time)).collect();
        let mut actions: Vec<Action> =
            document.invocations.iter().map(|invocation| Action::of(invocation, time)).collect();
        let (providers, variables) = setups::of(document, changes);
        outputs.sort();
        actions.sort();
        let refresh_only = document.intent == Intent::RefreshOnly;
        Self { errored: document.errored, refresh_only, objects: Vec::new(), outputs, actions, providers, variables }
    }

    /// The digest: 64 hexadecimal digits.
    pub(crate) fn digest(&self) -> String {
        digest::of(self)
    }
}

/// The changes that count, and when each is made.
fn counted(document: &Document) -> Vec<(&Change, Stage)> {
    let changes = document.changes.iter().filter(|change| counts(change)).map(|change| (change, Stage::Applied));
    let deferred = document.deferred.iter().map(|(_, change)| (change, Stage::Deferred));
    let recorded = recorded(document).iter().filter(|change| counts(change)).map(|change| (change, Stage::Recorded));
    changes.chain(deferred).chain(recorded).collect()
}

/// Whether the change is one: data sources are read and ephemeral resources opened, which changes nothing.
fn counts(change: &Change) -> bool {
    let is_idle = change.actions == ["no-op"] && change.import.is_none() && moved_from(change).is_none();
    let is_opened = Verb::of_resource(&change.mode, &change.actions) == Verb::Open;
    !is_idle && !is_opened && change.mode != "data" && change.actions != ["read"]
}

/// What the plan does to the state alone: what drifted, where it changes no object. That a plan only refreshes cannot always be
/// told; without a managed object in it there is nothing else that its drift could belong to.
fn recorded(document: &Document) -> &[Change] {
    let plans_objects = document.changes.iter().any(|change| change.mode == "managed");
    if document.intent == Intent::RefreshOnly || !plans_objects { &document.drift } else { &[] }
}

fn moved_from(change: &Change) -> Option<&str> {
    change.previous_address.as_deref().filter(|previous| *previous != change.address)
}

impl Object {
    fn of(change: &Change, stage: Stage, time: Option<&str>) -> Self {
        let verb = Verb::of_resource(&change.mode, &change.actions);
        let open = |text: &str| open(text, time);
        let mut attributes = Collector::new(time);
        // What goes away, and what is left alone, has no new values.
        if !matches!(verb, Verb::Delete | Verb::Forget) {
            attributes.compare(change.before.as_ref(), change.after.as_ref());
        }
        let mut provisioners = Collector::new(time);
        if setups::runs_provisioners(&verb, stage) {
            provisioners.compare(None, change.wiring.provisioners.as_ref());
        }
        let mut replaced_by: Vec<Vec<Step>> =
            change.replace_paths.iter().map(|path| path.iter().map(|step| Step::of(step, time)).collect()).collect();
        replaced_by.sort();
        replaced_by.dedup();
        let is_set_up = setups::is_set_up(stage);
        Self {
            address: open(&change.address),
            deposed: change.deposed.as_deref().map(open),
            stage,
            verb: word(&verb, time),
            mode: open(&change.mode),
            kind: open(&change.kind),
            provider: open(&change.provider),
            set_up_by: change.wiring.providers.iter().filter(|_| is_set_up).map(|key| open(key)).collect(),
            moved_from: moved_from(change).map(open),
            import: change.import.as_deref().map(open),
            is: identity::of(change, &verb, time),
            replaced_by,
            attributes: attributes.finish(),
            provisioners: provisioners.finish(),
        }
    }
}

/// What happens, in a word that is the same for both spellings of an action.
fn word(verb: &Verb, time: Option<&str>) -> String {
    match verb {
        Verb::Unknown(actions) => open(&actions.join(", "), time),
        Verb::Delete => "delete".to_owned(),
        Verb::DeleteThenCreate => "delete-then-create".to_owned(),
        Verb::CreateThenDelete => "create-then-delete".to_owned(),
        Verb::CreateAndForget => "create-and-forget".to_owned(),
        Verb::Forget => "forget".to_owned(),
        Verb::Update => "update".to_owned(),
        Verb::Create => "create".to_owned(),
        Verb::Nothing => "nothing".to_owned(),
        Verb::Read => "read".to_owned(),
        Verb::Open => "open".to_owned(),
    }
}

impl Output {
    fn of(output: &document::Output, time: Option<&str>) -> Option<Self> {
        let verb = Verb::of(&output.actions);
        if verb == Verb::Nothing {
            return None;
        }
        let mut values = Collector::new(time);
        values.value(output.before.as_ref(), output.after.as_ref());
        Some(Self { name: open(&output.name, time), verb: word(&verb, time), values: values.finish() })
    }
}

impl Action {
    fn of(invocation: &document::Invocation, time: Option<&str>) -> Self {
        let open = |text: &str| open(text, time);
        let mut configuration = Collector::new(time);
        configuration.compare(None, invocation.configuration.as_ref());
        Self {
            address: open(&invocation.address),
            kind: open(&invocation.kind),
            provider: open(&invocation.provider),
            trigger: invocation.trigger.as_deref().map(open),
            event: invocation.event.as_deref().map(open),
            place: invocation.place,
            deferred: invocation.deferred,
            configuration: configuration.finish(),
        }
    }
}

impl Step {
    fn of(step: &document::Step, time: Option<&str>) -> Self {
        match step {
            document::Step::Index(index) => Self::Index(*index),
            document::Step::Key(key) => Self::Key(open(key, time)),
        }
    }
}

impl Leaf {
    /// `value`, which has no parts.
    fn of(value: &Sealed, time: Option<&str>) -> Self {
        match value {
            Sealed::Null => Self::Null,
            Sealed::Bool(value) => Self::Bool(*value),
            Sealed::Number(number) => Self::Number(number::canonical(number)),
            Sealed::Text(text) => Self::Text(open(text, time)),
            Sealed::List(_) => Self::EmptyList,
            Sealed::Map(_) => Self::EmptyMap,
            Sealed::Secret(secret) => Self::Secret { marked: secret.marked },
            Sealed::Unknown { sensitive } => Self::Unknown { sensitive: *sensitive },
        }
    }
}

/// A sealed text without the identities of its secrets, and without the plan's time.
fn open(sealed: &str, time: Option<&str>) -> String {
    let text = if may_have_tokens(sealed) {
        sealed.chars().map(|character| if is_token(character) { HIDDEN } else { character }).collect()
    } else {
        sealed.to_owned()
    };
    match time {
        Some(time) if text.contains(time) => text.replace(time, &PLAN_TIME.to_string()),
        _ => text,
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
