//! Which form of version a run needs, and what is worth a warning.

use actions_core::Location;
use semver::Version;

use crate::error::Error;
use crate::inputs::Inputs;
use crate::manifest::Origin;
use crate::observe::Snapshot;
use crate::subject::Subject;
use crate::version::Form;

/// The form that a branch needs; `None` when any will do.
fn form_of(inputs: &Inputs, branch: &str) -> Option<Form> {
    if branch == inputs.stable_branch {
        Some(Form::Stable)
    } else if branch == inputs.snapshot_branch {
        Some(Form::Snapshot)
    } else {
        None
    }
}

/// Refuses a version that the branch, or the pushed tag, does not allow.
pub(crate) fn enforce(inputs: &Inputs, snapshot: &Snapshot, location: &Location) -> Result<(), Error> {
    match &snapshot.subject {
        Subject::Branch { name } => enforce_branch(inputs, snapshot, name, location),
        Subject::Tag { name } => enforce_tag(inputs, snapshot, name, location),
        Subject::Pull { .. } | Subject::Detached => Ok(()),
    }
}

fn enforce_branch(inputs: &Inputs, snapshot: &Snapshot, branch: &str, location: &Location) -> Result<(), Error> {
    let Some(form) = form_of(inputs, branch) else { return Ok(()) };
    if snapshot.found.origin == Origin::Default {
        return Err(Error::NoVersion { file: snapshot.found.file.clone(), ecosystem: snapshot.found.ecosystem });
    }
    let Some(why) = snapshot.version.misfit(form) else { return Ok(()) };
    Err(Error::WrongVersion {
        branch: branch.to_owned(),
        form,
        version: snapshot.version.as_str().to_owned(),
        why,
        suggestion: snapshot.version.suggestion(form, snapshot.tags.released()),
        location: location.clone(),
    })
}

/// A tag that stands for a version must stand for the manifest's. Other tags (`nightly`) are only reported.
fn enforce_tag(inputs: &Inputs, snapshot: &Snapshot, tag: &str, location: &Location) -> Result<(), Error> {
    let Some(tagged) = tag.strip_prefix(inputs.tag_prefix.as_str()) else { return Ok(()) };
    if tagged == snapshot.version.as_str() || Version::parse(tagged).is_err() {
        return Ok(());
    }
    Err(Error::TagMismatch {
        tag: tag.to_owned(),
        tagged: tagged.to_owned(),
        version: snapshot.version.as_str().to_owned(),
        location: location.clone(),
    })
}

/// What the user should know although the run goes on.
pub(crate) fn warnings(inputs: &Inputs, snapshot: &Snapshot) -> Vec<String> {
    let merge = match &snapshot.subject {
        Subject::Pull { base, .. } => before_merge(inputs, snapshot, base),
        Subject::Branch { .. } | Subject::Tag { .. } | Subject::Detached => None,
    };
    merge
        .into_iter()
        .chain(default(snapshot))
        .chain(released_snapshot(snapshot))
        .chain(downgrade(inputs, snapshot))
        .collect()
}

/// The target branch of a pull request will refuse the version once it is merged.
fn before_merge(inputs: &Inputs, snapshot: &Snapshot, base: &str) -> Option<String> {
    let form = form_of(inputs, base)?;
    let why = snapshot.version.misfit(form)?;
    let suggestion = snapshot.version.suggestion(form, snapshot.tags.released());
    Some(format!(
        "after the merge, branch {base} will refuse version {}: {why}; write {suggestion} before merging",
        snapshot.version.as_str()
    ))
}

/// A version that nobody wrote.
fn default(snapshot: &Snapshot) -> Option<String> {
    let found = &snapshot.found;
    (found.origin == Origin::Default).then(|| {
        let (file, version, name) = (&found.file, &found.version, found.ecosystem.name());
        format!("{file} has no version, and {name} takes {version} then; a branch with rules will refuse it")
    })
}

/// A snapshot of a version that was released already.
fn released_snapshot(snapshot: &Snapshot) -> Option<String> {
    let core = snapshot.version.core();
    if !snapshot.version.is_snapshot() || !snapshot.tags.released().contains(&core) {
        return None;
    }
    let suggestion = snapshot.version.suggestion(Form::Snapshot, snapshot.tags.released());
    Some(format!("{core} is released already, so {} is behind it; write {suggestion}", snapshot.version.as_str()))
}

/// A new version on the stable branch that is lower than the highest release: mostly a slip.
fn downgrade(inputs: &Inputs, snapshot: &Snapshot) -> Option<String> {
    let Subject::Branch { name } = &snapshot.subject else { return None };
    let (version, highest) = (snapshot.version.stable()?, snapshot.tags.highest()?);
    let is_new = !snapshot.tags.released().contains(version);
    (*name == inputs.stable_branch && is_new && version < highest)
        .then(|| format!("version {version} is lower than {highest}, which is released already"))
}
