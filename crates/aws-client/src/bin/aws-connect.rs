//! Connects with the shared AWS inputs and says as whom: a check of credentials, and what the tests run.

use actions_core::{Action, InputErrors, NoClients, Outputs, Report, Session};
use aws_client::{Aws, AwsArgs, AwsInputs, ConnectError};

struct Connect;

impl Action for Connect {
    const NAME: &'static str = "aws-connect";
    const TITLE: &'static str = "Connect to AWS";
    const DESCRIPTION: &'static str = "Obtains credentials, checks the account and says as whom.";
    const OUTPUTS: &'static [actions_core::OutputSpec] =
        &[actions_core::OutputSpec { name: "account", help: "The account of the credentials." }];
    type Args = AwsArgs;
    type Inputs = AwsInputs;
    type Clients = NoClients;
    type Snapshot = String;
    type Plan = String;
    type Outcome = String;
    type Error = ConnectError;

    fn inputs(args: AwsArgs, _: &Session) -> Result<AwsInputs, InputErrors> {
        let mut bad = InputErrors::new();
        let inputs = AwsInputs::parse(&args, &mut bad);
        bad.finish(|| inputs)
    }

    async fn connect(_: &AwsInputs, _: &Session) -> Result<NoClients, ConnectError> {
        Ok(NoClients)
    }

    async fn observe(inputs: &AwsInputs, _: &NoClients, session: &Session) -> Result<String, ConnectError> {
        Ok(Aws::connect(inputs, session).await?.account().await?)
    }

    fn plan(_: &AwsInputs, account: &String) -> Result<String, ConnectError> {
        Ok(account.clone())
    }

    async fn apply(_: &AwsInputs, account: &String, _: &NoClients, _: &Session) -> Result<String, ConnectError> {
        Ok(account.clone())
    }

    fn report(_: &AwsInputs, account: &String, _: Option<&String>) -> Report {
        let verdict = format!("connected to account {account}");
        Report { verdict, outputs: Outputs::new().with("account", account), ..Report::default() }
    }
}

fn main() -> std::process::ExitCode {
    actions_core::main::<Connect>()
}
