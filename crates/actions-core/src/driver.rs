//! The driver: runs one action from its arguments to its exit code.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use clap::FromArgMatches as _;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::action::Action;
use crate::arguments::{CommonArgs, OutputFormat, Parsed, command, parse};
use crate::context::Context;
use crate::emit::{Emitter, write_result};
use crate::environment::Environment;
use crate::error::{ActionError, ExitCode, Failure};
use crate::evidence::Evidence;
use crate::inputs::InputErrors;
use crate::log::{Commands, Log, write_stderr, write_stdout};
use crate::metadata::ActionMetadata;
use crate::redact::Redactor;
use crate::report::Report;
use crate::session::Session;

/// How long `apply` may work after a cancellation. A runner sends SIGINT, waits 7.5 s, sends SIGTERM and kills 2.5 s later.
const GRACE: Duration = Duration::from_secs(5);

/// Runs the action `A` with this process's arguments and environment.
pub fn main<A: Action>() -> std::process::ExitCode {
    install_panic_hook();
    let argv = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    std::process::ExitCode::from(run::<A>(&Environment::from_process(), argv).number())
}

/// Checks what `A` declares; for a test in each action's crate.
///
/// # Panics
///
/// Panics when an input is called like another one, like a flag of every action (`dry-run`, `output`, ...) or like a
/// secret, or when an output is declared twice.
pub fn check_command<A: Action>() {
    command::<A::Args>(A::NAME, A::DESCRIPTION, A::SECRETS).debug_assert();
    let metadata = ActionMetadata::of::<A>();
    let variables = metadata.inputs.iter().map(|input| crate::environment::input_variable(&input.name));
    let outputs = metadata.outputs.iter().map(|output| output.name.clone());
    let mut seen = BTreeSet::new();
    for name in variables.chain(outputs) {
        assert!(seen.insert(name.clone()), "`{name}` is declared twice by {}", A::NAME);
    }
}

fn run<A: Action>(environment: &Environment, argv: Vec<String>) -> ExitCode {
    let context = Context::new(environment);
    match parse(command::<A::Args>(A::NAME, A::DESCRIPTION, A::SECRETS), environment, argv) {
        Parsed::Shown(text) => {
            write_stdout(text.trim_end());
            ExitCode::Done
        }
        Parsed::Nothing(errors) => refuse::<A>(environment, &context, &errors),
        Parsed::Matches(matches, errors) => {
            let Ok(common) = CommonArgs::from_arg_matches(&matches) else {
                return refuse::<A>(environment, &context, &errors);
            };
            if common.describe {
                write_stdout(&serde_json::to_string_pretty(&ActionMetadata::of::<A>()).unwrap_or_default());
                return ExitCode::Done;
            }
            start::<A>(environment, context, &matches, &common, errors)
        }
    }
}

/// Reports bad input that keeps the run from starting.
fn refuse<A: Action>(environment: &Environment, context: &Context, errors: &InputErrors) -> ExitCode {
    let log = log_for(environment, context, OutputFormat::Text);
    let failure = input_failure::<A>(errors);
    Emitter { environment, log: &log, json: false, dry_run: false, action: A::NAME }.failure(&failure);
    failure.exit_code
}

fn start<A: Action>(
    environment: &Environment,
    context: Context,
    matches: &clap::ArgMatches,
    common: &CommonArgs,
    mut errors: InputErrors,
) -> ExitCode {
    let log = log_for(environment, &context, common.output);
    let secrets = read_secrets::<A>(environment, matches, &mut errors);
    let session = Session {
        context,
        environment: environment.clone(),
        log,
        cancel: CancellationToken::new(),
        dry_run: common.dry_run,
        secrets,
    };
    session.secrets.values().for_each(|secret| session.mask(secret));
    listen_to_debug(environment);
    let inputs = A::Args::from_arg_matches(matches)
        .ok()
        .and_then(|args| A::inputs(args, &session).map_err(|more| errors.extend(more)).ok());
    let json = common.output == OutputFormat::Json;
    let emitter = Emitter { environment, log: &session.log, json, dry_run: session.dry_run, action: A::NAME };
    let mut evidence = Evidence { action: A::NAME, ..Evidence::default() };
    let code = if let Some(inputs) = inputs.filter(|_| errors.is_empty()) {
        in_runtime::<A>(&inputs, &session, &emitter, &mut evidence)
    } else {
        let failure = input_failure::<A>(&errors);
        emitter.failure(&failure);
        failure.exit_code
    };
    evidence.exit_code = code.number();
    evidence.write(&session);
    code
}

fn log_for(environment: &Environment, context: &Context, output: OutputFormat) -> Log {
    let commands = if context.on_actions && output == OutputFormat::Text { Commands::Stdout } else { Commands::Stderr };
    Log::new(context, environment.is_on("RUNNER_DEBUG"), commands, Redactor::default())
}

fn read_secrets<A: Action>(
    environment: &Environment,
    matches: &clap::ArgMatches,
    errors: &mut InputErrors,
) -> BTreeMap<String, secrecy::SecretString> {
    let mut secrets = BTreeMap::new();
    for secret in A::SECRETS {
        let file = matches.get_one::<String>(&secret.file_flag());
        match secret.read(environment, file.map(String::as_str)) {
            Ok(Some(value)) => {
                secrets.insert(secret.name.to_owned(), value);
            }
            Ok(None) => {}
            Err(problem) => errors.add(secret.name, problem, None),
        }
    }
    secrets
}

fn input_failure<A: Action>(errors: &InputErrors) -> Failure {
    let mut failure = Failure::from_error(errors);
    failure.code = format!("{}/invalid-input", A::NAME);
    failure
}

fn in_runtime<A: Action>(
    inputs: &A::Inputs,
    session: &Session,
    emitter: &Emitter<'_>,
    evidence: &mut Evidence,
) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure =
                Failure::new("slipway/no-runtime", "the asynchronous runtime cannot start", ExitCode::Internal)
                    .why(error.to_string());
            emitter.failure(&failure);
            return failure.exit_code;
        }
    };
    let result = runtime.block_on(async {
        let signals = tokio::spawn(cancel_on_signal(session.cancel.clone()));
        let result = execute::<A>(inputs, session, evidence).await;
        signals.abort();
        result
    });
    runtime.shutdown_background();
    match result.and_then(|report| finish(&report, emitter, evidence)) {
        Ok(code) => code,
        Err(failure) => {
            evidence.verdict.clone_from(&failure.message);
            emitter.failure(&failure);
            failure.exit_code
        }
    }
}

/// Emits the report and says with which code to exit.
fn finish(report: &Report, emitter: &Emitter<'_>, evidence: &mut Evidence) -> Result<ExitCode, Failure> {
    evidence.report(report);
    emitter.report(report)?;
    if emitter.json {
        let document = evidence.outcome.as_ref().or(evidence.plan.as_ref());
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        write_result(&emitter.log.redactor().redact(&text))?;
    }
    Ok(report.failure.as_ref().map_or(ExitCode::Done, |failure| failure.exit_code))
}

/// Observes, plans and applies; once more when the world moved in between.
async fn execute<A: Action>(inputs: &A::Inputs, session: &Session, evidence: &mut Evidence) -> Result<Report, Failure> {
    let untouched = "nothing was changed";
    let clients = until_cancelled::<A, _>(session, untouched, A::connect(inputs, session)).await?;
    let mut second_try = false;
    loop {
        let so_far = if second_try { "what was changed before the world moved stays as it is" } else { untouched };
        let snapshot = until_cancelled::<A, _>(session, so_far, A::observe(inputs, &clients, session)).await?;
        let plan = A::plan(inputs, &snapshot).map_err(|error| Failure::from_error(&error))?;
        evidence.plan = to_json(&plan);
        if session.dry_run {
            session.log.line("dry run: nothing is changed");
            return Ok(A::report(inputs, &plan, None));
        }
        match with_grace::<A, _>(session, A::apply(inputs, &plan, &clients, session)).await? {
            Ok(outcome) => {
                evidence.outcome = to_json(&outcome);
                return Ok(A::report(inputs, &plan, Some(&outcome)));
            }
            Err(error) if error.is_stale() && !second_try => {
                session.log.line(format!("{error}; looking again"));
                second_try = true;
            }
            Err(error) => {
                let mut failure = Failure::from_error(&error);
                if session.cancel.is_cancelled() {
                    failure.exit_code = ExitCode::Cancelled;
                }
                return Err(failure);
            }
        }
    }
}

fn to_json(value: &impl Serialize) -> Option<serde_json::Value> {
    serde_json::to_value(value).ok()
}

/// Runs read-only work until it is done or the run is cancelled; `so_far` says what was changed by then.
async fn until_cancelled<A: Action, T>(
    session: &Session,
    so_far: &str,
    work: impl Future<Output = Result<T, A::Error>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = session.cancel.cancelled() => Err(cancelled::<A>(so_far)),
        result = work => result.map_err(|error| Failure::from_error(&error)),
    }
}

/// Runs changing work to its end; after a cancellation it has [`GRACE`] to reach a consistent state by itself.
async fn with_grace<A: Action, T>(session: &Session, work: impl Future<Output = T>) -> Result<T, Failure> {
    let out_of_time = async {
        session.cancel.cancelled().await;
        session.log.line("cancelled: finishing what cannot be left half-done");
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = work => Ok(result),
        () = out_of_time => Err(cancelled::<A>("the change that was under way did not end in time; run the step again to finish it")),
    }
}

fn cancelled<A: Action>(why: &str) -> Failure {
    Failure::new(format!("{}/cancelled", A::NAME), "cancelled", ExitCode::Cancelled).why(why).help("re-running is safe")
}

/// Cancels on SIGINT and SIGTERM; a second signal ends the process at once.
async fn cancel_on_signal(cancel: CancellationToken) {
    signal().await;
    cancel.cancel();
    signal().await;
    exit(ExitCode::Cancelled);
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

#[expect(clippy::exit, reason = "the one way to leave a panic hook or a second signal with a code of our own")]
fn exit(code: ExitCode) -> ! {
    std::process::exit(i32::from(code.number()))
}

/// A bug in Slipway ends with one annotation and exit code 70, whatever the panic strategy of the build is.
fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let message = panic.payload_as_str().unwrap_or("no message");
        let failure =
            Failure::new("slipway/internal-error", format!("internal error at {place}: {message}"), ExitCode::Internal)
                .help("this is a bug in Slipway: please report it with this message and the workflow's step");
        let environment = Environment::from_process();
        let context = Context::new(&environment);
        if context.on_actions {
            write_stdout(&crate::command::Annotation::failure(&failure).command());
        }
        write_stderr(&crate::command::inert_line(&format!("{}: {}", failure.code, failure.message)));
        exit(ExitCode::Internal);
    }));
}

/// Sends our own `tracing` events to standard error when debug logging is on. The SDKs' events stay out: they may hold secrets.
fn listen_to_debug(environment: &Environment) {
    use tracing_subscriber::layer::SubscriberExt as _;
    if environment.is_on("RUNNER_DEBUG") {
        let ours = tracing_subscriber::filter::Targets::new().with_target("slipway", tracing::Level::DEBUG);
        let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).without_time();
        let subscriber = tracing_subscriber::registry().with(tracing_subscriber::Layer::with_filter(layer, ours));
        // A second subscriber in one process (tests) is no reason to fail.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }
}

#[cfg(test)]
mod tests;
