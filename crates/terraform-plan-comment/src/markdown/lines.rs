//! The tree of a difference as lines of a `diff` block: the sign stands in the first column, where GitHub colors it.

use std::borrow::Cow;

use super::elided;
use crate::diff::plural;
use crate::node::{Body, Line, Node, Shape, Sign};

/// Names are aligned up to this width.
const WIDEST_NAME: usize = 32;

/// A change longer than this goes on two lines.
const LONGEST_CHANGE: usize = 96;

/// The most lines of one text where room is short.
const MOST_LINES: usize = 300;

/// The lines of a resource's attributes, with all that changes.
pub(crate) fn diff_lines(nodes: &[Node]) -> Vec<String> {
    diff_text(nodes).lines().map(str::to_owned).collect()
}

/// The same as one text, with a line feed behind each line.
pub(crate) fn diff_text(nodes: &[Node]) -> String {
    text(nodes, Room::Unlimited)
}

/// The same where room is short: of long values the places that change, of long texts the first lines; each says how much is not there.
pub(super) fn short_diff_text(nodes: &[Node]) -> String {
    text(nodes, Room::Short)
}

fn text(nodes: &[Node], room: Room) -> String {
    let mut lines = Lines { text: String::new(), room };
    lines.nodes(nodes, Shape::Map, 0);
    lines.text
}

/// How much room there is for long values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Short,
    Unlimited,
}

struct Lines {
    text: String,
    room: Room,
}

impl Lines {
    /// A line of these parts.
    fn push(&mut self, sign: Sign, depth: usize, parts: &[&str]) {
        let sign = match sign {
            Sign::Added => '+',
            Sign::Removed => '-',
            Sign::Changed => '!',
            Sign::Unchanged => ' ',
        };
        let start = self.text.len();
        self.text.push(sign);
        self.text.push(' ');
        (0..depth).for_each(|_| self.text.push_str("  "));
        self.text.extend(parts.iter().copied());
        self.text.truncate(start + self.text[start..].trim_end().len());
        self.text.push('\n');
    }

    fn nodes(&mut self, nodes: &[Node], shape: Shape, depth: usize) {
        let names = nodes.iter().filter_map(|node| node.name.as_deref()).map(|name| name.chars().count());
        let width = names.filter(|width| *width <= WIDEST_NAME).max().unwrap_or(0);
        for node in nodes {
            let start = node.name.as_ref().map_or_else(String::new, |name| {
                let mut start = String::with_capacity(name.len().max(width) + 3);
                start.push_str(name);
                (name.chars().count()..width).for_each(|_| start.push(' '));
                start.push_str(" = ");
                start
            });
            self.node(node, &start, shape, depth);
        }
    }

    fn node(&mut self, node: &Node, start: &str, shape: Shape, depth: usize) {
        let end = if shape == Shape::List { "," } else { "" };
        let remark = remark(node);
        match &node.body {
            Body::Hidden(count) => {
                let noun = if shape == Shape::List { "element" } else { "attribute" };
                self.push(Sign::Unchanged, depth, &[&format!("# ({count} unchanged {} hidden)", plural(*count, noun))]);
            }
            Body::Empty(count) => {
                let noun = plural(*count, "attribute");
                self.push(Sign::Unchanged, depth, &[&format!("# ({count} {noun} between null and empty hidden)")]);
            }
            Body::Scalar { before, after } => {
                self.scalar(node.sign, depth, [start, end, &remark], before.as_deref(), after.as_deref());
            }
            Body::TypeChange(sides) => sides.iter().for_each(|side| self.node(side, start, shape, depth)),
            Body::Lines(lines) => self.text(node.sign, depth, [start, end, &remark], lines),
            Body::Group { shape, encoded, members, becomes: Some(after) } if after.starts_with('(') => {
                // What a computed value was says nothing about what it will be.
                let (open, close) = brackets(*shape, *encoded);
                let (dots, size) = size(*shape, members);
                self.push(node.sign, depth, &[start, open, dots, close, &size, " -> ", after, end, &remark]);
            }
            Body::Group { shape, encoded, members, becomes: None } if members.is_empty() => {
                let (open, close) = brackets(*shape, *encoded);
                self.push(node.sign, depth, &[start, open, close, end, &remark]);
            }
            Body::Group { shape, encoded, members, becomes } => {
                let (open, close) = brackets(*shape, *encoded);
                let becomes = becomes.as_ref().map(|after| format!(" -> {after}"));
                let edge = if node.sign == Sign::Changed && becomes.is_none() && remark.is_empty() {
                    Sign::Unchanged
                } else {
                    node.sign
                };
                self.push(edge, depth, &[start, open, &remark]);
                self.nodes(members, *shape, depth + 1);
                self.push(edge, depth, &[close, &becomes.unwrap_or_default(), end]);
            }
        }
    }

    fn scalar(&mut self, sign: Sign, depth: usize, frame: [&str; 3], before: Option<&str>, after: Option<&str>) {
        let [start, end, remark] = frame;
        let (before, after) = match self.room {
            Room::Unlimited => (before.map(Cow::Borrowed), after.map(Cow::Borrowed)),
            Room::Short => elided::pair(before, after),
        };
        match (sign, before.as_deref(), after.as_deref()) {
            (Sign::Changed, Some(old), Some(new)) if hides_both(old, new) => {
                self.push(sign, depth, &[start, new, end, remark]);
            }
            (Sign::Changed, Some(old), Some(new)) if old.chars().count() + new.chars().count() > LONGEST_CHANGE => {
                self.push(Sign::Removed, depth, &[start, old, end]);
                self.push(Sign::Added, depth, &[start, new, end, remark]);
            }
            (Sign::Changed, Some(old), Some(new)) => {
                self.push(sign, depth, &[start, old, " -> ", new, end, remark]);
            }
            (_, old, new) => {
                let value = new.or(old).unwrap_or("null");
                self.push(sign, depth, &[start, value, end, remark]);
            }
        }
    }

    fn text(&mut self, sign: Sign, depth: usize, frame: [&str; 3], lines: &[Line]) {
        let [start, end, remark] = frame;
        let edge = if sign == Sign::Changed { Sign::Unchanged } else { sign };
        self.push(edge, depth, &[start, "<<EOT", remark]);
        let most = if self.room == Room::Short { MOST_LINES } else { lines.len() };
        let mut next = lines.iter().take(most).peekable();
        while let Some(line) = next.next() {
            match (line, next.peek()) {
                // What the one line and the other differ in must not be what is left out of both.
                (Line::Text { sign: Sign::Removed, text: old }, Some(Line::Text { sign: Sign::Added, text: new }))
                    if self.room == Room::Short =>
                {
                    let (old, new) = elided::pair(Some(old), Some(new));
                    if let Some(old) = old {
                        self.push(Sign::Removed, depth + 1, &[&old]);
                    }
                    if let Some(new) = new {
                        self.push(Sign::Added, depth + 1, &[&new]);
                    }
                    next.next();
                }
                (Line::Text { sign, text }, _) if self.room == Room::Short => {
                    let (text, _) = elided::pair(Some(text), None);
                    if let Some(text) = text {
                        self.push(*sign, depth + 1, &[&text]);
                    }
                }
                (Line::Text { sign, text }, _) => self.push(*sign, depth + 1, &[text]),
                (Line::Unchanged(count), _) => {
                    self.push(
                        Sign::Unchanged,
                        depth + 1,
                        &[&format!("# ({count} unchanged {} hidden)", plural(*count, "line"))],
                    );
                }
            }
        }
        let more = lines.len() - lines.len().min(most);
        if more > 0 {
            let words = format!("# ({more} more {} of this text are in the log of the run)", plural(more, "line"));
            self.push(sign, depth + 1, &[&words]);
        }
        self.push(edge, depth, &["EOT", end]);
    }
}

/// Whether both sides are secrets: then the new side says whether they are equal.
fn hides_both(old: &str, new: &str) -> bool {
    old == crate::sealed::SENSITIVE && new.starts_with("(sensitive value, ") && !new.contains("known after")
}

fn brackets(shape: Shape, encoded: bool) -> (&'static str, &'static str) {
    match (shape, encoded) {
        (Shape::Map, false) => ("{", "}"),
        (Shape::Map, true) => ("jsonencode({", "})"),
        (Shape::List, false) => ("[", "]"),
        (Shape::List, true) => ("jsonencode([", "])"),
    }
}

/// What stands for the members of a group, and how many they are; nothing where there are none.
fn size(shape: Shape, members: &[Node]) -> (&'static str, String) {
    let noun = if shape == Shape::List { "element" } else { "attribute" };
    match members.len() {
        0 => ("", String::new()),
        count => ("…", format!(" ({count} {})", plural(count, noun))),
    }
}

fn remark(node: &Node) -> String {
    let forces = node.forces_replacement.then_some("forces replacement");
    let parts: Vec<&str> = forces.into_iter().chain(node.note.as_deref()).collect();
    if parts.is_empty() { String::new() } else { format!("  # {}", parts.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: Vec<Line>) -> Vec<String> {
        let body = Body::Lines(lines);
        let name = Some("v".to_owned());
        let node = Node { name, sign: Sign::Changed, forces_replacement: false, note: None, body };
        short_diff_text(&[node]).lines().map(str::to_owned).collect()
    }

    fn line(sign: Sign, text: String) -> Line {
        Line::Text { sign, text }
    }

    #[test]
    fn long_lines_that_differ_look_different_where_room_is_short() {
        let long = |end: &str| format!("{}{end}", "x".repeat(600));
        let shown = text(vec![
            line(Sign::Unchanged, long("same")),
            line(Sign::Removed, long("old")),
            line(Sign::Added, long("new")),
        ]);
        assert_eq!(shown[1], format!("    {}… (604 characters)", "x".repeat(100)));
        assert_eq!(shown[2], format!("-   …(580 characters)…{}old", "x".repeat(20)));
        assert_eq!(shown[3], format!("+   …(580 characters)…{}new", "x".repeat(20)));
    }

    #[test]
    fn a_text_of_many_lines_says_how_many_are_elsewhere() {
        let shown = text((0..450).map(|number| line(Sign::Added, number.to_string())).collect());
        assert_eq!(shown.len(), 303);
        assert_eq!(shown[301], "!   # (150 more lines of this text are in the log of the run)");
    }
}
