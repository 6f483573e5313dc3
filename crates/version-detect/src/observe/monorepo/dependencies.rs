//! What the components are built with, as their manifests say, and what is not known of that.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Known, Places, Run};
use crate::components::local::{Project, locals};
use crate::components::{Component, is_inside};
use crate::pattern::Pattern;

/// The most reasons that are told of what is not known, and the most components that each names.
const MOST_DOUBTS: usize = 5;
const MOST_NAMED: usize = 5;

/// What the manifests say of what each component is built with: other components by their places. The files of what is no
/// component become its own.
pub(super) fn discover(
    run: &Run<'_>,
    known: &mut [Known],
    components: &mut [Component],
    places: &Places,
) -> Vec<Vec<usize>> {
    let root = run.settings.folder();
    let project = |known: &mut Known| Project {
        folder: root.join(&known.declared.folder),
        version: known.found.version.clone(),
        manifests: std::mem::take(&mut known.manifests),
    };
    let locals = locals(&run.tree, known.iter_mut().map(project).collect());
    let with_files = locals.into_iter().zip(components).map(|(local, component)| {
        // What lies around the configuration's folder counts as far as that goes.
        let below = |folder: &PathBuf| match folder.strip_prefix(root) {
            Ok(below) => Some(below.display().to_string().replace('\\', "/")),
            Err(_) => root.starts_with(folder).then(String::new),
        };
        component.folders = local.folders.iter().filter_map(below).map(|folder| Pattern::folder(&folder)).collect();
        component.reads = outside(&local.reads, &component.folder, places);
        component.doubt = local.doubt;
        local.components
    });
    with_files.collect()
}

/// The names, as many as are told.
pub(super) fn shown(names: &[&str]) -> String {
    let more = if names.len() > MOST_NAMED { format!(" and {} more", names.len() - MOST_NAMED) } else { String::new() };
    names[..names.len().min(MOST_NAMED)].join(", ") + &more
}

/// What is not known of what components are built with, each with those that count as changed for it.
pub(super) fn doubts(components: &[Component]) -> Vec<String> {
    let mut whose: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for component in components {
        if let Some(why) = &component.doubt {
            whose.entry(why).or_default().push(&component.name);
        }
    }
    let told = whose.iter().take(MOST_DOUBTS).map(|(why, names)| {
        let names = shown(names);
        format!(
            "what {names} is built with is not known, so it counts as changed: {why}; mend that, or write depends-on and \
             dependencies = \"declared\" in slipway.toml"
        )
    });
    let mut told: Vec<String> = told.collect();
    if whose.len() > MOST_DOUBTS {
        told.push(format!(
            "what components are built with is not known for {} more reasons",
            whose.len() - MOST_DOUBTS
        ));
    }
    told
}

/// Those of the files below the configuration's folder that are not in `folder`, by paths from there.
pub(super) fn outside(files: &[String], folder: &str, places: &Places) -> Vec<String> {
    let below = files.iter().filter_map(|file| file.strip_prefix(places.shown.as_str()));
    below.filter(|file| !is_inside(file, folder)).map(str::to_owned).collect()
}
