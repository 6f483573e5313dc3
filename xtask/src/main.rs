//! Slipway's development tasks, one command each: `cargo xtask --help`.

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
mod skips;
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
        /// Of the fuzz tests only those whose name holds one of these words.
        words: Vec<String>,
    },
    /// Generate each action's action.yml and README, the policies, the catalogue of errors, the table of faults, and the examples
    /// within the guides.
    Docs {
        /// Only these: `actions`, `policies`, `errors`, `faults`, `examples`.
        words: Vec<String>,
        /// Change nothing; fail when a file is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Measure; fail where a goal is missed.
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

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use clap::error::ErrorKind;

    use super::{Options, Program};

    /// The commands `cargo xtask ...` of a text, each up to the end of its line or its code span.
    fn commands(text: &str) -> Vec<Vec<String>> {
        let text = text.replace("\\\n", " ");
        let rests = text.split("cargo xtask ").skip(1);
        let commands = rests.map(|rest| rest.split(['`', '\n', '#']).next().unwrap_or_default());
        commands.map(|command| command.split_whitespace().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn every_command_of_the_workflows_and_the_guides_is_one() {
        let files = ["ls-files", "--cached", "--others", "--exclude-standard", ".github/workflows/*.yml", "*.md"];
        let listed = Program::new("git").args(files).output().unwrap().stdout;
        let mut count = 0;
        for file in listed.lines() {
            let Ok(text) = std::fs::read_to_string(super::root().join(file)) else { continue };
            for command in commands(&text) {
                let parsed = Options::try_parse_from(["cargo xtask".to_owned()].into_iter().chain(command.clone()));
                // A sentence may name a command without all that it needs.
                let partial = [ErrorKind::MissingRequiredArgument, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand];
                let named = |kind| !file.starts_with(".github/") && partial.contains(&kind);
                let wrong = parsed.err().map(|error| error.kind());
                let wrong = wrong.filter(|kind| *kind != ErrorKind::DisplayHelp && !named(*kind));
                assert_eq!(wrong, None, "{file}: cargo xtask {}", command.join(" "));
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }
}
