//! Python: `pyproject.toml`, `setup.cfg`, `setup.py`, read as the project's build backend reads them.
//!
//! Nothing of the project is run. Where the version comes from is what the backend's table says (`pyproject`, `backend`);
//! texts of Python are read as far as they bind constants (`source`). A version is spelled as the backend writes it into the
//! distribution: hatchling keeps what is written, all others write the normal form.

mod backend;
mod lexer;
mod module;
mod outside;
mod pattern;
mod pep440;
mod pyproject;
mod setup;
pub(super) mod setup_cfg;
mod source;
mod value;

use std::path::{Path, PathBuf};

use self::pyproject::{Document, Pattern, Source, Spelling};
use super::{Ecosystem, Flaw, Place, Reader, Resolved, Written, names_of};
use crate::error::{Error, location};
use pep440::Pep440;

pub(super) use self::pyproject::distribution;

/// The manifests in a folder with these files: one of them, as they are read together.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    let known = names_of(names, &["pyproject.toml", "setup.cfg", "setup.py"]);
    known.into_iter().take(1).collect()
}

/// The version of the project in the manifest's folder.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    let Some(file) = reader.locate(&folder.join("pyproject.toml"))? else {
        return setuptools(reader, folder, None);
    };
    let (source, is_setuptools) = reader.parse(&file, |text| {
        let document = Document::parse(text)?;
        let backend = document.backend();
        Ok((pyproject::source(&document), backend.is_empty() || backend.starts_with("setuptools")))
    })?;
    let source = match (source, reader.locate(&folder.join("hatch.toml"))?) {
        (Err(flaw), Some(hatch)) => return beside(reader, folder, (&file, flaw), &hatch),
        (source, _) => source.map_err(|flaw| reader.flawed(&file, flaw))?,
    };
    if let Source::Setup(declared) = source {
        return setuptools(reader, folder, declared.map(|place| (file.as_path(), place)));
    }
    let Some(found) = of_source(reader, folder, &file, source)? else { return Ok(None) };
    if is_setuptools {
        return setup::tagged(reader, &setup::config(reader, folder)?, found).map(Some);
    }
    Ok(Some(found))
}

/// `hatch.toml` has the settings of hatch that `pyproject.toml` lacks; what else is wrong there stays wrong.
fn beside(reader: &Reader<'_>, folder: &Path, refused: (&Path, Flaw), hatch: &Path) -> Result<Option<Resolved>, Error> {
    let (file, flaw) = refused;
    let is_hatch = reader.parse(file, |text| Ok(Document::parse(text)?.backend().starts_with("hatchling")))?;
    let source = reader.parse(hatch, |text| {
        let document = Document::parse(text)?;
        document.has(&["version"]).then(|| backend::hatch(&document, &["version"], Place::START)).transpose()
    })?;
    match source.filter(|_| is_hatch) {
        Some(source) => of_source(reader, folder, hatch, source),
        None => Err(reader.flawed(file, flaw)),
    }
}

fn setuptools(reader: &Reader<'_>, folder: &Path, declared: Option<(&Path, Place)>) -> Result<Option<Resolved>, Error> {
    let config = setup::config(reader, folder)?;
    match setup::resolve(reader, folder, &config, declared)? {
        Some(found) => setup::tagged(reader, &config, found).map(Some),
        None => Ok(None),
    }
}

/// The version that `source`, which `file` names, leads to.
fn of_source(reader: &Reader<'_>, folder: &Path, file: &Path, source: Source) -> Result<Option<Resolved>, Error> {
    let (mut found, spelling) = match source {
        Source::Nothing | Source::Setup(_) => return Ok(None),
        Source::Default(place) => return Ok(Some(Resolved::default(file, "0.0.0", place))),
        Source::Static(version, spelling) => (Resolved::written(file, version), spelling),
        Source::Pattern { path, pattern, spelling } => (matched(reader, folder, file, &path, &pattern)?, spelling),
        Source::Code { path, expression } => {
            let name = expression.as_ref().map_or("__version__", |expression| expression.text.trim());
            let place = expression.as_ref().map_or(path.place, |expression| expression.place);
            if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return Err(reader.flawed(file, module::computed(name, place)));
            }
            let code = named(reader, folder, file, &path)?;
            (module::constant(reader, &code, name)?, Spelling::Raw)
        }
        Source::Module(name) => (module::flit(reader, folder, (file, &name))?, Spelling::Normal),
        Source::Attribute { attribute, roots } => {
            (module::attribute(reader, folder, (file, &attribute), &roots)?, Spelling::Normal)
        }
        Source::Files(paths) => (files_text(reader, folder, file, &paths)?, Spelling::Normal),
        Source::Manifest(path) => {
            let other = named(reader, folder, file, &path)?;
            let Some(found) = Ecosystem::of(&other).resolve(reader, &other)? else {
                let flaw = backend::unresolved(&path.text, "the file has no version", path.place);
                return Err(reader.flawed(file, flaw));
            };
            (found, Spelling::Normal)
        }
    };
    let version = checked(reader, &found.file, &found.written)?;
    if spelling == Spelling::Normal {
        found.written.text = version.to_string();
    }
    Ok(Some(found))
}

/// The version in its normal form.
fn normal(reader: &Reader<'_>, file: &Path, written: &Written) -> Result<Resolved, Error> {
    let version = checked(reader, file, written)?;
    Ok(Resolved::written(file, Written { text: version.to_string(), place: written.place }))
}

/// The version, if Python's tools take it.
fn checked(reader: &Reader<'_>, file: &Path, written: &Written) -> Result<Pep440, Error> {
    let why = || {
        let text = written.text.trim();
        let snapshot = text.strip_suffix("-SNAPSHOT").filter(|core| Pep440::parse(core).is_some());
        let instead = snapshot.map_or_else(String::new, |core| format!(": write `{core}.dev0`"));
        format!("Python's tools take only what PEP 440 allows, such as `1.0.0`, `1.0.0rc1` or `1.1.0.dev0`{instead}")
    };
    Pep440::parse(&written.text).ok_or_else(|| Error::NotAVersion {
        text: written.text.clone(),
        location: location(&reader.shown(file), written.place),
        why: why(),
    })
}

/// The file that `path` in `file` names.
fn named(reader: &Reader<'_>, folder: &Path, file: &Path, path: &Written) -> Result<PathBuf, Error> {
    let missing = || reader.flawed(file, backend::unresolved(&path.text, "the file is not there", path.place));
    reader.locate(&folder.join(path.text.trim()))?.ok_or_else(missing)
}

fn matched(
    reader: &Reader<'_>,
    folder: &Path,
    file: &Path,
    path: &Written,
    pattern: &Pattern,
) -> Result<Resolved, Error> {
    let (by, looks_for) = match pattern {
        Pattern::Hatch => ("hatch", "no line such as `__version__ = \"1.0.0\"`"),
        Pattern::Pdm => ("pdm", "no line such as `__version__ = \"1.0.0\"`"),
        Pattern::Own { group: Some("version"), .. } => ("hatch", "nothing that its `pattern` matches"),
        Pattern::Own { .. } => ("the backend", "nothing that its pattern matches"),
    };
    let missing = || {
        let why = format!("{by} looks for the version in that file, which is not there");
        reader.flawed(file, backend::unresolved(&path.text, why, path.place))
    };
    let target = reader.locate(&folder.join(path.text.trim()))?.ok_or_else(missing)?;
    let found = reader.parse(&target, |text| Ok(pattern::find(text, pattern)))?;
    let found = found.map_err(|flaw| {
        let place = if matches!(pattern, Pattern::Own { .. }) { flaw.place } else { path.place };
        reader.flawed(file, Flaw { place, ..flaw })
    })?;
    let nothing = || {
        let why = format!("{by} looks for the version in that file, and finds {looks_for}");
        reader.flawed(file, backend::unresolved(&path.text, why, path.place))
    };
    Ok(Resolved::written(&target, found.ok_or_else(nothing)?))
}

/// The texts of files, one after the other, as setuptools reads `file:`; the place is the first one's.
fn files_text(reader: &Reader<'_>, folder: &Path, file: &Path, paths: &[Written]) -> Result<Resolved, Error> {
    let mut found: Option<Resolved> = None;
    for path in paths {
        let target = named(reader, folder, file, path)?;
        let written = reader.parse(&target, |text| Ok(Written::trimmed(text, 0..text.len())))?;
        match &mut found {
            Some(found) => found.written.text.push_str(&format!("\n{}", written.text)),
            None => found = Some(Resolved::written(&target, written)),
        }
    }
    found.ok_or_else(|| reader.flawed(file, backend::unresolved("file", "it names no file", Place::START)))
}

#[cfg(test)]
mod tests;
