//! All decisions. Pure.

mod images;
mod policy;
mod run;
mod tagging;

use actions_core::Location;
use serde::Serialize;

use crate::error::Error;
use crate::history::{Source, Tags};
use crate::inputs::Inputs;
use crate::manifest::Ecosystem;
use crate::observe::{Overtaken, Snapshot};
use crate::rules::{Publish, Takes};
use crate::subject::Subject;

pub(crate) use run::{ProjectPlan, RunPlan, plan_run};

/// What is known of the version, and what is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Plan {
    pub(crate) version: String,
    pub(crate) ecosystem: Ecosystem,
    pub(crate) manifest: String,
    /// Where the version is written.
    pub(crate) location: Location,
    pub(crate) subject: Subject,
    /// The commit that all of this is about; `None` when it is not known.
    pub(crate) commit: Option<String>,
    /// Which versions the branch takes; `None` where any will do.
    pub(crate) needs: Option<Takes>,
    /// Which versions the branch publishes; `None` where it has no rules.
    pub(crate) publishes: Option<Publish>,
    /// The semantic version that stands for it; `None` where there is none.
    pub(crate) version_normalized: Option<String>,
    /// The version's tag; empty for a snapshot.
    pub(crate) tag: String,
    pub(crate) tag_state: TagState,
    /// Whether a later run has released a higher version, so that this one is not published.
    pub(crate) overtaken: bool,
    pub(crate) is_snapshot: bool,
    /// Whether the version is of the form `x.y.z`.
    pub(crate) is_release: bool,
    /// Whether the version is new; `None` when that is not known.
    pub(crate) changed: Option<bool>,
    /// Whether this commit is to be published; `None` when that is not known.
    pub(crate) publish: Option<bool>,
    pub(crate) previous_version: Option<String>,
    pub(crate) previous_tag: Option<String>,
    pub(crate) image_tags: Vec<String>,
    /// Who was asked for the tags; `None` when nobody could be.
    pub(crate) tags_from: Option<Source>,
    pub(crate) tagging: Tagging,
    /// What the user should know, each a sentence.
    pub(crate) warnings: Vec<String>,
    /// What was not looked at for snapshots, before a release.
    pub(crate) unseen: Vec<String>,
}

/// Where the version's tag is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub(crate) enum TagState {
    /// A snapshot has no tag.
    NotTagged,
    /// There is no such tag yet.
    New,
    /// It is at the run's commit.
    Here {
        /// The commit.
        commit: String,
    },
    /// It is at another commit.
    Elsewhere {
        /// That commit.
        commit: String,
    },
    /// It is not known whether there is one.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// What becomes of the commit's tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub(crate) enum Tagging {
    /// Nobody asked for one.
    NotAsked,
    /// The commit gets it.
    Create {
        /// The tag's name.
        name: String,
        /// The commit.
        commit: String,
        /// The message of an annotated tag; `None` for a lightweight one.
        message: Option<String>,
        /// What to write where another run tags another commit first.
        suggestion: String,
    },
    /// The commit has it.
    AlreadyDone,
    /// The commit gets none.
    Skip {
        /// Why.
        reason: String,
    },
}

/// Decides everything.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    let Snapshot { found, version, subject, tags, .. } = snapshot;
    let place = found.location();
    policy::enforce(snapshot, &place)?;
    let is_snapshot = version.is_snapshot();
    let tag = if is_snapshot { String::new() } else { snapshot.own_tag() };
    let tag_state = tag_state(snapshot);
    let mut warnings = policy::warnings(snapshot);
    let image_tags = images::tags(inputs, snapshot, &mut warnings)?;
    warnings.extend(found.remarks.iter().cloned());
    let rule = subject.ruled_by().and_then(|branch| snapshot.rules.of(branch));
    let previous = tags.before(&version.core()).filter(|_| version.semantic().is_some());
    Ok(Plan {
        version: version.as_str().to_owned(),
        ecosystem: found.ecosystem,
        manifest: found.manifest.clone(),
        subject: subject.clone(),
        commit: snapshot.commit.clone(),
        needs: rule.map(|rule| rule.takes),
        publishes: rule.map(|rule| rule.publish),
        version_normalized: version.semantic().map(ToString::to_string),
        is_release: version.stable().is_some(),
        changed: changed(&tag_state),
        publish: publish(snapshot, &tag, &tag_state),
        previous_version: previous.map(ToString::to_string),
        previous_tag: previous.map(|previous| format!("{}{previous}", snapshot.tag_prefix)),
        image_tags,
        tags_from: match tags {
            Tags::Known { source, .. } => Some(*source),
            Tags::Unknown { .. } => None,
        },
        tagging: tagging::decide(inputs, snapshot, &tag, &tag_state, &place)?,
        location: place,
        overtaken: snapshot.overtaken == Overtaken::Yes,
        tag,
        tag_state,
        is_snapshot,
        warnings,
        unseen: found.unseen.clone(),
    })
}

fn tag_state(snapshot: &Snapshot) -> TagState {
    if snapshot.version.is_snapshot() {
        return TagState::NotTagged;
    }
    match &snapshot.tags {
        Tags::Unknown { reason } => TagState::Unknown { reason: reason.clone() },
        Tags::Known { own: None, .. } => TagState::New,
        Tags::Known { own: Some(commit), .. } if snapshot.commit.as_ref() == Some(commit) => {
            TagState::Here { commit: commit.clone() }
        }
        Tags::Known { own: Some(commit), .. } => TagState::Elsewhere { commit: commit.clone() },
    }
}

/// Whether the version is new. A snapshot always is, because its artifacts are replaced with every commit.
fn changed(state: &TagState) -> Option<bool> {
    match state {
        TagState::NotTagged | TagState::New => Some(true),
        TagState::Here { .. } | TagState::Elsewhere { .. } => Some(false),
        TagState::Unknown { .. } => None,
    }
}

/// Whether this commit is to be published. A tag at this very commit means that an earlier attempt of it may have failed
/// half-way, or that the tag itself was pushed to start the release.
fn publish(snapshot: &Snapshot, tag: &str, state: &TagState) -> Option<bool> {
    let name = match &snapshot.subject {
        Subject::Branch { .. } if snapshot.overtaken == Overtaken::Yes => return Some(false),
        Subject::Branch { name } => name,
        Subject::Tag { name } => return Some(!tag.is_empty() && name == tag),
        Subject::Pull { .. } | Subject::Detached => return Some(false),
    };
    match (snapshot.rules.of(name).map(|rule| rule.publish), state) {
        (None | Some(Publish::Never), _) | (Some(Publish::New), TagState::Elsewhere { .. }) => Some(false),
        // Nor is it published before that is known.
        (Some(_), _) if snapshot.overtaken == Overtaken::Unknown => None,
        (Some(Publish::Always), _)
        | (Some(Publish::New), TagState::New | TagState::Here { .. } | TagState::NotTagged) => Some(true),
        (Some(Publish::New), TagState::Unknown { .. }) => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;
