//! The tags of a container image of the version, by the rules of [`image_ref::release_tags`].

use image_ref::{Release, ReleaseTagsError, pull_branch, release_tags, version_tag};
use semver::Version;

use crate::error::Error;
use crate::inputs::Inputs;
use crate::observe::Snapshot;
use crate::subject::Subject;
use project_version::Form;

/// The image tags; none when the run is about no branch and no version's tag, or the version is not a semantic one.
pub(crate) fn tags(inputs: &Inputs, snapshot: &Snapshot, warnings: &mut Vec<String>) -> Result<Vec<String>, Error> {
    let Some(version) = snapshot.version.semantic() else {
        warnings.push(format!(
            "{} is not a semantic version, so it has no image tags and no version before it",
            snapshot.version.as_str()
        ));
        return Ok(Vec::new());
    };
    match &snapshot.subject {
        Subject::Branch { name } => {
            let form = snapshot.rules.of(name).and_then(|rule| rule.form(&snapshot.version));
            of_branch(inputs, snapshot, version, (name, form))
        }
        Subject::Pull { number, head, .. } => {
            // A fork's branch may be called as one of ours that has rules.
            let ruled = snapshot.rules.of(head).map_or("", |_| head);
            of_branch(inputs, snapshot, version, (&pull_branch(*number, head, ruled, ""), None))
        }
        Subject::Tag { name } => of_tag(inputs, snapshot, version, name),
        Subject::Detached => Ok(Vec::new()),
    }
}

/// The tags on a branch that needs versions of a form.
fn of_branch(
    inputs: &Inputs,
    snapshot: &Snapshot,
    version: &Version,
    (branch, form): (&str, Option<Form>),
) -> Result<Vec<String>, Error> {
    if form == Some(Form::Prerelease) {
        return own(version);
    }
    let named = |wanted| if form == Some(wanted) { branch } else { "" };
    let release = Release {
        version,
        branch: Some(branch),
        stable_branch: named(Form::Stable),
        snapshot_branch: named(Form::Snapshot),
        latest: inputs.latest,
        highest_stable: snapshot.tags.highest_stable(),
    };
    Ok(release_tags(&release)?.iter().map(ToString::to_string).collect())
}

/// A pushed version's tag gives what the stable branch gives; a prerelease gives its own version and never `latest`.
fn of_tag(inputs: &Inputs, snapshot: &Snapshot, version: &Version, tag: &str) -> Result<Vec<String>, Error> {
    if tag != snapshot.own_tag() {
        return Ok(Vec::new());
    }
    if snapshot.version.stable().is_some() {
        return of_branch(inputs, snapshot, version, (tag, Some(Form::Stable)));
    }
    own(version)
}

/// The version's own tag alone.
fn own(version: &Version) -> Result<Vec<String>, Error> {
    let tag = version_tag(version).map_err(|_| ReleaseTagsError::TooLong { version: version.clone() })?;
    Ok(vec![tag.to_string()])
}
