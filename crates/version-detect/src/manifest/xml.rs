//! XML documents, whatever they say, in bounded time and memory.

use roxmltree::{Document, Node, ParsingOptions};

use super::{Flaw, Lines, Place, Written};

/// The most nodes of a document; the largest known manifests have some thousands.
const MOST_NODES: u32 = 500_000;

/// How deep elements may nest.
const DEEPEST: usize = 1000;

/// How many attributes an element may have: the parser compares each with each.
const MOST_ATTRIBUTES: usize = 1000;

/// How many namespaces may be declared: each element that declares one gets a copy of those around it.
const MOST_NAMESPACES: usize = 1000;

/// Parses a document. Document type definitions are refused, and with them every entity that could expand.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Flaw> {
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
    let (mut depth, mut at, mut namespaces) = (0_usize, 0, 0);
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
        if tag.attributes > 0 {
            namespaces += text[start..at].matches("xmlns").count();
        }
        if namespaces > MOST_NAMESPACES {
            return Err(Flaw::malformed("it declares too many namespaces", Place::of(text, start)));
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

/// The element's text and where it begins in its document, whose lines are `lines`; where the element begins when it has none.
pub(super) fn written(element: Node<'_, '_>, lines: &Lines<'_>) -> Written {
    let source = element.document().input_text();
    let first = element.children().find(|node| node.is_text() && !node.text().unwrap_or_default().trim().is_empty());
    let range = first.map_or_else(|| element.range(), |text| text.range());
    let inside = &source[range.clone()];
    let start = range.start + inside.len() - inside.trim_start().len();
    Written { text: text_of(element), place: lines.place(start) }
}

/// Where the element begins in its document, whose lines are `lines`.
pub(super) fn place(element: Node<'_, '_>, lines: &Lines<'_>) -> Place {
    lines.place(element.range().start)
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
    fn an_element_is_where_it_begins_and_a_text_where_its_words_do() {
        let text = "<a>é\n<b>1</b>\r\n<c> \n é2</c><d>ü</d><e>5</e>\n</a>";
        let (document, lines) = (parse(text).unwrap(), Lines::of(text));
        for element in document.root_element().children().filter(Node::is_element) {
            assert_eq!(place(element, &lines), Place::of(text, element.range().start));
            let start = text.find(text_of(element).as_str()).unwrap();
            assert_eq!(written(element, &lines).place, Place::of(text, start));
        }
    }

    #[test]
    fn too_deep_and_too_many_are_refused_at_their_place() {
        let deep = format!("<p>\n{}", "<a>".repeat(DEEPEST));
        assert!(refused(&deep).contains("nest too deep"), "{}", refused(&deep));
        assert!(refused(&deep).contains("@2:"));
        for many in [
            format!("<p>\n{}", "<a xmlns:b='c'>".repeat(DEEPEST - 1) + "<a xmlns:b='c' xmlns:d='e' xmlns:f='g'/>"),
            format!("<p>{}\n<a xmlns:b='c'/>", "<a xmlns:b='c'/>".repeat(MOST_NAMESPACES)),
        ] {
            assert!(
                refused(&many).contains("too many namespaces") && refused(&many).contains("@2:"),
                "{}",
                refused(&many)
            );
        }
        let wide = format!("<p>\n<a {}/></p>", "b='' ".repeat(MOST_ATTRIBUTES + 1));
        assert!(
            refused(&wide).contains("too many attributes") && refused(&wide).ends_with("@2:1"),
            "{}",
            refused(&wide)
        );
    }
}
