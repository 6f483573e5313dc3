//! The validating proxy `prism` between a client and the GitHub stand-in: a second judge of both, which shares neither code nor
//! schema validator with ours. It reads GitHub's whole OpenAPI document, which takes it some seconds.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::{Leash, ProcessError, free_port};
use crate::tools::{ToolsError, locate_openapi_document, locate_prism};

/// How long reading the document may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Why there is no proxy.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum PrismError {
    /// npm could not provide it, or not the document.
    #[error("prism is not there: {source}")]
    #[diagnostic(code(prism::tools), help("install Node.js with npm and make its registry reachable"))]
    Tools {
        /// What went wrong.
        #[from]
        source: ToolsError,
    },
    /// Its process could not be started.
    #[error("prism could not be started: {source}")]
    #[diagnostic(code(prism::process), help("install Node.js and Python 3"))]
    Process {
        /// What went wrong.
        #[from]
        source: ProcessError,
    },
    /// Its log could not be made.
    #[error("prism's log cannot be written: {source}")]
    #[diagnostic(code(prism::log), help("make the folder for temporary files writable"))]
    Log {
        /// What the system said.
        #[from]
        source: std::io::Error,
    },
    /// It ended or never listened.
    #[error("prism did not start: {reason}")]
    #[diagnostic(code(prism::not_ready), help("remove the folder `prism` of the tools, so that it is installed anew"))]
    NotReady {
        /// Its last words, or how long it was waited for.
        reason: String,
    },
}

/// A running proxy. Dropping it ends it.
#[derive(Debug)]
pub struct Prism {
    // Declared first: the process must end before its folder goes.
    leash: Leash,
    port: u16,
    log: PathBuf,
    _folder: TempDir,
}

impl Prism {
    /// Starts a proxy in front of `upstream`, with GitHub's document. Every violation becomes an error to the client.
    pub fn start(upstream: &str) -> Result<Self, PrismError> {
        let document = locate_openapi_document()?;
        let program = locate_prism()?;
        let folder = tempfile::Builder::new().prefix("prism-").tempdir()?;
        let log = folder.path().join("prism.log");
        let out = File::create(&log)?;
        let error = out.try_clone()?;
        let port = free_port()?;
        let mut command = Leash::command(Path::new("python3"), "node");
        command.arg(program).args(["proxy", "--errors", "--host", "127.0.0.1", "--port", &port.to_string()]);
        command.arg(document).arg(upstream).current_dir(folder.path()).env("NO_COLOR", "1").stdout(out).stderr(error);
        let mut prism = Self { leash: Leash::spawn(command)?, port, log, _folder: folder };
        prism.wait_until_ready()?;
        Ok(prism)
    }

    /// Returns its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns how many requests it passed on.
    pub fn passed_on(&self) -> usize {
        self.text().lines().filter(|line| line.contains("Forwarding ")).count()
    }

    /// Returns what it found wrong so far.
    pub fn violations(&self) -> Vec<String> {
        let text = self.text();
        let (_, since) = text.split_once(READY).unwrap_or_default();
        since.lines().filter(|line| !line.trim().is_empty() && !is_harmless(line)).map(str::to_owned).collect()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn wait_until_ready(&mut self) -> Result<(), PrismError> {
        let deadline = Instant::now() + PATIENCE;
        while !self.text().contains(READY) {
            if self.leash.try_wait()?.is_some() {
                let text = self.text();
                let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it ended without a word");
                return Err(PrismError::NotReady { reason: last.trim().to_owned() });
            }
            if Instant::now() >= deadline {
                let reason = format!("it does not listen after {} seconds", PATIENCE.as_secs());
                return Err(PrismError::NotReady { reason });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

/// What it says last before it answers.
const READY: &str = "Prism is listening";

/// Whether a line of the log only tells what happens.
fn is_harmless(line: &str) -> bool {
    line.contains(" info ") || line.trim_start().starts_with("on http://")
}
