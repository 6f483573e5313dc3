//! Rehearses a deployment: lets a real runner run a repository's own workflows against a local stack, with no cloud account,
//! and reads back what they left with clients that are not Slipway's.
//!
//! The binaries and the workflow files are the production ones. What is emulated is AWS (ministack), GitHub's API and
//! its OIDC issuer (stand-ins), and the run says so. The repository itself is never changed: everything happens in a clone.
//!
//! The flow: read `rehearsal.toml` -> start the stack -> make what the deployment needs -> for each run: change, push,
//! let the runner work, read back -> one table.

mod adaptation;
mod applied;
mod breakage;
mod check;
mod checkout;
mod collector;
mod command;
pub mod config;
mod container;
mod engine;
mod error;
mod evidence;
mod export;
mod failure;
mod inputs;
mod issuer;
mod log;
mod nearest;
mod needs;
mod options;
mod performance;
mod permissions;
mod place;
mod problem;
mod provision;
mod recorded;
mod reference;
mod rehearse;
mod relay;
mod requests;
mod schema;
mod screen;
mod stack;
mod stage;
mod sts;
mod table;
mod tree;
mod triggers;
mod trust;
mod uses;
mod values;
mod verdict;
mod version;
mod workflow;

pub use error::Error;
pub use options::Options;
pub use place::Place;
pub use problem::{
    ChangeProblem, CommandProblem, FileProblem, InfrastructureProblem, Problem, RunProblem, WorkflowProblem,
};
pub use rehearse::{prepare, rehearse};
pub use verdict::{Containers, Verdict};

use std::io::Write as _;

use actions_core::{ActionError as _, ExitCode};
use tokio_util::sync::CancellationToken;

/// Writes a Terraform CLI configuration into `folder` that takes the AWS provider from this machine's mirror, and returns its
/// path; the error says what is missing.
pub fn terraform_config(folder: &std::path::Path) -> Result<std::path::PathBuf, String> {
    provision::TerraformTool::find(folder).map(|tool| tool.config)
}

/// Runs the command line.
pub fn main() -> std::process::ExitCode {
    let options = match options::parse(std::env::args_os()) {
        Ok(options) => options,
        Err(options::Stopped::Said(text)) => {
            let _ = std::io::stdout().lock().write_all(text.as_bytes());
            return std::process::ExitCode::SUCCESS;
        }
        Err(options::Stopped::Mistaken(problem)) => return failed(&Error::from(Problem::from(problem))),
    };
    let cancel = CancellationToken::new();
    cancel_on_signal(&cancel);
    let result = if options.prepare {
        prepare(&options).map(|()| 0)
    } else {
        rehearse(&options, &cancel).map(|verdict| verdict.exit_code())
    };
    match result {
        Ok(code) => std::process::ExitCode::from(code),
        Err(_) if cancel.is_cancelled() => failed(&Error::Cancelled),
        Err(error) => failed(&error),
    }
}

/// Prints why there is no rehearsal.
fn failed(error: &Error) -> std::process::ExitCode {
    let _ = std::io::stderr().lock().write_all(failure::text(error).as_bytes());
    std::process::ExitCode::from(error.exit_code().number())
}

/// Cancels on SIGINT and SIGTERM, from a thread of its own because the rehearsal itself blocks.
fn cancel_on_signal(cancel: &CancellationToken) {
    let cancel = cancel.clone();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            cancel.cancel();
        });
    });
}

/// The exit code of a rehearsal that could not be judged because a broken deployment was called a success.
pub(crate) const NOT_CAUGHT: u8 = ExitCode::Internal.number();
