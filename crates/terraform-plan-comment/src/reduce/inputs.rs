//! The inputs as they are meant.

use std::path::PathBuf;

use actions_core::{InputErrors, lines, lines_or_commas};

use super::args::ReduceArgs;
use super::collect;
use crate::marker::Name;
use crate::target::Destinations;

/// What the run is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReduceInputs {
    /// Folders, files and globs.
    pub(crate) parts: Vec<String>,
    pub(crate) expect: Vec<Name>,
    pub(crate) destinations: Destinations,
    /// Where the page for a browser goes.
    pub(crate) html_file: Option<PathBuf>,
}

impl ReduceInputs {
    /// Parses what was typed, noting every bad field.
    pub(crate) fn parse(args: &ReduceArgs) -> Result<Self, InputErrors> {
        let mut bad = InputErrors::new();
        let parts = lines(&args.parts);
        bad.required("parts", parts.first().map(String::as_str), |_| Ok::<_, String>(()));
        let parts = bad.list("parts", &parts, collect::pattern);
        let expect = names(&args.expect, &mut bad);
        let name = bad.optional("name", args.name.as_deref(), Name::parse);
        let destinations = Destinations::parse(&args.destination, &args.overrides, name, &mut bad);
        let html_file = args.html_file.as_ref().filter(|path| !path.is_empty()).map(PathBuf::from);
        bad.finish(|| Some(Self { parts, expect, destinations, html_file }))
    }
}

/// The names in lines, between commas, or in a list of JSON, as `toJSON` of a matrix gives it.
fn names(values: &[String], bad: &mut InputErrors) -> Vec<Name> {
    let mut names = Vec::new();
    for value in values {
        if !value.trim_start().starts_with('[') {
            names.extend(lines_or_commas(std::slice::from_ref(value)));
            continue;
        }
        match serde_json::from_str::<Vec<String>>(value) {
            Ok(list) => names.extend(list),
            Err(error) => {
                let help = "write `[\"network\", \"database\"]`, or one name per line".to_owned();
                bad.add("expect", format!("begins with `[` and is no JSON list of texts: {error}"), Some(help));
            }
        }
    }
    bad.list("expect", &names, Name::parse)
}

#[cfg(test)]
mod tests;
