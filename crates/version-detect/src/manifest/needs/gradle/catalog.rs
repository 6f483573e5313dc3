//! The version catalog of a build (<https://docs.gradle.org/current/userguide/version_catalogs.html>).

use std::collections::HashMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::manifest::needs::Needs;
use crate::manifest::place::Lines;
use crate::manifest::{Flaw, Place, UseKind};

/// A library or a plugin: its coordinates without a version, and that.
struct Entry {
    kind: UseKind,
    name: String,
    version: Option<(String, Place)>,
}

/// The catalog, by names with `-` for each separator.
#[derive(Default)]
pub(super) struct Catalog {
    /// The kind, the coordinates without a version, and the version.
    entries: HashMap<String, Entry>,
    /// The entries of each bundle that have a version: the others ask for nothing, however many they are.
    bundles: HashMap<String, Vec<String>>,
}

impl Catalog {
    /// Adds the entry that a script names, after which it may have called something: `libs.a.b.get()`.
    pub(super) fn add(&self, needs: &mut Needs, file: &Path, path: &str) {
        let mut path = path;
        loop {
            let bundled = path.strip_prefix("bundles-").and_then(|name| self.bundles.get(name));
            let one = [path.to_owned()];
            let names: &[String] = bundled.map_or(&one[..], Vec::as_slice);
            let found = names.iter().filter_map(|name| self.entries.get(name));
            let mut any = bundled.is_some();
            for Entry { kind, name, version } in found {
                any = true;
                if let Some((version, place)) = version {
                    needs.version(*kind, name, version, (file, *place));
                }
                if needs.is_full() {
                    return;
                }
            }
            match path.rsplit_once('-') {
                Some((shorter, _)) if !any => path = shorter,
                _ => return,
            }
        }
    }
}

/// Parses the file of a catalog.
pub(super) fn parse(text: &str) -> Result<Catalog, Flaw> {
    Flaw::of_length(text)?;
    let mut catalog = Catalog::default();
    // The version does not come from it, so what is wrong there is for Gradle to say.
    let Ok(document) = DeTable::parse(text) else { return Ok(catalog) };
    let lines = Lines::of(text);
    let members = |name: &str| {
        let table = document.get_ref().get(name).and_then(|table| table.get_ref().as_table());
        table.into_iter().flatten().map(|(name, value)| (name.get_ref().replace(['_', '.'], "-"), value))
    };
    let written = |value: &toml::Spanned<DeValue<'_>>| {
        let parts = ["strictly", "require", "prefer"].iter().filter_map(|part| value.get_ref().get(*part));
        let text = std::iter::once(value).chain(parts).find(|value| value.get_ref().is_str())?;
        Some((text.get_ref().as_str()?.to_owned(), lines.place(text.span().start)))
    };
    let versions: HashMap<String, (String, Place)> =
        members("versions").filter_map(|(name, value)| Some((name, written(value)?))).collect();
    for (table, kind, prefix) in [("libraries", UseKind::Dependency, ""), ("plugins", UseKind::Plugin, "plugins-")] {
        for (alias, value) in members(table) {
            let at = |key: &str| value.get_ref().get(key);
            let text = |key: &str| at(key).and_then(|text| text.get_ref().as_str());
            let short = value.get_ref().as_str().and_then(|text| text.rsplit_once(':'));
            let name = text("module").or_else(|| text("id")).map(str::to_owned);
            let name = name.or_else(|| Some(format!("{}:{}", text("group")?, text("name")?)));
            let name = name.or_else(|| short.map(|(name, _)| name.to_owned())).unwrap_or_default();
            let named = at("version").and_then(|version| version.get_ref().get("ref")?.get_ref().as_str());
            let version = match (short, named) {
                (Some((_, version)), _) => Some((version.to_owned(), lines.place(value.span().start))),
                (None, Some(named)) => versions.get(&named.replace(['_', '.'], "-")).cloned(),
                (None, None) => at("version").and_then(written),
            };
            catalog.entries.insert(format!("{prefix}{alias}"), Entry { kind, name, version });
        }
    }
    for (name, list) in members("bundles") {
        let items = list.get_ref().as_array().into_iter().flatten().filter_map(|item| item.get_ref().as_str());
        let items = items.map(|item| item.replace(['_', '.'], "-"));
        let asks = |item: &String| catalog.entries.get(item).is_some_and(|entry| entry.version.is_some());
        let items = items.filter(asks).collect();
        catalog.bundles.insert(name, items);
    }
    Ok(catalog)
}
