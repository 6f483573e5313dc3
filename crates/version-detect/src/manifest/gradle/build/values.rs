//! The values of statements, and the names that they see.

use std::path::{Path, PathBuf};

use super::super::evaluate::{Evaluator, Names, Project};
use super::super::lexer::Token;
use super::super::script::{Scope, Statement};
use super::super::value::{At, NOTHING, TOOL, Unknown, Value, ValueKind};
use super::super::{conventions, expression};
use super::{Build, CONDITION, DEEPEST_VALUE, Here};

impl Build<'_, '_> {
    /// What a name is bound to.
    pub(super) fn bound(&mut self, name: &str, statement: &Statement<'_>, here: Here<'_>) -> Value {
        let delegate = match statement.value.split_first() {
            Some((by, delegate)) if by.is("by") => delegate,
            _ => return self.value(statement, here, None),
        };
        let at = here.at(statement);
        let [first, open, inner @ .., _] = delegate else { return self.delegated(name, delegate, at) };
        if !(first.is("extra") && (open.is("(") || open.is("{"))) {
            return self.delegated(name, delegate, at);
        }
        // `by extra("1.0")`, `by extra { "1.0" }`
        let inner_at = inner.first().map_or(statement.at, |first| first.start);
        let value = self.value(&Statement { value: inner.to_vec(), at: inner_at, ..statement.clone() }, here, None);
        self.extra.insert(name.to_owned(), value.clone());
        value
    }

    /// What `val name: String by project` and the like give.
    fn delegated(&self, name: &str, delegate: &[Token<'_>], at: At) -> Value {
        let words = ["project", "rootProject", "extra", "properties", "settings", "gradle", "."];
        let is_property = delegate.iter().all(|token| words.iter().any(|word| token.is(word)));
        let known = self.extra.get(name).or_else(|| self.properties.get(name)).filter(|_| is_property);
        known
            .cloned()
            .unwrap_or_else(|| Value { kind: Unknown::of(name, if is_property { NOTHING } else { TOOL }), at })
    }

    /// The value of a statement, behind what was before where it adds to that.
    pub(super) fn value(&self, statement: &Statement<'_>, here: Here<'_>, before: Option<&Value>) -> Value {
        let at = here.at(statement);
        let shown = || self.shown(here.source, &statement.value);
        if here.is_conditional {
            return Value { kind: Unknown::of(shown(), CONDITION), at };
        }
        let asks_git = || {
            statement
                .value
                .iter()
                .any(|token| token.is_text() && (token.text == "git" || token.text.starts_with("git ")))
        };
        let unknown = |why| {
            let git = || ValueKind::Unknown(Unknown::Git("git".to_owned()));
            Value { kind: if asks_git() { git() } else { Unknown::of(shown(), why) }, at }
        };
        match (self.evaluated(statement, here), before) {
            (Some(Value { kind: ValueKind::Unknown(Unknown::Other { expression, why }), .. }), _)
                if expression.is_empty() =>
            {
                unknown(why)
            }
            (Some(Value { kind: ValueKind::Text(text), .. }), Some(Value { kind: ValueKind::Text(before), .. }))
                if statement.adds =>
            {
                Value { kind: ValueKind::Text(format!("{before}{text}")), at }
            }
            (_, Some(before @ Value { kind: ValueKind::Unknown(_), .. })) if statement.adds => before.clone(),
            (Some(value), _) if !statement.adds => value,
            _ => unknown(TOOL),
        }
    }

    /// Whether a condition holds, as far as the files tell.
    pub(super) fn holds(&self, statement: &Statement<'_>, here: Here<'_>) -> Option<bool> {
        match self.evaluated(statement, here)?.kind {
            ValueKind::Flag(flag) => Some(flag),
            ValueKind::Null if here.is_groovy => Some(false),
            ValueKind::Text(text) if here.is_groovy => Some(!text.is_empty()),
            _ => None,
        }
    }

    pub(super) fn evaluated(&self, statement: &Statement<'_>, here: Here<'_>) -> Option<Value> {
        let names = Scripted { build: self, here };
        let evaluator = Evaluator { names: &names, source: here.source, is_groovy: here.is_groovy, within: None };
        let expression = expression::parse(&statement.value)?;
        Some(evaluator.value(&expression, DEEPEST_VALUE))
    }
}

/// The names that a statement sees.
struct Scripted<'b, 'r, 'a> {
    build: &'b Build<'r, 'a>,
    here: Here<'b>,
}

impl Names for Scripted<'_, '_, '_> {
    fn lookup(&self, name: &str) -> Option<Value> {
        self.here.locals.get(name).cloned().or_else(|| self.property(name).filter(|_| name != "version"))
    }

    fn property(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.build.extra.get(name) {
            return Some(value.clone());
        }
        if name == "version" { self.version(Project::Own) } else { self.build.properties.get(name).cloned() }
    }

    fn version(&self, of: Project) -> Option<Value> {
        match of {
            Project::Root => self.build.versions.root.clone(),
            Project::Own => self.build.of(self.here.scope).cloned(),
        }
    }

    fn catalog_version(&self, name: &str) -> Option<Value> {
        self.build.catalog.as_ref()?.version(name)
    }

    fn text(&self, path: &Path) -> Option<Value> {
        let file = self.build.reader.locate(path).ok()??;
        let (source, text) = self.build.source(&file).ok()?;
        let offset = text.len() - text.trim_start().len();
        Some(Value { kind: ValueKind::Text(text.to_string()), at: At { source, offset } })
    }

    fn constant(&self, object: &str, name: &str) -> Option<Value> {
        let file = self.build.conventions.class(self.build.reader, object)?;
        let (source, text) = self.build.source(&file).ok()?;
        let (text, offset) = conventions::constant(&text, name)?;
        Some(Value { kind: ValueKind::Text(text), at: At { source, offset } })
    }

    fn folder(&self, of: Project) -> PathBuf {
        let is_own = of == Project::Own && matches!(self.here.scope, Scope::Own | Scope::Subprojects | Scope::All);
        if is_own { self.build.own.clone() } else { self.build.root.clone() }
    }
}
