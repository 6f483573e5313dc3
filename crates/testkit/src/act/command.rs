//! The command line, the environment and the files of a run.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::error::files;
use super::{ActError, ActRun};
use crate::process::Leash;
use crate::tools::Tools;

/// Labels of hosted runners that run on this machine instead.
const LABELS: [&str; 6] =
    ["ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "ubuntu-24.04-arm", "ubuntu-22.04-arm", "self-hosted"];

/// Variables of our own environment the steps may see: act passes its whole environment on to them.
const PASSED_ON: [&str; 5] = ["LANG", "LC_ALL", "TERM", "TZ", "USER"];

/// The private files of a run; they go with it.
pub(super) struct RunFiles {
    folder: TempDir,
    home: PathBuf,
}

impl RunFiles {
    pub(super) fn create(run: &ActRun) -> Result<Self, ActError> {
        if !run.checkout.is_dir() {
            return Err(ActError::Checkout { path: run.checkout.clone() });
        }
        let folder =
            tempfile::Builder::new().prefix("act-").tempdir().map_err(|source| files(&std::env::temp_dir(), source))?;
        let home = run.home.clone().unwrap_or_else(|| folder.path().join("home"));
        let home = std::path::absolute(&home).map_err(|source| files(&home, source))?;
        let config = home.join(".config").join("act");
        fs::create_dir_all(&config).map_err(|source| files(&config, source))?;
        // Without this file act asks a question on its first run.
        let actrc = config.join("actrc");
        fs::write(&actrc, "").map_err(|source| files(&actrc, source))?;
        let own = Self { folder, home };
        for (name, values) in [
            ("env", &run.values.env),
            ("secrets", &run.values.secrets),
            ("vars", &run.values.vars),
            ("inputs", &run.values.inputs),
        ] {
            own.write(name, values)?;
        }
        Ok(own)
    }

    /// Writes values as JSON under a YAML name: act reads it as YAML, where no value needs an escape of its own.
    fn write(&self, name: &str, values: &BTreeMap<String, String>) -> Result<(), ActError> {
        let path = self.path(name);
        let content: serde_json::Map<String, serde_json::Value> =
            values.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            write!(file, "{}", serde_json::Value::Object(content))
        };
        write().map_err(|source| files(&path, source))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.yml"))
    }
}

pub(super) fn build(run: &ActRun, tools: &Tools, own: &RunFiles) -> Result<Command, ActError> {
    let mut command = Leash::command(&tools.python(), tools.act());
    command.arg(&run.event_name);
    for label in LABELS {
        command.args(["-P", &format!("{label}=-self-hosted")]);
    }
    command.args([
        "--json",
        "--pull=false",
        "--action-offline-mode",
        "--no-cache-server",
        "--artifact-server-addr",
        "127.0.0.1",
    ]);
    // Named even when empty: act would read `.env`, `.secrets`, `.vars` and `.input` of the checkout otherwise.
    for (flag, name) in
        [("--env-file", "env"), ("--secret-file", "secrets"), ("--var-file", "vars"), ("--input-file", "inputs")]
    {
        command.arg(flag).arg(own.path(name));
    }
    if let Some(workflow) = &run.workflow {
        command.arg("--workflows").arg(workflow);
    }
    if let Some(job) = &run.job {
        command.args(["--job", job]);
    }
    if let Some(event) = &run.event_file {
        command.arg("--eventpath").arg(absolute(event)?);
    }
    for (reference, folder) in &run.local_repositories {
        let folder = absolute(folder)?;
        command.arg("--local-repository").arg(format!("{reference}={}", folder.display()));
    }
    environment(run, own, &mut command)?;
    Ok(command)
}

fn environment(run: &ActRun, own: &RunFiles, command: &mut Command) -> Result<(), ActError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = run.path_prefix.iter().cloned().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).map_err(|source| ActError::Path { source })?;
    command.current_dir(&run.checkout).env_clear();
    for name in PASSED_ON {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("PATH", path)
        .env("HOME", &own.home)
        .env("TMPDIR", own.folder.path())
        // act asks DNS for newer versions of itself otherwise.
        .env("ACT_DISABLE_VERSION_CHECK", "1");
    Ok(())
}

fn absolute(path: &Path) -> Result<PathBuf, ActError> {
    std::path::absolute(path).map_err(|source| files(path, source))
}
