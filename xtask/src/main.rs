//! Slipway's development tasks: `cargo xtask test`, `cargo xtask rehearse`, `cargo xtask docs`.

mod bench;
mod checks;
mod dependencies;
mod docs;
mod errors;
mod examples;
mod faults;
mod fuzz;
mod listener;
mod metadata;
mod policies;
mod program;
mod rehearsals;
mod release;
mod report;
mod size;
mod test;
mod yaml;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use program::{Program, root};

/// Slipway's development tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Options {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run every test and check; the last line counts them.
    Test {
        /// Run only the checks whose name holds one of these words.
        words: Vec<String>,
    },
    /// Rehearse a whole deployment on this machine (`slipway-rehearse`); see `cargo xtask rehearse --help`.
    #[command(disable_help_flag = true)]
    Rehearse {
        /// Passed on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run the fuzz tests with a large budget, and say how many cases ran.
    Fuzz {
        /// How long to go on.
        #[arg(long, value_name = "N", default_value_t = 10)]
        minutes: u64,
        /// Run only the tests whose name holds one of these words.
        words: Vec<String>,
    },
    /// Generate each action's action.yml and README, the catalogue of errors, and the examples within the guides.
    Docs {
        /// Only these: `actions`, `errors`, `examples`.
        words: Vec<String>,
        /// Change nothing; fail when a file is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Measure.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Rehearse a release on this machine; see `cargo xtask release --help`.
    Release(release::Options),
    /// Show the size of each tool's archive; fail above the budget, and above the growth allowed since the last release.
    Size(size::Options),
}

fn main() -> ExitCode {
    let result = match Options::parse().task {
        Task::Test { words } => return test::run(&words),
        Task::Rehearse { arguments } => rehearse(&arguments),
        Task::Fuzz { minutes, words } => fuzz::run(minutes, &words),
        Task::Docs { check, words } => docs::run(check, &words),
        Task::Bench(bench) => bench::run(&bench),
        Task::Release(options) => release::run(options),
        Task::Size(options) => size::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            report::line(&message);
            ExitCode::FAILURE
        }
    }
}

/// Builds the binaries and replaces this process's work by the rehearsal, with its exit code.
fn rehearse(arguments: &[String]) -> Result<(), String> {
    program::build_and_prepare()?;
    let repository = ["--repo".to_owned(), root().display().to_string()];
    let named = arguments.iter().any(|argument| argument == "--repo" || argument.starts_with("--repo="));
    let status = Program::new(program::binary("slipway-rehearse"))
        .args(repository.iter().filter(|_| !named))
        .args(arguments)
        .status()?;
    program::exit(status);
}
