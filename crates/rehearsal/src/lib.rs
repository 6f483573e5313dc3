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
mod checkout;
mod collector;
mod command;
pub mod config;
mod container;
mod engine;
mod error;
mod evidence;
mod options;
mod performance;
mod provision;
mod recorded;
mod rehearse;
mod relay;
mod screen;
mod stack;
mod stage;
mod table;
mod verdict;
mod workflow;

pub use error::Error;
pub use options::Options;
pub use rehearse::{prepare, rehearse};
pub use verdict::Verdict;

use std::io::Write as _;

use actions_core::{ActionError as _, ExitCode, Failure};
use clap::Parser as _;
use tokio_util::sync::CancellationToken;

/// Writes a Terraform CLI configuration into `folder` that takes the AWS provider from this machine's mirror, and returns its
/// path; the error says what is missing.
pub fn terraform_config(folder: &std::path::Path) -> Result<std::path::PathBuf, String> {
    provision::TerraformTool::find(folder).map(|tool| tool.config)
}

/// Runs the command line.
pub fn main() -> std::process::ExitCode {
    let options = Options::parse();
    let cancel = CancellationToken::new();
    cancel_on_signal(&cancel);
    let result = if options.prepare {
        prepare(&options).map(|()| 0)
    } else {
        rehearse(&options, &cancel).map(|verdict| verdict.exit_code())
    };
    let code = match result {
        Ok(code) => code,
        Err(error) => {
            let error = if cancel.is_cancelled() { Error::Cancelled } else { error };
            let failure = Failure::from_error(&error);
            let mut text = format!("{}: {}\n", failure.code, failure.message);
            for (label, part) in [("why: ", failure.why), ("help:", failure.help)] {
                part.iter()
                    .flat_map(|part| part.lines())
                    .for_each(|line| text.push_str(&format!("  {label} {line}\n")));
            }
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
            error.exit_code().number()
        }
    };
    std::process::ExitCode::from(code)
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
