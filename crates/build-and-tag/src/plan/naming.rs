//! What an image is called, labeled and dated.

use std::cell::Cell;
use std::collections::BTreeMap;

use git_repository::Head;
use image_ref::{HighestStable, LatestPolicy, Release, release_tags};
use serde::Serialize;

use crate::dockerfile::Kind;
use crate::dockerfile::words::Lexer;
use crate::embedded::stages;
use crate::error::Error;
use crate::inputs::{BuiltBranch, Inputs, Tagging};
use crate::observe::Snapshot;
use crate::options::Annotations;
use crate::published;

/// What the image is called, labeled and dated.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Naming {
    /// The tags, the version's own first.
    pub(crate) tags: Vec<String>,
    /// `name:tag`, in the tags' order.
    pub(crate) references: Vec<String>,
    /// Whether the image is a stable version's, and `latest` does not follow because no release is known.
    pub(crate) releases_unknown: bool,
    /// The higher version that keeps `latest` from the stable version that is built.
    pub(crate) latest_held_by: Option<String>,
    /// The labels set by default; the Dockerfile's win over them, those of a base image do not.
    pub(crate) default_labels: BTreeMap<String, String>,
    /// The labels that were asked for; they win over the Dockerfile's.
    pub(crate) labels: BTreeMap<String, String>,
    /// Those of both that the image must have: defaults that the stages of the image set themselves are not among them.
    pub(crate) set_labels: BTreeMap<String, String>,
    /// The annotations.
    pub(crate) annotations: Annotations,
    /// The image's date, seconds since 1970.
    pub(crate) epoch: i64,
    /// Where the date is from.
    pub(crate) dated_by: DateSource,
    /// The same, RFC 3339.
    pub(crate) created: String,
}

/// Where an image's date is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DateSource {
    /// The input `source-date-epoch` or the variable `SOURCE_DATE_EPOCH`.
    Input,
    /// The commit.
    Commit,
    /// Neither was there: 1970.
    Fallback,
}

impl Naming {
    /// Decides names, labels and date.
    pub(super) fn of(inputs: &Inputs, snapshot: &Snapshot) -> Result<Self, Error> {
        let tags = tags(inputs, snapshot)?;
        let references: Vec<String> = tags.iter().map(|tag| format!("{}:{tag}", inputs.image)).collect();
        let (epoch, dated_by) = match (inputs.epoch, snapshot.commit.as_ref().map(|commit| commit.date)) {
            (Some(given), _) => (given, DateSource::Input),
            (None, Some(date)) => (date, DateSource::Commit),
            (None, None) => (0, DateSource::Fallback),
        };
        let created = jiff::Timestamp::from_second(epoch).map_err(|_| Error::Date { seconds: epoch })?.to_string();
        let default_labels = default_labels(inputs, snapshot, &created, &tags);
        let own = own_labels(inputs, snapshot);
        let mut set_labels = default_labels.clone();
        set_labels.retain(|name, _| own.iter().all(|(own, _)| own != name));
        set_labels.extend(inputs.labels.clone());
        Ok(Self {
            annotations: inputs.options.annotations.over(&default_labels),
            releases_unknown: releases_unknown(inputs, snapshot),
            latest_held_by: latest_held_by(inputs, snapshot),
            default_labels,
            tags,
            references,
            labels: inputs.labels.clone(),
            set_labels,
            epoch,
            dated_by,
            created,
        })
    }

    /// The commit that the image should say it is of.
    pub(crate) fn revision(&self) -> Option<&str> {
        let own = self.labels.get(published::REVISION).or_else(|| self.default_labels.get(published::REVISION));
        own.map(String::as_str)
    }

    /// The labels of an image whose Dockerfile sets `own`.
    pub(crate) fn labels_over(&self, own: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut labels = self.default_labels.clone();
        labels.extend(own.clone());
        labels.extend(self.labels.clone());
        labels
    }
}

/// The commit that is built.
pub(super) fn revision(inputs: &Inputs, snapshot: &Snapshot) -> Option<String> {
    let own = inputs.labels.get(published::REVISION).cloned();
    own.or_else(|| snapshot.commit.as_ref().map(|commit| commit.sha.clone())).or_else(|| inputs.sha.clone())
}

/// The tags, the version's own first.
pub(crate) fn tags(inputs: &Inputs, snapshot: &Snapshot) -> Result<Vec<String>, Error> {
    let tags = match &inputs.tagging {
        Tagging::Given(tags) => tags.iter().map(|given| given.tag.clone()).collect(),
        Tagging::Rules { version, branch, stable_branch, snapshot_branch, latest, .. } => release_tags(&Release {
            version,
            branch: Some(built_branch(branch, inputs, snapshot)?),
            stable_branch,
            snapshot_branch,
            latest: *latest,
            highest_stable: snapshot.highest_stable.as_ref().map_or(HighestStable::Unknown, HighestStable::Version),
        })
        .map_err(Error::Tags)?,
    };
    let mut names: Vec<String> = Vec::new();
    for tag in tags {
        if !names.iter().any(|name| name == tag.as_str()) {
            names.push(tag.as_str().to_owned());
        }
    }
    Ok(names)
}

fn releases_unknown(inputs: &Inputs, snapshot: &Snapshot) -> bool {
    match &inputs.tagging {
        Tagging::Rules { branch, stable_branch, latest: LatestPolicy::Stable, .. } => {
            let is_stable = built_branch(branch, inputs, snapshot).is_ok_and(|branch| branch == stable_branch);
            is_stable && snapshot.highest_stable.is_none()
        }
        Tagging::Rules { .. } | Tagging::Given(_) => false,
    }
}

fn latest_held_by(inputs: &Inputs, snapshot: &Snapshot) -> Option<String> {
    let Tagging::Rules { version, branch, stable_branch, latest: LatestPolicy::Stable, .. } = &inputs.tagging else {
        return None;
    };
    let is_stable = built_branch(branch, inputs, snapshot).is_ok_and(|branch| branch == stable_branch);
    let higher = snapshot.highest_stable.as_ref().filter(|highest| highest.cmp_precedence(version).is_gt())?;
    is_stable.then(|| higher.to_string())
}

/// The branch whose rules the tags follow.
fn built_branch<'a>(branch: &'a BuiltBranch, inputs: &Inputs, snapshot: &'a Snapshot) -> Result<&'a str, Error> {
    let folder = inputs.context.display();
    let why = match (branch, &snapshot.head) {
        (BuiltBranch::Named(name), _) | (BuiltBranch::CheckedOut, Some(Head::Branch(name))) => return Ok(name),
        (BuiltBranch::Other(full), _) => format!("the run is about `{full}`, which is no branch"),
        (BuiltBranch::CheckedOut, Some(Head::Detached)) => {
            format!("HEAD is detached in the repository of `{folder}`: a commit is checked out, and no branch")
        }
        (BuiltBranch::CheckedOut, Some(Head::Unknown) | None) => {
            format!("`{folder}` is in no Git repository, and no workflow run says it")
        }
    };
    Err(Error::NoBranch { why })
}

/// The labels of <https://github.com/opencontainers/image-spec/blob/main/annotations.md> that are known.
fn default_labels(inputs: &Inputs, snapshot: &Snapshot, created: &str, tags: &[String]) -> BTreeMap<String, String> {
    let revision = revision(inputs, snapshot);
    let title = inputs.image.repository.as_str().rsplit('/').next().map(str::to_owned);
    let known = [
        ("created", Some(created.to_owned())),
        ("revision", revision),
        ("source", inputs.source.clone()),
        ("title", title),
        ("version", default_version(inputs, tags)),
    ];
    let named =
        known.into_iter().filter_map(|(name, value)| Some((format!("org.opencontainers.image.{name}"), value?)));
    named.collect()
}

/// The labels that the image's own stages set, the target and those that it is built on, with their values as they are written.
fn own_labels(inputs: &Inputs, snapshot: &Snapshot) -> Vec<(String, String)> {
    let Ok(dockerfile) = &snapshot.dockerfile else { return Vec::new() };
    let lexer = Lexer { escape: dockerfile.escape };
    let resolved = inputs.platforms.first().and_then(|platform| stages::resolve(dockerfile, inputs, platform).ok());
    // Of stages that cannot be told apart each may be the image's.
    let is_own = |index: usize| resolved.as_ref().is_none_or(|stages| index == stages.target || stages.built_on[index]);
    let own = dockerfile.stages.iter().enumerate().filter(|(index, _)| is_own(*index));
    own.flat_map(|(_, stage)| &stage.instructions)
        .filter_map(|instruction| match &instruction.kind {
            Kind::Label(text) => lexer.pairs(text).ok(),
            _ => None,
        })
        .flatten()
        .map(|(name, value)| (name.trim_matches(['"', '\'']).to_owned(), value))
        .collect()
}

/// The version that the image names by its label; `None` where that follows from more than the inputs, so that only a build can tell.
pub(super) fn version(inputs: &Inputs, snapshot: &Snapshot, tags: &[String]) -> Option<String> {
    let given = inputs.labels.get(published::VERSION).cloned();
    given.or_else(|| match own_labels(inputs, snapshot).into_iter().rfind(|(name, _)| name == published::VERSION) {
        None => default_version(inputs, tags),
        Some((_, value)) => {
            let is_known = Cell::new(true);
            let lookup = |name: &str| {
                let value = inputs.build_args.get(name).cloned();
                is_known.set(is_known.get() && value.is_some());
                value
            };
            let escape = snapshot.dockerfile.as_ref().map_or('\\', |dockerfile| dockerfile.escape);
            Lexer { escape }.substitute(&value, &lookup).ok().filter(|_| is_known.get())
        }
    })
}

fn default_version(inputs: &Inputs, tags: &[String]) -> Option<String> {
    inputs.version.clone().or_else(|| tags.first().cloned())
}
