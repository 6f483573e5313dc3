//! What the specification demands of a registry.

use super::endpoint::Endpoint;
use super::sessions::is_in_order;
use super::text::{has_uuid, is_digest};
use super::{Rule, Seen};
use crate::registry::digest;

/// Section "Error Codes".
const CODES: [&str; 14] = [
    "BLOB_UNKNOWN",
    "BLOB_UPLOAD_INVALID",
    "BLOB_UPLOAD_UNKNOWN",
    "DIGEST_INVALID",
    "MANIFEST_BLOB_UNKNOWN",
    "MANIFEST_INVALID",
    "MANIFEST_UNKNOWN",
    "NAME_INVALID",
    "NAME_UNKNOWN",
    "SIZE_INVALID",
    "UNAUTHORIZED",
    "DENIED",
    "UNSUPPORTED",
    "TOOMANYREQUESTS",
];

/// Statuses every endpoint may give: RFC 9110, and the codes `UNAUTHORIZED`, `DENIED`, `UNSUPPORTED` and `TOOMANYREQUESTS`.
const ANYWHERE: [u16; 4] = [401, 403, 405, 429];

pub(super) static RULES: &[Rule] = &[
    Rule {
        name: "status",
        section: "Endpoints",
        says: "success and failure have the statuses of the table",
        broken: status,
    },
    Rule {
        name: "upload-status",
        section: "Single POST",
        says: "201 is for what is there, 202 for an upload that goes on",
        broken: upload_status,
    },
    Rule {
        name: "error-form",
        section: "Error Codes",
        says: "a JSON body MUST be a list of errors",
        broken: error_form,
    },
    Rule { name: "error-code", section: "Error Codes", says: "`code` MUST be one of the list", broken: error_code },
    Rule {
        name: "error-place",
        section: "Error Codes",
        says: "what is not there is told by its own code",
        broken: error_place,
    },
    Rule {
        name: "challenge",
        section: "Determining Support",
        says: "401 names a scheme, as RFC 9110 demands",
        broken: challenge,
    },
    Rule {
        name: "content-digest",
        section: "Pulling blobs",
        says: "a success MUST have the digest in `Docker-Content-Digest`",
        broken: content_digest,
    },
    Rule { name: "content", section: "Pulling blobs", says: "the content MUST be the expected one", broken: content },
    Rule { name: "partial", section: "Pulling blobs", says: "`Range` is answered as RFC 9110 says", broken: partial },
    Rule {
        name: "head-size",
        section: "Checking if content exists in the registry",
        says: "a success MUST have the size in `Content-Length`",
        broken: head_size,
    },
    Rule {
        name: "head-empty",
        section: "Checking if content exists in the registry",
        says: "HEAD has no body",
        broken: head_empty,
    },
    Rule {
        name: "manifest-kind",
        section: "Pulling manifests",
        says: "`Content-Type` is the manifest's type, without parameters",
        broken: manifest_kind,
    },
    Rule {
        name: "push-location",
        section: "POST then PUT",
        says: "202 MUST have a `Location` with a UUID",
        broken: push_location,
    },
    Rule {
        name: "blob-location",
        section: "POST then PUT",
        says: "201 MUST have the `Location` of the blob",
        broken: blob_location,
    },
    Rule {
        name: "chunk-status",
        section: "Pushing a blob in chunks",
        says: "a chunk MUST be answered 202 with `Location`",
        broken: chunk_status,
    },
    Rule {
        name: "chunk-end",
        section: "Pushing a blob in chunks",
        says: "`Range` MUST end at the last byte of the blob so far",
        broken: chunk_end,
    },
    Rule {
        name: "chunk-gap",
        section: "Pushing a blob in chunks",
        says: "a chunk out of order MUST be answered 416",
        broken: chunk_gap,
    },
    Rule {
        name: "upload-progress",
        section: "Pushing a blob in chunks",
        says: "204 MUST have `Location` and `Range`",
        broken: upload_progress,
    },
    Rule {
        name: "manifest-location",
        section: "Pushing Manifests",
        says: "201 MUST have `Location`, and the digest of what was sent",
        broken: manifest_location,
    },
    Rule {
        name: "subject",
        section: "Pushing Manifests with Subject",
        says: "`OCI-Subject` MUST be the subject's digest",
        broken: subject,
    },
];

fn status(seen: &Seen<'_>) -> Option<String> {
    let status = seen.reply.status;
    let is_right = match seen.endpoint.statuses(&seen.request.method) {
        Some((success, failure)) => {
            success.contains(&status) || failure.contains(&status) || ANYWHERE.contains(&status)
        }
        None => (400..500).contains(&status),
    };
    (!is_right).then(|| format!("the status is {status}"))
}

fn upload_status(seen: &Seen<'_>) -> Option<String> {
    let whole = seen.query("digest").is_some() || seen.query("mount").is_some();
    let wrong = matches!(seen.endpoint, Endpoint::Uploads(_)) && seen.answered("POST", 201) && !whole;
    wrong.then(|| "201 without `digest` or `mount`".to_owned())
}

/// The codes of a JSON body of a refusal.
fn codes(seen: &Seen<'_>) -> Option<Vec<String>> {
    let kind = seen.reply.header("content-type").unwrap_or_default();
    if !(400..500).contains(&seen.reply.status) || !kind.starts_with("application/json") || seen.reply.body.is_empty() {
        return None;
    }
    let body = seen.reply.to_json();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    Some(errors.iter().map(|error| error["code"].as_str().unwrap_or_default().to_owned()).collect())
}

fn error_form(seen: &Seen<'_>) -> Option<String> {
    let codes = codes(seen)?;
    let is_right = !codes.is_empty()
        && codes.iter().all(|code| !code.is_empty() && code.bytes().all(|b| b == b'_' || b.is_ascii_uppercase()));
    (!is_right).then(|| format!("the body is {}", seen.reply.to_text()))
}

fn error_code(seen: &Seen<'_>) -> Option<String> {
    let unknown = codes(seen)?.into_iter().find(|code| !CODES.contains(&code.as_str()))?;
    Some(format!("`{unknown}` is none of them"))
}

fn error_place(seen: &Seen<'_>) -> Option<String> {
    let fitting: &[&str] = match (seen.reply.status, &seen.endpoint) {
        (401, _) => &["UNAUTHORIZED"],
        (403, _) => &["DENIED"],
        (405, _) => &["UNSUPPORTED"],
        (416, _) => &["BLOB_UPLOAD_INVALID", "SIZE_INVALID"],
        (429, _) => &["TOOMANYREQUESTS"],
        (404, Endpoint::Blob(..)) => &["BLOB_UNKNOWN", "NAME_UNKNOWN"],
        (404, Endpoint::Manifest(..)) => &["MANIFEST_UNKNOWN", "NAME_UNKNOWN"],
        (404, Endpoint::Upload(_)) => &["BLOB_UPLOAD_UNKNOWN", "NAME_UNKNOWN"],
        (404, Endpoint::Uploads(_) | Endpoint::Tags(_)) => &["NAME_UNKNOWN"],
        _ => return None,
    };
    let stranger = codes(seen)?.into_iter().find(|code| !fitting.contains(&code.as_str()))?;
    Some(format!("{} says `{stranger}`", seen.reply.status))
}

fn challenge(seen: &Seen<'_>) -> Option<String> {
    (seen.reply.status == 401 && seen.reply.header("www-authenticate").is_none()).then(|| "it does not".to_owned())
}

fn is_content(seen: &Seen<'_>) -> bool {
    matches!(seen.endpoint, Endpoint::Blob(..) | Endpoint::Manifest(..))
}

fn content_digest(seen: &Seen<'_>) -> Option<String> {
    if !is_content(seen) || !matches!(seen.request.method.as_str(), "GET" | "HEAD") || !seen.reply.is_success() {
        return None;
    }
    let told = seen.reply.header("docker-content-digest").unwrap_or_default();
    let asked = match &seen.endpoint {
        Endpoint::Blob(_, digest) => Some(digest),
        Endpoint::Manifest(_, reference) => Some(reference).filter(|reference| is_digest(reference)),
        _ => None,
    };
    let is_right = asked.map_or_else(|| is_digest(told), |asked| asked == told);
    (!is_right).then(|| format!("it is `{told}`"))
}

fn content(seen: &Seen<'_>) -> Option<String> {
    if !is_content(seen) || !seen.answered("GET", 200) {
        return None;
    }
    let told = seen.reply.header("docker-content-digest").filter(|told| told.starts_with("sha256:"))?;
    let found = digest(&seen.reply.body);
    (told != found).then(|| format!("the body is {found}, not {told}"))
}

fn partial(seen: &Seen<'_>) -> Option<String> {
    match (seen.reply.status, &seen.endpoint) {
        (206, Endpoint::Blob(..)) => {}
        (416, Endpoint::Blob(..)) => {
            let told = seen.reply.header("content-range").unwrap_or_default();
            return (!told.starts_with("bytes */")).then(|| format!("416 with `content-range: {told}`"));
        }
        _ => return None,
    }
    let told = seen.reply.header("content-range").unwrap_or_default();
    let asked = seen.request.header("range").and_then(|text| text.strip_prefix("bytes="))?;
    let asked = asked.split('-').next().unwrap_or_default();
    let numbers = told.strip_prefix("bytes ").and_then(|text| text.split_once('/')).and_then(|(range, total)| {
        let (start, end) = super::text::range(range)?;
        Some((start, end, total.parse::<usize>().ok()?))
    });
    let fits = numbers.is_some_and(|(start, end, total)| {
        start.to_string() == asked && end < total && (end + 1).checked_sub(start) == Some(seen.reply.body.len())
    });
    (!fits).then(|| format!("`content-range: {told}` for {} bytes from {asked}", seen.reply.body.len()))
}

fn head_size(seen: &Seen<'_>) -> Option<String> {
    if !is_content(seen) || !seen.answered("HEAD", 200) {
        return None;
    }
    let told = seen.reply.header("content-length").unwrap_or_default();
    told.parse::<u64>().is_err().then(|| format!("it is `{told}`"))
}

fn head_empty(seen: &Seen<'_>) -> Option<String> {
    (seen.answered("HEAD", 200) && !seen.reply.body.is_empty()).then(|| "a body was sent".to_owned())
}

fn manifest_kind(seen: &Seen<'_>) -> Option<String> {
    let pulled = seen.answered("GET", 200) || seen.answered("HEAD", 200);
    if !pulled || !matches!(seen.endpoint, Endpoint::Manifest(..)) {
        return None;
    }
    let kind = seen.reply.header("content-type").unwrap_or_default();
    let body = seen.reply.to_json();
    let own = body["mediaType"].as_str().unwrap_or(kind);
    (kind.is_empty() || kind.contains(';') || own != kind).then(|| format!("`content-type: {kind}` of `{own}`"))
}

fn push_location(seen: &Seen<'_>) -> Option<String> {
    if !matches!(seen.endpoint, Endpoint::Uploads(_)) || !seen.answered("POST", 202) {
        return None;
    }
    let told = seen.reply.header("location").unwrap_or_default();
    (!has_uuid(told)).then(|| format!("it is `{told}`"))
}

fn blob_location(seen: &Seen<'_>) -> Option<String> {
    let (Endpoint::Uploads(name) | Endpoint::Upload(name)) = &seen.endpoint else {
        return None;
    };
    if !(seen.answered("POST", 201) || seen.answered("PUT", 201)) {
        return None;
    }
    let blob = seen.query("digest").or_else(|| seen.query("mount")).unwrap_or_default();
    let told = seen.reply.header("location").unwrap_or_default();
    (!told.ends_with(&format!("/v2/{name}/blobs/{blob}"))).then(|| format!("it is `{told}`"))
}

fn is_chunk(seen: &Seen<'_>) -> bool {
    matches!(seen.endpoint, Endpoint::Upload(_)) && seen.is("PATCH") && seen.reply.is_success()
}

fn chunk_status(seen: &Seen<'_>) -> Option<String> {
    let is_right = seen.reply.status == 202 && seen.reply.header("location").is_some();
    (is_chunk(seen) && !is_right).then(|| format!("{} without it, or another status", seen.reply.status))
}

fn chunk_end(seen: &Seen<'_>) -> Option<String> {
    let before = seen.session.as_ref().filter(|_| is_chunk(seen))?.length;
    end(seen, before + seen.request.body.len())
}

/// How `Range` differs from the bytes there are.
fn end(seen: &Seen<'_>, length: usize) -> Option<String> {
    let told = seen.reply.header("range").unwrap_or_default();
    (told != format!("0-{}", length.saturating_sub(1))).then(|| format!("`range: {told}` of {length} bytes"))
}

fn chunk_gap(seen: &Seen<'_>) -> Option<String> {
    let under_way = seen.session.as_ref().is_some_and(|session| !session.ended);
    let sends = seen.is("PATCH") || (seen.is("PUT") && seen.query("digest").is_some());
    let wrong = under_way && sends && !is_in_order(seen) && seen.reply.status != 416 && seen.reply.status != 401;
    wrong.then(|| format!("it was answered {}", seen.reply.status))
}

fn upload_progress(seen: &Seen<'_>) -> Option<String> {
    if !matches!(seen.endpoint, Endpoint::Upload(_)) || !seen.answered("GET", 204) {
        return None;
    }
    if seen.reply.header("location").is_none() {
        return Some("it has no `Location`".to_owned());
    }
    end(seen, seen.session.as_ref()?.length)
}

fn manifest_location(seen: &Seen<'_>) -> Option<String> {
    let Endpoint::Manifest(name, _) = &seen.endpoint else {
        return None;
    };
    if !seen.answered("PUT", 201) {
        return None;
    }
    let told = seen.reply.header("location").unwrap_or_default();
    if !told.contains(&format!("/v2/{name}/manifests/")) {
        return Some(format!("`location: {told}`"));
    }
    let stored = seen.reply.header("docker-content-digest")?;
    let sent = digest(&seen.request.body);
    (stored != sent).then(|| format!("{stored} was stored, {sent} sent"))
}

fn subject(seen: &Seen<'_>) -> Option<String> {
    if !matches!(seen.endpoint, Endpoint::Manifest(..)) || !seen.answered("PUT", 201) {
        return None;
    }
    let body = seen.request.json();
    let wanted = body["subject"]["digest"].as_str();
    let told = seen.reply.header("oci-subject");
    (told != wanted).then(|| format!("it is {told:?} instead of {wanted:?}"))
}
