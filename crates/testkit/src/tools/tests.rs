use std::fs;

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

#[test]
fn installs_once_and_again_when_the_list_changes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let marker = install::bin_dir(folder.path()).join("marker");
    install::python(folder.path(), "# nothing\n").expect("an empty list installs");
    assert!(install::bin_dir(folder.path()).join("pip").exists());
    fs::write(&marker, "").expect("the environment is writable");
    install::python(folder.path(), "# nothing\n").expect("nothing is left to do");
    assert!(marker.exists(), "an unchanged list must not install again");

    let error = install::python(folder.path(), "broken requirement !\n").expect_err("the list is broken");
    assert!(!marker.exists(), "a changed list installs anew");
    let ToolsError::Install { step, reason, .. } = &error else {
        panic!("unexpected error: {error:?}");
    };
    assert_eq!(*step, "pip install");
    assert!(reason.to_lowercase().contains("requirement"), "{reason}");
    install::python(folder.path(), "broken requirement !\n").expect_err("a failed installation is tried again");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("the folder is writable");
    let error = install::python(&file.join("tools"), "").expect_err("a file has no folders");
    assert!(matches!(error, ToolsError::Folder { .. }), "{error:?}");
}
