//! All decisions. Pure.

use github_client::{LONGEST_RELEASE_BODY, NewRelease, Release};
use project_version::{Family, Order, ProjectVersion};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::args::{Choice, When};
use crate::dispatch::Target;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::notes::notes;
use crate::observe::Snapshot;
use crate::pending;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub(crate) step: Step,
    /// What is started behind it, in this order.
    pub(crate) start: Vec<Target>,
    /// What workflows are told.
    pub(crate) payload: Map<String, Value>,
    /// The release, as it is or would be written.
    pub(crate) release: NewRelease,
    pub(crate) version: String,
    pub(crate) previous: Option<String>,
    /// The message of the tag, where it is created and annotated.
    pub(crate) tag_message: Option<String>,
}

/// What becomes of the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub(crate) enum Step {
    /// It is created.
    Create {
        /// Whether its tag is created before.
        with_tag: bool,
    },
    /// A draft is published.
    Publish {
        /// The draft.
        draft: Release,
        /// Its text, with the note of what is to be started.
        #[serde(skip)]
        body: String,
        /// Whether its tag is created before.
        with_tag: bool,
    },
    /// It is there.
    AlreadyDone {
        /// The release.
        release: Release,
    },
}

/// Decides everything.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    let order = Order::of(&inputs.version).or_else(|| Order::numbered(&inputs.version));
    let is_stable = order.as_ref().is_none_or(Order::is_stable);
    if is_snapshot(&inputs.version, &snapshot.endings) {
        return Err(Error::Snapshot { version: inputs.version.clone() });
    }
    if let Some(there) = snapshot.tagged.as_ref().filter(|there| **there != inputs.commit) {
        return Err(Error::TagElsewhere { tag: inputs.tag.clone(), there: there.clone(), here: inputs.commit.clone() });
    }
    let prerelease = chosen(inputs.prerelease, !is_stable);
    let is_highest = is_stable && snapshot.highest.as_ref().is_none_or(|highest| order.as_ref() >= Some(highest));
    let with_tag = snapshot.tagged.is_none() && !inputs.draft;
    let step = match (&snapshot.release, &snapshot.draft) {
        (Some(release), _) => Step::AlreadyDone { release: release.clone() },
        (None, Some(draft)) => {
            check_draft(inputs, snapshot, draft)?;
            let is_asked = inputs.publish_draft && !inputs.draft;
            let draft = draft.clone();
            if is_asked {
                let body = body(inputs, &draft)?;
                Step::Publish { draft, body, with_tag }
            } else {
                Step::AlreadyDone { release: draft }
            }
        }
        (None, None) => Step::Create { with_tag },
    };
    let start = start(inputs, &step);
    let body = snapshot.history.as_ref().map(|(history, config)| notes(history, config)).unwrap_or_default();
    let release = NewRelease {
        tag: inputs.tag.clone(),
        commit: inputs.commit.clone(),
        name: inputs.title.clone(),
        body,
        draft: inputs.draft,
        prerelease,
        latest: !inputs.draft && !prerelease && chosen(inputs.make_latest, is_highest),
    };
    let (version, previous) = (inputs.version.clone(), snapshot.previous.clone());
    let filled = |message: &String| git_repository::filled(message, &inputs.version, &inputs.tag);
    let tag_message = inputs.tag_message.as_ref().map(filled);
    Ok(Plan { step, start, payload: payload(inputs), release, version, previous, tag_message })
}

/// Whether a version marks work in progress, as any of the ecosystems writes it, or the repository.
fn is_snapshot(version: &str, endings: &[String]) -> bool {
    let is_one = |endings: &[String]| {
        ProjectVersion::parse_in(Family::Either, version, endings).is_ok_and(|version| version.is_snapshot())
    };
    is_one(&[]) || is_one(endings)
}

fn chosen(choice: Choice, auto: bool) -> bool {
    match choice {
        Choice::Auto => auto,
        Choice::True => true,
        Choice::False => false,
    }
}

/// A draft has no tag of its own: what it would be published from stands in it. Where that is a branch, the tag that we make comes first.
fn check_draft(inputs: &Inputs, snapshot: &Snapshot, draft: &Release) -> Result<(), Error> {
    let is_hash = draft.target.len() >= 40 && draft.target.bytes().all(|byte| byte.is_ascii_hexdigit());
    if snapshot.tagged.is_none() && is_hash && draft.target != inputs.commit {
        let (there, here) = (draft.target.clone(), inputs.commit.clone());
        return Err(Error::DraftElsewhere { tag: inputs.tag.clone(), there, here, url: draft.url.clone() });
    }
    Ok(())
}

/// The text of a draft with the note, as long as GitHub takes it. What an earlier run noted that did not come to publish it is not there twice.
fn body(inputs: &Inputs, draft: &Release) -> Result<String, Error> {
    let body = pending::instead(&draft.body, &inputs.dispatch);
    let over = body.chars().count().saturating_sub(LONGEST_RELEASE_BODY);
    if over > 0 {
        return Err(Error::DraftTooLong { tag: inputs.tag.clone(), over, url: draft.url.clone() });
    }
    Ok(body)
}

/// What is started: all behind a release that is published now; behind one that is there what an earlier run did not come to.
fn start(inputs: &Inputs, step: &Step) -> Vec<Target> {
    match step {
        _ if inputs.draft => Vec::new(),
        Step::Create { .. } | Step::Publish { .. } => inputs.dispatch.clone(),
        Step::AlreadyDone { release } if release.draft => Vec::new(),
        Step::AlreadyDone { release } => match inputs.dispatch_when {
            When::Always => inputs.dispatch.clone(),
            When::New => pending::split(&release.body, &inputs.dispatch).1,
        },
    }
}

fn payload(inputs: &Inputs) -> Map<String, Value> {
    let fields =
        [("version", &inputs.version), ("tag", &inputs.tag), ("sha", &inputs.commit), ("component", &inputs.component)];
    let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| (name.to_owned(), Value::from(value.as_str()))).collect()
}

#[cfg(test)]
mod tests;
