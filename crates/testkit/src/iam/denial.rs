//! A refusal in the form of the service that refuses.

use std::collections::BTreeSet;

use serde_json::json;

use super::need::Need;
use super::operations::{Asked, Place};
use crate::http::{Reply, Request};

/// What the caller is told
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html#access-denied-message-format>).
fn message(place: &Place, need: &Need) -> String {
    let Need { action, resource, .. } = need;
    format!(
        "User: arn:aws:sts::{}:assumed-role/deploy/testkit is not authorized to perform: {action} on resource: {resource} \
         because no identity-based policy allows the {action} action",
        place.account
    )
}

/// The refusal of `asked` for want of `denied`, which is not empty.
pub(super) fn reply(place: &Place, asked: &Asked, denied: &[Need], request: &Request) -> Reply {
    let message = denied.first().map(|need| message(place, need)).unwrap_or_default();
    match (asked.service.as_str(), asked.operation.as_str()) {
        ("s3", "DeleteObjects") => not_deleted(denied, &message),
        ("s3" | "registry", _) if request.method == "HEAD" => Reply::new(403),
        ("s3", _) => Reply::xml(403, format!("<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>")),
        ("cloudfront" | "iam" | "elasticloadbalancing", _) => Reply::xml(
            403,
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message></Error>\
                 <RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
            ),
        ),
        ("registry", _) => Reply::json(403, &json!({"errors": [{"code": "DENIED", "message": message}]})),
        _ => Reply::json(400, &json!({"__type": "AccessDeniedException", "message": message}))
            .with_header("x-amzn-errortype", "AccessDeniedException"),
    }
}

/// S3 answers 200, and tells for each key why it is still there.
fn not_deleted(denied: &[Need], message: &str) -> Reply {
    let key = |need: &Need| need.resource.split_once('/').map_or("", |(_, key)| key).to_owned();
    let mut errors = String::new();
    let mut named = BTreeSet::new();
    for need in denied.iter().filter(|need| named.insert(key(need))) {
        let key = key(need).replace('&', "&amp;").replace('<', "&lt;");
        errors += &format!("<Error><Key>{key}</Key><Code>AccessDenied</Code><Message>{message}</Message></Error>");
    }
    Reply::xml(200, format!("<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{errors}</DeleteResult>"))
}
