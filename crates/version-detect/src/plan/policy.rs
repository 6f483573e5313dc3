//! Which form of version a run needs, and what is worth a warning.

use actions_core::Location;
use semver::Version;

use crate::comparison::Release;
use crate::error::{Error, at_line};
use crate::history::Tags;
use crate::manifest::{Origin, SnapshotUse, UseKind};
use crate::observe::{Overtaken, Snapshot};
use crate::rules::Rule;
use crate::subject::Subject;
use project_version::{Form, Height};

/// How many snapshots are told that a release does not hold on to.
const MOST_LOOSE: usize = 5;

/// Refuses a version that the branch, or the pushed tag, does not allow.
pub(crate) fn enforce(snapshot: &Snapshot, location: &Location) -> Result<(), Error> {
    match (&snapshot.subject, snapshot.subject.ruled_by()) {
        (_, Some(branch)) => enforce_branch(snapshot, branch, location),
        (Subject::Tag { name }, None) => enforce_tag(snapshot, name, location),
        (Subject::Branch { .. } | Subject::Pull { .. } | Subject::Detached, None) => Ok(()),
    }
}

fn enforce_branch(snapshot: &Snapshot, branch: &str, location: &Location) -> Result<(), Error> {
    let Some(rule) = snapshot.rules.of(branch) else { return Ok(()) };
    let Some(form) = rule.form(&snapshot.version) else { return Ok(()) };
    is_written(snapshot)?;
    if let Some(why) = snapshot.version.misfit(form) {
        return Err(Error::WrongVersion {
            branch: branch.to_owned(),
            form,
            version: snapshot.version.as_str().to_owned(),
            why,
            suggestion: suggestion(snapshot, form, rule),
            location: location.clone(),
        });
    }
    if let Some(released) = reused(snapshot, rule) {
        return Err(Error::VersionReused {
            version: snapshot.version.as_str().to_owned(),
            before: released.before.to_owned(),
            commit: released.commit.to_owned(),
            suggestion: next(snapshot, form, rule.height()),
            location: location.clone(),
        });
    }
    // What was released before stays as it is, and what comes too late is not released.
    if snapshot.is_released() || snapshot.overtaken != Overtaken::No {
        return Ok(());
    }
    if let Some(highest) = snapshot.higher_release().filter(|_| !rule.line) {
        return Err(Error::Downgrade {
            version: snapshot.version.as_str().to_owned(),
            highest: highest.to_string(),
            suggestion: suggestion(snapshot, form, rule),
            form,
            location: location.clone(),
        });
    }
    match form {
        Form::Stable | Form::Prerelease => is_built_with_releases(snapshot),
        Form::Snapshot => Ok(()),
    }
}

/// A version that nobody wrote is not one to publish.
fn is_written(snapshot: &Snapshot) -> Result<(), Error> {
    match snapshot.found.origin {
        Origin::Default => {
            Err(Error::NoVersion { file: snapshot.found.file.clone(), ecosystem: snapshot.found.ecosystem })
        }
        Origin::Written => Ok(()),
    }
}

/// A release is built with releases.
fn is_built_with_releases(snapshot: &Snapshot) -> Result<(), Error> {
    let Some(used) = snapshot.found.snapshots.first() else { return Ok(()) };
    let (version, name) = (snapshot.version.as_str().to_owned(), used.name.clone());
    let (used_version, location) = (used.version.clone(), used.location.clone());
    let others = others(&snapshot.found.snapshots[1..]);
    let more = snapshot.found.snapshots[1..].iter().map(|used| used.name.clone()).collect();
    Err(match used.kind {
        UseKind::Parent => Error::SnapshotParent { version, name, used_version, location, others, more },
        UseKind::Dependency | UseKind::Plugin | UseKind::Development => {
            Error::SnapshotDependency { version, kind: used.kind.name(), name, used_version, location, others, more }
        }
    })
}

/// What to write so that the next run takes it.
fn suggestion(snapshot: &Snapshot, form: Form, rule: &Rule) -> String {
    snapshot.version.suggestion(form, snapshot.tags.released(), rule.height())
}

/// The same where the version itself is taken, too.
pub(super) fn next(snapshot: &Snapshot, form: Form, height: Height) -> String {
    let taken = [snapshot.tags.released(), &[snapshot.version.core()]].concat();
    snapshot.version.suggestion(form, &taken, height)
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

/// The change raises or lowers the version to one that a commit before it was released with, or one of another line. A release of the change
/// itself is no mistake, nor one of a later run that overtook this one: there is nothing left to publish. But the branch goes down where the
/// change comes in with a release that is below one of before.
fn reused<'a>(snapshot: &'a Snapshot, rule: &Rule) -> Option<Reused<'a>> {
    let Tags::Known { own: Some(commit), .. } = &snapshot.tags else { return None };
    let before = snapshot.before.as_ref().filter(|before| match before.release {
        Release::Before => true,
        Release::Within => !rule.line && snapshot.overtaken == Overtaken::No && snapshot.higher_release().is_some(),
        Release::Behind => false,
    })?;
    let is_elsewhere = !snapshot.version.is_snapshot() && snapshot.commit.as_ref() != Some(commit);
    (is_elsewhere && before.version != snapshot.version.as_str()).then_some(Reused { before: &before.version, commit })
}

/// A tag that stands for a version must stand for the manifest's, which is then released. Other tags (`nightly`) are only
/// reported. Which line of releases it belongs to is not known, so it may be lower than others.
fn enforce_tag(snapshot: &Snapshot, tag: &str, location: &Location) -> Result<(), Error> {
    if tag == snapshot.own_tag() {
        return is_written(snapshot).and_then(|()| is_built_with_releases(snapshot));
    }
    let Some(tagged) = tag.strip_prefix(snapshot.tag_prefix.as_str()) else { return Ok(()) };
    if Version::parse(tagged).is_err() {
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
    let of_subject = match &snapshot.subject {
        Subject::Pull { base, held_to: None, .. } => before_merge(snapshot, base),
        Subject::Pull { held_to: Some(branch), .. } | Subject::Branch { name: branch } => behind(snapshot, branch),
        Subject::Tag { name } => of_tag(snapshot, name),
        Subject::Detached => None,
    };
    let of_snapshot = released_snapshot(snapshot).filter(|_| of_subject.is_none());
    of_subject.into_iter().chain(default(snapshot)).chain(of_snapshot).chain(loose(snapshot)).collect()
}

/// The snapshots that a release does not hold on to, as far as they are told.
fn loose(snapshot: &Snapshot) -> Vec<String> {
    let (told, rest) = snapshot.found.loose.split_at(snapshot.found.loose.len().min(MOST_LOOSE));
    let mut lines = others(told);
    if let Some(last) = lines.last_mut().filter(|_| !rest.is_empty()) {
        last.push_str(&format!(", and {} more", rest.len()));
    }
    let line = |line| format!("{line} takes a snapshot, with which the same commit may build differently tomorrow");
    lines.into_iter().map(line).collect()
}

/// The target branch of a pull request will refuse the version once it is merged.
fn before_merge(snapshot: &Snapshot, base: &str) -> Option<String> {
    let rule = snapshot.rules.of(base)?;
    let form = rule.form(&snapshot.version)?;
    let (why, suggestion) = match snapshot.version.misfit(form) {
        Some(why) => (why, Some(suggestion(snapshot, form, rule))),
        None => unreleasable(snapshot, form, rule)?,
    };
    let advice = suggestion.map_or_else(String::new, |text| format!("; write {text} before merging"));
    Some(format!("after the merge, branch {base} will refuse version {}: {why}{advice}", snapshot.version.as_str()))
}

/// Why a branch will refuse a version of the right form, and what to write instead.
fn unreleasable(snapshot: &Snapshot, form: Form, rule: &Rule) -> Option<(String, Option<String>)> {
    if let Some(released) = reused(snapshot, rule) {
        let (before, commit) = (released.before, released.commit.get(..7).unwrap_or(released.commit));
        let why = format!("the change from {before} brings back what commit {commit} was released as");
        return Some((why, Some(next(snapshot, form, rule.height()))));
    }
    if snapshot.is_released() {
        return None;
    }
    if let Some(highest) = snapshot.higher_release().filter(|_| !rule.line) {
        return Some((format!("{highest} is released already"), Some(suggestion(snapshot, form, rule))));
    }
    let used = snapshot.found.snapshots.first().filter(|_| form != Form::Snapshot)?;
    let (kind, file, line) = (used.kind.name(), &used.location.file, at_line(&used.location));
    Some((format!("its {kind} {} is {}, at {file}{line}", used.name, used.version), None))
}

/// A branch that stays at a version below the highest release: a change that lowered it was refused, or came unseen.
fn behind(snapshot: &Snapshot, branch: &str) -> Option<String> {
    let rule = snapshot.rules.of(branch).filter(|rule| !rule.line)?;
    let form = rule.form(&snapshot.version).filter(|form| *form != Form::Snapshot)?;
    let Tags::Known { own: Some(commit), .. } = &snapshot.tags else { return None };
    // A run that was overtaken is behind whatever it does.
    let is_behind = snapshot.before.as_ref().is_some_and(|before| before.release == Release::Behind);
    if is_behind || snapshot.overtaken != Overtaken::No {
        return None;
    }
    let highest = snapshot.higher_release().filter(|_| snapshot.commit.as_ref() != Some(commit))?;
    let (version, suggestion) = (snapshot.version.as_str(), next(snapshot, form, rule.height()));
    Some(format!(
        "{version} was released before, and {highest} is higher, so this commit is not published; write {suggestion} to release it"
    ))
}

/// A pushed tag that is nearly the version's, or whose version is below others.
fn of_tag(snapshot: &Snapshot, tag: &str) -> Option<String> {
    let version = snapshot.version.as_str();
    if tag == snapshot.own_tag() {
        let highest = snapshot.higher_release().filter(|_| !snapshot.rules.have_lines())?;
        return Some(format!(
            "{highest} is released already, so {version} corrects an older release; name the branch of such releases with maintenance-branch"
        ));
    }
    let rest = tag.strip_prefix(snapshot.tag_prefix.as_str())?;
    let is_version = rest.contains('.') && rest.starts_with(|c: char| c.is_ascii_digit());
    is_version.then(|| format!("the tag {tag} is not the one of version {version}, so nothing is published"))
}

/// A version that nobody wrote.
fn default(snapshot: &Snapshot) -> Option<String> {
    let found = &snapshot.found;
    (found.origin == Origin::Default).then(|| {
        let (file, version, name) = (&found.file, &found.version, found.ecosystem.name());
        format!("no version is written in {file}, so {name} takes {version}; a branch with rules will refuse it")
    })
}

/// A snapshot of the version that was released last: so it is until somebody raises it.
fn released_snapshot(snapshot: &Snapshot) -> Option<String> {
    let core = snapshot.version.core();
    if !snapshot.version.is_snapshot() || !snapshot.tags.released().contains(&core) {
        return None;
    }
    let branch = match &snapshot.subject {
        Subject::Pull { base, held_to: None, .. } => Some(base.as_str()),
        other => other.ruled_by(),
    };
    let height = branch.and_then(|name| snapshot.rules.of(name)).map_or(Height::AboveAll, Rule::height);
    let suggestion = snapshot.version.suggestion(Form::Snapshot, snapshot.tags.released(), height);
    Some(format!("{core} is released already, so {} is behind it; write {suggestion}", snapshot.version.as_str()))
}
