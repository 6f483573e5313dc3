//! A build: its scripts, in the order in which Gradle runs them, and the version they leave each project with.
//!
//! Properties come first, then the settings, the root's script, and the project's own; a script runs the convention plugins
//! and the scripts that it applies (<https://docs.gradle.org/current/userguide/build_lifecycle.html>).

mod outcome;
mod values;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::catalog::Catalog;
use super::conventions::Conventions;
use super::lexer::{Dialect, Token, Tokens};
use super::plugins;
use super::script::{self, Effect, Scope, Statement};
use super::value::{At, Unknown, Value, ValueKind};
use crate::error::Error;
use crate::manifest::{Flaw, FlawKind, Place, Reader, properties};

/// The longest script that is read.
const LONGEST: usize = 512 * 1024;

/// How many bytes all scripts of a build may have.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// How many scripts a build may have, plugins and scripts that are applied included.
const MOST_SCRIPTS: usize = 200;

/// How deep scripts may apply each other.
const DEEPEST: usize = 16;

/// How deep an expression is followed.
const DEEPEST_VALUE: usize = 64;

const CONDITION: &str = "it is set under a condition";

/// The versions of the projects.
#[derive(Default)]
struct Versions {
    root: Option<Value>,
    own: Option<Value>,
    /// What `subprojects { }` gives every one of them.
    children: Option<Value>,
}

/// A build as far as it was run.
pub(super) struct Build<'r, 'a> {
    reader: &'r Reader<'a>,
    root: PathBuf,
    own: PathBuf,
    sources: RefCell<Vec<(PathBuf, Rc<str>)>>,
    properties: HashMap<String, Value>,
    /// What `ext` has.
    extra: HashMap<String, Value>,
    versions: Versions,
    /// The folders with convention plugins.
    conventions: Conventions,
    catalog: Option<Catalog>,
    /// The first plugin that can tell a version from Git, but sets none.
    teller: Option<(At, String)>,
    /// Whether one of the plugins takes `VERSION_NAME` for the version.
    has_publisher: bool,
    /// The first script that is applied and not known.
    hidden: Option<(At, String)>,
    running: Vec<PathBuf>,
    scripts: usize,
    /// How many bytes they have.
    bytes: usize,
}

/// A script that runs: whose it is, and whether it may run or not.
#[derive(Clone, Copy)]
struct Run<'a> {
    scope: Scope<'a>,
    is_conditional: bool,
    is_settings: bool,
}

/// Where a statement stands, and what is known there.
#[derive(Clone, Copy)]
struct Here<'h> {
    /// The projects that it is about.
    scope: Scope<'h>,
    locals: &'h HashMap<String, Value>,
    source: usize,
    is_groovy: bool,
    is_conditional: bool,
}

impl Here<'_> {
    fn at(&self, statement: &Statement<'_>) -> At {
        At { source: self.source, offset: statement.at }
    }
}

impl<'r, 'a> Build<'r, 'a> {
    /// The build of the project in `own`, whose root is `root`, before anything of it ran.
    pub(super) fn new(reader: &'r Reader<'a>, root: &Path, own: &Path) -> Self {
        Self {
            reader,
            root: root.to_path_buf(),
            own: own.to_path_buf(),
            sources: RefCell::default(),
            properties: HashMap::new(),
            extra: HashMap::new(),
            versions: Versions::default(),
            conventions: Conventions::new(root),
            catalog: None,
            teller: None,
            has_publisher: false,
            hidden: None,
            running: Vec::new(),
            scripts: 0,
            bytes: 0,
        }
    }

    fn is_root(&self) -> bool {
        self.root == self.own
    }

    /// Reads the properties of a project; those of a nearer one win.
    pub(super) fn properties(&mut self, file: &Path) -> Result<(), Error> {
        let (source, text) = self.source(file)?;
        let properties = properties::parse(&text).map_err(|flaw| self.reader.flawed(file, flaw))?;
        for (name, property) in properties {
            let at = At { source, offset: property.start };
            self.properties.insert(name, Value { kind: ValueKind::Text(property.value), at });
        }
        Ok(())
    }

    /// The versions that the properties set: Gradle does so before any script runs.
    pub(super) fn begin(&mut self) {
        let version = self.properties.get("version").cloned();
        self.versions = Versions { root: version.clone(), own: version.clone(), children: version };
    }

    /// Reads the version catalog.
    pub(super) fn catalog(&mut self, file: &Path) -> Result<(), Error> {
        let (source, text) = self.source(file)?;
        self.catalog = Some(Catalog::parse(&text, source));
        Ok(())
    }

    fn source(&self, file: &Path) -> Result<(usize, Rc<str>), Error> {
        let text = self.reader.parse(file, |text| Ok(Rc::<str>::from(text)))?;
        let mut sources = self.sources.borrow_mut();
        sources.push((file.to_path_buf(), Rc::clone(&text)));
        Ok((sources.len() - 1, text))
    }

    /// Runs the settings, which may set versions and include builds with plugins.
    pub(super) fn settings(&mut self, file: &Path) -> Result<(), Error> {
        self.script(file, Run { scope: Scope::Root, is_conditional: false, is_settings: true })
    }

    /// Runs the root's script.
    pub(super) fn root_script(&mut self, file: &Path) -> Result<(), Error> {
        self.script(file, Run { scope: Scope::Root, is_conditional: false, is_settings: false })
    }

    /// Runs the project's script.
    pub(super) fn own_script(&mut self, file: &Path) -> Result<(), Error> {
        self.script(file, Run { scope: Scope::Own, is_conditional: false, is_settings: false })
    }

    fn script(&mut self, file: &Path, run: Run<'_>) -> Result<(), Error> {
        if self.running.iter().any(|other| other == file) {
            return Ok(());
        }
        self.scripts += 1;
        let unresolved = |why: &str| {
            let kind = FlawKind::Unresolved { expression: "version".to_owned(), why: why.to_owned() };
            Flaw { kind, place: Place::START }
        };
        if self.scripts > MOST_SCRIPTS || self.running.len() >= DEEPEST {
            let why = format!("the build runs more than {MOST_SCRIPTS} scripts, or deeper than {DEEPEST}");
            return Err(self.reader.flawed(file, unresolved(&why)));
        }
        let (source, text) = self.source(file)?;
        self.bytes += text.len();
        if text.len() > LONGEST || self.bytes > MOST_BYTES {
            let why = "a script is longer than 512 KiB, or all of the build than 8 MiB";
            return Err(self.reader.flawed(file, unresolved(why)));
        }
        let is_groovy = file.extension().is_none_or(|extension| extension != "kts");
        let dialect = if is_groovy { Dialect::Groovy } else { Dialect::Kotlin };
        let statements = script::statements(&text, dialect).map_err(|offset| {
            let place = Place::of(&text, offset);
            self.reader.flawed(file, Flaw { place, ..unresolved("its braces cannot be followed") })
        })?;
        self.running.push(file.to_path_buf());
        if run.is_settings {
            self.included(&text, dialect);
        }
        let mut locals = HashMap::new();
        let mut conditions: HashMap<usize, Option<bool>> = HashMap::new();
        for statement in &statements {
            let mut guards = statement.guards.iter().map(|guard| conditions.get(guard).copied().flatten());
            if guards.clone().any(|guard| guard == Some(false)) {
                continue;
            }
            let is_guarded = guards.any(|guard| guard.is_none());
            let scope = if statement.scope == Scope::Own { run.scope } else { statement.scope };
            let is_conditional = statement.is_conditional || run.is_conditional || is_guarded;
            let here = Here { scope, locals: &locals, source, is_groovy, is_conditional };
            match statement.effect {
                Effect::Plugin | Effect::CatalogPlugin => self.apply_plugin(statement, here, run)?,
                Effect::Script => self.apply_script(statement, here)?,
                Effect::Version | Effect::ProjectVersion | Effect::Extra(_) => {
                    let is_local = statement.effect == Effect::Version && locals.contains_key("version");
                    match statement.effect {
                        Effect::Extra(name) => self.extend(name, statement, here),
                        _ if is_local => {
                            let value = self.value(statement, here, locals.get("version"));
                            locals.insert("version".to_owned(), value);
                        }
                        _ if run.is_settings && statement.scope == Scope::Own => {}
                        _ => self.set_version(statement, here),
                    }
                }
                Effect::Local(name) => {
                    let value = self.bound(name, statement, here);
                    locals.insert(name.to_owned(), value);
                }
                Effect::Assign(name) if locals.contains_key(name) => {
                    let value = self.value(statement, here, locals.get(name));
                    locals.insert(name.to_owned(), value);
                }
                Effect::Assign(name) if self.extra.contains_key(name) => self.extend(name, statement, here),
                Effect::Assign(_) => {}
                Effect::Condition(number) => {
                    conditions.insert(number, self.holds(statement, here));
                }
            }
        }
        self.running.pop();
        Ok(())
    }

    /// Binds a name of `ext`.
    fn extend(&mut self, name: &str, statement: &Statement<'_>, here: Here<'_>) {
        let value = self.value(statement, here, self.extra.get(name));
        self.extra.insert(name.to_owned(), value);
    }

    fn set_version(&mut self, statement: &Statement<'_>, here: Here<'_>) {
        let before = self.of(here.scope);
        // What a condition sets to what it is does not matter.
        let is_same = before.is_some_and(|before| {
            let is_known = matches!(before.kind, ValueKind::Text(_)) && here.is_conditional && !statement.adds;
            is_known && self.evaluated(statement, here).is_some_and(|value| value.kind == before.kind)
        });
        if !is_same {
            let value = self.value(statement, here, before);
            self.set(here.scope, &value);
        }
    }

    /// The builds that the settings include may have convention plugins.
    fn included(&mut self, text: &str, dialect: Dialect) {
        let tokens: Vec<Token<'_>> = Tokens::of(text, dialect).collect();
        let calls = tokens.windows(3).filter(|call| call[0].is("includeBuild"));
        let paths = calls.filter_map(|call| call[1..].iter().find(|token| token.is_text()));
        paths.for_each(|path| self.conventions.include(self.root.join(path.text)));
    }

    /// The version of the projects of a scope, as far as one is known.
    fn of(&self, scope: Scope<'_>) -> Option<&Value> {
        match scope {
            Scope::Root => self.versions.root.as_ref(),
            Scope::Subprojects if self.is_root() => self.versions.children.as_ref(),
            Scope::Own | Scope::All | Scope::Project(_) | Scope::Subprojects => self.own_version(),
        }
    }

    fn own_version(&self) -> Option<&Value> {
        if self.is_root() { self.versions.root.as_ref() } else { self.versions.own.as_ref() }
    }

    fn set(&mut self, scope: Scope<'_>, value: &Value) {
        let value = Some(value.clone());
        match scope {
            Scope::Own if self.is_root() => self.versions.root = value,
            Scope::Own => self.versions.own = value,
            Scope::Root => self.versions.root = value,
            Scope::All => self.versions = Versions { root: value.clone(), own: value.clone(), children: value },
            Scope::Subprojects => (self.versions.own, self.versions.children) = (value.clone(), value),
            Scope::Project(path) if self.is_own(path) => self.versions.own = value,
            Scope::Project(_) => {}
        }
    }

    /// Whether the path of a project is that of the own one: by its folders, or, where the settings moved it, by its name.
    fn is_own(&self, path: &str) -> bool {
        let Ok(relative) = self.own.strip_prefix(&self.root) else { return false };
        let names: Vec<_> = relative.iter().map(std::ffi::OsStr::to_string_lossy).collect();
        let path: Vec<&str> = path.split(':').filter(|part| !part.is_empty()).collect();
        match &path[..] {
            [] => false,
            [name] => names.last().is_some_and(|last| last == name),
            path => names == path,
        }
    }

    fn apply_plugin(&mut self, statement: &Statement<'_>, here: Here<'_>, run: Run<'_>) -> Result<(), Error> {
        let at = here.at(statement);
        let id = match &statement.value[..] {
            names if statement.effect == Effect::CatalogPlugin => {
                let names: Vec<&str> = names.iter().map(|token| token.text).filter(|text| *text != ".").collect();
                let [_, "plugins", names @ ..] = &names[..] else { return Ok(()) };
                self.catalog.as_ref().and_then(|catalog| catalog.plugin(&names.join("-")))
            }
            [name] if !name.is_text() => Some(name.text.to_owned()),
            _ => match self.evaluated(statement, here).map(|value| value.kind) {
                Some(ValueKind::Text(id)) => Some(id),
                _ => None,
            },
        };
        let Some(id) = id else { return Ok(()) };
        self.has_publisher |= plugins::reads_version_name(&id);
        if plugins::sets_version(&id) {
            let kind = ValueKind::Unknown(Unknown::Git(id));
            // Applied to the root, they set the version of all its projects.
            let is_root = run.is_settings || here.scope == Scope::Root;
            self.set(if is_root { Scope::All } else { here.scope }, &Value { kind, at });
            return Ok(());
        }
        if plugins::tells_version(&id) {
            self.teller.get_or_insert((at, id));
            return Ok(());
        }
        match self.conventions.script(self.reader, &id)? {
            Some(file) => {
                self.script(&file, Run { scope: here.scope, is_conditional: here.is_conditional, is_settings: false })
            }
            None => Ok(()),
        }
    }

    fn apply_script(&mut self, statement: &Statement<'_>, here: Here<'_>) -> Result<(), Error> {
        let folder = if here.scope == Scope::Own { &self.own } else { &self.root };
        let path = match self.evaluated(statement, here).map(|value| value.kind) {
            Some(ValueKind::Text(path)) if !path.contains("://") => Some(folder.join(path)),
            Some(ValueKind::File(path)) => Some(path),
            _ => None,
        };
        let file = match path {
            Some(path) => self.reader.locate(&path)?,
            None => None,
        };
        if let Some(file) = file {
            let run = Run { scope: here.scope, is_conditional: here.is_conditional, is_settings: false };
            return self.script(&file, run);
        }
        let shown = self.shown(here.source, &statement.value);
        self.hidden.get_or_insert((here.at(statement), shown));
        Ok(())
    }
}
