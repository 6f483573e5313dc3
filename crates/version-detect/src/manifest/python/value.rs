//! The constants of Python, and the few operations on them that people make versions with.
//!
//! It evaluates, it does not run: a call of anything else, a name nobody bound, an attribute have no value here.

mod format;

use std::collections::HashMap;
use std::rc::Rc;

use super::lexer::{Kind, Lines, Token};
use super::outside::{self, Outside};
use format::{braces, number, percent, unescaped};

/// How deep expressions may nest.
const DEEPEST: usize = 32;

/// How large a value may grow, in characters and items.
const LARGEST: usize = 512;

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(Rc<str>),
    /// As `str()` writes it.
    Number(Rc<str>),
    List(Rc<[Value]>),
    /// A module, a path, or what is read of a file.
    Outside(Outside),
}

impl Value {
    /// What `str()` gives; `None` for a list.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::List(_) | Self::Outside(_) => None,
        }
    }

    /// The value as setuptools writes a version: a list's items with dots between them.
    pub(super) fn joined(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text.to_string()),
            Self::List(items) => Some(items.iter().map(Self::text).collect::<Option<Vec<_>>>()?.join(".")),
            Self::Outside(_) => None,
        }
    }

    fn of_text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(text.into())
    }

    fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Number(text) => text.len(),
            Self::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Self::Outside(outside) => outside.size(),
        }
    }

    fn bounded(self) -> Option<Self> {
        (self.size() <= LARGEST).then_some(self)
    }
}

/// Python's own functions that are evaluated.
pub(super) const FUNCTIONS: [&str; 6] = ["str", "map", "tuple", "list", "open", "compile"];

/// The values of names.
pub(super) type Names<'a> = HashMap<&'a str, Value>;

/// The value of an expression; `None` where it is not known. Without `names` only a literal has one.
pub(super) fn evaluate(tokens: &[Token<'_>], names: Option<&Names<'_>>) -> Option<Value> {
    Evaluator { names, depth: 0 }.tuple(tokens)
}

#[derive(Clone, Copy)]
struct Evaluator<'a> {
    names: Option<&'a Names<'a>>,
    depth: usize,
}

impl Evaluator<'_> {
    fn deeper(self) -> Option<Self> {
        (self.depth < DEEPEST).then_some(Self { depth: self.depth + 1, ..self })
    }

    /// `a` or `a, b`
    fn tuple(self, tokens: &[Token<'_>]) -> Option<Value> {
        let parts = split(tokens);
        if parts.len() > 1 || tokens.is_empty() { self.items(&parts) } else { self.single(tokens) }
    }

    fn items(self, parts: &[&[Token<'_>]]) -> Option<Value> {
        let parts = if parts.last().is_some_and(|last| last.is_empty()) { &parts[..parts.len() - 1] } else { parts };
        let items: Option<Rc<[Value]>> = parts.iter().map(|part| self.single(part)).collect();
        Value::List(items?).bounded()
    }

    fn single(self, tokens: &[Token<'_>]) -> Option<Value> {
        let mut rest = tokens;
        let value = self.deeper()?.sum(&mut rest)?;
        if rest.is_empty() { value.bounded() } else { None }
    }

    /// `a + b`
    fn sum(self, rest: &mut &[Token<'_>]) -> Option<Value> {
        let mut value = self.formatted(rest)?;
        while eat(rest, "+") {
            self.names?;
            value = match (value, self.formatted(rest)?) {
                (Value::Text(left), Value::Text(right)) => Value::of_text(format!("{left}{right}")),
                (Value::List(left), Value::List(right)) => Value::List(left.iter().chain(&*right).cloned().collect()),
                _ => return None,
            }
            .bounded()?;
        }
        Some(value)
    }

    /// `"%s.%s" % (a, b)`, `folder / name`
    fn formatted(self, rest: &mut &[Token<'_>]) -> Option<Value> {
        let mut value = self.postfix(rest)?;
        loop {
            let is_path = eat(rest, "/");
            if !is_path && !eat(rest, "%") {
                return Some(value);
            }
            self.names?;
            value = match (value, self.postfix(rest)?) {
                (Value::Outside(folder), part) if is_path => folder.below(&part),
                (Value::Text(format), Value::List(values)) if !is_path => percent(&format, &values),
                (Value::Text(format), single) if !is_path => percent(&format, &[single]),
                _ => None,
            }?
            .bounded()?;
        }
    }

    /// The values of a call's arguments, without those by name that say how a file is decoded.
    fn arguments(self, tokens: &[Token<'_>]) -> Option<Vec<Value>> {
        let decodes = |name: &Token<'_>| ["encoding", "errors", "newline", "strict"].iter().any(|known| name.is(known));
        let is_value = |part: &&[Token<'_>]| !matches!(part, [name, equals, ..] if equals.is("=") && decodes(name));
        let parts = split(tokens).into_iter().filter(|part| !part.is_empty()).filter(is_value);
        parts.map(|part| self.deeper()?.single(part)).collect()
    }

    /// `a.join(b)`, `a.format(b)`, `a.strip()`, `a[1]`, `a[:3]`, `os.path`
    fn postfix(self, rest: &mut &[Token<'_>]) -> Option<Value> {
        let mut value = self.atom(rest)?;
        loop {
            if eat(rest, ".") {
                self.names?;
                let name = take(rest)?.text;
                value = match (&value, bracketed(rest, "(")) {
                    (Value::Outside(outside), None) => outside.attribute(name),
                    (Value::Outside(outside), Some(arguments)) => outside.method(name, &self.arguments(arguments)?),
                    (_, arguments) => self.method(&value, name, arguments?),
                }?
                .bounded()?;
            } else if rest.first().is_some_and(|token| token.is("[")) {
                self.names?;
                let inner = bracketed(rest, "[")?;
                value = match &value {
                    Value::Outside(names) => names.member(self.deeper()?.single(inner)?.text()?)?,
                    _ => index(&value, inner)?,
                };
            } else {
                return Some(value);
            }
        }
    }

    fn method(self, value: &Value, method: &str, arguments: &[Token<'_>]) -> Option<Value> {
        let Value::Text(text) = value else { return None };
        match method {
            "strip" if arguments.is_empty() => Some(Value::of_text(text.trim())),
            "join" => {
                let Value::List(items) = self.iterable(arguments)? else { return None };
                let text_of = |item: &Value| if let Value::Text(text) = item { Some(text.to_string()) } else { None };
                Some(Value::of_text(items.iter().map(text_of).collect::<Option<Vec<_>>>()?.join(text)))
            }
            "format" => match self.items(&split(arguments))? {
                Value::List(values) => braces(text, &values),
                _ => None,
            },
            _ => None,
        }
    }

    fn atom(self, rest: &mut &[Token<'_>]) -> Option<Value> {
        let token = *rest.first()?;
        match token.kind {
            Kind::Text => self.strings(rest),
            Kind::Number => number(take(rest)?.text),
            Kind::Name => {
                take(rest)?;
                match bracketed(rest, "(") {
                    Some(arguments) => self.call(token.text, arguments),
                    None => match self.names?.get(token.text) {
                        None if token.text == "__file__" => Some(outside::this_file()),
                        value => value.cloned(),
                    },
                }
            }
            Kind::Operator if token.is("[") => {
                let inner = bracketed(rest, "[")?;
                if is_comprehension(inner) { self.comprehension(inner) } else { self.deeper()?.items(&split(inner)) }
            }
            Kind::Operator => self.iterable(bracketed(rest, "(")?),
        }
    }

    /// What stands between parentheses.
    fn iterable(self, inner: &[Token<'_>]) -> Option<Value> {
        if is_comprehension(inner) { self.comprehension(inner) } else { self.deeper()?.tuple(inner) }
    }

    /// `str(x) for x in y`, `x for x in y`
    fn comprehension(self, tokens: &[Token<'_>]) -> Option<Value> {
        self.names?;
        let place = tokens.iter().position(|token| token.is("for"))?;
        let (element, rest) = tokens.split_at(place);
        let [_, variable, inside, iterable @ ..] = rest else { return None };
        let element: Vec<&str> = element.iter().map(|token| token.text).collect();
        let items = if inside.is("in") { self.deeper()?.single(iterable)? } else { return None };
        match &element[..] {
            ["str", "(", name, ")"] if *name == variable.text => texts(&items),
            [name] if *name == variable.text => Some(items),
            _ => None,
        }
    }

    /// `str(a)`, `map(str, a)`, `tuple(a)`
    fn call(self, function: &str, arguments: &[Token<'_>]) -> Option<Value> {
        match self.names?.get(function) {
            Some(Value::Outside(Outside::Global(name))) => return outside::call(name, &self.arguments(arguments)?),
            Some(_) => return None,
            None => {}
        }
        match (function, arguments) {
            ("map", [name, comma, iterable @ ..]) if name.is("str") && comma.is(",") => {
                texts(&self.deeper()?.single(iterable)?)
            }
            ("str", _) => self.deeper()?.single(arguments)?.text().map(Value::of_text),
            ("tuple" | "list", _) => match self.iterable(arguments)? {
                Value::List(items) => Some(Value::List(items)),
                _ => None,
            },
            ("open" | "compile", _) => outside::call(function, &self.arguments(arguments)?),
            _ => None,
        }
    }

    /// String literals that follow each other are one text.
    fn strings(self, rest: &mut &[Token<'_>]) -> Option<Value> {
        let mut text = String::new();
        while rest.first().is_some_and(|token| token.kind == Kind::Text) {
            self.string(take(rest)?.text, &mut text)?;
        }
        Value::of_text(text).bounded()
    }

    fn string(self, literal: &str, text: &mut String) -> Option<()> {
        let quote = literal.find(['"', '\''])?;
        let prefix = literal[..quote].to_ascii_lowercase();
        let quoted = &literal[quote..];
        let width = if quoted.starts_with("\"\"\"") || quoted.starts_with("'''") { 3 } else { 1 };
        let inner = quoted.get(width..quoted.len().checked_sub(width)?)?;
        match prefix.as_str() {
            "" | "u" => text.push_str(&unescaped(inner)?),
            "r" => text.push_str(inner),
            "f" if !inner.contains('\\') => self.interpolated(inner, text)?,
            _ => return None,
        }
        Some(())
    }

    /// The text of an f-string: expressions in braces without a format.
    fn interpolated(self, inner: &str, text: &mut String) -> Option<()> {
        let names = self.names?;
        let mut rest = inner;
        while let Some(brace) = rest.find(['{', '}']) {
            text.push_str(&rest[..brace]);
            let (two, behind) = (rest.get(brace..brace + 2), &rest[brace + 1..]);
            if matches!(two, Some("{{" | "}}")) {
                text.push_str(&rest[brace..=brace]);
                rest = &behind[1..];
                continue;
            }
            let end = behind.find('}')?;
            let expression = behind[..end].trim();
            let line =
                Lines::of(expression).next().filter(|line| line.is_whole && !expression.contains(['!', ':', '=']))?;
            let value = Evaluator { names: Some(names), depth: self.deeper()?.depth }.single(&line.tokens)?;
            text.push_str(value.text()?);
            rest = &behind[end + 1..];
        }
        text.push_str(rest);
        Some(())
    }
}

fn texts(value: &Value) -> Option<Value> {
    let Value::List(items) = value else { return None };
    items.iter().map(|item| item.text().map(Value::of_text)).collect::<Option<Rc<[Value]>>>().map(Value::List)
}

/// Whether a `for` stands in no bracket of `tokens`.
fn is_comprehension(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0;
    tokens.iter().any(|token| {
        depth = step(depth, token);
        depth == 0 && token.is("for")
    })
}

fn eat(rest: &mut &[Token<'_>], operator: &str) -> bool {
    let found = rest.first().is_some_and(|token| token.is(operator));
    if found {
        *rest = &rest[1..];
    }
    found
}

fn take<'a>(rest: &mut &[Token<'a>]) -> Option<Token<'a>> {
    let (first, others) = rest.split_first()?;
    *rest = others;
    Some(*first)
}

/// What stands between the bracket that comes next and the one that closes it.
fn bracketed<'t, 'a>(rest: &mut &'t [Token<'a>], open: &str) -> Option<&'t [Token<'a>]> {
    rest.first().filter(|token| token.is(open))?;
    let mut depth = 0_usize;
    let end = rest.iter().position(|token| {
        depth = step(depth, token);
        depth == 0
    })?;
    let inner = &rest[1..end];
    *rest = &rest[end + 1..];
    Some(inner)
}

/// The depth of brackets behind `token`.
pub(super) fn step(depth: usize, token: &Token<'_>) -> usize {
    match (token.kind, token.text) {
        (Kind::Operator, "(" | "[" | "{") => depth + 1,
        (Kind::Operator, ")" | "]" | "}") => depth.saturating_sub(1),
        _ => depth,
    }
}

/// The parts between commas that stand in no bracket.
pub(super) fn split<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut depth = 0;
    let is_comma = |token: &Token<'_>| {
        depth = step(depth, token);
        depth == 0 && token.is(",")
    };
    tokens.split(is_comma).collect()
}

/// `a[1]` and `a[:3]` of a list.
fn index(value: &Value, inner: &[Token<'_>]) -> Option<Value> {
    let Value::List(items) = value else { return None };
    let inner: Vec<&str> = inner.iter().map(|token| token.text).collect();
    match &inner[..] {
        [":", end] => items.get(..items.len().min(end.parse().ok()?)).map(|items| Value::List(items.into())),
        [number] => items.get(number.parse::<usize>().ok()?).cloned(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
