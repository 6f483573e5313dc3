//! A CloudFormation change set, read into the same [`Document`](crate::document::Document) as a plan.
//!
//! The flow: `reference` says which one, `fetch` asks CloudFormation for it and for those of its nested stacks, `answer` reads what
//! comes back, `sides` makes the objects before and after of each change, `plan` puts all of it into the shape of a plan, so that it
//! is sealed as a plan is. `secrets` says what is hidden by its name, `names` what Terraform calls types and properties, and `risk`
//! grades the changes by those names; what is shown keeps CloudFormation's.
//!
//! It reads one operation, `DescribeChangeSet`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html>), and deliberately creates, executes
//! and deletes nothing.

mod answer;
mod fetch;
#[cfg(test)]
mod fuzz;
mod names;
mod plan;
mod policy;
mod reference;
mod risk;
mod secrets;
mod sides;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::diff::{on_one_line, plural};
use crate::verb::Verb;
use crate::warnings::{Kind, Warning, enumerated, whole};

pub(crate) use fetch::read;
pub(crate) use names::is_known_name;
pub(crate) use policy::policy;
pub(crate) use reference::{Reference, Request};
pub(crate) use risk::risks;

/// What stands where CloudFormation will know a value only while it deploys. It is not documented; the CDK looks for it too
/// (`packages/@aws-cdk/cloudformation-diff/lib/diff/template-and-changeset-diff-merger.ts` of aws/aws-cdk-cli).
const KNOWN_AFTER_APPLY: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// The stack that a change set is for; all texts are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) change_set: String,
    pub(crate) region: String,
    /// How many change sets of nested stacks are in it.
    pub(crate) nested: usize,
    /// What a reader must know of it besides its changes.
    pub(crate) notes: Vec<Note>,
}

/// What a reader must know of a change set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Note {
    /// The stack was updated after it was made.
    Obsolete,
    /// It runs, or has run.
    Executed,
    /// It cannot be executed; the status says so.
    NotExecutable(String),
    /// There is something to execute, and no resource changes by it.
    Unlisted,
    /// Nested stacks of which nothing is told.
    NestedUntold(Vec<String>),
    /// How many changes came without their values.
    ValuesUntold(usize),
}

/// What a change set says of a change beyond what a plan says; all texts are sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SetChange {
    /// What happens, where no verb of a plan says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<Cow<'static, str>>,
    #[serde(default, skip_serializing_if = "Certainty::is_sure")]
    pub(crate) certainty: Certainty,
    /// Why, by CloudFormation's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) causes: Option<String>,
    /// The path of the construct in the CDK's application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) construct: Option<String>,
    #[serde(skip)]
    pub(crate) loss: Loss,
}

/// How sure it is what happens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Certainty {
    #[default]
    Sure,
    /// A new object takes its place, or it is changed in place.
    MayReplace,
    /// CloudFormation decides while it deploys.
    Undecided,
}

/// What is lost with an object that goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Loss {
    /// What its type says.
    #[default]
    Usual,
    /// A last snapshot is taken.
    Snapshot,
    /// It is a nested stack, and what is in it is not told.
    Untold,
}

impl Certainty {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_sure(&self) -> bool {
        *self == Self::Sure
    }
}

impl Stack {
    /// Whether something changes that no change set lists.
    pub(crate) fn has_unlisted(&self) -> bool {
        self.notes.contains(&Note::Unlisted)
    }

    /// The change set in the page's last line, in prose.
    pub(crate) fn words(&self) -> String {
        let nested = match self.nested {
            0 => String::new(),
            count => format!(" with {count} nested {}", plural(count, "one")),
        };
        format!(
            "change set {}{nested} of the stack {} in {}",
            whole(&self.change_set),
            whole(&self.name),
            whole(&self.region)
        )
    }

    /// As a reader sees it.
    pub(crate) fn shown(&self) -> Self {
        let notes = self.notes.iter().map(|note| match note {
            Note::NestedUntold(names) => Note::NestedUntold(names.iter().map(|name| on_one_line(name)).collect()),
            Note::NotExecutable(status) => Note::NotExecutable(on_one_line(status)),
            Note::Obsolete | Note::Executed | Note::Unlisted | Note::ValuesUntold(_) => note.clone(),
        });
        Self {
            name: on_one_line(&self.name),
            change_set: on_one_line(&self.change_set),
            region: self.region.clone(),
            nested: self.nested,
            notes: notes.collect(),
        }
    }
}

impl SetChange {
    /// Whether it is only possible that a new object takes its place.
    pub(crate) fn may_be_kept(&self) -> bool {
        self.certainty == Certainty::MayReplace
    }

    /// The lines above the resource where a plan is shown as Terraform shows it. The words are ours: CloudFormation prints no such text.
    pub(crate) fn lines(&self, address: &str, verb: &Verb) -> Vec<String> {
        let words = match verb {
            Verb::Create => "will be created",
            Verb::Update => "will be updated in place",
            Verb::Delete => "will be destroyed",
            Verb::DeleteThenCreate | Verb::CreateThenDelete => "must be replaced",
            Verb::CreateAndForget => "must be replaced, and the old object is kept",
            Verb::Forget => "leaves the stack and is kept",
            Verb::Read => "is recorded as it is, and not changed",
            Verb::Nothing => "will be imported",
            Verb::Open => "is opened while it is deployed",
            Verb::Unknown(_) => "has an action that is not known",
        };
        let note = |text: &str| format!("  # ({})", on_one_line(text));
        let mut lines = vec![format!("  # {address} {words}")];
        if let Verb::Unknown(actions) = verb {
            lines.push(note(&actions.join(", ")));
        }
        lines.extend(self.action.as_deref().map(note));
        lines.extend(self.causes.as_deref().map(note));
        lines.extend(self.construct.as_deref().map(|path| note(&format!("construct {path}"))));
        lines
    }

    /// As a reader sees it.
    pub(crate) fn shown(&self) -> Self {
        Self {
            causes: self.causes.as_deref().map(on_one_line),
            construct: self.construct.as_deref().map(on_one_line),
            ..self.clone()
        }
    }
}

impl Note {
    /// What is to be said of it.
    pub(crate) fn warning(&self) -> Warning {
        match self {
            Self::Obsolete => Warning::new(
                Kind::Warning,
                "This change set is obsolete:",
                "the stack was updated after it was made, so it cannot be executed. Make a new one.",
            ),
            Self::Executed => {
                Warning::new(Kind::Warning, "This change set has been executed,", "or is being executed now.")
            }
            Self::NotExecutable(status) => Warning::new(
                Kind::Warning,
                "This change set cannot be executed:",
                format!("its status is {}.", whole(status)),
            ),
            Self::Unlisted => Warning::new(
                Kind::Note,
                "No resource changes, and yet there is something to execute:",
                "a change set does not list all that changes; outputs are not in it.",
            ),
            Self::NestedUntold(names) => {
                let text = format!("{}. Make the change set with `--include-nested-stacks`.", enumerated(names));
                Warning::new(Kind::Warning, "What happens in nested stacks is not told:", text)
            }
            Self::ValuesUntold(count) => {
                let text = format!(
                    "CloudFormation gave no values for {count} {}: what changes is named, and risks that depend on values are not seen.",
                    plural(*count, "change")
                );
                Warning::new(Kind::Note, "", text)
            }
        }
    }
}
