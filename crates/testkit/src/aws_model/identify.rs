//! Which operation a request is.

use super::document::{Document, Member, OperationShape, Protocol};
use super::{parameters, uri};
use crate::http::Request;

pub(super) fn name<'a>(document: &'a Document, request: &Request) -> Option<&'a str> {
    match document.metadata.protocol {
        Protocol::Json => targeted(document, request),
        Protocol::Query | Protocol::Ec2 => {
            let action = parameters::form(request).into_iter().find(|(name, _)| name == "Action")?.1;
            known(document, &action)
        }
        Protocol::RestXml | Protocol::RestJson => routed(document, request),
        Protocol::Other => None,
    }
}

fn known<'a>(document: &'a Document, name: &str) -> Option<&'a str> {
    document.operations.get_key_value(name).map(|(name, _)| name.as_str())
}

fn targeted<'a>(document: &'a Document, request: &Request) -> Option<&'a str> {
    let (prefix, name) = request.header("x-amz-target")?.split_once('.')?;
    if document.metadata.target_prefix.as_deref() != Some(prefix) {
        return None;
    }
    known(document, name)
}

/// Finds the operation with the most that only it asks for: `PUT /bucket/key` is a copy with `x-amz-copy-source` and a part
/// with `uploadId`. Where two ask for the same, the one `x-id` names wins, then the one that is not deprecated, then the first.
fn routed<'a>(document: &'a Document, request: &Request) -> Option<&'a str> {
    let query = parameters::query(request);
    let named = request.query_value("x-id");
    let candidates = document.operations.iter().rev().filter(|(_, operation)| operation.http.method == request.method);
    candidates
        .filter_map(|(name, operation)| {
            let found = uri::matches(&operation.http.request_uri, &request.path, &query)?;
            let demands = demands(document, operation, request, &query)?;
            Some(((found.literals + demands, named.as_ref() == Some(name), !operation.deprecated), name.as_str()))
        })
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, name)| name)
}

/// Counts the query parameters and headers an operation cannot do without; `None` when one is not there.
fn demands(
    document: &Document,
    operation: &OperationShape,
    request: &Request,
    query: &[(String, String)],
) -> Option<usize> {
    let Some(input) = document.input(operation) else {
        return Some(0);
    };
    let is_there = |name: &str, member: &Member| match member.location.as_deref() {
        Some("querystring") => query.iter().any(|(key, _)| key == member.wire_name(name)),
        _ => request.headers.contains_key(member.wire_name(name)),
    };
    let demanded: Vec<bool> = input
        .required
        .iter()
        .filter_map(|name| Some((name, input.members.get(name)?)))
        .filter(|(_, member)| member.is_in("querystring") || member.is_in("header"))
        .map(|(name, member)| is_there(name, member))
        .collect();
    demanded.iter().all(|is_there| *is_there).then_some(demanded.len())
}
