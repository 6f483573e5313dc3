//! Gradle: the coordinates that the `dependencies` and `plugins` of scripts write out, those of the version catalog that they name,
//! and `project(":name")`. Scripts are programs, which are not run: what is put together is counted and not looked at.

mod catalog;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Needs, Wanted, folder_of, joined};
use crate::error::Error;
use crate::manifest::gradle::lexer::{Dialect, Kind, Token, Tokens};
use crate::manifest::gradle::{SCRIPTS, SETTINGS, first};
use crate::manifest::place::Lines;
use crate::manifest::{Place, Reader, UseKind};
use catalog::Catalog;

/// The version catalog, below the root of the build.
const CATALOG: &str = "gradle/libs.versions.toml";

/// The most projects of a build, and the most that a script names.
const MOST_PROJECTS: usize = 2_000;
const MOST_NAMED: usize = 20_000;

/// The blocks in which coordinates are dependencies.
const BLOCKS: [&str; 2] = ["dependencies", "plugins"];

/// What a project asks for.
pub(super) fn needs(reader: &Reader<'_>, manifest: &Path) -> Result<Needs, Error> {
    let folder = folder_of(manifest);
    let mut settings = None;
    for above in reader.upwards(folder) {
        settings = first(reader, above, &SETTINGS)?;
        if settings.is_some() {
            break;
        }
    }
    let root = settings.as_deref().map_or(folder, folder_of);
    let catalog = match reader.locate(&root.join(CATALOG))? {
        Some(file) => {
            let catalog = reader.parse_shared(&file, catalog::parse)?;
            Some((file, catalog))
        }
        None => None,
    };
    let mut needs = Needs::default();
    let mut projects = Projects { root, included: Vec::new(), moved: HashMap::new() };
    // Its classes are those of every script, so it is built before anything else.
    needs.folders.push(root.join("buildSrc"));
    if let Some(file) = &settings {
        let script = read(reader, file)?;
        script.add(&mut needs, file, catalog.as_ref(), &projects, Scope::Foreign);
        needs.folders.extend(script.builds.iter().map(|path| joined(root, path)));
        needs.files.extend(script.catalogs.iter().map(|path| joined(root, path)));
        (projects.included, projects.moved) = (script.included, script.moved);
    }
    needs.folders.retain(|folder| reader.is_folder(folder));
    let own = first(reader, folder, &SCRIPTS)?;
    if root != folder
        && let Some(file) = first(reader, root, &SCRIPTS)?
    {
        read(reader, &file)?.add(&mut needs, &file, catalog.as_ref(), &projects, Scope::Foreign);
    }
    if let Some(file) = &own {
        read(reader, file)?.add(&mut needs, file, catalog.as_ref(), &projects, Scope::Own);
    }
    if root == folder {
        for project in &projects.included {
            needs.members.extend(first(reader, &projects.folder_of(project), &SCRIPTS)?);
        }
    }
    let unknown = std::mem::take(&mut needs.unseen).len();
    if unknown > 0 {
        let text = format!("{unknown} versions of {} that its scripts put together", reader.shown(manifest));
        needs.unseen.push(text);
    }
    Ok(needs)
}

/// The projects of a build.
struct Projects<'a> {
    root: &'a Path,
    included: Vec<String>,
    /// The folders, relative to the root, of those that say theirs.
    moved: HashMap<String, String>,
}

impl Projects<'_> {
    fn folder_of(&self, project: &str) -> PathBuf {
        if let Some(folder) = self.moved.get(project.trim_start_matches(':')) {
            return joined(self.root, folder);
        }
        let parts = project.split(':').filter(|part| !part.is_empty() && *part != "..");
        parts.fold(self.root.to_path_buf(), |at, part| at.join(part))
    }
}

/// Whose script is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The project's.
    Own,
    /// That of the root or of the settings, whose own dependencies are not the project's.
    Foreign,
}

/// What a script writes out.
#[derive(Default)]
struct Script {
    found: Vec<Named>,
    /// The projects that settings include.
    included: Vec<String>,
    /// The folders of those that say theirs, by their paths without the first colon.
    moved: HashMap<String, String>,
    /// The folders of the builds that settings include.
    builds: Vec<String>,
    /// The files of catalogs that settings name.
    catalogs: Vec<String>,
    /// Whether it names more than is looked at.
    is_cut: bool,
}

/// Something that a script names.
struct Named {
    what: What,
    place: Place,
    /// Whether it stands in a block at the top level, which is of this project alone.
    is_own: bool,
}

enum What {
    /// `group:artifact:version`, or the id and the version of a plugin.
    Coordinate(UseKind, String, String),
    /// `libs.a.b`, by names with `-` between.
    Catalog(String),
    /// `:a:b`
    Project(String),
    /// `projects.a.b`, by names with `-` between.
    Accessor(String),
    /// A coordinate that is put together.
    Unknown,
}

fn read(reader: &Reader<'_>, file: &Path) -> Result<Script, Error> {
    let is_kotlin = file.extension().is_some_and(|extension| extension == "kts");
    let dialect = if is_kotlin { Dialect::Kotlin } else { Dialect::Groovy };
    reader.parse(file, |text| Ok(script(text, dialect)))
}

fn script(text: &str, dialect: Dialect) -> Script {
    let lines = Lines::of(text);
    let tokens: Vec<Token<'_>> = Tokens::of(text, dialect).filter(|token| token.kind != Kind::End).collect();
    let mut script = Script::default();
    let mut blocks: Vec<&str> = Vec::new();
    // Where among them the first one of dependencies is.
    let mut block: Option<usize> = None;
    let (mut name, mut text_before) = ("", "");
    let mut parentheses = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        let next = |ahead: usize| tokens.get(index + ahead);
        let is = |ahead: usize, text: &str| next(ahead).is_some_and(|token| token.is(text));
        let mut add = |what| {
            let is_own = block == Some(0) && blocks[0] == "dependencies";
            if script.found.len() >= MOST_NAMED {
                script.is_cut = true;
                return;
            }
            script.found.push(Named { what, place: lines.place(token.start), is_own });
        };
        match (token.kind, token.text) {
            (Kind::Sign, "(") => parentheses += 1,
            (Kind::Sign, ")") => parentheses = parentheses.saturating_sub(1),
            (Kind::Sign, "{") => {
                block = block.or_else(|| BLOCKS.contains(&name).then_some(blocks.len()));
                blocks.push(name);
            }
            (Kind::Sign, "}") => {
                blocks.pop();
                block = block.filter(|block| *block < blocks.len());
            }
            (Kind::Name, "libs" | "projects") if is(1, ".") => {
                let is_catalog = token.text == "libs";
                let path = accessor(&tokens[index..]);
                if block.is_some() || (is_catalog && path.starts_with("plugins-")) {
                    add(if is_catalog { What::Catalog(path) } else { What::Accessor(path) });
                }
            }
            (Kind::Name, "project") if block.is_some() => {
                let named = [2, 1, 4, 3].into_iter().filter_map(next).find(|token| token.is_text());
                if let Some(path) = named.filter(|token| token.text.starts_with(':')) {
                    add(What::Project(path.text.to_owned()));
                }
            }
            (Kind::Name, "include") if block.is_none() => {
                let texts = tokens[index + 1..]
                    .iter()
                    .take_while(|token| token.is_text() || ["(", ",", ")"].contains(&token.text));
                let texts = texts.filter(|token| token.is_text()).map(|token| token.text.to_owned());
                let free = MOST_PROJECTS - script.included.len();
                let mut texts = texts;
                script.included.extend(texts.by_ref().take(free));
                script.is_cut |= texts.next().is_some();
            }
            (Kind::Name, "rootProject") if block.is_some() && !is(1, ".") => add(What::Project(":".to_owned())),
            (Kind::Name, "includeBuild") => {
                let path = (1..=4).filter_map(next).find(|token| token.is_text()).and_then(path_of);
                script.builds.extend(path.filter(|_| script.builds.len() < MOST_PROJECTS));
            }
            // `project(":a").projectDir = file("b")`
            (Kind::Name, "projectDir") if index >= 3 && is(1, "=") => {
                let (before, project) = (&tokens[index - 1], &tokens[index - 3]);
                let path = (2..=8).filter_map(next).find(|token| token.is_text()).and_then(path_of);
                if let Some(path) = path.filter(|_| before.is(".") && project.text.starts_with(':')) {
                    script.moved.insert(project.text[1..].to_owned(), path);
                }
            }
            (Kind::Literal | Kind::Template, text) if block.is_none() && text.ends_with(".versions.toml") => {
                script.catalogs.extend(path_of(token).filter(|_| script.catalogs.len() < MOST_PROJECTS));
            }
            // `id("x") version "1"`, in either language.
            (Kind::Name, "version") if blocks.last() == Some(&"plugins") => {
                let version = [1, 2].into_iter().filter_map(next).find(|token| token.is_text());
                if let Some(version) = version {
                    add(coordinate(UseKind::Plugin, text_before, version));
                }
            }
            // `group: "g", name: "a", version: "1"`, in either language.
            (Kind::Name, "version") if block.is_some() && (is(1, ":") || is(1, "=")) => {
                if let Some(version) = next(2).filter(|token| token.is_text()) {
                    add(coordinate(UseKind::Dependency, text_before, version));
                }
            }
            (Kind::Literal | Kind::Template, text) if block.is_some() && !text.contains(['\n', ' ', '/']) => {
                let mut parts = text.splitn(3, ':');
                if let (Some(group), Some(artifact), Some(version)) = (parts.next(), parts.next(), parts.next())
                    && !group.is_empty()
                {
                    let version = version.split([':', '@']).next().unwrap_or_default();
                    let name = format!("{group}:{artifact}");
                    add(coordinate(UseKind::Dependency, &name, &Token { text: version, ..*token }));
                }
            }
            _ => {}
        }
        if token.kind == Kind::Name && parentheses == 0 {
            name = token.text;
        }
        if token.is_text() {
            text_before = token.text;
        }
    }
    script
}

/// The path, from the root of the build, that a text of its settings is; one that is put together otherwise is not known.
fn path_of(text: &Token<'_>) -> Option<String> {
    let roots = ["rootDir", "settingsDir", "rootProject.projectDir", "settings.rootDir", "settings.settingsDir"];
    let below = roots.iter().find_map(|root| {
        let plain = text.text.strip_prefix('$')?.strip_prefix(root);
        let braced = || text.text.strip_prefix("${")?.strip_prefix(root)?.strip_prefix('}');
        plain.or_else(braced)?.strip_prefix('/')
    });
    let path = below.unwrap_or(text.text);
    (!path.is_empty() && !path.contains('$') && !path.starts_with('/')).then(|| path.to_owned())
}

/// A coordinate whose version is a text of the script; one that holds an expression is put together.
fn coordinate(kind: UseKind, name: &str, version: &Token<'_>) -> What {
    match version.kind {
        Kind::Template if version.text.contains('$') || name.contains('$') => What::Unknown,
        _ => What::Coordinate(kind, name.to_owned(), version.text.to_owned()),
    }
}

/// The names after the first, which dots separate, with `-` between.
fn accessor(tokens: &[Token<'_>]) -> String {
    let mut parts = Vec::new();
    for pair in tokens[1..].chunks(2).take(16) {
        match pair {
            [dot, name] if dot.is(".") && name.kind == Kind::Name => parts.push(name.text),
            _ => break,
        }
    }
    parts.join("-")
}

impl Script {
    /// Adds what the script names to what its project asks for. Each [`What::Unknown`] is one entry of `unseen`.
    fn add(
        self: &Script,
        needs: &mut Needs,
        file: &Path,
        catalog: Option<&(PathBuf, Arc<Catalog>)>,
        projects: &Projects<'_>,
        scope: Scope,
    ) {
        if self.is_cut {
            needs.cut = Some("its scripts name too much".to_owned());
        }
        let accessors: HashMap<String, &String> =
            projects.included.iter().map(|path| (accessor_of(path), path)).collect();
        for named in self.found.iter().filter(|named| scope == Scope::Own || !named.is_own) {
            let at = (file, named.place);
            match &named.what {
                What::Coordinate(kind, name, version) => needs.version(*kind, name, version, at),
                What::Project(path) => needs.dependency(path, Wanted::Path(projects.folder_of(path)), at),
                What::Accessor(path) => {
                    if let Some(project) = accessors.get(&accessor_of(path)) {
                        needs.dependency(project, Wanted::Path(projects.folder_of(project)), at);
                    }
                }
                What::Catalog(path) => {
                    if let Some((file, catalog)) = catalog {
                        catalog.add(needs, file, path);
                    }
                }
                What::Unknown => needs.unseen.push(String::new()),
            }
        }
    }
}

/// A project's path without what its accessor has not: `:my-lib:core` is `projects.myLib.core`.
fn accessor_of(project: &str) -> String {
    project.replace([':', '-', '_', '.', '/'], "").to_ascii_lowercase()
}
