//! What components are called: those that `slipway.toml` has, and those that are found.

use std::collections::HashSet;
use std::path::Path;

use actions_core::Location;
use project_version::component_name;

use super::discover::Found;
use crate::config::{Config, Declared};
use crate::error::{Error, nearest};
use crate::manifest::{Files, Place, find::find};

/// The components that are written, and those that were found in other folders. A name depends on the component's own path and
/// on the pattern that found it, never on other components: or a new folder would give an old one new tags.
pub(crate) fn all(config: &Config, found: Vec<Found>) -> Vec<Declared> {
    let written: HashSet<&str> = config.components.iter().map(|own| own.folder.as_str()).collect();
    let found = found.into_iter().filter(|found| !written.contains(found.path.as_str()));
    config.components.iter().cloned().chain(found.map(discovered)).collect()
}

/// The component with a name. Of several that were found, only those with a version are components. The folders of components
/// are relative to `root`; `at` tells where something stands in `slipway.toml`.
pub(crate) fn called(
    name: &str,
    all: &[Declared],
    (files, root): (&dyn Files, &Path),
    at: impl Fn(Place) -> Location,
) -> Result<Declared, Error> {
    let mut called: Vec<&Declared> = all.iter().filter(|declared| declared.name == name).collect();
    if called.len() > 1 {
        called.retain(|own| !own.is_discovered || find(files, &root.join(&own.folder), None).is_ok());
    }
    match called.as_slice() {
        [one] => Ok((*one).clone()),
        [first, second, ..] => Err(Error::ComponentOverlap {
            what: "name",
            text: name.to_owned(),
            first: first.folder.clone(),
            location: at(second.place),
        }),
        [] => {
            let known: Vec<&str> =
                all.iter().filter(|declared| fits(declared).is_ok()).map(|declared| declared.name.as_str()).collect();
            Err(Error::ComponentUnknown { name: name.to_owned(), advice: nearest(name, &known), location: None })
        }
    }
}

/// Refuses a name that was made of a path and cannot be one.
pub(crate) fn fits(declared: &Declared) -> Result<(), Error> {
    match component_name(&declared.name) {
        Ok(_) => Ok(()),
        Err(why) => Err(Error::ComponentName { folder: declared.folder.clone(), name: declared.name.clone(), why }),
    }
}

/// A component that is written nowhere. Its name is made of its path: `team-api` of `team/api`. Not every path gives one.
fn discovered(found: Found) -> Declared {
    let is_part = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name = found.below().chars().map(is_part).collect();
    let (manifest, paths, tag_prefix, depends_on, allow_snapshots) = (None, None, None, Vec::new(), Vec::new());
    let (place, folder, folder_place) = (Place::START, found.path, Place::START);
    Declared {
        name,
        place,
        folder,
        folder_place,
        manifest,
        paths,
        tag_prefix,
        depends_on,
        allow_snapshots,
        is_discovered: true,
    }
}
