//! `Chart.yaml`: its `dependencies` (<https://helm.sh/docs/topics/charts/#chart-dependencies>), or those of a chart of the first
//! version in `requirements.yaml`.

use std::path::Path;

use super::{Needs, Wanted, folder_of, joined};
use crate::error::Error;
use crate::manifest::Reader;
use yaml_document::Content;

/// What a chart asks for.
pub(super) fn needs(reader: &Reader<'_>, manifest: &Path) -> Result<Needs, Error> {
    let mut needs = Needs::default();
    let older = reader.locate(&manifest.with_file_name("requirements.yaml"))?;
    for file in std::iter::once(manifest).chain(older.as_deref()) {
        let document = reader.parse(file, |text| Ok(yaml_document::parse(text)?))?;
        let Some(Content::List(items)) = document.get("dependencies").map(|list| &list.content) else { continue };
        for item in items {
            let name = item.get("name").and_then(|name| name.text()).unwrap_or_default();
            let Some(version) = item.get("version") else { continue };
            let at = (file, version.place);
            if let Some(text) = version.text() {
                needs.dependency(name, Wanted::Version(text.to_owned()), at);
            }
            let repository = item.get("repository").and_then(|repository| repository.text()).unwrap_or_default();
            if let Some(path) = repository.strip_prefix("file://") {
                needs.dependency(name, Wanted::Path(joined(folder_of(file), path)), at);
            }
        }
    }
    Ok(needs)
}
