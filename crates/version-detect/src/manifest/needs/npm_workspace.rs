//! The packages of an npm workspace: `workspaces` of `package.json` (npm, Yarn, Bun; Turborepo, Nx and Lerna take them from there),
//! or `pnpm-workspace.yaml`.

use std::path::{Path, PathBuf};

use crate::manifest::Reader;
use crate::pattern::{MOST, Pattern, selects};
use yaml_document::Content;

/// The most folders that are gone into.
const MOST_FOLDERS: usize = 20_000;

/// The deepest of them.
const DEEPEST: usize = 16;

/// The patterns of the folders of the workspace whose root is `folder`; `None` where it is the root of none.
pub(crate) fn patterns(reader: &Reader<'_>, folder: &Path) -> Option<Vec<String>> {
    if let Some(file) = reader.locate(&folder.join("pnpm-workspace.yaml")).ok()? {
        let document = reader.parse(&file, |text| Ok(yaml_document::parse(text)?)).ok()?;
        let Content::List(items) = &document.get("packages")?.content else { return None };
        return Some(items.iter().filter_map(|item| item.text().map(str::to_owned)).collect());
    }
    let file = reader.locate(&folder.join("package.json")).ok()??;
    let document: serde_json::Value = reader.parse(&file, |text| Ok(serde_json::from_str(text).ok())).ok()??;
    let listed = document.get("workspaces")?;
    let listed = listed.get("packages").unwrap_or(listed).as_array()?;
    Some(listed.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

/// The manifests of the packages below the root of a workspace, in order; hidden folders and `node_modules` have none.
pub(crate) fn members(reader: &Reader<'_>, root: &Path) -> Vec<PathBuf> {
    below(reader, root, &patterns(reader, root).unwrap_or_default(), "package.json")
}

/// The files `manifest` of the folders below `root` that the patterns take, in the same order.
pub(super) fn below(reader: &Reader<'_>, root: &Path, patterns: &[String], manifest: &str) -> Vec<PathBuf> {
    let patterns: Vec<Pattern> = patterns.iter().filter_map(|text| pattern(text)).take(MOST).collect();
    let is_deep = patterns.iter().any(|pattern| pattern.to_string().contains("**"));
    let deepest = patterns.iter().map(|pattern| pattern.to_string().split('/').count()).max().unwrap_or_default();
    let deepest = if is_deep { DEEPEST } else { deepest };
    let mut found = Vec::new();
    let mut open = vec![(root.to_path_buf(), String::new(), 0)];
    let mut gone_into = 0;
    while let Some((folder, shown, depth)) = open.pop() {
        gone_into += 1;
        if gone_into > MOST_FOLDERS {
            break;
        }
        if !shown.is_empty() && selects(&patterns, &shown).is_some() {
            found.extend(reader.locate(&folder.join(manifest)).ok().flatten());
        }
        if depth >= deepest {
            continue;
        }
        for name in reader.names(&folder).unwrap_or_default() {
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
    found
}

/// A pattern of npm as one of ours: both have `*`, `**` and `!`.
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
