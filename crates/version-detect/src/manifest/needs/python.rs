//! `pyproject.toml`, `setup.cfg` and the files of requirements that they name
//! (<https://packaging.python.org/en/latest/specifications/dependency-specifiers/>); the tables of Poetry and uv. A snapshot is a
//! development release: installers take one only where a requirement names it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Needs, Wanted, folder_of, joined};
use crate::error::Error;
use crate::manifest::place::Lines;
use crate::manifest::python::{distribution, setup_cfg};
use crate::manifest::{Flaw, Place, Reader, UseKind};

/// The most files of requirements of a project.
const MOST_FILES: usize = 50;

/// A requirement, where it is written.
type Line = (String, Place);

/// What `pyproject.toml` says.
#[derive(Default)]
struct Project {
    name: Option<String>,
    requirements: Vec<Line>,
    /// What only those who work on it need, and no wheel names.
    development: Vec<Line>,
    /// A table of Poetry or uv: the name, and what is wanted of it; the path is relative.
    named: Vec<(UseKind, String, Local, Place)>,
    /// The names that uv's table has a source of.
    sourced: HashSet<String>,
    /// The files that have more of them.
    files: Vec<String>,
    /// The patterns of the members of uv's workspace, `!` before those that are none.
    workspace: Option<Vec<String>>,
}

/// What a table says of a requirement.
enum Local {
    Version(String),
    Path(String),
    Sibling,
}

/// What a project asks for.
pub(super) fn needs(reader: &Reader<'_>, manifest: &Path) -> Result<Needs, Error> {
    let folder = folder_of(manifest);
    let mut needs = Needs::default();
    let (mut files, mut sourced): (Vec<PathBuf>, HashSet<String>) = (Vec::new(), HashSet::new());
    if let Some(file) = reader.locate(&folder.join("pyproject.toml"))? {
        let project = reader.parse(&file, pyproject)?;
        (needs.name, needs.workspace, sourced) = (project.name, project.workspace, project.sourced);
        requirements(&mut needs, &file, project.requirements, UseKind::Dependency);
        requirements(&mut needs, &file, project.development, UseKind::Development);
        for (kind, name, local, place) in project.named {
            let wanted = match local {
                Local::Version(version) => Wanted::Version(version),
                Local::Path(path) => Wanted::Path(joined(folder, &path)),
                Local::Sibling => Wanted::Sibling,
            };
            needs.add(kind, &distribution(&name), wanted, (&file, place));
        }
        files.extend(project.files.iter().map(|path| joined(folder, path)));
    }
    if let Some(file) = reader.locate(&folder.join("setup.cfg"))? {
        let listed = reader.parse(&file, |text| {
            let config = setup_cfg::parse(text)?;
            let name = config.value("metadata", "name")?.map(|name| distribution(&name.text));
            let listed = [("options", "install_requires"), ("options", "setup_requires")];
            let listed: Vec<_> = listed
                .into_iter()
                .filter_map(|(section, option)| config.value(section, option).transpose())
                .collect::<Result<_, _>>()?;
            let found: Vec<Line> =
                listed.iter().flat_map(|option| lines_of(text, &option.text, option.place)).collect();
            Ok((name, found))
        })?;
        needs.name = needs.name.or(listed.0);
        requirements(&mut needs, &file, listed.1, UseKind::Dependency);
    }
    if let Some(script) = reader.locate(&folder.join("setup.py"))? {
        needs.unseen.push(format!("what {} asks for, which is a program", reader.shown(&script)));
        files.push(folder.join("requirements.txt"));
    }
    let mut seen: Vec<PathBuf> = Vec::new();
    while let Some(path) = files.pop() {
        if seen.len() >= MOST_FILES {
            needs.cut = Some(format!("it has more than {MOST_FILES} files of requirements"));
            break;
        }
        let file = reader.locate(&path).ok().flatten().filter(|file| !seen.contains(file));
        let Some(file) = file else { continue };
        let (listed, more) = reader.parse(&file, |text| Ok(listed(text)))?;
        for (text, place) in &listed {
            // pip takes paths from where it runs, which is the project's folder.
            if let Some(path) = installed(text) {
                needs.dependency(path, Wanted::Path(joined(folder, path)), (&file, *place));
            }
        }
        requirements(&mut needs, &file, listed, UseKind::Dependency);
        files.extend(more.iter().map(|path| joined(folder_of(&file), path)));
        seen.push(file);
    }
    needs.all.iter_mut().for_each(|need| need.is_sourced = sourced.contains(&need.name));
    Ok(needs)
}

fn requirements(needs: &mut Needs, file: &Path, listed: Vec<Line>, kind: UseKind) {
    for (text, place) in listed.into_iter().filter(|(text, _)| installed(text).is_none()) {
        if let Some((name, version)) = specifiers(&text) {
            needs.add(kind, &name, Wanted::Version(version.to_owned()), (file, place));
        } else if let Some((name, path)) = addressed(&text) {
            needs.add(kind, &name, Wanted::Path(joined(folder_of(file), path)), (file, place));
        }
    }
}

/// The folder that a line of a file of requirements names instead of a requirement: `-e ../core[extra]`, `./core`.
fn installed(line: &str) -> Option<&str> {
    let option = ["--editable", "-e"].iter().find_map(|option| line.strip_prefix(option));
    let text =
        option.map(|text| text.trim_start_matches(['=', ' '])).or_else(|| line.starts_with('.').then_some(line))?;
    let path = text.split([';', '#', '[', ' ']).next()?;
    let path = path.strip_prefix("file:").unwrap_or(path);
    (!path.is_empty() && !path.contains(':')).then_some(path)
}

/// The folder behind the `@` of a requirement, relative to the project's: `core @ file:../core`, also as PDM and Hatch have it.
fn addressed(requirement: &str) -> Option<(String, &str)> {
    let (name, address) = requirement.split(" #").next()?.split(';').next()?.split_once('@')?;
    let address = address.trim();
    let in_address = || {
        let path = address.strip_prefix("file:")?;
        let of_project = path.trim_start_matches('/').strip_prefix("${PROJECT_ROOT}/");
        of_project.or_else(|| (!path.starts_with('/')).then_some(path))
    };
    let path = address.strip_prefix("{root:uri}/").or_else(in_address)?;
    Some((distribution(name.trim()), path))
}

/// The name and the versions of a requirement; `None` for what has no name, or an address instead of versions.
fn specifiers(requirement: &str) -> Option<(String, &str)> {
    let requirement = requirement.split(" #").next()?.split(';').next()?.trim();
    let name = distribution(requirement);
    let rest = requirement.get(name.len()..)?.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1.trim_start(),
        None => rest,
    };
    (!name.is_empty() && !rest.starts_with('@')).then_some((name, rest))
}

/// The requirements of a file, and the files that it takes in (<https://pip.pypa.io/en/stable/reference/requirements-file-format/>).
fn listed(text: &str) -> (Vec<Line>, Vec<String>) {
    let (mut found, mut more) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let content = line.trim();
        let column = line.chars().take_while(|c| c.is_whitespace()).count() + 1;
        let taken =
            ["-r", "--requirement", "-c", "--constraint"].iter().find_map(|option| content.strip_prefix(option));
        match taken {
            Some(path) => more.push(path.trim_start_matches(['=', ' ']).to_owned()),
            None if content.starts_with('#') || content.is_empty() => {}
            None if content.starts_with('-') && installed(content).is_none() => {}
            // Hashes of what is installed follow on the same line.
            None => {
                let content = content.split(" --").next().unwrap_or(content).trim_end_matches(['\\', ' ']);
                found.push((content.to_owned(), Place { line: index + 1, column }));
            }
        }
    }
    (found, more)
}

/// The lines of an option, each where it is written: at `place` or in a line after it.
fn lines_of(text: &str, value: &str, place: Place) -> Vec<Line> {
    let mut lines = text.lines().enumerate().skip(place.line - 1);
    let mut found = Vec::new();
    for wanted in value.lines().map(str::trim).filter(|line| !line.is_empty()) {
        // Each line is looked for behind the one before; one that is put together is in none.
        let line = lines.find(|(_, line)| line.trim().ends_with(wanted));
        let here = line.filter(|(index, _)| index + 1 != place.line).map_or(place, |(index, line)| {
            let blank = line.len() - line.trim_start().len();
            Place { line: index + 1, column: line[..blank].chars().count() + 1 }
        });
        found.push((wanted.to_owned(), here));
    }
    found
}

fn pyproject(text: &str) -> Result<Project, Flaw> {
    Flaw::of_length(text)?;
    let document = DeTable::parse(text).map_err(|error| {
        let place = error.span().map_or(Place::START, |span| Place::of(text, span.start));
        Flaw::malformed(error.message(), place)
    })?;
    let lines = Lines::of(text);
    let value = |path: &[&str]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(document.get_ref().get(*first)?, |value, name| value.get_ref().as_table()?.get(*name))
    };
    let members = |path: &[&str]| value(path).and_then(|value| value.get_ref().as_table()).into_iter().flatten();
    let mut project = Project::default();
    let name = value(&["project", "name"]).or_else(|| value(&["tool", "poetry", "name"]));
    project.name = name.and_then(|name| name.get_ref().as_str()).map(distribution);
    let list = |value: Option<&Spanned<DeValue<'_>>>| {
        let items = value.and_then(|value| value.get_ref().as_array()).into_iter().flatten();
        let line =
            |item: &Spanned<DeValue<'_>>| Some((item.get_ref().as_str()?.to_owned(), lines.place(item.span().start)));
        items.filter_map(line).collect::<Vec<Line>>()
    };
    project.requirements = list(value(&["project", "dependencies"]));
    project.requirements.extend(list(value(&["build-system", "requires"])));
    project
        .requirements
        .extend(members(&["project", "optional-dependencies"]).flat_map(|(_, extra)| list(Some(extra))));
    project.development = members(&["dependency-groups"]).flat_map(|(_, group)| list(Some(group))).collect();
    project.development.extend(list(value(&["tool", "uv", "dev-dependencies"])));
    let mut named: Vec<_> = members(&["tool", "poetry", "dependencies"]).map(|it| (UseKind::Dependency, it)).collect();
    named.extend(members(&["tool", "poetry", "dev-dependencies"]).map(|it| (UseKind::Development, it)));
    for (_, group) in members(&["tool", "poetry", "group"]) {
        let listed = group.get_ref().get("dependencies").and_then(|it| it.get_ref().as_table()).into_iter().flatten();
        named.extend(listed.map(|it| (UseKind::Development, it)));
    }
    // A source is for whatever asks for its name.
    let asked = |lines: &[Line]| lines.iter().map(|(text, _)| distribution(text)).collect::<HashSet<_>>();
    let (released, groups) = (asked(&project.requirements), asked(&project.development));
    named.extend(members(&["tool", "uv", "sources"]).map(|it| {
        let name = distribution(it.0.get_ref());
        project.sourced.insert(name.clone());
        let is_of_groups = groups.contains(&name) && !released.contains(&name);
        (if is_of_groups { UseKind::Development } else { UseKind::Dependency }, it)
    }));
    for (kind, (name, value)) in named {
        let several = value.get_ref().as_array();
        let one = if several.is_some() { None } else { Some(value) };
        for value in several.into_iter().flatten().chain(one) {
            let text = |key: &str| value.get_ref().get(key).and_then(|it| Some((it.get_ref().as_str()?, it.span())));
            let plain = value.get_ref().as_str().map(|text| (text, value.span()));
            if let Some((version, span)) = plain.or_else(|| text("version")) {
                let place = lines.place(span.start);
                project.named.push((kind, name.get_ref().to_string(), Local::Version(version.to_owned()), place));
            }
            if let Some((path, span)) = text("path") {
                let place = lines.place(span.start);
                project.named.push((kind, name.get_ref().to_string(), Local::Path(path.to_owned()), place));
            }
            if value.get_ref().get("workspace").and_then(|is| is.get_ref().as_bool()) == Some(true) {
                project.named.push((kind, name.get_ref().to_string(), Local::Sibling, lines.place(value.span().start)));
            }
        }
    }
    if value(&["tool", "uv", "workspace"]).is_some() {
        let texts = |key: &str| {
            let list = value(&["tool", "uv", "workspace", key]).and_then(|list| list.get_ref().as_array());
            list.into_iter().flatten().filter_map(|item| item.get_ref().as_str()).collect::<Vec<_>>()
        };
        let left_out = texts("exclude").into_iter().map(|folder| format!("!{folder}"));
        project.workspace = Some(texts("members").into_iter().map(str::to_owned).chain(left_out).collect());
    }
    let file = value(&["tool", "setuptools", "dynamic", "dependencies"]).and_then(|value| value.get_ref().get("file"));
    let one = file.and_then(|file| file.get_ref().as_str()).map(str::to_owned);
    let several = file.and_then(|file| file.get_ref().as_array()).into_iter().flatten();
    project.files.extend(one.into_iter().chain(several.filter_map(|it| it.get_ref().as_str().map(str::to_owned))));
    Ok(project)
}
