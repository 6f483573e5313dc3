//! YAML 1.2 with its core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>): what is quoted is text, and of what is not,
//! only `null`, `true`, `false`, numbers and their capitalizations are anything else. `no`, `on` and `1:30` are text, and
//! `0123` is the number 123.

mod schema;

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::{Content, Flaw, Flawed, Member, Node, Position, duplicate};

/// As deep as `serde_json` reads.
const DEEPEST: usize = 127;

/// A document that aliases blow up beyond this is refused.
const MOST_NODES: usize = 100_000;

pub(super) fn read(text: &str) -> Result<Node, Flawed> {
    let mut reader =
        Reader { parser: Parser::new_from_str(text), widths: widths(text), anchors: HashMap::new(), nodes: 0 };
    let mut root = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => break,
            Event::DocumentStart(_) if root.is_some() => return Err(syntax(span.start, "a second document begins")),
            Event::DocumentStart(_) => {
                let next = reader.next()?;
                root = Some(reader.node(next, 0)?);
            }
            _ => {}
        }
    }
    Ok(root.unwrap_or(Node { at: Position { line: 1, column: 1 }, content: Content::Null }))
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// How many characters each line has: the parser places some of what is left out, or broken, where no text is.
    widths: Vec<usize>,
    /// What was named by `&`, by the parser's number of it.
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Flawed> {
        match self.parser.next_event() {
            Some(event) => event.map_err(|error| of_scan(&error)),
            None => Ok((Event::StreamEnd, Span::empty(Marker::new(0, 1, 0)))),
        }
    }

    fn node(&mut self, (event, span): (Event<'a>, Span), depth: usize) -> Result<Node, Flawed> {
        let at = self.at(span.start);
        self.count(at, 1)?;
        if depth > DEEPEST {
            return Err(syntax(span.start, "it is nested too deeply"));
        }
        let (content, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain;
                (schema::scalar(&text, is_plain, tag.as_deref()).map_err(|flaw| Flawed { at, flaw })?, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                collection_tag(tag.as_deref(), "seq", span.start)?;
                (Content::List(self.list(depth)?), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                collection_tag(tag.as_deref(), "map", span.start)?;
                (Content::Object(self.object(depth)?), anchor)
            }
            _ => return Err(syntax(span.start, "it ends too early")),
        };
        let node = Node { at, content };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Flawed> {
        let mut items = Vec::new();
        loop {
            let next = self.next()?;
            if next.0 == Event::SequenceEnd {
                return Ok(items);
            }
            items.push(self.node(next, depth + 1)?);
        }
    }

    fn at(&self, marker: Marker) -> Position {
        let at = position(marker);
        let line = at.line.min(self.widths.len());
        let width = self.widths.get(line - 1).copied().unwrap_or_default();
        let column = if at.line > line { width + 1 } else { at.column.min(width + 1) };
        Position { line, column }
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member>, Flawed> {
        let mut members = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let at = self.at(span.start);
            let name = match event {
                Event::MappingEnd => return duplicate(&members).map_or(Ok(members), Err),
                Event::Scalar(text, ScalarStyle::Plain, _, _) if text == "<<" => {
                    return Err(syntax(span.start, "`<<` merges nothing in YAML 1.2: write the members out"));
                }
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(syntax(span.start, "the name of a member is no text")),
            };
            let next = self.next()?;
            members.push(Member { at, name, node: self.node(next, depth + 1)? });
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<Node, Flawed> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err(syntax(span.start, "an alias stands inside what it names"));
        };
        self.count(position(span.start), size(&node))?;
        if depth(&node) > DEEPEST {
            return Err(syntax(span.start, "it is nested too deeply"));
        }
        Ok(node)
    }

    fn count(&mut self, at: Position, nodes: usize) -> Result<(), Flawed> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES {
            let why = format!("it has more than {MOST_NODES} values, those behind aliases counted");
            return Err(Flawed { at, flaw: Flaw::Syntax(why) });
        }
        Ok(())
    }
}

/// How many values `node` holds, itself among them.
fn size(node: &Node) -> usize {
    1 + children(node).map(size).sum::<usize>()
}

fn depth(node: &Node) -> usize {
    1 + children(node).map(depth).max().unwrap_or_default()
}

fn children(node: &Node) -> Box<dyn Iterator<Item = &Node> + '_> {
    match &node.content {
        Content::List(items) => Box::new(items.iter()),
        Content::Object(members) => Box::new(members.iter().map(|member| &member.node)),
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => Box::new(std::iter::empty()),
    }
}

fn collection_tag(tag: Option<&Tag>, expected: &str, at: Marker) -> Result<(), Flawed> {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == expected) => Err(syntax(at, schema::FOREIGN_TAG)),
        _ => Ok(()),
    }
}

fn widths(text: &str) -> Vec<usize> {
    let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
    if widths.is_empty() { vec![0] } else { widths }
}

fn position(marker: Marker) -> Position {
    Position { line: marker.line().max(1), column: marker.col() + 1 }
}

fn syntax(at: Marker, why: &str) -> Flawed {
    Flawed { at: position(at), flaw: Flaw::Syntax(why.to_owned()) }
}

fn of_scan(error: &ScanError) -> Flawed {
    syntax(*error.marker(), error.info())
}
