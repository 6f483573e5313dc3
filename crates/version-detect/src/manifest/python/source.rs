//! Python source text as far as it binds names at its top level.
//!
//! This is a reader of text and not an interpreter: what only running the file would tell is [`Constant::Computed`].

mod bindings;

use super::super::{Place, Written};
use super::lexer::{Kind, Line, Lines, Token};
use super::outside::FilePath;
use super::value::{self, Value, evaluate};
use bindings::Module;

/// The longest source that is evaluated; a module that holds a version is far smaller.
const LONGEST: usize = 1024 * 1024;

/// What a name stands for at the end of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Constant {
    Value(Written),
    /// Another module's name.
    Import(Import),
    /// The text of a file.
    File {
        path: FilePath,
        place: Place,
    },
    /// What a file binds to a name when it is run here.
    Member {
        path: FilePath,
        name: String,
        place: Place,
    },
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
        for statement in statements(&line.tokens) {
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
    let mut module = Module::of(source);
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
    let mut module = Module::of(source);
    for line in Lines::of(source) {
        if let Some(start) = call_of_setup(&line.tokens) {
            return Some(module.call(&line, start));
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
fn statements<'t, 'a>(tokens: &'t [Token<'a>]) -> impl Iterator<Item = &'t [Token<'a>]> {
    let mut depth = 0;
    tokens.split(move |token| {
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

fn place_of(source: &str, tokens: &[Token<'_>]) -> Place {
    Place::of(source, tokens.first().map_or(0, |token| token.start))
}

#[cfg(test)]
mod tests;
