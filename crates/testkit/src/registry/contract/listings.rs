//! What the specification demands of lists: tags and referrers.

use serde_json::Value;

use super::endpoint::Endpoint;
use super::text::is_digest;
use super::{Rule, Seen};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

pub(super) static RULES: &[Rule] = &[
    Rule { name: "tags-form", section: "Listing Tags", says: "the body MUST be `{name, tags}`", broken: tags_form },
    Rule { name: "tags-order", section: "Listing Tags", says: "the tags MUST be in lexical order", broken: tags_order },
    Rule { name: "tags-last", section: "Listing Tags", says: "only tags after `last` are listed", broken: tags_last },
    Rule {
        name: "tags-number",
        section: "Listing Tags",
        says: "at most `n` tags; fewer only without a next page",
        broken: tags_number,
    },
    Rule {
        name: "tags-link",
        section: "Listing Tags",
        says: "`Link` MUST be that of RFC 5988 with `rel=\"next\"`",
        broken: tags_link,
    },
    Rule {
        name: "referrers-form",
        section: "Listing Referrers",
        says: "the answer MUST be an image index, by its type too",
        broken: referrers_form,
    },
    Rule {
        name: "referrers-item",
        section: "Listing Referrers",
        says: "each is a descriptor with type, digest and size",
        broken: referrers_item,
    },
    Rule {
        name: "referrers-filter",
        section: "Listing Referrers",
        says: "an applied filter MUST be told by `OCI-Filters-Applied`",
        broken: referrers_filter,
    },
    Rule {
        name: "referrers-invalid",
        section: "Listing Referrers",
        says: "an invalid <digest> MUST be answered 400",
        broken: referrers_invalid,
    },
];

/// The body of a list of tags.
fn tags(seen: &Seen<'_>) -> Option<Value> {
    (matches!(seen.endpoint, Endpoint::Tags(_)) && seen.answered("GET", 200)).then(|| seen.reply.to_json())
}

fn names(body: &Value) -> Vec<String> {
    let items = body["tags"].as_array().into_iter().flatten();
    items.map(|tag| tag.as_str().unwrap_or_default().to_owned()).collect()
}

fn tags_form(seen: &Seen<'_>) -> Option<String> {
    let body = tags(seen)?;
    let is_right = body["name"].as_str() == seen.endpoint.repository()
        && body["tags"].as_array().is_some_and(|tags| tags.iter().all(Value::is_string));
    (!is_right).then(|| format!("it is {body}"))
}

fn tags_order(seen: &Seen<'_>) -> Option<String> {
    let names = names(&tags(seen)?);
    (!names.is_sorted()).then(|| format!("they are {names:?}"))
}

fn tags_last(seen: &Seen<'_>) -> Option<String> {
    let names = names(&tags(seen)?);
    let last = seen.query("last")?;
    names.into_iter().find(|name| *name <= last).map(|name| format!("`{name}` is not after `{last}`"))
}

fn tags_number(seen: &Seen<'_>) -> Option<String> {
    let found = names(&tags(seen)?).len();
    let wanted: usize = seen.query("n")?.parse().ok()?;
    if found > wanted {
        return Some(format!("{found} tags of {wanted}"));
    }
    let is_wrong = wanted == 0 && seen.reply.header("link").is_some();
    is_wrong.then(|| "none was asked for, and there is a `Link`".to_owned())
}

fn tags_link(seen: &Seen<'_>) -> Option<String> {
    let body = tags(seen)?;
    let link = seen.reply.header("link")?;
    let target = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\""));
    let last = names(&body).pop().unwrap_or_default();
    let path = format!("/v2/{}/tags/list?", seen.endpoint.repository()?);
    let is_right = target.is_some_and(|target| target.contains(&path) && target.contains(&format!("last={last}")));
    (!is_right).then(|| format!("`link: {link}`"))
}

fn referrers(seen: &Seen<'_>) -> Option<Value> {
    (matches!(seen.endpoint, Endpoint::Referrers(..)) && seen.answered("GET", 200)).then(|| seen.reply.to_json())
}

fn referrers_form(seen: &Seen<'_>) -> Option<String> {
    let body = referrers(seen)?;
    let kind = seen.reply.header("content-type").unwrap_or_default();
    let is_right =
        kind == INDEX && body["mediaType"] == INDEX && body["schemaVersion"] == 2 && body["manifests"].is_array();
    (!is_right).then(|| format!("`{kind}`: {body}"))
}

fn referrers_item(seen: &Seen<'_>) -> Option<String> {
    let body = referrers(seen)?;
    let is_right = |item: &Value| {
        let optional = |name: &str, is: fn(&Value) -> bool| item.get(name).is_none_or(is);
        item["mediaType"].is_string()
            && item["size"].is_u64()
            && item["digest"].as_str().is_some_and(is_digest)
            && optional("artifactType", Value::is_string)
            && optional("annotations", Value::is_object)
    };
    let items = body["manifests"].as_array().cloned().unwrap_or_default();
    items.into_iter().find(|item| !is_right(item)).map(|item| format!("one is {item}"))
}

fn referrers_filter(seen: &Seen<'_>) -> Option<String> {
    let body = referrers(seen)?;
    let told = seen.reply.header("oci-filters-applied").unwrap_or_default();
    let Some(wanted) = seen.query("artifactType") else {
        return (!told.is_empty()).then(|| "no filter was asked for".to_owned());
    };
    let items = body["manifests"].as_array().cloned().unwrap_or_default();
    let strangers = items.iter().any(|item| item["artifactType"] != wanted.as_str());
    let applied = told.split(',').any(|name| name.trim() == "artifactType");
    (applied && strangers).then(|| format!("not all are {wanted}"))
}

fn referrers_invalid(seen: &Seen<'_>) -> Option<String> {
    let Endpoint::Referrers(_, digest) = &seen.endpoint else {
        return None;
    };
    let wrong = seen.is("GET") && !is_digest(digest) && !matches!(seen.reply.status, 400 | 401 | 404);
    wrong.then(|| format!("`{digest}` was answered {}", seen.reply.status))
}
