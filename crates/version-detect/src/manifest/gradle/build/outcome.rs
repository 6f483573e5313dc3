//! What a build leaves its project with.

use std::rc::Rc;

use super::super::lexer::Token;
use super::super::value::{At, TOOL, Unknown, Value, ValueKind};
use super::Build;
use crate::error::Error;
use crate::manifest::{Flaw, FlawKind, Place, Resolved, Written};

impl Build<'_, '_> {
    /// The version that the project is left with; `None` where nothing sets one.
    pub(in super::super) fn version(self) -> Result<Option<Resolved>, Error> {
        let unset = ValueKind::Text("unspecified".to_owned());
        let set = self.own_version().filter(|version| version.kind != unset);
        let is_property = set == self.properties.get("version");
        let name = self.properties.get("VERSION_NAME");
        let published = name.filter(|_| self.has_publisher && is_property);
        // What a root gives all its subprojects is the version of the whole, where it has none itself.
        let children = self.versions.children.as_ref().filter(|_| self.is_root());
        let version = published.or(set).or(name).or_else(|| self.properties.get("projectVersion")).or(children);
        match version {
            Some(Value { kind: ValueKind::Text(text), at }) if !text.trim().is_empty() => {
                let written = Written { text: text.trim().to_owned(), place: self.place(*at) };
                Ok(Some(Resolved::written(&self.sources.borrow()[at.source].0, written)))
            }
            Some(Value { kind: ValueKind::Unknown(unknown), at }) => Err(self.refusal(unknown.clone(), *at)),
            Some(Value { kind: ValueKind::Text(_) | ValueKind::Null, .. }) | None => self.without(),
            Some(Value { at, .. }) => {
                Err(self.refusal(Unknown::Other { expression: "version".to_owned(), why: TOOL }, *at))
            }
        }
    }

    /// Where nothing sets the version: why nobody can tell, if something hides it.
    fn without(&self) -> Result<Option<Resolved>, Error> {
        if let Some((at, id)) = &self.teller {
            return Err(self.refusal(Unknown::Git(id.clone()), *at));
        }
        match &self.hidden {
            Some((at, shown)) => {
                let why = "the script that is applied here is not in the repository, and nothing else sets the version";
                Err(self.refusal(Unknown::Other { expression: shown.clone(), why }, *at))
            }
            None => Ok(None),
        }
    }

    fn refusal(&self, unknown: Unknown, at: At) -> Error {
        let kind = match unknown {
            Unknown::Git(by) => FlawKind::NeedsGit { by },
            Unknown::Other { expression, why } => FlawKind::Unresolved { expression, why: why.to_owned() },
        };
        self.reader.flawed(&self.sources.borrow()[at.source].0, Flaw { kind, place: self.place(at) })
    }

    fn place(&self, at: At) -> Place {
        Place::of(&self.sources.borrow()[at.source].1, at.offset)
    }

    /// The source of some tokens, on one line and not too long.
    pub(super) fn shown(&self, source: usize, tokens: &[Token<'_>]) -> String {
        const MOST: usize = 60;
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return "version".to_owned() };
        let text = Rc::clone(&self.sources.borrow()[source].1);
        let words = text[first.start..last.end].split_whitespace().collect::<Vec<_>>().join(" ");
        match words.char_indices().nth(MOST) {
            Some((end, _)) => format!("{}...", &words[..end]),
            None => words,
        }
    }
}
