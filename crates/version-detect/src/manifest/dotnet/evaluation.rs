//! The properties of a project, as MSBuild's evaluation gives them (<https://learn.microsoft.com/visualstudio/msbuild/build-process-overview>).
//!
//! What depends on the machine, the environment or a package that is not in the repository is not known, and so is every
//! property that is made from it. Targets are not run.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use roxmltree::Node;

use super::super::{Flaw, Lines, Place, Reader, xml};
use super::condition::{Scope, Truth, Unknown, closing, holds};
use super::functions::{self, Call, Head, LONGEST, Member, Value};
use crate::error::Error;
use crate::manifest::needs::joined;

/// How many files one project may import.
const MOST_FILES: usize = 200;

/// How deep imports may nest.
const DEEPEST: usize = 32;

/// How many times properties may be set.
const MOST_PROPERTIES: usize = 10_000;

/// How many bytes methods of texts may be applied to, all in all.
const MOST_WORK: usize = 4 * 1024 * 1024;

/// How many expressions a text may hold.
const MOST_EXPRESSIONS: usize = 1_000;

/// A property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) value: Result<String, Unknown>,
    pub(super) file: PathBuf,
    pub(super) place: Place,
}

/// Something that makes versions while it builds, and where it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) place: Place,
}

/// A package or a project that is referred to, with its expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::manifest) struct Reference {
    /// `PackageReference`, `PackageVersion`, `GlobalPackageReference` or `ProjectReference`.
    pub(in crate::manifest) item: String,
    pub(in crate::manifest) name: String,
    pub(in crate::manifest) version: Option<String>,
    pub(in crate::manifest) file: PathBuf,
    pub(in crate::manifest) place: Place,
}

/// The items that refer to packages and projects.
const REFERENCES: [&str; 4] = ["PackageReference", "GlobalPackageReference", "PackageVersion", "ProjectReference"];

/// A file that is being evaluated.
#[derive(Clone, Copy)]
struct Source<'s> {
    file: &'s Path,
    lines: &'s Lines<'s>,
}

impl Source<'_> {
    fn place(self, element: Node<'_, '_>) -> Place {
        xml::place(element, self.lines)
    }
}

/// The evaluation of a project.
pub(in crate::manifest) struct Evaluation<'a, 'r> {
    reader: &'a Reader<'r>,
    project: PathBuf,
    properties: HashMap<String, Property>,
    /// The packages and SDKs that are referred to, by their lower-case name.
    pub(super) tools: BTreeMap<String, Tool>,
    /// The references, in their order, and at most [`MOST_PROPERTIES`].
    pub(in crate::manifest) references: Vec<Reference>,
    /// What the project takes in from elsewhere, as sources or as files: paths that may hold `*`, and at most as many.
    pub(in crate::manifest) linked: Vec<PathBuf>,
    /// An import that no file of the repository answers, and that nothing says may be missing.
    pub(super) missing_import: Option<Tool>,
    /// Whether the project is of an SDK.
    pub(super) has_sdk: bool,
    /// The files that are being evaluated, the innermost last.
    stack: Vec<PathBuf>,
    /// How deep the call nests that is evaluated.
    calls: Cell<usize>,
    /// How many bytes methods were applied to.
    worked: Cell<usize>,
    files: usize,
    set: usize,
    /// What decides whether the elements that are evaluated now are there at all.
    guards: Vec<Unknown>,
}

impl<'a, 'r> Evaluation<'a, 'r> {
    pub(super) fn new(reader: &'a Reader<'r>, project: &Path) -> Self {
        Self {
            reader,
            project: project.to_path_buf(),
            properties: HashMap::new(),
            tools: BTreeMap::new(),
            references: Vec::new(),
            linked: Vec::new(),
            missing_import: None,
            has_sdk: false,
            stack: Vec::new(),
            calls: Cell::new(0),
            worked: Cell::new(0),
            files: 0,
            set: 0,
            guards: Vec::new(),
        }
    }

    fn folder(&self) -> &Path {
        self.project.parent().unwrap_or(&self.project)
    }

    /// The nearest file of this name in `folder` or above it.
    pub(super) fn above(&self, folder: &Path, name: &str) -> Result<Option<PathBuf>, Error> {
        for above in self.reader.upwards(folder) {
            if let Some(found) = self.reader.locate(&above.join(name))? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Evaluates a file, and what it imports.
    pub(super) fn file(&mut self, file: &Path) -> Result<(), Error> {
        self.files += 1;
        let refused = |reason: String| Error::Malformed { file: self.reader.shown(file), place: Place::START, reason };
        if self.stack.iter().any(|open| open == file) {
            return Err(refused("it imports itself".to_owned()));
        }
        if self.files > MOST_FILES || self.stack.len() >= DEEPEST {
            return Err(refused(format!("the project imports more than {MOST_FILES} files, or deeper than {DEEPEST}")));
        }
        self.stack.push(file.to_path_buf());
        let reader = self.reader;
        reader.parse_xml(file, |text| {
            let (document, lines) = (xml::parse(text)?, Lines::of(text));
            let source = Source { file, lines: &lines };
            let root = document.root_element();
            if root.tag_name().name() != "Project" {
                let name = root.tag_name().name();
                return Err(Flaw::malformed(
                    format!("the root element is `{name}` instead of `Project`"),
                    Place::START,
                ));
            }
            if let Some(sdk) = root.attribute("Sdk") {
                self.sdk(sdk, source, root);
            }
            Ok(self.elements(root, source))
        })??;
        self.stack.pop();
        Ok(())
    }

    fn elements(&mut self, parent: Node<'_, '_>, source: Source<'_>) -> Result<(), Error> {
        for element in parent.children().filter(Node::is_element) {
            let name = element.tag_name().name();
            if name == "Target" {
                self.target(element, source);
                continue;
            }
            if name == "Choose" {
                self.choose(element, source)?;
                continue;
            }
            let guards = self.guards.len();
            if !self.enters(element) {
                continue;
            }
            match name {
                "PropertyGroup" => self.group(element, source)?,
                "ItemGroup" => self.items(element, source),
                "ImportGroup" => self.elements(element, source)?,
                "Import" => self.import(element, source)?,
                "Sdk" => self.sdk(element.attribute("Name").unwrap_or_default(), source, element),
                _ => {}
            }
            self.guards.truncate(guards);
        }
        Ok(())
    }

    /// Whether the element may be there. Where that is not known, what says so is remembered until its end.
    fn enters(&mut self, element: Node<'_, '_>) -> bool {
        match holds(element.attribute("Condition").unwrap_or_default(), self) {
            Ok(truth) => truth,
            Err(unknown) => {
                self.guards.push(unknown);
                true
            }
        }
    }

    fn choose(&mut self, choose: Node<'_, '_>, source: Source<'_>) -> Result<(), Error> {
        let guards = self.guards.len();
        for branch in choose.children().filter(Node::is_element) {
            let is_when = branch.tag_name().name() == "When";
            let truth = if is_when { holds(branch.attribute("Condition").unwrap_or_default(), self) } else { Ok(true) };
            match truth {
                Ok(false) => {}
                Ok(true) => {
                    self.elements(branch, source)?;
                    break;
                }
                Err(unknown) => {
                    self.guards.push(unknown);
                    self.elements(branch, source)?;
                }
            }
        }
        self.guards.truncate(guards);
        Ok(())
    }

    fn group(&mut self, group: Node<'_, '_>, source: Source<'_>) -> Result<(), Error> {
        for property in group.children().filter(Node::is_element) {
            let guards = self.guards.len();
            if self.enters(property) {
                self.set += 1;
                if self.set > MOST_PROPERTIES {
                    let reason = format!("the project sets more than {MOST_PROPERTIES} properties");
                    return Err(Error::Malformed {
                        file: self.reader.shown(source.file),
                        place: source.place(property),
                        reason,
                    });
                }
                let raw: String = property.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
                self.assign(
                    property.tag_name().name(),
                    raw.trim(),
                    (source.file, xml::written(property, source.lines).place),
                );
            }
            self.guards.truncate(guards);
        }
        Ok(())
    }

    fn assign(&mut self, name: &str, raw: &str, (file, place): (&Path, Place)) {
        let key = name.to_ascii_lowercase();
        let mut value = self.expand(raw);
        if let Some(guard) = self.guards.last() {
            let before = self.properties.get(&key).map(|property| property.value.clone());
            if before.unwrap_or(Ok(String::new())) == value {
                return;
            }
            value = Err(guard.clone());
        }
        let alone = raw.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')).filter(|name| is_name(name));
        // A property that is another one unchanged is written where that one is.
        let home = alone.and_then(|alone| self.property(alone)).filter(|_| value.is_ok());
        let (file, place) = home.map_or((file.to_path_buf(), place), |home| (home.file.clone(), home.place));
        self.properties.insert(key, Property { value, file, place });
    }

    /// Targets are not run; one that sets the version makes it unknown.
    fn target(&mut self, target: Node<'_, '_>, source: Source<'_>) {
        let sets = |node: &Node<'_, '_>| {
            let is_property = node.parent_element().is_some_and(|parent| parent.tag_name().name() == "PropertyGroup");
            let is_output = node.tag_name().name() == "Output";
            (is_property && is_version(node.tag_name().name()))
                || (is_output && node.attribute("PropertyName").is_some_and(is_version))
        };
        let Some(found) = target.descendants().filter(Node::is_element).find(sets) else { return };
        let name = target.attribute("Name").unwrap_or_default();
        let unknown = Unknown::new(format!("Target {name}"), "a target sets the version while it builds");
        let property = Property { value: Err(unknown), file: source.file.to_path_buf(), place: source.place(found) };
        self.properties.insert("version".to_owned(), property);
    }

    fn items(&mut self, group: Node<'_, '_>, source: Source<'_>) {
        for item in group.children().filter(Node::is_element) {
            let kind = item.tag_name().name();
            let is_reference = REFERENCES.contains(&kind);
            let name = item.attribute("Include").or_else(|| item.attribute("Update")).filter(|_| is_reference);
            if let Some(paths) = item.attribute("Include").filter(|_| !is_reference && !kind.ends_with("Reference")) {
                self.link(paths);
            }
            let is_there = || holds(item.attribute("Condition").unwrap_or_default(), self) != Ok(false);
            let Some(name) = name.filter(|_| is_there()) else { continue };
            if kind.ends_with("PackageReference") {
                self.tool(name, source, item);
            }
            self.refer(item, name, source);
        }
    }

    /// Notes those of the paths of an item that lead out of the project's folder.
    fn link(&mut self, paths: &str) {
        if !paths.contains("..") && !paths.contains("$(") {
            return;
        }
        let Ok(paths) = self.expand(paths) else { return };
        for path in paths.split(';').map(str::trim).filter(|path| !path.is_empty()) {
            let path = joined(self.folder(), path);
            if !path.starts_with(self.folder()) && self.linked.len() < MOST_PROPERTIES {
                self.linked.push(path);
            }
        }
    }

    fn refer(&mut self, item: Node<'_, '_>, name: &str, source: Source<'_>) {
        if self.references.len() >= MOST_PROPERTIES {
            return;
        }
        // A version of one's own wins over the one that is managed for all projects.
        let part = |name: &str| {
            let attribute = item.attribute(name).map(str::to_owned);
            attribute.or_else(|| xml::child(item, name).map(xml::text_of)).filter(|text| !text.is_empty())
        };
        let version = part("VersionOverride").or_else(|| part("Version"));
        let (name, place) = (name.trim().to_owned(), source.place(item));
        let item = item.tag_name().name().to_owned();
        self.references.push(Reference { item, name, version, file: source.file.to_path_buf(), place });
    }

    /// The text with its properties; `None` where one has no value here.
    pub(in crate::manifest) fn expanded(&self, text: &str) -> Option<String> {
        self.expand(text).ok()
    }

    fn sdk(&mut self, names: &str, source: Source<'_>, element: Node<'_, '_>) {
        self.has_sdk = true;
        for name in names.split(';') {
            self.tool(name.split('/').next().unwrap_or_default(), source, element);
        }
    }

    fn tool(&mut self, name: &str, source: Source<'_>, element: Node<'_, '_>) {
        let name = name.trim().to_owned();
        let place = source.place(element);
        let tool = Tool { name: name.clone(), file: source.file.to_path_buf(), place };
        self.tools.entry(name.to_ascii_lowercase()).or_insert(tool);
    }

    fn import(&mut self, import: Node<'_, '_>, source: Source<'_>) -> Result<(), Error> {
        if let Some(sdk) = import.attribute("Sdk") {
            self.sdk(sdk, source, import);
            return Ok(());
        }
        let raw = import.attribute("Project").unwrap_or_default();
        let folder = source.file.parent().unwrap_or(source.file).to_path_buf();
        let path = self.expand(raw).map(|path| joined(&folder, &path));
        let is_foreign = matches!(&path, Err(unknown) if unknown.expression.starts_with("$(MSBuild"));
        // A path that leaves the repository leads to nothing here, and that matters only where nothing else tells.
        if let Some(found) = path.ok().and_then(|path| self.reader.locate(&path).ok().flatten()) {
            return self.file(&found);
        }
        if !is_foreign && import.attribute("Condition").is_none() && self.missing_import.is_none() {
            self.missing_import =
                Some(Tool { name: excerpt(raw), file: source.file.to_path_buf(), place: source.place(import) });
        }
        Ok(())
    }

    /// The property of this name.
    pub(super) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.get(&name.to_ascii_lowercase())
    }

    /// Whether `name` is set to a text, or to something that is not known.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.property(name).is_some_and(|property| property.value.as_ref().map_or(true, |text| !text.is_empty()))
    }

    /// Sets the version, as an SDK does where nothing has.
    pub(super) fn set_version(&mut self, version: Property) {
        self.properties.insert("version".to_owned(), version);
    }

    fn value(&self, name: &str) -> Result<String, Unknown> {
        if let Some(property) = self.property(name) {
            return property.value.clone();
        }
        let key = name.to_ascii_lowercase();
        let file = self.stack.last().unwrap_or(&self.project);
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let folder = |path: &Path| path.parent().map(text).unwrap_or_default();
        let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        Ok(match key.as_str() {
            "msbuildthisfiledirectory" => format!("{}/", folder(file).trim_end_matches('/')),
            "msbuildthisfilefullpath" => text(file),
            "msbuildthisfile" => part(file.file_name()),
            "msbuildthisfilename" => part(file.file_stem()),
            "msbuildprojectdirectory" => folder(&self.project),
            "msbuildprojectfullpath" => text(&self.project),
            "msbuildprojectfile" => part(self.project.file_name()),
            "msbuildprojectname" => part(self.project.file_stem()),
            "msbuildprojectextension" => format!(".{}", part(self.project.extension())),
            "configuration" | "platform" => {
                return Err(Unknown::new(expression(name), "it is chosen when the project is built"));
            }
            _ if key.starts_with("git") && !is_environment(name) => {
                return Err(Unknown::new(expression(name), "it is made from Git while the project is built"));
            }
            _ if is_environment(name) => {
                return Err(Unknown::new(expression(name), "nothing sets it but perhaps the environment of the build"));
            }
            _ => String::new(),
        })
    }

    fn call(&self, inner: &str) -> Result<String, Unknown> {
        if is_name(inner) {
            return self.value(inner);
        }
        let unknown = || Unknown::new(expression(inner), "only MSBuild can tell what it is");
        let depth = self.calls.get();
        if depth >= DEEPEST || inner.len() > LONGEST {
            return Err(unknown());
        }
        self.calls.set(depth + 1);
        let value = self.called(inner);
        self.calls.set(depth);
        value?.ok_or_else(unknown)
    }

    /// What a property function gives; `None` where only MSBuild can tell.
    fn called(&self, inner: &str) -> Result<Option<String>, Unknown> {
        let Some(call) = Call::parse(inner) else { return Ok(None) };
        let expanded = |arguments: &[&str]| {
            let expanded =
                arguments.iter().map(|argument| self.expand(argument)).collect::<Result<Vec<_>, Unknown>>()?;
            self.worked.set(self.worked.get() + expanded.iter().map(String::len).sum::<usize>());
            Ok::<_, Unknown>(expanded)
        };
        let mut value = Value::Text(match &call.head {
            Head::Property(name) => self.value(name)?,
            Head::Function(name, arguments) => {
                let arguments = expanded(arguments)?;
                if self.worked.get() > MOST_WORK {
                    return Ok(None);
                }
                let Some(text) = self.function(name.to_ascii_lowercase().trim(), &arguments) else { return Ok(None) };
                text
            }
        });
        for step in &call.members {
            let worked = self.worked.get() + value.length();
            self.worked.set(worked);
            if worked > MOST_WORK || value.length() > LONGEST {
                return Ok(None);
            }
            let next = match step {
                Member::Method(name, arguments) => functions::member(&value, name, &expanded(arguments)?),
                Member::Index(index) => functions::index(&value, index),
            };
            let Some(next) = next else { return Ok(None) };
            value = next;
        }
        Ok(value.text().filter(|text| text.len() <= LONGEST))
    }

    fn function(&self, function: &str, arguments: &[String]) -> Option<String> {
        let here = self.stack.last().unwrap_or(&self.project).parent()?;
        let above = |folder: &Path, name: &str| self.above(folder, name).ok().flatten().unwrap_or_default();
        match (function, arguments) {
            ("[msbuild]::getpathoffileabove", [name]) => Some(above(here, name).to_string_lossy().into_owned()),
            ("[msbuild]::getpathoffileabove", [name, folder]) => {
                Some(above(&joined(here, folder), name).to_string_lossy().into_owned())
            }
            ("[msbuild]::getdirectorynameoffileabove", [folder, name]) => {
                let found = above(&joined(here, folder), name);
                Some(found.parent().unwrap_or(&found).to_string_lossy().into_owned())
            }
            ("[system.io.file]::readalltext", [path]) => {
                let file = self.reader.locate(&joined(self.folder(), path)).ok().flatten()?;
                self.reader.parse(&file, |text| Ok(text.to_owned())).ok().filter(|text| text.len() <= LONGEST)
            }
            ("[system.io.file]::exists", [path]) => {
                let is_there = self.reader.locate(&joined(self.folder(), path)).ok()?.is_some();
                Some(if is_there { "True" } else { "False" }.to_owned())
            }
            _ => functions::function(function, arguments, self.folder()),
        }
    }
}

impl Scope for Evaluation<'_, '_> {
    fn expand(&self, text: &str) -> Result<String, Unknown> {
        let (mut value, mut rest) = (String::new(), text);
        for _ in 0..MOST_EXPRESSIONS {
            let Some(start) = rest.find("$(") else {
                value.push_str(rest);
                let item = ["@(", "%("].into_iter().find_map(|sign| value.find(sign)).filter(|_| rest == text);
                return match item {
                    Some(at) => Err(Unknown::new(&value[at..], "items have no value before the build")),
                    None if value.len() > LONGEST => Err(Unknown::new(excerpt(text), "its value grows without end")),
                    None => Ok(value),
                };
            };
            value.push_str(&rest[..start]);
            let end =
                closing(rest, start + 1).ok_or_else(|| Unknown::new(excerpt(&rest[start..]), "its `)` is missing"))?;
            value.push_str(&self.call(rest[start + 2..end].trim())?);
            if value.len() > LONGEST {
                return Err(Unknown::new(excerpt(text), "its value grows without end"));
            }
            rest = &rest[end + 1..];
        }
        Err(Unknown::new(excerpt(text), "it holds too many expressions"))
    }

    fn exists(&self, path: &str) -> Truth {
        let path = joined(self.folder(), path);
        let outside = |_| Unknown::new(format!("Exists('{}')", path.display()), "it is outside the repository");
        Ok(self.reader.locate(&path).map_err(outside)?.is_some() || self.reader.is_folder(&path))
    }
}

fn is_version(name: &str) -> bool {
    ["version", "versionprefix", "versionsuffix", "packageversion"].contains(&name.to_ascii_lowercase().as_str())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// Whether a property that nothing sets is likely a variable of the environment, all of which MSBuild takes for properties.
fn is_environment(name: &str) -> bool {
    let is_loud =
        name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let known = [
        "ContinuousIntegrationBuild",
        "TargetFramework",
        "MSBuildVersion",
        "MSBuildRuntimeType",
        "BuildNumber",
        "Build_BuildNumber",
    ];
    is_loud
        || name.contains('_')
        || known.iter().any(|known| known.eq_ignore_ascii_case(name))
        || name.starts_with("MSBuild")
}

fn expression(inner: &str) -> String {
    format!("$({})", excerpt(inner))
}

fn excerpt(text: &str) -> String {
    text.chars().take(80).collect()
}
