//! What we use of `service-2.json`. Reading into these types and writing them again is the digest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) metadata: Metadata,
    pub(super) operations: BTreeMap<String, OperationShape>,
    pub(super) shapes: BTreeMap<String, Shape>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) protocol: Protocol,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) target_prefix: Option<String>,
    pub(super) api_version: String,
}

/// How requests and answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    Json,
    Query,
    RestXml,
    RestJson,
    Ec2,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OperationShape {
    pub(super) http: Http,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<Member>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<Member>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<Member>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) deprecated: bool,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http {
    pub(super) method: String,
    pub(super) request_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) response_code: Option<u16>,
}

/// A reference to a shape, and where its value travels.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    pub(super) shape: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) location_name: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) flattened: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) xml_attribute: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the model's own flags")]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) members: BTreeMap<String, Member>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) required: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) member: Option<Member>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Member>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Member>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) flattened: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "enum")]
    pub(super) choices: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pattern: Option<String>,
    /// Free JSON: nothing inside is described.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) document: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) union: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) eventstream: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorTrait>,
}

/// How an error shape appears in an answer.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorTrait {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) http_status_code: Option<u16>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Document {
    pub(super) fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    /// Returns the structure an operation answers with.
    pub(super) fn output(&self, operation: &OperationShape) -> Option<&Shape> {
        self.shape(&operation.output.as_ref()?.shape)
    }

    /// Returns the structure an operation takes.
    pub(super) fn input(&self, operation: &OperationShape) -> Option<&Shape> {
        self.shape(&operation.input.as_ref()?.shape)
    }
}

impl Member {
    /// Returns the name its value travels under.
    pub(super) fn wire_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.location_name.as_deref().unwrap_or(name)
    }

    pub(super) fn is_in(&self, location: &str) -> bool {
        self.location.as_deref() == Some(location)
    }
}
