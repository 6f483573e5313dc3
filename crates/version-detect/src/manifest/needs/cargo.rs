//! `Cargo.toml`: its tables of dependencies, also those of targets and of the workspace
//! (<https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Needs, Wanted, folder_of, joined};
use crate::error::Error;
use crate::manifest::place::Lines;
use crate::manifest::{Flaw, Place, Reader, UseKind};

/// The names of the tables; Cargo still takes the older ones.
const TABLES: [&str; 5] =
    ["dependencies", "dev-dependencies", "build-dependencies", "dev_dependencies", "build_dependencies"];

/// The most folders that the patterns of members lead to.
const MOST_FOLDERS: usize = 10_000;

/// The most folders that are looked into for them.
const MOST_LISTED: usize = 5_000;

/// A dependency as one table has it.
struct Dependency {
    kind: UseKind,
    name: String,
    /// Its own name, where it has another one here.
    package: Option<String>,
    version: Option<(String, Place)>,
    path: Option<(String, Place)>,
    /// `workspace = true`
    is_inherited: bool,
}

/// What a `Cargo.toml` says of dependencies.
struct Document {
    name: Option<String>,
    own: Vec<Dependency>,
    /// `workspace.dependencies`
    shared: HashMap<String, Dependency>,
    is_root: bool,
    members: Vec<String>,
}

/// What a package asks for, from its workspace where it inherits that; of a workspace without a package, its members.
pub(super) fn needs(reader: &Reader<'_>, manifest: &Path) -> Result<Needs, Error> {
    let own = reader.parse_shared(manifest, parse)?;
    let mut needs = Needs { name: own.name.clone(), ..Needs::default() };
    let inherited = own.own.iter().any(|dependency| dependency.is_inherited);
    let shared = if inherited { workspace(reader, manifest)? } else { None };
    for dependency in &own.own {
        let other = shared
            .as_ref()
            .filter(|_| dependency.is_inherited)
            .and_then(|(file, shared)| Some((file.as_path(), shared.shared.get(&dependency.name)?)));
        let kind = dependency.kind;
        let (file, dependency) = other.unwrap_or((manifest, dependency));
        add(&mut needs, file, dependency, kind);
    }
    if own.name.is_none() && own.is_root {
        let mut listed = 0;
        for pattern in &own.members {
            members(reader, folder_of(manifest), pattern, (&mut needs, &mut listed))?;
            if listed > MOST_LISTED || needs.members.len() > MOST_FOLDERS {
                needs.unseen.push(format!("the members of {} after `{pattern}`", reader.shown(manifest)));
                break;
            }
        }
    }
    Ok(needs)
}

fn add(needs: &mut Needs, file: &Path, dependency: &Dependency, kind: UseKind) {
    let name = dependency.package.as_ref().unwrap_or(&dependency.name);
    if let Some((version, place)) = &dependency.version {
        needs.add(kind, name, Wanted::Version(version.clone()), (file, *place));
    }
    if let Some((path, place)) = &dependency.path {
        needs.add(kind, name, Wanted::Path(joined(folder_of(file), path)), (file, *place));
    }
}

/// The root of the package's workspace: its own manifest, or the nearest above.
fn workspace(reader: &Reader<'_>, manifest: &Path) -> Result<Option<(PathBuf, Arc<Document>)>, Error> {
    for folder in reader.upwards(folder_of(manifest)) {
        let Some(file) = reader.locate(&folder.join("Cargo.toml"))? else { continue };
        let document = reader.parse_shared(&file, parse)?;
        if document.is_root {
            return Ok(Some((file, document)));
        }
    }
    Ok(None)
}

/// The manifests of the members that a pattern takes, whose parts may hold `*`; `listed` counts the folders that are looked into.
fn members(
    reader: &Reader<'_>,
    root: &Path,
    pattern: &str,
    (needs, listed): (&mut Needs, &mut usize),
) -> Result<(), Error> {
    let mut folders = vec![root.to_path_buf()];
    for part in pattern.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let mut next = Vec::new();
        for folder in folders {
            if part == "**" || part.contains(['?', '[']) {
                needs.unseen.push(format!("the members `{pattern}` of {}", reader.shown(&root.join("Cargo.toml"))));
                return Ok(());
            }
            if !part.contains('*') {
                next.push(joined(&folder, part));
                continue;
            }
            *listed += 1;
            if *listed > MOST_LISTED {
                break;
            }
            let (begin, end) = part.split_once('*').unwrap_or((part, ""));
            let is_one =
                |name: &String| name.len() >= begin.len() + end.len() && name.starts_with(begin) && name.ends_with(end);
            next.extend(reader.names(&folder)?.iter().filter(|name| is_one(name)).map(|name| folder.join(name)));
        }
        next.truncate(MOST_FOLDERS);
        folders = next;
    }
    for folder in folders {
        needs.members.extend(reader.locate(&folder.join("Cargo.toml"))?);
    }
    Ok(())
}

fn parse(text: &str) -> Result<Document, Flaw> {
    Flaw::of_length(text)?;
    let document = DeTable::parse(text).map_err(|error| {
        let place = error.span().map_or(Place::START, |span| Place::of(text, span.start));
        Flaw::malformed(error.message(), place)
    })?;
    let (root, lines) = (document.get_ref(), Lines::of(text));
    let table = |parent: &'_ DeTable<'_>, name: &str| parent.get(name).is_some_and(|it| it.get_ref().is_table());
    let package = root.get("package").or_else(|| root.get("project")).map(Spanned::get_ref);
    let name = package.and_then(|package| package.get("name")?.get_ref().as_str().map(str::to_owned));
    let mut own = list(root, &TABLES, &lines);
    for target in root.get("target").and_then(|targets| targets.get_ref().as_table()).into_iter().flatten() {
        own.extend(target.1.get_ref().as_table().map_or_else(Vec::new, |target| list(target, &TABLES, &lines)));
    }
    let workspace = root.get("workspace").and_then(|workspace| workspace.get_ref().as_table());
    let shared = workspace.map_or_else(Vec::new, |workspace| list(workspace, &TABLES[..1], &lines));
    let members = workspace.and_then(|workspace| workspace.get("members")?.get_ref().as_array());
    Ok(Document {
        name: name.or_else(|| table(root, "package").then(String::new)),
        own,
        shared: shared.into_iter().map(|dependency| (dependency.name.clone(), dependency)).collect(),
        is_root: workspace.is_some(),
        members: members.into_iter().flatten().filter_map(|it| it.get_ref().as_str().map(str::to_owned)).collect(),
    })
}

fn list(parent: &DeTable<'_>, names: &[&str], lines: &Lines<'_>) -> Vec<Dependency> {
    let tables = names.iter().filter_map(|name| Some((*name, parent.get(*name)?.get_ref().as_table()?)));
    let of_table = |(table, members): (&str, &DeTable<'_>)| {
        // Tests, examples and benchmarks have them, and a package that depends on this one does not.
        let kind = if table.starts_with("dev") { UseKind::Development } else { UseKind::Dependency };
        members.iter().map(|(name, value)| dependency(kind, name.get_ref(), value, lines)).collect::<Vec<_>>()
    };
    tables.flat_map(of_table).collect()
}

fn dependency(kind: UseKind, name: &str, value: &Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Dependency {
    let text = |value: Option<&Spanned<DeValue<'_>>>| {
        let value = value?;
        Some((value.get_ref().as_str()?.to_owned(), lines.place(value.span().start)))
    };
    let member = |name: &str| value.get_ref().get(name);
    Dependency {
        kind,
        name: name.to_owned(),
        package: text(member("package")).map(|(name, _)| name),
        version: text(Some(value)).or_else(|| text(member("version"))),
        path: text(member("path")),
        is_inherited: member("workspace").and_then(|is| is.get_ref().as_bool()) == Some(true),
    }
}
