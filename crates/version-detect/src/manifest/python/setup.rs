//! The version of a project that setuptools builds from `setup.py` and `setup.cfg`.

use std::path::{Path, PathBuf};

use super::super::{Flaw, Place, Reader, Resolved, Written};
use super::backend::{needs_git, unresolved};
use super::module::{attribute, computed, constant};
use super::pyproject::{Roots, distribution};
use super::setup_cfg::{self, SetupCfg};
use super::source::{Constant, SetupCall, setup_call};
use super::{checked, files_text, named, normal};
use crate::error::Error;

/// A `setup.cfg` that was read.
pub(super) type Config = Option<(PathBuf, SetupCfg)>;

/// The `setup.cfg` of a folder.
pub(super) fn config(reader: &Reader<'_>, folder: &Path) -> Result<Config, Error> {
    let Some(file) = reader.locate(&folder.join("setup.cfg"))? else { return Ok(None) };
    let config = reader.parse(&file, setup_cfg::parse)?;
    Ok(Some((file, config)))
}

/// The version of `setup.py`, else of `setup.cfg`, else setuptools' own, which is written at `declared`; `None` where
/// nothing says that there is a project.
pub(super) fn resolve(
    reader: &Reader<'_>,
    folder: &Path,
    config: &Config,
    declared: Option<(&Path, Place)>,
) -> Result<Option<Resolved>, Error> {
    let script = reader.locate(&folder.join("setup.py"))?;
    let call = match &script {
        Some(script) => reader.parse(script, |text| Ok(setup_call(text)))?,
        None => None,
    };
    if let (Some(script), Some(call)) = (&script, &call)
        && let Some(found) = of_script(reader, script, call)?
    {
        return Ok(Some(found));
    }
    if let Some((file, config)) = config
        && let Some(found) = of_config(reader, folder, file, config)?
    {
        return Ok(Some(found));
    }
    let has_metadata = config.as_ref().filter(|(_, config)| config.has("metadata"));
    let home = match (&script, call, has_metadata) {
        (Some(script), Some(call), _) => Some((script.as_path(), call.place)),
        (_, _, Some((file, _))) => Some((file.as_path(), Place::START)),
        (Some(script), None, None) => {
            let why = "no call of `setup()` is found in it";
            return Err(reader.flawed(script, unresolved("setup()", why, Place::START)));
        }
        (None, _, None) => None,
    };
    Ok(declared.or(home).map(|(file, place)| Resolved::default(file, "0.0.0", place)))
}

fn of_script(reader: &Reader<'_>, script: &Path, call: &SetupCall) -> Result<Option<Resolved>, Error> {
    let from_git = || from_git(call).map(|by| reader.flawed(script, needs_git(by, call.place)));
    match &call.version {
        Constant::Value(version) => normal(reader, script, version).map(Some),
        Constant::Missing => from_git().map_or(Ok(None), Err),
        Constant::Computed { expression, place } => {
            Err(from_git().unwrap_or_else(|| reader.flawed(script, computed(expression, *place))))
        }
        Constant::File { path, place } => {
            let folder = script.parent().unwrap_or(script);
            let path = Written { text: path.text.to_string(), place: *place };
            let found = files_text(reader, folder, script, &[path])?;
            normal(reader, &found.file, &found.written).map(Some)
        }
        Constant::Member { path, name, place } => {
            let folder = script.parent().unwrap_or(script);
            let file = named(reader, folder, script, &Written { text: path.text.to_string(), place: *place })?;
            let found = constant(reader, &file, name)?;
            normal(reader, &found.file, &found.written).map(Some)
        }
        Constant::Import(import) => {
            // Beside setup.py, as its own folder is where Python looks first.
            let folder = script.parent().unwrap_or(script);
            let path = import.module.iter().fold(folder.to_path_buf(), |path, part| path.join(part));
            let file = match reader.locate(&path.with_extension("py"))? {
                Some(file) => Some(file),
                None => reader.locate(&path.join("__init__.py"))?,
            };
            let shown = format!("{}.{}", import.module.join("."), import.name);
            let Some(file) = file else { return Err(reader.flawed(script, computed(&shown, import.place))) };
            let found = constant(reader, &file, &import.name)?;
            normal(reader, &found.file, &found.written).map(Some)
        }
    }
}

/// What makes the version from Git, if an argument of `setup()` says so.
fn from_git(call: &SetupCall) -> Option<&'static str> {
    let argument = |name: &str| call.arguments.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
    let is_on = |name: &str| argument(name).is_some_and(|text| text != "False" && text != "None");
    let version = argument("version").unwrap_or_default();
    if is_on("use_scm_version") {
        return Some("setuptools-scm");
    }
    if is_on("pbr") {
        return Some("pbr");
    }
    if version.contains("versioneer") {
        return Some("versioneer");
    }
    is_on("setuptools_git_versioning").then_some("setuptools-git-versioning")
}

fn of_config(reader: &Reader<'_>, folder: &Path, file: &Path, config: &SetupCfg) -> Result<Option<Resolved>, Error> {
    let flawed = |flaw: Flaw| reader.flawed(file, flaw);
    let Some(version) = config.value("metadata", "version").map_err(flawed)? else {
        let requires = config.value("options", "setup_requires").map_err(flawed)?;
        let from_git = requires.into_iter().find_map(|requires| {
            let by = requires.text.lines().map(distribution).find(|name| name == "pbr" || name == "setuptools-scm");
            Some(needs_git(by?, requires.place))
        });
        return from_git.map_or(Ok(None), |flaw| Err(flawed(flaw)));
    };
    if let Some(attr) = version.text.strip_prefix("attr:") {
        let declared = Written { text: attr.trim().to_owned(), place: version.place };
        let found = attribute(reader, folder, (file, &declared), &roots(config).map_err(flawed)?)?;
        return normal(reader, &found.file, &found.written).map(Some);
    }
    if let Some(names) = version.text.strip_prefix("file:") {
        let names = names.split(',').map(|name| Written { text: name.trim().to_owned(), place: version.place });
        let found = files_text(reader, folder, file, &names.collect::<Vec<_>>())?;
        return normal(reader, &found.file, &found.written).map(Some);
    }
    normal(reader, file, &version).map(Some)
}

fn roots(config: &SetupCfg) -> Result<Roots, Flaw> {
    let packages = config.value("options", "package_dir")?.map_or_else(Vec::new, |listed| {
        let pairs = listed.text.split(['\n', ',']).filter_map(|line| line.split_once('='));
        pairs.map(|(package, folder)| (package.trim().to_owned(), folder.trim().to_owned())).collect()
    });
    let found_in = config.value("options.packages.find", "where")?.map(|folder| folder.text);
    let is_named = config.value("options", "packages")?.is_some_and(|packages| !packages.text.starts_with("find"));
    let mut folders: Vec<String> = found_in.into_iter().collect();
    folders.extend(if is_named { ["", "src"] } else { ["src", ""] }.map(str::to_owned));
    Ok(Roots { packages, folders })
}

/// The version with the tags that `[egg_info]` adds to what setuptools builds.
pub(super) fn tagged(reader: &Reader<'_>, config: &Config, mut found: Resolved) -> Result<Resolved, Error> {
    let Some((file, config)) = config else { return Ok(found) };
    let flawed = |flaw: Flaw| reader.flawed(file, flaw);
    let date = config.value("egg_info", "tag_date").map_err(flawed)?;
    if let Some(date) = date.filter(|date| !["0", "false", "no", "off"].contains(&date.text.to_lowercase().as_str())) {
        return Err(flawed(unresolved("tag_date", "it appends the day of the build", date.place)));
    }
    let Some(tag) = config.value("egg_info", "tag_build").map_err(flawed)? else { return Ok(found) };
    if found.written.text.ends_with(&tag.text) {
        return Ok(found);
    }
    found.written.text.push_str(&tag.text);
    found.written.text = checked(reader, &found.file, &found.written)?.to_string();
    Ok(found)
}
