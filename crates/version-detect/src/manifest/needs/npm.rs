//! `package.json`: every section of dependencies (<https://docs.npmjs.com/cli/configuring-npm/package-json>). A snapshot is a
//! prerelease that is spelled like the repository's own; npm has no word for it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Needs, Wanted, folder_of, joined};
use crate::error::Error;
use crate::manifest::place::Lines;
use crate::manifest::{Flaw, Reader, UseKind};

/// The sections, and the overrides of what dependencies depend on.
const SECTIONS: [&str; 6] =
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "overrides", "resolutions"];

#[derive(Deserialize)]
struct Fields<'a>(#[serde(borrow)] BTreeMap<String, &'a RawValue>);

/// What a `package.json` asks for; of a `lerna.json` what the one beside it does.
pub(super) fn needs(reader: &Reader<'_>, manifest: &Path) -> Result<Needs, Error> {
    let manifest = &manifest.with_file_name("package.json");
    let Some(file) = reader.locate(manifest)? else { return Ok(Needs::default()) };
    reader.parse(&file, |text| parse(text, &file))
}

fn parse(text: &str, file: &Path) -> Result<Needs, Flaw> {
    let refused = |_| Flaw::malformed("it is no object", crate::manifest::Place::START);
    let fields: Fields<'_> = serde_json::from_str(text).map_err(refused)?;
    let name = fields.0.get("name").and_then(|name| serde_json::from_str(name.get()).ok());
    let workspace = fields.0.get("workspaces").and_then(|listed| workspace(listed));
    let mut needs = Needs { name, workspace, ..Needs::default() };
    let lines = Lines::of(text);
    for section in SECTIONS {
        let Some(raw) = fields.0.get(section) else { continue };
        // Whoever installs the package does not get them.
        let kind = if section == "devDependencies" { UseKind::Development } else { UseKind::Dependency };
        let Ok(Fields(members)) = serde_json::from_str::<Fields<'_>>(raw.get()) else { continue };
        for (name, raw) in members {
            // The raw value is a part of the text, so the distance of their beginnings is its offset.
            let place = lines.place(raw.get().as_ptr().addr() - text.as_ptr().addr());
            let Ok(wanted) = serde_json::from_str::<String>(raw.get()) else { continue };
            let at = (file, place);
            match wanted.trim().strip_prefix("workspace:") {
                Some(path) if path.starts_with('.') => {
                    needs.add(kind, &name, Wanted::Path(joined(folder_of(file), path)), at);
                }
                // Whichever version is named, no other package can be meant.
                Some(range) => {
                    let (name, range) = alias(range).unwrap_or((&name, range));
                    needs.add(kind, name, Wanted::Sibling, at);
                    needs.add(kind, name, Wanted::Version(range.to_owned()), at);
                }
                None => {
                    let (name, wanted) = meant(&name, wanted.trim(), file);
                    needs.add(kind, name, wanted, at);
                }
            }
        }
    }
    Ok(needs)
}

/// The package that is meant, which may be another than the one that it is called here, and what is wanted of it.
fn meant<'a>(name: &'a str, text: &'a str, file: &Path) -> (&'a str, Wanted) {
    for protocol in ["file:", "link:", "portal:"] {
        if let Some(path) = text.strip_prefix(protocol) {
            return (name, Wanted::Path(joined(folder_of(file), path.trim_start_matches("//"))));
        }
    }
    if text.starts_with("./") || text.starts_with("../") {
        return (name, Wanted::Path(joined(folder_of(file), text)));
    }
    // `npm:other@1.0.0` is another package under this name, and `npm:^1.0.0` this one.
    let Some(text) = text.strip_prefix("npm:") else { return (name, Wanted::Version(text.to_owned())) };
    let is_range = text.starts_with(|c: char| c.is_ascii_digit() || "^~<>=*".contains(c));
    let (name, version) = if is_range { (name, text) } else { alias(text).unwrap_or((text, "*")) };
    (name, Wanted::Version(version.to_owned()))
}

/// The name and the version of `@scope/name@1.0.0`.
fn alias(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once('@').filter(|(name, _)| !name.is_empty())
}

/// The patterns of `workspaces`, which may be a list or have one.
fn workspace(raw: &RawValue) -> Option<Vec<String>> {
    let listed: serde_json::Value = serde_json::from_str(raw.get()).ok()?;
    let listed = listed.get("packages").unwrap_or(&listed).as_array()?;
    Some(listed.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}
