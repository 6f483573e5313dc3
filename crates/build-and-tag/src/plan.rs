//! Deciding: builder, tags, labels, date, and the builder's steps or command lines. Pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use git_repository::Head;
use image_ref::{Digest, HighestStable, LatestPolicy, Release, release_tags};
use serde::Serialize;

use crate::commands::{self, Commands, Details};
use crate::dockerfile::{Dockerfile, Kind, words::Lexer};
use crate::embedded::program::{self, Program, Surroundings};
use crate::embedded::stages::{self, Obstacle, Stages};
use crate::error::Error;
use crate::features::Builder;
use crate::inputs::{BuiltBranch, Inputs, Tagging};
use crate::observe::{Availability, Snapshot};
use crate::options::Annotations;
use crate::published;

/// What will be done.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    #[serde(flatten)]
    pub(crate) naming: Naming,
    pub(crate) output: PathBuf,
    pub(crate) previous: Option<Digest>,
    pub(crate) build: Build,
}

/// What the image is called, labeled and dated.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Naming {
    /// The tags, the version's own first.
    pub(crate) tags: Vec<String>,
    /// `name:tag`, in the tags' order.
    pub(crate) references: Vec<String>,
    /// Whether the image is a stable version's, and `latest` does not follow because no release is known.
    pub(crate) releases_unknown: bool,
    /// The labels set by default; the Dockerfile's win over them, those of a base image do not.
    pub(crate) default_labels: BTreeMap<String, String>,
    /// The labels that were asked for; they win over the Dockerfile's.
    pub(crate) labels: BTreeMap<String, String>,
    /// The annotations.
    pub(crate) annotations: Annotations,
    /// The image's date, seconds since 1970.
    pub(crate) epoch: i64,
    /// Where the date is from.
    pub(crate) dated_by: DateSource,
    /// The same, RFC 3339.
    pub(crate) created: String,
}

/// An image that was pushed before.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Existing {
    pub(crate) digest: Digest,
    /// `registry/repository@digest`.
    pub(crate) reference: String,
}

/// Who builds, and how.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Build {
    /// Nobody: the registry has the image.
    None(Existing),
    /// A program for each platform.
    Embedded(Vec<Program>),
    Buildx(Commands),
    Docker(Commands),
    Buildah(Commands),
}

impl Build {
    /// The builder's name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::None(_) => "none",
            Self::Embedded(_) => Builder::Embedded.name(),
            Self::Buildx(_) => Builder::Buildx.name(),
            Self::Docker(_) => Builder::Docker.name(),
            Self::Buildah(_) => Builder::Buildah.name(),
        }
    }
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
    /// The labels of an image whose Dockerfile sets `own`.
    pub(crate) fn labels_over(&self, own: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut labels = self.default_labels.clone();
        labels.extend(own.clone());
        labels.extend(self.labels.clone());
        labels
    }
}

/// Decides everything.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    let tags = tags(inputs, snapshot)?;
    let references: Vec<String> = tags.iter().map(|tag| format!("{}:{tag}", inputs.image)).collect();
    let (epoch, dated_by) = match (inputs.epoch, snapshot.commit.as_ref().map(|commit| commit.date)) {
        (Some(given), _) => (given, DateSource::Input),
        (None, Some(date)) => (date, DateSource::Commit),
        (None, None) => (0, DateSource::Fallback),
    };
    let created = jiff::Timestamp::from_second(epoch).map_err(|_| Error::Date { seconds: epoch })?.to_string();
    let default_labels = default_labels(inputs, snapshot, &created, &tags);
    let naming = Naming {
        annotations: inputs.options.annotations.over(&default_labels),
        releases_unknown: releases_unknown(inputs, snapshot),
        default_labels,
        tags,
        references,
        labels: inputs.labels.clone(),
        epoch,
        dated_by,
        created,
    };
    let build = match existing(inputs, snapshot)? {
        Some(existing) => Build::None(existing),
        None => build(inputs, snapshot, &naming)?,
    };
    Ok(Plan { naming, output: inputs.output.clone(), previous: snapshot.previous.clone(), build })
}

/// The image of this commit that the registry has already.
pub(crate) fn existing(inputs: &Inputs, snapshot: &Snapshot) -> Result<Option<Existing>, Error> {
    let Some(destination) = &inputs.destination else { return Ok(None) };
    let tags = tags(inputs, snapshot)?;
    let revision = revision(inputs, snapshot);
    let found = published::existing(destination, &snapshot.published, &tags, revision.as_deref())?;
    Ok(found.map(|digest| Existing { reference: format!("{}@{digest}", destination.repository), digest }))
}

/// The commit that is built.
fn revision(inputs: &Inputs, snapshot: &Snapshot) -> Option<String> {
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
    let version = inputs.version.clone().or_else(|| tags.first().cloned());
    let known = [
        ("created", Some(created.to_owned())),
        ("revision", revision),
        ("source", inputs.source.clone()),
        ("title", title),
        ("version", version),
    ];
    let named =
        known.into_iter().filter_map(|(name, value)| Some((format!("org.opencontainers.image.{name}"), value?)));
    named.collect()
}

fn build(inputs: &Inputs, snapshot: &Snapshot, naming: &Naming) -> Result<Build, Error> {
    match Builder::chosen(inputs.builder) {
        Some(Builder::Embedded) => match embeddable(inputs, snapshot)? {
            Embeddable::Yes(dockerfile, stages) => {
                Builder::Embedded.check(inputs)?;
                embedded(inputs, snapshot, naming, dockerfile, &stages)
            }
            Embeddable::No(obstacle) => Err(Error::at(
                &inputs.file_shown,
                obstacle.line,
                format!("{}; the embedded builder cannot build that", obstacle.problem),
                "build with `builder: buildx`, `docker` or `buildah`, or do this before the image is built",
            )),
        },
        Some(builder) => {
            builder.check(inputs)?;
            usable(builder, inputs, snapshot).map(|()| foreign(builder, inputs, snapshot, naming))
        }
        None => match embeddable(inputs, snapshot)? {
            Embeddable::Yes(dockerfile, stages) => match Builder::Embedded.check(inputs) {
                Ok(()) => embedded(inputs, snapshot, naming, dockerfile, &stages),
                Err(refused) => any_foreign(inputs, snapshot, naming).unwrap_or(Err(refused)),
            },
            Embeddable::No(obstacle) => {
                any_foreign(inputs, snapshot, naming).unwrap_or_else(|| Err(no_builder(inputs, snapshot, obstacle)))
            }
        },
    }
}

enum Embeddable<'a> {
    /// The stages for each platform.
    Yes(&'a Dockerfile, Vec<Stages>),
    No(Obstacle),
}

fn embeddable<'a>(inputs: &Inputs, snapshot: &'a Snapshot) -> Result<Embeddable<'a>, Error> {
    let dockerfile = snapshot.dockerfile.as_ref().map_err(|error| {
        let help = "correct the line; see https://docs.docker.com/reference/dockerfile/";
        Error::at(&inputs.file_shown, error.line, format!("the Dockerfile is malformed: {}", error.message), help)
    })?;
    let mut all = Vec::new();
    for platform in &inputs.platforms {
        let mut stages = stages::resolve(dockerfile, inputs, platform)?;
        if let Some(obstacle) = stages.obstacle.take() {
            return Ok(Embeddable::No(obstacle));
        }
        all.push(stages);
    }
    Ok(Embeddable::Yes(dockerfile, all))
}

fn embedded(
    inputs: &Inputs,
    snapshot: &Snapshot,
    naming: &Naming,
    dockerfile: &Dockerfile,
    stages: &[Stages],
) -> Result<Build, Error> {
    let each = inputs.platforms.iter().zip(stages).zip(&snapshot.images);
    let programs = each.map(|((platform, stages), images)| {
        let (tree, default_labels) = (&snapshot.tree, &naming.default_labels);
        program::compile(&Surroundings { dockerfile, inputs, platform, stages, tree, images, default_labels })
    });
    programs.collect::<Result<_, _>>().map(Build::Embedded)
}

/// The first builder that answered and can do what is asked for; `None` where none answered.
fn any_foreign(inputs: &Inputs, snapshot: &Snapshot, naming: &Naming) -> Option<Result<Build, Error>> {
    let mut refused = None;
    for builder in [Builder::Buildx, Builder::Docker, Builder::Buildah] {
        if answered(builder, snapshot).is_err() {
            continue;
        }
        match builder.check(inputs).and_then(|()| usable(builder, inputs, snapshot)) {
            Ok(()) => return Some(Ok(foreign(builder, inputs, snapshot, naming))),
            Err(error) => refused = Some(refused.unwrap_or(error)),
        }
    }
    refused.map(Err)
}

/// Nothing is there that could build what the embedded builder cannot.
fn no_builder(inputs: &Inputs, snapshot: &Snapshot, obstacle: Obstacle) -> Error {
    let all = [Builder::Buildx, Builder::Docker, Builder::Buildah];
    let mut reasons: Vec<String> = all.into_iter().filter_map(|builder| answered(builder, snapshot).err()).collect();
    reasons.dedup();
    Error::NoBuilder {
        file: inputs.file_shown.clone(),
        line: obstacle.line,
        problem: obstacle.problem,
        why: reasons.join("\n"),
    }
}

/// What a builder answered; the error is the reason why it did not.
fn answered(builder: Builder, snapshot: &Snapshot) -> Result<(), String> {
    let answer = match builder {
        Builder::Embedded => return Ok(()),
        Builder::Buildx => {
            return match &snapshot.buildx {
                Some(Ok(_)) => Ok(()),
                Some(Err(reason)) => Err(reason.clone()),
                None => Err("`docker buildx` was not asked".to_owned()),
            };
        }
        Builder::Docker => &snapshot.docker,
        Builder::Buildah => &snapshot.buildah,
    };
    match answer {
        Availability::Ready => Ok(()),
        Availability::Missing(reason) => Err(reason.clone()),
        Availability::NotAsked => Err(format!("`{}` was not asked", builder.name())),
    }
}

/// Refuses a builder that did not answer, or that cannot give an image here.
fn usable(builder: Builder, inputs: &Inputs, snapshot: &Snapshot) -> Result<(), Error> {
    let help = match builder {
        Builder::Embedded | Builder::Docker => {
            "start the Docker daemon, or choose `builder: buildah` (or `embedded` for a Dockerfile without RUN)"
        }
        Builder::Buildx => {
            "install the plugin (docker/setup-buildx-action, `apt-get install docker-buildx-plugin`), or choose another `builder`"
        }
        Builder::Buildah => {
            "install it (`apt-get install buildah`), or choose `builder: docker` (or `embedded` for a Dockerfile without RUN)"
        }
    };
    answered(builder, snapshot).map_err(|why| Error::BuilderUnusable { builder: builder.name(), why, help })?;
    let frontend = snapshot.dockerfile.as_ref().ok().and_then(|dockerfile| stages::frontend(dockerfile, inputs));
    match (builder, &snapshot.buildx, frontend) {
        (Builder::Buildx, Some(Ok(buildx)), _) => buildx.refusal(inputs).map_or(Ok(()), Err),
        (Builder::Buildah, _, Some(Obstacle { line, problem })) => {
            let problem = format!("{problem}, and buildah has one of its own");
            Err(Error::at(&inputs.file_shown, line, problem, "build with `builder: buildx` or `docker`"))
        }
        _ => Ok(()),
    }
}

fn foreign(builder: Builder, inputs: &Inputs, snapshot: &Snapshot, naming: &Naming) -> Build {
    let labels = foreign_labels(snapshot, naming);
    let details = Details {
        references: &naming.references,
        labels: &labels,
        annotations: &naming.annotations,
        layouts: &snapshot.layouts,
        epoch: naming.epoch,
    };
    match builder {
        Builder::Buildx => Build::Buildx(commands::buildx(inputs, &details)),
        Builder::Embedded | Builder::Docker => Build::Docker(commands::docker(inputs, &details)),
        Builder::Buildah => Build::Buildah(commands::buildah(inputs, &details)),
    }
}

/// The labels for builders whose `--label` wins over the Dockerfile's: defaults that the Dockerfile sets are left out.
fn foreign_labels(snapshot: &Snapshot, naming: &Naming) -> Vec<(String, String)> {
    let own = snapshot.dockerfile.as_ref().map(label_names).unwrap_or_default();
    let defaults = naming.default_labels.iter().filter(|(name, _)| !own.contains(name));
    let merged: BTreeMap<&String, &String> = defaults.chain(&naming.labels).collect();
    merged.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn label_names(dockerfile: &Dockerfile) -> Vec<String> {
    let lexer = Lexer { escape: dockerfile.escape };
    let instructions = dockerfile.stages.iter().flat_map(|stage| &stage.instructions);
    instructions
        .filter_map(|instruction| match &instruction.kind {
            Kind::Label(text) => lexer.pairs(text).ok(),
            _ => None,
        })
        .flatten()
        .map(|(name, _)| name.trim_matches(['"', '\'']).to_owned())
        .collect()
}
