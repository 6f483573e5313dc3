//! A workflow's own shell, taken out of its YAML and run as GitHub runs it, with programs that play GitHub's.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::TempDir;
use testkit::{FakeRunner, RunOutput};

use super::files::{File, workflow};

/// Runs the step `name` of a workflow.
pub(crate) fn run(file: &str, name: &str, runner: &FakeRunner) -> RunOutput {
    run_of(&workflow(file), name, runner)
}

/// Runs the step `name` of a workflow or an action.
pub(crate) fn run_of(file: &File, name: &str, runner: &FakeRunner) -> RunOutput {
    let script = file.step(name)["run"].as_str().expect("the step runs something").to_owned();
    fs::write(runner.workspace().join(".step.sh"), script).expect("the folder is ours");
    runner.run("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", ".step.sh"])
}

/// Programs in front of `PATH`, and what they write down beside themselves.
pub(crate) struct Shims(TempDir);

impl Shims {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn add(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::write(&path, text).expect("the folder is ours");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// `PATH` with these programs in front.
    pub(crate) fn search_path(&self) -> String {
        format!("{}:{}", self.path().display(), std::env::var("PATH").expect("PATH is set"))
    }

    /// What a program wrote down; empty when it wrote nothing.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }
}
