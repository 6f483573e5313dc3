//! What `slipway.toml` on the snapshot branch says of the project that is bumped.

use std::path::{Path, PathBuf};

use super::inputs::BumpInputs;
use super::remote::Remote;
use crate::components::{discover, names};
use crate::config::{self, Config, Declared};
use crate::error::{Error, location};
use crate::manifest::Files as _;

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
        let component = component(inputs, &config, &path, files)?;
        let root = path.parent().unwrap_or(&path);
        let folder = component.as_ref().map_or(folder, |declared| root.join(&declared.folder));
        let manifest = own.manifest.or_else(|| component?.manifest);
        Ok(Self { folder, manifest, endings: config.snapshot })
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

/// The component that is meant: by its name, as version-detect has it, or by the folder that stands for it.
fn component(inputs: &BumpInputs, config: &Config, path: &Path, files: &Remote) -> Result<Option<Declared>, Error> {
    let root = path.parent().unwrap_or(path);
    let wanted = inputs.component.as_str();
    if wanted.is_empty() {
        let folder = Path::new("/").join(&inputs.folder);
        return Ok(config.components.iter().find(|declared| root.join(&declared.folder) == folder).cloned());
    }
    if config.components.is_empty() && config.discover.is_none() {
        return Ok(None);
    }
    let found =
        config.discover.as_deref().map(|patterns| discover::among(files.folders(root), patterns)).transpose()?;
    let all = names::all(config, found.unwrap_or_default());
    names::called(wanted, &all, (files, root), |place| location(&files.shown(path), place)).map(Some)
}
