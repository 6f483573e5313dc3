use miette::Diagnostic;

use super::*;

fn denied(message: &str, resource: Option<&str>) -> ApiError {
    ApiError {
        service: "s3".into(),
        operation: "ListObjectsV2".into(),
        code: Some("AccessDenied".into()),
        message: message.into(),
        resource: resource.map(str::to_owned),
        kind: ApiErrorKind::AccessDenied,
        request_id: None,
    }
}

#[test]
fn access_denied_names_the_iam_action_and_a_statement_to_paste() {
    let error = denied("Access Denied", Some("arn:aws:s3:::site"));
    assert_eq!(error.to_string(), "access denied: `s3:ListBucket` on `arn:aws:s3:::site` is not allowed");
    assert_eq!(
        error.help().unwrap().to_string(),
        "add this statement to the role's policy:\n{\"Effect\": \"Allow\", \"Action\": \"s3:ListBucket\", \"Resource\": \"arn:aws:s3:::site\"}"
    );
}

#[test]
fn the_action_the_service_names_wins() {
    let message = "User: arn:aws:sts::1:assumed-role/x is not authorized to perform: iam:PassRole on resource: \
                   arn:aws:iam::1:role/task because no identity-based policy allows it";
    let error = denied(message, None);
    assert_eq!(error.iam_action(), "iam:PassRole");
    assert_eq!(
        error.policy_statement(),
        r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::1:role/task"}"#
    );
}

#[test]
fn a_statement_to_paste_allows_the_next_run_too() {
    let told = |own: Option<&str>, named: &str| {
        let message = format!(
            "User: x is not authorized to perform: ecs:RunTask on resource: {named} because no policy allows it"
        );
        let error = ApiError { service: "ecs".into(), operation: "RunTask".into(), ..denied(&message, own) };
        let statement = error.policy_statement();
        statement.split("\"Resource\": ").nth(1).unwrap_or_default().trim_end_matches('}').to_owned()
    };
    let one = "arn:aws:ecs:eu-west-1:1:task-definition/shop:31";
    let every = "arn:aws:ecs:eu-west-1:1:task-definition/shop:*";
    assert_eq!(told(Some(every), one), format!("\"{every}\""), "the next run has another revision");
    assert_eq!(
        told(Some(&every.replace(":1:", ":*:")), one),
        format!("\"{every}\""),
        "the account is the one that is named"
    );
    let service = "arn:aws:ecs:eu-west-1:1:service/prod/web";
    assert_eq!(told(Some(every), service), format!("\"{service}\""), "another resource of the same call is missing");
    assert_eq!(told(Some(every), "*"), "\"*\"", "the action knows no resource");
    assert_eq!(told(None, one), format!("\"{one}\""));
}

#[test]
fn codes_map_to_kinds() {
    for (code, status, expected) in [
        ("ClusterNotFoundException", Some(400), ApiErrorKind::NotFound),
        ("NoSuchBucket", Some(404), ApiErrorKind::NotFound),
        ("ThrottlingException", Some(400), ApiErrorKind::Throttled),
        ("SlowDown", Some(503), ApiErrorKind::Throttled),
        ("ExpiredTokenException", Some(403), ApiErrorKind::Expired),
        ("UnrecognizedClientException", Some(400), ApiErrorKind::BadCredentials),
        ("RepositoryAlreadyExistsException", Some(400), ApiErrorKind::Conflict),
        ("InvalidParameterException", Some(400), ApiErrorKind::Invalid),
        ("", Some(403), ApiErrorKind::AccessDenied),
        ("ServerException", Some(500), ApiErrorKind::Service),
    ] {
        assert_eq!(code::of_code(code, status), expected, "{code}");
    }
}

#[test]
fn a_change_without_an_answer_leaves_the_state_unknown() {
    let timed_out = |operation: &str| ApiError {
        operation: operation.into(),
        kind: ApiErrorKind::TimedOut,
        ..denied("no answer", None)
    };
    assert_eq!(timed_out("UpdateService").exit_code(), ExitCode::TimedOut);
    assert_eq!(timed_out("DescribeServices").exit_code(), ExitCode::Failed);
}

#[test]
fn each_kind_has_its_code_and_its_exit_code() {
    for (kind, code, exit) in [
        (ApiErrorKind::AccessDenied, "aws/access-denied", 1),
        (ApiErrorKind::NotFound, "aws/not-found", 1),
        (ApiErrorKind::Throttled, "aws/throttled", 1),
        (ApiErrorKind::Expired, "aws/credentials-expired", 2),
        (ApiErrorKind::BadCredentials, "aws/bad-credentials", 2),
        (ApiErrorKind::Conflict, "aws/conflict", 1),
        (ApiErrorKind::Invalid, "aws/invalid-request", 1),
        (ApiErrorKind::Unreachable, "aws/unreachable", 1),
        (ApiErrorKind::TimedOut, "aws/timed-out", 1),
        (ApiErrorKind::Service, "aws/service-error", 1),
    ] {
        let error = ApiError { kind, ..denied("words", None) };
        assert_eq!(Diagnostic::code(&error).unwrap().to_string(), code);
        assert_eq!(error.exit_code().number(), exit, "{code}");
        assert!(error.help().is_some_and(|help| !help.to_string().is_empty()), "{code}");
    }
}
