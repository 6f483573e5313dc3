//! The expressions of build scripts, as far as they can be told without running them.

use super::lexer::{Kind, Token};

/// How deep an expression may nest.
const DEEPEST: usize = 32;

/// An expression; offsets are those of its token in the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression<'a> {
    /// A text, with its escapes.
    Literal(&'a str, usize),
    /// A text with expressions, and where it begins behind the quotes.
    Template(&'a str, usize),
    Number(&'a str, usize),
    Flag(bool, usize),
    Null(usize),
    Name(&'a str, usize),
    Member(Box<Self>, &'a str),
    Call(Box<Self>, Vec<Self>),
    Index(Box<Self>, Box<Self>),
    List(Vec<Self>, usize),
    Sum(Box<Self>, Box<Self>),
    /// `a ?: b`
    Else(Box<Self>, Box<Self>),
    /// `a ? b : c`, `if (a) b else c`
    Choice(Box<[Self; 3]>),
    Not(Box<Self>),
    /// `a == b`, or `!=`
    Compare {
        left: Box<Self>,
        right: Box<Self>,
        is_equal: bool,
    },
    /// `{ a }` as an argument.
    Block(Box<Self>),
}

/// The expression that all of `tokens` make; `None` for what is not known.
pub(super) fn parse<'a>(tokens: &[Token<'a>]) -> Option<Expression<'a>> {
    let mut parser = Parser { tokens, at: 0 };
    let expression = parser.choice(DEEPEST)?;
    parser.skip_lines();
    (parser.at == tokens.len()).then_some(expression)
}

struct Parser<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
}

impl<'a> Parser<'_, 'a> {
    fn skip_lines(&mut self) {
        while self.tokens.get(self.at).is_some_and(|token| token.kind == Kind::End) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<Token<'a>> {
        self.skip_lines();
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, text: &str) -> bool {
        let is_there = self.peek().is_some_and(|token| token.is(text));
        self.at += usize::from(is_there);
        is_there
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    fn choice(&mut self, depth: usize) -> Option<Expression<'a>> {
        let depth = depth.checked_sub(1)?;
        let condition = self.fallback(depth)?;
        if !self.take("?") {
            return Some(condition);
        }
        let yes = self.choice(depth)?;
        if !self.take(":") {
            return None;
        }
        let no = self.choice(depth)?;
        Some(Expression::Choice(Box::new([condition, yes, no])))
    }

    fn fallback(&mut self, depth: usize) -> Option<Expression<'a>> {
        let first = self.comparison(depth)?;
        if !self.take("?:") {
            return Some(first);
        }
        let other = self.fallback(depth.checked_sub(1)?)?;
        Some(Expression::Else(Box::new(first), Box::new(other)))
    }

    fn comparison(&mut self, depth: usize) -> Option<Expression<'a>> {
        let left = self.sum(depth)?;
        let is_equal = match () {
            () if self.take("==") => true,
            () if self.take("!=") => false,
            () => return Some(left),
        };
        let right = self.sum(depth)?;
        Some(Expression::Compare { left: Box::new(left), right: Box::new(right), is_equal })
    }

    fn sum(&mut self, depth: usize) -> Option<Expression<'a>> {
        let mut left = self.term(depth)?;
        // A chain nests to the left, and each step of its evaluation too.
        let mut left_to_go = depth * 2;
        while self.take("+") {
            left_to_go = left_to_go.checked_sub(1)?;
            let right = self.term(depth)?;
            left = Expression::Sum(Box::new(left), Box::new(right));
        }
        Some(left)
    }

    fn term(&mut self, depth: usize) -> Option<Expression<'a>> {
        if self.take("!") {
            return Some(Expression::Not(Box::new(self.term(depth.checked_sub(1)?)?)));
        }
        let mut term = self.primary(depth)?;
        let mut left_to_go = depth * 2;
        loop {
            left_to_go = left_to_go.checked_sub(1)?;
            term = if self.take(".") || self.take("?.") {
                let name = self.next().filter(|name| name.kind == Kind::Name || name.is_text())?;
                Expression::Member(Box::new(term), name.text)
            } else if self.is_here("(") {
                self.at += 1;
                let mut arguments = self.list(depth, ")")?;
                if self.is_here("{") {
                    arguments.push(self.block(depth)?);
                }
                Expression::Call(Box::new(term), arguments)
            } else if self.is_here("[") {
                self.at += 1;
                let mut index = self.list(depth, "]")?;
                if index.len() != 1 {
                    return None;
                }
                Expression::Index(Box::new(term), Box::new(index.pop()?))
            } else if self.is_here("{") {
                Expression::Call(Box::new(term), vec![self.block(depth)?])
            } else if self.take("!!") {
                term
            } else if self.take("as") {
                self.next().filter(|name| name.is("String"))?;
                self.take("?");
                Expression::Call(Box::new(Expression::Member(Box::new(term), "toString")), Vec::new())
            } else {
                return Some(term);
            };
        }
    }

    /// Whether the sign follows on the same line.
    fn is_here(&self, sign: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|token| token.kind == Kind::Sign && token.text == sign)
    }

    fn primary(&mut self, depth: usize) -> Option<Expression<'a>> {
        let depth = depth.checked_sub(1)?;
        let token = self.next()?;
        let at = token.start;
        match token.kind {
            Kind::Literal => Some(Expression::Literal(token.text, at)),
            Kind::Template => Some(Expression::Template(token.text, at)),
            Kind::Number => Some(Expression::Number(token.text, at)),
            Kind::Name => match token.text {
                "true" | "false" => Some(Expression::Flag(token.text == "true", at)),
                "null" => Some(Expression::Null(at)),
                "if" => self.condition(depth),
                "new" => self.primary(depth),
                name => Some(Expression::Name(name, at)),
            },
            Kind::Sign if token.text == "(" => {
                let inner = self.choice(depth)?;
                self.take(")").then_some(inner)
            }
            Kind::Sign if token.text == "[" => Some(Expression::List(self.list(depth, "]")?, at)),
            Kind::Sign | Kind::End => None,
        }
    }

    /// `if (a) b else c`, each of `b` and `c` perhaps in braces.
    fn condition(&mut self, depth: usize) -> Option<Expression<'a>> {
        let is_open = self.take("(");
        let condition = self.choice(depth)?;
        let is_closed = self.take(")");
        let yes = self.branch(depth)?;
        let has_other = self.take("else");
        let no = self.branch(depth)?;
        (is_open && is_closed && has_other).then(|| Expression::Choice(Box::new([condition, yes, no])))
    }

    fn branch(&mut self, depth: usize) -> Option<Expression<'a>> {
        if !self.peek()?.is("{") {
            return self.choice(depth);
        }
        match self.block(depth)? {
            Expression::Block(inner) => Some(*inner),
            other => Some(other),
        }
    }

    fn block(&mut self, depth: usize) -> Option<Expression<'a>> {
        if !self.take("{") {
            return None;
        }
        let inner = self.choice(depth)?;
        self.take("}").then(|| Expression::Block(Box::new(inner)))
    }

    /// What stands between commas, up to `end`, which is taken.
    fn list(&mut self, depth: usize, end: &str) -> Option<Vec<Expression<'a>>> {
        let mut list = Vec::new();
        while !self.take(end) {
            list.push(self.choice(depth)?);
            if !self.take(",") && !self.peek()?.is(end) {
                return None;
            }
        }
        Some(list)
    }
}
