//! Canaries: secrets that are looked for wherever a run could have left them, in every form they could have.
//!
//! For tests only: a canary that is found ends the test with the place and the form. A runner hides what `::add-mask::` names,
//! so these lines alone may hold a secret, and only on a runner; each other line, file and comment must hold none.
#![allow(clippy::expect_used, reason = "test-facing: what cannot be read cannot be called clean")]

mod forms;
mod recorder;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use memchr::memmem;

use crate::runner::{FakeRunner, RunOutput};
use forms::Form;

pub use recorder::Recorder;

/// How long a run may need for its first step.
const PATIENCE: Duration = Duration::from_secs(20);

/// The secrets of one scenario.
#[derive(Debug, Clone, Default)]
pub struct Canaries(Vec<Canary>);

#[derive(Debug, Clone)]
struct Canary {
    name: String,
    forms: Vec<Form>,
}

impl Canaries {
    /// No secrets yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the secret `value`, called `name` where it is found. Its lines are secrets of their own.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        for part in std::iter::once(value).chain(value.lines().filter(|line| *line != value && line.len() >= 8)) {
            self.0.push(Canary { name: name.to_owned(), forms: forms::of(part) });
        }
        self
    }

    /// Which canaries `bytes` hold, each with its form. Line ends within one, and white space behind them, hide nothing.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<String> {
        let joined = forms::joined(bytes);
        let mut found = Vec::new();
        for canary in &self.0 {
            for form in &canary.forms {
                let split = if memmem::find(bytes, &form.text).is_some() {
                    ""
                } else if joined.as_ref().is_some_and(|joined| memmem::find(joined, &form.joined).is_some()) {
                    ", split over lines"
                } else {
                    continue;
                };
                found.push(format!("{} ({}{split})", canary.name, form.name));
            }
        }
        found
    }

    /// Checks that `bytes`, to be called `place`, hold none.
    ///
    /// # Panics
    ///
    /// When they do.
    #[track_caller]
    pub fn check(&self, place: &str, bytes: impl AsRef<[u8]>) {
        must_be_empty(&self.leaks_in(place, bytes.as_ref()));
    }

    /// Checks every file below `folder`, by name and content (gzip'd ones unpacked), but those whose path in it is one of `except`.
    ///
    /// # Panics
    ///
    /// When one holds a secret, or cannot be read.
    #[track_caller]
    pub fn check_folder(&self, folder: &Path, except: &[&str]) {
        let except: Vec<PathBuf> = except.iter().map(|path| folder.join(path)).collect();
        must_be_empty(&self.leaks_below(folder, &except));
    }

    /// Checks what a run printed, reported and left in the runner's folders, but for its inputs, the paths `except` of the workspace.
    #[track_caller]
    pub fn check_run(&self, runner: &FakeRunner, output: &RunOutput, except: &[&str]) {
        must_be_empty(&self.leaks(runner, output, except));
    }

    /// Names every place where a run printed, reported or left a secret, but for its inputs, the paths `except` of the workspace.
    pub fn leaks(&self, runner: &FakeRunner, output: &RunOutput, except: &[&str]) -> Vec<String> {
        // With `--output json` standard output is the plan's, and commands are on standard error.
        let unmasked = |text: &str| -> String {
            let lines = text.lines().filter(|line| !runner.is_runner() || !line.starts_with("::add-mask::"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let reported = format!("{:?}{:?}{:?}{:?}", output.outputs, output.env, output.path, output.state);
        let texts = [
            ("standard output", unmasked(&output.stdout)),
            ("standard error", unmasked(&output.stderr)),
            ("the summary", output.summary.clone()),
            ("the outputs", reported),
        ];
        let mut leaks: Vec<String> =
            texts.iter().filter_map(|(place, text)| self.leaks_in(place, text.as_bytes())).collect();
        let except: Vec<PathBuf> = except.iter().map(|path| runner.workspace().join(path)).collect();
        leaks.extend(self.leaks_below(runner.root(), &except));
        leaks
    }

    fn leaks_in(&self, place: &str, bytes: &[u8]) -> Option<String> {
        let found = self.found_in(bytes);
        (!found.is_empty()).then(|| format!("{place} holds {found:?}:\n{}", String::from_utf8_lossy(bytes)))
    }

    fn leaks_below(&self, folder: &Path, except: &[PathBuf]) -> Vec<String> {
        let mut leaks = Vec::new();
        for entry in std::fs::read_dir(folder).expect("a folder of a run can be listed") {
            let path = entry.expect("a folder of a run can be listed").path();
            if except.contains(&path) {
                continue;
            }
            leaks.extend(self.leaks_in("a file's name", path.file_name().unwrap_or_default().as_encoded_bytes()));
            if path.is_symlink() {
                let target = std::fs::read_link(&path).expect("a link that a run left can be read");
                leaks.extend(self.leaks_in("a link's target", target.as_os_str().as_encoded_bytes()));
            }
            if path.is_dir() && !path.is_symlink() {
                leaks.extend(self.leaks_below(&path, except));
            } else if path.is_file() {
                leaks.extend(self.leaks_in_file(&path));
            }
        }
        leaks
    }

    fn leaks_in_file(&self, path: &Path) -> Vec<String> {
        let bytes = std::fs::read(path).expect("a file that a run left can be read");
        let mut plain = Vec::new();
        let is_packed = flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).is_ok();
        let unpacked = is_packed.then(|| self.leaks_in(&format!("{} unpacked", path.display()), &plain)).flatten();
        self.leaks_in(&path.display().to_string(), &bytes).into_iter().chain(unpacked).collect()
    }

    /// Runs `program` as a runner's step and as a person would, as text and as JSON, quietly and with debug messages, really
    /// and dry, with an evidence folder, and checks after each run. What the last real run printed is returned.
    #[track_caller]
    pub fn check_all_ways(&self, runner: FakeRunner, program: &str, arguments: &[&str], except: &[&str]) -> RunOutput {
        let evidence = runner.workspace().join("evidence").display().to_string();
        let runner = runner.env("SLIPWAY_EVIDENCE_DIR", evidence);
        for more in [&["--dry-run"][..], &["--dry-run", "--output", "json"], &["--output", "json"]] {
            let output = runner.run(program, [arguments, more].concat());
            self.check_run(&runner, &output, except);
        }
        let runner = runner.env("RUNNER_DEBUG", "1").env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1");
        let output = runner.run(program, arguments);
        self.check_run(&runner, &output, except);
        let shell = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS", "CI"].iter();
        let shell = shell.fold(runner, |runner, name| runner.without(name));
        let output = shell.run(program, arguments);
        self.check_run(&shell, &output, except);
        output
    }

    /// Starts `program`, ends it as soon as `steps` has grown (first as a runner asks, then without asking), and checks what
    /// others could read of it and what it left.
    ///
    /// # Panics
    ///
    /// When a secret is found, or the run never takes a step.
    #[track_caller]
    pub fn check_killed(
        &self,
        runner: &FakeRunner,
        program: &str,
        arguments: &[&str],
        except: &[&str],
        steps: impl Fn() -> usize,
    ) {
        for is_asked in [true, false] {
            let before = steps();
            let mut running = runner.spawn(program, arguments);
            let start = Instant::now();
            while steps() == before {
                assert!(start.elapsed() < PATIENCE, "the run took no step");
                std::thread::park_timeout(Duration::from_millis(2));
            }
            let line = running.command_line();
            assert!(line.contains(program), "the run was over before it could be ended: {line:?}");
            self.check("the command line", line);
            if is_asked {
                running.terminate();
            } else {
                running.kill();
            }
            let output = running.finish();
            assert_ne!(output.code, 0, "the run was over before it could be ended");
            self.check_run(runner, &output, except);
        }
    }
}

#[track_caller]
fn must_be_empty<'a>(leaks: impl IntoIterator<Item = &'a String>) {
    let leaks: Vec<&str> = leaks.into_iter().map(String::as_str).collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[cfg(test)]
mod tests;
