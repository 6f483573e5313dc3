//! Running programs: arguments as data, no shell, output into the log.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use actions_core::Session;
use process_family::Family;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};

use crate::error::{BuilderError, Error};

/// How long a program that is only asked something may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The lines of output that an error shows.
const SHOWN_LINES: usize = 20;

/// The lines of output that are kept: the last ones hold the answer or the complaint.
const KEPT_LINES: usize = 1000;

/// So much of a step is shown.
const LONGEST_STEP: usize = 100;

/// The longest line in bytes; a longer one is split.
const LONGEST_LINE: u64 = 64 * 1024;

/// What stands in a plan's command line for the folder that is made when it is carried out.
pub(crate) const WORK: &str = "{work}";

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Invocation {
    pub(crate) program: String,
    pub(crate) args: Vec<String>,
}

impl Invocation {
    /// A command line of `program` with `args`.
    pub(crate) fn new<S: Into<String>>(program: &str, args: impl IntoIterator<Item = S>) -> Self {
        Self { program: program.to_owned(), args: args.into_iter().map(Into::into).collect() }
    }

    /// The command line as it can be pasted into a shell. A NUL, which no argument can hold, is left out.
    pub(crate) fn shown(&self) -> String {
        let words: Vec<String> =
            std::iter::once(&self.program).chain(&self.args).map(|word| word.replace('\0', "")).collect();
        let quoted = shlex::try_join(words.iter().map(String::as_str));
        quoted.unwrap_or_else(|_| words.join(" "))
    }

    /// The same command line with `folder` in place of [`WORK`].
    pub(crate) fn in_work(&self, folder: &Path) -> Self {
        let folder = folder.display().to_string();
        let place = |arg: &String| {
            // The exporter's parameters are a line of CSV, and this one is in quotes.
            if arg.starts_with("type=oci,") {
                return arg.replacen(WORK, &folder.replace('"', "\"\""), 1);
            }
            arg.strip_prefix(WORK).map_or_else(|| arg.clone(), |rest| format!("{folder}{rest}"))
        };
        Self { program: self.program.clone(), args: self.args.iter().map(place).collect() }
    }

    /// Asks a program something: its standard output, or why there is none.
    pub(crate) async fn ask(&self, folder: Option<&Path>) -> Result<String, String> {
        let mut command = self.command();
        if let Some(folder) = folder {
            command.current_dir(folder);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (child, family) = Family::spawn(&mut command).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("`{}` is not installed", self.program),
            _ => format!("`{}` cannot be started: {error}", self.program),
        })?;
        let output = match tokio::time::timeout(PATIENCE, child.wait_with_output()).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => return Err(format!("`{}` cannot be waited for: {error}", self.program)),
            Err(_) => return Err(format!("`{}` did not answer within {} s", self.shown(), PATIENCE.as_secs())),
        };
        family.has_ended();
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let words = String::from_utf8_lossy(&output.stderr);
        let last = words.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        Err(format!("`{}` failed: {}", self.program, last.trim()))
    }

    /// Runs the program with `variables` added to its environment, its output in the log. Gives its standard output.
    pub(crate) async fn run(&self, variables: &BTreeMap<String, String>, session: &Session) -> Result<String, Error> {
        session.log.line(format!("$ {}", self.shown()));
        let mut command = self.command();
        command.envs(variables).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Family::spawn(&mut command);
        let (mut child, family) = started
            .map_err(|source| Error::Builder(BuilderError::NotStarted { program: self.program.clone(), source }))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let finished = async {
            let (written, complaints, status) =
                tokio::join!(follow(stdout, session), follow(stderr, session), child.wait());
            (written, complaints, status)
        };
        let (written, complaints, status) = tokio::select! {
            // Dropping the family kills it.
            () = session.cancel.cancelled() => return Err(Error::Cancelled),
            finished = finished => finished,
        };
        family.has_ended();
        let status = status
            .map_err(|source| Error::Builder(BuilderError::NotStarted { program: self.program.clone(), source }))?;
        if status.success() {
            return Ok(written.join("\n"));
        }
        let step = step(&written).or_else(|| step(&complaints));
        let lines = if complaints.is_empty() { written } else { complaints };
        let output = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n");
        let (program, status) = (self.program.clone(), status.to_string());
        Err(Error::Builder(BuilderError::Command { program, status, step, output }))
    }

    fn command(&self) -> tokio::process::Command {
        // Else it would be looked for in the folders that a variable of its own environment names.
        let program = std::env::var_os("PATH").and_then(|path| found(&self.program, &path));
        let mut command = tokio::process::Command::new(program.unwrap_or_else(|| PathBuf::from(&self.program)));
        command.args(&self.args);
        command
    }
}

/// The step of the Dockerfile that a builder was at last: `STEP 2/3: RUN make` (buildah), `Step 2/3 : RUN make` (Docker without BuildKit), or
/// ` > [2/3] RUN make:`, by which BuildKit says which one failed.
fn step(lines: &[String]) -> Option<String> {
    let told = |line: &&String| ["STEP ", "Step ", " > ["].iter().any(|start| line.starts_with(start));
    let line = lines.iter().rev().find(told)?.trim_start_matches(" > ").trim_end_matches(':');
    let visible: String = line.chars().take(LONGEST_STEP).map(|c| if c.is_control() { ' ' } else { c }).collect();
    Some(if visible.len() < line.len() { format!("{visible}...") } else { visible })
}

/// The file of `program` in one of the folders of `path`.
fn found(program: &str, path: &OsStr) -> Option<PathBuf> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path).map(|folder| folder.join(&file)).find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// Copies lines into the log and keeps the last ones.
///
/// Bytes that are not UTF-8 do not end the reading: a program whose pipe nobody reads is killed or waits for ever.
async fn follow(stream: Option<impl AsyncRead + Unpin>, session: &Session) -> Vec<String> {
    let mut lines = VecDeque::new();
    let Some(stream) = stream else { return Vec::new() };
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while let Ok(1..) = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut bytes).await {
        let line = String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned();
        bytes.clear();
        session.log.line(&line);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }
    lines.into()
}
