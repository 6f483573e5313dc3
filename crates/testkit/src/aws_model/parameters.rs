//! The modeled input of a request.

use serde_json::{Map, Value};

use super::check::Violation;
use super::document::{Document, Kind, Member, Protocol, Shape};
use super::{query as forms, uri, xml};
use crate::http::Request;

pub(super) fn read(document: &Document, operation: &str, request: &Request) -> Value {
    let Some(described) = document.operations.get(operation) else {
        return Value::Null;
    };
    let empty = || Value::Object(Map::new());
    let Some(input) = document.input(described) else {
        return empty();
    };
    match document.metadata.protocol {
        Protocol::Json if request.body.is_empty() => empty(),
        Protocol::Json => request.json(),
        Protocol::Query | Protocol::Ec2 => forms::structure(document, input, form(request)),
        Protocol::RestXml | Protocol::RestJson => {
            let mut found = located(document, &described.http.request_uri, input, request);
            body(document, input, request, &mut found);
            Value::Object(found)
        }
        Protocol::Other => Value::Null,
    }
}

/// Returns the decoded query of the address.
pub(super) fn query(request: &Request) -> Vec<(String, String)> {
    let query = request.query.as_deref().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Returns the decoded form of the query protocol, which may also stand in the address.
pub(super) fn form(request: &Request) -> Vec<(String, String)> {
    let body = url::form_urlencoded::parse(&request.body).into_owned();
    body.chain(query(request)).collect()
}

/// Reads labels, query parameters and headers.
fn located(document: &Document, template: &str, input: &Shape, request: &Request) -> Map<String, Value> {
    let query = query(request);
    let labels = uri::matches(template, &request.path, &query).unwrap_or_default().labels;
    let mut found = Map::new();
    for (name, member) in &input.members {
        let wire = member.wire_name(name);
        let kind = document.shape(&member.shape).map_or(Kind::String, |shape| shape.kind);
        let text = match member.location.as_deref() {
            Some("uri") => labels.get(wire).cloned(),
            Some("header") => request.header(wire).map(str::to_owned),
            Some("headers") => {
                found.extend(prefixed(wire, request).map(|headers| (name.clone(), headers)));
                None
            }
            Some("querystring") if kind == Kind::List => {
                let items = query.iter().filter(|(key, _)| key == wire);
                let items: Vec<Value> = items.map(|(_, value)| Value::String(value.clone())).collect();
                found.extend((!items.is_empty()).then(|| (name.clone(), Value::Array(items))));
                None
            }
            Some("querystring") => query.iter().find(|(key, _)| key == wire).map(|(_, value)| value.clone()),
            _ => None,
        };
        found.extend(text.map(|text| (name.clone(), xml::scalar(kind, text))));
    }
    found
}

/// Headers of signatures, checksums and the SDKs, which no operation lists.
const GENERAL_HEADERS: [&str; 9] = [
    "x-amz-checksum-",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-target",
    "x-amz-trailer",
    "x-amz-user-agent",
];

/// Names query parameters and `x-amz-` headers the operation does not have.
pub(super) fn strangers(document: &Document, operation: &str, request: &Request) -> Vec<Violation> {
    let Some(described) = document.operations.get(operation) else {
        return Vec::new();
    };
    if !matches!(document.metadata.protocol, Protocol::RestXml | Protocol::RestJson) {
        return Vec::new();
    }
    let members: Vec<(&String, &Member)> =
        document.input(described).into_iter().flat_map(|input| &input.members).collect();
    let has = |location: &str, wire: &str| {
        members.iter().any(|(name, member)| {
            member.is_in(location) && member.wire_name(name).eq_ignore_ascii_case(wire)
                || location == "header"
                    && member.is_in("headers")
                    && wire.starts_with(&member.wire_name(name).to_lowercase())
        })
    };
    let fixed: Vec<&str> = uri::fixed_query(&described.http.request_uri).collect();
    let of_query = query(request)
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name != "x-id" && !name.starts_with("X-Amz-"))
        .filter(|name| !fixed.contains(&name.as_str()) && !has("querystring", name))
        .map(|name| Violation::new(&name, "is no query parameter of the operation"));
    let of_headers = request
        .headers
        .keys()
        .map(::http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-") && !GENERAL_HEADERS.iter().any(|known| name.starts_with(known)))
        .filter(|name| !has("header", name))
        .map(|name| Violation::new(name, "is no header of the operation"));
    of_query.chain(of_headers).collect()
}

/// Reads headers below a prefix, such as `x-amz-meta-`, as a map.
fn prefixed(prefix: &str, request: &Request) -> Option<Value> {
    let prefix = prefix.to_ascii_lowercase();
    let headers: Map<String, Value> = request
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().strip_prefix(&prefix)?.to_owned(), value.to_str().ok()?.into()))
        })
        .collect();
    (!headers.is_empty()).then_some(Value::Object(headers))
}

/// Reads the body: the payload member, or the members without a place of their own.
fn body(document: &Document, input: &Shape, request: &Request, found: &mut Map<String, Value>) {
    if request.body.is_empty() {
        return;
    }
    let Some(payload) = &input.payload else {
        if document.metadata.protocol == Protocol::RestJson {
            found.extend(request.json().as_object().cloned().unwrap_or_default());
            return;
        }
        let members = xml::document(document, input, &request.text());
        found.extend(members.as_object().cloned().unwrap_or_default());
        return;
    };
    let Some(shape) = input.members.get(payload).and_then(|member| document.shape(&member.shape)) else {
        return;
    };
    let value = match shape.kind {
        Kind::Structure => xml::document(document, shape, &request.text()),
        // Contents are as long as the files are; nothing of them is modeled.
        Kind::Blob => Value::String(String::new()),
        _ => Value::String(request.text()),
    };
    found.insert(payload.clone(), value);
}
