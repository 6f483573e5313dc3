//! The packages of a workspace: of npm those of `workspaces` of `package.json` (npm, Yarn, Bun; Turborepo, Nx and Lerna take them
//! from there), or of `pnpm-workspace.yaml`; of uv those of `tool.uv.workspace`.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::manifest::Reader;
use crate::pattern::{MOST, Pattern, selects};
use yaml_document::Content;

/// The file of a workspace of pnpm.
pub(crate) const PNPM: &str = "pnpm-workspace.yaml";

/// The most folders that are gone into.
const MOST_FOLDERS: usize = 20_000;

/// The deepest of them.
const DEEPEST: usize = 16;

/// The file of pnpm in the folder `root`, and the patterns that it has; `None` where it has none.
pub(crate) fn of_pnpm(reader: &Reader<'_>, root: &Path) -> Result<Option<Vec<String>>, Error> {
    let Some(file) = reader.locate(&root.join(PNPM))? else { return Ok(None) };
    let document = reader.parse(&file, |text| Ok(yaml_document::parse(text)?))?;
    let Some(Content::List(items)) = document.get("packages").map(|list| &list.content) else { return Ok(None) };
    Ok(Some(items.iter().filter_map(|item| item.text().map(str::to_owned)).collect()))
}

/// The manifests called `manifest` that `patterns` take below the root of a workspace, in order; hidden folders and
/// `node_modules` have none. The error is why they are not all known.
pub(crate) fn members(
    reader: &Reader<'_>,
    root: &Path,
    patterns: &[String],
    manifest: &str,
) -> Result<Vec<PathBuf>, String> {
    if patterns.len() > MOST {
        return Err(format!("the workspace of {} has more than {MOST} patterns", reader.shown(root)));
    }
    let patterns: Vec<Pattern> = patterns.iter().filter_map(|text| pattern(text)).collect();
    let is_deep = patterns.iter().any(|pattern| pattern.to_string().contains("**"));
    let deepest = patterns.iter().map(|pattern| pattern.to_string().split('/').count()).max().unwrap_or_default();
    let deepest = if is_deep { DEEPEST } else { deepest };
    let mut found = Vec::new();
    let mut open = vec![(root.to_path_buf(), String::new(), 0)];
    let mut gone_into = 0;
    while let Some((folder, shown, depth)) = open.pop() {
        gone_into += 1;
        if gone_into > MOST_FOLDERS {
            return Err(format!("the workspace of {} has more than {MOST_FOLDERS} folders", reader.shown(root)));
        }
        if !shown.is_empty() && selects(&patterns, &shown).is_some() {
            found.extend(reader.locate(&folder.join(manifest)).ok().flatten());
        }
        if depth >= deepest {
            continue;
        }
        for name in reader.names(&folder).map_err(|error| error.to_string())? {
            let below = if shown.is_empty() { name.clone() } else { format!("{shown}/{name}") };
            // Of a pattern without `**` each part narrows what is gone into.
            let is_way = is_deep || patterns.iter().any(|pattern| leads(&pattern.to_string(), &below));
            let path = folder.join(&name);
            if is_way && !name.starts_with('.') && name != "node_modules" && reader.is_folder(&path) {
                open.push((path, below, depth + 1));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A pattern of npm or uv as one of ours: both have `*`, `**` and `!`.
fn pattern(text: &str) -> Option<Pattern> {
    let (sign, text) = text.strip_prefix('!').map_or(("", text), |rest| ("!", rest));
    let text = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
    Pattern::parse(&format!("{sign}{text}")).ok()
}

/// Whether the folder may lie on the way to what a pattern takes.
fn leads(pattern: &str, folder: &str) -> bool {
    let mut parts = pattern.split('/');
    folder.split('/').all(|name| parts.next().is_some_and(|part| part == name || part.contains(['*', '?', '[', '+'])))
}
