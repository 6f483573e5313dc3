//! Finding a version in a file by a regular expression, as hatch and pdm do.

use regex_lite::{Regex, RegexBuilder};

use super::super::{Flaw, Place, Written};
use super::backend::unresolved;
use super::pyproject::Pattern;

/// The longest expression of one's own.
const LONGEST_EXPRESSION: usize = 1024;

/// How large an expression may become: `a{1000}{1000}` grows far beyond.
const LARGEST_PROGRAM: usize = 32 * 1024;

/// The longest text that an expression looks through; the time it takes is their product.
const LONGEST_TEXT: usize = 256 * 1024;

/// `__version__ = "v1.0"`, without the `v`. Python's has a back-reference, which is two alternatives here.
const HATCH: &str = r#"(?i)^(?:__version__|VERSION) *= *(?:"v?(?P<double>.+?)"|'v?(?P<single>.+?)')"#;

/// `__version__ = "1.0"  # comment`
const PDM: &str = r#"^(?:__version__|VERSION)\s*=\s*["'](.+?)["']\s*(?:#.*)?$"#;

/// The first version in `text`; `None` where the pattern finds none. A flaw is one of the pattern.
pub(super) fn find(text: &str, pattern: &Pattern) -> Result<Option<Written>, Flaw> {
    let Some(regex) = compiled(pattern)? else { return Ok(None) };
    if text.len() > LONGEST_TEXT {
        let why = format!("the file has more than {} KiB", LONGEST_TEXT / 1024);
        return Err(unresolved("path", why, own_place(pattern)));
    }
    // Python reads a file with the ends of its lines made one character; lines and columns stay.
    let text = text.replace("\r\n", "\n");
    let Some(captures) = regex.captures(&text) else { return Ok(None) };
    let found = match pattern {
        Pattern::Hatch => captures.name("double").or_else(|| captures.name("single")),
        Pattern::Pdm | Pattern::Own { group: None, .. } => captures.get(1),
        Pattern::Own { group: Some(group), .. } => captures.name(group),
    };
    match found {
        Some(found) => Ok(Some(Written { text: found.as_str().to_owned(), place: Place::of(&text, found.start()) })),
        None => Err(Flaw::malformed("the pattern has no group for the version", own_place(pattern))),
    }
}

fn own_place(pattern: &Pattern) -> Place {
    match pattern {
        Pattern::Hatch | Pattern::Pdm => Place::START,
        Pattern::Own { expression, .. } => expression.place,
    }
}

fn compiled(pattern: &Pattern) -> Result<Option<Regex>, Flaw> {
    let expression = match pattern {
        Pattern::Hatch => HATCH,
        Pattern::Pdm => PDM,
        Pattern::Own { expression, .. } => &expression.text,
    };
    let refused = |why: String| unresolved("pattern", why, own_place(pattern));
    if expression.len() > LONGEST_EXPRESSION {
        return Err(refused(format!("the pattern has more than {LONGEST_EXPRESSION} characters")));
    }
    let built = RegexBuilder::new(expression).multi_line(true).size_limit(LARGEST_PROGRAM).build();
    built.map(Some).map_err(|error| refused(format!("this pattern of Python is not understood here: {error}")))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn shown(text: &str, pattern: &Pattern) -> String {
        match find(text, pattern) {
            Ok(Some(written)) => format!("{}@{}:{}", written.text, written.place.line, written.place.column),
            Ok(None) => "-".to_owned(),
            Err(flaw) => format!("{:?}", flaw.kind),
        }
    }

    fn own(expression: &str) -> Pattern {
        let expression = Written { text: expression.to_owned(), place: Place::START };
        Pattern::Own { expression, group: Some("version") }
    }

    #[test]
    fn hatch_takes_the_first_of_its_names() {
        for (text, expect) in [
            ("VERSION = \"9\"\n__version__ = '1.2.3'  # c\n", "9@1:12"),
            ("x\r\n__version__='v1.2'\r\n", "1.2@2:15"),
            ("version = '1'", "1@1:12"),
            ("__version__: str = '1'\n __version__ = '2'", "-"),
            ("__version__ = '1\"", "-"),
            ("__version__ = \"1'2\"", "1'2@1:16"),
            ("__version__ = ''", "-"),
        ] {
            assert_eq!(shown(text, &Pattern::Hatch), expect, "{text}");
        }
    }

    #[test]
    fn pdm_takes_a_line_that_holds_nothing_else() {
        for (text, expect) in [
            ("__version__ = '2.0'\n", "2.0@1:16"),
            ("VERSION\t= \"2.0\"  # c\r\n", "2.0@1:12"),
            ("__version__ = '2.0' + x\n", "-"),
            ("version = '2.0'\n", "-"),
        ] {
            assert_eq!(shown(text, &Pattern::Pdm), expect, "{text}");
        }
    }

    #[test]
    fn a_pattern_of_ones_own_finds_its_group_or_says_why_not() {
        assert_eq!(shown("ver=1.2\n", &own("^ver=(?P<version>.+)$")), "1.2@1:5");
        assert!(shown("a", &own("(?P<v>a)")).contains("no group"));
        for unknown in ["(?P<q>['\"])(?P<version>.+)(?P=q)", "(?<=a)b", "(", &"a".repeat(2000), "(a{1000}){1000}"] {
            assert!(shown("a", &own(unknown)).starts_with("Unresolved"), "{unknown}");
        }
    }

    #[test]
    fn a_search_ends() {
        let text = "a".repeat(LONGEST_TEXT);
        let start = Instant::now();
        assert_eq!(shown(&text, &own("(a*)*(?P<version>b)")), "-");
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        assert!(shown(&"a".repeat(LONGEST_TEXT + 1), &own("(?P<version>a)")).starts_with("Unresolved"));
    }
}
