//! Comparing texts: by lines where they have several. Nothing of a change is left out here.
//!
//! YAML, HCL and most programs say by their indentation what is in what. So the lines that a changed line is in are shown with it, however far
//! above they are: `image` of which container is a question that three lines of context do not answer.

use std::collections::BTreeSet;

use similar::{ChangeTag, TextDiff};

use super::show::{quote_whole, shown};
use crate::node::{Body, Line, Sign};

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;

/// A line that is in more lines than this is shown without them.
const DEEPEST: usize = 16;

/// Two texts, one of which may be absent.
pub(super) fn compare(before: Option<&str>, after: Option<&str>) -> Body {
    let several_lines = |text: Option<&str>| text.is_some_and(|text| text.trim_end_matches('\n').contains('\n'));
    if several_lines(before) || several_lines(after) {
        return Body::Lines(lines(before.unwrap_or_default(), after.unwrap_or_default()));
    }
    Body::Scalar { before: before.map(quote_whole), after: after.map(quote_whole) }
}

/// What the lines do not show.
pub(super) fn note(before: Option<&str>, after: Option<&str>) -> Option<String> {
    let (before, after) = (before?, after?);
    if !before.contains('\n') && !after.contains('\n') {
        return None;
    }
    match (before.ends_with('\n'), after.ends_with('\n')) {
        (true, false) => Some("no line feed at the end any more".to_owned()),
        (false, true) => Some("now with a line feed at the end".to_owned()),
        _ => None,
    }
}

fn lines(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let all: Vec<(Sign, String)> = diff
        .iter_all_changes()
        .map(|change| {
            let sign = match change.tag() {
                ChangeTag::Equal => Sign::Unchanged,
                ChangeTag::Delete => Sign::Removed,
                ChangeTag::Insert => Sign::Added,
            };
            (sign, shown_line(change.value()))
        })
        .collect();
    with_context(all)
}

/// A line without its line feed. A carriage return is visible; whether the last line has a feed says [`note`].
fn shown_line(line: &str) -> String {
    let line = line.strip_suffix('\n').unwrap_or(line);
    shown(&line.replace('\r', "\\r"))
}

fn with_context(all: Vec<(Sign, String)>) -> Vec<Line> {
    let changed: Vec<usize> =
        all.iter().enumerate().filter(|(_, line)| line.0 != Sign::Unchanged).map(|(index, _)| index).collect();
    let around = enclosing(&all);
    let is_near = |index: usize| {
        let next = changed.partition_point(|place| *place < index);
        let after = changed.get(next).is_some_and(|place| place - index <= CONTEXT);
        let before = next > 0 && index - changed[next - 1] <= CONTEXT;
        after || before || around.contains(&index)
    };
    let mut lines = Vec::new();
    for (index, (sign, text)) in all.into_iter().enumerate() {
        match (is_near(index), lines.last_mut()) {
            (true, _) => lines.push(Line::Text { sign, text }),
            (false, Some(Line::Unchanged(count))) => *count += 1,
            (false, _) => lines.push(Line::Unchanged(1)),
        }
    }
    lines
}

/// The lines that changed lines are in, by their indentation.
fn enclosing(all: &[(Sign, String)]) -> BTreeSet<usize> {
    let mut enclosing = BTreeSet::new();
    // The lines that the next one may be in, each deeper than the one before.
    let mut open: Vec<(Depth, usize)> = Vec::new();
    for (index, (sign, line)) in all.iter().enumerate() {
        let Some(depth) = Depth::of(line) else { continue };
        while open.last().is_some_and(|(above, _)| *above >= depth) {
            open.pop();
        }
        if *sign != Sign::Unchanged && open.len() <= DEEPEST {
            enclosing.extend(open.iter().map(|(_, place)| *place));
        }
        open.push((depth, index));
    }
    enclosing
}

/// How far a line is indented. An item of a YAML list may be as far to the left as the name of its list, and is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Depth {
    indent: usize,
    is_item: bool,
}

impl Depth {
    /// `None` of a line that is blank, which is nowhere.
    fn of(line: &str) -> Option<Self> {
        let text = line.trim_start_matches([' ', '\t']);
        let is_item = text == "-" || text.starts_with("- ");
        (!text.is_empty()).then(|| Self { indent: line.len() - text.len(), is_item })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines as they are shown, each behind its sign; what is not shown as its count.
    fn shown_lines(before: &str, after: &str) -> Vec<String> {
        let line = |line: Line| match line {
            Line::Text { sign: Sign::Removed, text } => format!("-{text}"),
            Line::Text { sign: Sign::Added, text } => format!("+{text}"),
            Line::Text { text, .. } => format!(" {text}"),
            Line::Unchanged(count) => format!("({count})"),
        };
        lines(before, after).into_iter().map(line).collect()
    }

    #[test]
    fn a_changed_line_is_shown_with_the_lines_that_it_is_in() {
        let container = |name: &str, image: &str| {
            let ports = "    - 1\n    - 2\n    - 3\n    - 4\n    - 5\n";
            format!("  - name: {name}\n    ports:\n{ports}    image: {image}\n")
        };
        let manifest = |image: &str| {
            format!("kind: Pod\nspec:\n  containers:\n{}{}", container("web", "a:1"), container("side", image))
        };
        let expected = [
            "(1)",
            " spec:",
            "   containers:",
            "(8)",
            "   - name: side",
            "(3)",
            "     - 3",
            "     - 4",
            "     - 5",
            "-    image: b:1",
            "+    image: b:2",
        ];
        assert_eq!(shown_lines(&manifest("b:1"), &manifest("b:2")), expected);
    }

    #[test]
    fn a_list_is_in_its_name_also_where_it_is_not_indented() {
        let list = |last: u8| format!("a:\n- 1\n- 2\n- 3\n- 4\n- 5\n- {last}\nb: 1\n");
        assert_eq!(shown_lines(&list(6), &list(7))[..3], [" a:", "(2)", " - 3"]);
        // What is not indented is in nothing.
        let text = (0..20).map(|number| format!("line {number}")).collect::<Vec<_>>().join("\n");
        assert_eq!(shown_lines(&text, &text.replace("line 10", "line x"))[..2], ["(7)", " line 7"]);
    }

    #[test]
    fn what_is_nested_without_end_shows_no_more_than_its_neighbors() {
        let staircase = |last: &str| {
            let steps = (0..500).map(|depth| " ".repeat(depth) + "x\n").collect::<String>();
            format!("{steps}{}{last}\n", " ".repeat(500))
        };
        assert_eq!(shown_lines(&staircase("a"), &staircase("b")).len(), 6);
    }
}
