//! The version catalog `gradle/libs.versions.toml` (<https://docs.gradle.org/current/userguide/version_catalogs.html>): the
//! ids behind the plugins' names, and versions that a script may take for its own.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::Flaw;
use super::value::{At, Value, ValueKind};

/// A catalog, by names with `-` for each separator.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    plugins: HashMap<String, String>,
    versions: HashMap<String, Value>,
}

impl Catalog {
    /// What the catalog says; one that is malformed says nothing, as the version is not in it.
    pub(super) fn parse(text: &str, source: usize) -> Self {
        let mut catalog = Self::default();
        let document = Flaw::of_length(text).ok().and_then(|()| DeTable::parse(text).ok());
        let Some(document) = document else { return catalog };
        let members = |name: &str| document.get_ref().get(name).and_then(|table| table.get_ref().as_table());
        for (name, plugin) in members("plugins").into_iter().flatten() {
            let id = plugin.get_ref().get("id").and_then(|id| id.get_ref().as_str());
            let short = || plugin.get_ref().as_str().and_then(|text| text.split(':').next());
            if let Some(id) = id.or_else(short) {
                catalog.plugins.insert(accessor(name.get_ref()), id.to_owned());
            }
        }
        for (name, version) in members("versions").into_iter().flatten() {
            if let Some(version) = plain(version) {
                let at = At { source, offset: version.span().start };
                let kind = ValueKind::Text(version.get_ref().as_str().unwrap_or_default().to_owned());
                catalog.versions.insert(accessor(name.get_ref()), Value { kind, at });
            }
        }
        catalog
    }

    /// The id of a plugin.
    pub(super) fn plugin(&self, name: &str) -> Option<String> {
        self.plugins.get(name).cloned()
    }

    /// A version.
    pub(super) fn version(&self, name: &str) -> Option<Value> {
        self.versions.get(name).cloned()
    }
}

/// The text of a version, also of a rich one.
fn plain<'v, 'a>(version: &'v Spanned<DeValue<'a>>) -> Option<&'v Spanned<DeValue<'a>>> {
    let parts = ["strictly", "require", "prefer"];
    let rich = || parts.iter().find_map(|part| version.get_ref().get(part));
    version.get_ref().as_str().map(|_| version).or_else(rich).filter(|version| version.get_ref().as_str().is_some())
}

/// The name as scripts have it, whose parts `-`, `_` and `.` separate alike.
fn accessor(name: &str) -> String {
    name.replace(['_', '.'], "-")
}
