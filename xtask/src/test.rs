//! `cargo xtask test`: everything, in the order in which a fault is cheapest to find.

use std::process::ExitCode;
use std::time::Instant;

use testkit::docker::{self, DockerDaemon};
use testkit::tools::Tools;

use crate::checks;
use crate::dependencies;
use crate::program::{root, use_engine};
use crate::rehearsals;
use crate::release;
use crate::report::{self, Ended, Summary};
use crate::skips;

/// One check.
struct Check {
    name: &'static str,
    run: fn(&Context, &mut Summary) -> Result<Ended, String>,
}

/// What the checks share.
pub(crate) struct Context {
    /// The pinned third-party tools.
    pub(crate) tools: Tools,
}

impl Check {
    /// Whether it has a use for a container engine.
    fn runs_containers(&self) -> bool {
        self.name == "cargo test" || self.name.starts_with("rehearsal")
    }
}

const CHECKS: [Check; 17] = [
    Check { name: "format", run: checks::format },
    Check { name: "clippy", run: checks::clippy },
    Check { name: "dependencies", run: dependencies::check },
    Check { name: "cargo test", run: checks::cargo_test },
    Check { name: "documented inputs and outputs", run: checks::docs },
    Check { name: "example backend", run: checks::example_backend },
    Check { name: "example frontend", run: checks::example_frontend },
    Check { name: "actionlint", run: checks::actionlint },
    Check { name: "zizmor", run: checks::zizmor },
    Check { name: "shellcheck", run: checks::shellcheck },
    Check { name: "terraform", run: checks::terraform },
    Check { name: "release dry run", run: release::dry_run::check },
    Check { name: "rehearsal", run: rehearsals::rehearsal },
    Check { name: "rehearsal without Terraform", run: rehearsals::through_api },
    Check { name: "rehearsal of broken deployments", run: rehearsals::broken },
    Check { name: "rehearsal of the guide's example", run: rehearsals::example },
    Check { name: "rehearsal of the guides' workflows", run: rehearsals::guides::check },
];

/// Runs the checks whose name holds one of `words` (all without words).
pub(crate) fn run(words: &[String]) -> ExitCode {
    if let Some(word) = names_nothing(words) {
        let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        report::line(&format!("no check is called `{word}`; there are: {}", names.join(", ")));
        return ExitCode::from(2);
    }
    let start = Instant::now();
    report::line("Installing the pinned tools (once)");
    let tools = match Tools::ensure(&root()) {
        Ok(tools) => tools,
        Err(error) => {
            report::line(&format!("the pinned tools cannot be installed: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let context = Context { tools };
    let chosen = |check: &&Check| words.is_empty() || words.iter().any(|word| check.name.contains(word.as_str()));
    let engine = CHECKS.iter().filter(chosen).any(Check::runs_containers).then(|| own_engine(&context.tools)).flatten();
    let mut summary = Summary::default();
    CHECKS.iter().filter(chosen).for_each(|check| one(check, &context, &mut summary));
    drop(engine);
    if std::env::var("CI").is_ok_and(|value| value == "true") {
        refuse_new_skips(&mut summary);
    }
    report::line(&format!("\n{:.0} s in all", start.elapsed().as_secs_f64()));
    if summary.close() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A container engine of our own, for a machine on which none answers.
fn own_engine(tools: &Tools) -> Option<DockerDaemon> {
    if docker::answers(None) {
        return None;
    }
    match DockerDaemon::start(&tools.python()) {
        Ok(daemon) => {
            report::line("Started a Docker daemon of our own: none answers on this machine");
            use_engine(daemon.host());
            Some(daemon)
        }
        Err(why) => {
            report::line(&format!("No Docker daemon answers, and none of our own can be started: {why}"));
            None
        }
    }
}

/// The first of `words` that no check's name holds: a run of nothing must not pass.
fn names_nothing(words: &[String]) -> Option<&String> {
    words.iter().find(|word| !CHECKS.iter().any(|check| check.name.contains(word.as_str())))
}

fn one(check: &Check, context: &Context, summary: &mut Summary) {
    let start = Instant::now();
    let ended = (check.run)(context, summary).unwrap_or_else(|output| Ended::Failed { passed: 0, failed: 1, output });
    summary.note(check.name, ended, start.elapsed());
}

/// A check that silently stops running is worse than one that fails.
fn refuse_new_skips(summary: &mut Summary) {
    let list = skips::list(std::env::var("GITHUB_ACTIONS").ok().as_deref());
    let known = std::fs::read_to_string(root().join(list)).unwrap_or_default();
    let new = skips::new(summary.skipped(), &known);
    if !new.is_empty() {
        let output = format!("not in {list}:\n{}", new.join("\n"));
        summary.note("known skips", Ended::Failed { passed: 0, failed: 1, output }, std::time::Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::names_nothing;

    #[test]
    fn a_word_that_names_no_check_is_found() {
        let words = ["clippy", "clipy"].map(str::to_owned);
        assert_eq!(names_nothing(&words).map(String::as_str), Some("clipy"));
        assert_eq!(names_nothing(&words[..1]), None);
    }
}
