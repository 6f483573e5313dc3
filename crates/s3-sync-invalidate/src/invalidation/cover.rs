//! Replaces many paths by few wildcards, from the deepest folders up.

use std::collections::{BTreeMap, BTreeSet};

/// CloudFront's limit of wildcards in one distribution's running invalidations.
const MOST_WILDCARDS: usize = 15;

/// At most `most` paths that cover all of `paths`, sorted.
pub(crate) fn collapse(paths: BTreeSet<String>, most: usize) -> Vec<String> {
    let mut paths = without_covered(paths);
    let deepest = paths.iter().map(|path| depth(folder(path))).max().unwrap_or(0);
    for level in (0..=deepest).rev() {
        if fits(&paths, most) {
            break;
        }
        paths = collapse_level(paths, level, most);
    }
    if !fits(&paths, most) {
        paths = BTreeSet::from(["/*".to_owned()]);
    }
    paths.into_iter().collect()
}

/// Whether one of `covers` is `path` or a wildcard over it.
#[cfg(test)]
pub(crate) fn is_covered(path: &str, covers: &[String]) -> bool {
    covers.iter().any(|cover| cover == path || cover.strip_suffix('*').is_some_and(|start| path.starts_with(start)))
}

fn fits(paths: &BTreeSet<String>, most: usize) -> bool {
    paths.len() <= most && paths.iter().filter(|path| path.ends_with('*')).count() <= MOST_WILDCARDS
}

/// Replaces the fullest folders of `level` by wildcards until everything fits.
fn collapse_level(mut paths: BTreeSet<String>, level: usize, most: usize) -> BTreeSet<String> {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in &paths {
        if let Some(ancestor) = ancestor(path, level) {
            folders.entry(ancestor.to_owned()).or_default().push(path.clone());
        }
    }
    let mut folders: Vec<(String, Vec<String>)> = folders.into_iter().filter(|(_, inside)| inside.len() > 1).collect();
    folders.sort_by(|(a, many), (b, more)| more.len().cmp(&many.len()).then_with(|| a.cmp(b)));
    for (folder, inside) in folders {
        if fits(&paths, most) {
            break;
        }
        for path in inside {
            paths.remove(&path);
        }
        paths.insert(format!("{folder}*"));
    }
    paths
}

/// The paths that no wildcard among them covers.
///
/// In sorted order a wildcard does not always stand before what it covers (`/a!` < `/a*`), so all are checked first.
fn without_covered(paths: BTreeSet<String>) -> BTreeSet<String> {
    let starts: Vec<String> = paths.iter().filter_map(|path| path.strip_suffix('*')).map(str::to_owned).collect();
    let covered = |path: &str| {
        let own = path.strip_suffix('*');
        starts.iter().any(|start| path.starts_with(start) && own != Some(start))
    };
    paths.into_iter().filter(|path| !covered(path)).collect()
}

/// The folder of a path, with its slash at the end.
fn folder(path: &str) -> &str {
    path.rfind('/').map_or("/", |slash| &path[..=slash])
}

/// How many folders deep a folder is: 0 for `/`.
fn depth(folder: &str) -> usize {
    folder.matches('/').count().saturating_sub(1)
}

/// The folder of `path` or above it that is `level` deep.
fn ancestor(path: &str, level: usize) -> Option<&str> {
    let folder = folder(path);
    folder.match_indices('/').nth(level).map(|(slash, _)| &folder[..=slash])
}
