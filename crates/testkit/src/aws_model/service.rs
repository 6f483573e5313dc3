//! Which service a request is for.

use crate::http::Request;

/// The prefixes of `X-Amz-Target`, for requests without a signature.
const TARGETS: [(&str, &str); 3] = [
    ("AmazonEC2ContainerServiceV20141113.", "ecs"),
    ("AmazonEC2ContainerRegistry_V20150921.", "ecr"),
    ("Logs_20140328.", "logs"),
];

/// The versions of the query services; `AssumeRoleWithWebIdentity` is sent without a signature.
const VERSIONS: [(&str, &str); 2] = [("2011-06-15", "sts"), ("2010-05-08", "iam")];

/// Tells the service by the scope of the signature, else by `X-Amz-Target`, else by the version of the query protocol.
pub(super) fn of(request: &Request) -> Option<String> {
    signed(request).or_else(|| targeted(request)).or_else(|| versioned(request))
}

/// Reads `Credential=ID/date/region/service/aws4_request` in the header or in a presigned address.
fn signed(request: &Request) -> Option<String> {
    let scope = match request.header("authorization").and_then(|header| header.split_once("Credential=")) {
        Some((_, rest)) => rest.split([',', ' ']).next()?.to_owned(),
        None => request.query_value("X-Amz-Credential")?,
    };
    scope.rsplit('/').nth(1).map(str::to_owned)
}

fn targeted(request: &Request) -> Option<String> {
    let target = request.header("x-amz-target")?;
    TARGETS.iter().find(|(prefix, _)| target.starts_with(prefix)).map(|(_, service)| (*service).to_owned())
}

fn versioned(request: &Request) -> Option<String> {
    let (_, version) = url::form_urlencoded::parse(&request.body).find(|(name, _)| name == "Version")?;
    VERSIONS.iter().find(|(known, _)| version == *known).map(|(_, service)| (*service).to_owned())
}
