//! The packages below a `lerna.json` with one version for all (<https://lerna.js.org/docs/features/version-and-publish#fixedlocked-mode-default>).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Places;
use super::npm::{LOCKS, Package, locked};
use crate::bump::remote::Remote;
use crate::error::Error;
use crate::pattern::{Pattern, selects};

/// The file's name.
pub(super) const NAME: &str = "lerna.json";

const PACKAGE: &str = "package.json";

/// Where packages are when neither `lerna.json` nor the workspaces say so.
const DEFAULT: &str = "packages/*";

/// What says where packages are.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Folders {
    packages: Option<Vec<String>>,
    workspaces: Option<Workspaces>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Workspaces {
    List(Vec<String>),
    Map { packages: Vec<String> },
}

/// Adds the versions of the packages that have the old one, what they ask of each other, and both in the lockfiles beside `lerna.json`.
pub(super) fn add(files: &Remote, manifest: &Path, old: &str, places: &mut Places) -> Result<(), Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    let mut texts: Vec<(PathBuf, String, String)> = Vec::new();
    let patterns = patterns(files, folder)?;
    for file in files.called(PACKAGE, folder) {
        let below = file.parent().and_then(|own| own.strip_prefix(folder).ok()).and_then(Path::to_str);
        let Some(key) = below else { continue };
        let is_installed = key.split('/').any(|part| part == "node_modules");
        if is_installed || !(key.is_empty() || selects(&patterns, key).is_some()) {
            continue;
        }
        texts.extend(files.text(file)?.map(|text| (file.to_path_buf(), key.to_owned(), text)));
    }
    let (mut names, mut keys) = (BTreeSet::new(), Vec::new());
    for (file, key, text) in &texts {
        let Some(package) = Package::parse(text) else { continue };
        if let Some(range) = package.version(text, old) {
            places.add(file, range);
            names.extend(package.name.map(std::borrow::Cow::into_owned));
            keys.push(key.clone());
        }
    }
    for (file, _, text) in &texts {
        for range in Package::parse(text).iter().flat_map(|package| package.requirements(text, &names, old)) {
            places.add(file, range);
        }
    }
    for lock in LOCKS.map(|name| folder.join(name)) {
        let Some(text) = files.text(&lock)? else { continue };
        for range in locked(&text, &keys, &names, old) {
            places.add(&lock, range);
        }
    }
    Ok(())
}

/// Where the packages are: as `lerna.json` says, else the workspaces of npm and Yarn, else those of pnpm.
fn patterns(files: &Remote, folder: &Path) -> Result<Vec<Pattern>, Error> {
    let lerna = folders(files.text(&folder.join(NAME))?).packages;
    let workspaces = folders(files.text(&folder.join(PACKAGE))?).workspaces.map(|workspaces| match workspaces {
        Workspaces::List(packages) | Workspaces::Map { packages } => packages,
    });
    let pnpm = pnpm(files.text(&folder.join("pnpm-workspace.yaml"))?);
    let texts = lerna.or(workspaces).or(pnpm).unwrap_or_else(|| vec![DEFAULT.to_owned()]);
    let parse = |text: &String| {
        let (mark, path) = text.strip_prefix('!').map_or(("", text.as_str()), |path| ("!", path));
        let path = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
        Pattern::parse(&format!("{mark}{path}")).ok()
    };
    Ok(texts.iter().filter_map(parse).collect())
}

fn folders(text: Option<String>) -> Folders {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn pnpm(text: Option<String>) -> Option<Vec<String>> {
    let root = yaml_document::parse(&text?).ok()?;
    let yaml_document::Content::List(items) = &root.get("packages")?.content else { return None };
    Some(items.iter().filter_map(|item| item.text().map(str::to_owned)).collect())
}
