//! The tree of a difference as lines of a `diff` block: the sign stands in the first column, where GitHub colors it.

use crate::diff::plural;
use crate::node::{Body, Line, Node, Shape, Sign};

/// Names are aligned up to this width.
const WIDEST_NAME: usize = 32;

/// A change longer than this goes on two lines.
const LONGEST_CHANGE: usize = 96;

/// The lines of a resource's attributes.
pub(crate) fn diff_lines(nodes: &[Node]) -> Vec<String> {
    let mut lines = Lines::default();
    lines.nodes(nodes, Shape::Map, 0);
    lines.0
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn push(&mut self, sign: Sign, depth: usize, text: &str) {
        let sign = match sign {
            Sign::Added => '+',
            Sign::Removed => '-',
            Sign::Changed => '!',
            Sign::Unchanged => ' ',
        };
        self.0.push(format!("{sign} {}{text}", "  ".repeat(depth)).trim_end().to_owned());
    }

    fn nodes(&mut self, nodes: &[Node], shape: Shape, depth: usize) {
        let names = nodes.iter().filter_map(|node| node.name.as_deref()).map(|name| name.chars().count());
        let width = names.filter(|width| *width <= WIDEST_NAME).max().unwrap_or(0);
        for node in nodes {
            let start = node.name.as_ref().map_or_else(String::new, |name| {
                let padding = " ".repeat(width.saturating_sub(name.chars().count()));
                format!("{name}{padding} = ")
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
                self.push(Sign::Unchanged, depth, &format!("# ({count} unchanged {} hidden)", plural(*count, noun)));
            }
            Body::Empty(count) => {
                let noun = plural(*count, "attribute");
                self.push(Sign::Unchanged, depth, &format!("# ({count} {noun} between null and empty hidden)"));
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
                self.push(node.sign, depth, &format!("{start}{open}{dots}{close}{size} -> {after}{end}{remark}"));
            }
            Body::Group { shape, encoded, members, becomes: None } if members.is_empty() => {
                let (open, close) = brackets(*shape, *encoded);
                self.push(node.sign, depth, &format!("{start}{open}{close}{end}{remark}"));
            }
            Body::Group { shape, encoded, members, becomes } => {
                let (open, close) = brackets(*shape, *encoded);
                let becomes = becomes.as_ref().map(|after| format!(" -> {after}"));
                let edge = if node.sign == Sign::Changed && becomes.is_none() && remark.is_empty() {
                    Sign::Unchanged
                } else {
                    node.sign
                };
                self.push(edge, depth, &format!("{start}{open}{remark}"));
                self.nodes(members, *shape, depth + 1);
                self.push(edge, depth, &format!("{close}{}{end}", becomes.unwrap_or_default()));
            }
        }
    }

    fn scalar(&mut self, sign: Sign, depth: usize, frame: [&str; 3], before: Option<&str>, after: Option<&str>) {
        let [start, end, remark] = frame;
        match (sign, before, after) {
            (Sign::Changed, Some(old), Some(new)) if hides_both(old, new) => {
                self.push(sign, depth, &format!("{start}{new}{end}{remark}"));
            }
            (Sign::Changed, Some(old), Some(new)) if old.chars().count() + new.chars().count() > LONGEST_CHANGE => {
                self.push(Sign::Removed, depth, &format!("{start}{old}{end}"));
                self.push(Sign::Added, depth, &format!("{start}{new}{end}{remark}"));
            }
            (Sign::Changed, Some(old), Some(new)) => {
                self.push(sign, depth, &format!("{start}{old} -> {new}{end}{remark}"));
            }
            (_, old, new) => {
                let value = new.or(old).unwrap_or("null");
                self.push(sign, depth, &format!("{start}{value}{end}{remark}"));
            }
        }
    }

    fn text(&mut self, sign: Sign, depth: usize, frame: [&str; 3], lines: &[Line]) {
        let [start, end, remark] = frame;
        let edge = if sign == Sign::Changed { Sign::Unchanged } else { sign };
        self.push(edge, depth, &format!("{start}<<EOT{remark}"));
        for line in lines {
            match line {
                Line::Text { sign, text } => self.push(*sign, depth + 1, text),
                Line::Unchanged(count) => {
                    self.push(
                        Sign::Unchanged,
                        depth + 1,
                        &format!("# ({count} unchanged {} hidden)", plural(*count, "line")),
                    );
                }
                Line::TooMany(count) => {
                    self.push(
                        sign,
                        depth + 1,
                        &format!("# ({count} more {} of this text not shown)", plural(*count, "line")),
                    );
                }
            }
        }
        self.push(edge, depth, &format!("EOT{end}"));
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
