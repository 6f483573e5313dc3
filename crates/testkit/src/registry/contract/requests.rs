//! What the specification demands of a client.

use super::endpoint::Endpoint;
use super::sessions::is_in_order;
use super::text::{is_digest, is_name, is_tag, range};
use super::{Rule, Seen};
use crate::registry::digest;

const OCTETS: &str = "application/octet-stream";

pub(super) static RULES: &[Rule] = &[
    Rule { name: "endpoint", section: "Endpoints", says: "clients use the endpoints of the table", broken: endpoint },
    Rule {
        name: "parameters",
        section: "Endpoints",
        says: "clients send the query parameters of the table",
        broken: parameters,
    },
    Rule { name: "name", section: "Pulling manifests", says: "<name> MUST match the regular expression", broken: name },
    Rule {
        name: "reference",
        section: "Pulling manifests",
        says: "<tag-or-digest> MUST be a digest or a tag",
        broken: reference,
    },
    Rule {
        name: "accept",
        section: "Pulling manifests",
        says: "the client SHOULD include an `Accept` header",
        broken: accept,
    },
    Rule { name: "no-body", section: "Endpoints", says: "GET, HEAD and DELETE carry no body", broken: no_body },
    Rule { name: "blob-range", section: "Pulling blobs", says: "`Range` is that of RFC 9110", broken: blob_range },
    Rule {
        name: "begin",
        section: "Pushing a blob in chunks",
        says: "the POST that begins an upload is empty",
        broken: begin,
    },
    Rule {
        name: "mount",
        section: "Mounting a blob from another repository",
        says: "`mount` is a digest, `from` a name",
        broken: mount,
    },
    Rule {
        name: "location",
        section: "POST then PUT",
        says: "<blob-push-location> SHOULD NOT be assembled by clients",
        broken: location,
    },
    Rule {
        name: "upload-type",
        section: "POST then PUT",
        says: "content goes as application/octet-stream with its length",
        broken: upload_type,
    },
    Rule {
        name: "upload-digest",
        section: "POST then PUT",
        says: "the PUT MUST include the digest of the whole blob",
        broken: upload_digest,
    },
    Rule {
        name: "chunk-range",
        section: "Pushing a blob in chunks",
        says: "<range> MUST match `^[0-9]+-[0-9]+$`, inclusive on both ends",
        broken: chunk_range,
    },
    Rule {
        name: "chunk-order",
        section: "Pushing a blob in chunks",
        says: "chunks MUST be uploaded in order",
        broken: chunk_order,
    },
    Rule {
        name: "manifest-type",
        section: "Pushing Manifests",
        says: "`Content-Type` MUST be the manifest's `mediaType`, without parameters",
        broken: manifest_type,
    },
    Rule {
        name: "manifest-digest",
        section: "Pushing Manifests",
        says: "<digest> is that of the manifest",
        broken: manifest_digest,
    },
    Rule { name: "paging", section: "Listing Tags", says: "`n` is an integer, `last` a tag", broken: paging },
];

fn endpoint(seen: &Seen<'_>) -> Option<String> {
    let known = seen.endpoint.statuses(&seen.request.method).is_some();
    (!known).then(|| "no endpoint has this method and form".to_owned())
}

fn parameters(seen: &Seen<'_>) -> Option<String> {
    let known = seen.endpoint.parameters(&seen.request.method)?;
    let query = seen.request.query.as_deref().unwrap_or_default();
    let mut given = url::form_urlencoded::parse(query.as_bytes());
    given.find(|(name, _)| !known.contains(&name.as_ref())).map(|(name, _)| format!("`{name}` is no parameter of it"))
}

fn name(seen: &Seen<'_>) -> Option<String> {
    let name = seen.endpoint.repository()?;
    (!is_name(name)).then(|| format!("`{name}` is no name"))
}

fn reference(seen: &Seen<'_>) -> Option<String> {
    let (reference, is_right) = match &seen.endpoint {
        Endpoint::Manifest(_, reference) => (reference, is_tag(reference) || is_digest(reference)),
        Endpoint::Blob(_, digest) | Endpoint::Referrers(_, digest) => (digest, is_digest(digest)),
        _ => return None,
    };
    (!is_right).then(|| format!("`{reference}` is none"))
}

fn accept(seen: &Seen<'_>) -> Option<String> {
    let pulls = matches!(seen.endpoint, Endpoint::Manifest(..)) && (seen.is("GET") || seen.is("HEAD"));
    let kinds = seen.request.header("accept").unwrap_or_default();
    (pulls && !kinds.contains("application/vnd.oci.image."))
        .then(|| format!("`accept: {kinds}` names no kind of manifest"))
}

fn no_body(seen: &Seen<'_>) -> Option<String> {
    let has = ["GET", "HEAD", "DELETE"].iter().any(|method| seen.is(method)) && !seen.request.body.is_empty();
    has.then(|| "a body was sent".to_owned())
}

fn blob_range(seen: &Seen<'_>) -> Option<String> {
    let given = seen.request.header("range")?;
    let numbers = given.strip_prefix("bytes=").and_then(|text| text.split_once('-'));
    let is_right = numbers
        .is_some_and(|(start, end)| start.parse::<u64>().is_ok() && (end.is_empty() || end.parse::<u64>().is_ok()));
    (!is_right).then(|| format!("`range: {given}` is none"))
}

fn begin(seen: &Seen<'_>) -> Option<String> {
    let Endpoint::Uploads(_) = seen.endpoint else {
        return None;
    };
    (seen.query("digest").is_none() && !seen.request.body.is_empty()).then(|| "a body was sent".to_owned())
}

fn mount(seen: &Seen<'_>) -> Option<String> {
    let blob = seen.query("mount").filter(|_| matches!(seen.endpoint, Endpoint::Uploads(_)))?;
    if !is_digest(&blob) {
        return Some(format!("`{blob}` is no digest"));
    }
    let from = seen.query("from")?;
    (!is_name(&from)).then(|| format!("`{from}` is no name"))
}

fn location(seen: &Seen<'_>) -> Option<String> {
    let unknown = matches!(seen.endpoint, Endpoint::Upload(_)) && seen.session.is_none();
    unknown.then(|| "the registry never gave this address".to_owned())
}

fn upload_type(seen: &Seen<'_>) -> Option<String> {
    if !matches!(seen.endpoint, Endpoint::Upload(_)) || seen.request.body.is_empty() {
        return None;
    }
    let kind = seen.request.header("content-type").unwrap_or_default();
    if kind != OCTETS {
        return Some(format!("the content goes as `{kind}`"));
    }
    let length = seen.request.header("content-length").unwrap_or_default();
    (length != seen.request.body.len().to_string()).then(|| format!("the announced length is `{length}`"))
}

fn upload_digest(seen: &Seen<'_>) -> Option<String> {
    if !matches!(seen.endpoint, Endpoint::Upload(_)) || !seen.is("PUT") {
        return None;
    }
    let given = seen.query("digest").unwrap_or_default();
    (!is_digest(&given)).then(|| format!("`digest={given}` is none"))
}

fn chunk_range(seen: &Seen<'_>) -> Option<String> {
    let given = seen.request.header("content-range").unwrap_or_default();
    if !seen.is("PATCH") && given.is_empty() {
        return None;
    }
    let fits = range(given).is_some_and(|(start, end)| (end + 1).checked_sub(start) == Some(seen.request.body.len()));
    (!fits).then(|| format!("`content-range: {given}` is none of {} bytes", seen.request.body.len()))
}

fn chunk_order(seen: &Seen<'_>) -> Option<String> {
    let session = seen.session.as_ref().filter(|session| !session.ended)?;
    (!is_in_order(seen)).then(|| format!("the registry has {} bytes", session.length))
}

fn manifest_type(seen: &Seen<'_>) -> Option<String> {
    if !matches!(seen.endpoint, Endpoint::Manifest(..)) || !seen.is("PUT") {
        return None;
    }
    let kind = seen.request.header("content-type").unwrap_or_default();
    if kind.is_empty() || kind.contains(';') {
        return Some(format!("`content-type: {kind}`"));
    }
    let body = seen.request.json();
    let own = body["mediaType"].as_str()?;
    (own != kind).then(|| format!("`content-type: {kind}`, but `mediaType` is `{own}`"))
}

fn manifest_digest(seen: &Seen<'_>) -> Option<String> {
    let Endpoint::Manifest(_, reference) = &seen.endpoint else {
        return None;
    };
    let found = digest(&seen.request.body);
    (seen.is("PUT") && reference.starts_with("sha256:") && *reference != found).then(|| format!("it is {found}"))
}

fn paging(seen: &Seen<'_>) -> Option<String> {
    let Endpoint::Tags(_) = seen.endpoint else {
        return None;
    };
    if let Some(number) = seen.query("n").filter(|number| number.parse::<u32>().is_err()) {
        return Some(format!("`n={number}`"));
    }
    seen.query("last").filter(|tag| !is_tag(tag)).map(|tag| format!("`last={tag}`"))
}
