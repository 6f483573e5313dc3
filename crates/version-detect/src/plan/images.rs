//! The tags of a container image of the version, by the rules of [`image_ref::release_tags`].

use image_ref::{Release, ReleaseTagsError, pull_branch, release_tags, version_tag};
use semver::Version;

use crate::error::Error;
use crate::inputs::Inputs;
use crate::observe::Snapshot;
use crate::subject::Subject;

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
        Subject::Branch { name } => of_branch(inputs, snapshot, version, name),
        Subject::Pull { number, head, .. } => {
            let branch = pull_branch(*number, head, &inputs.stable_branch, &inputs.snapshot_branch);
            of_branch(inputs, snapshot, version, &branch)
        }
        Subject::Tag { name } => of_tag(inputs, snapshot, version, name),
        Subject::Detached => Ok(Vec::new()),
    }
}

fn of_branch(inputs: &Inputs, snapshot: &Snapshot, version: &Version, branch: &str) -> Result<Vec<String>, Error> {
    let release = Release {
        version,
        branch: Some(branch),
        stable_branch: &inputs.stable_branch,
        snapshot_branch: &inputs.snapshot_branch,
        latest: inputs.latest,
        highest_stable: snapshot.tags.highest_stable(),
    };
    Ok(release_tags(&release)?.iter().map(ToString::to_string).collect())
}

/// A pushed version's tag gives what the stable branch gives; a prerelease gives its own version and never `latest`.
fn of_tag(inputs: &Inputs, snapshot: &Snapshot, version: &Version, tag: &str) -> Result<Vec<String>, Error> {
    if tag.strip_prefix(inputs.tag_prefix.as_str()) != Some(snapshot.version.as_str()) {
        return Ok(Vec::new());
    }
    if snapshot.version.stable().is_some() {
        return of_branch(inputs, snapshot, version, &inputs.stable_branch);
    }
    let tag = version_tag(version).map_err(|_| ReleaseTagsError::TooLong { version: version.clone() })?;
    Ok(vec![tag.to_string()])
}
