//! The shapes of statements that say something about versions.

use super::lexer::{Kind, Token};
use super::script::{Effect, Scope};

/// What a statement says.
pub(super) struct Said<'t, 'a> {
    /// The project before the dot, if there is one.
    pub(super) receiver: Option<Scope<'a>>,
    pub(super) effect: Effect<'a>,
    pub(super) value: &'t [Token<'a>],
    pub(super) adds: bool,
}

impl<'t, 'a> Said<'t, 'a> {
    pub(super) fn of(effect: Effect<'a>, value: &'t [Token<'a>]) -> Self {
        Self { receiver: None, effect, value, adds: false }
    }
}

/// `id("x") version "1"`, `alias(libs.plugins.x)`, `` `x` ``
pub(super) fn plugin<'t, 'a>(statement: &'t [Token<'a>]) -> Option<(Effect<'a>, &'t [Token<'a>])> {
    let is_off = |pair: &[Token<'_>]| pair[0].is("apply") && pair[1..].iter().any(|next| next.is("false"));
    if statement.windows(3).any(is_off) || statement.len() >= 2 && is_off(&statement[statement.len() - 2..]) {
        return None;
    }
    let first = statement.first()?;
    if first.is("id") {
        let at = statement.iter().position(Token::is_text)?;
        return Some((Effect::Plugin, &statement[at..=at]));
    }
    if first.is("alias") {
        return Some((Effect::CatalogPlugin, inner(statement.get(2..)?)));
    }
    (statement.len() == 1).then_some((Effect::Plugin, statement))
}

/// A statement in `ext { }`.
pub(super) fn extra<'t, 'a>(statement: &'t [Token<'a>]) -> Option<Said<'t, 'a>> {
    let words = words(statement);
    match &words[..] {
        ["set", "(", "\"", ",", ..] => Some(Said::of(Effect::Extra(statement[2].text), inner(&statement[4..]))),
        ["this" | "it", "[", "\"", "]", "=", ..] => Some(Said::of(Effect::Extra(statement[2].text), &statement[5..])),
        [name, "=", ..] => Some(Said::of(Effect::Extra(name), &statement[2..])),
        _ => None,
    }
}

/// A statement in `apply { }`.
pub(super) fn applied<'t, 'a>(statement: &'t [Token<'a>]) -> Option<Said<'t, 'a>> {
    let effect = match statement.first() {
        Some(first) if first.is("plugin") => Effect::Plugin,
        Some(first) if first.is("from") => Effect::Script,
        _ => return None,
    };
    Some(Said::of(effect, argument(&statement[1..])))
}

/// The argument of a call, with or without parentheses.
fn argument<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    if tokens.first().is_some_and(|first| first.is("(")) { inner(&tokens[1..]) } else { tokens }
}

/// What stands before the parenthesis that ends a call; everything where something follows it.
fn inner<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    match tokens.split_last() {
        Some((last, before)) if last.is(")") => before,
        _ => tokens,
    }
}

/// What a statement says about the projects of its scope, or about the one that it names.
pub(super) fn said<'t, 'a>(statement: &'t [Token<'a>], aliases: &[&'a str]) -> Option<Said<'t, 'a>> {
    let statement = bare(statement);
    let words = words(statement);
    let (receiver, skipped) = match &words[..] {
        ["rootProject" | "parent", ".", ..] => (Some(Scope::Root), 2),
        ["project", "(", "\"", ")", ".", ..] => (Some(Scope::Project(statement[2].text)), 5),
        ["project", ".", ..] => (None, 2),
        ["gradle", ".", "rootProject", ".", ..] => (Some(Scope::Root), 4),
        [name, ".", ..] if aliases.contains(name) => (None, 2),
        // In other blocks these are something else.
        ["this" | "it", ".", "version" | "setVersion", ..] => return property(&statement[2..], false),
        _ => (None, 0),
    };
    let statement = &statement[skipped..];
    let found =
        property(statement, skipped > 0).or_else(|| call(statement)).or_else(|| binding(statement, skipped > 0))?;
    Some(Said { receiver, ..found })
}

/// The statement without modifiers.
fn bare<'t, 'a>(statement: &'t [Token<'a>]) -> &'t [Token<'a>] {
    const MODIFIERS: [&str; 7] = ["private", "internal", "public", "final", "static", "const", "lateinit"];
    let start = statement.iter().position(|token| !MODIFIERS.iter().any(|word| token.is(word)));
    &statement[start.unwrap_or(statement.len())..]
}

/// `version = R`, `version R`, `setVersion(R)`, `ext.x = R`.
fn property<'t, 'a>(statement: &'t [Token<'a>], is_qualified: bool) -> Option<Said<'t, 'a>> {
    let words = words(statement);
    let version = if is_qualified { Effect::ProjectVersion } else { Effect::Version };
    let is_value = |token: &Token<'_>| token.is_text() || matches!(token.kind, Kind::Name | Kind::Number);
    match &words[..] {
        ["version", "=", ..] => Some(Said::of(version, &statement[2..])),
        ["version", "+=", ..] => Some(Said { adds: true, ..Said::of(version, &statement[2..]) }),
        ["version" | "setVersion", "(", ..] if closing(&statement[1..]) == Some(statement.len() - 2) => {
            Some(Said::of(version, inner(&statement[2..])))
        }
        ["setVersion", ..] => Some(Said::of(version, &statement[1..])),
        ["setProperty", "(", "\"", ",", ..] if statement[2].text == "version" => {
            Some(Said::of(version, inner(&statement[4..])))
        }
        ["version", ..] if statement.get(1).is_some_and(is_value) => Some(Said::of(version, &statement[1..])),
        ["ext" | "extra", ".", "set", "(", "\"", ",", ..] => {
            Some(Said::of(Effect::Extra(statement[4].text), inner(&statement[6..])))
        }
        ["ext" | "extra", ".", name, "=", ..] => Some(Said::of(Effect::Extra(name), &statement[4..])),
        ["ext" | "extra", "[", "\"", "]", "=", ..] => Some(Said::of(Effect::Extra(statement[2].text), &statement[5..])),
        _ => None,
    }
}

/// `apply plugin: R`, `apply(from = R)`, `plugins.apply(R)`.
fn call<'t, 'a>(statement: &'t [Token<'a>]) -> Option<Said<'t, 'a>> {
    let words = words(statement);
    let effect = |name: &str| if name == "plugin" { Effect::Plugin } else { Effect::Script };
    match &words[..] {
        ["apply", name @ ("plugin" | "from"), ":", ..] => {
            let end = statement.iter().position(|token| token.is(",")).unwrap_or(statement.len());
            Some(Said::of(effect(name), &statement[3..end]))
        }
        ["apply", "(", name @ ("plugin" | "from"), ":" | "=", ..] => {
            Some(Said::of(effect(name), inner(&statement[4..])))
        }
        ["plugins" | "pluginManager", ".", "apply", "(", ..] => Some(Said::of(Effect::Plugin, inner(&statement[4..]))),
        _ => None,
    }
}

/// `def x = R`, `val x: String by R`, `x = R`.
fn binding<'t, 'a>(statement: &'t [Token<'a>], is_qualified: bool) -> Option<Said<'t, 'a>> {
    let mut depth = 0_usize;
    let sign = statement.iter().position(|token| {
        match token.text {
            "(" | "[" | "<" if token.kind == Kind::Sign => depth += 1,
            ")" | "]" | ">" if token.kind == Kind::Sign => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (token.is("=") || token.is("by") || token.is("+="))
    })?;
    let colon = statement[..sign].iter().position(|token| token.is(":")).unwrap_or(sign);
    let (name, before) = statement[..colon].split_last()?;
    if name.kind != Kind::Name || before.iter().any(|token| token.is(".") || token.is("fun")) {
        return None;
    }
    let adds = statement[sign].is("+=");
    let effect = match before.first() {
        None if is_qualified => Effect::Extra(name.text),
        None => Effect::Assign(name.text),
        Some(_) => Effect::Local(name.text),
    };
    // What a delegate gives depends on the name, which comes with it.
    let start = if statement[sign].is("by") { sign } else { sign + 1 };
    Some(Said { adds, ..Said::of(effect, &statement[start..]) })
}

/// Where the parenthesis closes that `tokens` begin with.
pub(super) fn closing(tokens: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    tokens.iter().position(|token| {
        if token.kind == Kind::Sign {
            match token.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        depth == 0
    })
}

/// The tokens as words: a text is `"`.
pub(super) fn words<'a>(tokens: &[Token<'a>]) -> Vec<&'a str> {
    tokens.iter().take(12).map(|token| if token.is_text() { "\"" } else { token.text }).collect()
}
