//! What keeps a rehearsal without mistakes from running, and a signal.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use testkit::FakeRunner;
use testkit::tools::{TOOLS_DIR, Tools};

use crate::Example;

const PROGRAM: &str = env!("CARGO_BIN_EXE_slipway-rehearse");

/// A shell in which the example can be rehearsed with these tools, and the arguments that do it.
fn shell(example: &Example, tools: &Path) -> (FakeRunner, Vec<String>) {
    let flag = |name: &str, path: &Path| [format!("--{name}"), path.display().to_string()];
    let shell = FakeRunner::plain_shell().env(TOOLS_DIR, tools.display().to_string());
    let output = shell.workspace().join("rehearsal");
    let arguments = [flag("repo", &example.path()), flag("output", &output), flag("bin-dir", Path::new("/"))].concat();
    (shell, [arguments, vec!["--no-docker".to_owned()]].concat())
}

#[track_caller]
fn assert_fails(shell: &FakeRunner, arguments: &[String], code: &str) {
    let output = shell.run(PROGRAM, arguments);
    output.assert_code(1);
    assert!(output.stderr.contains(&format!("rehearsal/{code}: ")), "{}", output.stderr);
}

/// The installed tools, as links, with another program in the place of one.
fn tools_with(name: &str, script: &str) -> tempfile::TempDir {
    let real = Tools::locate().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let link_all = |from: &Path, to: &Path, but: &str| {
        for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.file_name() != *but) {
            symlink(entry.path(), to.join(entry.file_name())).unwrap();
        }
    };
    let folder = real.bin_dir();
    let (bin, venv) = (copy.path().join("venv/bin"), folder.parent().unwrap());
    std::fs::create_dir_all(&bin).unwrap();
    link_all(real.directory(), copy.path(), "venv");
    link_all(venv, &copy.path().join("venv"), "bin");
    link_all(&folder, &bin, name);
    std::fs::write(bin.join(name), script).unwrap();
    std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    copy
}

#[test]
fn an_output_folder_that_cannot_be_made() {
    let example = Example::new();
    let (shell, arguments) = shell(&example, Path::new("/nowhere"));
    let arguments: Vec<String> = arguments
        .into_iter()
        .map(|word| if word.ends_with("/rehearsal") { "/dev/null/x".to_owned() } else { word })
        .collect();
    assert_fails(&shell, &arguments, "file");
}

#[test]
fn tools_that_cannot_be_installed() {
    let example = Example::new();
    let (shell, arguments) = shell(&example, Path::new("/dev/null/tools"));
    assert_fails(&shell, &arguments, "no-tools");
}

#[test]
fn a_command_that_fails() {
    let example = Example::new();
    let real = Tools::locate().unwrap();
    let (shell, arguments) = shell(&example, real.directory());
    let shell = shell.file(
        "bin/git",
        "#!/bin/sh\nfor word; do [ \"$word\" = clone ] && exit 9; done\nPATH=${PATH#*:} exec git \"$@\"\n",
    );
    let folder = shell.workspace().join("bin");
    std::fs::set_permissions(folder.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let shell = shell.env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
    assert_fails(&shell, &arguments, "command-failed");
}

#[test]
fn an_emulator_that_does_not_start() {
    let example = Example::new();
    let tools = tools_with("python", "#!/bin/sh\necho no emulator today >&2\nexit 1\n");
    let (shell, arguments) = shell(&example, tools.path());
    assert_fails(&shell, &arguments, "no-server");
}

#[test]
fn a_rehearsal_that_is_cancelled() {
    let example = Example::new();
    let (shell, arguments) = shell(&example, Tools::locate().unwrap().directory());
    let mut running = shell.spawn(PROGRAM, &arguments);
    running.wait_for_output("✓ tools");
    running.interrupt();
    let output = running.finish();
    output.assert_code(130);
    assert!(output.stderr.contains("rehearsal/cancelled: "), "{}", output.stderr);
}
