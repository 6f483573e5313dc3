//! Which form of version a run needs, and what is worth a warning.

use actions_core::Location;
use semver::Version;

use crate::error::{Error, at_line};
use crate::inputs::Inputs;
use crate::manifest::{Origin, UseKind};
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
    let Some(why) = snapshot.version.misfit(form) else {
        return if form == Form::Stable { enforce_release(snapshot, location) } else { Ok(()) };
    };
    Err(Error::WrongVersion {
        branch: branch.to_owned(),
        form,
        version: snapshot.version.as_str().to_owned(),
        why,
        suggestion: snapshot.version.suggestion(form, snapshot.tags.released()),
        location: location.clone(),
    })
}

/// A new release is higher than those before it, and is built with releases.
fn enforce_release(snapshot: &Snapshot, location: &Location) -> Result<(), Error> {
    // What was released before stays as it is.
    if snapshot.version.stable().is_some_and(|version| snapshot.tags.released().contains(version)) {
        return Ok(());
    }
    if let Some(highest) = higher_release(snapshot) {
        let next = Version::new(highest.major, highest.minor, highest.patch.saturating_add(1));
        return Err(Error::Downgrade {
            version: snapshot.version.as_str().to_owned(),
            highest: highest.to_string(),
            suggestion: next.to_string(),
            location: location.clone(),
        });
    }
    let Some(used) = snapshot.found.snapshots.first() else { return Ok(()) };
    let (version, name) = (snapshot.version.as_str().to_owned(), used.name.clone());
    let (used_version, location) = (used.version.clone(), used.location.clone());
    Err(match used.kind {
        UseKind::Parent => Error::SnapshotParent { version, name, used_version, location },
        UseKind::Dependency | UseKind::Plugin => {
            Error::SnapshotDependency { version, kind: used.kind.name(), name, used_version, location }
        }
    })
}

/// The highest release, where the version is lower and not among them.
fn higher_release(snapshot: &Snapshot) -> Option<&Version> {
    let (version, highest) = (snapshot.version.stable()?, snapshot.tags.highest()?);
    (version < highest && !snapshot.tags.released().contains(version)).then_some(highest)
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
    merge.into_iter().chain(default(snapshot)).chain(released_snapshot(snapshot)).collect()
}

/// The target branch of a pull request will refuse the version once it is merged.
fn before_merge(inputs: &Inputs, snapshot: &Snapshot, base: &str) -> Option<String> {
    let form = form_of(inputs, base)?;
    let Some(why) = snapshot.version.misfit(form) else { return unreleasable(snapshot, form, base) };
    let suggestion = snapshot.version.suggestion(form, snapshot.tags.released());
    Some(format!(
        "after the merge, branch {base} will refuse version {}: {why}; write {suggestion} before merging",
        snapshot.version.as_str()
    ))
}

/// Why the stable branch `base` will refuse a version of the right form.
fn unreleasable(snapshot: &Snapshot, form: Form, base: &str) -> Option<String> {
    let version = snapshot.version.as_str();
    if form != Form::Stable || snapshot.tags.released().iter().any(|released| released.to_string() == version) {
        return None;
    }
    let why = match (higher_release(snapshot), snapshot.found.snapshots.first()) {
        (Some(highest), _) => format!("{highest} is released already"),
        (None, Some(used)) => {
            format!(
                "its {} {} is {}, at {}{}",
                used.kind.name(),
                used.name,
                used.version,
                used.location.file,
                at_line(&used.location)
            )
        }
        (None, None) => return None,
    };
    Some(format!("after the merge, branch {base} will refuse version {version}: {why}"))
}

/// A version that nobody wrote.
fn default(snapshot: &Snapshot) -> Option<String> {
    let found = &snapshot.found;
    (found.origin == Origin::Default).then(|| {
        let (file, version, name) = (&found.file, &found.version, found.ecosystem.name());
        format!("no version is written in {file}, so {name} takes {version}; a branch with rules will refuse it")
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
