//! Python source text as far as it binds names at its top level.
//!
//! This is a reader of text and not an interpreter: what only running the file would tell is [`Constant::Computed`].

use std::collections::HashMap;

use super::super::{Place, Written};
use super::lexer::{Kind, Line, Lines, Token};
use super::value::{self, Names, Value, evaluate, split};

/// The longest source that is evaluated; a module that holds a version is far smaller.
const LONGEST: usize = 1024 * 1024;

/// What a name stands for at the end of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Constant {
    Value(Written),
    /// Another module's name.
    Import(Import),
    /// Something that only running the file would tell.
    Computed {
        expression: String,
        place: Place,
    },
    /// Nothing binds the name.
    Missing,
}

/// `from .module import name`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    /// How many dots are in front.
    pub(super) level: usize,
    pub(super) module: Vec<String>,
    pub(super) name: String,
    pub(super) place: Place,
}

/// Which assignment of a name counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    /// The first, as setuptools has it.
    First,
    /// The first whose value is a text, as flit has it.
    FirstText,
}

/// The literal that the file's top level assigns to `name`, without running it; `None` where that is no literal.
pub(super) fn literal(source: &str, name: &str, which: Literal) -> Option<Written> {
    for line in Lines::of(source).filter(|line| !line.is_indented && !begins_block(line)) {
        for statement in statements(&line) {
            let Some(assignment) = Assignment::of(statement) else { continue };
            if !assignment.names().any(|target| target == name) {
                continue;
            }
            let value = evaluate(assignment.value, None).filter(|_| line.is_whole);
            match (which, value) {
                (Literal::FirstText, Some(Value::Text(text))) => {
                    return Some(Written { text: text.to_string(), place: place_of(source, assignment.value) });
                }
                (Literal::FirstText, _) => {}
                (Literal::First, value) => {
                    let text = value?.joined()?;
                    return Some(Written { text, place: place_of(source, assignment.value) });
                }
            }
        }
    }
    None
}

/// What `name` stands for when the file was imported: the last binding wins.
pub(super) fn imported(source: &str, name: &str) -> Constant {
    if source.len() > LONGEST {
        let expression = format!("a file of more than {LONGEST} bytes");
        return Constant::Computed { expression, place: Place::START };
    }
    let mut module = Module { source, ..Module::default() };
    Lines::of(source).for_each(|line| module.line(&line));
    module.constant(name)
}

/// The call of `setup()` in a `setup.py`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SetupCall {
    /// The argument `version`.
    pub(super) version: Constant,
    /// The names of the arguments, and how they are written.
    pub(super) arguments: Vec<(String, String)>,
    pub(super) place: Place,
}

/// The first call of `setup()`; `None` where there is none.
pub(super) fn setup_call(source: &str) -> Option<SetupCall> {
    if source.len() > LONGEST {
        return None;
    }
    let mut module = Module { source, ..Module::default() };
    for line in Lines::of(source) {
        if let Some(start) = call_of_setup(&line.tokens) {
            let is_local = line.is_indented && module.block == Block::Body;
            return Some(module.call(&line, start, is_local));
        }
        module.line(&line);
    }
    None
}

fn call_of_setup(tokens: &[Token<'_>]) -> Option<usize> {
    (0..tokens.len()).find(|&index| {
        let is_call = tokens[index].is("setup") && tokens.get(index + 1).is_some_and(|next| next.is("("));
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        let owner = index.checked_sub(2).and_then(|owner| tokens.get(owner));
        is_call
            && match before {
                Some(dot) if dot.is(".") => owner.is_some_and(|owner| owner.is("setuptools") || owner.is("core")),
                Some(def) => !def.is("def"),
                None => true,
            }
    })
}

/// What a name was bound to.
enum Bound<'a> {
    Value(usize),
    Import { level: usize, module: Vec<&'a str>, name: &'a str, at: usize },
    Computed { from: usize, to: usize },
}

/// What the indented lines belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Block {
    /// Nothing yet, or a statement that may or may not run.
    #[default]
    Conditional,
    /// A function or a class: its names are its own.
    Body,
}

#[derive(Default)]
struct Module<'a> {
    source: &'a str,
    values: Names<'a>,
    bound: HashMap<&'a str, Bound<'a>>,
    block: Block,
    /// Where something was run, or imported, that may bind any name.
    anything: Option<(usize, usize)>,
}

impl<'a> Module<'a> {
    fn line(&mut self, line: &Line<'a>) {
        let Some((first, last)) = line.tokens.first().zip(line.tokens.last()) else { return };
        let span = (first.start, last.end());
        if line.tokens.windows(2).any(|pair| is_exec(pair[0]) && pair[1].is("(")) {
            self.forget_all(span);
        }
        if !line.is_indented && begins_block(line) {
            let is_body = ["def", "class", "@"].iter().any(|word| first.is(word))
                || (first.is("async") && line.tokens.get(1).is_some_and(|next| next.is("def")));
            self.block = if is_body { Block::Body } else { Block::Conditional };
        }
        for statement in statements(line) {
            if first.is("global") || statement.first().is_some_and(|word| word.is("global")) {
                self.forget(statement, span);
            } else if line.is_indented || begins_block(line) {
                if self.block == Block::Conditional || !line.is_indented {
                    self.conditional(statement, span);
                }
            } else {
                self.statement(statement, line.is_whole);
            }
        }
    }

    /// A statement that may run or not: what it binds is not known.
    fn conditional(&mut self, statement: &[Token<'a>], span: (usize, usize)) {
        let binds_all = ["import", "from", "for", "with", "except", "del", "async", "case"];
        let word = statement.first().filter(|word| word.kind == Kind::Name);
        if word.is_some_and(|word| word.is("def") || word.is("class")) {
            return self.forget(statement.get(1..2).unwrap_or_default(), span);
        }
        if word.is_some_and(|word| binds_all.contains(&word.text)) || statement.iter().any(|token| token.is(":=")) {
            self.star(statement, span);
            return self.forget(statement, span);
        }
        let Some(last) = statement.iter().rposition(is_assignment) else { return };
        self.forget(&statement[..last], span);
    }

    fn statement(&mut self, statement: &[Token<'a>], is_whole: bool) {
        let Some((first, last)) = statement.first().zip(statement.last()) else { return };
        let span = (first.start, last.end());
        match first.text {
            "from" => {
                self.star(statement, span);
                self.import_from(statement, span);
            }
            "import" | "del" => self.forget(statement, span),
            _ => {
                let Some(assignment) = Assignment::of(statement) else {
                    let last = statement.iter().rposition(is_assignment).unwrap_or(0);
                    return self.forget(&statement[..last], span);
                };
                self.assign(&assignment, span, is_whole);
            }
        }
    }

    fn assign(&mut self, assignment: &Assignment<'_, 'a>, span: (usize, usize), is_whole: bool) {
        // One name for another: the version is written where that other name's value is.
        let at = match assignment.value {
            [name] if name.kind == Kind::Name => match self.bound.get(name.text) {
                Some(Bound::Value(at)) => *at,
                Some(Bound::Import { level, module, name, at }) => {
                    let (level, module, name, at) = (*level, module.clone(), *name, *at);
                    for target in assignment.names() {
                        self.values.remove(target);
                        self.bound.insert(target, Bound::Import { level, module: module.clone(), name, at });
                    }
                    return;
                }
                _ => name.start,
            },
            value => value.first().map_or(span.0, |token| token.start),
        };
        let value = evaluate(assignment.value, Some(&self.values)).filter(|_| is_whole);
        for target in &assignment.targets {
            if let (Some(value), [name]) = (&value, target) {
                self.values.insert(name.text, value.clone());
                self.bound.insert(name.text, Bound::Value(at));
            } else {
                let from = assignment.value.first().map_or(span.0, |token| token.start);
                self.forget(target, (from, span.1));
            }
        }
    }

    fn import_from(&mut self, statement: &[Token<'a>], span: (usize, usize)) {
        let Some(import) = statement.iter().position(|token| token.is("import")) else { return };
        let path = &statement[1..import];
        let level = path.iter().take_while(|token| token.is(".")).count();
        let module: Vec<&str> = path.iter().filter(|token| token.kind == Kind::Name).map(|token| token.text).collect();
        let names: Vec<Token<'a>> =
            statement[import + 1..].iter().filter(|token| !token.is("(") && !token.is(")")).copied().collect();
        for part in split(&names) {
            let (name, target) = match part {
                [name] => (name, name),
                [name, word, target] if word.is("as") => (name, target),
                _ => continue,
            };
            self.values.remove(target.text);
            let import = Bound::Import { level, module: module.clone(), name: name.text, at: span.0 };
            self.bound.insert(target.text, import);
        }
    }

    /// `from m import *`
    fn star(&mut self, statement: &[Token<'a>], span: (usize, usize)) {
        if statement.first().is_some_and(|word| word.is("from")) && statement.last().is_some_and(|last| last.is("*")) {
            self.forget_all(span);
        }
    }

    fn forget(&mut self, tokens: &[Token<'a>], (from, to): (usize, usize)) {
        for name in tokens.iter().filter(|token| token.kind == Kind::Name) {
            self.values.remove(name.text);
            self.bound.insert(name.text, Bound::Computed { from, to });
        }
    }

    fn forget_all(&mut self, span: (usize, usize)) {
        self.values.clear();
        self.bound.clear();
        self.anything = Some(span);
    }

    fn constant(&self, name: &str) -> Constant {
        match (self.bound.get(name), &self.anything) {
            (Some(Bound::Value(at)), _) => match self.values.get(name).and_then(Value::joined) {
                Some(text) => Constant::Value(Written { text, place: Place::of(self.source, *at) }),
                None => self.computed(*at, *at),
            },
            (Some(Bound::Import { level, module, name, at }), _) => Constant::Import(Import {
                level: *level,
                module: module.iter().map(|part| (*part).to_owned()).collect(),
                name: (*name).to_owned(),
                place: Place::of(self.source, *at),
            }),
            (Some(Bound::Computed { from, to }), _) | (None, Some((from, to))) => self.computed(*from, *to),
            (None, None) => Constant::Missing,
        }
    }

    fn computed(&self, from: usize, to: usize) -> Constant {
        Constant::Computed { expression: excerpt(self.source, from, to), place: Place::of(self.source, from) }
    }

    fn call(&self, line: &Line<'a>, start: usize, is_local: bool) -> SetupCall {
        let mut depth = 0;
        let behind = &line.tokens[start + 1..];
        let end = behind.iter().position(|token| {
            depth = value::step(depth, token);
            depth == 0
        });
        let inner = behind.get(1..end.unwrap_or(behind.len())).unwrap_or_default();
        let mut call = SetupCall {
            version: Constant::Missing,
            arguments: Vec::new(),
            place: Place::of(self.source, line.tokens[start].start),
        };
        for argument in split(inner) {
            let Some((from, to)) = argument.first().zip(argument.last()).map(|(from, to)| (from.start, to.end()))
            else {
                continue;
            };
            match argument {
                [name, equals, value @ ..] if equals.is("=") => {
                    call.arguments.push((name.text.to_owned(), excerpt(self.source, equals.end(), to)));
                    if name.is("version") {
                        call.version = self.argument(value, is_local);
                    }
                }
                [spread, ..] if spread.is("**") && call.version == Constant::Missing => {
                    call.version = self.computed(from, to);
                }
                _ => {}
            }
        }
        call
    }

    fn argument(&self, value: &[Token<'a>], is_local: bool) -> Constant {
        let Some((first, last)) = value.first().zip(value.last()) else { return Constant::Missing };
        if let [name] = value
            && name.kind == Kind::Name
            && !is_local
            && self.bound.contains_key(name.text)
        {
            return self.constant(name.text);
        }
        match evaluate(value, (!is_local).then_some(&self.values)).and_then(|value| value.joined()) {
            Some(text) => Constant::Value(Written { text, place: place_of(self.source, value) }),
            None => self.computed(first.start, last.end()),
        }
    }
}

/// `a = b = value`, `a: str = value`
struct Assignment<'t, 'a> {
    targets: Vec<&'t [Token<'a>]>,
    value: &'t [Token<'a>],
}

impl<'t, 'a> Assignment<'t, 'a> {
    fn of(statement: &'t [Token<'a>]) -> Option<Self> {
        let mut depth = 0;
        let parts: Vec<&[Token<'a>]> = statement
            .split(|token| {
                depth = value::step(depth, token);
                depth == 0 && token.is("=")
            })
            .collect();
        let (value, targets) = parts.split_last()?;
        if targets.is_empty() || statement.iter().any(|token| is_assignment(token) && !token.is("=")) {
            return None;
        }
        let targets = targets
            .iter()
            .map(|target| match target {
                [name, colon, ..] if colon.is(":") => std::slice::from_ref(name),
                target => *target,
            })
            .collect();
        Some(Self { targets, value })
    }

    /// The targets that are one name.
    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.targets.iter().filter_map(|target| match target {
            [name] if name.kind == Kind::Name => Some(name.text),
            _ => None,
        })
    }
}

/// The statements of a line, which `;` separates.
fn statements<'t, 'a>(line: &'t Line<'a>) -> impl Iterator<Item = &'t [Token<'a>]> {
    let mut depth = 0;
    line.tokens.split(move |token| {
        depth = value::step(depth, token);
        depth == 0 && token.is(";")
    })
}

fn begins_block(line: &Line<'_>) -> bool {
    let words = [
        "if", "elif", "else", "try", "except", "finally", "for", "while", "with", "def", "class", "async", "match", "@",
    ];
    let Some((first, rest)) = line.tokens.split_first() else { return false };
    let is_soft = first.is("match") && rest.first().is_some_and(|next| next.is("=") || next.is(":") || next.is("."));
    words.iter().any(|word| first.is(word)) && !is_soft
}

fn is_assignment(token: &Token<'_>) -> bool {
    token.kind == Kind::Operator && token.text.ends_with('=') && !["==", "!=", "<=", ">=", ":="].contains(&token.text)
}

fn is_exec(token: Token<'_>) -> bool {
    ["exec", "execfile", "globals", "locals", "vars", "setattr"].iter().any(|name| token.is(name))
}

fn place_of(source: &str, tokens: &[Token<'_>]) -> Place {
    Place::of(source, tokens.first().map_or(0, |token| token.start))
}

/// A piece of the source in one line, cut where it is long.
fn excerpt(source: &str, from: usize, to: usize) -> String {
    let text = source.get(from..to).unwrap_or_default();
    let words = text.split_whitespace().take(40).collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests;
