use super::*;

#[test]
fn secrets_beyond_what_can_be_searched_for_end_the_run() {
    // It takes gigabytes of secrets to bring it about.
    let error =
        Error::from(PlanError::TooManySecrets { path: "plan.json".to_owned(), reason: "too many patterns".to_owned() });
    assert_eq!(miette::Diagnostic::code(&error).unwrap().to_string(), "terraform-plan-comment/too-many-secrets");
    assert_eq!((error.exit_code(), error.why().as_deref()), (ExitCode::Failed, Some("too many patterns")));
}
