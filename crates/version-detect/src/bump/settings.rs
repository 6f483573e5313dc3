//! What `slipway.toml` on the snapshot branch says of the project that is bumped.

use std::path::{Path, PathBuf};

use super::inputs::BumpInputs;
use super::remote::Remote;
use crate::components::discover;
use crate::config::{self, Config};
use crate::error::{Error, nearest};
use crate::manifest::{Ecosystem, Files as _};
use crate::pattern::selects;

/// The project, and how its snapshots are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Its folder, from the root `/`.
    pub(crate) folder: PathBuf,
    /// The file that holds its version; `None` for the known manifests.
    pub(crate) manifest: Option<String>,
    /// What its snapshots end in; empty for what its ecosystem writes.
    pub(crate) endings: Vec<String>,
}

impl Settings {
    /// Reads the nearest `slipway.toml` from `working-directory` up to the root. A component that it has says its folder and its manifest;
    /// without the file, `component` is a name and no more.
    pub(crate) fn of(inputs: &BumpInputs, files: &Remote) -> Result<Self, Error> {
        let folder = Path::new("/").join(&inputs.folder);
        let own = Self { folder: folder.clone(), manifest: inputs.manifest.clone(), endings: Vec::new() };
        let Some(path) = nearest_file(&folder, files)? else { return Ok(own) };
        let config = config::read(files, &path)?;
        let root = path.parent().unwrap_or(Path::new("/"));
        let component = component(inputs, &config, root, files)?;
        let (folder, manifest) = component.unwrap_or((folder, None));
        Ok(Self { folder, manifest: own.manifest.or(manifest), endings: config.snapshot })
    }
}

fn nearest_file(folder: &Path, files: &Remote) -> Result<Option<PathBuf>, Error> {
    for above in folder.ancestors() {
        if let Some(path) = files.locate(&above.join(config::FILE))? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The folder and the manifest of the component that is meant: by its name, or by the folder that stands for it.
fn component(
    inputs: &BumpInputs,
    config: &Config,
    root: &Path,
    files: &Remote,
) -> Result<Option<(PathBuf, Option<String>)>, Error> {
    let is_meant = |name: &str, folder: &Path| match inputs.component.as_str() {
        "" => folder == Path::new("/").join(&inputs.folder),
        wanted => name == wanted,
    };
    for declared in &config.components {
        let folder = root.join(&declared.folder);
        if is_meant(&declared.name, &folder) {
            return Ok(Some((folder, declared.manifest.clone())));
        }
    }
    let wanted = inputs.component.as_str();
    if wanted.is_empty() || (config.components.is_empty() && config.discover.is_none()) {
        return Ok(None);
    }
    let found = discovered(config, root, files)?;
    let name = |folder: &str| folder.replace(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)), "-");
    let is_named =
        |folder: &&String| name(folder.rsplit('/').next().unwrap_or_default()) == wanted || name(folder) == wanted;
    let mut named = found.iter().filter(is_named);
    match (named.next(), named.next()) {
        (Some(folder), None) => Ok(Some((root.join(folder), None))),
        (Some(first), Some(second)) => Err(unknown(
            wanted,
            format!("it may be `{first}` or `{second}`: name one by its path, as `{}`", name(first)),
        )),
        (None, _) => {
            let of_folders = found.iter().map(|folder| name(folder));
            let known: Vec<String> =
                config.components.iter().map(|declared| declared.name.clone()).chain(of_folders).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            Err(unknown(wanted, nearest(wanted, &known)))
        }
    }
}

fn unknown(name: &str, advice: String) -> Error {
    Error::ComponentUnknown { name: name.to_owned(), advice, location: None }
}

/// The folders of the components that are written nowhere, relative to `root`.
fn discovered(config: &Config, root: &Path, files: &Remote) -> Result<Vec<String>, Error> {
    let Some(patterns) = &config.discover else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (folder, names) in files.folders(root) {
        let is_declared = config.components.iter().any(|declared| declared.folder == folder);
        let is_kept = folder.split('/').all(discover::is_gone_into);
        if is_kept && !is_declared && selects(patterns, &folder).is_some() && Ecosystem::has_manifest(&names) {
            found.push(folder);
        }
    }
    if found.len() > config::MOST_COMPONENTS {
        return Err(Error::TooManyComponents { what: format!("{} folders with a manifest", found.len()) });
    }
    Ok(found)
}
