//! The conditions of MSBuild (<https://learn.microsoft.com/visualstudio/msbuild/msbuild-conditions>).
//!
//! A condition is true, false, or not known: what it asks for is not in the files.

/// How deep parentheses and `!` may nest.
const DEEPEST: usize = 64;

/// The longest condition.
const LONGEST: usize = 16 * 1024;

/// Whether a condition holds; the error says what is not known.
pub(super) type Truth = Result<bool, Unknown>;

/// What is not known, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) expression: String,
    pub(super) why: String,
}

impl Unknown {
    pub(super) fn new(expression: impl Into<String>, why: impl Into<String>) -> Self {
        Self { expression: expression.into(), why: why.into() }
    }
}

/// What a condition may ask.
pub(super) trait Scope {
    /// The text with its properties replaced.
    fn expand(&self, text: &str) -> Result<String, Unknown>;

    /// Whether a file or a folder is there.
    fn exists(&self, path: &str) -> Truth;
}

/// Whether `condition` holds; an empty one does.
pub(super) fn holds(condition: &str, scope: &dyn Scope) -> Truth {
    let not_understood = || Unknown::new(excerpt(condition), "the condition is not understood here");
    if condition.trim().is_empty() {
        return Ok(true);
    }
    let tokens = Some(condition).filter(|condition| condition.len() <= LONGEST).and_then(tokens);
    let tokens = tokens.ok_or_else(not_understood)?;
    let mut parser = Parser { rest: &tokens, scope };
    match parser.either(0) {
        Some(truth) if parser.rest.is_empty() => truth,
        _ => Err(not_understood()),
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(80).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'a> {
    /// `'text'`
    Quoted(&'a str),
    /// A word, a number or `$(Property)`.
    Bare(&'a str),
    Operator(&'static str),
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    const OPERATORS: [&str; 10] = ["==", "!=", "<=", ">=", "<", ">", "!", "(", ")", ","];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let length = if let Some(quoted) = rest.strip_prefix('\'') {
            let end = closing_quote(quoted)?;
            tokens.push(Token::Quoted(&quoted[..end]));
            end + 2
        } else if rest.starts_with("$(") {
            let end = closing(rest, 1)?;
            tokens.push(Token::Bare(&rest[..=end]));
            end + 1
        } else if let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
            tokens.push(Token::Operator(operator));
            operator.len()
        } else {
            let is_word = |c: char| c.is_alphanumeric() || "._-+".contains(c);
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            tokens.push(Token::Bare(&rest[..end]));
            end
        };
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

/// The quote that ends a text; those within `$(...)` do not.
fn closing_quote(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let next = at + text[at..].find(['\'', '$'])?;
        if text[next..].starts_with('\'') {
            return Some(next);
        }
        at = if text[next..].starts_with("$(") { closing(text, next + 1)? + 1 } else { next + 1 };
    }
}

/// The parenthesis that closes the one at `open`.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(index);
        }
    }
    None
}

struct Parser<'t, 's> {
    rest: &'t [Token<'t>],
    scope: &'s dyn Scope,
}

impl<'t> Parser<'t, '_> {
    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.rest.first(), Some(Token::Bare(text)) if text.eq_ignore_ascii_case(word));
        self.rest = if found { &self.rest[1..] } else { self.rest };
        found
    }

    fn operator(&mut self, operator: &str) -> bool {
        let found = matches!(self.rest.first(), Some(Token::Operator(text)) if *text == operator);
        self.rest = if found { &self.rest[1..] } else { self.rest };
        found
    }

    fn next(&mut self) -> Option<&'t Token<'t>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// `a or b`
    fn either(&mut self, depth: usize) -> Option<Truth> {
        let mut truth = self.both(depth)?;
        while self.word("or") {
            truth = match (truth, self.both(depth)?) {
                (Ok(true), _) | (_, Ok(true)) => Ok(true),
                (Err(unknown), _) | (_, Err(unknown)) => Err(unknown),
                (Ok(false), Ok(false)) => Ok(false),
            };
        }
        Some(truth)
    }

    /// `a and b`
    fn both(&mut self, depth: usize) -> Option<Truth> {
        let mut truth = self.comparison(depth)?;
        while self.word("and") {
            truth = match (truth, self.comparison(depth)?) {
                (Ok(false), _) | (_, Ok(false)) => Ok(false),
                (Err(unknown), _) | (_, Err(unknown)) => Err(unknown),
                (Ok(true), Ok(true)) => Ok(true),
            };
        }
        Some(truth)
    }

    fn comparison(&mut self, depth: usize) -> Option<Truth> {
        if depth > DEEPEST {
            return None;
        }
        if self.operator("!") {
            return Some(self.comparison(depth + 1)?.map(|truth| !truth));
        }
        if self.operator("(") {
            let truth = self.either(depth + 1)?;
            return self.operator(")").then_some(truth);
        }
        let first = self.next()?;
        if let (Token::Bare(function), true) = (first, self.operator("(")) {
            return self.call(function);
        }
        let left = self.value(first)?;
        let operators = ["==", "!=", "<=", ">=", "<", ">"];
        let Some(operator) = operators.into_iter().find(|operator| self.operator(operator)) else {
            return Some(
                left.and_then(|text| truth_of(&text).ok_or_else(|| Unknown::new(text, "it is neither true nor false"))),
            );
        };
        let right = self.next()?;
        let right = self.value(right)?;
        Some(match (left, right) {
            (Ok(left), Ok(right)) => compare(&left, operator, &right),
            (Err(unknown), _) | (_, Err(unknown)) => Err(unknown),
        })
    }

    fn call(&mut self, function: &str) -> Option<Truth> {
        let argument = self.next()?;
        let argument = self.value(argument)?;
        if !self.operator(")") {
            return None;
        }
        Some(match function.to_ascii_lowercase().as_str() {
            "exists" => argument.and_then(|path| self.scope.exists(&path)),
            "hastrailingslash" => argument.map(|path| path.ends_with(['/', '\\'])),
            _ => return None,
        })
    }

    fn value(&self, token: &Token<'_>) -> Option<Result<String, Unknown>> {
        match token {
            Token::Quoted(text) | Token::Bare(text) => Some(self.scope.expand(text)),
            Token::Operator(_) => None,
        }
    }
}

fn truth_of(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "!false" | "!off" | "!no" => Some(true),
        "false" | "off" | "no" | "!true" | "!on" | "!yes" => Some(false),
        _ => None,
    }
}

/// Numbers are compared as numbers, truths as truths, all else as text without regard to case.
fn compare(left: &str, operator: &str, right: &str) -> Truth {
    use std::cmp::Ordering;

    let numbers = left.trim().parse::<f64>().ok().zip(right.trim().parse::<f64>().ok());
    let order = numbers.and_then(|(left, right)| left.partial_cmp(&right)).or_else(|| versions(left, right));
    let is_equal = match order.filter(|_| numbers.is_some()) {
        Some(order) => order == Ordering::Equal,
        None => match truth_of(left).zip(truth_of(right)) {
            Some((left, right)) => left == right,
            None => left.to_lowercase() == right.to_lowercase(),
        },
    };
    let ordered = |accept: fn(Ordering) -> bool| {
        order
            .map(accept)
            .ok_or_else(|| Unknown::new(format!("'{left}' {operator} '{right}'"), "only numbers have an order"))
    };
    match operator {
        "==" => Ok(is_equal),
        "!=" => Ok(!is_equal),
        "<" => ordered(Ordering::is_lt),
        ">" => ordered(Ordering::is_gt),
        "<=" => ordered(Ordering::is_le),
        _ => ordered(Ordering::is_ge),
    }
}

/// The order of two versions of numbers alone, such as `17.0` and `17.8.1`.
fn versions(left: &str, right: &str) -> Option<std::cmp::Ordering> {
    let numbers =
        |text: &str| text.trim().split('.').map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<u32>>>();
    Some(numbers(left)?.cmp(&numbers(right)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Known;

    impl Scope for Known {
        fn expand(&self, text: &str) -> Result<String, Unknown> {
            if text.contains("$(CI)") {
                return Err(Unknown::new("$(CI)", "?"));
            }
            Ok(text
                .replace("$(a)", "1")
                .replace("$(b)", "True")
                .replace("$(x.Replace('a', ')'))", "z")
                .replace("$(none)", ""))
        }

        fn exists(&self, path: &str) -> Truth {
            Ok(path == "there")
        }
    }

    #[test]
    fn conditions_hold_or_not_or_are_not_known() {
        for (condition, expect) in [
            ("", "true"),
            ("'$(a)' == '1'", "true"),
            ("$(a)==1.0", "true"),
            ("'$(none)' != ''", "false"),
            ("'Debug' == 'debug'", "true"),
            ("'$(b)'", "true"),
            ("$(b) == 'yes'", "true"),
            ("!('$(a)' == '1') or false", "false"),
            ("'$(a)' == '1' AND '$(b)' == 'true'", "true"),
            ("false and true or true", "true"),
            ("Exists('there') and !Exists( 'nowhere' )", "true"),
            ("HasTrailingSlash('a\\')", "true"),
            ("'$(a)' < '2' and 3 >= 3", "true"),
            ("'17.8.1' > '17.8'", "true"),
            ("'a' > 'b'", "'a' > 'b'"),
            ("'$(CI)' == 'true'", "$(CI)"),
            ("'$(CI)' == 'true' and false", "false"),
            ("'$(CI)' == 'true' or true", "true"),
            ("'$(CI)' == 'true' or false", "$(CI)"),
            ("!$(CI)", "$(CI)"),
            ("'$(x.Replace('a', ')'))' == 'z'", "true"),
            ("'maybe'", "maybe"),
        ] {
            let shown = match holds(condition, &Known) {
                Ok(truth) => truth.to_string(),
                Err(unknown) => unknown.expression,
            };
            assert_eq!(shown, expect, "{condition}");
        }
    }

    #[test]
    fn what_is_no_condition_is_not_known() {
        for condition in
            ["'a", "'a' ==", "==", "(true", "true)", "true true", "Exists(", "Exists('a'", "$(a", "#", "f('a')"]
        {
            assert!(holds(condition, &Known).is_err(), "{condition}");
        }
        assert!(holds(&"!".repeat(LONGEST), &Known).is_err());
        assert!(holds(&"(".repeat(1_000_000), &Known).is_err());
        assert_eq!(holds(&format!("{}true{}", "(".repeat(60), ")".repeat(60)), &Known), Ok(true));
    }
}
