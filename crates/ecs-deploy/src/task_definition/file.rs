//! A task definition file: what it registers, and where in it something stands.

use std::path::Path;

use actions_core::Location;

use super::model::{Deviations, Mistyped, Stranger, deviations};
use super::{DESCRIBE_ONLY, NotATaskDefinition, TaskDefinition, is_wrapper, unwrapped};
use crate::document::{Document, Flaw, Flawed, Format, Step};
use crate::error::DefinitionError;

/// A task definition file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct File {
    /// The path for annotations.
    pub(crate) path: String,
    pub(crate) definition: TaskDefinition,
    /// What is of another type than ECS takes, in words, each with its place.
    pub(crate) mistyped: Vec<(String, Location)>,
    document: Document,
    is_wrapped: bool,
}

/// A field whose name looks like a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misspelling {
    /// Where it is: `containerDefinitions.app.enviroment`.
    pub(crate) path: String,
    /// The field that was probably meant.
    pub(crate) meant: &'static str,
    /// Its place in the file.
    pub(crate) location: Location,
}

impl File {
    /// Reads the text of the file at `path`, which is shown as `shown`. `new_fields` are names that are no slips.
    pub(crate) fn parse(shown: &str, path: &Path, text: &str, new_fields: &[String]) -> Result<Self, DefinitionError> {
        let format = Format::of(path, text);
        let document = Document::read(text, format).map_err(|flawed| of_flaw(shown, format, flawed))?;
        let value = document.to_value();
        let no_definition = |error: NotATaskDefinition| DefinitionError::NotATaskDefinition {
            location: Location::file(shown.to_owned()),
            why: error.to_string(),
        };
        let is_wrapped = value.as_object().is_some_and(is_wrapper);
        let inner = unwrapped(value.clone()).map_err(no_definition)?;
        let definition = TaskDefinition::from_document(value).map_err(no_definition)?;
        let file = Self { path: shown.to_owned(), definition, mistyped: Vec::new(), document, is_wrapped };
        let Deviations { strangers, mistyped } = deviations(&inner.into());
        let slips = file.slips(strangers, new_fields);
        if !slips.is_empty() {
            return Err(DefinitionError::Misspelled { found: slips });
        }
        let is_meant = |bad: &Mistyped| bad.spot.field().is_some_and(|name| new_fields.iter().any(|new| new == name));
        let (refused, doubted): (Vec<_>, Vec<_>) =
            mistyped.into_iter().partition(|bad| bad.wrong.is_certain() && !is_meant(bad));
        file.refuse(&refused)?;
        let mistyped = doubted.iter().map(|bad| (mistyped_text(bad), file.location(&bad.spot.steps))).collect();
        Ok(Self { mistyped, ..file })
    }

    /// ECS would refuse these values, and in a dry run nobody asks it.
    fn refuse(&self, values: &[Mistyped]) -> Result<(), DefinitionError> {
        let place = |bad: &Mistyped| self.location(&bad.spot.steps);
        let Some(first) = values.first() else { return Ok(()) };
        let lines: Vec<String> = values.iter().map(|bad| format!("{}: {}", place(bad), mistyped_text(bad))).collect();
        let why = if values.len() == 1 { mistyped_text(first) } else { lines.join("\n") };
        Err(DefinitionError::NotATaskDefinition { location: place(first), why })
    }

    fn slips(&self, strangers: Vec<Stranger>, new_fields: &[String]) -> Vec<Misspelling> {
        strangers
            .into_iter()
            .filter(|stranger| !(stranger.spot.steps.len() == 1 && DESCRIBE_ONLY.contains(&stranger.name.as_str())))
            .filter(|stranger| !new_fields.contains(&stranger.name))
            .filter_map(|stranger| {
                let location = self.location(&stranger.spot.steps);
                Some(Misspelling { path: stranger.spot.shown, meant: stranger.meant?, location })
            })
            .collect()
    }

    /// The place of what is at `steps` of the task definition; the file alone when it is not in it.
    pub(crate) fn location(&self, steps: &[Step]) -> Location {
        let wrapped = || {
            let mut whole = vec![Step::Member("taskDefinition".to_owned())];
            whole.extend_from_slice(steps);
            self.document.position(&whole)
        };
        // Tags stand inside or beside.
        let position = if self.is_wrapped {
            wrapped().or_else(|| self.document.position(steps))
        } else {
            self.document.position(steps)
        };
        let mut location = Location::file(self.path.clone());
        location.line = position.map(|position| position.line);
        location.column = position.map(|position| position.column);
        location
    }
}

fn mistyped_text(bad: &Mistyped) -> String {
    format!("`{}` is {}", bad.spot.shown, bad.wrong.describe())
}

fn of_flaw(shown: &str, format: Format, flawed: Flawed) -> DefinitionError {
    let Flawed { at, flaw } = flawed;
    let location = Location { file: shown.to_owned(), line: Some(at.line), column: Some(at.column) };
    match (flaw, format) {
        (Flaw::DuplicateKey(name), _) => DefinitionError::DuplicateKey { location, name },
        (Flaw::Syntax(why), Format::Json) => DefinitionError::NotJson { location, why },
        (Flaw::Syntax(why), Format::Yaml) => DefinitionError::NotYaml { location, why },
        (flaw @ Flaw::ChangedNumber(_), _) => DefinitionError::NotATaskDefinition { location, why: flaw.to_string() },
    }
}
