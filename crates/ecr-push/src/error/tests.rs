use super::*;

#[tokio::test]
async fn a_task_that_ends_early_is_a_bug() {
    let task = tokio::spawn(std::future::pending::<()>());
    task.abort();
    let error = Error::Stopped { what: "reading the archive", source: task.await.unwrap_err() };
    assert_eq!(miette::Diagnostic::code(&error).unwrap().to_string(), "ecr-push/stopped");
    assert_eq!(error.exit_code(), ExitCode::Internal);
}

#[test]
fn only_a_write_that_was_never_answered_leaves_open_whether_it_was_done() {
    let stalled = |writes| {
        let after = std::time::Duration::from_mins(2);
        Error::Registry(oci_registry::Error::Stalled { registry: "registry".to_owned(), after, writes })
    };
    assert_eq!(stalled(true).exit_code(), ExitCode::TimedOut);
    assert_eq!(stalled(false).exit_code(), ExitCode::Failed);
}
