use super::*;

#[tokio::test]
async fn a_task_that_ends_early_is_a_bug() {
    let task = tokio::spawn(std::future::pending::<()>());
    task.abort();
    let error = Error::Stopped { what: "reading the archive", source: task.await.unwrap_err() };
    assert_eq!(miette::Diagnostic::code(&error).unwrap().to_string(), "ecr-push/stopped");
    assert_eq!(error.exit_code(), ExitCode::Internal);
}
