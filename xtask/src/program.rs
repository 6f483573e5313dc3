//! Running programs from the workspace's root.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The actions, each a binary and a folder below `actions/`.
pub(crate) const ACTIONS: [&str; 6] =
    ["version-detect", "build-and-tag", "ecr-push", "ecs-deploy", "s3-sync-invalidate", "terraform-plan-comment"];

/// Actions that are a command of another action's binary: the folder below `actions/`, and what is typed.
pub(crate) const COMMANDS: [(&str, &str); 10] = [
    ("changed-workflows", "version-detect paths"),
    ("ecr-promote", "ecr-push promote"),
    ("ecs-continue", "ecs-deploy continue"),
    ("ecs-rollback", "ecs-deploy rollback"),
    ("ecs-run-task", "ecs-deploy run-task"),
    ("s3-rollback", "s3-sync-invalidate rollback"),
    ("terraform-plan-reduce", "terraform-plan-comment reduce"),
    ("terraform-plan-verify", "terraform-plan-comment verify"),
    ("version-bump", "version-detect bump"),
    ("version-release", "version-detect release"),
];

/// The name of every action, each a folder below `actions/`.
pub(crate) fn action_names() -> impl Iterator<Item = &'static str> {
    ACTIONS.into_iter().chain(COMMANDS.into_iter().map(|(name, _)| name))
}

/// The words that run the action `name`: its binary, and where it is a command of one its word.
pub(crate) fn invocation(name: &str) -> (&str, Option<&'static str>) {
    let command = COMMANDS.into_iter().find(|(action, _)| *action == name);
    command.and_then(|(_, typed)| typed.split_once(' ')).map_or((name, None), |(binary, word)| (binary, Some(word)))
}

/// Where the container engine listens that was started for this run.
static ENGINE: OnceLock<String> = OnceLock::new();

/// Leads every program that is run from now on to the container engine at `host`.
pub(crate) fn use_engine(host: String) {
    // A second one is never started.
    let _ = ENGINE.set(host);
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map_or(manifest.clone(), Path::to_path_buf)
}

/// The folder that cargo builds into.
pub(crate) fn target_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
    target.map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The folder of the built binaries.
pub(crate) fn binaries() -> PathBuf {
    target_folder().join("debug")
}

/// A built binary.
pub(crate) fn binary(name: &str) -> PathBuf {
    binaries().join(name)
}

/// Builds every binary of the workspace.
pub(crate) fn build() -> Result<(), String> {
    build_targets("--bins")
}

/// Builds the binaries together with the tests: with the features the tests ask for, so that nothing is compiled twice.
pub(crate) fn build_with_tests() -> Result<(), String> {
    build_targets("--all-targets")
}

fn build_targets(targets: &str) -> Result<(), String> {
    let status = Program::new(cargo()).args(["build", "--quiet", "--workspace", targets, "--locked"]).status()?;
    if status == 0 { Ok(()) } else { Err("the workspace does not build".to_owned()) }
}

/// Builds every binary, and lets the slow part of a first rehearsal run beside it.
pub(crate) fn build_and_prepare() -> Result<(), String> {
    crate::report::line("building Slipway's tools; the first time it takes some minutes");
    let status = Program::new(cargo()).args(["build", "--quiet", "--package", "rehearsal", "--locked"]).status()?;
    if status != 0 {
        return Err("the workspace does not build".to_owned());
    }
    let preparation = Preparation::start()?;
    let result = build();
    preparation.finish();
    result
}

/// The slow part of a first rehearsal, under way: the infrastructure is applied to the emulator by the clock, not by the processor.
#[derive(Debug)]
pub(crate) struct Preparation(Option<Child>);

impl Preparation {
    /// Starts it, unless an earlier rehearsal did it. `slipway-rehearse` has to be built.
    pub(crate) fn start() -> Result<Self, String> {
        let tools = std::env::var_os(testkit::tools::TOOLS_DIR).map_or_else(|| root().join(".tools"), PathBuf::from);
        if tools.join("applied").is_dir() {
            return Ok(Self(None));
        }
        Command::new(binary("slipway-rehearse"))
            .args(["--prepare", "--repo"])
            .arg(root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(|child| Self(Some(child)))
            .map_err(|error| format!("slipway-rehearse cannot be run: {error}"))
    }

    /// Waits for it. What went wrong shows again, with its message, in the rehearsal itself.
    pub(crate) fn finish(self) {
        if let Some(mut child) = self.0 {
            let _ = child.wait();
        }
    }
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The program `name` on `PATH`.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A program to run.
#[derive(Debug)]
pub(crate) struct Program(Command);

/// What a program printed and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// Both streams.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl Program {
    /// The program, in the workspace's root.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(root()).stdin(Stdio::null());
        command.envs(ENGINE.get().map(|host| ("DOCKER_HOST", host)));
        Self(command)
    }

    /// Runs it in `folder`, relative to the root.
    pub(crate) fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.0.current_dir(root().join(folder));
        self
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Removes environment variables.
    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        for name in names {
            self.0.env_remove(name);
        }
        self
    }

    /// Runs it with this process's streams; its exit code.
    pub(crate) fn status(mut self) -> Result<i32, String> {
        let shown = self.0.get_program().display().to_string();
        let status = self.0.status().map_err(|error| format!("{shown} cannot be run: {error}"))?;
        Ok(status.code().unwrap_or(1))
    }

    /// Runs it and keeps what it prints.
    pub(crate) fn output(mut self) -> Result<Output, String> {
        let shown = self.0.get_program().display().to_string();
        let output = self.0.output().map_err(|error| format!("{shown} cannot be run: {error}"))?;
        Ok(Output {
            status: output.status.code().unwrap_or(1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

/// Ends this process with the exit code of the program it ran.
#[expect(clippy::exit, reason = "a task that hands over to a program ends as that program ended")]
pub(crate) fn exit(status: i32) -> ! {
    std::process::exit(status)
}
