//! What must not or cannot be published as it is.

use crate::inputs::{Extraneous, Inputs};
use crate::journal;
use crate::s3::parts::LARGEST;
use crate::source::{LocalFile, Refusal, Source, SourceError};

/// The longest key in bytes.
const LONGEST_KEY: usize = 1024;

/// Refuses a source that must not or cannot be published as it is.
pub(crate) fn refuse(inputs: &Inputs, source: &Source) -> Result<(), SourceError> {
    let named = |wanted: &[Refusal]| -> Vec<String> {
        let refused = source.refused.iter().filter(|(_, refusal)| wanted.contains(refusal));
        refused.map(|(path, _)| path.to_owned()).collect()
    };
    let files = |bad: &dyn Fn(&str, &LocalFile) -> bool| -> Vec<String> {
        source.files.iter().filter(|(path, file)| bad(path, file)).map(|(path, _)| path.to_owned()).collect()
    };
    let sensitive = named(&[Refusal::Sensitive]);
    if !sensitive.is_empty() {
        return Err(SourceError::Sensitive { names: sensitive });
    }
    let maps = named(&[Refusal::SourceMap]);
    if !maps.is_empty() {
        return Err(SourceError::SourceMaps { names: maps });
    }
    let links = named(&[Refusal::Link]);
    if !links.is_empty() {
        return Err(SourceError::LinksRefused { names: links });
    }
    let outside = named(&[Refusal::OutsideLink]);
    if !outside.is_empty() {
        return Err(SourceError::OutsideLinks { names: outside });
    }
    let mut unusable = named(&[Refusal::BadName, Refusal::NoFile]);
    unusable.extend(files(&|path, _| {
        inputs.prefix.key(path).len() > LONGEST_KEY || journal::is_own(&inputs.prefix, &inputs.prefix.key(path))
    }));
    if !unusable.is_empty() {
        return Err(SourceError::UnusableNames { names: unusable });
    }
    if !source.twins.is_empty() {
        return Err(SourceError::SameKey { keys: source.twins.clone() });
    }
    let large = files(&|_, file| file.size > LARGEST);
    if !large.is_empty() {
        return Err(SourceError::TooLarge { names: large });
    }
    if source.files.is_empty() && inputs.extraneous == Extraneous::Delete {
        return Err(SourceError::Empty { path: inputs.source.display().to_string() });
    }
    Ok(())
}
