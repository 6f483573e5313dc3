//! A bug in Slipway ends with one annotation and exit code 70, whatever the panic strategy of the build is.

use std::sync::atomic::{AtomicBool, Ordering};

use super::ending::{LAST_WORDS, exit, in_time};
use crate::codes;
use crate::context::Context;
use crate::emit::Emitter;
use crate::environment::Environment;
use crate::error::{ExitCode, Failure};
use crate::log::{Commands, Log};
use crate::redact::Redactor;
use crate::report::Outputs;

/// Where to report a bug.
const ISSUES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// Makes a panic of any thread end the process, with every secret that `redactor` knows by then left out of its message.
pub(super) fn install(action: &'static str, redactor: Redactor) {
    let panicking = AtomicBool::new(false);
    std::panic::set_hook(Box::new(move |panic| {
        // A second panic, maybe of the thread that reports the first one, adds nothing.
        while panicking.swap(true, Ordering::SeqCst) {
            std::thread::park();
        }
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let message = panic.payload_as_str().unwrap_or("no message").to_owned();
        let redactor = redactor.clone();
        // The thread that panics may hold locks that the report needs, so the report has its own, and a limited time.
        in_time(LAST_WORDS, move || report(action, redactor, &place, &message));
        exit(ExitCode::Internal);
    }));
}

fn report(action: &'static str, redactor: Redactor, place: &str, message: &str) {
    let environment = Environment::from_process();
    let context = Context::new(&environment);
    let commands = if context.on_actions { Commands::Stdout } else { Commands::Stderr };
    let log = Log::new(&context, false, commands, redactor);
    let failure = Failure::new(codes::INTERNAL_ERROR, format!("internal error at {place}"), ExitCode::Internal)
        .why(message)
        .help(format!(
            "this is a bug in Slipway: please report it at {ISSUES} with this message and the workflow's step"
        ));
    Emitter { environment: &environment, log: &log, json: false, dry_run: false, action }
        .failure(&failure, &Outputs::new());
}
