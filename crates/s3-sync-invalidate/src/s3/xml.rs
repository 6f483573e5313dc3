//! XML that is read strictly where it stands. [`aws_client::call::xml::Element`] copies every name and text, and of an answer with a
//! thousand keys a few of them are needed.

use std::borrow::Cow;
use std::str::FromStr;

use aws_client::call::xml::Odd;
use roxmltree::{Document, Node};

/// An element with its namespace left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a, 'input>(Node<'a, 'input>);

/// Reads a document. A document type is refused, so no entity can grow.
pub(super) fn read<T>(body: &[u8], read: impl FnOnce(Element<'_, '_>) -> Result<T, Odd>) -> Result<T, Odd> {
    let text = std::str::from_utf8(body.trim_ascii()).map_err(|error| Odd::new(error.to_string()))?;
    let document = Document::parse(text).map_err(|error| Odd::new(error.to_string()))?;
    read(Element(document.root_element()))
}

impl<'a> Element<'a, '_> {
    fn name(self) -> &'a str {
        self.0.tag_name().name()
    }

    /// This element, if it is called `name`.
    pub(super) fn named(self, name: &str) -> Result<Self, Odd> {
        if self.name() == name {
            Ok(self)
        } else {
            Err(Odd::new(format!("`{}` instead of `{name}`", shown(self.name()))))
        }
    }

    /// The children `name`, among others.
    pub(super) fn all(self, name: &str) -> impl Iterator<Item = Self> {
        self.0.children().filter(move |child| child.is_element() && child.tag_name().name() == name).map(Self)
    }

    /// The child `name`, which may be missing.
    pub(super) fn optional(self, name: &str) -> Result<Option<Self>, Odd> {
        let mut found = self.all(name);
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(Odd::new(format!("`{}` has more than one `{name}`", shown(self.name())))),
        }
    }

    /// The child `name`.
    pub(super) fn child(self, name: &str) -> Result<Self, Odd> {
        self.optional(name)?.ok_or_else(|| Odd::new(format!("`{}` has no `{name}`", shown(self.name()))))
    }

    /// The text; an element that has elements has none.
    pub(super) fn text(self) -> Result<Cow<'a, str>, Odd> {
        let mut parts = self.0.children();
        match (parts.next(), parts.next()) {
            (None, _) => Ok(Cow::Borrowed("")),
            (Some(only), None) if only.is_text() => Ok(Cow::Borrowed(only.text().unwrap_or_default())),
            _ if self.0.children().any(|part| part.is_element()) => {
                Err(Odd::new(format!("`{}` holds elements instead of text", shown(self.name()))))
            }
            // Comments stand between.
            _ => Ok(self.0.children().filter(Node::is_text).filter_map(|part| part.text()).collect()),
        }
    }

    /// The text as a number or a truth value.
    pub(super) fn value<T: FromStr>(self) -> Result<T, Odd> {
        let wrong = |_| Odd::new(format!("`{}` holds another kind of value", shown(self.name())));
        self.text()?.trim().parse().map_err(wrong)
    }

    /// The text of the child `name`; none for one that is missing or empty.
    pub(super) fn optional_text(self, name: &str) -> Result<Option<Cow<'a, str>>, Odd> {
        let text = self.optional(name)?.map(Self::text).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }
}

/// A name for a message: who answers decides its length.
fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(xml: &str, take: impl FnOnce(Element<'_, '_>) -> Result<String, Odd>, expect: Result<&str, &str>) {
        let found = read(xml.as_bytes(), take).map_err(|odd| odd.to_string());
        assert_eq!(found, expect.map(str::to_owned).map_err(|odd| format!("the answer is odd: {odd}")));
    }

    fn text(of: Element<'_, '_>) -> Result<String, Odd> {
        of.child("B")?.text().map(Cow::into_owned)
    }

    #[test]
    fn what_is_there_is_read() {
        check(" <A xmlns='x'><B>1<!-- c --><![CDATA[&]]>&lt;</B><C/></A>\n", text, Ok("1&<"));
        check("<A><B/></A>", text, Ok(""));
        check("<A><B> 7 </B></A>", |root| Ok(root.child("B")?.value::<u64>()?.to_string()), Ok("7"));
        check("<A><B/></A>", |root| Ok(format!("{:?}", root.optional_text("B")?)), Ok("None"));
        check("<A><B>1</B><C/><B>2</B></A>", |root| root.all("B").map(Element::text).collect(), Ok("12"));
    }

    #[test]
    fn what_is_odd_is_said() {
        check("<A/>", text, Err("`A` has no `B`"));
        check("<A><B/><B/></A>", text, Err("`A` has more than one `B`"));
        check("<A><B><C/></B></A>", text, Err("`B` holds elements instead of text"));
        check("<A/>", |root| root.named("R").map(|_| String::new()), Err("`A` instead of `R`"));
        check("<A>x</A>", |root| root.value::<u64>().map(|_| String::new()), Err("`A` holds another kind of value"));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><A><B>&c;</B></A>";
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        for xml in ["", "{}", "<A>", "<A/><A/>", "<A><B>&b;</B></A>", "<A><B>&#0;</B></A>", bomb, &deep] {
            assert!(read(xml.as_bytes(), text).is_err(), "{}", shown(xml));
        }
        assert!(read(b"<A><B>\xff</B></A>", text).is_err());
    }
}
