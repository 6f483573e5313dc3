//! Deletes: one key, or up to a thousand with a condition each.

use crate::answer::{Answer, escape};
use crate::request::Head;
use crate::store::Store;

/// The most keys of one request.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
const MOST: usize = 1000;

impl Store {
    pub(crate) fn delete(&mut self, head: &Head) -> Answer {
        if head.if_match.is_some()
            && let Some(refusal) = self.refusal(head)
        {
            return refusal;
        }
        self.objects.remove(&head.path);
        Answer::empty(204)
    }

    /// Deletes the keys of a request; one with a condition stays where its tag is another, and is an error where it is not
    /// there.
    pub(crate) fn delete_many(&mut self, head: &Head, body: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(body);
        let Ok(document) = roxmltree::Document::parse(&text) else { return Answer::error(400, "MalformedXML") };
        let child = |node: roxmltree::Node<'_, '_>, name: &str| {
            node.children()
                .find(|child| child.tag_name().name() == name)
                .and_then(|child| child.text().map(str::to_owned))
        };
        let root = document.root_element();
        let is_quiet = child(root, "Quiet").as_deref() == Some("true");
        let named: Vec<_> = root.children().filter(|node| node.tag_name().name() == "Object").collect();
        if named.is_empty() || named.len() > MOST {
            return Answer::error(400, "MalformedXML");
        }
        let mut result = String::new();
        for node in named {
            let Some(key) = child(node, "Key") else { return Answer::error(400, "MalformedXML") };
            match self.delete_one(&format!("{}/{key}", head.names().0), child(node, "ETag").as_deref()) {
                Err(code) => {
                    result.push_str("<Error><Key>");
                    escape(&key, &mut result);
                    result.push_str(&format!("</Key><Code>{code}</Code><Message>{code}</Message></Error>"));
                }
                Ok(()) if !is_quiet => {
                    result.push_str("<Deleted><Key>");
                    escape(&key, &mut result);
                    result.push_str("</Key></Deleted>");
                }
                Ok(()) => {}
            }
        }
        Answer::xml("DeleteResult", &result)
    }

    fn delete_one(&mut self, path: &str, wanted: Option<&str>) -> Result<(), &'static str> {
        if let Some(wanted) = wanted {
            let found = self.objects.get(path).ok_or("NoSuchKey")?.tag.to_string();
            if wanted.trim_matches('"') != found && wanted != "*" {
                return Err("PreconditionFailed");
            }
        }
        self.objects.remove(path);
        Ok(())
    }
}
