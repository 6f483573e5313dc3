use std::process::Command;

use super::{Ministack, last_line};
use crate::tools::{Tools, ToolsError};

#[test]
fn serves_the_aws_command_line_and_ends_with_its_owner() {
    let tools = match Tools::locate() {
        Ok(tools) => tools,
        Err(error @ (ToolsError::Program { .. } | ToolsError::Install { .. })) => {
            eprintln!("SKIPPED ministack: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let ministack = Ministack::start(&tools).expect("the emulator starts");
    let output = Command::new(tools.aws())
        .args(["ecr", "create-repository", "--repository-name", "shop", "--output", "json"])
        .env_clear()
        .envs(ministack.env())
        .output()
        .expect("the AWS command line runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("eu-west-1"), "{output:?}");

    let listeners = sockets_of(ministack.port());
    assert!(listeners.iter().all(|address| address.starts_with("0100007F:")), "{listeners:?}");
    let endpoint = ministack.endpoint();
    let log = ministack.log_file().to_owned();
    assert!(log.exists());
    drop(ministack);
    assert!(crate::http::get(&endpoint).is_err(), "the emulator still answers");
    assert!(!log.exists());
}

/// Returns the local addresses, in the kernel's notation, that listen on a port.
fn sockets_of(port: u16) -> Vec<String> {
    let suffix = format!(":{port:04X}");
    let table = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let lines = table.iter().flat_map(|table| table.lines().skip(1));
    lines
        .filter_map(|line| {
            let mut columns = line.split_whitespace().skip(1);
            let (local, state) = (columns.next()?, columns.nth(1)?);
            (state == "0A" && local.ends_with(&suffix)).then(|| local.to_owned())
        })
        .collect()
}

#[test]
fn a_failed_start_is_explained_by_the_log() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("log");
    std::fs::write(&log, "ERROR: 127.0.0.1:1 is already in use.\n  Stop it\n").expect("the log is written");
    assert!(last_line(&log).contains("already in use"));
    std::fs::write(&log, "Traceback\nModuleNotFoundError: no\n\n").expect("the log is written");
    assert_eq!(last_line(&log), "ModuleNotFoundError: no");
}
