//! What a page of Markdown holds, as a parser of its own sees it: the foreign check that content stays text.
//!
//! The parser is comrak with GitHub's extensions, bare addresses as links included.

use std::collections::BTreeMap;

use comrak::nodes::NodeValue;
use comrak::{Arena, Options};

/// The structure of a page: how often it has each kind of part that could do something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Addresses that links and images lead to, bare ones included.
    pub links: Vec<String>,
    /// Raw HTML as it stands on the page, blocks and inline; comments included.
    pub html: Vec<String>,
    /// How many headings, lists, tables, quotes, rules and code blocks there are, by name.
    pub blocks: BTreeMap<&'static str, usize>,
    /// The texts of the code blocks.
    pub code: Vec<String>,
    /// Whether the last code block is closed by its own fence.
    pub fences_are_closed: bool,
    /// Words in running text that GitHub would take for a mention or a reference: `@name`, `#12`.
    pub mentions: Vec<String>,
    /// The running text, parts joined.
    pub text: String,
}

impl Page {
    /// Parses `markdown`.
    pub fn parse(markdown: &str) -> Self {
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.strikethrough = true;
        options.extension.autolink = true;
        options.extension.tasklist = true;
        options.extension.footnotes = true;
        options.extension.alerts = true;
        let arena = Arena::new();
        let root = comrak::parse_document(&arena, markdown, &options);
        let mut page = Self { fences_are_closed: true, ..Self::default() };
        for node in root.descendants() {
            page.take(&node.data().value);
        }
        page.mentions = mentions(&page.text);
        page
    }

    fn take(&mut self, value: &NodeValue) {
        match value {
            NodeValue::Link(link) | NodeValue::Image(link) => self.links.push(link.url.clone()),
            NodeValue::HtmlBlock(html) => self.html.push(html.literal.clone()),
            NodeValue::HtmlInline(html) => {
                self.html.push(html.clone());
                // A comment parts words as a tag does.
                self.text.push('\u{0}');
            }
            NodeValue::Heading(_) => self.block("heading"),
            NodeValue::List(_) => self.block("list"),
            NodeValue::Table(_) => self.block("table"),
            NodeValue::TableRow(_) => self.block("row"),
            NodeValue::TableCell => {
                self.block("cell");
                self.text.push('\n');
            }
            NodeValue::BlockQuote | NodeValue::Alert(_) => self.block("quote"),
            NodeValue::ThematicBreak => self.block("rule"),
            NodeValue::FootnoteDefinition(_) | NodeValue::FootnoteReference(_) => self.block("footnote"),
            NodeValue::Strong => self.block("strong"),
            NodeValue::Emph => self.block("emphasis"),
            NodeValue::Strikethrough => self.block("strikethrough"),
            NodeValue::CodeBlock(code) => {
                self.block("code");
                self.code.push(code.literal.clone());
                self.fences_are_closed &= !code.fenced || code.closed;
            }
            NodeValue::Code(_) => self.text.push('\u{0}'),
            NodeValue::Text(text) => self.text.push_str(text),
            NodeValue::Paragraph | NodeValue::SoftBreak | NodeValue::LineBreak => self.text.push('\n'),
            _ => {}
        }
    }

    fn block(&mut self, name: &'static str) {
        *self.blocks.entry(name).or_default() += 1;
    }

    /// How many parts called `name` there are.
    pub fn count(&self, name: &str) -> usize {
        self.blocks.get(name).copied().unwrap_or(0)
    }

    /// The raw HTML that is neither one of `ours` nor an empty comment (which parts a `@` from the name behind it).
    pub fn foreign_html(&self, ours: &[&str]) -> Vec<&str> {
        let is_ours = |html: &&String| html.as_str() == "<!-- -->" || ours.iter().any(|tag| html.trim() == *tag);
        self.html.iter().filter(|html| !is_ours(html)).map(String::as_str).collect()
    }
}

/// `@name` and `#12` in running text, where GitHub looks for them: not inside a word.
fn mentions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let starts = !before.is_alphanumeric() && before != '_' && before != '`';
        let next = rest.peek().copied().unwrap_or(' ');
        if starts && ((character == '@' && next.is_ascii_alphanumeric()) || (character == '#' && next.is_ascii_digit()))
        {
            found.push(format!("{character}{next}"));
        }
        before = character;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn sees_what_could_do_something() {
        let page = Page::parse("# a\n\nwww.example.com @me #12 `@you` <b>x</b>\n\n| a |\n| - |\n| b |\n\n```\nopen");
        assert_eq!(page.links, ["http://www.example.com"]);
        assert_eq!(page.mentions, ["@m", "#1"]);
        assert_eq!(page.foreign_html(&["</b>"]), ["<b>"]);
        assert_eq!((page.count("heading"), page.count("table"), page.count("row")), (1, 1, 2));
        assert!(!page.fences_are_closed);
        assert!(Page::parse("```\nclosed\n```\n").fences_are_closed);
    }
}
