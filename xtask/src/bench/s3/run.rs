//! One measured run: its times, its memory, and how it ended.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::peer::Contender;

/// The script that starts the program, since only the process that waits for it is told what it cost.
const SCRIPT: &str = include_str!("run.py");

/// How long a run may take, in seconds.
const LIMIT: u32 = 300;

/// How much address space it may take, in bytes.
const SPACE: u64 = 8 << 30;

/// What a run cost.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Cost {
    /// The exit code; negative for a signal.
    pub(crate) code: i32,
    /// In seconds.
    pub(crate) wall: f64,
    pub(crate) user: f64,
    pub(crate) system: f64,
    /// The most resident memory, in MiB.
    pub(crate) peak: f64,
}

impl Cost {
    /// Processor time in seconds.
    pub(crate) fn processor(&self) -> f64 {
        self.user + self.system
    }
}

/// Runs a program with an environment of its own; what it says goes to `log`.
pub(crate) fn timed(contender: &Contender, log: &Path) -> Result<Cost, String> {
    let mut command = Command::new("python3");
    command.args(["-I", "-S", "-c", SCRIPT, &LIMIT.to_string(), &SPACE.to_string()]).arg(log);
    command.arg(&contender.program).args(&contender.arguments);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs(contender.env.iter().map(|(name, value)| (name, value)));
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("python3 cannot be run: {error}"))?;
    let words = || String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).map_err(|error| format!("a run was not measured: {error}: {}", words()))
}
