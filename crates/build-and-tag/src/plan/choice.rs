//! The choice of the builder: who is asked for, who can, who answered.

use super::{Build, Naming};
use crate::commands::{self, Details};
use crate::dockerfile::Dockerfile;
use crate::embedded::program::{self, Surroundings};
use crate::embedded::stages::{self, Obstacle, Stages};
use crate::error::{BuilderError, Error};
use crate::features::Builder;
use crate::inputs::Inputs;
use crate::observe::{Availability, Snapshot};

/// Why the embedded builder is taken where it can be.
const EMBEDDED: &str = "the Dockerfile needs no RUN and names its images by digest";

/// Who builds, and how; with `auto` also why.
pub(super) fn build(inputs: &Inputs, snapshot: &Snapshot, naming: &Naming) -> Result<(Build, Option<String>), Error> {
    let Some(builder) = Builder::chosen(inputs.builder) else {
        return chosen(inputs, snapshot, naming).map(|(build, because)| (build, Some(because)));
    };
    named(builder, inputs, snapshot, naming).map(|build| (build, None))
}

/// The builder that was named.
fn named(builder: Builder, inputs: &Inputs, snapshot: &Snapshot, naming: &Naming) -> Result<Build, Error> {
    match builder {
        Builder::Embedded => match embeddable(inputs, snapshot)? {
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
        Builder::Buildx | Builder::Docker | Builder::Buildah => {
            builder.check(inputs)?;
            usable(builder, inputs, snapshot).map(|()| foreign(builder, inputs, snapshot, naming))
        }
    }
}

/// The first builder that can, and why it is that one.
fn chosen(inputs: &Inputs, snapshot: &Snapshot, naming: &Naming) -> Result<(Build, String), Error> {
    match embeddable(inputs, snapshot)? {
        Embeddable::Yes(dockerfile, stages) => match Builder::Embedded.check(inputs) {
            Ok(()) => Ok((embedded(inputs, snapshot, naming, dockerfile, &stages)?, EMBEDDED.to_owned())),
            Err(refused) => {
                let because = refused.to_string();
                Ok((any_foreign(inputs, snapshot, naming).unwrap_or(Err(refused))?, because))
            }
        },
        Embeddable::No(obstacle) => {
            let because = format!("in {}, line {}, {}", inputs.file_shown, obstacle.line, obstacle.problem);
            let build = any_foreign(inputs, snapshot, naming);
            Ok((build.unwrap_or_else(|| Err(no_builder(inputs, snapshot, obstacle)))?, because))
        }
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
    Error::Builder(BuilderError::NoBuilder {
        file: inputs.file_shown.clone(),
        line: obstacle.line,
        problem: obstacle.problem,
        why: reasons.join("\n"),
    })
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
    answered(builder, snapshot)
        .map_err(|why| Error::Builder(BuilderError::BuilderUnusable { builder: builder.name(), why, help }))?;
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
    let details = Details {
        references: &naming.references,
        labels: &naming.set_labels,
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
