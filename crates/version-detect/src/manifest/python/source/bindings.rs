//! What the statements of a file bind its names to.

use std::collections::HashMap;

use super::super::super::{Place, Written};
use super::super::lexer::{Kind, Line, Token};
use super::super::outside::{FilePath, Outside};
use super::super::value::{self, Names, Value, evaluate, split};
use super::{Assignment, Constant, Import, SetupCall, begins_block, is_assignment, statements};

/// What a name was bound to.
enum Bound<'a> {
    Value { from: usize, to: usize },
    Import { level: usize, module: Vec<&'a str>, name: &'a str, at: usize },
    Computed { from: usize, to: usize },
}

/// What the indented lines belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Block {
    /// Nothing yet, or a statement that may or may not run.
    #[default]
    Conditional,
    /// A `with` at the top level, which runs.
    Plain,
    /// A function or a class: its names are its own.
    Body,
}

/// What the lines of a file bind, one after the other.
#[derive(Default)]
pub(super) struct Module<'a> {
    source: &'a str,
    values: Names<'a>,
    bound: HashMap<&'a str, Bound<'a>>,
    block: Block,
    /// Where something was run, or imported, that may bind any name, and the file if it was one that is known.
    anything: Option<((usize, usize), Option<FilePath>)>,
}

impl<'a> Module<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        Self { source, ..Self::default() }
    }

    /// Takes the next line.
    pub(super) fn line(&mut self, line: &Line<'a>) {
        let Some((first, last)) = line.tokens.first().zip(line.tokens.last()) else { return };
        let span = (first.start, last.end());
        let begins = begins_block(line);
        let is_plain = !line.is_indented || self.block == Block::Plain;
        if is_plain && first.is("with") {
            return self.with(line, span);
        }
        if is_plain && begins {
            let is_body = ["def", "class", "@"].iter().any(|word| first.is(word))
                || (first.is("async") && line.tokens.get(1).is_some_and(|next| next.is("def")));
            self.block = if is_body && !line.is_indented { Block::Body } else { Block::Conditional };
        }
        for statement in statements(&line.tokens) {
            if is_plain && !begins {
                self.plain(statement, line.is_whole, span);
                continue;
            }
            self.run(statement, span);
            if statement.first().is_some_and(|word| word.is("global")) {
                self.forget(statement, span);
            } else if self.block != Block::Body || !line.is_indented {
                self.conditional(statement, span);
            }
        }
    }

    /// A statement that runs, at the top level.
    fn plain(&mut self, statement: &[Token<'a>], is_whole: bool, span: (usize, usize)) {
        if !(is_whole && self.executes(statement)) {
            self.run(statement, span);
            if statement.first().is_some_and(|word| word.is("global")) {
                return self.forget(statement, span);
            }
            self.statement(statement, is_whole);
        }
    }

    /// What is run there may bind any name.
    fn run(&mut self, statement: &[Token<'a>], span: (usize, usize)) {
        let is_own = |of: Option<&Token<'_>>| of.is_some_and(|name| name.is("self") || name.is("cls"));
        let binds = |(at, pair): (usize, &[Token<'a>])| {
            let behind = statement.get(at + 2..).unwrap_or_default();
            let is_read = matches!(behind, [close, dot, get, ..] if close.is(")") && dot.is(".") && get.is("get"));
            is_exec(pair[0]) && pair[1].is("(") && !(pair[0].is("setattr") && is_own(behind.first())) && !is_read
        };
        if statement.windows(2).enumerate().any(binds) {
            self.forget_all(span, None);
        }
    }

    /// `exec(open(path).read())` and `exec(open(path).read(), names)`, where the last names are those that it binds: whether it was
    /// one of them.
    fn executes(&mut self, statement: &[Token<'a>]) -> bool {
        let [exec, open, inner @ .., close] = statement else { return false };
        if !exec.is("exec") || !open.is("(") || !close.is(")") {
            return false;
        }
        let parts = split(inner);
        let code = parts.first().and_then(|code| evaluate(code, Some(&self.values)));
        let (Some(Value::Outside(Outside::Content(path))), span) = (code, (exec.start, close.end())) else {
            return false;
        };
        match parts[1..] {
            [] => self.forget_all(span, Some(path)),
            [[globals, _, _]] if globals.is("globals") => self.forget_all(span, Some(path)),
            [[names]] | [[_], [names]] if names.kind == Kind::Name => {
                self.values.insert(names.text, Value::Outside(Outside::Names(path)));
                self.bound.insert(names.text, Bound::Value { from: span.0, to: span.1 });
            }
            _ => return false,
        }
        true
    }

    /// `with open(path) as file:`, and what stands behind it on its line.
    fn with(&mut self, line: &Line<'a>, span: (usize, usize)) {
        let mut depth = 0;
        let colon = line.tokens.iter().position(|token| {
            depth = value::step(depth, token);
            depth == 0 && token.is(":")
        });
        let (header, body) = match colon.filter(|_| line.is_whole) {
            Some(colon) => (&line.tokens[1..colon], &line.tokens[colon + 1..]),
            None => return self.conditional(&line.tokens, span),
        };
        self.block = Block::Plain;
        for part in split(header) {
            self.run(part, span);
            match part {
                [context @ .., word, name] if word.is("as") && name.kind == Kind::Name => {
                    match evaluate(context, Some(&self.values)) {
                        Some(file @ Value::Outside(_)) => {
                            self.values.insert(name.text, file);
                            self.bound.insert(name.text, Bound::Value { from: span.0, to: span.1 });
                        }
                        _ => self.forget(std::slice::from_ref(name), span),
                    }
                }
                part => self.forget(part, span),
            }
        }
        for statement in statements(body) {
            self.plain(statement, line.is_whole, span);
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
            "import" => self.import(statement, span),
            "del" => self.forget(statement, span),
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
                Some(Bound::Value { from, .. }) => *from,
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
                self.bound.insert(name.text, Bound::Value { from: at, to: span.1.max(at) });
            } else {
                let from = assignment.value.first().map_or(span.0, |token| token.start);
                self.forget(target, (from, span.1));
            }
        }
    }

    /// `import a`, `import a.b`, `import a.b as c`
    fn import(&mut self, statement: &[Token<'a>], span: (usize, usize)) {
        self.forget(statement, span);
        for part in split(&statement[1..]) {
            let (path, target) = match part {
                [path @ .., word, target] if word.is("as") => (path, target),
                [first, ..] => (std::slice::from_ref(first), first),
                [] => continue,
            };
            let name: String = path.iter().map(|token| token.text).collect();
            self.values.insert(target.text, Value::Outside(Outside::Global(name.into())));
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
            if level == 0 {
                let full = format!("{}.{}", module.join("."), name.text);
                self.values.insert(target.text, Value::Outside(Outside::Global(full.into())));
            }
            let import = Bound::Import { level, module: module.clone(), name: name.text, at: span.0 };
            self.bound.insert(target.text, import);
        }
    }

    /// `from m import *`
    fn star(&mut self, statement: &[Token<'a>], span: (usize, usize)) {
        if statement.first().is_some_and(|word| word.is("from")) && statement.last().is_some_and(|last| last.is("*")) {
            self.forget_all(span, None);
        }
    }

    fn forget(&mut self, tokens: &[Token<'a>], (from, to): (usize, usize)) {
        for (at, name) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Name) {
            self.values.remove(name.text);
            if value::FUNCTIONS.contains(&name.text) && !tokens.get(at + 1).is_some_and(|next| next.is("(")) {
                // Python's own function has that name no more.
                self.values.insert(name.text, Value::Outside(Outside::Global("".into())));
            }
            self.bound.insert(name.text, Bound::Computed { from, to });
        }
    }

    fn forget_all(&mut self, span: (usize, usize), file: Option<FilePath>) {
        self.values.clear();
        self.bound.clear();
        self.anything = Some((span, file));
    }

    /// What a name stands for.
    pub(super) fn constant(&self, name: &str) -> Constant {
        match (self.bound.get(name), &self.anything) {
            (Some(Bound::Value { from, to }), _) => match self.values.get(name) {
                Some(value) => self.stands_for(value, (*from, *to)),
                None => self.computed(*from, *to),
            },
            (Some(Bound::Import { level, module, name, at }), _) => Constant::Import(Import {
                level: *level,
                module: module.iter().map(|part| (*part).to_owned()).collect(),
                name: (*name).to_owned(),
                place: Place::of(self.source, *at),
            }),
            (Some(Bound::Computed { from, to }), _) | (None, Some(((from, to), None))) => self.computed(*from, *to),
            (None, Some(((from, _), Some(path)))) => {
                let place = Place::of(self.source, *from);
                Constant::Member { path: path.clone(), name: name.to_owned(), place }
            }
            (None, None) => Constant::Missing,
        }
    }

    /// What the value of an expression stands for.
    fn stands_for(&self, value: &Value, (from, to): (usize, usize)) -> Constant {
        let place = Place::of(self.source, from);
        match value {
            Value::Outside(Outside::Content(path)) => Constant::File { path: path.clone(), place },
            Value::Outside(Outside::Member(path, name)) => {
                Constant::Member { path: path.clone(), name: name.to_string(), place }
            }
            Value::Outside(Outside::Global(full)) => match full.rsplit_once('.') {
                Some((module, name)) => {
                    let module = module.split('.').map(str::to_owned).collect();
                    Constant::Import(Import { level: 0, module, name: name.to_owned(), place })
                }
                None => self.computed(from, to),
            },
            value => match value.joined() {
                Some(text) => Constant::Value(Written { text, place }),
                None => self.computed(from, to),
            },
        }
    }

    fn computed(&self, from: usize, to: usize) -> Constant {
        Constant::Computed { expression: excerpt(self.source, from, to), place: Place::of(self.source, from) }
    }

    /// The call of `setup()` whose name is the token at `start` of the next line.
    pub(super) fn call(&self, line: &Line<'a>, start: usize) -> SetupCall {
        let is_local = line.is_indented && self.block == Block::Body;
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
        let span = (first.start, last.end());
        if let [name] = value
            && name.kind == Kind::Name
            && !is_local
            && (self.bound.contains_key(name.text) || matches!(self.anything, Some((_, Some(_)))))
        {
            return self.constant(name.text);
        }
        match evaluate(value, (!is_local).then_some(&self.values)) {
            Some(value) => self.stands_for(&value, span),
            None => self.computed(span.0, span.1),
        }
    }
}

fn is_exec(token: Token<'_>) -> bool {
    ["exec", "execfile", "globals", "locals", "vars", "setattr"].iter().any(|name| token.is(name))
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
