//! `pyproject.toml` (<https://packaging.python.org/en/latest/specifications/pyproject-toml/>): where a project's version
//! comes from.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::{Flaw, FlawKind, Place, Written};
use super::backend;

/// Where a version comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// It is written in the file itself.
    Static(Written, Spelling),
    /// A pattern finds it in another file.
    Pattern { path: Written, pattern: Pattern, spelling: Spelling },
    /// A module of Python tells it.
    Code { path: Written, expression: Option<Written> },
    /// flit's module has it in `__version__`.
    Module(Written),
    /// An attribute of a module, `a.b.version`, as setuptools looks it up.
    Attribute { attribute: Written, roots: Roots },
    /// The text of files.
    Files(Vec<Written>),
    /// Another manifest has it.
    Manifest(Written),
    /// `setup.py` or `setup.cfg`; `None` where nothing says that the project has a version.
    Setup(Option<Place>),
    /// The backend takes 0.0.0.
    Default(Place),
    /// The project has none.
    Nothing,
}

/// How a backend writes a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it is.
    Raw,
    /// In the normal form.
    Normal,
}

/// How a version is found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// What hatch looks for.
    Hatch,
    /// What pdm looks for.
    Pdm,
    /// A regular expression of its own, and the group that holds the version: a name, else the first.
    Own { expression: Written, group: Option<&'static str> },
}

/// The folders in which setuptools finds modules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Roots {
    /// By package; the empty one is for all others.
    pub(super) packages: Vec<(String, String)>,
    /// Folders that are tried in turn.
    pub(super) folders: Vec<String>,
}

/// A TOML document with its text.
pub(super) struct Document<'a> {
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Flaw> {
        Flaw::of_length(text)?;
        let root = DeTable::parse(text).map_err(|error| {
            let place = error.span().map_or(Place::START, |span| Place::of(text, span.start));
            Flaw::malformed(error.message(), place)
        })?;
        Ok(Self { text, root })
    }

    pub(super) fn value(&self, path: &[&str]) -> Option<&Spanned<DeValue<'a>>> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.root.get_ref().get(*first)?, |value, name| value.get_ref().as_table()?.get(*name))
    }

    pub(super) fn has(&self, path: &[&str]) -> bool {
        self.value(path).is_some()
    }

    /// Where the value at `path` begins; the file's beginning where there is none.
    pub(super) fn place(&self, path: &[&str]) -> Place {
        self.value(path).map_or(Place::START, |value| Place::of(self.text, value.span().start))
    }

    pub(super) fn flag(&self, path: &[&str]) -> Option<bool> {
        self.value(path)?.get_ref().as_bool()
    }

    /// The text at `path`; something else there is a flaw.
    pub(super) fn written(&self, path: &[&str]) -> Result<Option<Written>, Flaw> {
        let Some(value) = self.value(path) else { return Ok(None) };
        match self.text_of(value) {
            Some(written) => Ok(Some(written)),
            None => Err(Flaw { kind: FlawKind::NotText, place: self.place(path) }),
        }
    }

    fn text_of(&self, value: &Spanned<DeValue<'a>>) -> Option<Written> {
        let text = value.get_ref().as_str()?.to_owned();
        Some(Written { text, place: Place::of(self.text, value.span().start) })
    }

    /// The texts at `path`: of a list, or the one that stands there alone.
    pub(super) fn texts(&self, path: &[&str]) -> Vec<Written> {
        let Some(value) = self.value(path) else { return Vec::new() };
        match value.get_ref().as_array() {
            Some(items) => items.iter().filter_map(|item| self.text_of(item)).collect(),
            None => self.text_of(value).into_iter().collect(),
        }
    }

    /// The members of the table at `path` that are texts.
    pub(super) fn members(&self, path: &[&str]) -> Vec<(String, String)> {
        let table = self.value(path).and_then(|value| value.get_ref().as_table());
        let member = |(name, value): (&Spanned<_>, &Spanned<DeValue<'a>>)| {
            let name: &std::borrow::Cow<'_, str> = name.get_ref();
            Some((name.to_string(), value.get_ref().as_str()?.to_owned()))
        };
        table.into_iter().flat_map(DeTable::iter).filter_map(member).collect()
    }

    /// The requirement of the build on a distribution: `name`, as it is normalized.
    pub(super) fn requirement(&self, name: &str) -> Option<Place> {
        let requires = self.texts(&["build-system", "requires"]);
        requires.into_iter().find(|requirement| distribution(&requirement.text) == name).map(|found| found.place)
    }

    /// The module of the build backend.
    pub(super) fn backend(&self) -> String {
        self.texts(&["build-system", "build-backend"]).pop().map_or_else(String::new, |backend| backend.text)
    }
}

/// The normalized name of the distribution that a requirement names: `Setuptools_SCM[toml]>=8` asks for `setuptools-scm`.
pub(in crate::manifest) fn distribution(requirement: &str) -> String {
    let name = requirement.trim_start();
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).unwrap_or(name.len());
    name[..end].to_ascii_lowercase().replace(['_', '.'], "-")
}

/// Where the version of a project comes from. `hatch` is the text of a `hatch.toml` beside it.
pub(super) fn source(document: &Document<'_>) -> Result<Source, Flaw> {
    let spelling = if document.backend().starts_with("hatchling") { Spelling::Raw } else { Spelling::Normal };
    let version = document.written(&["project", "version"])?;
    let dynamic = document.texts(&["project", "dynamic"]).into_iter().find(|field| field.text == "version");
    match (version, dynamic) {
        // Poetry takes what is written, unless its plugin asks Git.
        (Some(version), Some(field)) if document.backend().starts_with("poetry.") => {
            match backend::source(document, field.place) {
                Err(flaw) if matches!(flaw.kind, FlawKind::NeedsGit { .. }) => Err(flaw),
                _ => Ok(Source::Static(version, spelling)),
            }
        }
        (Some(_), Some(field)) => Err(Flaw::malformed(
            "`version` has a value and is in `dynamic` too, which the build backend refuses",
            field.place,
        )),
        (Some(version), None) => Ok(Source::Static(version, spelling)),
        (None, Some(field)) => backend::source(document, field.place),
        (None, None) if document.has(&["project"]) && !document.has(&["tool", "poetry", "version"]) => {
            Ok(Source::Nothing)
        }
        (None, None) => backend::without_project(document),
    }
}

#[cfg(test)]
mod tests {
    use super::distribution;

    #[test]
    fn a_requirement_names_a_distribution() {
        for (requirement, name) in [
            ("setuptools", "setuptools"),
            (" Setuptools_SCM[toml]>=8", "setuptools-scm"),
            ("hatch.vcs ; python_version > '3'", "hatch-vcs"),
            ("pbr@https://example.com", "pbr"),
            ("", ""),
        ] {
            assert_eq!(distribution(requirement), name, "{requirement}");
        }
    }
}
