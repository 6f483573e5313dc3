//! Answers against the model: results by their shape, errors by their code.

use serde_json::{Map, Value};

use super::check::{Check, Side, Violation};
use super::document::{Document, Kind, OperationShape, Protocol, Shape};
use super::{Model, errors, xml};
use crate::http::{Reply, Request};

/// The status of an answer to a conditional read whose object has not changed; it has no body.
const NOT_MODIFIED: u16 = 304;

pub(super) fn check(model: &Model, operation: &str, request: &Request, reply: &Reply) -> Vec<Violation> {
    let Some(described) = model.document.operations.get(operation) else {
        return Vec::new();
    };
    if reply.is_success() {
        let mut found = status(described, reply);
        found.extend(result(&model.document, operation, request, reply));
        return found;
    }
    // Nothing but the status tells what went wrong with a HEAD.
    if request.method == "HEAD" || reply.status == NOT_MODIFIED {
        return Vec::new();
    }
    error(model, described, reply)
}

fn status(described: &OperationShape, reply: &Reply) -> Vec<Violation> {
    let documented = described.http.response_code.unwrap_or(200);
    // A part of an object comes with 206.
    if reply.status == documented || reply.status == 206 && reply.header("content-range").is_some() {
        return Vec::new();
    }
    vec![Violation::new("", format!("the status is {}, the model has {documented}", reply.status))]
}

fn result(document: &Document, operation: &str, request: &Request, reply: &Reply) -> Vec<Violation> {
    let described = document.operations.get(operation);
    let Some(output) = described.and_then(|described| document.output(described)) else {
        return Vec::new();
    };
    let read = match document.metadata.protocol {
        Protocol::Json if reply.body.is_empty() => Ok(Value::Object(Map::new())),
        Protocol::Json => serde_json::from_slice(&reply.body).map_err(|error| error.to_string()),
        Protocol::Query => query(document, operation, output, reply),
        Protocol::RestXml => rest(document, output, request, reply),
        Protocol::RestJson if output.payload.is_none() => rest_json(document, output, reply),
        Protocol::RestJson | Protocol::Ec2 | Protocol::Other => return Vec::new(),
    };
    let mut check = Check::new(document, Side::Answer);
    match read {
        Ok(value) => check.structure(output, &value, ""),
        Err(reason) => return vec![Violation::new("", reason)],
    }
    check.finish()
}

/// Reads `<OpResponse><OpResult>...</OpResult><ResponseMetadata/></OpResponse>`.
fn query(document: &Document, operation: &str, output: &Shape, reply: &Reply) -> Result<Value, String> {
    let text = reply.to_text();
    let parsed = roxmltree::Document::parse(&text).map_err(|error| error.to_string())?;
    let (outer, inner) = (format!("{operation}Response"), format!("{operation}Result"));
    let root = parsed.root_element();
    if root.tag_name().name() != outer {
        return Err(format!("the root element is `{}`, not `{outer}`", root.tag_name().name()));
    }
    let result = root.children().find(|child| child.tag_name().name() == inner);
    match result {
        Some(result) => Ok(xml::structure(document, output, result)),
        None if output.members.is_empty() => Ok(Value::Object(Map::new())),
        None => Err(format!("the element `{inner}` is missing")),
    }
}

/// Reads the headers, and the payload or the remaining members.
fn rest(document: &Document, output: &Shape, request: &Request, reply: &Reply) -> Result<Value, String> {
    let mut found = headers(document, output, reply);
    if request.method == "HEAD" || reply.body.is_empty() {
        if let Some(payload) = output.payload.as_ref().filter(|payload| output.required.contains(payload)) {
            return Err(format!("the payload `{payload}` is missing"));
        }
        return Ok(Value::Object(found));
    }
    let text = reply.to_text();
    if let Some(name) = &output.payload {
        let member = output.members.get(name);
        let shape = member.and_then(|member| document.shape(&member.shape));
        if let Some((member, shape)) = member.zip(shape).filter(|(_, shape)| shape.kind == Kind::Structure) {
            let parsed = roxmltree::Document::parse(&text).map_err(|error| error.to_string())?;
            let root = parsed.root_element().tag_name().name();
            if root != member.wire_name(name) {
                return Err(format!("the root element is `{root}`, not `{}`", member.wire_name(name)));
            }
            found.insert(name.clone(), xml::structure(document, shape, parsed.root_element()));
        }
        return Ok(Value::Object(found));
    }
    let parsed = roxmltree::Document::parse(&text).map_err(|error| error.to_string())?;
    let body = xml::structure(document, output, parsed.root_element());
    found.extend(body.as_object().cloned().unwrap_or_default());
    Ok(Value::Object(found))
}

/// Reads the headers, and the members of the body.
fn rest_json(document: &Document, output: &Shape, reply: &Reply) -> Result<Value, String> {
    let mut found = headers(document, output, reply);
    if !reply.body.is_empty() {
        let body: Map<String, Value> = serde_json::from_slice(&reply.body).map_err(|error| error.to_string())?;
        found.extend(body);
    }
    Ok(Value::Object(found))
}

fn headers(document: &Document, output: &Shape, reply: &Reply) -> Map<String, Value> {
    let of_header = output.members.iter().filter(|(_, member)| member.is_in("header"));
    of_header
        .filter_map(|(name, member)| {
            let text = reply.header(member.wire_name(name))?.to_owned();
            let kind = document.shape(&member.shape).map_or(Kind::String, |shape| shape.kind);
            Some((name.clone(), xml::scalar(kind, text)))
        })
        .collect()
}

fn error(model: &Model, described: &OperationShape, reply: &Reply) -> Vec<Violation> {
    let code = match model.document.metadata.protocol {
        Protocol::Json | Protocol::RestJson => json_code(reply),
        _ => xml_code(reply),
    };
    let Some(code) = code else {
        return vec![Violation::new("", format!("the answer {} names no error code", reply.status))];
    };
    let modeled = described.errors.iter().find_map(|error| {
        let shape = model.document.shape(&error.shape)?;
        let known = shape.error.as_ref().and_then(|error| error.code.as_ref()).unwrap_or(&error.shape);
        (known == &code).then_some(shape)
    });
    let Some(shape) = modeled else {
        if errors::is_common(&model.service, &code) {
            return Vec::new();
        }
        return vec![Violation::new("", format!("the operation gives no error `{code}`"))];
    };
    let documented = shape.error.as_ref().and_then(|error| error.http_status_code);
    match documented.filter(|status| *status != reply.status) {
        Some(status) => vec![Violation::new("", format!("`{code}` comes with {status}, not {}", reply.status))],
        None => Vec::new(),
    }
}

/// Reads `namespace#Code` and `Code:http://...` as well, as the SDKs do.
fn json_code(reply: &Reply) -> Option<String> {
    let body = reply.to_json();
    let code = reply.header("x-amzn-errortype").or_else(|| body["__type"].as_str())?;
    let code = code.split(':').next()?;
    Some(code.rsplit('#').next()?.to_owned())
}

fn xml_code(reply: &Reply) -> Option<String> {
    let text = reply.to_text();
    let parsed = roxmltree::Document::parse(&text).ok()?;
    let error = parsed.descendants().find(|node| node.tag_name().name() == "Error")?;
    let code = error.children().find(|node| node.tag_name().name() == "Code")?;
    code.text().map(str::to_owned)
}
