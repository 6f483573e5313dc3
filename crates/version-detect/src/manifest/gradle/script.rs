//! What a build script says about versions: the statements that set one, bind a name, apply a plugin or run another script,
//! each with the projects it is about.
//!
//! A script is a program. It is not run: a statement that may run or not is marked, and what stands in other blocks than
//! those of projects (publications, tasks, dependencies) is not about a project's version.

use super::lexer::{Dialect, Kind, Token, Tokens};
use super::statement::{Said, applied, closing, extra, plugin, said, words};

/// How many tokens of a statement are kept; a longer one has no value here.
const MOST_TOKENS: usize = 400;

/// How many statements of a script are kept.
const MOST_STATEMENTS: usize = 50_000;

/// How deep blocks may nest.
const DEEPEST: usize = 1000;

/// The projects that a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope<'a> {
    /// The script's own.
    Own,
    /// `rootProject`
    Root,
    /// `allprojects { }`
    All,
    /// `subprojects { }`
    Subprojects,
    /// `project(":a") { }`
    Project(&'a str),
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect<'a> {
    /// `version = `: it sets the version, or a local name where one is called so.
    Version,
    /// `project.version = `
    ProjectVersion,
    /// `def x = `, `val x = `
    Local(&'a str),
    /// `ext.x = `
    Extra(&'a str),
    /// `x = `: of a name that was bound before.
    Assign(&'a str),
    /// It applies a plugin.
    Plugin,
    /// The same, by its name in a version catalog.
    CatalogPlugin,
    /// It runs another script.
    Script,
    /// It decides whether the statements run that it guards, which name it by this number.
    Condition(usize),
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) effect: Effect<'a>,
    /// What stands on the right-hand side; none where it is longer than any.
    pub(super) value: Vec<Token<'a>>,
    /// Where that begins.
    pub(super) at: usize,
    /// Whether it adds to what was before: `+=`
    pub(super) adds: bool,
    /// Whether it may run or not.
    pub(super) is_conditional: bool,
    /// The conditions that decide whether it runs.
    pub(super) guards: Vec<usize>,
}

/// What a script says; an error is the offset of a brace without its other one.
pub(super) fn statements(source: &str, dialect: Dialect) -> Result<Vec<Statement<'_>>, usize> {
    let mut reader = Reader::default();
    let mut tokens = Tokens::of(source, dialect).peekable();
    while let Some(token) = tokens.next() {
        match (token.kind, token.text) {
            (Kind::Sign, "(" | "[") => reader.nest(token),
            (Kind::Sign, "{") if reader.is_value() => reader.nest(token),
            (Kind::Sign, "{") => reader.open(token)?,
            (Kind::Sign, "}") if reader.depth == 0 => reader.close(token)?,
            (Kind::Sign, ")" | "]" | "}") => {
                reader.depth = reader.depth.saturating_sub(1);
                reader.statement.push(token);
            }
            (Kind::Sign, ";") if reader.depth == 0 => reader.end(),
            (Kind::Sign, ":") if reader.depth == 0 && reader.is_case() => reader.statement.clear(),
            (Kind::Sign, "->") if reader.depth == 0 && !reader.declares() => reader.parameters(),
            (Kind::End, _) => {
                while tokens.next_if(|next| next.kind == Kind::End).is_some() {}
                let next = tokens.peek();
                if reader.depth == 0 && !reader.is_open() && !next.is_some_and(|next| reader.goes_on(next)) {
                    reader.end();
                }
            }
            _ => reader.statement.push(token),
        }
    }
    reader.end();
    match reader.frames.first() {
        Some(frame) => Err(frame.at),
        None => Ok(reader.found),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block<'a> {
    Projects(Scope<'a>),
    /// `configure(subprojects - x) { }`: some projects.
    Some(Scope<'a>),
    /// It names properties: `ext { }`
    Extra,
    /// It says nothing about the project, and its names are everybody's: `buildscript { }`
    Buildscript,
    Plugins,
    /// `apply { }`
    Apply,
    Conditional,
    /// Whoever calls it runs it.
    Function,
    Other,
}

struct Frame<'a> {
    block: Block<'a>,
    at: usize,
    /// Whether a `return` stands in it, after which nothing is sure.
    returns: bool,
    /// The condition of an `if` without more.
    guard: Option<usize>,
}

#[derive(Default)]
struct Reader<'a> {
    frames: Vec<Frame<'a>>,
    statement: Vec<Token<'a>>,
    /// How many parentheses, brackets and braces of the statement are open.
    depth: usize,
    /// Whether an `if (x)` stands before, without a block.
    is_guarded: bool,
    /// The block that ended last: `subprojects.findAll { }.each { }` goes on with it.
    closed: Option<Block<'a>>,
    /// How many conditions there are.
    conditions: usize,
    /// What the projects of blocks are called: `subprojects { p -> }`
    aliases: Vec<&'a str>,
    found: Vec<Statement<'a>>,
}

impl<'a> Reader<'a> {
    fn nest(&mut self, token: Token<'a>) {
        self.depth += 1;
        self.statement.push(token);
    }

    /// Whether what follows is the value of an assignment, so that a brace is part of it.
    fn is_value(&self) -> bool {
        if self.depth > 0 {
            return true;
        }
        let mut depth = 0_usize;
        self.statement.iter().take(MOST_TOKENS).any(|token| {
            if token.kind == Kind::Sign && ["(", "["].contains(&token.text) {
                depth += 1;
            } else if token.kind == Kind::Sign && [")", "]"].contains(&token.text) {
                depth = depth.saturating_sub(1);
            }
            depth == 0 && (token.is("=") || token.is("by"))
        })
    }

    fn declares(&self) -> bool {
        self.statement.first().is_some_and(|first| ["val", "var", "def", "fun"].iter().any(|word| first.is(word)))
    }

    /// Whether it is a case of a `switch`.
    fn is_case(&self) -> bool {
        self.statement.first().is_some_and(|first| first.is("case") || first.is("default"))
    }

    /// A line of the statement cannot end here.
    fn is_open(&self) -> bool {
        let last = self.statement.last();
        let signs = ["=", "+", "?:", ":", ",", "by", "&&", "||", "+=", "."];
        // Behind a type of Kotlin it asks nothing.
        let asks = |last: &Token<'_>| last.is("?") && !self.declares();
        last.is_some_and(|last| signs.iter().any(|sign| last.is(sign)) || asks(last))
    }

    /// The statement goes on with `next`, on another line.
    fn goes_on(&self, next: &Token<'_>) -> bool {
        let is_chained = [".", "?.", "?:", "?", ":", "&&", "||"].iter().any(|sign| next.is(sign));
        is_chained || (next.is("else") && self.is_value())
    }

    /// The names before an arrow: parameters of a block, or the case of a `when`.
    fn parameters(&mut self) {
        let names = std::mem::take(&mut self.statement);
        if let Some(Frame { block: Block::Projects(_) | Block::Some(_), .. }) = self.frames.last() {
            self.aliases.extend(names.iter().filter(|name| name.kind == Kind::Name).map(|name| name.text));
        }
    }

    /// A block begins; what stands before it says which.
    fn open(&mut self, brace: Token<'a>) -> Result<(), usize> {
        let head = std::mem::take(&mut self.statement);
        if self.frames.len() >= DEEPEST {
            return Err(brace.start);
        }
        let is_guarded = std::mem::take(&mut self.is_guarded);
        let block = match self.closed {
            _ if is_guarded => Block::Conditional,
            Some(block @ Block::Some(_)) if head.first().is_some_and(|first| first.is(".")) => block,
            _ => block(&head),
        };
        let condition = condition(&head).filter(|_| !is_guarded);
        let guard = condition.and_then(|(condition, rest)| self.guard(condition).filter(|_| rest.is_empty()));
        self.frames.push(Frame { block, at: brace.start, returns: false, guard });
        Ok(())
    }

    /// Keeps a condition where what it guards is kept.
    fn guard(&mut self, condition: &[Token<'a>]) -> Option<usize> {
        let is_hidden = self.frames.iter().any(|frame| matches!(frame.block, Block::Function | Block::Other));
        let first = condition.first().filter(|_| !is_hidden && condition.len() <= MOST_TOKENS)?;
        self.conditions += 1;
        let found = Said::of(Effect::Condition(self.conditions), condition);
        self.push(Scope::Own, &found, first.start, (false, Vec::new()));
        Some(self.conditions)
    }

    fn push(&mut self, scope: Scope<'a>, said: &Said<'_, 'a>, at: usize, when: (bool, Vec<usize>)) {
        let Said { effect, value, adds, .. } = *said;
        let value = if value.len() > MOST_TOKENS { Vec::new() } else { value.to_vec() };
        let (is_conditional, guards) = when;
        self.found.push(Statement { scope, effect, value, at, adds, is_conditional, guards });
    }

    fn close(&mut self, brace: Token<'a>) -> Result<(), usize> {
        self.end();
        self.closed = Some(self.frames.pop().ok_or(brace.start)?.block);
        Ok(())
    }

    fn end(&mut self) {
        self.depth = 0;
        let statement = std::mem::take(&mut self.statement);
        let is_guarded = std::mem::take(&mut self.is_guarded);
        let (rest, was_guarded) = unguarded(&statement);
        self.is_guarded = was_guarded && rest.is_empty();
        if rest.is_empty() || self.found.len() >= MOST_STATEMENTS {
            return;
        }
        if rest[0].is("return") {
            // In a block of projects what follows is not for all of them.
            let outer = self.frames.iter_mut().rev().find(|frame| frame.block != Block::Conditional);
            if let Some(frame) = outer {
                frame.returns = true;
            }
            return;
        }
        let alone = condition(&statement).filter(|(_, behind)| behind.len() == rest.len());
        let alone = alone.filter(|(_, behind)| !is_guarded && !behind.iter().any(|token| token.is("else")));
        match alone.and_then(|(condition, _)| self.guard(condition)) {
            Some(guard) => self.keep(rest, false, Some(guard)),
            None => self.keep(rest, is_guarded || was_guarded, None),
        }
    }

    /// Keeps a statement that says something where it stands.
    fn keep(&mut self, statement: &[Token<'a>], mut is_conditional: bool, guard: Option<usize>) {
        let mut scope = Scope::Own;
        let mut guards: Vec<usize> = guard.into_iter().collect();
        let mut innermost = None;
        let (mut is_hidden, mut is_build) = (false, false);
        for frame in &self.frames {
            is_conditional |= frame.returns;
            match frame.block {
                Block::Projects(inner) => scope = inner,
                Block::Some(inner) => (scope, is_conditional) = (inner, true),
                Block::Conditional if frame.guard.is_some() => guards.extend(frame.guard),
                Block::Conditional => is_conditional = true,
                Block::Function | Block::Other => is_hidden = true,
                Block::Buildscript => is_build = true,
                Block::Extra | Block::Plugins | Block::Apply => {}
            }
            innermost = Some(frame.block).filter(|block| *block != Block::Conditional).or(innermost);
        }
        let found = match innermost {
            Some(Block::Plugins) => plugin(statement).map(|(effect, value)| Said::of(effect, value)),
            Some(Block::Extra) => extra(statement).or_else(|| said(statement, &self.aliases)),
            Some(Block::Apply) => applied(statement),
            _ => said(statement, &self.aliases),
        };
        let Some(said) = found else { return };
        let is_version = matches!(said.effect, Effect::Version | Effect::ProjectVersion);
        let is_named = said.effect == Effect::ProjectVersion;
        let is_function = innermost == Some(Block::Function);
        if (is_hidden && !is_named && !(is_function && said.effect == Effect::Version)) || (is_build && is_version) {
            return;
        }
        let at = said.value.first().or(statement.first()).map_or(0, |token| token.start);
        let scope = said.receiver.unwrap_or(scope);
        self.push(scope, &said, at, (is_conditional || is_hidden, guards));
    }
}

/// The condition of the `if` that a statement begins with, and what stands behind it.
fn condition<'t, 'a>(statement: &'t [Token<'a>]) -> Option<(&'t [Token<'a>], &'t [Token<'a>])> {
    let [first, rest @ ..] = statement else { return None };
    let end = closing(rest).filter(|_| first.is("if") && rest.first().is_some_and(|open| open.is("(")))?;
    Some((&rest[1..end], &rest[end + 1..]))
}

/// The statement behind each `if (x)` and `else`, and whether there was one.
fn unguarded<'t, 'a>(statement: &'t [Token<'a>]) -> (&'t [Token<'a>], bool) {
    let mut rest = statement;
    while let Some(first) = rest.first() {
        if first.is("else") {
            rest = &rest[1..];
        } else if first.is("if") && rest.get(1).is_some_and(|next| next.is("(")) {
            rest = closing(&rest[1..]).map_or(&[], |end| &rest[end + 2..]);
        } else {
            break;
        }
    }
    (rest, rest.len() < statement.len())
}

fn block<'a>(head: &[Token<'a>]) -> Block<'a> {
    let words = words(head);
    let last = head.last().map_or("", |token| token.text);
    let path = || head.iter().find(|token| token.is_text()).map_or("", |token| token.text);
    match &words[..] {
        ["project" | "rootProject" | "gradle", ".", rest @ ..]
            if !rest.is_empty() && rest[0] != "ext" && rest[0] != "extra" =>
        {
            let inner = block(&head[2..]);
            let is_root = words[0] != "project" && ["apply", "with", "run", "rootProject"].contains(&rest[0]);
            match inner {
                Block::Apply | Block::Conditional | Block::Projects(_) if is_root => Block::Projects(Scope::Root),
                Block::Apply => Block::Projects(Scope::Own),
                Block::Other if rest[0] == "beforeProject" => Block::Projects(Scope::All),
                other => other,
            }
        }
        ["project", "(", "\"", ")", ..] | ["configure", "(", "project", "(", "\"", ")", ")"] => {
            Block::Projects(Scope::Project(path()))
        }
        ["allprojects"] | ["allprojects", ".", "each" | "forEach" | "all" | "configureEach"] => {
            Block::Projects(Scope::All)
        }
        ["subprojects"] | ["subprojects", ".", "each" | "forEach" | "all" | "configureEach"] => {
            Block::Projects(Scope::Subprojects)
        }
        ["configure", "(", "allprojects", ")"] => Block::Projects(Scope::All),
        ["configure", "(", "subprojects", ")"] => Block::Projects(Scope::Subprojects),
        ["configure", "(", "rootProject", ")"] | ["rootProject"] => Block::Projects(Scope::Root),
        ["configure", "(", .., ")"] if head.iter().any(|token| token.text.contains("roject")) => {
            Block::Some(Scope::All)
        }
        ["allprojects" | "subprojects", ..] => Block::Some(Scope::Subprojects),
        ["project" | "with" | "run" | "let" | "also"] | ["with", "(", "project", ")"] => Block::Projects(Scope::Own),
        ["ext" | "extra", ..] | [_, ".", "ext" | "extra", ..] => Block::Extra,
        ["buildscript"] => Block::Buildscript,
        ["plugins"] => Block::Plugins,
        ["apply"] => Block::Apply,
        ["afterEvaluate"]
        | ["if" | "else" | "when" | "try" | "catch" | "finally" | "for" | "while" | "switch" | "do", ..] => {
            Block::Conditional
        }
        ["taskGraph" | "projectsEvaluated" | "afterProject", ..] => Block::Conditional,
        ["fun", ..] | ["def" | "void" | "String" | "static" | "private", .., ")"]
            if last == ")" || words.contains(&"fun") =>
        {
            Block::Function
        }
        _ => Block::Other,
    }
}
