//! XML documents, whatever they say, in bounded time and memory.

use roxmltree::{Document, ParsingOptions};

use super::{Flaw, Place};

/// The most nodes of a document; the largest known manifests have some thousands.
const MOST_NODES: u32 = 500_000;

/// How deep elements may nest.
const DEEPEST: usize = 1000;

/// Parses a document. Document type definitions are refused, and with them every entity that could expand.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Flaw> {
    check_depth(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let place = error.pos();
        let place = Place { line: place.row.max(1) as usize, column: place.col.max(1) as usize };
        Flaw::malformed(error.to_string(), place)
    })
}

/// Refuses a document that nests deeper than any pom, before the parser recurses into it.
fn check_depth(text: &str) -> Result<(), Flaw> {
    let mut depth = 0_usize;
    for (offset, _) in text.match_indices('<') {
        let rest = &text[offset + 1..];
        if rest.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            // An attribute may hold no `<`, so the look ends there, and the whole stays linear.
            let closes_itself = rest.find(['<', '>']).is_some_and(|end| rest[..end].ends_with('/'));
            depth += usize::from(!closes_itself);
        }
        if depth > DEEPEST {
            return Err(Flaw::malformed("its elements nest too deep", Place::of(text, offset)));
        }
    }
    Ok(())
}
