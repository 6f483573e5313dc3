//! Which part of the specification a path belongs to.

use super::store::Store;
use super::{Repositories, Rules, blobs, contrary, error, manifests};
use crate::http::{Reply, Request};

/// A request to one repository.
pub(super) struct Call<'a> {
    pub(super) rules: &'a Rules,
    pub(super) request: &'a Request,
    pub(super) repository: &'a str,
}

pub(super) fn answer(rules: &Rules, store: &mut Store, request: &Request) -> Reply {
    let reply = contrary::before(rules, store, request).unwrap_or_else(|| dispatch(rules, store, request));
    contrary::after(rules, request, reply).with_header("docker-distribution-api-version", "registry/2.0")
}

fn dispatch(rules: &Rules, store: &mut Store, request: &Request) -> Reply {
    let segments = request.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some(("v2", rest)) = parts.split_first().map(|(first, rest)| (*first, rest)) else {
        return error::unsupported(404);
    };
    if rest.is_empty() {
        return Reply::json(200, &serde_json::json!({}));
    }
    let (name, resource) = split(rest);
    if rules.repositories == Repositories::Named && store.find(&name).is_none() {
        return error::name_unknown(&name);
    }
    let call = Call { rules, request, repository: &name };
    match resource {
        ["blobs", "uploads"] => blobs::begin(&call, store),
        ["blobs", "uploads", id] => blobs::upload(&call, store, id),
        ["blobs", digest] => blobs::blob(&call, store, digest),
        ["manifests", reference] => manifests::manifest(&call, store, reference),
        ["tags", "list"] => manifests::tags(&call, store),
        ["referrers", digest] => manifests::referrers(&call, store, digest),
        _ => error::unsupported(404),
    }
}

/// Splits a repository's name, which may hold slashes, from the resource below it.
fn split<'a>(parts: &'a [&'a str]) -> (String, &'a [&'a str]) {
    let at = (1..parts.len())
        .rev()
        .find(|at| matches!(parts[*at..], ["blobs", "uploads"] | ["blobs", "uploads", _] | ["tags", "list"]))
        .or_else(|| (1..parts.len()).rev().find(|at| matches!(parts[*at], "blobs" | "manifests" | "referrers")))
        .unwrap_or(parts.len());
    (parts[..at].join("/"), &parts[at..])
}
