use super::*;

/// The code, the exit code and the reason of an error.
#[track_caller]
fn check(error: &Error, code: &str, exit: ExitCode, why: Option<&str>) {
    assert_eq!(miette::Diagnostic::code(error).unwrap().to_string(), code);
    assert_eq!((error.exit_code(), error.why().as_deref()), (exit, why), "{code}");
}

#[test]
fn a_machine_that_does_not_play_along_is_told_with_its_own_words() {
    let command = Error::Command { command: "terraform init".to_owned(), output: "no plugins".to_owned() };
    check(&command, "rehearsal/command-failed", ExitCode::Failed, Some("no plugins"));
    let full = || std::io::Error::other("no space left on device");
    let file = Error::file(std::path::Path::new("target/rehearsal"))(full());
    check(&file, "rehearsal/file", ExitCode::Failed, Some("no space left on device"));
    let tools = testkit::tools::ToolsError::Folder { path: ".tools".into(), source: full() };
    let why = "cannot write the tool folder `.tools`: no space left on device";
    check(&Error::Tools(tools), "rehearsal/no-tools", ExitCode::Failed, Some(why));
    let server = Error::Server { what: "the emulator", reason: "the port is taken".to_owned() };
    check(&server, "rehearsal/no-server", ExitCode::Failed, Some("the port is taken"));
    let runner = Error::Runner { reason: "act is not executable".to_owned() };
    check(&runner, "rehearsal/no-runner", ExitCode::Failed, Some("act is not executable"));
    check(&Error::Cancelled, "rehearsal/cancelled", ExitCode::Cancelled, None);
}
