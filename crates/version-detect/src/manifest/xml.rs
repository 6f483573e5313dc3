//! XML documents, whatever they say, in bounded time and memory.

use std::cell::Cell;

use roxmltree::{Document, Node, ParsingOptions};

use super::{Flaw, Place, Written};

/// The most nodes of a document; the largest known manifests have some thousands.
const MOST_NODES: u32 = 500_000;

/// How deep elements may nest.
const DEEPEST: usize = 1000;

/// How many attributes an element may have: the parser compares each with each.
const MOST_ATTRIBUTES: usize = 1000;

/// Parses a document. Document type definitions are refused, and with them every entity that could expand.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Flaw> {
    // Another document may have had the same address.
    LAST.set(None);
    check_shape(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let place = error.pos();
        let place = Place { line: place.row.max(1) as usize, column: place.col.max(1) as usize };
        Flaw::malformed(error.to_string(), place)
    })
}

/// Refuses a document that nests deeper than any manifest, or has more attributes, before the parser recurses into it.
/// What is wrong otherwise is left to the parser.
fn check_shape(text: &str) -> Result<(), Flaw> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(start) = text[at..].find('<').map(|found| at + found) {
        let rest = &text[start..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        if let Some((open, close)) = skipped.into_iter().find(|(open, _)| rest.starts_with(open)) {
            let Some(length) = rest[open.len()..].find(close) else { return Ok(()) };
            at = start + open.len() + length + close.len();
            continue;
        }
        let Some(tag) = Tag::at(rest) else { return Ok(()) };
        at = start + tag.length;
        match tag.kind {
            TagKind::Close => depth = depth.saturating_sub(1),
            TagKind::Open => depth += 1,
            TagKind::Empty | TagKind::Declaration => {}
        }
        if depth > DEEPEST {
            return Err(Flaw::malformed("its elements nest too deep", Place::of(text, start)));
        }
        if tag.attributes > MOST_ATTRIBUTES {
            return Err(Flaw::malformed("an element has too many attributes", Place::of(text, start)));
        }
    }
    Ok(())
}

/// A tag, from `<` to `>`.
struct Tag {
    kind: TagKind,
    attributes: usize,
    length: usize,
}

enum TagKind {
    Open,
    Close,
    Empty,
    Declaration,
}

impl Tag {
    /// The tag that `text` begins with; `None` when it does not end.
    fn at(text: &str) -> Option<Self> {
        let mut quote = None;
        let mut attributes = 0;
        for (offset, byte) in text.bytes().enumerate() {
            match (quote, byte) {
                (Some(open), _) if open == byte => quote = None,
                (None, b'"' | b'\'') => {
                    quote = Some(byte);
                    attributes += 1;
                }
                (None, b'>') => {
                    let kind = match (text.as_bytes().get(1), text.as_bytes()[offset - 1]) {
                        (Some(b'/'), _) => TagKind::Close,
                        (Some(b'!'), _) => TagKind::Declaration,
                        (_, b'/') => TagKind::Empty,
                        _ => TagKind::Open,
                    };
                    return Some(Self { kind, attributes, length: offset + 1 });
                }
                _ => {}
            }
        }
        None
    }
}

/// The first child element called `name`, in whatever namespace.
pub(crate) fn child<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    children(parent, name).next()
}

/// The child elements called `name`, in whatever namespace.
pub(super) fn children<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    parent.children().filter(move |node| node.is_element() && node.tag_name().name() == name)
}

/// The element's text, comments left out, without the white space around it.
pub(crate) fn text_of(element: Node<'_, '_>) -> String {
    let text: String = element.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
    text.trim().to_owned()
}

/// The element's text and where it begins; where the element begins when it has none.
pub(super) fn written(element: Node<'_, '_>) -> Written {
    let source = element.document().input_text();
    let first = element.children().find(|node| node.is_text() && !node.text().unwrap_or_default().trim().is_empty());
    let range = first.map_or_else(|| element.range(), |text| text.range());
    let inside = &source[range.clone()];
    let start = range.start + inside.len() - inside.trim_start().len();
    Written { text: text_of(element), place: place_of(source, start) }
}

/// Where the element begins.
pub(super) fn place(element: Node<'_, '_>) -> Place {
    place_of(element.document().input_text(), element.range().start)
}

/// A place of a document, from which the next one is counted.
#[derive(Clone, Copy)]
struct Counted {
    /// The document, by the address and the length of its text.
    document: (usize, usize),
    offset: usize,
    place: Place,
}

thread_local! {
    /// The place that was counted last. A manifest has many elements, mostly one after the other, and none is counted from the
    /// beginning of the document.
    static LAST: Cell<Option<Counted>> = const { Cell::new(None) };
}

/// [`Place::of`], counted from the place before.
fn place_of(text: &str, offset: usize) -> Place {
    let document = (text.as_ptr().addr(), text.len());
    let last = LAST.get().filter(|last| last.document == document);
    let place = last.map_or_else(|| Place::of(text, offset), |last| moved(text, last, offset));
    LAST.set(Some(Counted { document, offset, place }));
    place
}

fn moved(text: &str, last: Counted, offset: usize) -> Place {
    let (start, end) = (last.offset.min(offset), last.offset.max(offset));
    let between = &text[start..end];
    let (lines, characters) = (between.matches('\n').count(), between.chars().count());
    let Place { line, column } = last.place;
    match (lines, offset < last.offset) {
        (0, true) => Place { line, column: column - characters },
        (0, false) => Place { line, column: column + characters },
        (_, is_before) => {
            let begin = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
            let line = if is_before { line - lines } else { line + lines };
            Place { line, column: text[begin..offset].chars().count() + 1 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str) -> String {
        match parse(text) {
            Ok(_) => String::new(),
            Err(Flaw { kind, place }) => format!("{kind:?}@{}:{}", place.line, place.column),
        }
    }

    #[test]
    fn what_stands_in_comments_and_quotes_does_not_nest() {
        let many = "<br>".repeat(DEEPEST + 1);
        for text in [
            format!("<p><!-- {many} --></p>"),
            format!("<p><![CDATA[{many}]]></p>"),
            format!("<p><?x {many}?></p>"),
            format!("<p>{}</p>", "<a b='>' c=\"/>\"/>".repeat(DEEPEST + 1)),
            format!("<p>{}</p>", "<a></a>".repeat(DEEPEST + 1)),
        ] {
            assert_eq!(refused(&text), "");
        }
    }

    #[test]
    fn places_are_counted_from_the_one_before() {
        let text = "<a>é\n<b>1</b>\r\n<c> \n é2</c><d>ü</d><e>5</e>\n</a>";
        let document = parse(text).unwrap();
        let elements: Vec<_> = document.root_element().children().filter(Node::is_element).collect();
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 1, 3, 0]] {
            for element in order.map(|index| elements[index]) {
                assert_eq!(place(element), Place::of(text, element.range().start));
                let start = text.find(text_of(element).as_str()).unwrap();
                assert_eq!(written(element).place, Place::of(text, start));
            }
        }
    }

    #[test]
    fn too_deep_and_too_many_are_refused_at_their_place() {
        let deep = format!("<p>\n{}", "<a>".repeat(DEEPEST));
        assert!(refused(&deep).contains("nest too deep"), "{}", refused(&deep));
        assert!(refused(&deep).contains("@2:"));
        let wide = format!("<p>\n<a {}/></p>", "b='' ".repeat(MOST_ATTRIBUTES + 1));
        assert!(
            refused(&wide).contains("too many attributes") && refused(&wide).ends_with("@2:1"),
            "{}",
            refused(&wide)
        );
    }
}
