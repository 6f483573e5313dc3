use actions_core::{ActionError as _, ExitCode};
use http::HeaderMap;
use miette::Diagnostic as _;

use super::*;
use crate::call::Permission;

fn error(status: u16, message: &str, seen: bool) -> GitHubError {
    let call = Call::new("create the tag `v1`", http::Method::POST, Vec::new(), Permission::WriteContents);
    let body = serde_json::json!({ "message": message }).to_string();
    let answer = Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body };
    explain(&call, &answer, "acme/shop", seen, 0)
}

#[test]
fn a_missing_permission_is_named_with_the_lines_to_paste() {
    let error = error(403, "Resource not accessible by integration", true);
    assert_eq!(error.to_string(), "cannot create the tag `v1`: the token has no permission for it");
    assert!(error.help().unwrap().to_string().contains("permissions:\n  contents: write"));
    assert_eq!(error.why().unwrap(), "GitHub says: Resource not accessible by integration");
    assert_eq!(error.exit_code(), ExitCode::Failed);
    assert_eq!(error.code().unwrap().to_string(), "github/forbidden");
}

#[test]
fn other_reasons_for_a_403_have_advice_of_their_own() {
    let help = |message: &str| error(403, message, true).help().unwrap().to_string();
    assert!(help("Resource protected by organization SAML enforcement.").contains("single sign-on"));
    assert!(help("Repository was archived so is read-only.").contains("unarchive"));
    assert!(help("Resource not accessible by personal access token").contains("personal access token"));
}

#[track_caller]
fn check(status: u16, message: &str, seen: bool, code: &str) {
    assert_eq!(error(status, message, seen).code().unwrap().to_string(), code, "{status} {message}");
}

#[test]
fn the_two_kinds_of_not_found_are_told_apart() {
    check(404, "Not Found", true, "github/not-found");
    check(404, "Not Found", false, "github/repository-not-found");
    let unseen = error(404, "Not Found", false);
    assert!(unseen.to_string().contains("repository `acme/shop` was not found, or the token may not see it"));
}

#[test]
fn rules_validation_and_server_errors_are_told_apart() {
    let rule = "Repository rule violations found\n\nCannot create ref due to creations being restricted.";
    check(422, rule, true, "github/rule-violation");
    check(422, "Object does not exist", true, "github/invalid");
    check(401, "Bad credentials", false, "github/unauthorized");
    check(502, "oops", true, "github/server");
    check(429, "slow down", true, "github/rate-limited");
    assert_eq!(error(502, "oops", true).status(), Some(502));
}
