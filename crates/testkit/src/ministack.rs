//! The AWS emulator `ministack` as a child process that keeps to loopback and leaves nothing behind.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::{Leash, ProcessError, free_port};
use crate::tools::Tools;

/// How long the emulator may take to start; it needs about two seconds on an idle machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often the port is tried anew when another process took it first.
const ATTEMPTS: usize = 3;

/// Runs the emulator with its ECS requests one after the other.
const ONE_AT_A_TIME: &str = include_str!("ministack/one_at_a_time.py");

/// Variables of our own environment the emulator may see.
const PASSED_ON: [&str; 4] = ["PATH", "LANG", "LC_ALL", "DOCKER_CERT_PATH"];

/// Why the emulator does not run.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum MinistackError {
    /// Its files could not be made.
    #[error("cannot write `{}`", path.display())]
    #[diagnostic(code(ministack::files), help("make the folder writable"))]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its process could not be started.
    #[error("the AWS emulator could not be started")]
    #[diagnostic(code(ministack::process), help("remove the tool folder, so that it is installed anew"))]
    Process {
        /// What went wrong.
        #[from]
        source: ProcessError,
    },
    /// It ended or never answered.
    #[error("the AWS emulator did not start: {reason}")]
    #[diagnostic(code(ministack::not_ready), help("read its log, `{}`", log.display()))]
    NotReady {
        /// Its last words, or how long it was waited for.
        reason: String,
        /// Its log.
        log: PathBuf,
    },
}

/// A running emulator with empty state. Dropping it ends it with everything it started.
#[derive(Debug)]
pub struct Ministack {
    // Declared first: the process must end before its folder goes.
    leash: Leash,
    port: u16,
    log: PathBuf,
    folder: TempDir,
}

/// Sets how the emulator runs.
#[derive(Debug)]
pub struct MinistackBuilder {
    python: PathBuf,
    docker_host: Option<String>,
    log: Option<PathBuf>,
    env: Vec<(String, String)>,
}

impl Ministack {
    /// Starts the emulator on a free loopback port, without Docker, and waits until it is ready.
    pub fn start(tools: &Tools) -> Result<Self, MinistackError> {
        Self::builder(tools).start()
    }

    /// Sets how it runs first.
    pub fn builder(tools: &Tools) -> MinistackBuilder {
        MinistackBuilder { python: tools.python(), docker_host: None, log: None, env: Vec::new() }
    }

    /// Returns its address, for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the variables that lead an AWS client here, with dummy credentials.
    pub fn env(&self) -> Vec<(String, String)> {
        crate::aws::env(&self.endpoint())
    }

    /// Returns the file its output goes to. It is gone with the emulator unless it was chosen.
    pub fn log_file(&self) -> &Path {
        &self.log
    }

    /// Ends the emulator; dropping it does the same without telling of errors.
    pub fn stop(mut self) -> Result<(), MinistackError> {
        Ok(self.leash.stop()?)
    }
}

impl MinistackBuilder {
    /// Lets the emulator start real containers through this daemon. It removes containers that carry its own labels when it
    /// starts and ends, so two emulators should not share a daemon.
    #[must_use]
    pub fn docker_host(mut self, address: impl Into<String>) -> Self {
        self.docker_host = Some(address.into());
        self
    }

    /// Writes the output to this file.
    #[must_use]
    pub fn log_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.log = Some(path.into());
        self
    }

    /// Sets a variable of the emulator, such as `MINISTACK_REGION`.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Starts the emulator and waits until it is ready.
    pub fn start(self) -> Result<Ministack, MinistackError> {
        let mut attempt = 1;
        loop {
            match self.try_start() {
                Err(MinistackError::NotReady { reason, .. })
                    if attempt < ATTEMPTS && reason.contains("already in use") =>
                {
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    fn try_start(&self) -> Result<Ministack, MinistackError> {
        let files = |path: &Path, source| MinistackError::Files { path: path.to_owned(), source };
        let folder = tempfile::Builder::new()
            .prefix("ministack-")
            .tempdir()
            .map_err(|source| files(&std::env::temp_dir(), source))?;
        let log = self.log.clone().unwrap_or_else(|| folder.path().join("ministack.log"));
        let port = free_port()?;
        let mut command = self.command(folder.path(), port);
        let output = File::create(&log).and_then(|out| Ok((out.try_clone()?, out)));
        let (out, error) = output.map_err(|source| files(&log, source))?;
        command.stdout(out).stderr(error);
        let mut ministack = Ministack { leash: Leash::spawn(command)?, port, log, folder };
        let ready = ministack.wait_until_ready();
        // The log of a failed start is worth more than a tidy temporary folder.
        ministack.folder.disable_cleanup(ready.is_err());
        ready.map(|()| ministack)
    }

    fn command(&self, folder: &Path, port: u16) -> Command {
        let mut command = Leash::command(&self.python, &self.python);
        // A container that it started may call back while a request waits for Docker: there they must not wait for each other.
        let program = if self.docker_host.is_some() { ["-m", "ministack"] } else { ["-c", ONE_AT_A_TIME] };
        command.args(program).current_dir(folder).env_clear();
        for name in PASSED_ON {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        // Without a daemon of our own the default socket would be used, and containers on it removed.
        let no_docker = || format!("unix://{}/no-docker.sock", folder.display());
        command
            .envs([
                ("BIND_HOST", "127.0.0.1"),
                ("MINISTACK_HOST", "127.0.0.1"),
                ("MINISTACK_REGION", "eu-west-1"),
                ("IOT_MTLS_ENABLED", "0"),
                ("SFTP_ENABLED", "0"),
                ("PERSIST_STATE", "0"),
                ("S3_PERSIST", "0"),
                ("PYTHONDONTWRITEBYTECODE", "1"),
                ("PYTHONUNBUFFERED", "1"),
            ])
            .env("GATEWAY_PORT", port.to_string())
            .env("DOCKER_HOST", self.docker_host.clone().unwrap_or_else(no_docker));
        for name in ["HOME", "TMPDIR", "STATE_DIR", "S3_DATA_DIR"] {
            command.env(name, folder);
        }
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command
    }
}

impl Ministack {
    fn wait_until_ready(&mut self) -> Result<(), MinistackError> {
        let deadline = Instant::now() + PATIENCE;
        let address = format!("{}/_ministack/ready", self.endpoint());
        loop {
            if crate::http::get(&address).is_ok_and(|reply| reply.is_success()) {
                return Ok(());
            }
            if self.leash.try_wait()?.is_some() {
                return Err(self.not_ready(last_line(&self.log)));
            }
            if Instant::now() >= deadline {
                let reason = format!("no answer within {} seconds", PATIENCE.as_secs());
                return Err(self.not_ready(reason));
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    fn not_ready(&self, reason: String) -> MinistackError {
        MinistackError::NotReady { reason, log: self.log.clone() }
    }
}

/// Returns the line of a Python log that says most: the one naming an error, else the last one.
fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let telling = lines.iter().find(|line| line.starts_with("ERROR")).or(lines.last());
    telling.map_or_else(|| "it ended without a word".to_owned(), |line| (*line).to_owned())
}

#[cfg(test)]
mod tests;
