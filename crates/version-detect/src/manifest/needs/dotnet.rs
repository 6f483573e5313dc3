//! `*.csproj` and its relatives: `PackageReference`, with the versions of `Directory.Packages.props`, and `ProjectReference`
//! (<https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files>). A snapshot is a prerelease that is
//! spelled like the repository's own; .NET has no word for it.

use std::path::Path;

use super::{Needs, Wanted, folder_of, joined};
use crate::error::Error;
use crate::manifest::Reader;
use crate::manifest::dotnet::evaluated;

/// What a project asks for.
pub(super) fn needs(reader: &Reader<'_>, manifest: &Path) -> Result<Needs, Error> {
    let evaluation = evaluated(reader, manifest)?;
    let mut needs = Needs::default();
    let mut unknown = 0;
    for reference in evaluation.references.iter().filter(|reference| reference.item != "PackageVersion") {
        let at = (reference.file.as_path(), reference.place);
        if reference.item == "ProjectReference" {
            // Items are relative to the project, also where another file has them.
            let Some(paths) = evaluation.expanded(&reference.name) else {
                unknown += 1;
                continue;
            };
            for path in paths.split(';').map(str::trim).filter(|path| !path.is_empty()) {
                needs.dependency(path, Wanted::Path(joined(folder_of(manifest), path)), at);
            }
            continue;
        }
        let is_it = |name: &str| name.eq_ignore_ascii_case(&reference.name);
        let managed = || {
            let mut all = evaluation.references.iter().rev();
            all.find(|other| other.item == "PackageVersion" && is_it(&other.name))
        };
        let home = if reference.version.is_some() { Some(reference) } else { managed() };
        let version = home.and_then(|home| evaluation.expanded(home.version.as_deref()?));
        match (home, version) {
            (Some(home), Some(version)) => {
                needs.dependency(&reference.name, Wanted::Version(version), (&home.file, home.place));
            }
            _ => unknown += 1,
        }
    }
    if unknown > 0 {
        needs.unseen.push(format!("{unknown} versions of {} that the files do not tell", reader.shown(manifest)));
    }
    Ok(needs)
}
