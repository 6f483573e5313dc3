//! YAML as far as workflows and settings need it: maps, lists and texts with their places, aliases followed, within bounds.

use std::collections::HashMap;
use std::rc::Rc;

use actions_core::Place;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

/// The most nodes of a document, where an alias counts for what it stands for.
const MOST_NODES: usize = 20_000;

/// The deepest nesting.
const DEEPEST: usize = 100;

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What is wrong.
    pub reason: String,
    /// Where.
    pub place: Place,
}

impl Flaw {
    fn new(reason: impl Into<String>, place: Place) -> Self {
        Self { reason: reason.into(), place }
    }
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub content: Content,
    /// How many nodes it is made of.
    size: usize,
    /// How deep these nest.
    depth: usize,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text, a number, or whatever else is one word for YAML; `None` for null.
    Scalar(Option<String>),
    /// A list.
    List(Vec<Rc<Node>>),
    /// Members in their order, each name there once.
    Map(Vec<(String, Rc<Node>)>),
}

impl Node {
    /// The member `name` of a map.
    pub fn get(&self, name: &str) -> Option<&Node> {
        let Content::Map(members) = &self.content else { return None };
        members.iter().find(|(member, _)| member == name).map(|(_, value)| &**value)
    }

    /// The text of a scalar; `None` for null, lists and maps.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => text.as_deref(),
            Content::List(_) | Content::Map(_) => None,
        }
    }
}

/// What is under way.
struct Open {
    node: Node,
    /// The name of the member that comes next.
    key: Option<String>,
    anchor: usize,
}

/// Parses a document. An empty one is null.
pub fn parse(text: &str) -> Result<Rc<Node>, Flaw> {
    let lines = text.lines().count().max(1);
    let place = |marker: &Marker| {
        // The parser places what is left out behind the end.
        let column = if marker.line() > lines { 1 } else { marker.col() + 1 };
        Place { line: marker.line().clamp(1, lines), column }
    };
    let mut reading = Reading::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Flaw::new(error.info(), place(error.marker())))?;
        reading.event(event, place(&span.start))?;
    }
    Ok(reading
        .root
        .unwrap_or_else(|| Rc::new(Node { place: Place::START, content: Content::Scalar(None), size: 1, depth: 1 })))
}

#[derive(Default)]
struct Reading {
    root: Option<Rc<Node>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    nodes: usize,
}

impl Reading {
    fn event(&mut self, event: Event<'_>, place: Place) -> Result<(), Flaw> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => Err(Flaw::new("a second document begins", place)),
            Event::MappingStart(anchor, _) => self.begin(Content::Map(Vec::new()), anchor, place),
            Event::SequenceStart(anchor, _) => self.begin(Content::List(Vec::new()), anchor, place),
            Event::MappingEnd | Event::SequenceEnd => match self.open.pop() {
                Some(open) => self.end(open),
                None => Ok(()),
            },
            Event::Scalar(text, style, anchor, _) => {
                let is_null = style == ScalarStyle::Plain && ["", "~", "null", "Null", "NULL"].contains(&&*text);
                let content = Content::Scalar((!is_null).then(|| text.into_owned()));
                self.end(Open { node: Node { place, content, size: 1, depth: 1 }, key: None, anchor })
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| Flaw::new("an alias stands within what it stands for", place))?;
                self.add(node, place)
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, content: Content, anchor: usize, place: Place) -> Result<(), Flaw> {
        if self.open.len() >= DEEPEST {
            return Err(Flaw::new("it nests too deep", place));
        }
        self.open.push(Open { node: Node { place, content, size: 1, depth: 1 }, key: None, anchor });
        Ok(())
    }

    fn end(&mut self, open: Open) -> Result<(), Flaw> {
        let place = open.node.place;
        let node = Rc::new(open.node);
        if open.anchor > 0 {
            self.anchors.insert(open.anchor, Rc::clone(&node));
        }
        self.add(node, place)
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, node: Rc<Node>, place: Place) -> Result<(), Flaw> {
        self.nodes += 1;
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.node.depth = open.node.depth.max(node.depth + 1);
        if open.node.depth > DEEPEST {
            return Err(Flaw::new("it nests too deep", place));
        }
        open.node.size = open.node.size.saturating_add(node.size);
        if self.nodes.max(open.node.size) > MOST_NODES {
            return Err(Flaw::new("it has too many values", place));
        }
        match &mut open.node.content {
            Content::List(items) => items.push(node),
            Content::Map(members) => {
                if let Some(key) = open.key.take() {
                    members.push((key, node));
                    return Ok(());
                }
                let key = node.text().unwrap_or_default().to_owned();
                if members.iter().any(|(member, _)| *member == key) {
                    return Err(Flaw::new(format!("`{key}` is there twice"), place));
                }
                open.key = Some(key);
            }
            Content::Scalar(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(text: &str) -> String {
        let Flaw { reason, place } = parse(text).unwrap_err();
        format!("{reason}@{}:{}", place.line, place.column)
    }

    #[test]
    fn members_items_and_aliases_are_found_with_their_places() {
        let root = parse("on:\n  push: &p\n    paths: [a, 'b']\n  pull_request: *p\nx: ~\n").unwrap();
        let paths = root.get("on").unwrap().get("pull_request").unwrap().get("paths").unwrap();
        let Content::List(items) = &paths.content else { panic!("{paths:?}") };
        assert_eq!(items.iter().map(|item| item.text()).collect::<Vec<_>>(), [Some("a"), Some("b")]);
        assert_eq!(items[1].place, Place { line: 3, column: 16 });
        assert_eq!(root.get("x").unwrap().text(), None);
        assert_eq!(parse("").unwrap().content, Content::Scalar(None));
    }

    #[test]
    fn what_is_broken_or_a_bomb_is_refused() {
        assert_eq!(flaw("a: 1\na: 2\n"), "`a` is there twice@2:1");
        assert_eq!(flaw("a: 1\n---\nb: 1\n"), "a second document begins@2:1");
        assert_eq!(flaw("a: &x [*x]\n"), "an alias stands within what it stands for@1:8");
        let laughs: Vec<String> = (0..40).map(|n| format!("a{}: &a{} [*a{n}, *a{n}]\n", n + 1, n + 1)).collect();
        assert!(flaw(&format!("a0: &a0 x\n{}", laughs.concat())).starts_with("it has too many values@"));
        let chain: Vec<String> = (0..200).map(|n| format!("a{}: &a{} [*a{n}]\n", n + 1, n + 1)).collect();
        assert!(flaw(&format!("a0: &a0 x\n{}", chain.concat())).starts_with("it nests too deep@"));
        for deep in ["[".repeat(200_000), "{a: ".repeat(100_000), "- ".repeat(5_000)] {
            let reason = flaw(&format!("a:\n  {deep}"));
            assert!(reason.len() < 200, "{reason}");
        }
    }
}
