//! What `@actions/core` is for a Node action, for Slipway's actions: inputs, outputs, step summary, annotations, masking,
//! the `GITHUB_*` context, the error contract, cancellation, and [`main`], the driver that runs one [`Action`] through
//! observe, plan, apply and report.
//!
//! It deliberately knows nothing of AWS, of GitHub's API or of any action's domain. It is the only crate that names
//! `GITHUB_*` variables or writes to standard output.

mod action;
pub mod amount;
mod arguments;
mod binary_version;
mod codes;
mod command;
mod context;
mod driver;
mod emit;
mod environment;
mod error;
mod evidence;
#[cfg(test)]
mod fuzz;
mod iam_policy;
mod inputs;
mod log;
pub mod markdown;
mod metadata;
mod place;
mod progress;
mod read;
mod redact;
mod report;
mod secret;
mod session;
mod subcommand;

pub use action::{Action, Alias, NoClients, OutputSpec};
pub use command::{Annotation, Severity};
pub use context::{Context, ContextError};
pub use driver::{check_command, main};
pub use environment::Environment;
pub use error::{ActionError, ExitCode, Failure, Location, causes};
pub use iam_policy::IamPolicy;
pub use inputs::{InputErrors, InvalidInput, boolean, duration, lines, lines_or_commas};
pub use log::{Log, LogLines};
pub use metadata::{ActionMetadata, InputMetadata, OutputMetadata};
pub use place::{Place, json_error_offset};
pub use progress::Progress;
pub use read::{limited, read_limited, read_text_limited};
pub use redact::Redactor;
pub use report::{Outputs, Printed, Report, SummaryRoom};
pub use secret::{GITHUB_TOKEN, SecretInput};
pub use session::Session;
pub use subcommand::Command;

pub use secrecy::{ExposeSecret, SecretString};
pub use tokio_util::sync::CancellationToken;
