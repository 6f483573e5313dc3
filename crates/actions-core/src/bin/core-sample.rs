//! An action that does nothing but take its time, with a second one as its command: what the tests of the driver run.

use std::time::Duration;

use actions_core::{
    Action, ActionError, Command, ExposeSecret as _, GITHUB_TOKEN, InputErrors, NoClients, OutputSpec, Outputs,
};
use actions_core::{ExitCode, Report, SecretInput, Session};

struct Sample;

#[derive(Debug, clap::Args)]
struct Args {
    /// What to do.
    #[arg(long, value_enum, default_value = "greet", value_name = "WORK")]
    work: Work,
    /// What to say.
    #[arg(long, default_value = "hello", value_name = "TEXT")]
    words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Work {
    /// Say the words.
    Greet,
    /// Keep the thread busy while looking, for ever.
    Look,
    /// Keep the thread busy while changing something, for ever.
    Block,
    /// Keep the thread busy while changing something, until the run is cancelled.
    Heed,
    /// Panic with the token.
    Panic,
}

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum Error {
    /// The run was cancelled. Exit code 130.
    #[error("cancelled with everything put back")]
    #[diagnostic(code("core-sample/put-back"), help("run it again"))]
    PutBack,
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::PutBack => ExitCode::Cancelled,
        }
    }
}

/// Keeps the thread busy; a cancellation that is heeded ends it.
fn block(session: &Session, heed: impl Fn() -> bool) {
    session.log.line("busy");
    while !(heed() && session.cancel.is_cancelled()) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Action for Sample {
    const NAME: &'static str = "core-sample";
    const TITLE: &'static str = "Sample";
    const DESCRIPTION: &'static str = "Takes its time.";
    const OUTPUTS: &'static [OutputSpec] = &[OutputSpec { name: "words", help: "What was said." }];
    const SECRETS: &'static [SecretInput] = &[GITHUB_TOKEN];
    const COMMANDS: &'static [Command] = &[Command::of::<Parting>()];
    type Args = Args;
    type Inputs = Args;
    type Clients = NoClients;
    type Snapshot = ();
    type Plan = String;
    type Outcome = String;
    type Error = Error;

    fn inputs(args: Args, _: &Session) -> Result<Args, InputErrors> {
        Ok(args)
    }

    async fn connect(_: &Args, _: &Session) -> Result<NoClients, Error> {
        Ok(NoClients)
    }

    async fn observe(inputs: &Args, _: &NoClients, session: &Session) -> Result<(), Error> {
        if inputs.work == Work::Look {
            block(session, || false);
        }
        Ok(())
    }

    fn plan(inputs: &Args, (): &()) -> Result<String, Error> {
        Ok(inputs.words.clone())
    }

    async fn apply(inputs: &Args, plan: &String, _: &NoClients, session: &Session) -> Result<String, Error> {
        match inputs.work {
            Work::Greet | Work::Look => Ok(plan.clone()),
            Work::Block => {
                block(session, || false);
                Ok(plan.clone())
            }
            Work::Heed => {
                block(session, || true);
                Err(Error::PutBack)
            }
            Work::Panic => {
                let token = session.secret("github-token").map(|token| token.expose_secret().to_owned());
                std::panic::panic_any(format!("{token:?}\n::error::{plan}"))
            }
        }
    }

    fn report(_: &Args, plan: &String, _: Option<&String>) -> Report {
        Report { verdict: plan.clone(), outputs: Outputs::new().with("words", plan), ..Report::default() }
    }
}

/// A second action in the same binary.
struct Parting;

#[derive(Debug, clap::Args)]
struct PartingArgs {
    /// Whom to take leave of.
    #[arg(long, required = true, value_name = "NAME")]
    from: Option<String>,
}

impl Action for Parting {
    const NAME: &'static str = "core-parting";
    const INVOCATION: &'static str = "core-sample part";
    const TITLE: &'static str = "Parting";
    const DESCRIPTION: &'static str = "Takes leave.";
    const OUTPUTS: &'static [OutputSpec] = &[OutputSpec { name: "parted", help: "Whom it took leave of." }];
    type Args = PartingArgs;
    type Inputs = String;
    type Clients = NoClients;
    type Snapshot = ();
    type Plan = String;
    type Outcome = String;
    type Error = Error;

    fn inputs(args: PartingArgs, _: &Session) -> Result<String, InputErrors> {
        Ok(args.from.unwrap_or_default())
    }

    async fn connect(_: &String, _: &Session) -> Result<NoClients, Error> {
        Ok(NoClients)
    }

    async fn observe(_: &String, _: &NoClients, _: &Session) -> Result<(), Error> {
        Ok(())
    }

    fn plan(from: &String, (): &()) -> Result<String, Error> {
        Ok(format!("goodbye, {from}"))
    }

    async fn apply(_: &String, plan: &String, _: &NoClients, _: &Session) -> Result<String, Error> {
        Ok(plan.clone())
    }

    fn report(from: &String, plan: &String, _: Option<&String>) -> Report {
        Report { verdict: plan.clone(), outputs: Outputs::new().with("parted", from), ..Report::default() }
    }
}

fn main() -> std::process::ExitCode {
    actions_core::main::<Sample>()
}
