//! `slipway.toml`: the rules of branches, how snapshots are written, and the components of a repository. Pure.
//!
//! Its JSON Schema is `docs/reference/slipway.schema.json`; a test compares the two.

mod section;

use std::path::Path;

use project_version::{component_name, snapshot_ending};
use toml::de::DeTable;

use crate::error::Error;
use crate::files::decode;
use crate::manifest::{Files, Lines, Place};
use crate::pattern::{MOST, Pattern};
use crate::rules::{Publish, Rule, Rules, Takes};
use section::Section;

/// The file's name.
pub(crate) const FILE: &str = "slipway.toml";

/// The longest file.
const LONGEST: usize = 256 * 1024;

/// The most components of a repository.
pub(crate) const MOST_COMPONENTS: usize = 2000;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Config {
    pub(crate) rules: Option<Rules>,
    pub(crate) preset: Preset,
    /// What snapshots end in, instead of what their ecosystem writes; empty for that.
    pub(crate) snapshot: Vec<String>,
    /// The names of the snapshots that a release may be built with; `*` at the end stands for any rest.
    pub(crate) allow_snapshots: Vec<String>,
    pub(crate) tag_prefix: Option<String>,
    /// What all components depend on.
    pub(crate) shared: Vec<Pattern>,
    pub(crate) components: Vec<Declared>,
    pub(crate) dependencies: Dependencies,
    /// The folders in which components are looked for; `None` when they are not.
    pub(crate) discover: Option<Vec<Pattern>>,
}

/// A set of rules by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Preset {
    /// Releases on one branch, snapshots on another.
    #[default]
    Branches,
    /// One branch for both.
    Trunk,
}

/// Where it stands which component is built with which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Dependencies {
    /// In the manifests, and in `depends-on`.
    #[default]
    Manifests,
    /// In `depends-on` alone.
    Declared,
}

/// A component as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) name: String,
    /// Where it begins.
    pub(crate) place: Place,
    /// Its folder, relative to the file's; empty for that one.
    pub(crate) folder: String,
    /// Where that is written.
    pub(crate) folder_place: Place,
    pub(crate) manifest: Option<String>,
    /// What belongs to it; `None` for its folder and the files that its version is read from.
    pub(crate) paths: Option<Vec<Pattern>>,
    pub(crate) tag_prefix: Option<String>,
    pub(crate) depends_on: Vec<(String, Place)>,
    /// The same as of the whole file, for this component alone.
    pub(crate) allow_snapshots: Vec<String>,
    /// Whether it is written nowhere. Then it is none without a version.
    pub(crate) is_discovered: bool,
}

impl Dependencies {
    /// Each value as it is written.
    const ALL: [(&'static str, Self); 2] = [("manifests", Self::Manifests), ("declared", Self::Declared)];
}

/// What is wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConfigFlaw {
    /// A value that cannot be.
    Malformed { place: Place, reason: String },
    /// A key that nobody reads.
    UnknownKey { place: Place, key: String, advice: String },
}

impl ConfigFlaw {
    fn malformed(place: Place, reason: impl Into<String>) -> Self {
        Self::Malformed { place, reason: reason.into() }
    }
}

/// Reads the file at `path`.
pub(crate) fn read(files: &dyn Files, path: &Path) -> Result<Config, Error> {
    let file = files.shown(path);
    let malformed = |place, reason| Error::ConfigMalformed { file: file.clone(), place, reason };
    let text = decode(files.bytes(path)?)
        .map_err(|line| malformed(Place { line, column: 1 }, "it is not UTF-8 text".to_owned()))?;
    parse(&text).map_err(|flaw| match flaw {
        ConfigFlaw::Malformed { place, reason } => malformed(place, reason),
        ConfigFlaw::UnknownKey { place, key, advice } => {
            Error::ConfigUnknownKey { file: file.clone(), place, key, advice }
        }
    })
}

/// Parses the file.
pub(crate) fn parse(text: &str) -> Result<Config, ConfigFlaw> {
    if text.len() > LONGEST {
        return Err(ConfigFlaw::malformed(Place::START, "it has more than 256 KiB"));
    }
    let document = DeTable::parse(text).map_err(|error| {
        let place = error.span().map_or(Place::START, |span| Place::of(text, span.start));
        ConfigFlaw::malformed(place, error.message())
    })?;
    let lines = Lines::of(text);
    let root = Section::root(&lines, document.get_ref());
    root.knows(&["$schema", "preset", "shared", "dependencies", "version", "branch", "component", "discover"])?;
    let mut config = Config {
        preset: root.choice("preset", &[("branches", Preset::Branches), ("trunk", Preset::Trunk)])?.unwrap_or_default(),
        shared: root.patterns("shared")?.unwrap_or_default(),
        dependencies: root.choice("dependencies", &Dependencies::ALL)?.unwrap_or_default(),
        ..Config::default()
    };
    if let Some(version) = root.table("version")? {
        version.knows(&["snapshot", "allow-snapshots", "tag-prefix"])?;
        config.snapshot = version.checked_list("snapshot", snapshot_ending)?;
        config.allow_snapshots = version.checked_list("allow-snapshots", dependency_name)?;
        config.tag_prefix = version.checked("tag-prefix", git_repository::tag_prefix)?;
    }
    let branches = root.tables("branch")?;
    if !branches.is_empty() {
        if let Some(place) = root.place("preset") {
            return Err(ConfigFlaw::malformed(place, "`preset` and `[[branch]]` cannot be used together"));
        }
        config.rules = Some(Rules::new(branches.iter().map(rule).collect::<Result<_, _>>()?));
    }
    config.components = components(&root)?;
    if let Some(discover) = root.table("discover")? {
        discover.knows(&["folders"])?;
        let folders = discover.patterns("folders")?;
        config.discover = Some(folders.unwrap_or_else(|| vec![Pattern::folder("")]));
    }
    Ok(config)
}

fn rule(branch: &Section<'_>) -> Result<Rule, ConfigFlaw> {
    branch.knows(&["pattern", "version", "publish", "tag", "line"])?;
    let pattern = branch.required("pattern", Pattern::parse)?;
    if pattern.is_negative() {
        let place = branch.place("pattern").unwrap_or(branch.at);
        return Err(ConfigFlaw::malformed(
            place,
            "the pattern of a rule has no `!`: the first rule that matches counts",
        ));
    }
    let takes = branch.choice("version", &Takes::ALL)?.unwrap_or(Takes::Any);
    let mut rule = Rule::new(pattern, takes);
    rule.publish = branch.choice("publish", &Publish::ALL)?.unwrap_or(rule.publish);
    rule.tag = branch.boolean("tag")?.unwrap_or(rule.tag);
    rule.line = branch.boolean("line")?.unwrap_or(false);
    Ok(rule)
}

fn components(root: &Section<'_>) -> Result<Vec<Declared>, ConfigFlaw> {
    let tables = root.tables("component")?;
    if tables.len() > MOST_COMPONENTS {
        return Err(ConfigFlaw::malformed(Place::START, format!("it has more than {MOST_COMPONENTS} components")));
    }
    tables.iter().map(component).collect()
}

fn component(table: &Section<'_>) -> Result<Declared, ConfigFlaw> {
    table.knows(&["name", "path", "manifest", "paths", "tag-prefix", "depends-on", "allow-snapshots"])?;
    Ok(Declared {
        name: table.required("name", component_name)?,
        place: table.at,
        folder: table.required("path", folder)?,
        folder_place: table.place("path").unwrap_or(table.at),
        manifest: table.checked("manifest", relative)?,
        paths: table.patterns("paths")?,
        tag_prefix: table.checked("tag-prefix", git_repository::tag_prefix)?,
        depends_on: table.texts("depends-on")?,
        allow_snapshots: table.checked_list("allow-snapshots", dependency_name)?,
        is_discovered: false,
    })
}

/// A dependency as its ecosystem calls it, or what several begin with and a `*`. Not all of them: that would be no gate.
fn dependency_name(text: &str) -> Result<String, &'static str> {
    let name = text.strip_suffix('*').unwrap_or(text);
    if name.is_empty() || name.len() > 256 || name.contains(|c: char| c == '*' || c.is_whitespace() || c.is_control()) {
        return Err("a name is as its ecosystem writes it, without blanks, and `*` only at its end");
    }
    Ok(text.to_owned())
}

/// A folder below the file's; `.` is that one.
fn folder(text: &str) -> Result<String, &'static str> {
    let text = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
    if text == "." { Ok(String::new()) } else { relative(text) }
}

fn relative(text: &str) -> Result<String, &'static str> {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    if text.contains(['\\', '\0', '\n']) || !text.split('/').all(is_part) {
        return Err("a path is relative, with `/` between its parts, and does not lead upwards");
    }
    Ok(text.to_owned())
}

/// The patterns of a list, which has at least one.
fn checked_patterns(list: Vec<(String, Place)>) -> Result<Vec<Pattern>, ConfigFlaw> {
    if list.len() > MOST {
        return Err(ConfigFlaw::malformed(list[0].1, "a list has 1,000 patterns at most"));
    }
    let parse = |(text, place): (String, Place)| {
        Pattern::parse(&text).map_err(|why| ConfigFlaw::malformed(place, format!("`{text}` is no pattern: {why}")))
    };
    list.into_iter().map(parse).collect()
}

#[cfg(test)]
mod tests;
