//! The driver: runs one action from its arguments to its exit code.

mod ending;
mod panic;
mod signals;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

use clap::FromArgMatches as _;
use serde::Serialize;

use crate::action::Action;
use crate::arguments::{CommonArgs, OutputFormat, Parsed, command, is_command_line_only, parse, with_aliases};
use crate::binary_version;
use crate::codes;
use crate::command::inert_line;
use crate::context::Context;
use crate::emit::{Emitter, write_result};
use crate::environment::Environment;
use crate::error::{ActionError, ExitCode, Failure};
use crate::evidence;
use crate::iam_policy;
use crate::inputs::InputErrors;
use crate::log::{Commands, Log, write_stdout};
use crate::metadata::ActionMetadata;
use crate::redact::Redactor;
use crate::report::{Outputs, Printed, Report};
use crate::session::Session;
use crate::subcommand::Command;
use ending::{Cause, Ending};

/// Every action's. The allocator of musl takes one lock for all threads and asks the system for every few pages anew: hundreds of
/// system calls and page faults for a process that lives for milliseconds.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the action `A`, or the one of its commands that the first argument names, with this process's arguments and
/// environment.
pub fn main<A: Action>() -> std::process::ExitCode {
    let redactor = Redactor::default();
    panic::install(A::NAME, redactor.clone());
    let argv: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let environment = Environment::from_process();
    let code = match Command::select(A::COMMANDS, &argv) {
        Some((command, rest)) => (command.run)(&environment, rest, &redactor),
        None => run::<A>(&environment, argv, &redactor),
    };
    std::process::ExitCode::from(code.number())
}

/// Checks what `A` and its commands declare; for a test in each action's crate.
///
/// # Panics
///
/// Panics when an input is called like another one, like a flag of every action (`dry-run`, `output`, ...) or like a
/// secret, when an output is declared twice, when an input with another name is not there or has a default, or when the flag
/// that asks for a text is an input.
pub fn check_command<A: Action>() {
    command_of::<A>().debug_assert();
    let metadata = ActionMetadata::of::<A>();
    let variables = metadata.inputs.iter().map(|input| crate::environment::input_variable(&input.name));
    let outputs = metadata.outputs.iter().map(|output| output.name.clone());
    let mut seen = BTreeSet::new();
    for name in variables.chain(outputs) {
        assert!(seen.insert(name.clone()), "`{name}` is declared twice by {}", A::NAME);
    }
    for alias in A::ALIASES {
        let is_plain = |input: &crate::metadata::InputMetadata| input.name == alias.of && input.default.is_empty();
        assert!(metadata.inputs.iter().any(is_plain), "`{}` is another name of nothing in {}", alias.name, A::NAME);
    }
    if let Some(flag) = A::PRINT_FLAG {
        let command = command_of::<A>();
        let is_it = |arg: &clap::Arg| arg.get_long() == Some(flag) && is_command_line_only(arg);
        assert!(command.get_arguments().any(is_it), "`{flag}` is no flag of the command line alone in {}", A::NAME);
    }
    for command in A::COMMANDS {
        (command.check)();
    }
}

fn command_of<A: Action>() -> clap::Command {
    let command = with_aliases(command::<A::Args>(A::NAME, A::DESCRIPTION, A::SECRETS), A::ALIASES);
    let command = iam_policy::with_flag::<A>(command);
    command.bin_name(A::INVOCATION).after_help(Command::help(A::COMMANDS))
}

pub(crate) fn run<A: Action>(environment: &Environment, argv: Vec<String>, redactor: &Redactor) -> ExitCode {
    // A text in place of a run leaves nothing behind, also where it fails.
    let asks_for_text = asks_for_text::<A>(&argv);
    let left_out: &[&str] = if asks_for_text { &LEFT_BEHIND } else { &[] };
    let environment = &environment.without(left_out);
    let context = Context::new(environment);
    let log = |output| log_for::<A>(environment, &context, output, redactor);
    if let Some(errors) = Command::mistyped(A::COMMANDS, &argv) {
        return refuse::<A>(environment, &log(OutputFormat::Text), &errors);
    }
    match parse(command_of::<A>(), environment, argv) {
        Parsed::Shown(text) => {
            write_stdout(text.trim_end());
            ExitCode::Done
        }
        Parsed::Nothing(errors) => refuse::<A>(environment, &log(OutputFormat::Text), &errors),
        Parsed::Matches(matches, errors) => {
            let Ok(common) = CommonArgs::from_arg_matches(&matches) else {
                return refuse::<A>(environment, &log(OutputFormat::Text), &errors);
            };
            if common.binary_version {
                write_stdout(&binary_version::line(A::NAME));
                return ExitCode::Done;
            }
            if common.describe {
                write_stdout(&serde_json::to_string_pretty(&ActionMetadata::of::<A>()).unwrap_or_default());
                return ExitCode::Done;
            }
            // Standard output is the policy's or the text's alone.
            let is_asked = iam_policy::asked::<A>(&matches).is_some() || asks_for_text;
            let output = if is_asked { OutputFormat::Json } else { common.output };
            let session = Session::start(environment.clone(), log(output), common.dry_run);
            start::<A>(session, &matches, (&common, asks_for_text), errors)
        }
    }
}

/// Reports bad input that keeps the run from starting.
fn refuse<A: Action>(environment: &Environment, log: &Log, errors: &InputErrors) -> ExitCode {
    let failure = input_failure::<A>(errors);
    Emitter { environment, log, json: false, dry_run: false, action: A::NAME }.failure(&failure, &Outputs::new());
    failure.exit_code
}

fn start<A: Action>(
    mut session: Session,
    matches: &clap::ArgMatches,
    (common, asks_for_text): (&CommonArgs, bool),
    mut errors: InputErrors,
) -> ExitCode {
    session.secrets = read_secrets::<A>(&session.environment, matches, &mut errors);
    session.secrets.values().for_each(|secret| session.mask(secret));
    listen_to_debug(&session.environment);
    let inputs = A::Args::from_arg_matches(matches)
        .ok()
        .and_then(|args| A::inputs(args, &session).map_err(|more| errors.extend(more)).ok());
    let inputs = inputs.filter(|_| errors.is_empty());
    let policy = iam_policy::asked::<A>(matches).zip(inputs.as_ref()).map(|(policy, inputs)| policy(inputs, &session));
    let ending = Arc::new(Ending::new(A::NAME, common.output, session));
    match (policy, inputs) {
        (Some(Ok(policy)), _) => {
            write_stdout(&policy);
            ExitCode::Done
        }
        (Some(Err(errors)), _) => ending.finish(Err(input_failure::<A>(&errors))),
        (None, Some(inputs)) if asks_for_text => print::<A>(&inputs, &ending),
        (None, Some(inputs)) => in_runtime::<A>(&inputs, &ending),
        (None, None) => ending.finish(Err(input_failure::<A>(&errors))),
    }
}

/// The log of a run. It knows the secrets of the environment before its first line.
fn log_for<A: Action>(environment: &Environment, context: &Context, output: OutputFormat, redactor: &Redactor) -> Log {
    let commands = if context.on_actions && output == OutputFormat::Text { Commands::Stdout } else { Commands::Stderr };
    let log = Log::new(context, environment.is_on("RUNNER_DEBUG"), commands, redactor.clone());
    for secret in A::SECRETS {
        secret.in_environment(environment).for_each(|value| log.mask(value));
    }
    // The runner knows only those that an action or a secret put there, not those that a step wrote itself.
    crate::secret::ambient(environment).for_each(|value| log.mask(value));
    log
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
    failure.code = codes::of_action(codes::INVALID_INPUT, A::NAME);
    failure
}

fn no_runtime(error: &std::io::Error) -> Failure {
    Failure::new(codes::NO_RUNTIME, "the asynchronous runtime cannot start", ExitCode::Internal).why(error.to_string())
}

/// The variables that name what a run leaves behind.
const LEFT_BEHIND: [&str; 3] = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", evidence::FOLDER];

/// Whether a text was asked for that is printed in place of a run.
fn asks_for_text<A: Action>(argv: &[String]) -> bool {
    let flag = |word: &str| word.split('=').next() == A::PRINT_FLAG.map(|flag| format!("--{flag}")).as_deref();
    argv.iter().any(|word| flag(word))
}

/// Prints the text that was asked for, and nothing else.
fn print<A: Action>(inputs: &A::Inputs, ending: &Arc<Ending>) -> ExitCode {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return ending.finish(Err(no_runtime(&error))),
    };
    let _signals = signals::watch(ending);
    let printed = runtime.block_on(until_cancelled::<A, _>(ending, A::print(inputs, &ending.session)));
    runtime.shutdown_background();
    let written = printed.map(Option::unwrap_or_default).and_then(|Printed { text, failure }| {
        let text = as_printed(ending.session.log.redactor().redact(text), &ending.session.context);
        write_result(text.strip_suffix('\n').unwrap_or(&text))?;
        failure.map_or(Ok(()), Err)
    });
    match written {
        Ok(()) => ExitCode::Done,
        Err(failure) => ending.finish(Err(failure)),
    }
}

/// A text as it goes to standard output: a runner obeys the commands in it, so there no line is one.
fn as_printed(text: String, context: &Context) -> String {
    let is_inert = |line| matches!(inert_line(line), Cow::Borrowed(_));
    if !context.on_actions || text.split('\n').all(is_inert) {
        return text;
    }
    text.split('\n').map(inert_line).collect::<Vec<_>>().join("\n")
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn in_runtime<A: Action>(inputs: &A::Inputs, ending: &Arc<Ending>) -> ExitCode {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return ending.finish(Err(no_runtime(&error))),
    };
    let _signals = signals::watch(ending);
    let result = runtime.block_on(execute::<A>(inputs, ending));
    runtime.shutdown_background();
    ending.finish(result)
}

/// Observes, plans and applies; once more when the world moved in between.
async fn execute<A: Action>(inputs: &A::Inputs, ending: &Ending) -> Result<Report, Failure> {
    let session = &ending.session;
    let clients = until_cancelled::<A, _>(ending, A::connect(inputs, session)).await?;
    let mut second_try = false;
    loop {
        let snapshot = until_cancelled::<A, _>(ending, A::observe(inputs, &clients, session)).await?;
        let plan = A::plan(inputs, &snapshot).map_err(|error| Failure::from_error(&error))?;
        ending.note_document(|evidence| evidence.plan = to_json(&plan));
        if session.dry_run {
            session.log.line("dry run: nothing is changed");
            return Ok(A::report(inputs, &plan, None));
        }
        match with_grace(ending, A::apply(inputs, &plan, &clients, session)).await? {
            Ok(outcome) => {
                ending.note_document(|evidence| evidence.outcome = to_json(&outcome));
                return Ok(A::report(inputs, &plan, Some(&outcome)));
            }
            Err(error) if error.is_stale() && !second_try => {
                session.log.line(format!("{error}; looking again"));
                ending.look_again();
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

/// Runs read-only work until it is done or the run is cancelled.
async fn until_cancelled<A: Action, T>(
    ending: &Ending,
    work: impl Future<Output = Result<T, A::Error>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = ending.session.cancel.cancelled() => Err(ending.cancelled(Cause::OutOfTime)),
        result = work => result.map_err(|error| Failure::from_error(&error)),
    }
}

/// Runs changing work to its end; after a cancellation it has [`Ending::grace`] to reach a consistent state by itself. Work that
/// was not begun by then is not begun at all.
async fn with_grace<T>(ending: &Ending, work: impl Future<Output = T>) -> Result<T, Failure> {
    if !ending.begin_change() {
        return Err(ending.cancelled(Cause::OutOfTime));
    }
    let cancel = &ending.session.cancel;
    let out_of_time = async {
        cancel.cancelled().await;
        tokio::time::sleep(ending.grace()).await;
    };
    tokio::select! {
        result = work => Ok(result),
        () = out_of_time => Err(ending.cancelled(Cause::OutOfTime)),
    }
}

/// Sends our own `tracing` events to standard error when debug logging is on. The SDKs' events stay out: they may hold secrets.
fn listen_to_debug(environment: &Environment) {
    use tracing_subscriber::layer::SubscriberExt as _;
    if environment.is_on("RUNNER_DEBUG") {
        let ours = tracing_subscriber::filter::Targets::new().with_target("slipway", tracing::Level::DEBUG);
        let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).without_time();
        // Its complaint about a closed standard error would go there too, and panic.
        let layer = layer.log_internal_errors(false);
        let subscriber = tracing_subscriber::registry().with(tracing_subscriber::Layer::with_filter(layer, ours));
        // A second subscriber in one process (tests) is no reason to fail.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }
}

#[cfg(test)]
mod tests;
