//! What the expressions of a script are.

use std::path::{Path, PathBuf};

use super::expression::{self, Expression};
use super::lexer::{Dialect, Tokens};
use super::text::{LONGEST, bounded, dollar, joined, matching, unescaped};
use super::value::{At, GROWS, MACHINE, NOTHING, OPTION, TOOL, Unknown, Value, ValueKind};

/// How many tokens an expression in a text may have.
const MOST_EMBEDDED: usize = 100;

/// What makes versions from Git, as scripts call it.
const FROM_GIT: [&str; 12] = [
    "gitVersion",
    "versionDetails",
    "scmVersion",
    "grgit",
    "Grgit",
    "semver",
    "gitSemVersion",
    "androidGitVersion",
    "reckon",
    "jgitver",
    "gitVersioning",
    "git",
];

/// Evaluates the expressions of one script.
pub(super) struct Evaluator<'n, N> {
    pub(super) names: &'n N,
    /// The script's number.
    pub(super) source: usize,
    pub(super) is_groovy: bool,
    /// Where everything is: the text that an expression stands in.
    pub(super) within: Option<At>,
}

/// What an expression is before it is a value: some stand for something that has members.
enum Thing {
    Value(Value),
    Project(Project),
    /// `ext`, `extra`, `properties`, `providers`, `layout.projectDirectory`
    Properties,
    /// `properties`, which has nothing for what is not there.
    Map,
    Providers,
    Folder(Project),
    /// `libs.versions`, with the names behind it.
    Catalog(Vec<String>),
    System,
    /// A name that means nothing alone.
    Name(String),
    /// Something that no value is known of.
    Else,
}

impl<N: Names> Evaluator<'_, N> {
    /// The value of an expression whose text is `shown`.
    pub(super) fn value(&self, expression: &Expression<'_>, depth: usize) -> Value {
        let at = self.at(expression);
        match self.thing(expression, depth) {
            Some(Thing::Value(value)) => value,
            Some(Thing::Catalog(names)) => self.catalog(&names, at),
            Some(Thing::Folder(of)) => Value { kind: ValueKind::File(self.names.folder(of)), at },
            Some(Thing::Name(name)) if FROM_GIT.contains(&name.as_str()) => from_git(&name, at),
            Some(Thing::Name(name)) => Value { kind: Unknown::of(name, NOTHING), at },
            _ => Value { kind: Unknown::of("", TOOL), at },
        }
    }

    /// Where an expression begins.
    fn at(&self, expression: &Expression<'_>) -> At {
        let mut expression = expression;
        let offset = loop {
            expression = match expression {
                Expression::Literal(_, at)
                | Expression::Template(_, at)
                | Expression::Number(_, at)
                | Expression::Flag(_, at)
                | Expression::Null(at)
                | Expression::Name(_, at)
                | Expression::List(_, at) => break *at,
                Expression::Member(inner, _)
                | Expression::Call(inner, _)
                | Expression::Index(inner, _)
                | Expression::Sum(inner, _)
                | Expression::Else(inner, _)
                | Expression::Not(inner)
                | Expression::Block(inner)
                | Expression::Compare { left: inner, .. } => inner,
                Expression::Choice(parts) => &parts[0],
            }
        };
        self.here(offset)
    }

    fn here(&self, offset: usize) -> At {
        self.within.unwrap_or(At { source: self.source, offset })
    }

    fn thing(&self, expression: &Expression<'_>, depth: usize) -> Option<Thing> {
        let depth = depth.checked_sub(1)?;
        let at = self.at(expression);
        let value = |kind| Some(Thing::Value(Value { kind, at }));
        match expression {
            Expression::Literal(text, _) => value(bounded(unescaped(text))),
            Expression::Template(text, start) => Some(Thing::Value(self.template(text, *start, depth))),
            Expression::Number(text, _) => value(ValueKind::Text((*text).to_owned())),
            Expression::Flag(flag, _) => value(ValueKind::Flag(*flag)),
            Expression::Null(_) => value(ValueKind::Null),
            Expression::Name(name, offset) => Some(self.name(name, *offset)),
            Expression::Member(of, name) => {
                let of = self.thing(of, depth)?;
                Some(self.member(of, name, at))
            }
            Expression::Index(of, index) => {
                let of = self.thing(of, depth)?;
                let index = self.value(index, depth);
                match (of, &index.kind) {
                    (Thing::Properties | Thing::Project(_), ValueKind::Text(name)) => {
                        Some(Thing::Value(self.property(name, at)))
                    }
                    (Thing::Map, ValueKind::Text(name)) => Some(Thing::Value(self.found(name, at))),
                    _ => None,
                }
            }
            Expression::Call(of, arguments) => self.call(of, arguments, depth, at),
            Expression::List(items, _) => {
                value(ValueKind::List(items.iter().map(|item| self.value(item, depth)).collect()))
            }
            Expression::Sum(left, right) => {
                let (left, right) = (self.value(left, depth), self.value(right, depth));
                Some(Thing::Value(joined(vec![left, right], "", at)))
            }
            Expression::Else(first, other) => match self.value(first, depth) {
                Value { kind: ValueKind::Null, .. } => Some(Thing::Value(self.value(other, depth))),
                Value { kind: ValueKind::Text(text), .. } if text.is_empty() && self.is_groovy => {
                    Some(Thing::Value(self.value(other, depth)))
                }
                known => Some(Thing::Value(known)),
            },
            Expression::Choice(parts) => {
                let [condition, yes, no] = &**parts;
                let condition = self.value(condition, depth);
                let is_true = match condition.kind {
                    ValueKind::Flag(flag) => flag,
                    ValueKind::Null if self.is_groovy => false,
                    ValueKind::Text(text) if self.is_groovy => !text.is_empty(),
                    ValueKind::Unknown(_) => return Some(Thing::Value(condition)),
                    _ => return None,
                };
                Some(Thing::Value(self.value(if is_true { yes } else { no }, depth)))
            }
            Expression::Not(inner) => match self.value(inner, depth) {
                Value { kind: ValueKind::Flag(flag), .. } => value(ValueKind::Flag(!flag)),
                unknown @ Value { kind: ValueKind::Unknown(_), .. } => Some(Thing::Value(unknown)),
                _ => None,
            },
            Expression::Compare { left, right, is_equal } => {
                let (left, right) = (self.value(left, depth), self.value(right, depth));
                match (&left.kind, &right.kind) {
                    (ValueKind::Unknown(_), _) => Some(Thing::Value(left)),
                    (_, ValueKind::Unknown(_)) => Some(Thing::Value(right)),
                    (left, right) => value(ValueKind::Flag((left == right) == *is_equal)),
                }
            }
            Expression::Block(inner) => Some(Thing::Value(self.value(inner, depth))),
        }
    }

    fn name(&self, name: &str, offset: usize) -> Thing {
        if let Some(value) = self.names.lookup(name) {
            return Thing::Value(value);
        }
        match name {
            "project" | "this" | "it" => Thing::Project(Project::Own),
            "rootProject" | "parent" => Thing::Project(Project::Root),
            "version" => Thing::Value(self.version(Project::Own, self.here(offset))),
            "ext" | "extra" | "gradle" => Thing::Properties,
            "properties" => Thing::Map,
            "providers" => Thing::Providers,
            "projectDir" => Thing::Folder(Project::Own),
            "rootDir" => Thing::Folder(Project::Root),
            "System" => Thing::System,
            _ => Thing::Name(name.to_owned()),
        }
    }

    fn version(&self, of: Project, at: At) -> Value {
        let unset = || Value { kind: ValueKind::Text("unspecified".to_owned()), at };
        self.names.version(of).unwrap_or_else(unset)
    }

    /// What `findProperty("x")` gives.
    fn found(&self, name: &str, at: At) -> Value {
        self.names.property(name).unwrap_or(Value { kind: ValueKind::Null, at })
    }

    /// What `property("x")` gives.
    fn property(&self, name: &str, at: At) -> Value {
        let missing = || Value { kind: Unknown::of(name, NOTHING), at };
        self.names.property(name).unwrap_or_else(missing)
    }

    fn member(&self, of: Thing, name: &str, at: At) -> Thing {
        match (of, name) {
            (Thing::Project(project), "version") => Thing::Value(self.version(project, at)),
            (Thing::Project(_), "rootProject" | "parent") => Thing::Project(Project::Root),
            (Thing::Project(_), "properties") => Thing::Map,
            (Thing::Project(_) | Thing::Properties, "ext" | "extra") => Thing::Properties,
            (Thing::Project(_), "providers") => Thing::Providers,
            (Thing::Project(project), "projectDir" | "rootDir") => Thing::Folder(project),
            (Thing::Project(_), "layout" | "libs") => Thing::Name(name.to_owned()),
            (Thing::Project(_) | Thing::Properties | Thing::Map, _) => match self.names.property(name) {
                Some(value) => Thing::Value(value),
                None => Thing::Name(name.to_owned()),
            },
            (Thing::Name(layout), "projectDirectory" | "settingsDirectory") if layout == "layout" => {
                Thing::Folder(if name == "projectDirectory" { Project::Own } else { Project::Root })
            }
            (Thing::Name(libs), "versions") if libs == "libs" => Thing::Catalog(Vec::new()),
            (Thing::Name(git), _) if FROM_GIT.contains(&git.as_str()) => Thing::Name(git),
            (Thing::Name(object), _) if object.starts_with(char::is_uppercase) => {
                self.names.constant(&object, name).map_or(Thing::Else, Thing::Value)
            }
            (Thing::Catalog(mut names), _) => {
                names.push(name.to_owned());
                Thing::Catalog(names)
            }
            (Thing::Value(Value { kind: ValueKind::File(path), at }), "text" | "asText") => {
                Thing::Value(self.text(&path, at))
            }
            (Thing::Value(value @ Value { kind: ValueKind::File(_) | ValueKind::Null, .. }), "asFile" | "orNull") => {
                Thing::Value(value)
            }
            (Thing::Value(value @ Value { kind: ValueKind::Text(_), .. }), "orNull" | "asText")
            | (Thing::Value(value @ Value { kind: ValueKind::Unknown(_), .. }), _) => Thing::Value(value),
            _ => Thing::Else,
        }
    }

    fn text(&self, path: &Path, at: At) -> Value {
        let missing = || Value {
            kind: Unknown::of(path.file_name().unwrap_or_default().to_string_lossy(), "the file is not there"),
            at,
        };
        self.names.text(path).unwrap_or_else(missing)
    }

    fn catalog(&self, names: &[String], at: At) -> Value {
        let name = names.join("-");
        let missing = || Value {
            kind: Unknown::of(format!("libs.versions.{}", names.join(".")), "the version catalog does not have it"),
            at,
        };
        self.names.catalog_version(&name).unwrap_or_else(missing)
    }

    fn call(&self, of: &Expression<'_>, arguments: &[Expression<'_>], depth: usize, at: At) -> Option<Thing> {
        let (receiver, name) = match of {
            Expression::Name(name, _) => (None, *name),
            Expression::Member(inner, name) => (Some(self.thing(inner, depth)?), *name),
            _ => return None,
        };
        let first = || arguments.first().map(|argument| self.value(argument, depth));
        let text = || match first()?.kind {
            ValueKind::Text(text) => Some(text),
            _ => None,
        };
        let known = |kind| Some(Thing::Value(Value { kind, at }));
        let nothing = arguments.is_empty();
        let folder = receiver.as_ref().and_then(folder_of);
        match (receiver, name) {
            (Some(Thing::Value(value @ Value { kind: ValueKind::Unknown(_), .. })), _) => Some(Thing::Value(value)),
            (Some(Thing::Name(git)), _) if FROM_GIT.contains(&git.as_str()) => Some(Thing::Value(from_git(&git, at))),
            (None, _) if FROM_GIT.contains(&name) => Some(Thing::Value(from_git(name, at))),
            (None | Some(Thing::Project(_)), "property")
            | (Some(Thing::Properties), "get" | "getProperty" | "getAt") => {
                let name = text()?;
                Some(Thing::Value(self.property(&name, at)))
            }
            (None | Some(Thing::Project(_)), "findProperty")
            | (Some(Thing::Providers), "gradleProperty")
            | (Some(Thing::Map), "get" | "getAt") => {
                let name = text()?;
                Some(Thing::Value(self.found(&name, at)))
            }
            (None | Some(Thing::Project(_)), "hasProperty")
            | (Some(Thing::Properties | Thing::Map), "has" | "containsKey") => {
                let name = text()?;
                match self.names.property(&name) {
                    Some(_) => known(ValueKind::Flag(true)),
                    None => known(Unknown::of(name, OPTION)),
                }
            }
            (Some(Thing::System), "getenv") | (Some(Thing::Providers), "environmentVariable") => {
                known(Unknown::of(text().unwrap_or_default(), MACHINE))
            }
            (Some(Thing::System), "getProperty") | (Some(Thing::Providers), "systemProperty") => {
                let name = text()?;
                let set = self.names.property(&format!("systemProp.{name}"));
                set.map(Thing::Value).or_else(|| known(Unknown::of(name, OPTION)))
            }
            (Some(Thing::Providers), "fileContents" | "provider")
            | (None | Some(Thing::Project(_)), "provider" | "String") => first().map(Thing::Value),
            (None | Some(Thing::Project(_) | Thing::Folder(_)), "file" | "File") => {
                self.file(folder.unwrap_or(Project::Own), arguments, depth, at)
            }
            (None, "listOf" | "arrayOf") => {
                known(ValueKind::List(arguments.iter().map(|item| self.value(item, depth)).collect()))
            }
            (Some(Thing::Value(value)), _) => self.method(value, name, first, nothing).map(Thing::Value),
            (Some(Thing::Catalog(names)), "get") if nothing => Some(Thing::Value(self.catalog(&names, at))),
            (Some(Thing::Project(project)), "getVersion") if nothing => Some(Thing::Value(self.version(project, at))),
            _ => None,
        }
    }

    /// `file("x")`, `File(rootDir, "x")`
    fn file(&self, base: Project, arguments: &[Expression<'_>], depth: usize, at: At) -> Option<Thing> {
        let (base, path) = match arguments {
            [path] => (base, path),
            [folder, path] => (folder_of(&self.thing(folder, depth)?)?, path),
            _ => return None,
        };
        let kind = match self.value(path, depth).kind {
            ValueKind::Text(text) => ValueKind::File(self.names.folder(base).join(text)),
            kind @ (ValueKind::File(_) | ValueKind::Unknown(_)) => kind,
            _ => return None,
        };
        Some(Thing::Value(Value { kind, at }))
    }

    fn method(&self, value: Value, name: &str, first: impl Fn() -> Option<Value>, is_bare: bool) -> Option<Value> {
        let at = value.at;
        let kind = match (&value.kind, name) {
            (ValueKind::Text(text), "trim" | "strip" | "trimEnd" | "trimStart") if is_bare => {
                ValueKind::Text(text.trim().to_owned())
            }
            (ValueKind::Text(_), "toString" | "get" | "getOrNull" | "getAsText" | "forUseAtConfigurationTime")
            | (ValueKind::Flag(_), "toBoolean")
            | (ValueKind::File(_), "getAsFile")
                if is_bare =>
            {
                return Some(value);
            }
            (ValueKind::Text(_), "getOrElse" | "orElse" | "ifEmpty") => return Some(value),
            (ValueKind::Text(text), "toBoolean" | "toBooleanStrict") if is_bare => {
                ValueKind::Flag(text.eq_ignore_ascii_case("true"))
            }
            (ValueKind::Text(text), "removeSuffix" | "minus") => {
                let suffix = first()?;
                let ValueKind::Text(suffix) = suffix.kind else { return Some(suffix) };
                ValueKind::Text(text.strip_suffix(suffix.as_str()).unwrap_or(text).to_owned())
            }
            (ValueKind::Text(text), "endsWith" | "contains" | "startsWith") => {
                let part = first()?;
                let ValueKind::Text(part) = &part.kind else { return Some(part) };
                ValueKind::Flag(match name {
                    "endsWith" => text.ends_with(part),
                    "contains" => text.contains(part),
                    _ => text.starts_with(part),
                })
            }
            (ValueKind::Flag(flag), "toString") if is_bare => ValueKind::Text(flag.to_string()),
            (ValueKind::Null, "getOrElse" | "orElse") => return first(),
            (ValueKind::Null, "get") => Unknown::of("", NOTHING),
            (ValueKind::Null, _) => ValueKind::Null,
            (ValueKind::File(path), "readText" | "getText") => return Some(self.text(path, at)),
            (ValueKind::List(items), "join" | "joinToString") => {
                let separator = match first().map(|separator| separator.kind) {
                    Some(ValueKind::Text(separator)) => separator,
                    None if name == "joinToString" => ", ".to_owned(),
                    _ => return None,
                };
                return Some(joined(items.clone(), &separator, at));
            }
            _ => return None,
        };
        Some(Value { kind, at })
    }

    /// A text in double quotes, with what `$` begins in it.
    fn template(&self, text: &str, start: usize, depth: usize) -> Value {
        let at = self.here(start);
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(dollar) = dollar(rest) {
            parts.push(Value { kind: bounded(unescaped(&rest[..dollar])), at });
            let (part, length) = self.embedded(&rest[dollar + 1..], depth, at);
            parts.push(part);
            rest = &rest[dollar + 1 + length..];
            if parts.len() > LONGEST {
                return Value { kind: Unknown::of("", GROWS), at };
            }
        }
        parts.push(Value { kind: bounded(unescaped(rest)), at });
        match parts.len() {
            // What is one name only is written where that one is.
            3 if [&parts[0], &parts[2]].iter().all(|part| part.kind == ValueKind::Text(String::new())) => {
                parts.swap_remove(1)
            }
            _ => joined(parts, "", at),
        }
    }

    /// What stands behind a `$`, and how long it is.
    fn embedded(&self, rest: &str, depth: usize, at: At) -> (Value, usize) {
        let dialect = if self.is_groovy { Dialect::Groovy } else { Dialect::Kotlin };
        let run = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        let (inside, length) = if let Some(inner) = rest.strip_prefix('{') {
            let end = matching(inner);
            (&inner[..end], (end + 2).min(rest.len()))
        } else {
            let mut length = run(rest);
            // In Groovy a dotted name goes on.
            while self.is_groovy
                && rest[length..].starts_with('.')
                && rest[length + 1..].starts_with(|c: char| c.is_alphabetic() || c == '_')
            {
                length += 1 + run(&rest[length + 1..]);
            }
            (&rest[..length], length)
        };
        if length == 0 {
            return (Value { kind: ValueKind::Text("$".to_owned()), at }, 0);
        }
        let tokens: Vec<_> = Tokens::of(inside, dialect).take(MOST_EMBEDDED).collect();
        let unknown = || Value { kind: Unknown::of(inside, TOOL), at };
        let expression = expression::parse(&tokens).filter(|_| tokens.len() < MOST_EMBEDDED);
        let inner = Self { within: Some(at), ..*self };
        match expression.map_or_else(unknown, |expression| inner.value(&expression, depth)) {
            Value { kind: ValueKind::Unknown(Unknown::Other { expression, why }), at } if expression.is_empty() => {
                (Value { kind: Unknown::of(inside, why), at }, length)
            }
            value => (value, length),
        }
    }
}

fn from_git(by: &str, at: At) -> Value {
    Value { kind: ValueKind::Unknown(Unknown::Git(by.to_owned())), at }
}

fn folder_of(thing: &Thing) -> Option<Project> {
    match thing {
        Thing::Project(project) | Thing::Folder(project) => Some(*project),
        _ => None,
    }
}

/// What a script knows when an expression stands in it.
pub(super) trait Names {
    /// A local name, a property of the project, or one of `ext`.
    fn lookup(&self, name: &str) -> Option<Value>;

    /// A property of the project, which `gradle.properties` or `ext` has.
    fn property(&self, name: &str) -> Option<Value>;

    /// The version of the project, or of the root.
    fn version(&self, of: Project) -> Option<Value>;

    /// The text of a version in the version catalog.
    fn catalog_version(&self, name: &str) -> Option<Value>;

    /// A text that a class of the build's own sources holds in a constant.
    fn constant(&self, object: &str, name: &str) -> Option<Value>;

    /// The text of a file of the repository.
    fn text(&self, path: &Path) -> Option<Value>;

    /// The folder of the project, or of the root.
    fn folder(&self, of: Project) -> PathBuf;
}

/// A project of the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Project {
    Own,
    Root,
}
