//! Comparing texts: by lines where they have several. Nothing of a change is left out here.

use similar::{ChangeTag, TextDiff};

use super::show::{quote_whole, shown};
use crate::node::{Body, Line, Sign};

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;

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
    let is_near = |index: usize| {
        let next = changed.partition_point(|place| *place < index);
        let after = changed.get(next).is_some_and(|place| place - index <= CONTEXT);
        let before = next > 0 && index - changed[next - 1] <= CONTEXT;
        after || before
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
