//! What is told of an error of the task definition beside its own sentence.

use actions_core::{ActionError, ExitCode, Location};

use super::DefinitionError;
use crate::task_definition::PlainSecret;

/// Everything but the first, each on a line of its own.
fn further(lines: Vec<String>) -> Option<String> {
    (lines.len() > 1).then(|| lines.into_iter().skip(1).take(20).collect::<Vec<String>>().join("\n"))
}

impl ActionError for DefinitionError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::FileUnreadable { source, .. } => Some(source.to_string()),
            Self::NotJson { why, .. } | Self::NotYaml { why, .. } | Self::NotATaskDefinition { why, .. } => {
                Some(why.clone())
            }
            Self::Refused { answer, mistyped, .. } => {
                Some([std::slice::from_ref(&answer.message), mistyped.as_slice()].concat().join("\n"))
            }
            Self::NotKept { cleanup, .. } => Some(cleanup.clone()),
            Self::Misspelled { found } => further(
                found
                    .iter()
                    .map(|slip| format!("{}: `{}`; did you mean `{}`?", slip.location, slip.path, slip.meant))
                    .collect(),
            ),
            Self::PlainSecrets { found, .. } => further(found.iter().map(PlainSecret::problem).collect()),
            Self::DuplicateKey { .. }
            | Self::NotFound { .. }
            | Self::Inactive { .. }
            | Self::SeveralFamilies { .. }
            | Self::UnknownContainer { .. }
            | Self::AmbiguousImage { .. }
            | Self::AmbiguousContainer { .. }
            | Self::NoLogDriver { .. }
            | Self::NotEditable { .. } => None,
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::NotJson { location, .. }
            | Self::NotYaml { location, .. }
            | Self::DuplicateKey { location, .. }
            | Self::NotATaskDefinition { location, .. } => Some(location.clone()),
            Self::Refused { location, .. } | Self::NotKept { location, .. } | Self::PlainSecrets { location, .. } => {
                location.clone()
            }
            Self::Misspelled { found } => found.first().map(|slip| slip.location.clone()),
            Self::FileUnreadable { .. }
            | Self::NotFound { .. }
            | Self::Inactive { .. }
            | Self::SeveralFamilies { .. }
            | Self::UnknownContainer { .. }
            | Self::AmbiguousImage { .. }
            | Self::AmbiguousContainer { .. }
            | Self::NoLogDriver { .. }
            | Self::NotEditable { .. } => None,
        }
    }
}
