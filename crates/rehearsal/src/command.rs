//! Running the commands a rehearsal needs: git, Terraform, the AWS CLI.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::Error;

/// The last lines of output that an error shows.
const LAST_LINES: usize = 15;

/// A command with a clean environment where it matters, run to its end.
#[derive(Debug)]
pub(crate) struct Tool(Command);

impl Tool {
    /// The program `program`, in `folder`. AWS settings of this machine do not reach it.
    pub(crate) fn new(program: impl AsRef<OsStr>, folder: &Path) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("AWS_") || text.starts_with("GIT_") || text.starts_with("TF_") {
                command.env_remove(&name);
            }
        }
        Self(command)
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Adds environment variables.
    pub(crate) fn envs(mut self, variables: &[(String, String)]) -> Self {
        self.0.envs(variables.iter().map(|(name, value)| (name, value)));
        self
    }

    /// Runs it; its standard output without white space at the ends.
    pub(crate) fn output(mut self) -> Result<String, Error> {
        // The arguments only: the environment may hold credentials.
        let words = std::iter::once(self.0.get_program()).chain(self.0.get_args());
        let shown = words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ");
        let output =
            self.0.output().map_err(|error| Error::Command { command: shown.clone(), output: error.to_string() })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
        Err(Error::Command { command: shown, output: last })
    }

    /// Runs it; its standard output as JSON, `null` where it is none.
    pub(crate) fn json(self) -> Result<serde_json::Value, Error> {
        Ok(serde_json::from_str(&self.output()?).unwrap_or_default())
    }
}

/// The program `name` on `PATH`.
pub(crate) fn find(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
