//! The shape every action has.

use serde::Serialize;

use crate::error::ActionError;
use crate::iam_policy::IamPolicy;
use crate::inputs::InputErrors;
use crate::report::{Printed, Report};
use crate::secret::SecretInput;
use crate::session::Session;
use crate::subcommand::Command;

/// A declared output of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputSpec {
    /// The output's name, kebab-case.
    pub name: &'static str,
    /// What it holds, and what an empty value means; becomes the text in action.yml.
    pub help: &'static str,
}

/// Another name of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias {
    /// The name, kebab-case.
    pub name: &'static str,
    /// The input.
    pub of: &'static str,
}

/// An action: `Args -> Inputs -> Snapshot -> Plan -> Outcome -> Report`.
///
/// [`crate::main`] drives it. A dry run is everything but `apply`.
#[expect(async_fn_in_trait, reason = "the driver runs on one thread, so no Send bound is needed")]
pub trait Action {
    /// The action's name, kebab-case: that of its folder below `actions/`, and unless it is a [`Command`] of its binary.
    const NAME: &'static str;
    /// What is typed to run it: the binary, and for a command of the binary its word, such as `ecs-deploy rollback`.
    const INVOCATION: &'static str = Self::NAME;
    /// Further actions in the same binary.
    const COMMANDS: &'static [Command] = &[];
    /// The action's title in action.yml.
    const TITLE: &'static str;
    /// What it does, in one or two sentences; the text in action.yml and `--help`.
    const DESCRIPTION: &'static str;
    /// The declared outputs; all are set on success.
    const OUTPUTS: &'static [OutputSpec];
    /// The secret inputs.
    const SECRETS: &'static [SecretInput] = &[];
    /// Other names of inputs, which other actions have for what is exactly the same. Both may be given where they are equal. An
    /// input with another name has no default of clap's: it could not be told from a value that is given.
    const ALIASES: &'static [Alias] = &[];
    /// The least IAM policy, for an action that talks to AWS; it gives the action the flag `--print-iam-policy`.
    const IAM_POLICY: Option<IamPolicy<Self::Inputs>> = None;

    /// The flag with which a person asks for a text on standard output and nothing else; what stands for it is
    /// [`Action::print`]. It belongs to the command line (`help_heading = "Command line"`), and is no input.
    const PRINT_FLAG: Option<&'static str> = None;

    /// What was typed: one clap struct for the action's inputs and the command line's flags.
    type Args: clap::Args;
    /// What it means: domain types, parsed once.
    type Inputs;
    /// The clients `observe` and `apply` talk through.
    type Clients;
    /// What was seen.
    type Snapshot;
    /// What will be done; `--output json` prints it on a dry run.
    type Plan: Serialize;
    /// What was done; `--output json` prints it.
    type Outcome: Serialize;
    /// The action's errors.
    type Error: ActionError;

    /// Turns what was typed into domain types, noting every bad field.
    fn inputs(args: Self::Args, session: &Session) -> Result<Self::Inputs, InputErrors>;

    /// The text that the flag of [`Action::PRINT_FLAG`] asks for; reads the world and changes nothing. `None` where nothing was
    /// asked for. What fails leaves nothing behind but its message: no summary, no outputs, no evidence.
    async fn print(_: &Self::Inputs, _: &Session) -> Result<Option<Printed>, Self::Error> {
        Ok(None)
    }

    /// Makes the clients; reads credentials, checks the account.
    async fn connect(inputs: &Self::Inputs, session: &Session) -> Result<Self::Clients, Self::Error>;

    /// Looks at the world; changes nothing.
    async fn observe(
        inputs: &Self::Inputs,
        clients: &Self::Clients,
        session: &Session,
    ) -> Result<Self::Snapshot, Self::Error>;

    /// Decides everything; pure.
    fn plan(inputs: &Self::Inputs, snapshot: &Self::Snapshot) -> Result<Self::Plan, Self::Error>;

    /// Does what the plan says, in its order.
    async fn apply(
        inputs: &Self::Inputs,
        plan: &Self::Plan,
        clients: &Self::Clients,
        session: &Session,
    ) -> Result<Self::Outcome, Self::Error>;

    /// Says what was done, or on a dry run (`outcome` is `None`) what would be; pure.
    fn report(inputs: &Self::Inputs, plan: &Self::Plan, outcome: Option<&Self::Outcome>) -> Report;
}

/// The clients of an action that talks to nobody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoClients;
