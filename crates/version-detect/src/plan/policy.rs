//! Which form of version a run needs, and what is worth a warning.

use actions_core::Location;
use semver::Version;

use crate::error::{Error, at_line};
use crate::history::Tags;
use crate::manifest::{Origin, SnapshotUse, UseKind};
use crate::observe::Snapshot;
use crate::rules::Rule;
use crate::subject::Subject;
use project_version::Form;

/// Refuses a version that the branch, or the pushed tag, does not allow.
pub(crate) fn enforce(snapshot: &Snapshot, location: &Location) -> Result<(), Error> {
    match &snapshot.subject {
        Subject::Branch { name } => enforce_branch(snapshot, name, location),
        Subject::Tag { name } => enforce_tag(snapshot, name, location),
        Subject::Pull { .. } | Subject::Detached => Ok(()),
    }
}

fn enforce_branch(snapshot: &Snapshot, branch: &str, location: &Location) -> Result<(), Error> {
    let Some(rule) = snapshot.rules.of(branch) else { return Ok(()) };
    let Some(form) = rule.form(&snapshot.version) else { return Ok(()) };
    if snapshot.found.origin == Origin::Default {
        return Err(Error::NoVersion { file: snapshot.found.file.clone(), ecosystem: snapshot.found.ecosystem });
    }
    let Some(why) = snapshot.version.misfit(form) else {
        return if form == Form::Stable { enforce_release(snapshot, rule, location) } else { Ok(()) };
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
fn enforce_release(snapshot: &Snapshot, rule: &Rule, location: &Location) -> Result<(), Error> {
    if let Some(released) = reused(snapshot) {
        let taken = [snapshot.tags.released(), &[snapshot.version.core()]].concat();
        return Err(Error::VersionReused {
            version: snapshot.version.as_str().to_owned(),
            before: released.before.to_owned(),
            commit: released.commit.to_owned(),
            suggestion: snapshot.version.suggestion(Form::Stable, &taken),
            location: location.clone(),
        });
    }
    // What was released before stays as it is.
    if snapshot.version.stable().is_some_and(|version| snapshot.tags.released().contains(version)) {
        return Ok(());
    }
    if let Some(highest) = higher_release(snapshot).filter(|_| !rule.line) {
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
    let others = others(&snapshot.found.snapshots[1..]);
    Err(match used.kind {
        UseKind::Parent => Error::SnapshotParent { version, name, used_version, location, others },
        UseKind::Dependency | UseKind::Plugin => {
            Error::SnapshotDependency { version, kind: used.kind.name(), name, used_version, location, others }
        }
    })
}

/// The snapshots beside the first one, each with its place.
fn others(snapshots: &[SnapshotUse]) -> Vec<String> {
    let line = |used: &SnapshotUse| {
        let SnapshotUse { name, version, location, .. } = used;
        format!("{} {name} {version} in {}{}", used.kind.name(), location.file, at_line(location))
    };
    snapshots.iter().map(line).collect()
}

/// A version that was released before, and that the change brings back.
struct Reused<'a> {
    /// The version before the change.
    before: &'a str,
    /// The commit that was released.
    commit: &'a str,
}

/// The change raises or lowers the version to one that another commit was released with.
fn reused(snapshot: &Snapshot) -> Option<Reused<'_>> {
    let Tags::Known { own: Some(commit), .. } = &snapshot.tags else { return None };
    let before = snapshot.before.as_deref().filter(|before| *before != snapshot.version.as_str())?;
    let is_elsewhere = !snapshot.version.is_snapshot() && snapshot.commit.as_ref() != Some(commit);
    is_elsewhere.then_some(Reused { before, commit })
}

/// The highest release, where the version is lower and not among them.
fn higher_release(snapshot: &Snapshot) -> Option<&Version> {
    let (version, highest) = (snapshot.version.stable()?, snapshot.tags.highest()?);
    (version < highest && !snapshot.tags.released().contains(version)).then_some(highest)
}

/// A tag that stands for a version must stand for the manifest's. Other tags (`nightly`) are only reported.
fn enforce_tag(snapshot: &Snapshot, tag: &str, location: &Location) -> Result<(), Error> {
    let Some(tagged) = tag.strip_prefix(snapshot.tag_prefix.as_str()) else { return Ok(()) };
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
pub(crate) fn warnings(snapshot: &Snapshot) -> Vec<String> {
    let merge = match &snapshot.subject {
        Subject::Pull { base, .. } => before_merge(snapshot, base),
        Subject::Branch { .. } | Subject::Tag { .. } | Subject::Detached => None,
    };
    merge.into_iter().chain(default(snapshot)).chain(released_snapshot(snapshot)).collect()
}

/// The target branch of a pull request will refuse the version once it is merged.
fn before_merge(snapshot: &Snapshot, base: &str) -> Option<String> {
    let rule = snapshot.rules.of(base)?;
    let form = rule.form(&snapshot.version)?;
    let Some(why) = snapshot.version.misfit(form) else { return unreleasable(snapshot, rule, base) };
    let suggestion = snapshot.version.suggestion(form, snapshot.tags.released());
    Some(format!(
        "after the merge, branch {base} will refuse version {}: {why}; write {suggestion} before merging",
        snapshot.version.as_str()
    ))
}

/// Why the stable branch `base` will refuse a version of the right form.
fn unreleasable(snapshot: &Snapshot, rule: &Rule, base: &str) -> Option<String> {
    let version = snapshot.version.as_str();
    if let Some(released) = reused(snapshot) {
        let (before, commit) = (released.before, released.commit.get(..7).unwrap_or(released.commit));
        return Some(format!(
            "after the merge, branch {base} will refuse version {version}: the change from {before} brings back what commit {commit} was released as"
        ));
    }
    if rule.form(&snapshot.version) != Some(Form::Stable)
        || snapshot.tags.released().iter().any(|released| released.to_string() == version)
    {
        return None;
    }
    let why = match (higher_release(snapshot).filter(|_| !rule.line), snapshot.found.snapshots.first()) {
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
