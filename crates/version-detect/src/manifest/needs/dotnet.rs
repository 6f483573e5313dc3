//! `*.csproj` and its relatives: `PackageReference`, with the versions of `Directory.Packages.props`, and `ProjectReference`
//! (<https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files>). A snapshot is a prerelease that is
//! spelled like the repository's own; .NET has no word for it.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::{Needs, Wanted, folder_of, joined};
use crate::error::Error;
use crate::manifest::Reader;
use crate::manifest::dotnet::evaluated;
use crate::manifest::dotnet::evaluation::Reference;

/// What a project asks for.
pub(super) fn needs(reader: &Reader<'_>, manifest: &Path) -> Result<Needs, Error> {
    let evaluation = evaluated(reader, manifest)?;
    let mut needs = Needs::default();
    let mut unknown = 0;
    // The last one of a name counts.
    let managed = evaluation.references.iter().filter(|reference| reference.item == "PackageVersion");
    let managed: HashMap<String, &Reference> =
        managed.map(|reference| (reference.name.to_ascii_lowercase(), reference)).collect();
    for reference in evaluation.references.iter().filter(|reference| reference.item != "PackageVersion") {
        let at = (reference.file.as_path(), reference.place);
        if reference.item == "ProjectReference" {
            // Items are relative to the project, also where another file has them.
            let Some(paths) = evaluation.expanded(&reference.name) else {
                unknown += 1;
                continue;
            };
            for path in paths.split(';').map(str::trim).filter(|path| !path.is_empty()) {
                let file = joined(folder_of(manifest), path);
                let name = file.file_stem().map_or_else(|| path.into(), |name| name.to_string_lossy()).into_owned();
                needs.dependency(&name, Wanted::Path(file), at);
            }
            continue;
        }
        let managed = || managed.get(&reference.name.to_ascii_lowercase()).copied();
        let home = if reference.version.is_some() { Some(reference) } else { managed() };
        let version = home.and_then(|home| evaluation.expanded(home.version.as_deref()?));
        match (home, version) {
            (Some(home), Some(version)) => {
                needs.dependency(&reference.name, Wanted::Version(version), (&home.file, home.place));
            }
            _ => unknown += 1,
        }
    }
    for path in &evaluation.linked {
        let is_wild = |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?']);
        let before: PathBuf = path.components().take_while(|part| !is_wild(part)).collect();
        if before == *path {
            needs.files.push(before);
        } else if reader.is_folder(&before) {
            needs.folders.push(before);
        }
    }
    if unknown > 0 {
        needs.unseen.push(format!("{unknown} versions of {} that the files do not tell", reader.shown(manifest)));
    }
    Ok(needs)
}
