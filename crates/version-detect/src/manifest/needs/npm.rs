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
    let mut needs =
        Needs { name: fields.0.get("name").and_then(|name| serde_json::from_str(name.get()).ok()), ..Needs::default() };
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
            match wanted.trim().strip_prefix("workspace:") {
                // Whichever version is named, no other package can be meant.
                Some(range) => {
                    needs.add(kind, &name, Wanted::Sibling, (file, place));
                    needs.add(kind, &name, Wanted::Version(range.to_owned()), (file, place));
                }
                None => needs.add(kind, &name, wanted_of(&wanted, file), (file, place)),
            }
        }
    }
    Ok(needs)
}

fn wanted_of(text: &str, file: &Path) -> Wanted {
    let text = text.trim();
    for protocol in ["file:", "link:", "portal:"] {
        if let Some(path) = text.strip_prefix(protocol) {
            return Wanted::Path(joined(folder_of(file), path.trim_start_matches("//")));
        }
    }
    // `npm:other@1.0.0` is another package under this name.
    match text.strip_prefix("npm:").and_then(|alias| alias.rsplit_once('@')) {
        Some((_, version)) => Wanted::Version(version.to_owned()),
        None => Wanted::Version(text.to_owned()),
    }
}
