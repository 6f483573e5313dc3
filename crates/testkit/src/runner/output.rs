//! What a program left behind, read the way the real runner reads it.

use std::collections::BTreeMap;

use super::files::RunnerFiles;

/// The end of a run.
#[derive(Debug, Clone)]
pub struct RunOutput {
    /// The exit code; 128 + n when signal n ended the program.
    pub code: i32,
    /// Everything on standard output.
    pub stdout: String,
    /// Everything on standard error.
    pub stderr: String,
    /// The step's outputs.
    pub outputs: BTreeMap<String, String>,
    /// The step summary.
    pub summary: String,
    /// Variables set for later steps.
    pub env: BTreeMap<String, String>,
    /// Folders added to `PATH`.
    pub path: Vec<String>,
    /// State saved for a post step.
    pub state: BTreeMap<String, String>,
}

impl RunOutput {
    pub(super) fn collect(code: i32, stdout: &[u8], stderr: &[u8], files: &RunnerFiles) -> Self {
        Self {
            code,
            stdout: String::from_utf8_lossy(stdout).into_owned(),
            stderr: String::from_utf8_lossy(stderr).into_owned(),
            outputs: parse_named(&files.read("output"), "GITHUB_OUTPUT"),
            summary: files.read("summary"),
            env: parse_named(&files.read("env"), "GITHUB_ENV"),
            path: files.read("path").lines().map(str::to_owned).collect(),
            state: parse_named(&files.read("state"), "GITHUB_STATE"),
        }
    }

    /// Demands that the program ended with `code`.
    ///
    /// # Panics
    ///
    /// With both streams when it did not.
    #[track_caller]
    pub fn assert_code(&self, code: i32) -> &Self {
        assert!(
            self.code == code,
            "expected exit code {code}, got {}\n--- stdout\n{}\n--- stderr\n{}",
            self.code,
            self.stdout,
            self.stderr
        );
        self
    }
}

/// Reads `name=value` lines and `name<<delimiter` blocks; panics where the runner would fail the step.
pub(super) fn parse_named(text: &str, file: &str) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let block = line.find("<<").filter(|at| line.find('=').is_none_or(|equals| *at < equals));
        let (name, value) = match (block, line.split_once('=')) {
            (Some(at), _) => (&line[..at], heredoc(&mut lines, &line[at + 2..], file)),
            (None, Some((name, value))) => (name, value.to_owned()),
            (None, None) => panic!("{file}: the runner rejects the line `{line}`: invalid format"),
        };
        assert!(!name.is_empty(), "{file}: the runner rejects the line `{line}`: empty name");
        pairs.insert(name.to_owned(), value);
    }
    pairs
}

fn heredoc<'a>(lines: &mut impl Iterator<Item = &'a str>, delimiter: &str, file: &str) -> String {
    assert!(!delimiter.is_empty(), "{file}: the runner rejects an empty delimiter");
    let mut value = Vec::new();
    for line in lines {
        if line == delimiter {
            return value.join("\n");
        }
        value.push(line);
    }
    panic!("{file}: the runner found no closing delimiter `{delimiter}`")
}
