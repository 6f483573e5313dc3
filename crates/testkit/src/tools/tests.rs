use std::fs;
use std::path::{Path, PathBuf};

use super::{REQUIREMENTS, ToolsError, install};

const NPM_LOCK: &str = include_str!("../../../../tools/package-lock.json");

#[test]
fn every_package_is_pinned_by_version_and_hash() {
    let entries: Vec<&str> = REQUIREMENTS.lines().filter(|line| !line.starts_with([' ', '#'])).collect();
    assert!(entries.len() > 10, "the list is complete");
    for entry in entries {
        assert!(entry.contains("=="), "{entry} is not pinned");
    }
    let continued = REQUIREMENTS.lines().filter(|line| line.starts_with(' '));
    for line in continued {
        assert!(line.trim().starts_with("--hash=sha256:"), "{line} is no hash");
    }
}

#[test]
fn no_list_names_a_registry() {
    for text in [REQUIREMENTS, NPM_LOCK] {
        assert!(!text.contains("://"), "a list names a registry");
    }
}

/// Acts as the `venv` and `pip` modules do: making an environment takes seconds, which the tests of `act` spend once.
const PYTHON: &str = r#"#!/bin/sh
for last; do :; done
case "$*" in
  *"-m venv"*) echo venv >> "${0%/*}/calls"; rm -rf "$last"; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
  *"-m pip install"*) if grep -q broken "$last"; then echo "ERROR: Invalid requirement"; exit 1; fi ;;
esac
"#;

fn fake_python(folder: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("python3");
    fs::write(&path, PYTHON).expect("the folder is writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    path
}

#[test]
fn installs_once_and_again_when_the_list_changes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = fake_python(folder.path());
    let tools = folder.path().join("tools");
    let marker = install::bin_dir(&tools).join("marker");
    install::python(&tools, "# one\n", &python).expect("the list installs");
    fs::write(&marker, "").expect("the environment is writable");
    install::python(&tools, "# one\n", &python).expect("nothing is left to do");
    assert!(marker.exists(), "an unchanged list must not install again");
    install::python(&tools, "# two\n", &python).expect("the list installs");
    assert!(!marker.exists(), "a changed list installs anew");
}

#[test]
fn two_at_the_same_time_install_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = fake_python(folder.path());
    let tools = folder.path().join("tools");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| install::python(&tools, "# one\n", &python).expect("the list installs"));
        }
    });
    let calls = fs::read_to_string(folder.path().join("calls")).expect("the calls were written down");
    assert_eq!(calls, "venv\n");
}

#[test]
fn an_interrupted_installation_is_made_good() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = fake_python(folder.path());
    let tools = folder.path().join("tools");
    install::python(&tools, "# one\n", &python).expect("the list installs");
    fs::remove_dir_all(install::bin_dir(&tools)).expect("the environment is ours");
    install::python(&tools, "# one\n", &python).expect("the list installs");
    assert!(install::bin_dir(&tools).join("python").exists());
}

#[test]
fn a_failed_installation_is_explained_and_tried_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = fake_python(folder.path());
    for _ in 0..2 {
        let error = install::python(folder.path(), "broken !\n", &python).expect_err("the list is broken");
        let ToolsError::Install { step, reason, log, .. } = &error else {
            panic!("unexpected error: {error:?}");
        };
        assert_eq!((*step, reason.as_str()), ("pip install", "ERROR: Invalid requirement"));
        assert!(log.exists());
    }
}

#[test]
fn a_missing_python_is_explained() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let error = install::python(folder.path(), "", Path::new("python-that-is-not-here")).expect_err("no such program");
    let help = miette::Diagnostic::help(&error).map(|help| help.to_string());
    assert!(help.is_some_and(|help| help.contains("install Python")), "{error:?}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("the folder is writable");
    let error = install::python(&file.join("tools"), "", Path::new("python3")).expect_err("a file has no folders");
    assert!(matches!(error, ToolsError::Folder { .. }), "{error:?}");
}
