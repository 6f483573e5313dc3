//! The task definition of the deployment: where it starts, what is edited, what of it is told.

use std::collections::BTreeSet;

use actions_core::Location;
use serde::Serialize;

use crate::error::{DefinitionError, Error};
use crate::image_assignment::ImageAssignment;
use crate::inputs::{Inputs, SecretLint, Source};
use crate::names::revision_name;
use crate::observe::{Registered, Snapshot};
use crate::plan::Registration;
use crate::task_definition::{EditError, Edits, File, PlainSecret, TaskDefinition, absent};

/// Something of the task definition that the user should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Lint {
    /// What it is; holds no value of the task definition.
    pub(crate) message: String,
    /// Where it stands in the file.
    pub(crate) location: Option<Location>,
}

/// The task definition to deploy, and whether it is registered already.
pub(super) struct Made {
    pub(super) definition: TaskDefinition,
    pub(super) registration: Registration,
    /// What was to be removed and is not there.
    absent: Vec<String>,
}

/// Makes the edits, and finds the revision that is the same already.
///
/// A revision that was named and is not edited is deployed itself, even where what the service runs is the same.
pub(super) fn made(inputs: &Inputs, snapshot: &Snapshot) -> Result<Made, Error> {
    let is_edited = !inputs.images.is_empty() || !inputs.definition.edits.is_empty();
    if let (Source::Revision(_), Some(named), false) = (&inputs.definition.source, &snapshot.named, is_edited) {
        must_be_active(named)?;
    }
    if inputs.definition.source == Source::Service {
        must_be_one_family(snapshot)?;
    }
    let base = base(snapshot)?;
    let mut definition = base.clone();
    put_images(&mut definition, &inputs.images)?;
    edit(&mut definition, &inputs.definition.edits)?;
    let absent = absent(base, &inputs.definition.edits);
    let known = match &snapshot.named {
        Some(named) if !is_edited => vec![named],
        named => snapshot.current.iter().chain(named).collect(),
    };
    let mut usable = known.into_iter().filter(|known| is_usable(known, snapshot));
    let same = usable.find(|known| definition.is_same(&known.definition));
    let registration = same.map_or(Registration::New, |known| Registration::Reuse(known.arn.clone()));
    Ok(Made { definition, registration, absent })
}

/// Whether the services can have this revision: ECS gives a service a retired one only by leaving it.
fn is_usable(known: &Registered, snapshot: &Snapshot) -> bool {
    let all_run_it = snapshot.services.iter().all(|seen| seen.service.task_definition == known.arn);
    is_active(known) || all_run_it && !snapshot.services.is_empty()
}

fn is_active(known: &Registered) -> bool {
    matches!(known.status.as_str(), "ACTIVE" | "")
}

/// Where it starts: the file, the revision that was named, or what the service runs.
fn base(snapshot: &Snapshot) -> Result<&TaskDefinition, Error> {
    let file = snapshot.file.as_ref().map(|file| &file.definition);
    let registered = || snapshot.named.as_ref().or(snapshot.current.as_ref()).map(|known| &known.definition);
    // Without a file the observation has what is registered, or has failed.
    file.or_else(registered).ok_or_else(|| Error::UnexpectedAnswer {
        operation: "DescribeTaskDefinition",
        why: "there is no task definition to start from".to_owned(),
    })
}

/// What one service runs is no task definition for another.
fn must_be_one_family(snapshot: &Snapshot) -> Result<(), DefinitionError> {
    let revisions = snapshot.services.iter().map(|seen| revision_name(&seen.service.task_definition));
    let families: BTreeSet<&str> =
        revisions.map(|name| name.rsplit_once(':').map_or(name, |(family, _)| family)).collect();
    if families.len() < 2 {
        return Ok(());
    }
    Err(DefinitionError::SeveralFamilies { families: families.into_iter().map(str::to_owned).collect() })
}

fn must_be_active(named: &Registered) -> Result<(), DefinitionError> {
    if is_active(named) {
        return Ok(());
    }
    let name = revision_name(&named.arn).to_owned();
    Err(DefinitionError::Inactive { name, status: named.status.clone() })
}

fn names(definition: &TaskDefinition) -> Vec<String> {
    definition.containers().iter().map(|container| container.name.to_owned()).collect()
}

/// Gives the containers their images.
pub(crate) fn put_images(definition: &mut TaskDefinition, images: &[ImageAssignment]) -> Result<(), DefinitionError> {
    let found = names(definition);
    for assignment in images {
        let container = match (&assignment.container, found.as_slice()) {
            (Some(container), _) => container,
            (None, [only]) => only,
            (None, _) => return Err(DefinitionError::AmbiguousImage { image: assignment.image.to_string(), found }),
        };
        if !definition.set_image(container, &assignment.image.to_string()) {
            return Err(DefinitionError::UnknownContainer { container: container.clone(), found });
        }
    }
    Ok(())
}

fn edit(definition: &mut TaskDefinition, edits: &Edits) -> Result<(), DefinitionError> {
    let found = names(definition);
    definition.edit(edits).map_err(|error| match error {
        EditError::UnknownContainer { container } => DefinitionError::UnknownContainer { container, found },
        EditError::Ambiguous { input } => DefinitionError::AmbiguousContainer { input, found },
        EditError::NoLogDriver { container } => DefinitionError::NoLogDriver { container },
        EditError::Unusable { path, wanted } => DefinitionError::NotEditable { path, wanted },
    })
}

/// What of the task definition is told, or keeps it from being deployed.
pub(super) fn lints(inputs: &Inputs, snapshot: &Snapshot, made: &Made) -> Result<Vec<Lint>, DefinitionError> {
    let notes =
        inputs.definition.notes.iter().chain(&made.absent).map(|note| Lint { message: note.clone(), location: None });
    let mistyped = snapshot
        .file
        .iter()
        .flat_map(|file| &file.mistyped)
        .map(|(problem, location)| Lint { message: problem.clone(), location: Some(location.clone()) });
    let mut lints: Vec<Lint> = notes.chain(mistyped).collect();
    let secrets = made.definition.plain_secrets();
    let place = |secret: &PlainSecret| snapshot.file.as_ref().and_then(|file| place(file, secret));
    match (inputs.definition.secret_lint, secrets.first()) {
        (SecretLint::Off, _) | (_, None) => {}
        (SecretLint::Fail, Some(first)) => {
            let location = place(first);
            return Err(DefinitionError::PlainSecrets { found: secrets, location });
        }
        (SecretLint::Warn, Some(_)) => lints.extend(secrets.iter().map(|secret| Lint {
            message: format!("{}; {}", secret.problem(), secret.remedy()),
            location: place(secret),
        })),
    }
    Ok(lints)
}

/// Where the file has it: an edit may have moved it, or set it.
fn place(file: &File, secret: &PlainSecret) -> Option<Location> {
    let own = file.definition.plain_secrets();
    let same = own.iter().find(|own| own.container == secret.container && own.variable == secret.variable);
    same.filter(|own| own.value == secret.value).map(|own| file.location(&own.spot.steps))
}
