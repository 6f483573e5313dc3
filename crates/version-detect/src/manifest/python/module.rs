//! The attributes of Python's modules, found in the files as setuptools, flit and hatch find them.

use std::path::{Path, PathBuf};

use super::super::{Flaw, Reader, Resolved, Written};
use super::backend::unresolved;
use super::pyproject::Roots;
use super::source::{Constant, Import, Literal, imported, literal};
use super::{files_text, named};
use crate::error::Error;

/// How many files an import may lead through.
const MOST_FILES: usize = 4;

/// The value of `a.b.name` as setuptools finds it: the literal of the first assignment, else what an import would bind.
pub(super) fn attribute(
    reader: &Reader<'_>,
    folder: &Path,
    declared: (&Path, &Written),
    roots: &Roots,
) -> Result<Resolved, Error> {
    let (file, written) = declared;
    let (module, name) = written.text.trim().rsplit_once('.').unwrap_or(("__init__", written.text.trim()));
    let parts: Vec<&str> = module.split('.').collect();
    for root in candidates(roots, &parts) {
        let Some(found) = module_file(reader, &folder.join(root))? else { continue };
        let first = reader.parse(&found, |text| Ok(literal(text, name, Literal::First)))?;
        return match first {
            Some(version) => Ok(Resolved::written(&found, version)),
            None => constant(reader, &found, name),
        };
    }
    let why = format!("no file of the project is the module `{module}`");
    Err(reader.flawed(file, unresolved(&written.text, why, written.place)))
}

/// The paths, without an extension, at which setuptools looks for a module.
fn candidates(roots: &Roots, module: &[&str]) -> Vec<PathBuf> {
    for length in (0..=module.len()).rev() {
        let package = module[..length].join(".");
        if let Some((_, folder)) = roots.packages.iter().find(|(name, _)| *name == package) {
            return vec![module[length..].iter().fold(PathBuf::from(folder), |path, part| path.join(part))];
        }
    }
    let below = |folder: &String| module.iter().fold(PathBuf::from(folder), |path, part| path.join(part));
    roots.folders.iter().map(below).collect()
}

/// The file of a module: `a.py`, `a/__init__.py`.
fn module_file(reader: &Reader<'_>, path: &Path) -> Result<Option<PathBuf>, Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".py");
    match reader.locate(Path::new(&name))? {
        Some(file) => Ok(Some(file)),
        None => reader.locate(&path.join("__init__.py")),
    }
}

/// The version of flit's module.
pub(super) fn flit(reader: &Reader<'_>, folder: &Path, declared: (&Path, &Written)) -> Result<Resolved, Error> {
    let (file, module) = declared;
    let path = module.text.replace('.', "/");
    for root in ["", "src"] {
        let Some(found) = module_file(reader, &folder.join(root).join(&path))? else { continue };
        let mut files = vec![found.clone()];
        if found.ends_with("__init__.py") {
            for name in ["version.py", "_version.py", "__version__.py"] {
                files.extend(reader.locate(&found.with_file_name(name))?);
            }
        }
        for file in &files {
            let text = reader.parse(file, |text| Ok(literal(text, "__version__", Literal::FirstText)))?;
            if let Some(version) = text.filter(|version| !version.text.is_empty()) {
                return Ok(Resolved::written(file, version));
            }
        }
        return constant(reader, &found, "__version__");
    }
    let why = format!("no file of the project is the module `{}`", module.text);
    Err(reader.flawed(file, unresolved(&module.text, why, module.place)))
}

/// What `name` of `file` is when the file was imported, through the imports in it.
pub(super) fn constant(reader: &Reader<'_>, file: &Path, name: &str) -> Result<Resolved, Error> {
    let (mut file, mut name) = (file.to_path_buf(), name.to_owned());
    let mut first = None;
    for _ in 0..MOST_FILES {
        let import = match reader.parse(&file, |text| Ok(imported(text, &name)))? {
            Constant::Value(version) => return Ok(Resolved::written(&file, version)),
            Constant::Computed { expression, place } => return Err(refused(reader, &file, &expression, place)),
            Constant::Missing => {
                let (file, place) = first.unwrap_or((file, super::Place::START));
                return Err(
                    reader.flawed(&file, unresolved(&name, format!("no line of the file binds `{name}`"), place))
                );
            }
            Constant::File { path, place } | Constant::Member { path, place, .. } if !path.is_beside => {
                return Err(refused(reader, &file, &format!("open(\"{}\")", path.text), place));
            }
            Constant::File { path, place } => {
                let path = Written { text: path.text.to_string(), place };
                return files_text(reader, file.parent().unwrap_or(&file), &file, &[path]);
            }
            Constant::Member { path, name: member, place } => {
                let path = Written { text: path.text.to_string(), place };
                let next = named(reader, file.parent().unwrap_or(&file), &file, &path)?;
                first.get_or_insert((file, place));
                (file, name) = (next, member);
                continue;
            }
            Constant::Import(import) => import,
        };
        let shown = format!("from {}{} import {}", ".".repeat(import.level), import.module.join("."), import.name);
        let flaw = unresolved(shown, "it leads to no file of the project", import.place);
        let Some(next) = target(reader, &file, &import)? else { return Err(reader.flawed(&file, flaw)) };
        first.get_or_insert((file, import.place));
        (file, name) = (next, import.name);
    }
    let place = first.map_or(super::Place::START, |(_, place)| place);
    Err(reader.flawed(&file, unresolved(name, format!("imports lead through more than {MOST_FILES} files"), place)))
}

pub(super) fn refused(reader: &Reader<'_>, file: &Path, expression: &str, place: super::Place) -> Error {
    reader.flawed(file, computed(expression, place))
}

/// The flaw that only running Python would tell what `expression` is.
pub(super) fn computed(expression: &str, place: super::Place) -> Flaw {
    if let Some(tool) =
        ["versioneer", "setuptools_scm", "setuptools-scm"].iter().find(|tool| expression.contains(**tool))
    {
        return super::backend::needs_git(tool.replace('_', "-"), place);
    }
    unresolved(expression, "only running the file would tell, and nothing of the repository is run", place)
}

/// The file that an import in `file` leads to: relative, or below a folder that holds the package of `file`.
fn target(reader: &Reader<'_>, file: &Path, import: &Import) -> Result<Option<PathBuf>, Error> {
    let Some(package) = file.parent() else { return Ok(None) };
    let below = |folder: &Path| import.module.iter().fold(folder.to_path_buf(), |path, part| path.join(part));
    if import.level > 0 {
        let folder = package.ancestors().nth(import.level - 1);
        // `from . import name` names a module or what the package itself binds; which of the two is not told here.
        return match folder.filter(|_| !import.module.is_empty()) {
            Some(folder) => module_file(reader, &below(folder)),
            None => Ok(None),
        };
    }
    for above in reader.upwards(package).take(MOST_FILES) {
        if let Some(found) = module_file(reader, &below(above))?.filter(|found| found != file) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
