//! XML as a tree that is read strictly: what is not there, or there twice, or of another kind, is an error and never a guess.

use std::str::FromStr;

use roxmltree::{Document, Node};

/// Why an answer is not what its service documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer is odd: {0}")]
pub struct Odd(String);

impl Odd {
    /// What is odd, for those who read an answer in another way than as an [`Element`].
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// An element with its namespace left out: the services use one each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads a document. A document type is refused, so no entity can grow.
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
        let document = Document::parse(text).map_err(|error| error.to_string())?;
        Ok(Self::of(document.root_element()))
    }

    fn of(node: Node<'_, '_>) -> Self {
        Self {
            name: node.tag_name().name().to_owned(),
            text: node.children().filter(Node::is_text).filter_map(|part| part.text()).collect(),
            children: node.children().filter(Node::is_element).map(Self::of).collect(),
        }
    }

    /// This element, if it is called `name`.
    pub fn named(&self, name: &str) -> Result<&Self, Odd> {
        if self.name == name { Ok(self) } else { Err(Odd(format!("`{}` instead of `{name}`", shown(&self.name)))) }
    }

    /// The child `name`, which may be missing.
    pub fn optional(&self, name: &str) -> Result<Option<&Self>, Odd> {
        let mut found = self.children.iter().filter(|child| child.name == name);
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(Odd(format!("`{}` has more than one `{name}`", shown(&self.name)))),
        }
    }

    /// The child `name`.
    pub fn child(&self, name: &str) -> Result<&Self, Odd> {
        self.optional(name)?.ok_or_else(|| Odd(format!("`{}` has no `{name}`", shown(&self.name))))
    }

    /// The text; an element that has elements has none.
    pub fn text(&self) -> Result<&str, Odd> {
        if self.children.is_empty() {
            Ok(&self.text)
        } else {
            Err(Odd(format!("`{}` holds elements instead of text", shown(&self.name))))
        }
    }

    /// The text as a number, a truth value, and so on.
    pub fn value<T: FromStr>(&self) -> Result<T, Odd> {
        let wrong = |_| Odd(format!("`{}` holds another kind of value", shown(&self.name)));
        self.text()?.trim().parse().map_err(wrong)
    }

    /// The children `name`, among others.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The elements of a list, which are all called `item`.
    pub fn list(&self, item: &str) -> Result<&[Self], Odd> {
        self.children.iter().try_for_each(|child| child.named(item).map(|_| ()))?;
        Ok(&self.children)
    }
}

/// A name for a message: the service decides its length.
fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

/// Text as it stands in a document. What a reader would take for the end of a line is written as a number
/// (<https://www.w3.org/TR/xml11/#sec-line-ends>), and so is every other control character, of which XML 1.0 knows three.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() || letter == '\u{2028}' => {
                escaped.push_str("&#");
                escaped.push_str(&u32::from(letter).to_string());
                escaped.push(';');
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A document in which everything is replaced that XML 1.0 has no way to write (<https://www.w3.org/TR/xml/#charsets>), whether it
/// stands there as it is or as a number. What it is part of cannot be read as it was, but what stands beside it can.
pub(super) fn legible(body: &[u8]) -> String {
    let known = |letter: char| {
        if is_known(letter) { letter } else { char::REPLACEMENT_CHARACTER }
    };
    let text: String = String::from_utf8_lossy(body).chars().map(known).collect();
    let mut parts = text.split("&#");
    let mut legible = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = part.split_once(';').and_then(|(number, rest)| {
            let hex = number.strip_prefix('x').map(|hex| u32::from_str_radix(hex, 16));
            Some((hex.unwrap_or_else(|| number.parse()).ok()?, rest))
        });
        match number {
            Some((number, rest)) if !char::from_u32(number).is_some_and(is_known) => {
                legible.push(char::REPLACEMENT_CHARACTER);
                legible.push_str(rest);
            }
            _ => {
                legible.push_str("&#");
                legible.push_str(part);
            }
        }
    }
    legible
}

fn is_known(letter: char) -> bool {
    !matches!(letter, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Element {
        Element::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_there_is_read() {
        let tree = read("<A xmlns=\"urn:x\"><!-- c --><B>1<![CDATA[&]]></B><L><I> 7 </I><I>8</I></L><E/></A>");
        let tree = tree.named("A").unwrap();
        assert_eq!(tree.child("B").unwrap().text(), Ok("1&"));
        let numbers: Result<Vec<u32>, Odd> =
            tree.child("L").unwrap().list("I").unwrap().iter().map(Element::value).collect();
        assert_eq!(numbers, Ok(vec![7, 8]));
        assert_eq!(tree.optional("Z"), Ok(None));
        assert_eq!(tree.all("B").chain(tree.all("Z")).count(), 1);
        assert_eq!(tree.child("E").unwrap().list("I"), Ok(&[][..]));
    }

    #[track_caller]
    fn check_odd<T: std::fmt::Debug>(found: Result<T, Odd>, says: &str) {
        assert_eq!(found.unwrap_err().to_string(), format!("the answer is odd: {says}"));
    }

    #[test]
    fn what_is_odd_is_said() {
        let tree = read("<A><B>x</B><B/><C><D/></C></A>");
        check_odd(tree.named("R"), "`A` instead of `R`");
        check_odd(tree.child("Z"), "`A` has no `Z`");
        check_odd(tree.optional("B"), "`A` has more than one `B`");
        check_odd(tree.text(), "`A` holds elements instead of text");
        check_odd(tree.list("B"), "`C` instead of `B`");
        check_odd(read("<N>x</N>").value::<u32>(), "`N` holds another kind of value");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in ["", "{}", "<a>", "<a/><b/>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"] {
            assert!(Element::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Element::parse(b"<a>\xff</a>").is_err());
    }

    #[test]
    fn what_xml_cannot_carry_keeps_nothing_else_from_being_read() {
        let text = "<E><C>NoSuchKey</C><K>a\u{7}b&#7;c&#x1F;d&#xfffe;e&#233;&#10;&amp;&#;f</K></E>";
        assert_eq!(
            legible(text.as_bytes()),
            "<E><C>NoSuchKey</C><K>a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e&#233;&#10;&amp;&#;f</K></E>"
        );
        assert_eq!(legible(b"<a>\xff</a>"), "<a>\u{fffd}</a>");
        assert_eq!(legible(b"&#99999999999;&#x7"), "&#99999999999;&#x7");
    }

    #[test]
    fn what_is_escaped_is_read_as_it_was() {
        let text = "a&b;<c>\"d'e\r\n\t\u{85}\u{2028}]]>é";
        assert_eq!(read(&format!("<a>{}</a>", escape(text))).text(), Ok(text));
    }
}
