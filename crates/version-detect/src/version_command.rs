//! The user's own command, for versions that no file tells.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use process_family::Family;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use crate::error::Error;
use crate::manifest::{Ecosystem, Found, Origin, Place};

/// The most that is read of what it writes to either stream.
const LARGEST: u64 = 64 * 1024;

/// How many of the last lines of its messages are shown.
const LAST_LINES: usize = 20;

/// The variables that programs need to run and to know where they are. Any other one may hold a secret.
const PASSED: [&str; 52] = [
    "APPDATA",
    "CI",
    "COMSPEC",
    "GITHUB_ACTIONS",
    "GITHUB_BASE_REF",
    "GITHUB_EVENT_NAME",
    "GITHUB_HEAD_REF",
    "GITHUB_REF",
    "GITHUB_REF_NAME",
    "GITHUB_REF_TYPE",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_RUN_ID",
    "GITHUB_RUN_NUMBER",
    "GITHUB_SHA",
    "GITHUB_WORKSPACE",
    "GRADLE_OPTS",
    "HOME",
    "HOMEDRIVE",
    "HOMEPATH",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "JAVA_OPTS",
    "JAVA_TOOL_OPTIONS",
    "LANG",
    "LD_LIBRARY_PATH",
    "LOCALAPPDATA",
    "LOGNAME",
    "MAVEN_ARGS",
    "MAVEN_OPTS",
    "NO_PROXY",
    "NVM_DIR",
    "OS",
    "PATH",
    "PATHEXT",
    "PROGRAMDATA",
    "PYTHONPATH",
    "SHELL",
    "SOURCE_DATE_EPOCH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERPROFILE",
    "VIRTUAL_ENV",
    "WINDIR",
];

/// What the names of others begin with.
const PASSED_BEGINNINGS: [&str; 6] = ["JAVA_HOME", "LC_", "PROCESSOR_", "PROGRAMFILES", "RUNNER_", "XDG_"];

/// What the names of folders of tools end in: `JAVA_HOME`, `DOTNET_ROOT`.
const PASSED_ENDINGS: [&str; 2] = ["_HOME", "_ROOT"];

/// The files through which a step speaks: what the command wrote there would be the step's word.
const WITHHELD: [&str; 5] = ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"];

/// A command: a program and its arguments, started without a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionCommand {
    text: String,
    words: Vec<String>,
    /// How long it may take.
    limit: Duration,
    /// The further variables that it gets.
    passed: Vec<String>,
}

/// What a command said.
struct Said {
    status: ExitStatus,
    output: Vec<u8>,
    messages: Vec<u8>,
}

impl VersionCommand {
    /// Parses a command line, with the quotes of a shell and nothing else of it.
    pub(crate) fn parse(text: &str, limit: Duration, passed: Vec<String>) -> Result<Self, &'static str> {
        let words = shlex::split(text).ok_or("a quote in it does not end")?;
        match words.first() {
            None => Err("it names no program"),
            Some(program) if program.is_empty() => Err("it names no program"),
            Some(_) if text.contains(['\0', '\n', '\r']) => Err("it is one line"),
            Some(_) => Ok(Self { text: text.trim().to_owned(), words, limit, passed }),
        }
    }

    /// Runs the command in `folder` and takes its output for the version.
    pub(crate) async fn run(&self, folder: &Path) -> Result<Found, Error> {
        let failed = |why: String| Error::CommandFailed { command: self.text.clone(), why };
        let said = match tokio::time::timeout(self.limit, self.output(folder)).await {
            Ok(said) => said.map_err(|error| match error.kind() {
                ErrorKind::NotFound => Error::CommandMissing { program: self.words[0].clone() },
                _ => failed(error.to_string()),
            })?,
            Err(_) => return Err(Error::CommandTimedOut { command: self.text.clone(), limit: self.limit }),
        };
        if !said.status.success() {
            let messages = last_lines(&String::from_utf8_lossy(&said.messages));
            return Err(failed(format!("{}{messages}", said.status)));
        }
        let output = String::from_utf8_lossy(&said.output);
        let version = version_in(&output).map_err(|why| Error::CommandOutput { command: self.text.clone(), why })?;
        Ok(Found {
            version: version.to_owned(),
            manifest: String::new(),
            file: self.text.clone(),
            place: Place::START,
            ecosystem: Ecosystem::Command,
            origin: Origin::Written,
            snapshots: Vec::new(),
            loose: Vec::new(),
            unseen: Vec::new(),
            beside: Vec::new(),
            without: Vec::new(),
            remarks: Vec::new(),
            read: Vec::new(),
        })
    }

    async fn output(&self, folder: &Path) -> std::io::Result<Said> {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in std::env::vars_os() {
            let shown = name.to_string_lossy();
            if !is_passed(&shown) && !self.passed.iter().any(|passed| *passed == shown) {
                command.env_remove(&name);
            }
        }
        let (mut child, family) = Family::spawn(&mut command)?;
        let (output, messages) = (child.stdout.take(), child.stderr.take());
        let (output, messages) = tokio::try_join!(limited(output), limited(messages))?;
        let status = child.wait().await?;
        family.has_ended();
        Ok(Said { status, output, messages })
    }
}

/// Whether every command gets a variable. Windows does not tell capital letters from small ones, and proxies are written either way.
fn is_passed(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    PASSED.contains(&name.as_str())
        || PASSED_BEGINNINGS.iter().any(|begin| name.starts_with(begin))
        || PASSED_ENDINGS.iter().any(|end| name.ends_with(end))
}

/// Whether no command gets a variable.
pub(crate) fn is_withheld(name: &str) -> bool {
    WITHHELD.contains(&name.to_ascii_uppercase().as_str())
}

/// What a stream says to its end, which is an error when it does not come soon.
async fn limited(stream: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(LARGEST + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other("it wrote more than 64 KiB"));
    }
    Ok(bytes)
}

/// The only line that is not blank, else the only one of the form `version: 1.0.0`, as Gradle's `properties` writes it.
fn version_in(output: &str) -> Result<&str, String> {
    let lines: Vec<&str> = output.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let labelled: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("version: ")).map(str::trim).collect();
    match (lines.as_slice(), labelled.as_slice()) {
        (_, [version]) | ([version], []) => Ok(version),
        ([], _) => Err("it wrote nothing to standard output".to_owned()),
        (lines, _) => Err(format!("it wrote {} lines to standard output", lines.len())),
    }
}

fn last_lines(messages: &str) -> String {
    let lines: Vec<&str> = messages.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].iter().map(|line| format!("\n{line}")).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_a_program_with_arguments() {
        let words = |text| VersionCommand::parse(text, Duration::MAX, Vec::new()).map(|command| command.words);
        assert_eq!(words(" mvn -q 'help:evaluate' -D\"a b\" ").unwrap(), ["mvn", "-q", "help:evaluate", "-Da b"]);
        assert_eq!(words("a $(b) | c").unwrap(), ["a", "$(b)", "|", "c"]);
        for text in ["", "  ", "''", "a 'b", "a\nb"] {
            assert!(words(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_command_gets_what_tools_need_and_nothing_that_may_be_secret() {
        for name in
            ["PATH", "Path", "JAVA_HOME_17_X64", "JAVA_HOME", "https_proxy", "LC_ALL", "RUNNER_TEMP", "GITHUB_SHA"]
        {
            assert!(is_passed(name), "{name}");
        }
        for name in
            ["NPM_TOKEN", "GITHUB_TOKEN", "INPUT_X", "AWS_PROFILE", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "PASSWORD"]
        {
            assert!(!is_passed(name), "{name}");
        }
        assert!(WITHHELD.iter().all(|name| !is_passed(name)));
    }

    #[test]
    fn the_version_is_the_only_line_or_the_labelled_one() {
        assert_eq!(version_in("\n 1.0.0 \r\n"), Ok("1.0.0"));
        assert_eq!(version_in("---\nRoot project\n---\nversion: 1.0.0\n"), Ok("1.0.0"));
        assert_eq!(version_in(" \n"), Err("it wrote nothing to standard output".to_owned()));
        assert_eq!(version_in("1.0.0\n2.0.0"), Err("it wrote 2 lines to standard output".to_owned()));
        assert!(version_in("version: 1\nversion: 2").is_err());
    }
}
