//! A fake GitHub runner for one step: the files and variables of a job around a built binary.
//!
//! For tests only: what cannot be set up ends in a panic that says what was missing.
#![allow(clippy::expect_used, reason = "test-facing: a test without its temporary files has nothing to return to")]

mod files;
mod output;
mod spawned;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

pub use output::RunOutput;
use serde_json::Value;
pub use spawned::Running;

use files::RunnerFiles;

/// The commit the runner says it runs for; [`crate::FakeGitHub`] knows it too.
pub const SHA: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

/// Variables of the parent which a child never sees.
const SCRUBBED: [&str; 8] = ["AWS_", "GITHUB_", "INPUT_", "RUNNER_", "ACTIONS_", "SLIPWAY_", "ACT_", "DOCKER_"];
const SCRUBBED_EXACT: [&str; 5] = ["CI", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "RUST_LOG"];

/// A step's environment. Building it writes the files; [`FakeRunner::run`] runs a program in it.
#[derive(Debug)]
pub struct FakeRunner {
    files: RunnerFiles,
    env: BTreeMap<String, String>,
    stdin: Vec<u8>,
}

impl Default for FakeRunner {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeRunner {
    /// Creates the environment of a push to `main` of `acme/shop`.
    pub fn new() -> Self {
        let files = RunnerFiles::create();
        let mut env = files.variables();
        env.extend(
            [
                ("CI", "true"),
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_ACTOR", "octocat"),
                ("GITHUB_API_URL", "https://api.github.com"),
                ("GITHUB_GRAPHQL_URL", "https://api.github.com/graphql"),
                ("GITHUB_JOB", "deploy"),
                ("GITHUB_RUN_ATTEMPT", "1"),
                ("GITHUB_RUN_ID", "1"),
                ("GITHUB_RUN_NUMBER", "1"),
                ("GITHUB_SERVER_URL", "https://github.com"),
                ("GITHUB_WORKFLOW", "test"),
                ("RUNNER_ARCH", "X64"),
                ("RUNNER_NAME", "testkit"),
                ("RUNNER_OS", "Linux"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let runner = Self { files, env, stdin: Vec::new() };
        runner.github("push", "refs/heads/main", SHA, "acme/shop")
    }

    /// Creates the environment of a person's shell: no `GITHUB_*`, no `RUNNER_*`, no `CI`.
    pub fn plain_shell() -> Self {
        Self { files: RunnerFiles::create(), env: BTreeMap::new(), stdin: Vec::new() }
    }

    /// Sets an input: `working-directory` becomes `INPUT_WORKING_DIRECTORY`.
    #[must_use]
    pub fn input(self, name: &str, value: &str) -> Self {
        let name = name.to_uppercase().replace(['-', ' '], "_");
        self.env(&format!("INPUT_{name}"), value)
    }

    /// Gives the program one of the system's certificates alone: reading all of them is most of the work of a run that uses none.
    ///
    /// # Panics
    /// The runner's folder cannot be written.
    #[must_use]
    pub fn with_one_certificate(self) -> Self {
        let Ok(all) = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt") else { return self };
        let Some(one) = all.split_inclusive("-----END CERTIFICATE-----\n").next() else { return self };
        let folder = self.root().join("certificates");
        std::fs::create_dir_all(&folder).expect("a folder of the runner");
        let file = folder.join("root.pem");
        std::fs::write(&file, one).expect("a file of the runner");
        self.env("SSL_CERT_FILE", file.display().to_string()).env("SSL_CERT_DIR", folder.display().to_string())
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// Sets several variables, such as those of a stand-in.
    #[must_use]
    pub fn envs<K: Into<String>, V: Into<String>>(mut self, pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        self.env.extend(pairs.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Leaves a variable out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.env.remove(name);
        self
    }

    /// Sets the event name, the ref, the commit and `owner/name` of the repository.
    #[must_use]
    pub fn github(mut self, event_name: &str, git_ref: &str, sha: &str, repository: &str) -> Self {
        let kind = if git_ref.starts_with("refs/tags/") { "tag" } else { "branch" };
        let short = ["refs/heads/", "refs/tags/", "refs/pull/"]
            .iter()
            .find_map(|prefix| git_ref.strip_prefix(prefix))
            .unwrap_or(git_ref);
        let owner = repository.split('/').next().unwrap_or_default();
        for (name, value) in [
            ("GITHUB_EVENT_NAME", event_name),
            ("GITHUB_REF", git_ref),
            ("GITHUB_REF_NAME", short),
            ("GITHUB_REF_TYPE", kind),
            ("GITHUB_SHA", sha),
            ("GITHUB_REPOSITORY", repository),
            ("GITHUB_REPOSITORY_OWNER", owner),
        ] {
            self.env.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// Sets the API address, usually [`crate::FakeGitHub::api_url`].
    #[must_use]
    pub fn api_url(self, url: impl Into<String>) -> Self {
        let url = url.into();
        let graphql = format!("{}/graphql", url.strip_suffix("/v3").unwrap_or(&url));
        self.env("GITHUB_API_URL", url).env("GITHUB_GRAPHQL_URL", graphql)
    }

    /// Writes the event payload.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "tests pass a `json!` literal")]
    pub fn event(self, payload: Value) -> Self {
        self.files.write_event(&payload);
        let path = self.files.event().display().to_string();
        self.env("GITHUB_EVENT_PATH", path)
    }

    /// Writes a file below the workspace.
    #[must_use]
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.write_workspace(path, content.as_ref());
        self
    }

    /// Sets what the program reads from its standard input; it is empty otherwise.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Returns the working directory of the program.
    pub fn workspace(&self) -> &Path {
        self.files.workspace()
    }

    /// Returns the folder that holds the workspace and everything else of the runner: nothing may be written outside of it.
    pub fn root(&self) -> &Path {
        self.files.root()
    }

    /// Whether this is a runner, which hides what `::add-mask::` names, and no person's shell.
    pub fn is_runner(&self) -> bool {
        self.env.contains_key("GITHUB_ACTIONS")
    }

    /// Runs a program to its end. The runner's files are emptied first, so one runner serves several runs.
    pub fn run<A: AsRef<OsStr>>(&self, program: impl AsRef<OsStr>, args: impl IntoIterator<Item = A>) -> RunOutput {
        self.spawn(program, args).finish()
    }

    /// Starts a program, to be signaled or waited for.
    pub fn spawn<A: AsRef<OsStr>>(&self, program: impl AsRef<OsStr>, args: impl IntoIterator<Item = A>) -> Running<'_> {
        self.spawn_with(program, args, [])
    }

    /// Starts a program with some more variables.
    pub fn spawn_with<'v, A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = A>,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> Running<'_> {
        self.files.empty();
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.workspace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, _) in std::env::vars_os() {
            if is_scrubbed(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        command.env("HOME", self.files.home()).env("TMPDIR", self.files.temporary()).envs(&self.env).envs(variables);
        Running::start(command, &self.stdin, &self.files)
    }
}

fn is_scrubbed(name: &str) -> bool {
    SCRUBBED.iter().any(|prefix| name.starts_with(prefix))
        || SCRUBBED_EXACT.contains(&name)
        || name.to_ascii_lowercase().ends_with("_proxy")
}

#[cfg(test)]
mod tests;
