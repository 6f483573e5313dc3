//! Services that speak the query protocol: a form goes out, XML comes back and is told as JSON
//! (<https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>).

use percent_encoding::utf8_percent_encode;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

use super::operation::{Unsent, send};
use super::{ENCODED, Service};
use crate::connect::Aws;
use crate::error::ApiError;

/// A service that takes `POST /` with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryService {
    /// The service.
    pub service: Service,
    /// The version of its API: `2010-05-08`.
    pub version: &'static str,
}

impl QueryService {
    /// Calls an operation; a list is given as `Names.member.1` and so on. The answer is what stands in the operation's result:
    /// an element is an object, its `member`s are a list, and every other value is text.
    pub async fn call(&self, aws: &Aws, operation: &str, parameters: &[(&str, &str)]) -> Result<Value, ApiError> {
        let answer: Value = send(aws.config(), &self.service, operation, self.request(operation, parameters)).await?;
        Ok(answer.get(format!("{operation}Result")).cloned().unwrap_or_default())
    }

    pub(super) fn request(&self, operation: &str, parameters: &[(&str, &str)]) -> Unsent {
        let own = [("Action", operation), ("Version", self.version)];
        let pairs = own.iter().chain(parameters);
        let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
        let form: Vec<String> = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        Unsent { method: "POST".to_owned(), path: "/".to_owned(), headers, body: form.join("&") }
    }
}

/// Reads XML; what the root element holds is told.
pub(super) fn read_xml(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    Ok(value(document.root_element()))
}

fn value(node: Node<'_, '_>) -> Value {
    let children: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    let is_list = !children.is_empty() && children.iter().all(|child| is_member(*child));
    if children.is_empty() {
        return Value::String(node.text().unwrap_or_default().to_owned());
    }
    if is_list {
        return Value::Array(children.into_iter().map(value).collect());
    }
    let named = children.into_iter().map(|child| (child.tag_name().name().to_owned(), value(child)));
    Value::Object(named.collect::<Map<String, Value>>())
}

const MEMBER: &str = "member";

/// Elements have the service's namespace.
fn is_member(node: Node<'_, '_>) -> bool {
    node.tag_name().name() == MEMBER
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read_xml;

    #[test]
    fn elements_are_objects_lists_and_text() {
        let xml = br#"<R xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><A><Name>x</Name><Empty/><L><member>1</member></L></A></R>"#;
        assert_eq!(read_xml(xml), Ok(json!({"A": {"Name": "x", "Empty": "", "L": ["1"]}})));
        assert!(read_xml(b"<a>").is_err() && read_xml(b"\xff").is_err());
    }

    #[test]
    fn a_document_type_is_refused() {
        assert!(read_xml(br#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#).is_err());
    }
}
