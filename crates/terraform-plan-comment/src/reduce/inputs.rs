//! The inputs as they are meant.

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
}

impl ReduceInputs {
    /// Parses what was typed, noting every bad field.
    pub(crate) fn parse(args: &ReduceArgs) -> Result<Self, InputErrors> {
        let mut bad = InputErrors::new();
        let parts = lines(&args.parts);
        bad.required("parts", parts.first().map(String::as_str), |_| Ok::<_, String>(()));
        let parts = bad.list("parts", &parts, collect::pattern);
        let expect = bad.list("expect", &lines_or_commas(&args.expect), Name::parse);
        let name = bad.optional("name", args.name.as_deref(), Name::parse);
        let destinations = Destinations::parse(&args.destination, &args.overrides, name, &mut bad);
        bad.finish(|| Some(Self { parts, expect, destinations }))
    }
}
