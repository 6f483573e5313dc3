//! The files a runner gives to a step.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

/// Variable and file name of each file a step may append to.
const COMMAND_FILES: [(&str, &str); 5] = [
    ("GITHUB_OUTPUT", "output"),
    ("GITHUB_STEP_SUMMARY", "summary"),
    ("GITHUB_ENV", "env"),
    ("GITHUB_PATH", "path"),
    ("GITHUB_STATE", "state"),
];

#[derive(Debug)]
pub(super) struct RunnerFiles {
    directory: TempDir,
    workspace: PathBuf,
}

impl RunnerFiles {
    pub(super) fn create() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("testkit-runner-")
            .tempdir()
            .expect("a temporary directory for the fake runner can be made");
        let workspace = directory.path().join("workspace");
        let files = Self { directory, workspace };
        for name in ["workspace", "temp", "home", "tool-cache", "tmp"] {
            fs::create_dir(files.path(name)).expect("the fake runner's folders can be made");
        }
        files.write_event(&Value::Object(serde_json::Map::new()));
        files.empty();
        files
    }

    pub(super) fn root(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn workspace(&self) -> &Path {
        &self.workspace
    }

    pub(super) fn home(&self) -> PathBuf {
        self.path("home")
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.path("tmp")
    }

    pub(super) fn event(&self) -> PathBuf {
        self.path("event.json")
    }

    pub(super) fn write_event(&self, payload: &Value) {
        fs::write(self.event(), payload.to_string()).expect("the event file can be written");
    }

    pub(super) fn write_workspace(&self, path: &str, content: &[u8]) {
        let path = self.workspace.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("the folder of a workspace file can be made");
        }
        fs::write(path, content).expect("a workspace file can be written");
    }

    /// Makes all command files empty, as they are at the start of a step.
    pub(super) fn empty(&self) {
        for (_, name) in COMMAND_FILES {
            fs::write(self.path(name), "").expect("a command file can be emptied");
        }
    }

    /// Reads a command file; a step may have removed it, which counts as empty.
    pub(super) fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.path(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(super) fn variables(&self) -> BTreeMap<String, String> {
        let folders = [
            ("GITHUB_WORKSPACE", "workspace"),
            ("RUNNER_TEMP", "temp"),
            ("RUNNER_TOOL_CACHE", "tool-cache"),
            ("GITHUB_EVENT_PATH", "event.json"),
        ];
        COMMAND_FILES
            .into_iter()
            .chain(folders)
            .map(|(variable, name)| (variable.to_owned(), self.path(name).display().to_string()))
            .collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
