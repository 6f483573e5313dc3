//! `--print-iam-policy`: what an action that talks to AWS must be allowed to do, for the inputs it is given.

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::action::Action;
use crate::inputs::InputErrors;
use crate::session::Session;

/// The heading of the flag in `--help`; the flag is no input of the action.
pub(crate) const HEADING: &str = "Permissions in AWS";

const FLAG: &str = "print-iam-policy";

/// Makes the least IAM policy for an action's inputs, as JSON. It calls nobody; what the inputs leave open is noted as bad.
pub type IamPolicy<Inputs> = fn(&Inputs, &Session) -> Result<String, InputErrors>;

/// The command with the flag, for an action that has a policy.
pub(crate) fn with_flag<A: Action>(command: Command) -> Command {
    if A::IAM_POLICY.is_none() {
        return command;
    }
    let help = "Print the least IAM policy for the given inputs as JSON, and do nothing else. Nothing is called and no \
                credentials are needed; the account comes from `allowed-account-ids` or `role-to-assume`, the region from \
                `aws-region` or AWS_REGION";
    command.arg(Arg::new(FLAG).long(FLAG).action(ArgAction::SetTrue).help_heading(HEADING).help(help))
}

/// The action's policy, when the flag was given.
pub(crate) fn asked<A: Action>(matches: &ArgMatches) -> Option<IamPolicy<A::Inputs>> {
    let given = matches.try_get_one::<bool>(FLAG).ok().flatten().copied().unwrap_or_default();
    A::IAM_POLICY.filter(|_| given)
}
